//! How many keys everybody has in one etcd, and what of them was lost between two looks. Numbers only: no key of others
//! is named here. Pure: the time is that of the looks.

mod last;
mod loss;

pub use last::LastCounts;
pub use loss::{Loss, is_back, is_loss};

use crate::keys::{Revision, Scope, TENANTS, Tenant};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whose keys are counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// The records below this path: `/coredns/`.
    Scope(String),
    /// A program that is known by where it keeps its keys: `/registry/`. Without what comes and goes by itself.
    Tenant(String),
    /// All others beside this scope: nobody knows them by name.
    Unnamed { beside: String },
    /// What comes and goes by itself, as Kubernetes' events and leases do.
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

    /// All that nobody is known for, beside a scope.
    #[must_use]
    pub fn unnamed(beside: &Scope) -> Self {
        Self::Unnamed { beside: beside.as_str().to_owned() }
    }

    /// Who it is, where that is known by name: `Kubernetes`.
    #[must_use]
    pub fn owner(&self) -> Option<&'static str> {
        let Self::Tenant(prefix) = self else { return None };
        let prefix = prefix.strip_suffix('/')?;
        TENANTS.iter().find(|tenant| tenant.prefix == prefix).map(|tenant| tenant.owner)
    }

    /// Whether the keys are records of some scope.
    #[must_use]
    pub fn is_scope(&self) -> bool {
        matches!(self, Self::Scope(_))
    }
}

/// What one look has counted, all at one revision. What could not be counted is not in it: an unknown is no zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    pub at: Timestamp,
    pub revision: Revision,
    pub keys: BTreeMap<Holder, u64>,
}

/// How many keys there were, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub keys: u64,
    pub at: Timestamp,
    pub revision: Revision,
}

impl Counts {
    /// How many keys somebody has, where that is known.
    #[must_use]
    pub fn held(&self, holder: &Holder) -> Option<Held> {
        let keys = *self.keys.get(holder)?;
        Some(Held { keys, at: self.at, revision: self.revision })
    }
}
