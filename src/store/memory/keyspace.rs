//! Keyspace of an etcd: every key with its history, as far as it was not compacted away. Keys are bytes here
//! and may lie outside any scope; only the doors in front of it are scoped.
use crate::{
    failure::Failure,
    keys::{LeaseId, Revision},
    plan::{Guard, LeaseUse, Operation},
    store::Commit,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};
use tokio::time::Instant;

/// etcd's default `--max-txn-ops`, for each list of a transaction.
const MAX_OPERATIONS: usize = 128;
/// etcd's default `--max-request-bytes`: 1.5 MiB.
const MAX_REQUEST: usize = 1_572_864;

/// Value of a key from one revision on, with the numbers that etcd keeps beside it.
#[derive(Clone, Debug)]
pub(super) struct StoredValue {
    pub(super) value: Box<[u8]>,
    pub(super) create_revision: Revision,
    pub(super) mod_revision: Revision,
    pub(super) version: i64,
    pub(super) lease: Option<LeaseId>,
}

/// Content of a key from a revision on; none when it was deleted.
#[derive(Clone, Debug)]
struct KeyVersion {
    at: Revision,
    stored: Option<StoredValue>,
}

/// One change of one key, as a watcher hears of it.
#[derive(Debug)]
pub(super) struct KeyspaceChange<'a> {
    pub(super) at: Revision,
    pub(super) key: &'a [u8],
    pub(super) stored: Option<&'a StoredValue>,
}

#[derive(Clone, Debug)]
pub(super) struct Keyspace {
    revision: Revision,
    /// Revisions below this one are gone. 0 before the first compaction.
    compacted: Revision,
    /// Each key's versions, oldest first.
    keys: BTreeMap<Box<[u8]>, Vec<KeyVersion>>,
    /// The keys that each revision changed, for watches that begin in the past.
    log: BTreeMap<Revision, Vec<Box<[u8]>>>,
    leases: BTreeMap<LeaseId, Instant>,
}

impl Default for Keyspace {
    /// Makes an empty store, whose revision is 1 as etcd's is.
    fn default() -> Self {
        Self {
            revision: Revision(1),
            compacted: Revision(0),
            keys: BTreeMap::new(),
            log: BTreeMap::new(),
            leases: BTreeMap::new(),
        }
    }
}

impl Keyspace {
    pub(super) fn revision(&self) -> Revision {
        self.revision
    }

    /// Returns the keys of `[start, end)` with their values at a revision, or now, in key order.
    pub(super) fn range(
        &self,
        start: &[u8],
        end: &[u8],
        at: Option<Revision>,
    ) -> Result<impl Iterator<Item = (&[u8], &StoredValue)>, Failure> {
        // The standard library's ranges panic where they would be empty backwards.
        self.within((Bound::Included(start), Bound::Excluded(end.max(start))), at)
    }

    /// Returns all keys of all owners.
    pub(super) fn all(
        &self,
        at: Option<Revision>,
    ) -> Result<impl Iterator<Item = (&[u8], &StoredValue)>, Failure> {
        self.within((Bound::Unbounded, Bound::Unbounded), at)
    }

    fn within<'k>(
        &'k self,
        bounds: (Bound<&[u8]>, Bound<&[u8]>),
        at: Option<Revision>,
    ) -> Result<impl Iterator<Item = (&'k [u8], &'k StoredValue)> + use<'k>, Failure> {
        let at = at.unwrap_or(self.revision);
        if at < self.compacted {
            return Err(Failure::Compacted { asked: at });
        }
        if at > self.revision {
            return Err(Failure::NotYet { asked: at });
        }
        Ok(self
            .keys
            .range::<[u8], _>(bounds)
            .filter_map(move |(key, versions)| Some((&**key, version_at(versions, at)?))))
    }

    /// Returns the oldest revision that can be read.
    pub(super) fn oldest(&self) -> Revision {
        self.compacted.max(Revision(1))
    }

    pub(super) fn get(&self, key: &[u8]) -> Option<&StoredValue> {
        version_at(self.keys.get(key)?, self.revision)
    }

    /// Returns the changes in `[start, end)` from a revision on, in the order of revisions.
    pub(super) fn changes(
        &self,
        start: &[u8],
        end: &[u8],
        from: Revision,
    ) -> Result<impl Iterator<Item = KeyspaceChange<'_>>, Failure> {
        if from < self.compacted {
            return Err(Failure::Compacted { asked: from });
        }
        Ok(self.log.range(from..).flat_map(move |(at, keys)| {
            keys.iter().filter(move |key| start <= &***key && &***key < end).map(move |key| {
                let versions = self.keys.get(key).map(Vec::as_slice).unwrap_or_default();
                KeyspaceChange { at: *at, key, stored: version_at(versions, *at) }
            })
        }))
    }

    /// Returns the keys that were deleted from a revision on, in the order of revisions.
    pub(super) fn deletions(&self, from: Revision) -> impl Iterator<Item = (Revision, &[u8])> {
        self.log.range(from..).flat_map(move |(at, keys)| {
            let is_gone = |key: &&[u8]| {
                let versions = self.keys.get(*key).map(Vec::as_slice).unwrap_or_default();
                version_at(versions, *at).is_none()
            };
            keys.iter().map(|key| &**key).filter(is_gone).map(move |key| (*at, key))
        })
    }

    /// Makes one flat transaction, with etcd's limits and its order of refusals.
    pub(super) fn commit(&mut self, guards: &[Guard], operations: &[Operation]) -> Result<Commit, Failure> {
        check_limits(guards, operations)?;
        if !guards.iter().all(|guard| self.holds(guard)) {
            return Ok(Commit::Refused(self.revision));
        }
        for operation in operations {
            let Operation::Put { key, lease, .. } = operation else { continue };
            match lease {
                LeaseUse::Keep if self.get(key.as_bytes()).is_none() => {
                    let change = "it is gone, and its lease with it".to_owned();
                    return Err(Failure::Conflict { key: key.spelled(), change });
                }
                LeaseUse::Attach(lease) if !self.leases.contains_key(lease) => {
                    return Err(Failure::LeaseGone(*lease));
                }
                LeaseUse::Keep | LeaseUse::Attach(_) | LeaseUse::Without => {}
            }
        }
        let at = self.next();
        for operation in operations {
            match operation {
                Operation::Put { key, value, lease } => {
                    let lease = match lease {
                        LeaseUse::Without => None,
                        LeaseUse::Keep => self.get(key.as_bytes()).and_then(|stored| stored.lease),
                        LeaseUse::Attach(lease) => Some(*lease),
                    };
                    self.put(at, key.as_bytes(), value, lease);
                }
                Operation::Delete { key } => self.delete(at, key.as_bytes()),
            }
        }
        Ok(Commit::Applied(self.close(at)))
    }

    /// Puts any key, in a revision of its own.
    pub(super) fn put_raw(&mut self, key: &[u8], value: &[u8], lease: Option<LeaseId>) -> Revision {
        let at = self.next();
        self.put(at, key, value, lease);
        self.close(at)
    }

    /// Deletes any key, in a revision of its own.
    pub(super) fn delete_raw(&mut self, key: &[u8]) -> Revision {
        let at = self.next();
        self.delete(at, key);
        self.close(at)
    }

    /// Forgets the values that were overwritten before `at`; the revision `at` itself stays readable.
    pub(super) fn compact(&mut self, at: Revision) {
        self.compacted = at.min(self.revision).max(self.compacted);
        let compacted = self.compacted;
        self.log.retain(|revision, _| *revision >= compacted);
        self.keys.retain(|_, versions| {
            let current = versions.iter().rposition(|version| version.at <= compacted).unwrap_or(0);
            versions.drain(..current);
            // A deletion is kept at its own revision, because a watch may still begin there.
            let gone = |version: &KeyVersion| version.stored.is_none() && version.at < compacted;
            if versions.first().is_some_and(gone) {
                versions.remove(0);
            }
            !versions.is_empty()
        });
    }

    pub(super) fn grant(&mut self, lease: LeaseId, ends: Instant) {
        self.leases.insert(lease, ends);
    }

    /// Makes a lease; one that exists already keeps its end.
    pub(super) fn grant_once(&mut self, lease: LeaseId, ends: Instant) {
        self.leases.entry(lease).or_insert(ends);
    }

    pub(super) fn lease_end(&self, lease: LeaseId) -> Option<Instant> {
        self.leases.get(&lease).copied()
    }

    /// Returns the end of the next lease that ends.
    pub(super) fn next_end(&self) -> Option<Instant> {
        self.leases.values().min().copied()
    }

    /// Ends the leases whose time has come. Each deletes its keys in one revision.
    pub(super) fn expire(&mut self, now: Instant) {
        let ended: Vec<LeaseId> =
            self.leases.iter().filter(|(_, ends)| **ends <= now).map(|(lease, _)| *lease).collect();
        for lease in ended {
            self.revoke(lease);
        }
    }

    /// Ends a lease and deletes its keys in one revision.
    pub(super) fn revoke(&mut self, lease: LeaseId) {
        self.leases.remove(&lease);
        let keys: Vec<Box<[u8]>> = self
            .keys
            .iter()
            .filter(|(_, versions)| {
                version_at(versions, self.revision).is_some_and(|stored| stored.lease == Some(lease))
            })
            .map(|(key, _)| key.clone())
            .collect();
        let at = self.next();
        for key in keys {
            self.delete(at, &key);
        }
        self.close(at);
    }

    fn holds(&self, guard: &Guard) -> bool {
        match guard {
            Guard::Unchanged { key, mod_revision } => {
                // A key that does not exist compares as revision 0, as in etcd.
                let is = self.get(key.as_bytes()).map_or(Revision(0), |stored| stored.mod_revision);
                is == *mod_revision
            }
            Guard::AsShown { key, shown } => self
                .get(key.as_bytes())
                .is_some_and(|stored| shown.is(&stored.value, stored.version, stored.create_revision)),
            Guard::Absent { key } => self.get(key.as_bytes()).is_none(),
            Guard::NothingNewer { range, than } => self
                .range(range.start(), range.end(), None)
                .is_ok_and(|mut keys| keys.all(|(_, stored)| stored.mod_revision <= *than)),
        }
    }

    fn next(&self) -> Revision {
        Revision(self.revision.0.saturating_add(1))
    }

    /// Takes the new revision if anything happened at it: deleting a key that does not exist is no change for
    /// etcd.
    fn close(&mut self, at: Revision) -> Revision {
        if self.log.contains_key(&at) {
            self.revision = at;
        }
        self.revision
    }

    fn put(&mut self, at: Revision, key: &[u8], value: &[u8], lease: Option<LeaseId>) {
        let (create_revision, version) =
            self.get(key).map_or((at, 1), |old| (old.create_revision, old.version.saturating_add(1)));
        let stored = StoredValue { value: value.into(), create_revision, mod_revision: at, version, lease };
        self.write(at, key, Some(stored));
    }

    fn delete(&mut self, at: Revision, key: &[u8]) {
        if self.get(key).is_some() {
            self.write(at, key, None);
        }
    }

    fn write(&mut self, at: Revision, key: &[u8], stored: Option<StoredValue>) {
        self.keys.entry(key.into()).or_default().push(KeyVersion { at, stored });
        self.log.entry(at).or_default().push(key.into());
    }
}

fn version_at(versions: &[KeyVersion], at: Revision) -> Option<&StoredValue> {
    versions.iter().rev().find(|version| version.at <= at)?.stored.as_ref()
}

fn check_limits(guards: &[Guard], operations: &[Operation]) -> Result<(), Failure> {
    if guards.len() > MAX_OPERATIONS || operations.len() > MAX_OPERATIONS {
        return Err(Failure::TooLarge { detail: "too many operations in txn request".into() });
    }
    let bytes: usize = operations
        .iter()
        .map(|operation| match operation {
            Operation::Put { key, value, .. } => key.as_bytes().len() + value.len(),
            Operation::Delete { key } => key.as_bytes().len(),
        })
        .sum();
    if bytes >= MAX_REQUEST {
        return Err(Failure::TooLarge { detail: "request is too large".into() });
    }
    let mut put = BTreeSet::new();
    let twice = operations
        .iter()
        .any(|operation| matches!(operation, Operation::Put { key, .. } if !put.insert(key.as_bytes())))
        || operations
            .iter()
            .any(|operation| matches!(operation, Operation::Delete { key } if put.contains(key.as_bytes())));
    if twice {
        return Err(Failure::Other { detail: "duplicate key given in txn request".into() });
    }
    Ok(())
}
