use crate::{
    dns::{LeaseLeft, Leased, Serving, lint::Circumstances},
    index::Records,
    keys::LeaseId,
};
use std::collections::HashMap;

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

    /// The records, with what is known of their leases.
    #[must_use]
    pub fn source(&self) -> Leased<'_, Records> {
        Leased { records: &self.records, leases: &self.leases }
    }
}
