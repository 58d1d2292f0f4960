//! Power of this credential over all of etcd: found by reading its own roles, never by trying a write.
//!
//! etcd's own question for whether authentication is on, `AuthStatus`, is missing in 3.4, answers only root from 3.5 on
//! where authentication is on, and is missing in the library. These conclusions from other answers are exact in 3.4 to
//! 3.7:
//!
//! - Nothing is denied while authentication is off. While it is on nobody reads without a name, and nobody whose name
//!   is no user; and only while it is on is a password taken: else this session goes on without it.
//! - A credential that may read with a certificate may look at the user `root` while authentication is off, or as root
//!   itself; authentication cannot be on where there is no such user (auth/store.go, `AuthEnable`).
//! - That leaves root's own certificate. A login under no name at all is refused by either, and with different words.
use super::{
    access::version,
    call::EtcdCall,
    neighbours,
    pool::{Pool, greet},
    reader::heading,
    settings::EtcdSettings,
};
use crate::{
    failure::Failure,
    keys::{ClusterId, ForeignRange, Scope},
    power::{
        Already, Authentication, Credential, Existing, Extent, Keys, Power, RolePermission, UserPermissions,
    },
    store::{Neighbour, NeighbourKeys},
};
use etcd_client::{Client, Permission, RoleGetResponse};
use std::fmt;

/// etcd's own role that may do everything, whatever it is granted, and the user without whom authentication cannot be
/// turned on.
const ROOT: &str = "root";
/// Permission types of etcd's auth.proto.
const READ: i32 = 0;
const WRITE: i32 = 1;
const READ_WRITE: i32 = 2;
/// etcd's words (api/v3rpc/rpctypes/error.go).
const NO_SUCH_USER: &str = "user name not found";
const NO_SUCH_ROLE: &str = "role name not found";

/// Facts about a credential.
#[derive(Clone, Debug)]
pub struct Insight {
    pub power: Power,
    pub neighbours: Vec<Neighbour>,
    /// etcd's version. `None` where the credential may not ask.
    pub version: Option<String>,
}

/// Questions about who may do what, also by a credential that may not even read the scope.
pub struct Inquiry(Pool);

impl fmt::Debug for Inquiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Inquiry").field(&self.0.endpoints()).finish()
    }
}

impl Inquiry {
    /// Prepares the questions. Connects to nobody yet.
    ///
    /// # Errors
    /// A file or a setting cannot be used.
    pub fn open(settings: &EtcdSettings, scope: &Scope) -> Result<Self, Failure> {
        Pool::open(settings, scope).map(Self)
    }

    /// Finds out who etcd takes this credential for.
    ///
    /// # Errors
    /// The reason why no member could be asked, or let us in.
    pub async fn insight(&self) -> Result<Insight, Failure> {
        let Self(pool) = self;
        let call = |client: Client| greet(client, pool.scope());
        match pool.read(&EtcdCall::new("count", pool.scope()), pool.timeouts().read, call).await {
            Ok(_) | Err(Failure::PermissionDenied { .. } | Failure::AuthRequired) => {}
            Err(failure) => return Err(failure),
        }
        let (power, keys, neighbours, version) =
            tokio::join!(power(pool), keys(pool), neighbours::known(pool), version(pool));
        Ok(Insight { power: Power { keys, ..power }, neighbours, version })
    }

    /// Returns the cluster's id; asked without any permission, where nothing else has told it.
    ///
    /// # Errors
    /// The reason why no member could be asked.
    pub async fn cluster(&self) -> Result<ClusterId, Failure> {
        let Self(pool) = self;
        if let Some(cluster) = pool.cluster() {
            return Ok(cluster);
        }
        let call = |client: Client| async move { client.cluster_client().member_list().await };
        let reply = pool.read(&EtcdCall::new("list", &"the members"), pool.timeouts().read, call).await?;
        Ok(heading(reply.header()).0)
    }

    /// Reads the user and the role of these names from etcd.
    ///
    /// # Errors
    /// The reason why no member could be asked.
    pub async fn already(&self, user: &str, role: &str) -> Result<Already, Failure> {
        let Self(pool) = self;
        let limit = pool.timeouts().read;
        let ask_user = |client: Client| async move { client.auth_client().user_get(user).await };
        let ask_role = |client: Client| async move { client.auth_client().role_get(role).await };
        let user = pool.read(&EtcdCall::new("see", &"a user"), limit, ask_user).await;
        let role = pool.read(&EtcdCall::new("see", &"a role"), limit, ask_role).await;
        let grants = |role: RoleGetResponse| {
            let grants: Vec<RolePermission> = role.permissions().iter().map(grant).collect();
            UserPermissions::of(vec![], &grants)
        };
        Ok(Already {
            user: found(user.map(|user| user.roles().to_vec()), NO_SUCH_USER)?,
            role: found(role.map(grants), NO_SUCH_ROLE)?,
        })
    }
}

fn found<T>(asked: Result<T, Failure>, no_such: &str) -> Result<Existing<T>, Failure> {
    match asked {
        Ok(there) => Ok(Existing::There(there)),
        Err(Failure::Other { detail }) if detail.contains(no_such) => Ok(Existing::Nothing),
        Err(Failure::PermissionDenied { .. } | Failure::AuthRequired) => Ok(Existing::Hidden),
        Err(failure) => Err(failure),
    }
}

/// Reads what the credential is and may do. Nothing is counted.
pub(super) async fn power(pool: &Pool) -> Power {
    let own = match pool.identity().name() {
        None => Ok(Extent::Granted(UserPermissions::default())),
        Some(name) => own_roles(pool, name).await,
    };
    let authentication = authentication(pool, &own).await;
    let reach = match (&authentication, own) {
        (Authentication::Off, _) => Extent::Everything,
        (_, Ok(reach)) => reach,
        // Every user may read its own roles: there is no such user, and it is granted nothing.
        (Authentication::On, Err(failure)) if is_no_such_user(&failure) => {
            Extent::Granted(UserPermissions::default())
        }
        (_, Err(failure)) => Extent::Unknown(failure.to_string()),
    };
    Power { authentication, credential: credential(pool), reach, keys: None }
}

/// Counts the keys that can be lost.
pub(super) async fn keys(pool: &Pool) -> Option<Keys> {
    let inside = pool.scope().range();
    let (all, inside) = (ForeignRange::all(), ForeignRange::granted(inside.start(), inside.end()));
    let (all, scope) = tokio::join!(neighbours::count(pool, &all), neighbours::count(pool, &inside));
    match (all, scope) {
        (NeighbourKeys::Counted(all), NeighbourKeys::Counted(in_scope)) => Some(Keys { all, in_scope }),
        (NeighbourKeys::Counted(_) | NeighbourKeys::Denied | NeighbourKeys::Failed(_), _) => None,
    }
}

fn credential(pool: &Pool) -> Credential {
    let identity = pool.identity();
    match &identity.user {
        Some(user) => Credential::User(user.clone()),
        None if identity.certificate => Credential::Certificate(identity.common_name.clone()),
        None => Credential::Nothing,
    }
}

async fn authentication(pool: &Pool, own: &Result<Extent, Failure>) -> Authentication {
    let call = |client: Client| greet(client, pool.scope());
    match pool.read(&EtcdCall::new("count", pool.scope()), pool.timeouts().read, call).await {
        // A user that does not exist reads nothing either.
        Err(Failure::AuthRequired | Failure::PermissionDenied { .. }) => return Authentication::On,
        Err(Failure::AuthNotEnabled { .. }) => return Authentication::Off,
        Err(failure) => return Authentication::Unknown(failure.to_string()),
        Ok(_) => {}
    }
    match &pool.identity().user {
        Some(_) if pool.login_is_needless() => return Authentication::Off,
        // A token is no longer checked where authentication was turned off since (3.5 and later).
        Some(_) => return login_under_no_name(pool).await,
        None if pool.identity().name().is_none() => return Authentication::Off,
        None => {}
    }
    let call = |client: Client| async move { client.auth_client().user_get(ROOT).await };
    match pool.read(&EtcdCall::new("see", &"the user root"), pool.timeouts().read, call).await {
        Err(Failure::PermissionDenied { .. }) => Authentication::On,
        Err(failure) if is_no_such_user(&failure) => Authentication::Off,
        Err(failure) => Authentication::Unknown(failure.to_string()),
        Ok(_) if *own == Ok(Extent::Everything) => login_under_no_name(pool).await,
        Ok(_) => Authentication::Off,
    }
}

/// Tries a login that nobody can have: etcd takes no user without a name. It is refused before anything is written.
async fn login_under_no_name(pool: &Pool) -> Authentication {
    let call =
        |client: Client| async move { client.auth_client().authenticate(String::new(), String::new()).await };
    match pool.read(&EtcdCall::new("log in as", &"nobody"), pool.timeouts().read, call).await {
        Err(Failure::AuthNotEnabled { .. }) => Authentication::Off,
        Err(Failure::WrongPassword { .. } | Failure::AuthRequired) => Authentication::On,
        Ok(_) => Authentication::Unknown("etcd has let nobody in".to_owned()),
        Err(failure) => Authentication::Unknown(failure.to_string()),
    }
}

/// Reads the grants of this user's roles. Every user may read its own, also one that is only the name in a certificate.
async fn own_roles(pool: &Pool, user: &str) -> Result<Extent, Failure> {
    let limit = pool.timeouts().read;
    let asked = EtcdCall::new("see", &"its own roles");
    let call = |client: Client| async move { client.auth_client().user_get(user).await };
    let user = pool.read(&asked, limit, call).await?;
    if user.roles().iter().any(|role| role == ROOT) {
        return Ok(Extent::Everything);
    }
    let mut grants = Vec::new();
    for role in user.roles() {
        let call = |client: Client| async move { client.auth_client().role_get(role.clone()).await };
        let role = pool.read(&asked, limit, call).await?;
        grants.extend(role.permissions().iter().map(grant));
    }
    Ok(Extent::Granted(UserPermissions::of(user.roles().to_vec(), &grants)))
}

fn grant(permission: &Permission) -> RolePermission {
    let allows = permission.get_type();
    RolePermission {
        range: ForeignRange::granted(permission.key(), permission.range_end()),
        read: matches!(allows, READ | READ_WRITE),
        write: matches!(allows, WRITE | READ_WRITE),
    }
}

/// Tells whether there is no such user: 3.5 denies the request, and 3.4 says so.
fn is_no_such_user(failure: &Failure) -> bool {
    matches!(failure, Failure::PermissionDenied { .. })
        || matches!(failure, Failure::Other { detail } if detail.contains(NO_SUCH_USER))
}
