//! Deletions that a store still knows of, of keys of any place: which keys went at which revision, and no value.
use crate::{
    failure::Failure,
    keys::{ForeignRange, Revision},
};
use std::future::Future;

/// Tells deletions of the past. It serves a rescue that somebody has called: the keys of others are read as keys.
pub trait ForeignDeletions: Clone + Send + Sync + 'static {
    /// Hands over every deletion in a range behind the oldest revision that can still be read, in the order of
    /// revisions.
    ///
    /// Fails with [`Failure::Compacted`] when etcd compacts history faster than it can be read; the deletions that
    /// were handed over are worth nothing then.
    fn deletions(
        &self,
        range: &ForeignRange,
        each: impl FnMut(Revision, &[u8]) + Send,
    ) -> impl Future<Output = Result<DeletionsHeard, Failure>> + Send;
}

/// Revisions between which every deletion was handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeletionsHeard {
    /// The oldest revision that can be read. Deletions up to it are not told.
    pub oldest: Revision,
    pub until: Revision,
    /// True if etcd said that nothing is missing; see [`PastChanges::vouched`](super::PastChanges::vouched).
    pub vouched: bool,
}
