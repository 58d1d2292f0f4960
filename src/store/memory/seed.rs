use super::{Shared, keyspace::Keyspace};
use crate::keys::{LeaseId, Revision};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// Another client of the same store, one that no scope binds: it fills the store, and interferes in tests.
/// There is no such thing for a real etcd in this program.
#[derive(Clone, Debug)]
pub struct Seed(pub(super) Arc<Shared>);

/// All of a store at one moment, as a copy of an etcd's data directory has it.
#[derive(Clone, Debug)]
pub struct Copied(Keyspace);

impl Seed {
    /// Copies all of it.
    #[must_use]
    pub fn copy(&self) -> Copied {
        Copied(self.0.with(|state| state.keyspace.clone()))
    }

    /// Goes back to a copy. Its watches stay, and nobody is told.
    pub fn go_back_to(&self, copied: &Copied) {
        self.0.change(|state| state.keyspace = copied.0.clone());
    }

    /// Puts any key, without a lease.
    pub fn put(&self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Revision {
        self.0.change(|state| state.keyspace.put_raw(key.as_ref(), value.as_ref(), None))
    }

    /// Puts any key under a lease.
    pub fn put_leased(&self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>, lease: LeaseId) -> Revision {
        self.0.change(|state| state.keyspace.put_raw(key.as_ref(), value.as_ref(), Some(lease)))
    }

    /// Deletes any key.
    pub fn delete(&self, key: impl AsRef<[u8]>) -> Revision {
        self.0.change(|state| state.keyspace.delete_raw(key.as_ref()))
    }

    /// Makes a lease, or prolongs it. Its keys are deleted when its time is over.
    pub fn grant(&self, lease: LeaseId, ttl: Duration) {
        self.0.change(|state| state.keyspace.grant(lease, Instant::now() + ttl));
    }

    /// Ends a lease now.
    pub fn revoke(&self, lease: LeaseId) {
        self.0.change(|state| state.keyspace.revoke(lease));
    }

    /// Forgets the values that were overwritten before this revision.
    pub fn compact(&self, at: Revision) {
        self.0.change(|state| state.keyspace.compact(at));
    }

    /// Returns the `mod_revision` of any key; `None` when it does not exist.
    #[must_use]
    pub fn mod_revision(&self, key: impl AsRef<[u8]>) -> Option<Revision> {
        self.0.with(|state| state.keyspace.get(key.as_ref()).map(|stored| stored.mod_revision))
    }

    /// Returns every key there is, in order.
    #[must_use]
    pub fn keys(&self) -> Vec<Box<[u8]>> {
        self.0.with(|state| {
            // From the first byte string to behind the last one that matters: no key here starts with 0xff.
            state
                .keyspace
                .range(&[], &[0xff], None)
                .map_or_else(|_| vec![], |keys| keys.map(|(key, _)| key.into()).collect())
        })
    }
}
