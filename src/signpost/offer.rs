//! Places from which records can be put back.
use crate::{keys::Revision, plan::EntryId};
use jiff::Timestamp;
use std::path::PathBuf;

/// Where records are saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SavedIn {
    Backup(PathBuf),
    Rescue(PathBuf),
    /// The last value that this machine's journal has written to each key.
    Journal,
    /// One change, which can be taken back.
    Entry(EntryId),
}

impl SavedIn {
    /// One word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Backup(_) => "backup",
            Self::Rescue(_) => "rescue",
            Self::Journal => "journal",
            Self::Entry(_) => "change",
        }
    }

    /// The file, or what stands for one.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Backup(file) | Self::Rescue(file) => file.display().to_string(),
            Self::Journal => "what this machine's journal wrote last".to_owned(),
            Self::Entry(entry) => entry.0.clone(),
        }
    }
}

/// One place, and what it would bring back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub place: SavedIn,
    /// When it was saved; of the journal, when its last key was written.
    pub time: Timestamp,
    /// All of it is of this revision, or of one before.
    pub revision: Revision,
    /// How many keys of the scope, or of the part that was asked about, it has; `None` where that was not read.
    pub keys: Option<u64>,
    pub brings: Brings,
}

/// What a place would bring back, beside what there is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Brings {
    Compared {
        away: u64,
        differing: u64,
    },
    /// It was not compared, and why.
    Unknown(String),
}

impl Offer {
    /// How many keys it would give another value, if that is asked for; none where that is not known.
    #[must_use]
    pub fn differing(&self) -> Option<u64> {
        match self.brings {
            Brings::Compared { differing, .. } => Some(differing),
            Brings::Unknown(_) => None,
        }
    }

    /// How many keys it would create; none where that is not known.
    #[must_use]
    pub fn away(&self) -> Option<u64> {
        match self.brings {
            Brings::Compared { away, .. } => Some(away),
            Brings::Unknown(_) => None,
        }
    }
}
