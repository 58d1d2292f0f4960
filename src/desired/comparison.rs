use crate::{
    exchange::FileRecord,
    keys::{KeyValue, ScopedKey},
};
use std::fmt;

/// Differences between the stored records and the wanted ones. Each part is in key order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    pub creates: Vec<FileRecord>,
    pub updates: Vec<ValueUpdate>,
    pub moves: Vec<Relocated>,
    pub deletes: Vec<KeyValue>,
    /// Records that differ from the wanted ones and stay all the same.
    pub untouched: Vec<Untouched>,
    /// Number of records that are as they are wanted.
    pub same: usize,
}

/// A record that is to hold another value. It keeps its lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueUpdate {
    pub before: KeyValue,
    pub value: Box<[u8]>,
}

/// A record that moves to another key, because a new record would hide it at this one. It keeps its lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relocated {
    pub before: KeyValue,
    pub to: ScopedKey,
    /// Value at the new key: the same, or another that it is to hold.
    pub value: Box<[u8]>,
}

impl Relocated {
    /// Tells whether it moves with the same value.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.before.value == self.value
    }
}

/// A record that is left as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untouched {
    pub record: KeyValue,
    pub why: LeftAlone,
}

/// Reason why a record is left as it is, though it is not as it is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftAlone {
    /// It belongs to external-dns, which would undo the change; with a sentence that says so. The text may hold
    /// anything: show it escaped.
    Managed(String),
    /// Nobody wants it, and `--prune` was not given.
    NotPruned,
    /// Only its lease differs. No put gives it a lease without making it another record.
    Lease,
    /// It lies where the file says nothing.
    Elsewhere,
    /// It serves nothing that a zone file could say.
    NotServed,
}

impl Comparison {
    /// Tells whether nothing has to be changed: each record is as it is wanted, or left alone.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.creates.is_empty() && self.updates.is_empty() && self.moves.is_empty() && self.deletes.is_empty()
    }
}

impl fmt::Display for LeftAlone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Managed(how) => f.write_str(how),
            Self::NotPruned => f.write_str("it is not wanted, and --prune was not given"),
            Self::Lease => f.write_str("a lease is wanted; delete the record and add it anew to give it one"),
            Self::NotServed => f.write_str("it serves nothing that a zone file could want or not want"),
            Self::Elsewhere => f.write_str("the file says nothing of this place"),
        }
    }
}
