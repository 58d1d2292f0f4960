use super::{Revision, Tenant};

/// How many keys a range holds, by their top-level prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    pub total: u64,
    /// In the order of keys, those that nobody looked into at the end. They sum up to the total.
    pub parts: Vec<Part>,
    /// The revision that this is the truth of.
    pub revision: Revision,
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

impl Tally {
    /// Whose keys are among them, and how many.
    pub fn tenants(&self) -> impl Iterator<Item = (&'static Tenant, u64)> {
        self.parts.iter().filter_map(|part| Some((part.tenant?, part.keys)))
    }
}
