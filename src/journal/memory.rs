use super::file::new_id;
use crate::{
    failure::Failure,
    plan::{EntryId, Journal, Outcome, Plan},
};

/// A journal that ends with the session, for `--demo`.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    entries: Vec<(EntryId, Plan, Option<Outcome>)>,
}

impl MemoryJournal {
    /// What was intended, in order, and what became of it.
    #[must_use]
    pub fn entries(&self) -> &[(EntryId, Plan, Option<Outcome>)] {
        &self.entries
    }
}

impl Journal for MemoryJournal {
    fn intend(&mut self, plan: &Plan) -> Result<EntryId, Failure> {
        let id = new_id(jiff::Timestamp::now());
        self.entries.push((id.clone(), plan.clone(), None));
        Ok(id)
    }

    fn conclude(&mut self, entry: &EntryId, outcome: &Outcome) -> Result<(), Failure> {
        if let Some((_, _, concluded)) = self.entries.iter_mut().find(|(id, _, _)| id == entry) {
            *concluded = Some(outcome.clone());
        }
        Ok(())
    }

    fn place(&self) -> String {
        "in memory (demo): nothing is kept".to_owned()
    }
}
