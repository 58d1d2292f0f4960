use crate::keys::{Scope, ScopedKey};
use std::fmt;

/// The exact text that a person types to agree to a plan.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Challenge(String);

impl Challenge {
    /// A record's key.
    #[must_use]
    pub fn key(key: &ScopedKey) -> Self {
        Self(key.spelled())
    }

    /// A name with everything below it: its key with a closing slash.
    #[must_use]
    pub fn subtree(name: &ScopedKey) -> Self {
        Self(format!("{}/", name.spelled()))
    }

    /// The whole scope: its path with a closing slash.
    #[must_use]
    pub fn scope(scope: &Scope) -> Self {
        Self(scope.to_string())
    }

    /// What was typed for a change, as the journal has it: an undo asks for the same.
    #[must_use]
    pub fn recorded(text: &str) -> Self {
        Self(text.to_owned())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
