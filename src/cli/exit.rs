use crate::{failure::Failure, plan::Outcome, plan::PlanError};
use std::process::ExitCode;

/// Meaning of the exit code. Stable: scripts depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    Done = 0,
    Failed = 1,
    Usage = 2,
    /// etcd cannot be reached, or does not accept this credential.
    NotReached = 3,
    /// The change is refused: scope, read-only, not confirmed, threshold, wrong cluster.
    Refused = 4,
    /// A key has changed since it was shown.
    Conflict = 5,
    /// There are differences or findings.
    Findings = 6,
    /// The change is done partly, or its outcome is unknown.
    Unclear = 7,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<&Failure> for Exit {
    fn from(failure: &Failure) -> Self {
        if failure.is_connection() {
            Self::NotReached
        } else if matches!(failure, Failure::Conflict { .. } | Failure::WentBack { .. }) {
            Self::Conflict
        } else if matches!(failure, Failure::ReadOnly { .. } | Failure::WrongCluster { .. }) {
            Self::Refused
        } else if matches!(failure, Failure::BadSetting { .. }) {
            Self::Usage
        } else {
            Self::Failed
        }
    }
}

impl From<&PlanError> for Exit {
    fn from(nothing: &PlanError) -> Self {
        match nothing {
            PlanError::NotThere(_) | PlanError::NothingBelow(_) | PlanError::Twice(_) => Self::Failed,
            PlanError::Exists(_)
            | PlanError::Changed(_)
            | PlanError::Vanished(_)
            | PlanError::Outdated(_) => Self::Conflict,
            PlanError::Outside(_) => Self::Refused,
            // The state is as wanted.
            PlanError::SameValue(_) | PlanError::NoChange => Self::Done,
        }
    }
}

impl From<&Outcome> for Exit {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Done { .. } => Self::Done,
            Outcome::NothingChanged { why } => why.into(),
            Outcome::Partly { .. } | Outcome::Unknown { .. } => Self::Unclear,
        }
    }
}
