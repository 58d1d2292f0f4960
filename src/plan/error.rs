use crate::{
    keys::{KeyValue, ScopedKey},
    remedy::Remedy,
};

/// Reason why an intent became no plan. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    #[error("there is no record at {0}")]
    NotThere(ScopedKey),
    #[error("there is nothing at or below {0}/")]
    NothingBelow(ScopedKey),
    #[error("{0} exists already")]
    Exists(ScopedKey),
    #[error("{0} has exactly this value already")]
    SameValue(ScopedKey),
    #[error("{} was changed by somebody else at revision {}", .0.theirs.key, .0.theirs.mod_revision)]
    Changed(Box<Conflict>),
    #[error("{} was deleted by somebody else", .0.key)]
    Vanished(Box<KeyValue>),
    #[error("{0} is not any more what this was worked out from")]
    Outdated(ScopedKey),
    #[error("two parts of this change are about {0}")]
    Twice(ScopedKey),
    #[error("there is nothing to change")]
    NoChange,
    #[error("the key that this makes is outside the scope: {0}")]
    Outside(#[from] crate::keys::OutsideScopeError),
}

/// Two people edited the same value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The record that both started from.
    pub base: KeyValue,
    /// The record that is stored now.
    pub theirs: KeyValue,
    /// The value that was about to be saved.
    pub yours: Box<[u8]>,
}

impl Remedy for PlanError {
    fn remedy(&self) -> String {
        match self {
            Self::NotThere(_) => {
                "Take the key of a record; a name with all below it goes with D, or rm --recursive."
            }
            Self::NothingBelow(_) => "Check the name with tree.",
            Self::Exists(_) => "Edit that key instead, or take another leaf.",
            Self::SameValue(_) => "Nothing is left to do.",
            Self::NoChange => "Say what is to be changed.",
            Self::Changed(_) => "Compare their value with yours, then save again over theirs or keep it.",
            Self::Vanished(_) => "Add it again as a new record if it should still exist.",
            Self::Outdated(_) => {
                "Look at that key again: the change may be made already, or be wrong by now."
            }
            Self::Twice(_) => "Make the two changes one after the other.",
            Self::Outside(_) => "Give a key of the scope.",
        }
        .to_owned()
    }
}
