//! What the deck has seen of the scope, as of when that is known to be true, and when it is read again in any case.
use super::intervals::Intervals;
use crate::{
    keys::{KeyValue, Revision, ScopedKey},
    store::Event,
};
use jiff::Timestamp;
use std::time::Duration;
use tokio::time::Instant;

/// After a list that failed: at once it would fail again.
pub(super) const AUDIT_AGAIN: Duration = Duration::from_secs(30);
/// Between two lists of which the second is wanted soon, at least.
pub(super) const SOON_AGAIN: Duration = Duration::from_secs(60);
/// How many times as long as a list takes etcd is left alone after it, where another one is wanted soon.
const LEFT_ALONE: u32 = 50;

/// A moment, by the clock on the wall and by one that never jumps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) at: Timestamp,
    pub(super) when: Instant,
}

impl Moment {
    pub(super) fn now() -> Self {
        Self { at: Timestamp::now(), when: Instant::now() }
    }
}

/// The latest change of the scope: the key, and its `mod_revision` where it was not deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Youngest {
    pub(super) key: ScopedKey,
    written: Option<Revision>,
}

impl Youngest {
    /// The later one of a page of a list and of what is known already.
    pub(super) fn of(known: Option<Self>, records: &[KeyValue]) -> Option<Self> {
        let youngest = records.iter().max_by_key(|record| record.mod_revision);
        let written = youngest.map(|record| record.mod_revision);
        match (&known, youngest) {
            (Some(known), _) if known.written >= written => {}
            (_, Some(record)) => return Some(Self { key: record.key.clone(), written }),
            (_, None) => {}
        }
        known
    }

    /// Whether the key, read at a revision that was seen, is what it was then.
    pub(super) fn is_in(&self, records: &[KeyValue]) -> bool {
        let found = records.iter().find(|record| record.key == self.key);
        found.map(|record| record.mod_revision) == self.written
    }
}

/// Up to where the deck has seen everything.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) revision: Revision,
    pub(super) youngest: Option<Youngest>,
    /// The picture is known to have been true then.
    pub(super) true_at: Moment,
    /// When the scope is read again in any case. A watch that is gone on with puts it off no further.
    pub(super) audit: Instant,
    listed: Instant,
    /// How long that list took.
    took: Duration,
}

impl Seen {
    /// By a list that was begun at this moment and is complete now.
    pub(super) fn listed(
        revision: Revision,
        youngest: Option<Youngest>,
        begun: Moment,
        intervals: &Intervals,
    ) -> Self {
        let listed = Instant::now();
        Self {
            revision,
            youngest,
            true_at: begun,
            audit: listed + intervals.audit,
            listed,
            took: begun.when.elapsed(),
        }
    }

    /// With a list that failed just now.
    pub(super) fn not_listed(self) -> Self {
        Self { audit: Instant::now() + AUDIT_AGAIN, ..self }
    }

    pub(super) fn take(&mut self, revision: Revision, events: &[Event]) {
        self.revision = self.revision.max(revision);
        if let Some(last) = events.last() {
            let written = match last {
                Event::Put(record) => Some(record.mod_revision),
                Event::Delete { .. } => None,
            };
            self.youngest = Some(Youngest { key: last.key().clone(), written });
        }
    }

    /// Something may have happened that no watch tells: another list is wanted soon, but not one after the other.
    pub(super) fn audit_soon(&mut self) {
        self.audit = self.audit.min(self.listed + SOON_AGAIN.max(self.took * LEFT_ALONE));
    }

    /// For how long a picture that is only read is left as it is.
    pub(super) fn good_for(&self, silence: Duration) -> Duration {
        silence.max(self.took * LEFT_ALONE)
    }
}
