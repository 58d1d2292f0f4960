use super::{Revision, Tenant};

/// How many keys a range holds, by their top-level prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    pub total: u64,
    /// In the order of keys, those that nobody looked into at the end. They sum up to the total.
    pub parts: Vec<Part>,
    /// The revision that this is the truth of.
    pub revision: Revision,
    /// One member has said it, without a leader that could say more.
    pub possibly_stale: bool,
}

/// The keys below one prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// As it is spelled: `/registry/`, or `other`.
    pub prefix: String,
    pub keys: u64,
    /// Whose they are, when that is known.
    pub tenant: Option<&'static Tenant>,
}

impl Part {
    /// Keys below prefixes that have no name here.
    #[must_use]
    pub fn others(keys: u64) -> Self {
        Self { prefix: "other".to_owned(), keys, tenant: None }
    }

    /// What is said beside it: whose the keys are, or that nobody knows.
    #[must_use]
    pub fn whose(&self) -> &'static str {
        match self.tenant {
            Some(tenant) => tenant.owner,
            None if self.prefix == "other" => "not looked into further",
            None => "",
        }
    }
}

impl Tally {
    /// Whose keys are among them, and how many.
    pub fn tenants(&self) -> impl Iterator<Item = (&'static Tenant, u64)> {
        self.parts.iter().filter_map(|part| Some((part.tenant?, part.keys)))
    }
}
