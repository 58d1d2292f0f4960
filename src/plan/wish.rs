//! Wish for one change, worked out from the stored records, as a part of a larger plan: a step of a fix, or the PTR
//! record that goes with an address.
use super::{Change, PlanError};
use crate::keys::{KeyValue, LeaseId, ScopedKey};
use std::collections::BTreeSet;

/// One wanted change, with the value that it was worked out from. A plan is made only while that value stands; the
/// write is guarded, as always, by the revision that was read for the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyEdit {
    /// Puts a key that must not exist.
    Create { key: ScopedKey, value: Box<[u8]>, lease: Option<LeaseId> },
    /// Puts another value over `before`, and keeps the lease.
    Update { key: ScopedKey, before: Box<[u8]>, value: Box<[u8]> },
    /// Removes the key, which holds `before`.
    Delete { key: ScopedKey, before: Box<[u8]> },
    /// Moves the record at `from`, with its lease, to a key that must not exist.
    Move { from: ScopedKey, to: ScopedKey },
}

impl KeyEdit {
    /// Returns the key that it is about; for a move, the key that is left.
    #[must_use]
    pub fn key(&self) -> &ScopedKey {
        match self {
            Self::Create { key, .. } | Self::Update { key, .. } | Self::Delete { key, .. } => key,
            Self::Move { from, .. } => from,
        }
    }

    /// Returns the key that it removes, unless it only moves it.
    pub(super) fn deleted(&self) -> Option<&ScopedKey> {
        if let Self::Delete { key, .. } = self { Some(key) } else { None }
    }

    /// Returns every key that it touches, the target of a move included.
    pub fn keys(&self) -> impl Iterator<Item = &ScopedKey> {
        let target = match self {
            Self::Move { to, .. } => Some(to),
            Self::Create { .. } | Self::Update { .. } | Self::Delete { .. } => None,
        };
        std::iter::once(self.key()).chain(target)
    }

    /// Turns it into a change of the record that was found now.
    ///
    /// # Errors
    /// [`PlanError::Exists`] for a key that must not, [`PlanError::SameValue`] for an update that is made already, and
    /// [`PlanError::Outdated`] where the value is not the one that the wish came from.
    pub(super) fn change(self, now: impl Fn(&ScopedKey) -> Option<KeyValue>) -> Result<Change, PlanError> {
        let as_it_was = |key: ScopedKey, before: &[u8]| match now(&key) {
            Some(is) if *is.value == *before => Ok(is),
            Some(_) | None => Err(PlanError::Outdated(key)),
        };
        let free = |key: ScopedKey| if now(&key).is_none() { Ok(key) } else { Err(PlanError::Exists(key)) };
        match self {
            Self::Create { key, value, lease } => Ok(Change::Create { key: free(key)?, value, lease }),
            Self::Update { key, value, .. } if now(&key).is_some_and(|is| is.value == value) => {
                Err(PlanError::SameValue(key))
            }
            Self::Update { key, before, value } => {
                Ok(Change::Update { before: as_it_was(key, &before)?, value })
            }
            Self::Delete { key, before } => Ok(Change::Delete { before: as_it_was(key, &before)? }),
            Self::Move { from, to } => match now(&from) {
                Some(before) => Ok(Change::Move { before, to: free(to)? }),
                None => Err(PlanError::Outdated(from)),
            },
        }
    }
}

/// Adds the wished changes behind those of a plan. A transaction of etcd takes a key only once, and the statement
/// of one change about a key would not hold after another.
///
/// # Errors
/// [`PlanError::Twice`] for a key that two changes are about, and those of [`KeyEdit::change`].
pub(super) fn append(
    mut changes: Vec<Change>,
    wishes: Vec<KeyEdit>,
    now: impl Fn(&ScopedKey) -> Option<KeyValue>,
) -> Result<Vec<Change>, PlanError> {
    for wish in wishes {
        changes.push(wish.change(&now)?);
    }
    let mut seen = BTreeSet::new();
    let twice = changes.iter().flat_map(Change::keys).find(|key| !seen.insert(*key)).cloned();
    twice.map_or(Ok(changes), |key| Err(PlanError::Twice(key)))
}
