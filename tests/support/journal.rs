//! Journal that a test can look into.
use coredeck::{
    failure::Failure,
    plan::{EntryId, Journal, Outcome, Plan},
};

/// Journal of every intent, with its outcome.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    pub entries: Vec<(Plan, Option<Outcome>)>,
    /// Refuses every entry, as a full disk does.
    pub full: bool,
}

impl MemoryJournal {
    fn check(&self) -> Result<(), Failure> {
        if self.full {
            return Err(Failure::JournalUnwritable { reason: "no space left on device".into() });
        }
        Ok(())
    }
}

impl Journal for MemoryJournal {
    fn intend(&mut self, plan: &Plan) -> Result<EntryId, Failure> {
        self.check()?;
        self.entries.push((plan.clone(), None));
        Ok(EntryId((self.entries.len() - 1).to_string()))
    }

    fn conclude(&mut self, entry: &EntryId, outcome: &Outcome) -> Result<(), Failure> {
        self.check()?;
        let number: usize = entry.0.parse().unwrap();
        self.entries[number].1 = Some(outcome.clone());
        Ok(())
    }

    fn place(&self) -> String {
        "the memory of this test".to_owned()
    }
}
