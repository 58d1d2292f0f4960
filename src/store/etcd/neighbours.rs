//! How many keys others keep beside the scope. These requests only count: no key and no value of a neighbour is
//! ever asked for.
use super::{asked::Asked, pool::Pool, reader::kv};
use crate::{
    failure::Failure,
    keys::{TENANTS, Tenant},
    store::{Neighbour, NeighbourKeys},
};
use etcd_client::GetOptions;
use futures_util::future::join_all;
use std::time::Duration;

/// Nobody waits longer for a banner.
const LIMIT: Duration = Duration::from_secs(1);

/// Counts the keys of every neighbour that is known by name, at the same time.
pub(super) async fn count(pool: &Pool) -> Vec<Neighbour> {
    join_all(
        TENANTS.iter().map(|tenant| async { Neighbour { tenant: *tenant, keys: of(pool, tenant).await } }),
    )
    .await
}

async fn of(pool: &Pool, tenant: &Tenant) -> NeighbourKeys {
    // `0` is the byte behind the slash.
    let (start, end) = (format!("{}/", tenant.prefix), format!("{}0", tenant.prefix));
    let reply = pool
        .read(&Asked::new("count", &start), LIMIT, |client| {
            let (start, only_count) =
                (start.clone(), GetOptions::new().with_range(end.clone()).with_count_only());
            async move { kv(&client).get(start, Some(only_count)).await }
        })
        .await;
    match reply {
        Ok(reply) => NeighbourKeys::Counted(u64::try_from(reply.count()).unwrap_or_default()),
        Err(Failure::PermissionDenied { .. }) => NeighbourKeys::Denied,
        Err(failure) => NeighbourKeys::Failed(failure),
    }
}
