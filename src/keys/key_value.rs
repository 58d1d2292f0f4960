use super::ScopedKey;
use std::fmt;

/// A revision of etcd's store: 1 for an empty store, one more for each transaction that changed something.
/// As a key's `mod_revision`, 0 means that the key does not exist.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Revision(pub i64);

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Id of an etcd lease; never 0, which etcd uses for "no lease". Shown as 16 hexadecimal digits, as etcdctl
/// does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeaseId(i64);

impl LeaseId {
    /// Takes an id; `None` for 0, which is etcd's "no lease".
    #[must_use]
    pub const fn new(id: i64) -> Option<Self> {
        if id == 0 { None } else { Some(Self(id)) }
    }

    /// Returns the id as etcd has it.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for LeaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// One key of the scope with all that etcd knows of it.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyValue {
    pub key: ScopedKey,
    /// The value's bytes; for CoreDNS a JSON object, but etcd stores anything.
    pub value: Box<[u8]>,
    /// The revision of this key's creation.
    pub create_revision: Revision,
    /// The revision of this key's last write. Every change is guarded by it.
    pub mod_revision: Revision,
    /// Writes since the creation, from 1.
    pub version: i64,
    /// The lease that will delete the key when it ends.
    pub lease: Option<LeaseId>,
}

impl fmt::Debug for KeyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{} {:?}", self.key, self.mod_revision, super::spelling::spell(&self.value))
    }
}
