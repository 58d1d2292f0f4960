//! Store of the old etcd, from which nothing is removed unless the new one is as it was found.
use crate::{
    failure::Failure,
    health::Health,
    keys::Scope,
    session::Store,
    store::{Attempts, ClusterStatus, Reader, Unchanged, WhileUnchanged, etcd::SnapshotStream},
};
use std::time::Duration;

#[derive(Debug)]
pub(super) struct OldStore<S, R> {
    pub(super) store: S,
    pub(super) other: Unchanged<R>,
}

impl<S: Store, R: Reader> Store for OldStore<S, R> {
    type Reader = S::Reader;
    type Writer = WhileUnchanged<S::Writer, R>;
    type Foreign = S::Foreign;
    type Counts = S::Counts;

    async fn connect(
        &self,
        scope: &Scope,
        attempts: &Attempts,
    ) -> Result<(Self::Reader, ClusterStatus), Failure> {
        self.store.connect(scope, attempts).await
    }

    async fn examine(&self, scope: &Scope, within: Duration) -> Result<Health, Failure> {
        self.store.examine(scope, within).await
    }

    fn writer(&self, reader: &Self::Reader) -> Self::Writer {
        WhileUnchanged::new(self.store.writer(reader), self.other.clone())
    }

    fn foreign(&self, reader: &Self::Reader) -> Self::Foreign {
        self.store.foreign(reader)
    }

    fn counts(&self, reader: &Self::Reader) -> Self::Counts {
        self.store.counts(reader)
    }

    async fn snapshot(&self, reader: &Self::Reader) -> Result<Option<SnapshotStream>, Failure> {
        self.store.snapshot(reader).await
    }
}
