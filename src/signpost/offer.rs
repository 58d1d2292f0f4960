//! Offers: places from which records can be put back.
use crate::{keys::Revision, plan::EntryId};
use jiff::Timestamp;
use std::path::PathBuf;

/// Place where records are saved.
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
    /// Returns one word for it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Backup(_) => "backup",
            Self::Rescue(_) => "rescue",
            Self::Journal => "journal",
            Self::Entry(_) => "change",
        }
    }

    /// Returns the file, or the name that stands for one.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Backup(file) | Self::Rescue(file) => file.display().to_string(),
            Self::Journal => "what this machine's journal wrote last".to_owned(),
            Self::Entry(entry) => entry.0.clone(),
        }
    }
}

/// Place of records, with the keys that it would bring back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoveryOffer {
    pub place: SavedIn,
    /// The time at which it was saved; for the journal, the time of its last write.
    pub time: Timestamp,
    /// The revision of its newest part.
    pub revision: Revision,
    /// The number of its keys of the scope, or of the part that was asked about; `None` if that was not read.
    pub keys: Option<u64>,
    pub brings: Brings,
}

/// Keys that a place would bring back, compared with the keys now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Brings {
    Compared {
        away: u64,
        differing: u64,
    },
    /// Not compared, with the reason.
    Unknown(String),
}

impl RecoveryOffer {
    /// Tells whether it may have keys to put back.
    #[must_use]
    pub fn has_some(&self) -> bool {
        self.keys != Some(0)
    }

    /// Returns the number of keys whose value it would change, if that is asked for; none if it is not known.
    #[must_use]
    pub fn differing(&self) -> Option<u64> {
        match self.brings {
            Brings::Compared { differing, .. } => Some(differing),
            Brings::Unknown(_) => None,
        }
    }

    /// Returns the number of keys that it would create; none if it is not known.
    #[must_use]
    pub fn away(&self) -> Option<u64> {
        match self.brings {
            Brings::Compared { away, .. } => Some(away),
            Brings::Unknown(_) => None,
        }
    }
}
