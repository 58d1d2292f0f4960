use crate::keys::{KeyValue, LeaseId, ScopedKey};

/// One change of one key. It carries what was there when it was shown, because that is what is shown, what
/// guards the write, and what an undo needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Puts a key that must not exist.
    Create { key: ScopedKey, value: Box<[u8]>, lease: Option<LeaseId> },
    /// Puts another value over what was shown, and keeps the lease.
    Update { before: KeyValue, value: Box<[u8]> },
    /// Removes what was shown.
    Delete { before: KeyValue },
    /// Puts the same value and lease at a key that must not exist, and removes the old key, in one transaction.
    Move { before: KeyValue, to: ScopedKey },
}

impl Change {
    /// The key that the change is about; for a move, the key that is left.
    #[must_use]
    pub fn key(&self) -> &ScopedKey {
        match self {
            Self::Create { key, .. } => key,
            Self::Update { before, .. } | Self::Delete { before } | Self::Move { before, .. } => &before.key,
        }
    }

    /// Every key that it touches, the target of a move included.
    pub fn keys(&self) -> impl Iterator<Item = &ScopedKey> {
        let target = match self {
            Self::Move { to, .. } => Some(to),
            Self::Create { .. } | Self::Update { .. } | Self::Delete { .. } => None,
        };
        std::iter::once(self.key()).chain(target)
    }

    /// What was there when the change was shown.
    #[must_use]
    pub fn before(&self) -> Option<&KeyValue> {
        match self {
            Self::Create { .. } => None,
            Self::Update { before, .. } | Self::Delete { before } | Self::Move { before, .. } => Some(before),
        }
    }

    /// Whether a key does not hold afterwards what it held before: all but a creation. This is what thresholds count.
    #[must_use]
    pub fn replaces(&self) -> bool {
        !matches!(self, Self::Create { .. })
    }

    /// Whether a value is gone from etcd afterwards.
    #[must_use]
    pub fn destroys(&self) -> bool {
        matches!(self, Self::Delete { .. })
    }
}
