use crate::keys::{KeyValue, LeaseId, ScopedKey};

/// One change of one key. It carries the record as it was shown, because that guards the write, and an undo needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Puts a key that must not exist.
    Create { key: ScopedKey, value: Box<[u8]>, lease: Option<LeaseId> },
    /// Puts another value over the record that was shown, and keeps the lease.
    Update { before: KeyValue, value: Box<[u8]> },
    /// Removes the record that was shown.
    Delete { before: KeyValue },
    /// Puts the same value and lease at a key that must not exist, and removes the old key, in one transaction.
    Move { before: KeyValue, to: ScopedKey },
}

impl Change {
    /// Returns the key that the change is about; for a move, the key that is left.
    #[must_use]
    pub fn key(&self) -> &ScopedKey {
        match self {
            Self::Create { key, .. } => key,
            Self::Update { before, .. } | Self::Delete { before } | Self::Move { before, .. } => &before.key,
        }
    }

    /// Returns every key that it touches, the target of a move included.
    pub fn keys(&self) -> impl Iterator<Item = &ScopedKey> {
        let target = match self {
            Self::Move { to, .. } => Some(to),
            Self::Create { .. } | Self::Update { .. } | Self::Delete { .. } => None,
        };
        std::iter::once(self.key()).chain(target)
    }

    /// Returns the record that was there when the change was shown.
    #[must_use]
    pub fn before(&self) -> Option<&KeyValue> {
        match self {
            Self::Create { .. } => None,
            Self::Update { before, .. } | Self::Delete { before } | Self::Move { before, .. } => Some(before),
        }
    }

    /// Tells whether a key loses the content that it had: true for all but a creation. Thresholds count these
    /// changes.
    #[must_use]
    pub fn replaces(&self) -> bool {
        !matches!(self, Self::Create { .. })
    }

    /// Tells whether a value is gone from etcd afterwards.
    #[must_use]
    pub fn destroys(&self) -> bool {
        matches!(self, Self::Delete { .. })
    }
}
