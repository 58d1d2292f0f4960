use super::{
    reserved::Tenant,
    spelling::{Spelled, spell},
};
use crate::remedy::Remedy;
use std::fmt;

/// A key proved to lie inside a [`Scope`](super::Scope). It has no public constructor: ask the scope for one.
///
/// ```compile_fail
/// let forged = coredeck::keys::ScopedKey(b"/registry/pods/x".as_slice().into());
/// ```
///
/// ```compile_fail
/// let forged = coredeck::keys::ScopedKey::from(b"/registry/pods/x".to_vec());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopedKey(Box<[u8]>);

/// A key that lies outside the scope of this session.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.what())]
pub struct OutsideScopeError {
    pub(super) key: String,
    pub(super) scope: String,
}

impl OutsideScopeError {
    fn what(&self) -> String {
        let Self { key, scope } = self;
        if key.is_empty() || key == "/" {
            format!("this is all of etcd, and only {scope} is ever touched")
        } else if scope.strip_suffix('/') == Some(key.trim_end_matches('/')) {
            format!("{scope} is the whole scope, and no single key")
        } else {
            format!("{key} is outside {scope}, the only part of etcd that is ever touched")
        }
    }
}

impl Remedy for OutsideScopeError {
    fn remedy(&self) -> String {
        let Self { key, scope } = self;
        match Tenant::overlapping(key.trim_end_matches('/')) {
            Some(tenant) if key.len() > 1 => {
                format!("It belongs to {}: this program never touches it.", tenant.owner)
            }
            _ => format!("Give the key of a record below {scope}, or a name."),
        }
    }
}

impl ScopedKey {
    /// Makes a scoped key, in this one place; only [`Scope`](super::Scope) calls it, after its proof.
    pub(super) fn proved(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// Returns the key as etcd has it.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the exact text that a person types to name this key.
    #[must_use]
    pub fn spelled(&self) -> String {
        spell(&self.0)
    }
}

impl fmt::Display for ScopedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Spelled(&self.0).fmt(f)
    }
}

impl fmt::Debug for ScopedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
