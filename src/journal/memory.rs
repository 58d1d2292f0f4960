use super::{
    Author, JournalEntry, Ledger,
    file::new_id,
    line::{Intended, RecordedChange, RecordedOutcome},
};
use crate::{
    failure::Failure,
    keys::Scope,
    plan::{EntryId, Journal, Outcome, Plan},
};
use std::sync::{Arc, Mutex, PoisonError};

/// A journal that ends with the session, for `--demo`.
#[derive(Debug)]
pub struct MemoryJournal {
    scope: Scope,
    author: Author,
    entries: Arc<Mutex<Vec<JournalEntry>>>,
}

impl MemoryJournal {
    #[must_use]
    pub fn new(scope: Scope, author: Author) -> Self {
        Self { scope, author, entries: Arc::default() }
    }

    /// Returns the journal's present and future entries.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        Ledger::in_memory(Arc::clone(&self.entries))
    }
}

impl Journal for MemoryJournal {
    fn intend(&mut self, plan: &Plan) -> Result<EntryId, Failure> {
        let now = jiff::Timestamp::now();
        let id = new_id(now);
        let changes = plan.changes().iter().map(RecordedChange::of).collect();
        let intended = Intended::of(plan, changes, &id, now, &self.scope, &self.author);
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.push(JournalEntry::of(intended, plan.cluster()));
        Ok(id)
    }

    fn conclude(&mut self, entry: &EntryId, outcome: &Outcome) -> Result<(), Failure> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.iter_mut().find(|intended| intended.id == *entry) {
            entry.outcome = Some(RecordedOutcome::of(outcome));
        }
        Ok(())
    }

    fn place(&self) -> String {
        "in memory (demo): nothing is kept".to_owned()
    }
}
