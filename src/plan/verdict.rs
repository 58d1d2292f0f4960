//! Verdict on a change, read from its keys: for a reply that was lost, a program that was stopped, and an undo.
use super::Change;
use crate::keys::{KeyValue, LeaseId, ScopedKey};

/// Result of reading the keys of changes that may or may not have been made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MadeVerdict {
    Happened,
    /// Every key is as it was before.
    DidNot,
    /// Some key is neither: somebody else has written as well.
    Unclear,
}

impl MadeVerdict {
    /// Judges several changes that were made together or not at all.
    #[must_use]
    pub fn of_all(verdicts: impl IntoIterator<Item = Self>) -> Self {
        let together = |all: Option<Self>, one: Self| match all {
            None => Some(one),
            Some(all) if all == one => Some(all),
            Some(_) => Some(Self::Unclear),
        };
        verdicts.into_iter().fold(None, together).unwrap_or(Self::Unclear)
    }
}

impl Change {
    /// Judges the change by its keys alone. `now` gives a key as it is.
    #[must_use]
    pub fn verdict<'n>(&self, now: impl Fn(&ScopedKey) -> Option<&'n KeyValue>) -> MadeVerdict {
        let happened = self.keys().all(|key| self.has_left(key, now(key)));
        let did_not = self.keys().all(|key| self.has_not_touched(key, now(key)));
        match (happened, did_not) {
            (true, false) => MadeVerdict::Happened,
            (false, true) => MadeVerdict::DidNot,
            (true, true) | (false, false) => MadeVerdict::Unclear,
        }
    }

    /// Tells whether `is` is exactly the record that this change makes of `key`, and nobody has written there since.
    /// A key that was deleted and made again with the same value and lease looks the same; its `create_revision`
    /// tells.
    #[must_use]
    pub fn has_left(&self, key: &ScopedKey, is: Option<&KeyValue>) -> bool {
        let new = |value: &[u8], lease: Option<LeaseId>| {
            is.is_some_and(|is| *is.value == *value && is.version == 1 && is.lease == lease)
        };
        match self {
            Self::Create { value, lease, .. } => new(value, *lease),
            Self::Update { before, value } => is.is_some_and(|is| {
                is.value == *value
                    && is.version == before.version.saturating_add(1)
                    && is.create_revision == before.create_revision
            }),
            Self::Move { before, to } if to == key => new(&before.value, before.lease),
            Self::Move { .. } | Self::Delete { .. } => is.is_none(),
        }
    }

    /// Tells whether `is` is the record that stood at `key` when this change was shown.
    fn has_not_touched(&self, key: &ScopedKey, is: Option<&KeyValue>) -> bool {
        match self.before_at(key) {
            Some(before) => is == Some(before),
            None => is.is_none(),
        }
    }

    /// Returns the record that stood at one of its keys when it was shown.
    #[must_use]
    pub fn before_at(&self, key: &ScopedKey) -> Option<&KeyValue> {
        self.before().filter(|before| before.key == *key)
    }
}
