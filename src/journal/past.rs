//! Past: an entry in the form from which an undo is worked out.
use super::{JournalContents, JournalEntry, ReadBackError, RecordedLease, RecordedOutcome};
use crate::{
    failure::Failure,
    keys::{KeyError, Scope, ScopedKey},
    plan::{Change, MadeChanges, Past, PlanPurpose},
};
use std::collections::{BTreeSet, HashSet};

impl JournalEntry {
    /// Returns the entry with its keys and values as they are in `scope`.
    ///
    /// # Errors
    /// [`ReadBackError`], for an entry of another scope and for lines that were changed by hand.
    pub fn past(&self, scope: &Scope) -> Result<Past, ReadBackError> {
        if self.scope != scope.as_str() {
            return Err(ReadBackError::OtherScope { made_in: self.scope.clone(), here: scope.to_string() });
        }
        let undo = PlanPurpose::Undo(self.id.clone());
        Ok(Past {
            entry: self.id.clone(),
            undoes: self.about.clone().filter(|_| self.kind == undo.word()),
            cluster: self.cluster,
            changes: self.changes(scope)?,
            made: self.made(scope)?,
            leases: self.leases.iter().map(RecordedLease::lease).collect::<Result<_, _>>()?,
        })
    }

    fn made(&self, scope: &Scope) -> Result<MadeChanges, ReadBackError> {
        let keys = |spelled: &[String]| {
            let keys = spelled.iter().map(|key| scope.spelled_key(key));
            keys.collect::<Result<BTreeSet<ScopedKey>, KeyError>>()
        };
        Ok(match &self.outcome {
            None => MadeChanges::Unknown,
            Some(RecordedOutcome::Done { revision, .. }) => MadeChanges::All { last: *revision },
            Some(RecordedOutcome::NothingChanged { .. }) => {
                MadeChanges::Some { done: BTreeSet::new(), unsure: BTreeSet::new() }
            }
            Some(RecordedOutcome::Partly { done, .. }) => {
                MadeChanges::Some { done: keys(done)?, unsure: BTreeSet::new() }
            }
            Some(RecordedOutcome::Unknown { done, unsure, .. }) => {
                MadeChanges::Some { done: keys(done)?, unsure: keys(unsure)? }
            }
        })
    }
}

impl JournalContents {
    /// Reads the later entries in the same scope of the same cluster, as far as they concern the keys of `past`,
    /// oldest first. An entry that cannot be read back is left out: its writes count as somebody else's then, and
    /// are left alone. `number` is that of the entry's heading. Reads files: call it where blocking is allowed.
    ///
    /// # Errors
    /// [`Failure::JournalUnreadable`].
    pub fn later(&self, number: usize, past: &Past, scope: &Scope) -> Result<Vec<Past>, Failure> {
        let keys: HashSet<&ScopedKey> = past.changes.iter().flat_map(Change::keys).collect();
        let mut later = vec![];
        for (number, heading) in self.headings().iter().enumerate().skip(number.saturating_add(1)) {
            if heading.cluster != past.cluster || heading.scope != scope.as_str() {
                continue;
            }
            let Some(entry) = self.entry(number)? else { continue };
            if let Ok(mut other) = entry.past(scope) {
                other.changes.retain(|change| change.keys().any(|key| keys.contains(key)));
                later.push(other);
            }
        }
        Ok(later)
    }
}
