use crate::{
    dns::{LeaseLeft, Leased, Name, Serving, lint::Circumstances},
    index::Records,
    keys::{LeaseId, ScopedKey},
};
use std::collections::{BTreeSet, HashMap};

/// The records as they were at one moment, and how they are served.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub records: Records,
    /// As it was configured; see [`served`](Self::served).
    pub serving: Serving,
    /// Nobody has named a zone: every top-level name is one.
    pub every_top: bool,
    /// What is known beside them.
    pub circumstances: Circumstances,
    pub leases: HashMap<LeaseId, LeaseLeft>,
}

impl Snapshot {
    /// How the records are served, with its zones. Walks from one top-level name to the next.
    #[must_use]
    pub fn served(&self) -> Serving {
        let mut serving = self.serving.clone();
        if self.every_top {
            serving.zones = self.records.top_level();
        }
        serving
    }

    /// How the records are served once these keys are put as well: where nobody has named a zone, the first key of a
    /// top-level name makes it one.
    #[must_use]
    pub fn served_with<'k>(&self, keys: impl Iterator<Item = &'k ScopedKey>) -> Serving {
        let mut serving = self.served();
        if self.every_top {
            let tops = keys.filter_map(|key| Name::of_key(&serving.scope, key).top_level());
            let fresh: BTreeSet<String> = tops.filter(Name::is_served).map(|top| top.to_string()).collect();
            for top in fresh.iter().filter_map(|top| Name::parse(top).ok()) {
                if !serving.zones.contains(&top) {
                    serving.zones.push(top);
                }
            }
        }
        serving
    }

    /// The records, with what is known of their leases.
    #[must_use]
    pub fn source(&self) -> Leased<'_, Records> {
        Leased { records: &self.records, leases: &self.leases }
    }
}
