use super::{
    Shared,
    fault::{Faults, WatchFault},
    watch,
};
use crate::{
    failure::Failure,
    health::Health,
    keys::{KeyRange, KeyValue, LeaseId, Revision, ScopedKey},
    power::Power,
    store::{ClusterStatus, CountAt, Listing, PastChanges, Reader, Watch, WriteAccess, newest::Newest},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::time::Instant;

const ENDPOINT: &str = "in memory";

/// Reads a store in memory.
#[derive(Clone, Debug)]
pub struct MemoryReader {
    pub(super) shared: Arc<Shared>,
    /// True if it takes data without a leader.
    pub(super) stale: bool,
}

impl MemoryReader {
    /// Fails where a fault stands in the way of a read.
    pub(super) fn reads(&self, faults: &mut Faults) -> Result<(), Failure> {
        if self.outage(faults).is_none() && faults.outage.is_some() { Ok(()) } else { faults.read() }
    }

    /// Returns the failure that every call has, if there is an outage.
    fn outage<'f>(&self, faults: &'f Faults) -> Option<&'f Failure> {
        let content = |failure: &&Failure| self.stale && matches!(failure, Failure::NoLeader { .. });
        faults.outage.as_ref().filter(|failure| !content(failure))
    }

    fn needs_leader(&self) -> Result<(), Failure> {
        if self.stale { Err(Failure::NoLeader { endpoint: ENDPOINT.to_owned() }) } else { Ok(()) }
    }
}

impl Reader for MemoryReader {
    async fn read(&self, keys: &[ScopedKey], range: Option<&KeyRange>) -> Result<Listing, Failure> {
        self.shared.with(|state| {
            self.reads(&mut state.faults)?;
            let own = keys
                .iter()
                .filter_map(|key| self.shared.key_value(key.as_bytes(), state.keyspace.get(key.as_bytes())?));
            let mut records: BTreeMap<ScopedKey, KeyValue> =
                own.map(|record| (record.key.clone(), record)).collect();
            if let Some(range) = range {
                let below = self.shared.records(state, range, None)?;
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
        self.shared.with(|state| {
            state.faults.traffic.lists += 1;
            self.reads(&mut state.faults)?;
            let mut records = self.shared.records(state, range, at)?;
            let total = records.len() as u64;
            if limit > 0 {
                records.truncate(limit as usize);
            }
            let revision = at.unwrap_or(state.keyspace.revision());
            Ok(Listing { cluster: state.cluster, revision, records, total })
        })
    }

    async fn count(&self, range: &KeyRange) -> Result<CountAt, Failure> {
        self.shared.with(|state| {
            state.faults.traffic.counts += 1;
            self.reads(&mut state.faults)?;
            let keys = state.keyspace.range(range.start(), range.end(), None)?.count() as u64;
            Ok(CountAt { keys, revision: state.keyspace.revision() })
        })
    }

    async fn watch(&self, range: &KeyRange, from: Revision) -> Result<Watch, Failure> {
        self.needs_leader()?;
        self.shared.with(|state| {
            state.faults.traffic.watches += 1;
            state.faults.outage.clone().map_or(Ok(()), Err)?;
            if let Some(WatchFault::Refused(failure)) = &state.faults.watch {
                return Err(failure.clone());
            }
            state.keyspace.changes(range.start(), range.end(), from).map(drop)
        })?;
        Ok(watch::follow(Arc::clone(&self.shared), range.clone(), from))
    }

    async fn past(&self, range: &KeyRange, most: usize) -> Result<PastChanges, Failure> {
        self.needs_leader()?;
        self.shared.with(|state| {
            self.reads(&mut state.faults)?;
            let oldest = state.keyspace.oldest();
            let from = Revision(oldest.0.saturating_add(1));
            let mut newest = Newest::new(most);
            for change in state.keyspace.changes(range.start(), range.end(), from)? {
                newest.extend(self.shared.event(&change));
            }
            Ok(newest.past(oldest, state.keyspace.revision()))
        })
    }

    async fn lease(&self, lease: LeaseId) -> Result<Option<Duration>, Failure> {
        self.needs_leader()?;
        self.shared.with(|state| {
            self.reads(&mut state.faults)?;
            Ok(state.keyspace.lease_end(lease).map(|ends| ends.saturating_duration_since(Instant::now())))
        })
    }

    async fn status(&self) -> Result<ClusterStatus, Failure> {
        self.shared.with(|state| {
            state.faults.traffic.statuses += 1;
            self.outage(&state.faults).cloned().map_or(Ok(()), Err)?;
            Ok(ClusterStatus {
                cluster: state.cluster,
                revision: state.keyspace.revision(),
                endpoint: ENDPOINT.to_owned(),
                version: None,
                members: vec![],
                access: if self.stale { WriteAccess::NoLeader } else { state.access.clone() },
                user: None,
            })
        })
    }

    async fn health(&self, _: Duration) -> Health {
        self.shared.with(|state| state.health())
    }

    fn possibly_stale(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), stale: true }
    }

    async fn power(&self) -> Power {
        self.shared.with(|state| state.power.clone())
    }
}
