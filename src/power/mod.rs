//! Power of a credential over all of etcd, and the sentence that tells it. Pure: the store finds it out.
//!
//! This program writes to the scope only. The credential that it was given may well be able to do more in other hands,
//! and `etcdctl del / coredns` needs no more than that.

mod existing;
mod grants;
mod places;
mod recipe;
mod words;

pub use existing::{Already, Existing};
pub use grants::{RolePermission, UserPermissions};
pub use recipe::{Recipe, RecipeError, UserLogin};

use crate::keys::KeyRange;

/// Identity of a credential, and its rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Power {
    pub authentication: Authentication,
    pub credential: Credential,
    pub reach: Extent,
    /// Number of keys that can be lost, where this credential may count them.
    pub keys: Option<Keys>,
}

/// The keys of etcd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keys {
    pub all: u64,
    pub in_scope: u64,
}

/// State of etcd's authentication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authentication {
    On,
    Off,
    /// Not known; holds the reason.
    Unknown(String),
}

/// Credential that is shown to etcd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A user with a password, whether a certificate is shown besides or not.
    User(String),
    /// A client certificate, and the common name in it, which etcd takes for the user while authentication is on.
    Certificate(Option<String>),
    /// Neither.
    Nothing,
}

/// Reach of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Every key and every setting of etcd: authentication is off, or the user has the role `root`.
    Everything,
    /// The grants of its roles.
    Granted(UserPermissions),
    /// It could not be found out; holds the reason. Never to be taken for harmless.
    Unknown(String),
}

impl Power {
    /// Tells whether some key of this range may be written; `None` where that is not known.
    #[must_use]
    pub fn may_write_in(&self, range: &KeyRange) -> Option<bool> {
        match &self.reach {
            Extent::Everything => Some(true),
            Extent::Granted(grants) => Some(grants.may_write_in(range)),
            Extent::Unknown(_) => None,
        }
    }
}
