//! Saving: writes the keys of a range at one revision to a file, with their leases.
use super::{
    format::{ArchiveHeading, ArchiveKind, SavedLease},
    write::{ArchiveWriter, WrittenArchive},
};
use crate::{
    failure::Failure,
    keys::{ClusterId, ForeignKeyValue, ForeignRange, Interval as _, KeyRange, LeaseId, Revision, Scope},
    remedy::Remedy,
    store::{InOrder, Page, PageReader, Reader},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;
use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
};
use tokio::sync::mpsc;

/// Most times that a range is begun when etcd compacts the revision that is being read.
const TRIES: u32 = 3;
/// Leases that are asked for at the same time.
const ASKED_AT_ONCE: usize = 16;
const PROGRAM: &str = concat!("coredeck ", env!("CARGO_PKG_VERSION"));

/// Order to save a range.
#[derive(Debug)]
pub struct SaveRequest<'a, P: PageReader> {
    pub kind: ArchiveKind,
    pub pages: &'a P,
    pub range: P::Range,
    /// The range in words, as the heading has it.
    pub named: String,
    /// The revision; `None` for the present one.
    pub at: Option<Revision>,
    pub scope: &'a Scope,
}

impl<'a, P: PageReader<Range = KeyRange>> SaveRequest<'a, P> {
    /// Orders a backup of all of the scope, as it is now.
    pub fn backup(pages: &'a P, scope: &'a Scope) -> Self {
        Self {
            kind: ArchiveKind::Backup,
            pages,
            range: scope.range(),
            named: scope.to_string(),
            at: None,
            scope,
        }
    }
}

/// A file that was written, read back and verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    pub path: PathBuf,
    pub time: Timestamp,
    pub cluster: ClusterId,
    pub revision: Revision,
    pub written: WrittenArchive,
}

/// Reason why there is no file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SaveError {
    #[error(transparent)]
    Store(#[from] Failure),
    #[error("etcd has compacted the revision that was being read {TRIES} times in a row")]
    Compacting,
    #[error("there was no key in {range} at revision {at}")]
    Nothing { range: String, at: Revision },
    #[error("{} cannot be written: {reason}", .path.display())]
    File { path: PathBuf, reason: String },
}

impl Remedy for SaveError {
    fn remedy(&self) -> String {
        match self {
            Self::Store(failure) => failure.remedy(),
            Self::Compacting => {
                "Try again when etcd is less busy, or take a snapshot, which no compaction disturbs."
                    .to_owned()
            }
            Self::Nothing { .. } => "Check the range and the revision; no file was written.".to_owned(),
            Self::File { .. } => "Give another place with --to, or make room there.".to_owned(),
        }
    }
}

/// Saves a range to a new file, and reports the number of keys that are read, and of all.
///
/// # Errors
/// [`SaveError`]; no file is left then.
pub async fn save<P: PageReader, R: Reader>(
    request: &SaveRequest<'_, P>,
    reader: &R,
    to: &Path,
    mut progress: impl FnMut(u64, u64),
) -> Result<Saved, SaveError> {
    for _ in 0..TRIES {
        match once(request, reader, to, &mut progress).await {
            // An old revision that is compacted cannot be read again; the present one has a successor.
            Err(SaveError::Store(Failure::Compacted { .. })) if request.at.is_none() => {}
            done => return done,
        }
    }
    Err(SaveError::Compacting)
}

/// Message to the file's own thread.
enum SaveMessage {
    Page(Vec<ForeignKeyValue>, Vec<SavedLease>),
    End,
}

async fn once<P: PageReader, R: Reader>(
    request: &SaveRequest<'_, P>,
    reader: &R,
    to: &Path,
    progress: &mut impl FnMut(u64, u64),
) -> Result<Saved, SaveError> {
    let mut pages = InOrder::new(request.pages.clone(), request.range.clone(), request.at);
    let time = Timestamp::from_second(Timestamp::now().as_second()).unwrap_or_default();
    let first = pages.next().await?.unwrap_or_default();
    let (cluster, revision, total) = (first.cluster, first.revision, first.total);
    // A backup of an empty scope is one. An empty rescue would look like a rescue, though it holds nothing.
    if total == 0 && request.kind == ArchiveKind::Rescue {
        return Err(SaveError::Nothing { range: request.named.clone(), at: revision });
    }
    let scope_keys = scope_keys(request, reader, revision, total).await;
    let heading = ArchiveHeading {
        kind: request.kind,
        program: PROGRAM.to_owned(),
        time,
        cluster,
        revision,
        scope: request.scope.as_str().to_owned(),
        range: request.named.clone(),
        keys: total,
        scope_keys,
    };
    // One page is compressed while the next is read.
    let (parts, received) = mpsc::channel(1);
    let path = to.to_owned();
    let writing = tokio::task::spawn_blocking(move || write(&path, &heading, received));
    let sent = feed(&mut pages, first, reader, &parts, |read| progress(read, total)).await;
    // Without its end the file is given up. The thread is waited for in any case, so that nothing is left of
    // the file.
    drop(parts);
    let written = writing.await.unwrap_or_else(|error| Err(io::Error::other(error)));
    sent?;
    match written {
        Ok(written) => Ok(Saved { path: to.to_owned(), time, cluster, revision, written }),
        Err(error) => Err(SaveError::File { path: to.to_owned(), reason: error.to_string() }),
    }
}

/// Counts the keys that the scope had at the revision that is saved. A failed count does not give up the file.
async fn scope_keys<P: PageReader, R: Reader>(
    request: &SaveRequest<'_, P>,
    reader: &R,
    at: Revision,
    total: u64,
) -> Option<u64> {
    let range = request.scope.range();
    if request.named == request.scope.as_str() {
        return Some(total);
    }
    if !ForeignRange::spelled(&request.named).is_ok_and(|saved| saved.contains(range.start())) {
        return None;
    }
    reader.list(&range, 1, Some(at)).await.map(|listed| listed.total).ok()
}

/// Sends everything to the file's thread. Ends early when that thread has failed: its result tells the reason.
async fn feed<P: PageReader, R: Reader>(
    pages: &mut InOrder<P>,
    first: Page,
    reader: &R,
    parts: &mpsc::Sender<SaveMessage>,
    mut progress: impl FnMut(u64),
) -> Result<(), Failure> {
    let mut known = BTreeSet::new();
    let mut read = 0;
    let mut next = Some(first);
    while let Some(page) = next {
        read += page.records.len() as u64;
        let new: BTreeSet<LeaseId> = page.records.iter().filter_map(|record| record.lease).collect();
        let new: Vec<LeaseId> = new.into_iter().filter(|lease| known.insert(*lease)).collect();
        let leases = leases(reader, new).await?;
        if parts.send(SaveMessage::Page(page.records, leases)).await.is_err() {
            return Ok(());
        }
        progress(read);
        next = pages.next().await?;
    }
    let _ = parts.send(SaveMessage::End).await;
    Ok(())
}

async fn leases<R: Reader>(reader: &R, leases: Vec<LeaseId>) -> Result<Vec<SavedLease>, Failure> {
    let asked = leases.into_iter().map(|lease| async move {
        let left = reader.lease(lease).await?;
        Ok(SavedLease { lease, left, at: Timestamp::now() })
    });
    stream::iter(asked).buffered(ASKED_AT_ONCE).try_collect().await
}

fn write(
    path: &Path,
    heading: &ArchiveHeading,
    mut parts: mpsc::Receiver<SaveMessage>,
) -> io::Result<WrittenArchive> {
    let mut archive = ArchiveWriter::create(path, heading)?;
    while let Some(part) = parts.blocking_recv() {
        match part {
            SaveMessage::Page(records, leases) => {
                for record in &records {
                    archive.record(record)?;
                }
                for lease in &leases {
                    archive.lease(lease)?;
                }
            }
            SaveMessage::End => return archive.finish(),
        }
    }
    Err(io::Error::new(io::ErrorKind::Interrupted, "the keys could not be read to their end"))
}
