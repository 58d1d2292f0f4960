//! Lease times, for the commands that show them and those that judge by them.

use crate::{dns::LeaseLeft, index::Records, keys::LeaseId, store::Reader};
use futures_util::{StreamExt as _, stream};
use std::collections::{BTreeSet, HashMap};

/// The most leases that are asked for at once.
const AT_ONCE: usize = 8;
/// The most leases in a scope that are asked for: more would cost etcd more than the few findings are worth.
const MOST: usize = 1000;

/// Known time of each lease that was asked for.
pub type LeaseTimes = HashMap<LeaseId, LeaseLeft>;

/// Asks for these leases. A user who may read a key may still be forbidden to ask for its lease: then its time is
/// unknown.
pub async fn lease_times(reader: &impl Reader, leases: BTreeSet<LeaseId>) -> LeaseTimes {
    stream::iter(leases)
        .map(|lease| async move {
            let left = match reader.lease(lease).await {
                Ok(Some(left)) => LeaseLeft::Seconds(i64::try_from(left.as_secs()).unwrap_or(i64::MAX)),
                Ok(None) => LeaseLeft::Gone,
                Err(_) => LeaseLeft::Unknown,
            };
            (lease, left)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await
}

/// Returns the leases of a scope that are worth a question each.
#[must_use]
pub fn leases_of(records: &Records) -> BTreeSet<LeaseId> {
    let mut leases = BTreeSet::new();
    let mut cursor = records.cursor();
    while let Some(record) = cursor.record() {
        leases.extend(record.lease);
        cursor.advance();
    }
    if leases.len() > MOST { BTreeSet::new() } else { leases }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{failure::Failure, keys::Scope, store::memory::Memory};
    use std::time::Duration;

    #[tokio::test]
    async fn a_lease_that_may_not_be_asked_for_is_unknown_and_not_gone() {
        let memory = Memory::new(&Scope::parse("/coredns").unwrap());
        let (there, ended) = (LeaseId::new(1).unwrap(), LeaseId::new(2).unwrap());
        memory.seed().grant(there, Duration::from_secs(600));
        let times = lease_times(&memory.reader(), BTreeSet::from([there, ended])).await;
        assert!(matches!(times[&there], LeaseLeft::Seconds(590..=600)), "{times:?}");
        assert_eq!(times[&ended], LeaseLeft::Gone);
        let (who, what) = ("dns".to_owned(), "the lease".to_owned());
        memory.fail_next_read(Failure::PermissionDenied { who, action: "read", what });
        let times = lease_times(&memory.reader(), BTreeSet::from([there])).await;
        assert_eq!(times[&there], LeaseLeft::Unknown);
    }
}
