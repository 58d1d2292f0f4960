//! Doors to stored records, the only ones. [`Reader`] and [`Writer`] are different values: a read-only session has no
//! writer, so there is nothing to forbid at run time.
//!
//! Two stores keep the same contract (`tests/contract/`): a real etcd, and one in memory for `--demo` and for
//! tests.

mod attempts;
mod conditional_writer;
mod deletions;
pub mod etcd;
mod foreign_counts;
pub mod memory;
mod newest;
mod pages;
mod watch;

use crate::{
    failure::Failure,
    health::Health,
    keys::{ClusterId, KeyRange, KeyValue, LeaseId, Revision, ScopedKey, Tenant},
    plan::Step,
    power::Power,
};
use std::{future::Future, time::Duration};

pub use attempts::{Attempt, AttemptProgress, Attempts};
pub use conditional_writer::{Unchanged, WhileUnchanged};
pub use deletions::{DeletionsHeard, ForeignDeletions};
pub use foreign_counts::ForeignCounts;
pub use pages::{ForeignPages, InOrder, InScope, Page, PageReader};
pub use watch::{Event, Watch, Watched};

/// Reads the scope. It can list, count and watch nothing outside the scope, because it takes only [`KeyRange`]s and
/// [`ScopedKey`]s. Cheap to clone.
pub trait Reader: Clone + Send + Sync + 'static {
    /// Reads these keys, and optionally a range, all at one revision. At most 128 keys.
    fn read(
        &self,
        keys: &[ScopedKey],
        range: Option<&KeyRange>,
    ) -> impl Future<Output = Result<Listing, Failure>> + Send;

    /// Reads the first `limit` records of a range (all for 0), in key order, at a revision or now.
    fn list(
        &self,
        range: &KeyRange,
        limit: u32,
        at: Option<Revision>,
    ) -> impl Future<Output = Result<Listing, Failure>> + Send;

    /// Counts the keys of a range now.
    fn count(&self, range: &KeyRange) -> impl Future<Output = Result<CountAt, Failure>> + Send;

    /// Tells every change of a range from a revision on, until the watch is dropped. The last message before the end is
    /// [`Watched::Lost`]. Fails with [`Failure::Compacted`] where the changes from there on can no longer be told.
    fn watch(&self, range: &KeyRange, from: Revision) -> impl Future<Output = Result<Watch, Failure>> + Send;

    /// Reads the changes of a range between the oldest revision that can still be read and now, at most the newest
    /// `most`. A credential only needs to be allowed to read the range.
    fn past(
        &self,
        range: &KeyRange,
        most: usize,
    ) -> impl Future<Output = Result<PastChanges, Failure>> + Send;

    /// Returns the time that a lease has still to live; `None` when it is gone.
    fn lease(&self, lease: LeaseId) -> impl Future<Output = Result<Option<Duration>, Failure>> + Send;

    /// Tells which server answers, and what may be done there. A session is "connected" once this is answered.
    fn status(&self) -> impl Future<Output = Result<ClusterStatus, Failure>> + Send;

    /// Tells the cluster's state, as far as its members answer within a time. The rest is not known.
    fn health(&self, within: Duration) -> impl Future<Output = Health> + Send;

    /// Returns a reader of one member's own data, also while the cluster has no leader: perhaps not the latest.
    /// Requests that only a leader can answer fail there with [`Failure::NoLeader`].
    #[must_use]
    fn possibly_stale(&self) -> Self;

    /// Tells what this credential could do to all of etcd in other hands: found by reading, never by trying.
    fn power(&self) -> impl Future<Output = Power> + Send;
}

/// Makes journalled transactions, the only way in which a change is made.
pub trait Writer: Send + Sync + 'static {
    /// Makes the leases of a step, and then its transaction, once. It is never sent a second time after it may have
    /// reached a server. A lease that exists already was made by an earlier try of the same plan.
    fn commit(&self, step: &Step) -> impl Future<Output = Result<Commit, Failure>> + Send;
}

/// Records that a read brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    pub cluster: ClusterId,
    /// The revision at which this is true.
    pub revision: Revision,
    /// In key order.
    pub records: Vec<KeyValue>,
    /// Number of keys that the range holds in all, whatever the limit was.
    pub total: u64,
}

/// The changes of a range that a store still knows of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastChanges {
    /// Changes before this revision have been compacted away, or never were.
    pub oldest: Revision,
    /// All changes up to this revision are in here.
    pub until: Revision,
    /// Changes behind `oldest`, in the order of revisions.
    pub events: Vec<Event>,
    /// Number of older changes that are not in here.
    pub left_out: u64,
    /// True if etcd said that nothing is missing. A proxy that only passes a watch on does not say so (`etcd
    /// grpc-proxy`): there deletions of the last moments may be missing.
    pub vouched: bool,
}

/// A count, and the revision at which it is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountAt {
    pub keys: u64,
    pub revision: Revision,
}

/// Facts about the cluster from its first reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterStatus {
    pub cluster: ClusterId,
    pub revision: Revision,
    /// The endpoint that answered, or `in memory`.
    pub endpoint: String,
    /// etcd's version. `None` where the credential may not ask (etcd 3.5.30 tells only root).
    pub version: Option<String>,
    /// Addresses of the members that stand in for the endpoints. Empty where a person has named the endpoints.
    pub members: Vec<String>,
    pub access: WriteAccess,
    /// User that etcd takes us for, when authentication is on and a name was given.
    pub user: Option<String>,
}

impl ClusterStatus {
    /// Returns the endpoint in its shortest form: the port and the TLS files tell the rest.
    #[must_use]
    pub fn address(&self) -> &str {
        self.endpoint.split_once("://").map_or(&self.endpoint, |(_, address)| address)
    }
}

/// Right of this credential to write to the scope, found without writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteAccess {
    Write,
    /// Holds the reason.
    ReadOnly(String),
    /// Not known, because the cluster has no leader. Until it has one, nobody writes.
    NoLeader,
}

/// Keys beside the scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    pub tenant: Tenant,
    pub keys: NeighbourKeys,
}

/// Number of a neighbour's keys. A credential that may not look is good news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NeighbourKeys {
    Counted(u64),
    Denied,
    Failed(Failure),
}

/// Result of one transaction in etcd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Commit {
    /// All of it was made, at this revision.
    Applied(Revision),
    /// None of it was made: a guard did not hold at this revision.
    Refused(Revision),
}
