//! A real etcd: the only place of this program that may name `etcd_client`.
//!
//! The library is used as a stub. Members, failing over, logging in again, and telling one failure from another
//! are done here, because the library's own ways do not keep this program's promises (see `pool` and `classify`).
#![expect(clippy::disallowed_types, reason = "this is the one place that talks to etcd")]

mod access;
mod asked;
mod classify;
mod endpoint;
mod foreign;
mod history;
mod member;
mod neighbours;
mod pool;
mod probe;
mod range;
mod reader;
mod settings;
mod snapshot;
mod tls;
mod watch;
mod writer;

use crate::{
    failure::Failure,
    keys::Scope,
    store::{Reader, Status},
};
use pool::Pool;
use std::sync::Arc;

pub use foreign::{EtcdForeign, open_foreign};
pub use reader::EtcdReader;
pub use settings::{Settings, Timeouts};
pub use snapshot::{SnapshotStream, open_snapshot};
pub use writer::EtcdWriter;

/// Connects to a scope of a cluster. A reader is given only after a member has answered.
///
/// # Errors
/// Why no member could be asked, or did not let us in.
pub async fn connect(settings: &Settings, scope: &Scope) -> Result<(EtcdReader, Status), Failure> {
    let reader = EtcdReader { pool: Arc::new(Pool::open(settings, scope)?) };
    let status = reader.status().await?;
    Ok((reader, status))
}

/// The writer for what a reader reads. A read-only session never calls this, so it has none.
#[must_use]
pub fn open_writer(reader: &EtcdReader) -> EtcdWriter {
    EtcdWriter::beside(reader)
}
