use super::Challenge;
use crate::keys::{KeyRange, Scope, ScopedKey};

/// Keys that belong together: one key, a name with all below it, or the whole scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySelection {
    /// The key, or the name's own key.
    pub own: Option<ScopedKey>,
    pub below: Option<KeyRange>,
    /// The text that stands for all of it.
    pub challenge: Challenge,
}

impl KeySelection {
    /// Reaches this key and no other.
    #[must_use]
    pub fn key(key: &ScopedKey) -> Self {
        Self { own: Some(key.clone()), below: None, challenge: Challenge::key(key) }
    }

    /// Reaches the name with this key, and everything below it.
    #[must_use]
    pub fn name(scope: &Scope, name: &ScopedKey) -> Self {
        let below = Some(scope.below_key(name));
        Self { own: Some(name.clone()), below, challenge: Challenge::subtree(name) }
    }

    /// Reaches everything.
    #[must_use]
    pub fn scope(scope: &Scope) -> Self {
        Self { own: None, below: Some(scope.range()), challenge: Challenge::scope(scope) }
    }
}
