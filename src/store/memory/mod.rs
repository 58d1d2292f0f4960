//! Store in memory that keeps etcd's contract, for `--demo` and for tests: revisions, leases that end, compaction,
//! watches with history, guarded transactions and their limits. `tests/contract/` runs one suite on this and on a
//! real etcd.
//!
//! It holds keys outside the scope as well, because a newcomer wants to try whether they are safe.

mod counts;
mod deletions;
mod demo;
mod fault;
mod foreign;
mod health;
mod keyspace;
mod reader;
mod seed;
mod watch;
mod writer;

use super::{Event, WriteAccess};
use crate::{
    failure::Failure,
    health::Health,
    keys::{ClusterId, ForeignRange, KeyRange, KeyValue, Revision, Scope},
    power::{Authentication, Credential, Extent, Power, RolePermission, UserPermissions},
};
use fault::Faults;
use keyspace::{Keyspace, KeyspaceChange, StoredValue};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::{sync::watch as latest, time::Instant};

pub use counts::MemoryCounts;
pub use fault::{CallFault, Traffic, WatchFault};
pub use foreign::MemoryForeign;
pub use reader::MemoryReader;
pub use seed::{Copied, Seed};
pub use writer::{Committed, MemoryWriter};

/// The cluster id of a new store in memory.
pub const CLUSTER: ClusterId = ClusterId(0x0de0_c0de_dec0_0de0);

/// An etcd in memory. Clones are the same store.
#[derive(Clone, Debug)]
pub struct Memory(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    scope: Scope,
    state: Mutex<MemoryState>,
    /// Told after each change, for the watches.
    changed: latest::Sender<()>,
}

#[derive(Debug)]
struct MemoryState {
    keyspace: Keyspace,
    cluster: ClusterId,
    access: WriteAccess,
    power: Power,
    faults: Faults,
    committed: Vec<Committed>,
}

impl Memory {
    /// Makes an empty store, whose doors open on `scope`.
    #[must_use]
    pub fn new(scope: &Scope) -> Self {
        let state = MemoryState {
            keyspace: Keyspace::default(),
            cluster: CLUSTER,
            access: WriteAccess::Write,
            power: only_the_scope(scope),
            faults: Faults::default(),
            committed: vec![],
        };
        Self(Arc::new(Shared {
            scope: scope.clone(),
            state: Mutex::new(state),
            changed: latest::Sender::new(()),
        }))
    }

    #[must_use]
    pub fn reader(&self) -> MemoryReader {
        MemoryReader { shared: Arc::clone(&self.0), stale: false }
    }

    #[must_use]
    pub fn writer(&self) -> MemoryWriter {
        MemoryWriter(Arc::clone(&self.0))
    }

    /// Returns the other client, which may do anything.
    #[must_use]
    pub fn seed(&self) -> Seed {
        Seed(Arc::clone(&self.0))
    }

    /// Sets the fault of the next commit. Several are taken in order.
    pub fn fail_next(&self, fault: CallFault) {
        self.0.change(|state| state.faults.commits.push_back(fault));
    }

    /// Lets the next read, list or count fail. Several are taken in order.
    pub fn fail_next_read(&self, failure: Failure) {
        self.0.change(|state| state.faults.reads.push_back(failure));
    }

    /// Ends every watch, and lets every call fail until [`recover`](Self::recover).
    pub fn fail_everything(&self, failure: Failure) {
        self.0.change(|state| state.faults.end(failure));
    }

    /// Ends an outage. Its watches stay lost.
    pub fn recover(&self) {
        self.0.change(|state| state.faults.outage = None);
    }

    /// Puts a fault on every watch, open or still to come, until it is taken away.
    pub fn watches_suffer(&self, fault: Option<WatchFault>) {
        self.0.change(|state| state.faults.watch = fault);
    }

    /// Returns the number of requests of each kind so far.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.0.with(|state| state.faults.traffic)
    }

    /// Raises or disarms the NOSPACE alarm.
    pub fn set_no_space(&self, raised: bool) {
        self.0.change(|state| state.faults.no_space = raised);
    }

    /// Sets the health that the store tells in place of the true one, as a cluster of several members has it.
    pub fn set_health(&self, health: Health) {
        self.0.change(|state| state.faults.health = Some(health));
    }

    /// Sets the right to write that [`Reader::status`](super::Reader::status) returns.
    pub fn set_access(&self, access: WriteAccess) {
        self.0.change(|state| state.access = access);
    }

    /// Sets the rights that [`Reader::power`](super::Reader::power) returns; until then they are those of a user
    /// of the scope alone.
    pub fn set_power(&self, power: Power) {
        self.0.change(|state| state.power = power);
    }

    /// Changes the cluster id, as an endpoint does that was restored or mistaken.
    pub fn set_cluster(&self, cluster: ClusterId) {
        self.0.change(|state| state.cluster = cluster);
    }

    /// Returns every transaction so far.
    #[must_use]
    pub fn committed(&self) -> Vec<Committed> {
        self.0.with(|state| state.committed.clone())
    }
}

/// Returns the rights of a user of the scope alone: the doors of a store in memory open on nothing else.
fn only_the_scope(scope: &Scope) -> Power {
    let inside = scope.range();
    let range = ForeignRange::granted(inside.start(), inside.end());
    let grants =
        UserPermissions::of(vec!["demo".to_owned()], &[RolePermission { range, read: true, write: true }]);
    Power {
        authentication: Authentication::On,
        credential: Credential::User("demo".to_owned()),
        reach: Extent::Granted(grants),
        keys: None,
    }
}

impl Shared {
    /// Looks at the store as it is now: leases whose time is over have ended.
    fn with<T>(&self, look: impl FnOnce(&mut MemoryState) -> T) -> T {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let before = state.keyspace.revision();
        state.keyspace.expire(Instant::now());
        let expired = state.keyspace.revision() != before;
        let seen = look(&mut state);
        drop(state);
        if expired {
            self.changed.send_replace(());
        }
        seen
    }

    /// Changes the store and tells the watches.
    fn change<T>(&self, change: impl FnOnce(&mut MemoryState) -> T) -> T {
        let result = self.with(change);
        self.changed.send_replace(());
        result
    }

    fn key_value(&self, key: &[u8], stored: &StoredValue) -> Option<KeyValue> {
        Some(KeyValue {
            key: self.scope.key(key).ok()?,
            value: stored.value.clone(),
            create_revision: stored.create_revision,
            mod_revision: stored.mod_revision,
            version: stored.version,
            lease: stored.lease,
        })
    }

    /// Returns a change as a watch tells it; nothing when it is outside the scope.
    fn event(&self, change: &KeyspaceChange<'_>) -> Option<Event> {
        Some(match change.stored {
            Some(stored) => Event::Put(self.key_value(change.key, stored)?),
            None => Event::Delete { key: self.scope.key(change.key).ok()?, revision: change.at },
        })
    }

    fn records(
        &self,
        state: &MemoryState,
        range: &KeyRange,
        at: Option<Revision>,
    ) -> Result<Vec<KeyValue>, Failure> {
        let keys = state.keyspace.range(range.start(), range.end(), at)?;
        Ok(keys.filter_map(|(key, stored)| self.key_value(key, stored)).collect())
    }
}
