//! Store in a real etcd: the only place of this program that may name `etcd_client`.
//!
//! The library is used as a stub. Members, failing over, logging in again, and telling one failure from another
//! are done here, because the library's own ways do not keep this program's promises (see `pool` and `classify`).
#![expect(clippy::disallowed_types, reason = "this is the one place that talks to etcd")]

mod access;
mod at_once;
mod call;
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
    store::{Attempts, ClusterStatus, Reader},
};
use pool::Pool;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

pub use counts::{EtcdCounts, open_counts};
pub use foreign::{EtcdForeign, open_foreign};
pub use power::{Inquiry, Insight};
pub use reader::EtcdReader;
pub use settings::{EtcdSettings, Timeouts};
pub use snapshot::{SnapshotStream, open_snapshot};
pub use tls::{authorities_of, certificates_in, check_key, is_signed_by};
pub use version_page::{VersionPage, version_page};
pub use writer::EtcdWriter;

/// Time for a member to answer from its own data: it waits for nobody, and a silent one has been waited for already.
const BY_ITSELF: Duration = Duration::from_secs(1);

/// Connects to a scope of a cluster. A reader is given only after a member has answered. Where no leader answers, a
/// member is asked for its own data ([`Access::NoLeader`](crate::store::WriteAccess::NoLeader)); the reader still asks for
/// the truth, and gives none before there is a leader again. `attempts` is told the progress meanwhile.
///
/// # Errors
/// The reason why no member could be asked, or let us in; where several were asked, the reason of each.
pub async fn connect(
    settings: &EtcdSettings,
    scope: &Scope,
    attempts: &Attempts,
) -> Result<(EtcdReader, ClusterStatus), Failure> {
    let reader = EtcdReader { pool: Arc::new(Pool::open(settings, scope)?.telling(attempts)) };
    let why = match reader.status().await {
        Ok(status) => return Ok((reader, status)),
        Err(why) => why,
    };
    // A member that has just lost the others does not say so yet: it says nothing. A learner does not tell whether
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

/// Reads the health of a cluster, also where nobody can be connected to.
///
/// # Errors
/// A setting that cannot be used. A cluster without an answer is a finding.
pub async fn examine(settings: &EtcdSettings, scope: &Scope, within: Duration) -> Result<Health, Failure> {
    Ok(Box::pin(health::health(&Arc::new(Pool::open(settings, scope)?), within)).await)
}

/// Returns the writer for the scope of a reader. A read-only session never calls this, so it has none.
#[must_use]
pub fn open_writer(reader: &EtcdReader) -> EtcdWriter {
    EtcdWriter::beside(reader)
}
