//! Snapshot of all that etcd stores, made by etcd itself, as a stream. etcd gives it to its root only.
use super::{EtcdReader, call::EtcdCall, classify::broke, pool::Headed};
use crate::failure::Failure;
use etcd_client::{Client, ResponseHeader, SnapshotResponse, SnapshotStreaming};
use std::{fmt, time::Duration};
use tokio::time::timeout;

/// A snapshot that is being sent.
pub struct SnapshotStream {
    stream: SnapshotStreaming,
    first: Option<SnapshotResponse>,
    total: u64,
    endpoint: String,
    patience: Duration,
}

struct OpenedSnapshot(SnapshotStreaming, Option<SnapshotResponse>);

impl Headed for OpenedSnapshot {
    fn header(&self) -> Option<&ResponseHeader> {
        self.1.as_ref().and_then(SnapshotResponse::header)
    }
}

/// Asks for a snapshot, and returns with its beginning.
///
/// # Errors
/// The reason why no member sends one.
pub async fn open_snapshot(reader: &EtcdReader) -> Result<SnapshotStream, Failure> {
    let pool = &reader.pool;
    let asked = EtcdCall::new("take", &"a snapshot of all of etcd");
    let call = |client: Client| async move {
        let mut stream = client.maintenance_client().snapshot().await?;
        // A refusal comes only with the first part.
        let first = stream.message().await?;
        Ok(OpenedSnapshot(stream, first))
    };
    let patience = pool.timeouts().listing;
    let (OpenedSnapshot(stream, first), endpoint) = pool.read_from(&asked, patience, call).await?;
    let total = first.as_ref().map_or(0, |first| first.remaining_bytes() + first.blob().len() as u64);
    Ok(SnapshotStream { stream, first, total, endpoint: endpoint.to_string(), patience })
}

impl SnapshotStream {
    /// Returns the number of bytes that will come, about.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Returns the next part; `None` at the end.
    ///
    /// # Errors
    /// The connection has broken, or nothing came for a minute.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        let blob = |part: SnapshotResponse| part.blob().to_vec();
        if let Some(first) = self.first.take() {
            return Ok(Some(blob(first)));
        }
        let endpoint = || self.endpoint.clone();
        match timeout(self.patience, self.stream.message()).await {
            Ok(Ok(part)) => Ok(part.map(blob)),
            Ok(Err(error)) => Err(Failure::ConnectionLost { endpoint: endpoint(), detail: broke(&error) }),
            Err(_) => Err(Failure::TimedOut { endpoint: endpoint(), after: self.patience }),
        }
    }
}

impl fmt::Debug for SnapshotStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SnapshotStream").field("total", &self.total).finish_non_exhaustive()
    }
}
