//! Revision up to which the deck has seen the scope, the moment for which it is known to be true, and the time of the
//! next list.
use super::intervals::Intervals;
use crate::{
    keys::{KeyValue, Revision, ScopedKey},
    store::Event,
};
use jiff::Timestamp;
use std::time::Duration;
use tokio::time::Instant;

/// The pause after a list that failed: at once it would fail again.
pub(super) const AUDIT_AGAIN: Duration = Duration::from_secs(30);
/// The shortest pause between two lists, if the second is wanted soon.
pub(super) const SOON_AGAIN: Duration = Duration::from_secs(60);
/// The pause after a list, in durations of that list, if another one is wanted soon.
const LEFT_ALONE: u32 = 50;

/// A moment, by the clock on the wall and by one that never jumps.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClockMoment {
    pub(super) at: Timestamp,
    pub(super) when: Instant,
}

impl ClockMoment {
    pub(super) fn now() -> Self {
        Self { at: Timestamp::now(), when: Instant::now() }
    }
}

/// Latest change of the scope: the key, and its `mod_revision` if it was not deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Youngest {
    pub(super) key: ScopedKey,
    written: Option<Revision>,
}

impl Youngest {
    /// Returns the later one of a page of a list and of the known one.
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

    /// Tells whether the key, read at a revision that was seen, is as it was then.
    pub(super) fn is_in(&self, records: &[KeyValue]) -> bool {
        let found = records.iter().find(|record| record.key == self.key);
        found.map(|record| record.mod_revision) == self.written
    }
}

/// Revision up to which the deck has seen everything.
#[derive(Clone, Debug)]
pub(super) struct SeenRevision {
    pub(super) revision: Revision,
    /// The revision of the list, or of the last change after it. A watch goes on from here: before 3.4.25 and 3.5.8 etcd
    /// answers a question for the progress of a watch with its own revision, before it has told all changes up to there
    /// (etcd-io/etcd#15220).
    pub(super) changed: Revision,
    pub(super) youngest: Option<Youngest>,
    /// The moment for which the picture is known to be true.
    pub(super) true_at: ClockMoment,
    /// The time at which the scope is read again in any case. A watch that goes on does not move it.
    pub(super) audit: Instant,
    listed: Instant,
    /// The duration of that list.
    took: Duration,
}

impl SeenRevision {
    /// Makes it from a list that began at this moment and is complete now.
    pub(super) fn listed(
        revision: Revision,
        youngest: Option<Youngest>,
        begun: ClockMoment,
        intervals: &Intervals,
    ) -> Self {
        let listed = Instant::now();
        Self {
            revision,
            changed: revision,
            youngest,
            true_at: begun,
            audit: listed + intervals.audit,
            listed,
            took: begun.when.elapsed(),
        }
    }

    /// Sets the next list after one that failed just now.
    pub(super) fn not_listed(self) -> Self {
        Self { audit: Instant::now() + AUDIT_AGAIN, ..self }
    }

    pub(super) fn take(&mut self, revision: Revision, events: &[Event]) {
        self.revision = self.revision.max(revision);
        if let Some(last) = events.last() {
            self.changed = self.changed.max(revision);
            let written = match last {
                Event::Put(record) => Some(record.mod_revision),
                Event::Delete { .. } => None,
            };
            self.youngest = Some(Youngest { key: last.key().clone(), written });
        }
    }

    /// Asks for another list soon, but not at once after the last: something may have happened that no watch tells.
    pub(super) fn audit_soon(&mut self) {
        self.audit = self.audit.min(self.listed + SOON_AGAIN.max(self.took * LEFT_ALONE));
    }

    /// Returns the time for which a picture that is only read is left as it is.
    pub(super) fn good_for(&self, silence: Duration) -> Duration {
        silence.max(self.took * LEFT_ALONE)
    }
}
