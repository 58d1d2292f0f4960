use super::{
    Author,
    line::{Intended, ReadBackError, RecordedChange, RecordedGrant, RecordedLease, RecordedOutcome},
};
use crate::{
    keys::{ClusterId, Revision, Scope},
    plan::{Change, EntryId},
};
use std::path::PathBuf;

/// One plan without its changes, as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryHeading {
    pub id: EntryId,
    pub time: jiff::Timestamp,
    pub author: Author,
    pub cluster: ClusterId,
    pub scope: String,
    pub read_at: Revision,
    /// The text that was typed.
    pub challenge: String,
    /// Purpose of the plan; empty where the journal is older than this field.
    pub kind: String,
    /// The entry that it takes back or finishes.
    pub about: Option<EntryId>,
    /// Reason for the plan, in the words of the person who made it. May hold anything: show it escaped.
    pub reason: Option<String>,
    /// Number of its changes.
    pub changes: usize,
    /// `None` when the program ended before it knew: look before undoing.
    pub outcome: Option<RecordedOutcome>,
    /// Time at which the outcome was written.
    pub concluded: Option<jiff::Timestamp>,
}

/// One plan, and its outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    pub id: EntryId,
    pub time: jiff::Timestamp,
    pub author: Author,
    pub cluster: ClusterId,
    pub scope: String,
    pub read_at: Revision,
    pub challenge: String,
    /// Purpose of the plan; empty where the journal is older than this field.
    pub kind: String,
    /// The entry that it takes back or finishes.
    pub about: Option<EntryId>,
    /// Reason for the plan, in the words of the person who made it. May hold anything: show it escaped.
    pub reason: Option<String>,
    pub grants: Vec<RecordedGrant>,
    /// Time that leases of the changed keys had still to live; leases that could not be asked for are left out.
    pub leases: Vec<RecordedLease>,
    pub recorded: Vec<RecordedChange>,
    /// `None` when the program ended before it knew: look before undoing.
    pub outcome: Option<RecordedOutcome>,
}

/// The whole journal, oldest entry first.
#[derive(Debug, Default)]
pub struct Log {
    pub entries: Vec<JournalEntry>,
    pub unreadable: Vec<Unreadable>,
}

/// A line that cannot be read: torn by a crash or a full disk, changed by hand, or of a newer version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    pub file: PathBuf,
    /// From 1.
    pub line: usize,
    pub reason: String,
    /// True if it has no end: the program was stopped while it wrote it. Nothing was sent for a change whose line
    /// is torn.
    pub torn: bool,
}

impl JournalEntry {
    /// Returns the changes as they were made, all in `scope`.
    ///
    /// # Errors
    /// [`ReadBackError`], for a key outside this session's scope and for lines that were changed by hand.
    pub fn changes(&self, scope: &Scope) -> Result<Vec<Change>, ReadBackError> {
        self.recorded.iter().map(|recorded| recorded.change(scope)).collect()
    }

    /// Returns the entry without its changes.
    #[must_use]
    pub fn heading(&self) -> EntryHeading {
        EntryHeading {
            id: self.id.clone(),
            time: self.time,
            author: self.author.clone(),
            cluster: self.cluster,
            scope: self.scope.clone(),
            read_at: self.read_at,
            challenge: self.challenge.clone(),
            kind: self.kind.clone(),
            about: self.about.clone(),
            reason: self.reason.clone(),
            changes: self.recorded.len(),
            outcome: self.outcome.clone(),
            concluded: None,
        }
    }

    pub(super) fn of(intended: Intended, cluster: ClusterId) -> Self {
        let Intended {
            id,
            time,
            author,
            cluster: _,
            scope,
            read_at,
            challenge,
            kind,
            about,
            reason,
            grants,
            leases,
            changes,
        } = intended;
        Self {
            id: EntryId(id),
            time,
            author,
            cluster,
            scope,
            read_at,
            challenge,
            kind,
            about: about.map(EntryId),
            reason,
            grants,
            leases,
            recorded: changes,
            outcome: None,
        }
    }
}
