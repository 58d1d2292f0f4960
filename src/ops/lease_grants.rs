//! Leases for records that had one in their source: it cannot be revived, so another one is made.
use crate::{exchange::LeaseTerm, keys::LeaseId, plan::LeaseGrant};
use std::{
    collections::BTreeMap,
    hash::{BuildHasher as _, Hasher as _, RandomState},
    time::Duration,
};

/// Leases of one plan. Records that shared one share one again.
#[derive(Debug, Default)]
pub struct LeaseGrants(BTreeMap<LeaseTerm, LeaseGrant>);

impl LeaseGrants {
    /// Returns the lease for a record.
    pub fn lease(&mut self, term: LeaseTerm) -> LeaseId {
        self.0
            .entry(term)
            .or_insert_with(|| LeaseGrant { lease: any_id(), ttl: Duration::from_secs(term.seconds.max(1)) })
            .lease
    }

    #[must_use]
    pub fn into_grants(self) -> Vec<LeaseGrant> {
        self.0.into_values().collect()
    }
}

/// Returns any positive id: etcd makes its own in the same way.
fn any_id() -> LeaseId {
    loop {
        // This is the standard library's only source of randomness: each RandomState has keys of its own.
        let bits = RandomState::new().build_hasher().finish() >> 1;
        if let Some(id) = i64::try_from(bits).ok().and_then(LeaseId::new) {
            return id;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_that_shared_a_lease_share_one_again_and_others_do_not() {
        let term = |of: i64, seconds| LeaseTerm { of: LeaseId::new(of), seconds };
        let mut grants = LeaseGrants::default();
        let first = grants.lease(term(7, 60));
        assert_eq!(grants.lease(term(7, 60)), first);
        assert_ne!(grants.lease(term(8, 60)), first);
        assert_ne!(grants.lease(term(7, 90)), first);
        let made = grants.into_grants();
        assert!(made.len() == 3 && made.iter().all(|grant| grant.lease.get() > 0), "{made:?}");
    }
}
