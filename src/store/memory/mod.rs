//! A store in memory that keeps etcd's contract, for `--demo` and for tests: revisions, leases that end,
//! compaction, watches with history, guarded transactions and their limits. `tests/contract.rs` runs one suite
//! on this and on a real etcd.
//!
//! It holds keys outside the scope as well, because what a newcomer wants to try is whether they are safe.

mod demo;
mod fault;
mod keyspace;
mod seed;
mod watch;

use super::{Access, Commit, Counted, Listing, Neighbour, NeighbourKeys, Reader, Status, Watched, Writer};
use crate::{
    failure::Failure,
    keys::{ClusterId, KeyRange, KeyValue, LeaseId, Revision, Scope, ScopedKey, TENANTS},
    plan::{Guard, Operation, Step},
};
use fault::Faults;
use keyspace::{Keyspace, Stored};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{mpsc, watch as latest},
    time::{Instant, sleep},
};

pub use fault::Fault;
pub use seed::Seed;

/// The cluster id of a new store in memory.
pub const CLUSTER: ClusterId = ClusterId(0x0de0_c0de_dec0_0de0);

/// An etcd in memory. Clones are the same store.
#[derive(Clone, Debug)]
pub struct Memory(Arc<Shared>);

/// Reads a store in memory.
#[derive(Clone, Debug)]
pub struct MemoryReader(Arc<Shared>);

/// Writes a store in memory.
#[derive(Debug)]
pub struct MemoryWriter(Arc<Shared>);

/// A transaction that reached the store, whatever became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    pub guards: Vec<Guard>,
    pub operations: Vec<Operation>,
    pub result: Result<Commit, Failure>,
}

#[derive(Debug)]
struct Shared {
    scope: Scope,
    state: Mutex<State>,
    /// Told after each change, for the watches.
    changed: latest::Sender<()>,
}

#[derive(Debug)]
struct State {
    keyspace: Keyspace,
    cluster: ClusterId,
    access: Access,
    faults: Faults,
    committed: Vec<Committed>,
}

impl Memory {
    /// An empty store, whose doors open on `scope`.
    #[must_use]
    pub fn new(scope: &Scope) -> Self {
        let state = State {
            keyspace: Keyspace::default(),
            cluster: CLUSTER,
            access: Access::Write,
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
        MemoryReader(Arc::clone(&self.0))
    }

    #[must_use]
    pub fn writer(&self) -> MemoryWriter {
        MemoryWriter(Arc::clone(&self.0))
    }

    /// The other client, which may do anything.
    #[must_use]
    pub fn seed(&self) -> Seed {
        Seed(Arc::clone(&self.0))
    }

    /// What the next commit comes to. Several are taken in order.
    pub fn fail_next(&self, fault: Fault) {
        self.0.change(|state| state.faults.commits.push_back(fault));
    }

    /// The next read, list or count fails. Several are taken in order.
    pub fn fail_next_read(&self, failure: Failure) {
        self.0.change(|state| state.faults.reads.push_back(failure));
    }

    /// Ends every watch, and lets every call fail until [`recover`](Self::recover).
    pub fn fail_everything(&self, failure: Failure) {
        self.0.change(|state| {
            state.faults.outages += 1;
            state.faults.last_outage = Some(failure.clone());
            state.faults.outage = Some(failure);
        });
    }

    /// Ends an outage. Its watches stay lost.
    pub fn recover(&self) {
        self.0.change(|state| state.faults.outage = None);
    }

    /// Raises or disarms the NOSPACE alarm.
    pub fn set_no_space(&self, raised: bool) {
        self.0.change(|state| state.faults.no_space = raised);
    }

    /// What [`Reader::status`] says about writing.
    pub fn set_access(&self, access: Access) {
        self.0.change(|state| state.access = access);
    }

    /// Becomes another cluster, as an endpoint does that was restored or mistaken.
    pub fn set_cluster(&self, cluster: ClusterId) {
        self.0.change(|state| state.cluster = cluster);
    }

    /// Every transaction so far.
    #[must_use]
    pub fn committed(&self) -> Vec<Committed> {
        self.0.with(|state| state.committed.clone())
    }
}

impl Shared {
    /// Looks at the store as it is now: leases whose time is over have ended.
    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
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
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = self.with(change);
        self.changed.send_replace(());
        result
    }

    fn key_value(&self, key: &[u8], stored: &Stored) -> Option<KeyValue> {
        Some(KeyValue {
            key: self.scope.key(key).ok()?,
            value: stored.value.clone(),
            create_revision: stored.create_revision,
            mod_revision: stored.mod_revision,
            version: stored.version,
            lease: stored.lease,
        })
    }

    fn records(
        &self,
        state: &State,
        range: &KeyRange,
        at: Option<Revision>,
    ) -> Result<Vec<KeyValue>, Failure> {
        let keys = state.keyspace.range(range.start(), range.end(), at)?;
        Ok(keys.filter_map(|(key, stored)| self.key_value(key, stored)).collect())
    }

    fn apply(&self, guards: Vec<Guard>, operations: Vec<Operation>) -> Result<Commit, Failure> {
        self.change(|state| {
            let puts = operations.iter().any(|operation| matches!(operation, Operation::Put { .. }));
            let result = if puts && state.faults.no_space {
                Err(Failure::NoSpace)
            } else {
                state.keyspace.commit(&guards, &operations)
            };
            state.committed.push(Committed { guards, operations, result: result.clone() });
            result
        })
    }
}

impl Reader for MemoryReader {
    async fn read(&self, keys: &[ScopedKey], range: Option<&KeyRange>) -> Result<Listing, Failure> {
        self.0.with(|state| {
            state.faults.read()?;
            let own = keys
                .iter()
                .filter_map(|key| self.0.key_value(key.as_bytes(), state.keyspace.get(key.as_bytes())?));
            let mut records: BTreeMap<ScopedKey, KeyValue> =
                own.map(|record| (record.key.clone(), record)).collect();
            if let Some(range) = range {
                let below = self.0.records(state, range, None)?;
                records.extend(below.into_iter().map(|record| (record.key.clone(), record)));
            }
            Ok(Listing {
                cluster: state.cluster,
                revision: state.keyspace.revision(),
                total: records.len() as u64,
                records: records.into_values().collect(),
            })
        })
    }

    async fn list(&self, range: &KeyRange, limit: u32, at: Option<Revision>) -> Result<Listing, Failure> {
        self.0.with(|state| {
            state.faults.read()?;
            let mut records = self.0.records(state, range, at)?;
            let total = records.len() as u64;
            if limit > 0 {
                records.truncate(limit as usize);
            }
            let revision = at.unwrap_or(state.keyspace.revision());
            Ok(Listing { cluster: state.cluster, revision, records, total })
        })
    }

    async fn count(&self, range: &KeyRange) -> Result<Counted, Failure> {
        self.0.with(|state| {
            state.faults.read()?;
            let keys = state.keyspace.range(range.start(), range.end(), None)?.count() as u64;
            Ok(Counted { keys, revision: state.keyspace.revision() })
        })
    }

    async fn watch(&self, range: &KeyRange, from: Revision) -> Result<mpsc::Receiver<Watched>, Failure> {
        self.0.with(|state| state.faults.outage.clone().map_or(Ok(()), Err))?;
        Ok(watch::follow(Arc::clone(&self.0), range.clone(), from))
    }

    async fn lease(&self, lease: LeaseId) -> Result<Option<Duration>, Failure> {
        self.0.with(|state| {
            state.faults.read()?;
            Ok(state.keyspace.lease_end(lease).map(|ends| ends.saturating_duration_since(Instant::now())))
        })
    }

    async fn status(&self) -> Result<Status, Failure> {
        self.0.with(|state| {
            state.faults.outage.clone().map_or(Ok(()), Err)?;
            Ok(Status {
                cluster: state.cluster,
                revision: state.keyspace.revision(),
                endpoint: "in memory".to_owned(),
                version: None,
                access: state.access.clone(),
                no_space: state.faults.no_space,
                user: None,
            })
        })
    }

    async fn neighbours(&self) -> Vec<Neighbour> {
        self.0.with(|state| {
            let keys_of = |prefix: &str| {
                if let Some(failure) = &state.faults.outage {
                    return NeighbourKeys::Failed(failure.clone());
                }
                let (start, end) = (format!("{prefix}/"), format!("{prefix}0"));
                match state.keyspace.range(start.as_bytes(), end.as_bytes(), None) {
                    Ok(keys) => NeighbourKeys::Counted(keys.count() as u64),
                    Err(failure) => NeighbourKeys::Failed(failure),
                }
            };
            TENANTS.iter().map(|tenant| Neighbour { tenant: *tenant, keys: keys_of(tenant.prefix) }).collect()
        })
    }
}

impl Writer for MemoryWriter {
    async fn commit(&self, step: &Step) -> Result<Commit, Failure> {
        let (guards, operations) = (step.guards().to_vec(), step.operations().to_vec());
        match self.0.with(|state| state.faults.commit()) {
            None => self.0.apply(guards, operations),
            Some(Fault::Fails(failure)) => Err(failure),
            Some(Fault::ReplyLost(failure)) => {
                // What became of it is what the caller has to find out.
                let _ = self.0.apply(guards, operations);
                Err(failure)
            }
            Some(Fault::Late(failure, after)) => {
                let shared = Arc::clone(&self.0);
                tokio::spawn(async move {
                    sleep(after).await;
                    let _ = shared.apply(guards, operations);
                });
                Err(failure)
            }
        }
    }
}
