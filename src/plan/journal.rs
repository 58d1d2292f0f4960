//! Journal of plans: each is written down before its first transaction is made.
use super::{Confirmed, Outcome, Plan, Step, steps::steps};
use crate::failure::Failure;

/// Record of a change, before and after it is made.
pub trait Journal {
    /// Writes down the change that is about to be made, old values included, and returns when it is durable.
    ///
    /// # Errors
    /// [`Failure::JournalUnwritable`]; then nothing may be sent.
    fn intend(&mut self, plan: &Plan) -> Result<EntryId, Failure>;

    /// Writes down the outcome.
    ///
    /// # Errors
    /// [`Failure::JournalUnwritable`]; the change itself has been made by then.
    fn conclude(&mut self, entry: &EntryId, outcome: &Outcome) -> Result<(), Failure>;

    /// Returns the place where an operator finds the journal, or the reason why it is nowhere.
    fn place(&self) -> String;
}

/// Name of one entry of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EntryId(pub String);

/// A confirmed plan that is in the journal. Only this yields [`Step`]s, and a writer takes nothing else, so a
/// change that was not journalled first cannot be written.
///
/// ```compile_fail
/// fn skip(confirmed: coredeck::plan::Confirmed) -> Vec<coredeck::plan::Step> {
///     coredeck::plan::steps(confirmed.plan())
/// }
/// ```
#[derive(Debug)]
pub struct Journalled {
    confirmed: Confirmed,
    entry: EntryId,
}

impl Confirmed {
    /// Journals the plan.
    ///
    /// # Errors
    /// [`Failure::JournalUnwritable`]: nothing was sent.
    pub fn journal(self, journal: &mut impl Journal) -> Result<Journalled, Failure> {
        let entry = journal.intend(self.plan())?;
        Ok(Journalled { confirmed: self, entry })
    }
}

impl Journalled {
    #[must_use]
    pub fn plan(&self) -> &Plan {
        self.confirmed.plan()
    }

    #[must_use]
    pub fn entry(&self) -> &EntryId {
        &self.entry
    }

    /// Returns the transactions to make, in order.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        steps(self.plan())
    }
}
