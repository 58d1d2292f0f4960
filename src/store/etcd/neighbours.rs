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
use tokio::time::timeout;

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
    let asked = Asked::new("count", &start);
    let counted = pool.read(&asked, pool.timeouts().read, |client| {
        let (start, only_count) =
            (start.clone(), GetOptions::new().with_range(end.clone()).with_count_only());
        async move { kv(&client).get(start, Some(only_count)).await }
    });
    // Given up from outside: that somebody else has many keys must not count against the member.
    match timeout(LIMIT, counted).await {
        Ok(Ok(reply)) => NeighbourKeys::Counted(u64::try_from(reply.count()).unwrap_or_default()),
        Ok(Err(Failure::PermissionDenied { .. })) => NeighbourKeys::Denied,
        Ok(Err(failure)) => NeighbourKeys::Failed(failure),
        Err(_) => {
            NeighbourKeys::Failed(Failure::TimedOut { endpoint: pool.endpoints().join(", "), after: LIMIT })
        }
    }
}
