use super::{Revision, Tenant};

/// Numbers of a range's keys, by their top-level prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefixTally {
    pub total: u64,
    /// Parts in the order of keys; the one that nobody looked into comes last. They sum up to the total.
    pub parts: Vec<PrefixCount>,
    /// The revision at which this is true.
    pub revision: Revision,
    /// True if one member has told it alone, without a leader.
    pub possibly_stale: bool,
}

/// The keys below one prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefixCount {
    /// The prefix, spelled: `/registry/`, or `other`.
    pub prefix: String,
    pub keys: u64,
    /// Owner of the keys, where it is known.
    pub tenant: Option<&'static Tenant>,
}

impl PrefixCount {
    /// Takes the keys below prefixes that have no name here.
    #[must_use]
    pub fn others(keys: u64) -> Self {
        Self { prefix: "other".to_owned(), keys, tenant: None }
    }

    /// Returns the remark beside it: the owner of the keys, or that nobody knows.
    #[must_use]
    pub fn whose(&self) -> &'static str {
        match self.tenant {
            Some(tenant) => tenant.owner,
            None if self.prefix == "other" => "not looked into further",
            None => "",
        }
    }
}

impl PrefixTally {
    /// Returns the tenants that have keys among them, each with its number.
    pub fn tenants(&self) -> impl Iterator<Item = (&'static Tenant, u64)> {
        self.parts.iter().filter_map(|part| Some((part.tenant?, part.keys)))
    }
}
