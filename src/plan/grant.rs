use crate::keys::LeaseId;
use std::{
    hash::{BuildHasher as _, Hasher as _, RandomState},
    time::Duration,
};

/// A lease that is made for a plan, right before the first step that attaches it. Its id is chosen with the plan and
/// stands in the journal, so that a lease is never granted twice for one plan: etcd refuses an id that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseGrant {
    pub lease: LeaseId,
    /// Whole seconds, at least 1. etcd lets no lease live shorter than 1.5 election timeouts, 2 s by default.
    pub ttl: Duration,
}

impl LeaseGrant {
    /// Makes a lease with an id of its own that lives for `ttl`, in whole seconds and at least one.
    #[must_use]
    pub fn new(ttl: Duration) -> Self {
        let ttl = Duration::from_secs(ttl.as_secs().max(1));
        loop {
            // The standard library's only source of randomness: each RandomState has keys of its own. etcd's own ids
            // are positive.
            let random = RandomState::new().build_hasher().finish() >> 1;
            if let Some(lease) = LeaseId::new(random.cast_signed()) {
                return Self { lease, ttl };
            }
        }
    }
}
