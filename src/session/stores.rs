//! Stores that a session may have: an etcd, or one in memory.
use crate::{
    config::{Settings, Sourced},
    failure::Failure,
    health::Health,
    keys::Scope,
    store::{
        Attempts, ClusterStatus, ForeignCounts, ForeignDeletions, ForeignPages, Reader, Writer,
        etcd::{self, EtcdCounts, EtcdForeign, EtcdReader, EtcdWriter, SnapshotStream, Timeouts},
        memory::{Memory, MemoryCounts, MemoryForeign, MemoryReader, MemoryWriter},
    },
};
use std::{future::Future, path::PathBuf, time::Duration};

/// Store that has not been asked anything yet.
pub trait Store: Send + Sync + 'static {
    type Reader: Reader;
    type Writer: Writer;
    type Foreign: ForeignPages + ForeignDeletions;
    type Counts: ForeignCounts;

    /// Connects. A reader is returned only after an endpoint has answered.
    fn connect(
        &self,
        scope: &Scope,
        attempts: &Attempts,
    ) -> impl Future<Output = Result<(Self::Reader, ClusterStatus), Failure>> + Send;

    /// Returns the health of the cluster, even if it cannot be connected to.
    fn examine(
        &self,
        scope: &Scope,
        within: Duration,
    ) -> impl Future<Output = Result<Health, Failure>> + Send;

    /// Returns the writer. Only [`Session::for_changes`](super::Session::for_changes) asks for it, and only if writing is allowed (promise P7).
    fn writer(&self, reader: &Self::Reader) -> Self::Writer;

    /// Returns the reader of any range at a revision, for a rescue.
    fn foreign(&self, reader: &Self::Reader) -> Self::Foreign;

    /// Returns the counter of any range, which can do nothing else.
    fn counts(&self, reader: &Self::Reader) -> Self::Counts;

    /// Returns a snapshot of all of etcd; `None` if there is no etcd.
    fn snapshot(
        &self,
        reader: &Self::Reader,
    ) -> impl Future<Output = Result<Option<SnapshotStream>, Failure>> + Send;
}

impl Store for Memory {
    type Reader = MemoryReader;
    type Writer = MemoryWriter;
    type Foreign = MemoryForeign;
    type Counts = MemoryCounts;

    async fn connect(&self, _: &Scope, _: &Attempts) -> Result<(MemoryReader, ClusterStatus), Failure> {
        let reader = self.reader();
        let status = reader.status().await?;
        Ok((reader, status))
    }

    async fn examine(&self, _: &Scope, within: Duration) -> Result<Health, Failure> {
        Ok(self.reader().health(within).await)
    }

    fn writer(&self, _: &MemoryReader) -> MemoryWriter {
        self.writer()
    }

    fn foreign(&self, _: &MemoryReader) -> MemoryForeign {
        self.foreign()
    }

    fn counts(&self, _: &MemoryReader) -> MemoryCounts {
        self.counts()
    }

    async fn snapshot(&self, _: &MemoryReader) -> Result<Option<SnapshotStream>, Failure> {
        Ok(None)
    }
}

/// Cluster to connect to.
#[derive(Clone, Debug)]
pub struct Etcd(etcd::EtcdSettings);

impl Etcd {
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        let path = |file: &Option<Sourced<PathBuf>>| file.as_ref().map(|file| file.value.clone());
        let mut timeouts = Timeouts { dial: settings.dial_timeout.value, ..Timeouts::default() };
        if let Some(timeout) = &settings.command_timeout {
            timeouts.read = timeout.value;
            timeouts.listing = timeouts.listing.max(timeout.value);
            // A shorter time would not stop a write, but only make its outcome unknown.
            timeouts.write = timeouts.write.max(timeout.value);
        }
        Self(etcd::EtcdSettings {
            endpoints: settings.endpoints.value.clone(),
            further: settings.further.clone(),
            cacert: path(&settings.cacert),
            cert: path(&settings.cert),
            key: path(&settings.key),
            user: settings.user.as_ref().map(|user| user.value.clone()),
            password: settings.password.clone(),
            timeouts,
        })
    }

    /// Returns the settings for questions to single members, or by a user who may not even read the scope.
    #[must_use]
    pub fn into_settings(self) -> etcd::EtcdSettings {
        self.0
    }
}

impl Store for Etcd {
    type Reader = EtcdReader;
    type Writer = EtcdWriter;
    type Foreign = EtcdForeign;
    type Counts = EtcdCounts;

    async fn connect(
        &self,
        scope: &Scope,
        attempts: &Attempts,
    ) -> Result<(EtcdReader, ClusterStatus), Failure> {
        etcd::connect(&self.0, scope, attempts).await
    }

    async fn examine(&self, scope: &Scope, within: Duration) -> Result<Health, Failure> {
        etcd::examine(&self.0, scope, within).await
    }

    fn writer(&self, reader: &EtcdReader) -> EtcdWriter {
        etcd::open_writer(reader)
    }

    fn foreign(&self, reader: &EtcdReader) -> EtcdForeign {
        etcd::open_foreign(reader)
    }

    fn counts(&self, reader: &EtcdReader) -> EtcdCounts {
        etcd::open_counts(reader)
    }

    async fn snapshot(&self, reader: &EtcdReader) -> Result<Option<SnapshotStream>, Failure> {
        etcd::open_snapshot(reader).await.map(Some)
    }
}
