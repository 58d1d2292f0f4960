//! Number of keys that everybody has in one etcd, and the losses between two looks. Pure, with numbers only: it names
//! no key of others, and the time is that of the looks.

mod last;
mod loss;

pub use last::LastCounts;
pub use loss::{Loss, is_back, is_loss};

use crate::keys::{Revision, Scope, TENANTS, Tenant};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Holder of keys that are counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// The records below this path: `/coredns/`.
    Scope(String),
    /// A program that is known by the place of its keys: `/registry/`. Without keys that come and go by themselves.
    Tenant(String),
    /// All others beside this scope: nobody knows them by name.
    Unnamed { beside: String },
    /// Keys that come and go by themselves, as Kubernetes' events and leases do.
    Fleeting,
}

impl Holder {
    /// The records of a scope.
    #[must_use]
    pub fn scope(scope: &Scope) -> Self {
        Self::Scope(scope.as_str().to_owned())
    }

    /// A program that is known by name.
    #[must_use]
    pub fn tenant(tenant: &Tenant) -> Self {
        Self::Tenant(format!("{}/", tenant.prefix))
    }

    /// All keys beside a scope whose holder is not known.
    #[must_use]
    pub fn unnamed(beside: &Scope) -> Self {
        Self::Unnamed { beside: beside.as_str().to_owned() }
    }

    /// Returns the holder's name, if it is known: `Kubernetes`.
    #[must_use]
    pub fn owner(&self) -> Option<&'static str> {
        let Self::Tenant(prefix) = self else { return None };
        let prefix = prefix.strip_suffix('/')?;
        TENANTS.iter().find(|tenant| tenant.prefix == prefix).map(|tenant| tenant.owner)
    }

    /// Tells whether the keys are records of some scope.
    #[must_use]
    pub fn is_scope(&self) -> bool {
        matches!(self, Self::Scope(_))
    }
}

/// Counts of one look, all at one revision. A number that is not known is not in it, because unknown is not zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    pub at: Timestamp,
    pub revision: Revision,
    pub keys: BTreeMap<Holder, u64>,
}

/// Number of keys at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub keys: u64,
    pub at: Timestamp,
    pub revision: Revision,
}

impl Counts {
    /// Returns the keys of a holder, if their number is known.
    #[must_use]
    pub fn held(&self, holder: &Holder) -> Option<Held> {
        let keys = *self.keys.get(holder)?;
        Some(Held { keys, at: self.at, revision: self.revision })
    }
}
