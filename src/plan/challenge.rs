use crate::keys::{Scope, ScopedKey, spelling::spell};
use std::fmt;

/// The exact text that a person types to agree to a plan.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Challenge(String);

impl Challenge {
    /// Asks for a record's key.
    #[must_use]
    pub fn key(key: &ScopedKey) -> Self {
        Self(key.spelled())
    }

    /// Asks for a name with everything below it: its key with a closing slash.
    #[must_use]
    pub fn subtree(name: &ScopedKey) -> Self {
        Self(format!("{}/", name.spelled()))
    }

    /// Asks for the whole scope: its path with a closing slash.
    #[must_use]
    pub fn scope(scope: &Scope) -> Self {
        Self(scope.to_string())
    }

    /// Asks for the nearest name that has all of these keys at it or below, with a closing slash; for one key, asks
    /// for that key. It is worked out from the changes, never taken from a file that somebody may have edited.
    /// `None` without keys.
    pub fn covering<'k>(keys: impl IntoIterator<Item = &'k ScopedKey>) -> Option<Self> {
        let mut keys = keys.into_iter();
        let first = keys.next()?;
        let mut common = [first.as_bytes(), b"/"].concat();
        let mut only = true;
        for key in keys.filter(|key| *key != first) {
            only = false;
            let closed = key.as_bytes().iter().chain(b"/");
            let same = common.iter().zip(closed).take_while(|(ours, theirs)| ours == theirs).count();
            let end = common.iter().take(same).rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
            common.truncate(end);
        }
        Some(if only { Self::key(first) } else { Self(spell(&common)) })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_covers_keys_is_the_nearest_name_that_has_all_of_them() {
        let scope = Scope::parse("/coredns").unwrap();
        for (keys, text) in [
            (&["/coredns/io/gcr/x1"][..], "/coredns/io/gcr/x1"),
            (&["/coredns/io/gcr/x1", "/coredns/io/gcr/x1"], "/coredns/io/gcr/x1"),
            (&["/coredns/io/gcr/x1", "/coredns/io/gcr/x2"], "/coredns/io/gcr/"),
            (&["/coredns/io/gcr", "/coredns/io/gcr/x2"], "/coredns/io/gcr/"),
            (&["/coredns/io/gcr/x2", "/coredns/io/gcr"], "/coredns/io/gcr/"),
            (&["/coredns/io/gcr/x1", "/coredns/io/gcrio"], "/coredns/io/"),
            (&["/coredns/io/gcr/x1", "/coredns/io/gcr/x2", "/coredns/net/a"], "/coredns/"),
        ] {
            let keys: Vec<ScopedKey> = keys.iter().map(|key| scope.spelled_key(key).unwrap()).collect();
            assert_eq!(Challenge::covering(&keys).unwrap().as_str(), text, "{keys:?}");
        }
        assert_eq!(Challenge::covering([]), None);
    }
}
