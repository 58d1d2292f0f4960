//! Undo of an entry of the journal: tells which changes can be taken back, are back already, or were written over
//! since. An undo is a plan like any other, and is journalled as one, so that it can be taken back itself.
mod fate;
mod past;

pub use fate::{Since, UndoConflict, UndoItem, UndoStatus};
pub(in crate::plan) use past::ChangeKnowledge;
pub use past::{MadeChanges, Past};

use super::{Challenge, EntryId, Intent, KeyEdit, LeaseGrant, PlanPurpose};
use crate::{
    keys::{KeyValue, LeaseId, ScopedKey},
    remedy::Remedy,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Fate of each change when an entry is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undo {
    entry: EntryId,
    undone_by: Option<EntryId>,
    /// Changes in the order in which they were made.
    items: Vec<UndoItem>,
    /// Remaining time of the leases when the entry was planned.
    remained: BTreeMap<LeaseId, Duration>,
    /// The leases that still live.
    living: BTreeSet<LeaseId>,
}

/// A lease that keys would come back with, and that has ended. etcd cannot revive it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GoneLease {
    pub lease: LeaseId,
    /// Number of keys that would come back with it.
    pub keys: usize,
    /// Time that it had still to live when its keys were changed, where that was recorded.
    pub remained: Option<Duration>,
}

/// Treatment of keys whose lease has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseChoice {
    /// They get a new one, for the remaining time of the old.
    New,
    /// They come back without one, and stay.
    Permanent,
    /// They do not come back.
    LeaveOut,
}

/// Choices that a person makes before an undo is a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UndoChoices {
    /// True if the rest is taken back, and the keys that somebody has written since are left.
    pub leave_conflicts: bool,
    /// Needed where a lease is [gone](Undo::gone).
    pub lease: Option<LeaseChoice>,
    /// Time that a new lease lives, instead of the remaining time of the old one.
    pub ttl: Option<Duration>,
}

/// Reason why there is nothing to plan yet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UndoError {
    #[error("{} was taken back already, by entry {}", .entry.0, .by.0)]
    UndoneAlready { entry: EntryId, by: EntryId },
    #[error("all keys of {} are as they were before it", .0.0)]
    NothingLeft(EntryId),
    #[error("nothing of {} was ever made, so nothing can be taken back", .0.0)]
    NeverMade(EntryId),
    #[error("nothing of {} is taken back: somebody has written {keys} of its keys since", .entry.0)]
    AllWritten { entry: EntryId, keys: usize },
    #[error("no key of {} comes back: {keys} of them had a lease that is gone, and are left out", .entry.0)]
    AllLeftOut { entry: EntryId, keys: usize },
    #[error("{0} of its changes cannot be taken back: somebody has written there since")]
    Conflicts(usize),
    #[error("{0} of its keys were to end with a lease that is gone")]
    LeaseGone(usize),
    #[error("how long lease {0} had still to live was not recorded")]
    RemainderUnknown(LeaseId),
}

impl Undo {
    /// Works out the fate of each change of `past`. `later` are the entries of the same scope after it, oldest first,
    /// so that this journal's own changes are not taken for somebody else's. `now` gives a key as it is.
    ///
    /// Every lease counts as gone until it is known to [live](Self::with_living).
    #[must_use]
    pub fn of<'n>(past: &Past, later: &[Past], now: impl Fn(&ScopedKey) -> Option<&'n KeyValue>) -> Self {
        let writers = fate::Writers::of(past, later);
        let item = |change: &super::Change| UndoItem {
            change: change.clone(),
            fate: UndoStatus::of(change, &writers, |key| now(key)),
        };
        Self {
            entry: past.entry.clone(),
            undone_by: past::undone_by(&past.entry, later).cloned(),
            items: past.changes.iter().map(item).collect(),
            remained: past.leases.clone(),
            living: BTreeSet::new(),
        }
    }

    /// Returns every change of the entry, in the order in which they were made.
    #[must_use]
    pub fn items(&self) -> &[UndoItem] {
        &self.items
    }

    #[must_use]
    pub fn entry(&self) -> &EntryId {
        &self.entry
    }

    /// Returns the entry that took it back, if one did and was not taken back itself.
    #[must_use]
    pub fn undone_by(&self) -> Option<&EntryId> {
        self.undone_by.as_ref()
    }

    /// Returns the keys that somebody has written since.
    pub fn conflicts(&self) -> impl Iterator<Item = &UndoConflict> {
        self.items.iter().filter_map(|item| match &item.fate {
            UndoStatus::Conflict(clash) => Some(&**clash),
            UndoStatus::Open(_) | UndoStatus::Back | UndoStatus::NeverMade => None,
        })
    }

    /// Returns the leases that keys would come back with, which have to be asked for.
    #[must_use]
    pub fn leases(&self) -> BTreeSet<LeaseId> {
        self.wishes().filter_map(lease_of).collect()
    }

    /// Adds which of its leases still live.
    #[must_use]
    pub fn with_living(self, living: BTreeSet<LeaseId>) -> Self {
        Self { living, ..self }
    }

    /// Returns the leases that keys would come back with, and that are gone.
    #[must_use]
    pub fn gone(&self) -> Vec<GoneLease> {
        let mut keys: BTreeMap<LeaseId, usize> = BTreeMap::new();
        for lease in self.wishes().filter_map(lease_of).filter(|lease| !self.living.contains(lease)) {
            *keys.entry(lease).or_default() += 1;
        }
        let gone = |(lease, keys)| GoneLease { lease, keys, remained: self.remained.get(&lease).copied() };
        keys.into_iter().map(gone).collect()
    }

    /// Turns the undo into an intent. Where new leases are chosen, one is made for each that is gone, so that keys
    /// which would have ended together do so again.
    ///
    /// # Errors
    /// [`UndoError`] while there is nothing to take back, or a person has to decide something first.
    pub fn intent(&self, choices: UndoChoices) -> Result<Intent, UndoError> {
        if let Some(by) = self.undone_by.clone()
            && self.wishes().next().is_none()
        {
            return Err(UndoError::UndoneAlready { entry: self.entry.clone(), by });
        }
        let conflicts = self.conflicts().count();
        if conflicts > 0 && !choices.leave_conflicts {
            return Err(UndoError::Conflicts(conflicts));
        }
        let mut instead: BTreeMap<LeaseId, LeaseGrant> = BTreeMap::new();
        let gone = self.gone();
        match choices.lease {
            None if !gone.is_empty() => {
                return Err(UndoError::LeaseGone(gone.iter().map(|gone| gone.keys).sum()));
            }
            Some(LeaseChoice::New) => {
                for GoneLease { lease, remained, .. } in gone {
                    let ttl = choices.ttl.or(remained).ok_or(UndoError::RemainderUnknown(lease))?;
                    instead.insert(lease, LeaseGrant::new(ttl));
                }
            }
            Some(LeaseChoice::Permanent | LeaseChoice::LeaveOut) | None => {}
        }
        let renewed = |wish: &KeyEdit| match wish {
            KeyEdit::Create { key, value, lease: Some(lease) } if !self.living.contains(lease) => {
                let lease = instead.get(lease).map(|grant| grant.lease);
                let leave_out = choices.lease == Some(LeaseChoice::LeaveOut);
                (!leave_out).then(|| KeyEdit::Create { key: key.clone(), value: value.clone(), lease })
            }
            KeyEdit::Create { .. }
            | KeyEdit::Update { .. }
            | KeyEdit::Delete { .. }
            | KeyEdit::Move { .. } => Some(wish.clone()),
        };
        // The last change is taken back first.
        let wishes: Vec<KeyEdit> = self.wishes().rev().filter_map(renewed).collect();
        let Some(challenge) = Challenge::covering(self.items.iter().flat_map(|item| item.change.keys()))
            .filter(|_| !wishes.is_empty())
        else {
            return Err(self.nothing(conflicts));
        };
        Ok(Intent::Bulk {
            listed: None,
            purpose: PlanPurpose::Undo(self.entry.clone()),
            challenge,
            wishes,
            grants: instead.into_values().collect(),
        })
    }

    /// Tells why no key would be written, the worst reason first: a failed change is never told as done.
    fn nothing(&self, conflicts: usize) -> UndoError {
        let entry = self.entry.clone();
        let left_out = self.wishes().count();
        if conflicts > 0 {
            UndoError::AllWritten { entry, keys: conflicts }
        } else if left_out > 0 {
            UndoError::AllLeftOut { entry, keys: left_out }
        } else if self.items.iter().all(|item| item.fate == UndoStatus::NeverMade) {
            UndoError::NeverMade(entry)
        } else {
            UndoError::NothingLeft(entry)
        }
    }

    fn wishes(&self) -> impl DoubleEndedIterator<Item = &KeyEdit> {
        self.items.iter().filter_map(|item| match &item.fate {
            UndoStatus::Open(wish) => Some(wish),
            UndoStatus::Back | UndoStatus::NeverMade | UndoStatus::Conflict(_) => None,
        })
    }
}

fn lease_of(wish: &KeyEdit) -> Option<LeaseId> {
    match wish {
        KeyEdit::Create { lease, .. } => *lease,
        KeyEdit::Update { .. } | KeyEdit::Delete { .. } | KeyEdit::Move { .. } => None,
    }
}

impl Remedy for UndoError {
    fn remedy(&self) -> String {
        match self {
            Self::UndoneAlready { .. } => "Undo that entry to have the change again.",
            Self::NothingLeft(_) => "Nothing is left to do.",
            Self::NeverMade(_) => "Look at the entry with coredeck log: it says what became of it.",
            Self::AllWritten { .. } => {
                "Look at each of them: what they hold now stays, and is changed by hand if it should be."
            }
            Self::AllLeftOut { .. } => "Choose a new lease, or none, to have them back.",
            Self::Conflicts(_) => "Look at each of them; the rest can be taken back without them.",
            Self::LeaseGone(_) => {
                "Say what they get instead: a new lease for what remained, none, or nothing."
            }
            Self::RemainderUnknown(_) => {
                "Say how long a new one lives, bring its keys back without one, or leave them out."
            }
        }
        .to_owned()
    }
}

#[cfg(test)]
mod tests;
