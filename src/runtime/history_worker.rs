//! Questions of the deck about the past: it reads the journal's files on threads of their own, and etcd's old
//! revisions.
use crate::{
    app::{
        DeckError, LookedAt, MOST_VERSIONS, Msg, RequestId,
        overlay::{Away, FormerRecords, Headings, TakeBackPlan},
    },
    failure::Failure,
    index::{Batch, Index},
    journal::{EntryHeading, Ledger, RecordedGrant},
    keys::{ClusterId, KeyValue, LeaseId, Revision, Scope},
    ops::{Lister, history, living, look_ahead, look_back, put_back, put_back_as_it_was},
    plan::{EntryId, KeySelection, LeaseGrant, Past},
    remedy::Remedy,
    store::Reader,
};
use std::{collections::BTreeMap, fmt};
use tokio::{sync::mpsc, task::spawn_blocking};
use tokio_util::task::AbortOnDropHandle;

/// Entries of the journal that the deck lists; the command line has all of them.
const MOST_ENTRIES: usize = 2_000;

#[derive(Debug)]
pub(super) struct HistoryWorker<R> {
    reader: R,
    ledger: Ledger,
    scope: Scope,
    msgs: mpsc::Sender<Msg>,
    /// The old revision that is being read; another one takes its place.
    reading: Option<AbortOnDropHandle<()>>,
}

impl<R: Reader> HistoryWorker<R> {
    pub(super) fn new(reader: R, ledger: Ledger, scope: Scope, msgs: mpsc::Sender<Msg>) -> Self {
        Self { reader, ledger, scope, msgs, reading: None }
    }

    pub(super) fn journal(&self, request: RequestId) {
        let (ledger, msgs) = (self.ledger.clone(), self.msgs.clone());
        spawn_blocking(move || {
            let read = ledger.contents().map(|contents| {
                let newest = contents.headings().iter().rev().take(MOST_ENTRIES).cloned().collect();
                let older = contents.headings().len().saturating_sub(MOST_ENTRIES);
                Headings::new(newest, older, contents.unreadable().len())
            });
            // Nobody waits any more when the deck is closed.
            let _ = msgs.blocking_send(Msg::Journal(request, read));
        });
    }

    /// Looks for changes of an earlier session that were broken off, and for the state of their keys.
    pub(super) fn look_for_broken_off(&self, cluster: ClusterId) {
        let (reader, scope, msgs) = (self.reader.clone(), self.scope.clone(), self.msgs.clone());
        let ledger = self.ledger.clone();
        tokio::spawn(async move {
            let of_journal = {
                let scope = scope.clone();
                spawn_blocking(move || broken_off(&ledger, cluster, &scope)).await
            };
            let Ok(found) = of_journal else { return };
            let mut entries = Vec::new();
            for (heading, past, grants) in found {
                // If the keys cannot be read now, the journal and the next session show the change.
                match look_ahead(&reader, &scope, &past, grants).await {
                    Ok((resume, _)) => entries.push((heading, resume)),
                    Err(error) => {
                        tracing::warn!(%error, entry = %heading.id.0, "was broken off, and is not looked at");
                    }
                }
            }
            let _ = msgs.send(Msg::BrokenOff(entries)).await;
        });
    }

    pub(super) fn entry(&self, request: RequestId, entry: EntryId) {
        let (ledger, msgs) = (self.ledger.clone(), self.msgs.clone());
        spawn_blocking(move || {
            let read = ledger.find(&entry.0).map(Box::new).map_err(|error| error.to_string());
            let _ = msgs.blocking_send(Msg::Entry(request, read));
        });
    }

    pub(super) fn look_back(&self, request: RequestId, entry: EntryId) {
        let (reader, scope, msgs) = (self.reader.clone(), self.scope.clone(), self.msgs.clone());
        let ledger = self.ledger.clone();
        tokio::spawn(async move {
            let of_journal = {
                let scope = scope.clone();
                spawn_blocking(move || pasts(&ledger, &entry, &scope)).await
            };
            let seen = match of_journal {
                Ok(Ok((past, later))) => look_back(&reader, &scope, &past, &later)
                    .await
                    .map(|undo| TakeBackPlan::Undo(Box::new(undo)))
                    .map_err(|error| told(&error, error.remedy())),
                Ok(Err(told)) => Err(told),
                // Reading does not panic; if it ever does, its panic goes on here.
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            };
            let _ = msgs.send(Msg::LookedAt(request, seen)).await;
        });
    }

    pub(super) fn history(&self, request: RequestId, reach: KeySelection) {
        let (reader, scope, msgs) = (self.reader.clone(), self.scope.clone(), self.msgs.clone());
        tokio::spawn(async move {
            let (own, below) = (reach.own.as_ref(), reach.below.as_ref());
            let read = history(&reader, &scope, own, below, MOST_VERSIONS).await;
            let _ = msgs.send(Msg::History(request, read.map(Box::new))).await;
        });
    }

    pub(super) fn put_back(&self, request: RequestId, reach: KeySelection, at: Revision, was: FormerRecords) {
        let (reader, scope, msgs) = (self.reader.clone(), self.scope.clone(), self.msgs.clone());
        tokio::spawn(async move {
            let seen = match was {
                FormerRecords::Known(then) => put_back_as_it_was(&reader, &reach, &then).await,
                FormerRecords::Shown(records) => {
                    let own = reach.own.as_ref().and_then(|key| records.get(key.as_bytes()));
                    let below = reach.below.iter().flat_map(|range| records.range(range));
                    let then: Vec<KeyValue> = own.into_iter().chain(below).collect();
                    put_back_as_it_was(&reader, &reach, &then).await
                }
                FormerRecords::ToBeRead => put_back(&reader, &scope, &reach, at).await,
            };
            let seen: LookedAt = match seen {
                Ok(put_back) => Ok(TakeBackPlan::PutBack(Box::new(put_back))),
                Err(failure) => Err(DeckError::of_past(&failure)),
            };
            let _ = msgs.send(Msg::LookedAt(request, seen)).await;
        });
    }

    pub(super) fn leases(&self, request: RequestId, leases: BTreeMap<LeaseId, usize>) {
        let (reader, msgs) = (self.reader.clone(), self.msgs.clone());
        tokio::spawn(async move {
            let seen: LookedAt = match living(&reader, leases.keys().copied().collect()).await {
                Ok(living) => Ok(TakeBackPlan::Away(Away { leases, living })),
                Err(failure) => Err(told(&failure, failure.remedy())),
            };
            let _ = msgs.send(Msg::LookedAt(request, seen)).await;
        });
    }

    pub(super) fn as_of(&mut self, request: RequestId, revision: Revision) {
        let (reader, scope, msgs) = (self.reader.clone(), self.scope.clone(), self.msgs.clone());
        let reading = tokio::spawn(async move {
            let read = read_at(reader, &scope, revision).await;
            let _ = msgs.send(Msg::AsOf(request, read.map(Box::new))).await;
        });
        self.reading = Some(AbortOnDropHandle::new(reading));
    }
}

/// The most entries that are told at once; the others follow when these are settled.
const MOST_BROKEN_OFF: usize = 20;

/// Returns the changes that were broken off, as far as they can be read. Reads files.
fn broken_off(
    ledger: &Ledger,
    cluster: ClusterId,
    scope: &Scope,
) -> Vec<(EntryHeading, Past, Vec<LeaseGrant>)> {
    let contents = match ledger.contents() {
        Ok(contents) => contents,
        Err(error) => {
            tracing::warn!(%error, "the journal was not read");
            return vec![];
        }
    };
    let read = |(number, heading): (usize, &EntryHeading)| {
        let entry = contents.entry(number).ok()??;
        let grants = entry.grants.iter().map(RecordedGrant::grant).collect::<Result<_, _>>().ok()?;
        Some((heading.clone(), entry.past(scope).ok()?, grants))
    };
    contents.broken_off(cluster, scope).into_iter().filter_map(read).take(MOST_BROKEN_OFF).collect()
}

/// Returns an entry and the later ones, as an undo needs them. Reads files.
fn pasts(ledger: &Ledger, entry: &EntryId, scope: &Scope) -> Result<(Past, Vec<Past>), DeckError> {
    let contents = ledger.contents().map_err(|failure| told(&failure, failure.remedy()))?;
    let number = contents.find(&entry.0).map_err(|error| told(&error, error.remedy()))?;
    let read = contents.entry(number).map_err(|failure| told(&failure, failure.remedy()))?;
    let Some(read) = read else {
        return Err(told(&"the entry is not in the journal any more", "Read the journal again.".to_owned()));
    };
    let past = read.past(scope).map_err(|error| {
        told(&error, "Look at the entry; what is stored can be changed by hand.".to_owned())
    })?;
    let later = contents.later(number, &past, scope).map_err(|failure| told(&failure, failure.remedy()))?;
    Ok((past, later))
}

fn told(what: &impl fmt::Display, remedy: String) -> DeckError {
    DeckError { what: what.to_string(), remedy, compacted: None }
}

/// Reads the scope as of a revision.
async fn read_at<R: Reader>(reader: R, scope: &Scope, revision: Revision) -> Result<Index, Failure> {
    let mut index = Index::new(scope.clone());
    let mut lister = Lister::new(reader, scope.range()).at(Some(revision));
    while let Some(listing) = lister.next().await {
        let (scope, records) = (scope.clone(), listing?.records);
        let encoded = spawn_blocking(move || Batch::encode(&scope, records)).await;
        // Encoding does not panic; if it ever does, its panic goes on here.
        index.absorb(encoded.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())));
    }
    index.listed();
    Ok(index)
}
