//! The journal: what was intended, with the old values, on disk before the first byte is sent (promise P5).
//!
//! One file of JSON lines, readable by its owner only. Each plan leaves two lines: `intended`, which holds all
//! that an exact undo needs, and `concluded`, which says what became of it. Bytes that are no harmless text are
//! written in their spelling ([`keys::spelling`](crate::keys::spelling)), so the file can be looked at with
//! `cat`. The journal holds records and names of people, never a password or a key file.

mod author;
mod disk;
mod entry;
mod file;
mod files;
mod ledger;
mod line;
mod memory;
mod past;
mod skim;
#[cfg(test)]
mod tests;

pub use author::Author;
pub use entry::{Entry, Heading, Log, Unreadable};
pub use file::FileJournal;
pub use ledger::{Contents, Ledger, NoEntry};
pub use line::{
    NotReadBack, RecordedBytes, RecordedChange, RecordedGrant, RecordedKey, RecordedLease, RecordedOutcome,
};
pub use memory::MemoryJournal;
