//! Who answers, and what this credential may do there: found by reading.
//!
//! Whether the scope may be written is told by the grants of the credential's roles, which every user may read
//! of itself (etcd 3.4 to 3.7), also one that is only the name in a certificate. Where the grants cannot be read
//! or say no, etcd itself is asked: a transaction whose one comparison can never hold (no create revision is
//! below 0) and that would delete one key of the scope. It is never executed and changes no revision, but
//! permission is checked for what it would do. A deletion, because a put is also refused while the NOSPACE alarm
//! is raised.
use super::{
    asked::Asked,
    pool::{Pool, greet},
    reader::{heading, kv},
};
use crate::{
    failure::Failure,
    keys::{KeyRange, ScopedKey},
    store::{Access, Status},
};
use etcd_client::{Client, Compare, CompareOp, Permission, Txn, TxnOp};

/// etcd's own role that may do everything, whatever it is granted.
const ROOT: &str = "root";
/// Permission types of etcd's auth.proto.
const WRITE: i32 = 1;
const READ_WRITE: i32 = 2;

/// The first reply makes a session "connected". What else is asked may be denied (etcd 3.5.30 tells only root
/// its status), and is left open then.
pub(super) async fn status(pool: &Pool) -> Result<Status, Failure> {
    // What a session needs to read is the whole scope, so that is what a refusal names.
    let asked = Asked::new("read", &pool.scope().range());
    let greeting = pool.read_from(&asked, pool.timeouts().read, |client| greet(client, pool.scope()));
    let (reply, endpoint) = greeting.await?;
    let endpoint = endpoint.to_string();
    let (cluster, revision) = heading(reply.header());
    let (version, (access, user)) = tokio::join!(version(pool), access(pool));
    Ok(Status { cluster, revision, endpoint, version, access, user })
}

async fn version(pool: &Pool) -> Option<String> {
    let call = |client: Client| async move { client.maintenance_client().status().await };
    let reply = pool.read(&Asked::new("see", &"the status"), pool.timeouts().read, call).await.ok()?;
    Some(reply.version().chars().filter(char::is_ascii_graphic).collect())
}

async fn access(pool: &Pool) -> (Access, Option<String>) {
    let Some(name) = pool.identity().name() else {
        // Nobody reads without a name while authentication is on, and the scope was read.
        return (Access::Write, None);
    };
    let granted = grants(pool, name).await;
    let user = pool.identity().user.clone().or_else(|| granted.is_some().then(|| name.to_owned()));
    if granted == Some(true) {
        return (Access::Write, user);
    }
    let access = match probe(pool).await {
        Ok(()) => Access::Write,
        Err(Failure::PermissionDenied { .. }) => {
            Access::ReadOnly(format!("{} may not write to {}", pool.identity().who(), pool.scope()))
        }
        // Nothing speaks against writing; every write is checked by etcd in any case.
        Err(failure) => {
            tracing::warn!(%failure, "whether the scope may be written could not be found out");
            Access::Write
        }
    };
    (access, user)
}

/// Whether a role of this user grants writing anything in the scope; `None` where that cannot be read.
async fn grants(pool: &Pool, user: &str) -> Option<bool> {
    let limit = pool.timeouts().read;
    let call = |client: Client| async move { client.auth_client().user_get(user).await };
    let roles = pool.read(&Asked::new("see", &"its own roles"), limit, call).await.ok()?;
    for role in roles.roles() {
        if role == ROOT {
            return Some(true);
        }
        let call = |client: Client| async move { client.auth_client().role_get(role.clone()).await };
        let role = pool.read(&Asked::new("see", &"its own roles"), limit, call).await.ok()?;
        let range = pool.scope().range();
        if role.permissions().iter().any(|permission| allows_writing(permission, &range)) {
            return Some(true);
        }
    }
    Some(false)
}

/// Whether a grant covers a key of the range. Its end is empty for one key, and a zero byte for all behind it.
fn allows_writing(granted: &Permission, range: &KeyRange) -> bool {
    let writes = matches!(granted.get_type(), WRITE | READ_WRITE);
    let overlaps = match granted.range_end() {
        [] => range.contains(granted.key()),
        [0] => granted.key() < range.end(),
        end => granted.key() < range.end() && range.start() < end,
    };
    writes && overlaps
}

async fn probe(pool: &Pool) -> Result<(), Failure> {
    let key = probed_key(pool)?;
    let never = Compare::create_revision(key.as_bytes(), CompareOp::Less, 0);
    let txn = Txn::new().when([never]).and_then([TxnOp::delete(key.as_bytes(), None)]);
    let call = |client: Client| {
        let txn = txn.clone();
        async move { kv(&client).txn(txn).await }
    };
    pool.read(&Asked::new("write", pool.scope()), pool.timeouts().read, call).await.map(drop)
}

fn probed_key(pool: &Pool) -> Result<ScopedKey, Failure> {
    let key = format!("{}coredeck-may-write", pool.scope());
    pool.scope().key(key.as_bytes()).map_err(|outside| Failure::Other { detail: outside.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Scope;

    #[test]
    fn a_grant_counts_when_it_lets_something_in_the_scope_be_written() {
        let range = Scope::parse("/coredns").unwrap().range();
        for (granted, allows) in [
            (Permission::read_write("/coredns/").with_range_end("/coredns0"), true),
            (Permission::write("/coredns/io/").with_range_end("/coredns/io0"), true),
            (Permission::write("/coredns/io/gcr/x1"), true),
            (Permission::read_write("/").with_range_end("\0"), true),
            (Permission::read_write("\0").with_range_end("\0"), true),
            (Permission::write("/").with_range_end("/d"), true),
            (Permission::read("/coredns/").with_range_end("/coredns0"), false),
            (Permission::write("/coredns"), false),
            (Permission::write("/coredns0").with_range_end("\0"), false),
            (Permission::read_write("/registry/").with_range_end("/registry0"), false),
            (Permission::write("/a").with_range_end("/coredns/"), false),
        ] {
            assert_eq!(allows_writing(&granted, &range), allows, "{granted:?}");
        }
    }
}
