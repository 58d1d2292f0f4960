//! How many keys others keep beside the scope. These requests only count: no key and no value of a neighbour is
//! ever asked for.
use super::{asked::Asked, pool::Pool, reader::kv};
use crate::{
    failure::Failure,
    keys::{ForeignRange, Interval as _, TENANTS},
    store::{Neighbour, NeighbourKeys},
};
use futures_util::future::join_all;
use std::time::Duration;
use tokio::time::timeout;

/// Nobody waits longer for a banner.
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
    let asked = Asked::new("count", range);
    let counted = pool.read(&asked, pool.timeouts().read, |client| {
        let (start, only_count) =
            (range.start(), pool.get_options().with_range(range.end()).with_count_only());
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
