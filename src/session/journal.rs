//! Journal of a session, and the entries of earlier ones.
use super::SessionError;
use crate::{
    config::{ProcessEnvironment, Settings, state_directory},
    failure::Failure,
    journal::{Author, FileJournal, Ledger, MemoryJournal},
    plan::{EntryId, Journal, Outcome, Plan},
};

pub(super) fn author() -> Author {
    Author::of(|name| std::env::var(name).ok())
}

/// Returns the entries of earlier sessions, even if this one may not change anything. A demo has none.
///
/// # Errors
/// There is no state directory.
pub fn ledger(settings: &Settings) -> Result<Ledger, SessionError> {
    if settings.demo {
        return Ok(Ledger::default());
    }
    Ok(Ledger::in_directory(&state_directory(&ProcessEnvironment)?))
}

/// Returns the place of the journal, for a person.
///
/// # Errors
/// There is no state directory.
pub fn journal_place(settings: &Settings) -> Result<String, SessionError> {
    if settings.demo {
        return Ok("the demo keeps none".to_owned());
    }
    Ok(FileJournal::path_in(&state_directory(&ProcessEnvironment)?).display().to_string())
}

/// Journal of this session.
#[derive(Debug)]
pub enum SessionJournal {
    File(Box<FileJournal>),
    Memory(Box<MemoryJournal>),
    /// A session without a writer has none.
    None,
}

impl SessionJournal {
    /// Returns the readable part of it: the entries of all sessions, and this one's as they come.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        match self {
            Self::File(journal) => journal.ledger(),
            Self::Memory(journal) => journal.ledger(),
            Self::None => Ledger::default(),
        }
    }
}

impl Journal for SessionJournal {
    fn intend(&mut self, plan: &Plan) -> Result<EntryId, Failure> {
        match self {
            Self::File(journal) => journal.intend(plan),
            Self::Memory(journal) => journal.intend(plan),
            Self::None => Err(Failure::JournalUnwritable { reason: "this session has none".to_owned() }),
        }
    }

    fn conclude(&mut self, entry: &EntryId, outcome: &Outcome) -> Result<(), Failure> {
        match self {
            Self::File(journal) => journal.conclude(entry, outcome),
            Self::Memory(journal) => journal.conclude(entry, outcome),
            Self::None => Err(Failure::JournalUnwritable { reason: "this session has none".to_owned() }),
        }
    }

    fn place(&self) -> String {
        match self {
            Self::File(journal) => journal.place(),
            Self::Memory(journal) => journal.place(),
            Self::None => "nothing is changed, so nothing is written".to_owned(),
        }
    }
}
