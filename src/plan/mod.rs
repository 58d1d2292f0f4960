//! Plan of a change: its exact effect, and proof that a person agreed to exactly that. Pure.
//!
//! ```text
//! Intent -> Wants -> Gathered -> Plan -> Confirmed -> Journalled -> Step… -> Outcome
//!           (read at one revision)     (typed)      (on disk)
//! ```

mod challenge;
mod change;
mod confirm;
mod error;
mod grant;
mod intent;
mod journal;
mod outcome;
mod purpose;
mod put_back;
mod reach;
mod restore;
mod resume;
mod steps;
mod tally;
mod threshold;
mod undo;
mod verdict;
mod wish;

pub use challenge::Challenge;
pub use change::Change;
pub use confirm::{Confirmed, Mismatch, Plan, Unconfirmed};
pub use error::{Conflict, PlanError};
pub use grant::LeaseGrant;
pub use intent::{DeletedKeys, Gathered, Intent, ListedName, OwnRecord, RecordPlace, Wants};
pub use journal::{EntryId, Journal, Journalled};
pub use outcome::Outcome;
pub use purpose::PlanPurpose;
pub use put_back::{PutBack, PutBackChoices, PutBackError};
pub use reach::KeySelection;
pub use restore::{Restore, RestoreError, SavedKey};
pub use resume::{Resume, ResumeItem, ResumeState};
pub use steps::{Fence, Guard, LeaseUse, MAX_BYTES, MAX_OPERATIONS, Operation, ShownPart, Step};
pub use tally::ChangeTally;
pub use threshold::{Surroundings, Threshold, ZoneKeys};
pub use undo::{
    GoneLease, LeaseChoice, MadeChanges, Past, Since, Undo, UndoChoices, UndoConflict, UndoError, UndoItem,
    UndoStatus,
};
pub use verdict::MadeVerdict;
pub use wish::KeyEdit;

/// Most keys that a fence may cover: a range compare costs etcd about 1 µs per key while nobody else can
/// write (measured on 3.4.23 and 3.5.30), so this is 10 ms.
pub const MAX_FENCED: usize = 10_000;

#[cfg(test)]
mod tests;
