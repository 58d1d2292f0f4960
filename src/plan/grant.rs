use crate::keys::LeaseId;
use std::time::Duration;

/// A lease that is made for a plan, right before the first step that attaches it. Its id is chosen with the plan and
/// stands in the journal, so that a lease is never granted twice for one plan: etcd refuses an id that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    pub lease: LeaseId,
    /// Whole seconds, at least 1. etcd lets no lease live shorter than 1.5 election timeouts, 2 s by default.
    pub ttl: Duration,
}
