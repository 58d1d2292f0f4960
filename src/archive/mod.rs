//! Archive: records in a file, written by a backup and a rescue, and read by a restore.
//!
//! It is a gzip file of JSON lines, so that `zcat` shows it: a heading, a line for each key in key order, among them
//! lines for their leases, and a closing line with counts and the SHA-256 of all lines before it. The text is printable
//! ASCII. A key or value stands there as text; one that is not UTF-8 is given in Base64 (`key_base64`, `value_base64`),
//! so that every byte comes back. Writing and reading go line by line: a million records need no more memory than a
//! thousand.

mod ascii;
mod catalogue;
mod error;
mod format;
mod keep;
mod place;
mod read;
mod save;
mod shrinkage;
mod way_back;
mod write;

pub use catalogue::{Archived, Catalogue};
pub use error::ArchiveError;
pub use format::{ArchiveHeading, ArchiveKind, FORMAT, SavedLease, VERSION};
pub use keep::{Pruned, Whole, newest, prune};
pub use place::{backups, fresh, fresh_of, other_backups, rescued};
pub use read::{ArchiveReader, LineContent, VerifiedArchive, verify};
pub use save::{SaveError, SaveRequest, Saved, save};
pub use shrinkage::Shrinkage;
pub use way_back::{WayBack, WayBackError, way_back};
pub use write::{ArchiveWriter, WrittenArchive};

#[cfg(test)]
mod tests;
