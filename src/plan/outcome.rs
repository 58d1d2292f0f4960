use crate::{
    failure::Failure,
    keys::{Revision, ScopedKey},
    quantity::counted,
    remedy::Remedy,
};
use std::fmt;

/// Outcome of a confirmed plan. An unknown is never shown as a zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Not one key was changed.
    NothingChanged { why: Failure },
    /// One of several steps was refused. The rest can be planned again.
    Partly { done: Vec<ScopedKey>, total: usize, why: Failure },
    /// Everything was changed, at this revision (the last one, when there were several steps).
    Done { changed: usize, revision: Revision },
    /// A reply was lost, and reading did not tell the result either.
    Unknown { done: Vec<ScopedKey>, unsure: Vec<ScopedKey>, total: usize, why: Failure },
}

impl Outcome {
    /// One sentence, in the imperative, about what to do now. `None` where all is done.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        match self {
            Self::Done { .. } => None,
            Self::NothingChanged { why } | Self::Partly { why, .. } => Some(why.remedy()),
            Self::Unknown { .. } => {
                Some("Read again before trying anything twice: what was asked may have been done.".to_owned())
            }
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingChanged { why } => write!(f, "nothing was changed: {why}"),
            Self::Partly { done, total, why } => {
                write!(f, "stopped after {} of {}: {why}", done.len(), counted(*total, "key"))
            }
            Self::Done { changed, revision } => {
                write!(f, "{} changed at revision {revision}", counted(*changed, "key"))
            }
            Self::Unknown { done, unsure, total, why } => write!(
                f,
                "unknown: {} of {} are changed for certain, {} may be: {why}",
                done.len(),
                counted(*total, "key"),
                unsure.len()
            ),
        }
    }
}
