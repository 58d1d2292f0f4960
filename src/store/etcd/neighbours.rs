//! Counts of the keys beside the scope. These requests only count: no key and no value of a neighbour is ever
//! asked for.
use super::{counts, pool::Pool};
use crate::{
    failure::Failure,
    keys::{ForeignRange, TENANTS},
    store::{Neighbour, NeighbourKeys},
};
use futures_util::future::join_all;
use std::time::Duration;
use tokio::time::timeout;

/// Longest time that a banner waits for it.
const LIMIT: Duration = Duration::from_secs(1);

/// Counts the keys of every neighbour that is known by name, at the same time.
pub(super) async fn known(pool: &Pool) -> Vec<Neighbour> {
    join_all(TENANTS.iter().map(|tenant| async {
        let below = ForeignRange::beginning_with(format!("{}/", tenant.prefix).as_bytes());
        Neighbour { tenant: *tenant, keys: count(pool, &below).await }
    }))
    .await
}

/// Counts the keys of any range.
pub(super) async fn count(pool: &Pool, range: &ForeignRange) -> NeighbourKeys {
    // Given up from outside: a neighbour with many keys must not count against the member.
    match timeout(LIMIT, counts::count(pool, range, None)).await {
        Ok(Ok(counted)) => NeighbourKeys::Counted(counted.keys),
        Ok(Err(Failure::PermissionDenied { .. })) => NeighbourKeys::Denied,
        Ok(Err(failure)) => NeighbourKeys::Failed(failure),
        Err(_) => {
            NeighbourKeys::Failed(Failure::TimedOut { endpoint: pool.endpoints().join(", "), after: LIMIT })
        }
    }
}
