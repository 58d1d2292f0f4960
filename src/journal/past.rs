//! An entry as what an undo is worked out from.
use super::{Entry, Log, NotReadBack, RecordedLease, RecordedOutcome};
use crate::{
    keys::{KeyError, Scope, ScopedKey},
    plan::{EntryId, Made, Past, Purpose},
};
use std::collections::BTreeSet;

impl Entry {
    /// The entry with its keys and values as they are in `scope`.
    ///
    /// # Errors
    /// [`NotReadBack`], for an entry of another scope and for lines that were changed by hand.
    pub fn past(&self, scope: &Scope) -> Result<Past, NotReadBack> {
        let undo = Purpose::Undo(self.id.clone());
        Ok(Past {
            entry: self.id.clone(),
            undoes: self.about.clone().filter(|_| self.kind == undo.word()),
            challenge: self.challenge.clone(),
            changes: self.changes(scope)?,
            made: self.made(scope)?,
            leases: self.leases.iter().map(RecordedLease::lease).collect::<Result<_, _>>()?,
        })
    }

    fn made(&self, scope: &Scope) -> Result<Made, NotReadBack> {
        let keys = |spelled: &[String]| {
            let keys = spelled.iter().map(|key| scope.spelled_key(key));
            keys.collect::<Result<BTreeSet<ScopedKey>, KeyError>>()
        };
        Ok(match &self.outcome {
            None => Made::Unknown,
            Some(RecordedOutcome::Done { revision, .. }) => Made::All { last: *revision },
            Some(RecordedOutcome::NothingChanged { .. }) => {
                Made::Some { done: BTreeSet::new(), unsure: BTreeSet::new() }
            }
            Some(RecordedOutcome::Partly { done, .. }) => {
                Made::Some { done: keys(done)?, unsure: BTreeSet::new() }
            }
            Some(RecordedOutcome::Unknown { done, unsure, .. }) => {
                Made::Some { done: keys(done)?, unsure: keys(unsure)? }
            }
        })
    }
}

impl Log {
    /// What was done in the same scope of the same cluster after an entry, oldest first. What cannot be read back is
    /// left out: what it wrote counts as somebody else's then, and is left alone.
    #[must_use]
    pub fn later(&self, entry: &EntryId, scope: &Scope) -> Vec<Past> {
        let Some(place) = self.entries.iter().position(|other| other.id == *entry) else { return vec![] };
        let (before, after) = self.entries.split_at(place + 1);
        let cluster = before.last().map(|entry| entry.cluster);
        let same = |other: &&Entry| Some(other.cluster) == cluster && other.scope == scope.as_str();
        after.iter().filter(same).filter_map(|other| other.past(scope).ok()).collect()
    }
}
