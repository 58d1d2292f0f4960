//! Access of this credential to the scope, and the server that answers: found by reading.
//!
//! The grants of the credential's roles (`power`) tell whether the scope may be written. Where they cannot be read or
//! say no, etcd itself is asked: a transaction whose one comparison can never hold (no create revision is below 0) and
//! that would delete one key of the scope. It is never executed and changes no revision, but etcd checks the permission
//! for the deletion. A put would not do: it is also refused while the NOSPACE alarm is raised.
use super::{
    call::EtcdCall,
    members::addresses,
    pool::{Consistency, Pool, greet_with},
    power::power,
    reader::{heading, kv},
};
use crate::{
    failure::Failure,
    keys::ScopedKey,
    power::Authentication,
    store::{ClusterStatus, WriteAccess},
};
use etcd_client::{Client, Compare, CompareOp, ResponseHeader, Txn, TxnOp};

/// Reads the facts about the cluster. The first reply makes a session "connected". The others may be denied (etcd
/// 3.5.30 tells only root its status), and are left open then.
pub(super) async fn status(pool: &Pool) -> Result<ClusterStatus, Failure> {
    // A session needs to read the whole scope, so a refusal names that.
    let asked = EtcdCall::new("read", &pool.scope().range());
    let greet = |client| greet_with(client, pool.scope(), pool.get_options());
    let (reply, endpoint) = pool.read_from(&asked, pool.timeouts().read, greet).await?;
    let endpoint = endpoint.to_string();
    let (cluster, revision) = heading(reply.header());
    let (version, members, (access, user)) = tokio::join!(version(pool), members(pool), access(pool));
    Ok(ClusterStatus { cluster, revision, endpoint, version, members, access, user })
}

/// Reads the addresses of the members that nobody named, where they are followed. A failure leaves the known ones.
async fn members(pool: &Pool) -> Vec<String> {
    let (asked, limit) = (EtcdCall::new("see", &"the members"), pool.timeouts().read);
    let listed = pool.members().listed();
    if listed.is_followed {
        let call = |client: Client| async move { client.cluster_client().member_list().await };
        if let Ok((list, endpoint)) = pool.read_from(&asked, limit, call).await {
            let own = list.header().map(ResponseHeader::member_id);
            let known = own.filter(|_| pool.members().is_named(&endpoint));
            listed.follow(addresses(list.members(), known.as_slice()));
        }
    }
    listed.addresses().iter().map(ToString::to_string).collect()
}

pub(super) async fn version(pool: &Pool) -> Option<String> {
    let call = |client: Client| async move { client.maintenance_client().status().await };
    let reply = pool.read(&EtcdCall::new("see", &"the status"), pool.timeouts().read, call).await.ok()?;
    Some(reply.version().chars().filter(char::is_ascii_graphic).collect())
}

async fn access(pool: &Pool) -> (WriteAccess, Option<String>) {
    if pool.consistency() == Consistency::Serializable {
        // Only the leader may be asked for users and roles.
        return (WriteAccess::NoLeader, None);
    }
    let Some(name) = pool.identity().name() else {
        // The scope was read without a name: authentication is off.
        return (WriteAccess::Write, None);
    };
    let power = power(pool).await;
    // A user name counts only where etcd asks for one.
    let is_user = match power.authentication {
        Authentication::On => true,
        Authentication::Off => false,
        Authentication::Unknown(_) => pool.identity().user.is_some(),
    };
    let user = is_user.then(|| name.to_owned());
    if power.may_write_in(&pool.scope().range()) == Some(true) {
        return (WriteAccess::Write, user);
    }
    let access = match probe(pool).await {
        Ok(()) => WriteAccess::Write,
        Err(Failure::PermissionDenied { .. }) => {
            WriteAccess::ReadOnly(format!("{} may not write to {}", pool.identity().who(), pool.scope()))
        }
        // Nothing speaks against writing; every write is checked by etcd in any case.
        Err(failure) => {
            tracing::warn!(%failure, "whether the scope may be written could not be found out");
            WriteAccess::Write
        }
    };
    (access, user)
}

async fn probe(pool: &Pool) -> Result<(), Failure> {
    let key = probed_key(pool)?;
    let never = Compare::create_revision(key.as_bytes(), CompareOp::Less, 0);
    let txn = Txn::new().when([never]).and_then([TxnOp::delete(key.as_bytes(), None)]);
    let call = |client: Client| {
        let txn = txn.clone();
        async move { kv(&client).txn(txn).await }
    };
    pool.read(&EtcdCall::new("write", pool.scope()), pool.timeouts().read, call).await.map(drop)
}

fn probed_key(pool: &Pool) -> Result<ScopedKey, Failure> {
    let key = format!("{}coredeck-may-write", pool.scope());
    pool.scope().key(key.as_bytes()).map_err(|outside| Failure::Other { detail: outside.to_string() })
}
