//! Comparison of a wanted state with the stored one: lists records to create, update and delete, and those left alone.
//! Pure.

mod by_key;
mod by_rrset;
mod comparison;
mod plan_file;
mod stale;

pub use by_key::by_key;
pub use by_rrset::{Treatment, WantedRecords, by_rrset};
pub use comparison::{Comparison, LeftAlone, Relocated, Untouched, ValueUpdate};
pub use plan_file::{DifferingAnswer, PlanFile, PlanFileError, PlannedKey, PlannedRecord};
pub use stale::{Moved, Stale};

#[cfg(test)]
mod tests;
