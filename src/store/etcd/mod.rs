//! A real etcd: the only place of this program that may name `etcd_client`.
//!
//! The library is used as a stub. Members, failing over, logging in again, and telling one failure from another
//! are done here, because the library's own ways do not keep this program's promises (see `pool` and `classify`).
#![expect(clippy::disallowed_types, reason = "this is the one place that talks to etcd")]

mod access;
mod asked;
mod at_once;
mod classify;
mod counts;
mod deletions;
mod endpoint;
mod foreign;
mod health;
mod history;
mod login;
mod member;
mod members;
mod neighbours;
mod pool;
mod power;
mod probe;
mod range;
mod reader;
mod refusal;
mod settings;
mod snapshot;
mod tls;
mod version_page;
mod watch;
mod writer;

use crate::{
    failure::{Failure, Retry},
    health::Health,
    keys::Scope,
    store::{Attempts, Reader, Status},
};
use pool::Pool;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

pub use counts::{EtcdCounts, open_counts};
pub use foreign::{EtcdForeign, open_foreign};
pub use power::{Inquiry, Insight};
pub use reader::EtcdReader;
pub use settings::{Settings, Timeouts};
pub use snapshot::{SnapshotStream, open_snapshot};
pub use tls::{authorities_of, certificates_in, check_key, is_signed_by};
pub use version_page::{VersionPage, version_page};
pub use writer::EtcdWriter;

/// For a member to say what it has itself: it waits for nobody, and whoever is silent has been waited for already.
const BY_ITSELF: Duration = Duration::from_secs(1);

/// Connects to a scope of a cluster. A reader is given only after a member has answered. Where no leader answers, a
/// member is asked for what it has itself ([`Access::NoLeader`](crate::store::Access::NoLeader)); the reader still asks for the truth, and gives
/// none before there is a leader again. `attempts` is told meanwhile how that goes.
///
/// # Errors
/// Why no member could be asked, or did not let us in; where several were asked, of each.
pub async fn connect(
    settings: &Settings,
    scope: &Scope,
    attempts: &Attempts,
) -> Result<(EtcdReader, Status), Failure> {
    let reader = EtcdReader { pool: Arc::new(Pool::open(settings, scope)?.telling(attempts)) };
    let why = match reader.status().await {
        Ok(status) => return Ok((reader, status)),
        Err(why) => why,
    };
    // A member that has lost the others a moment ago does not say so yet: it says nothing. A learner says nothing of whether
    // there is a leader.
    if why.retry() == Retry::Never || matches!(why, Failure::Learner { .. }) {
        return Err(why);
    }
    match timeout(BY_ITSELF, reader.possibly_stale().status()).await {
        Ok(Ok(status)) => Ok((reader, status)),
        Ok(Err(_)) | Err(_) => Err(match attempts.failures() {
            each if each.len() > 1 => Failure::NoneAnswers { why: Box::new(why), each },
            _ => why,
        }),
    }
}

/// Asks how a cluster is, also where nobody can be connected to.
///
/// # Errors
/// The settings cannot be used. That nobody answers is a finding.
pub async fn examine(settings: &Settings, scope: &Scope, within: Duration) -> Result<Health, Failure> {
    Ok(Box::pin(health::health(&Arc::new(Pool::open(settings, scope)?), within)).await)
}

/// The writer for what a reader reads. A read-only session never calls this, so it has none.
#[must_use]
pub fn open_writer(reader: &EtcdReader) -> EtcdWriter {
    EtcdWriter::beside(reader)
}
