//! Journal: each intended change, with the old values, on disk before the first byte is sent (promise P5).
//!
//! It has files of JSON lines, readable by their owner only: the one that is written, and older ones that were put
//! away. Each plan leaves two lines: `intended`, which holds all that an exact undo needs, and `concluded`, which
//! holds the outcome. Bytes that are not harmless text are written in their spelling
//! ([`keys::spelling`](crate::keys::spelling)), so that `cat` can show the file. The journal holds records and names
//! of people, never a password or a key file.

mod author;
mod broken_off;
mod disk;
mod entry;
mod file;
mod files;
mod ledger;
mod line;
mod memory;
mod part;
mod past;
mod process;
mod rotate;
mod skim;
#[cfg(test)]
mod tests;

pub use author::Author;
pub use broken_off::broken_off_line;
pub use entry::{EntryHeading, JournalEntry, Log, Unreadable};
pub use file::FileJournal;
pub use ledger::{EntryError, JournalContents, Ledger};
pub use line::{
    ReadBackError, RecordedBytes, RecordedChange, RecordedGrant, RecordedKey, RecordedLease, RecordedOutcome,
};
pub use memory::MemoryJournal;
pub use part::KeyEffect;
pub use process::{Process, ProcessState};
