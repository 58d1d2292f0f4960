//! What takes a change back. Proved here, and what an undo will be made of; nothing in the program calls it yet.
use super::Change;
use crate::keys::{KeyValue, ScopedKey};

impl Change {
    /// The change that takes this one back, guarded by the keys as they are `now`. `None` when a key is not as
    /// this change left it, because somebody else has written since.
    ///
    /// A key that comes back is a new key for etcd: its create revision and version start again, and a lease
    /// that has ended cannot be revived.
    pub fn inverse(&self, now: impl Fn(&ScopedKey) -> Option<KeyValue>) -> Option<Self> {
        match self {
            Self::Create { key, value, .. } => {
                let is = now(key)?;
                (is.value == *value && is.version == 1).then_some(Self::Delete { before: is })
            }
            Self::Update { before, value } => {
                let is = now(&before.key)?;
                (is.value == *value).then(|| Self::Update { before: is, value: before.value.clone() })
            }
            Self::Delete { before } => now(&before.key).is_none().then(|| Self::Create {
                key: before.key.clone(),
                value: before.value.clone(),
                lease: before.lease,
            }),
            Self::Move { before, to } => {
                let is = now(to)?;
                (is.value == before.value && now(&before.key).is_none())
                    .then(|| Self::Move { before: is, to: before.key.clone() })
            }
        }
    }
}
