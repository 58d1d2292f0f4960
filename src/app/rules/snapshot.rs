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

    /// The same, with what is served when there are records at these keys too: where every top-level name is a zone, a
    /// name that comes back is one again.
    #[must_use]
    pub fn served_with<'k>(&self, keys: impl Iterator<Item = &'k ScopedKey>) -> Serving {
        let mut serving = self.served();
        if self.every_top {
            let scope = self.records.scope();
            let segments: BTreeSet<&[u8]> = keys.filter_map(|key| scope.segments_of(key).next()).collect();
            let tops = segments.into_iter().filter_map(Name::of_segment);
            let new: Vec<Name> = tops.filter(|top| !serving.zones.contains(top)).collect();
            serving.zones.extend(new);
        }
        serving
    }

    /// The records, with what is known of their leases.
    #[must_use]
    pub fn source(&self) -> Leased<'_, Records> {
        Leased { records: &self.records, leases: &self.leases }
    }
}
