//! Target: the name that a host stands for, as `CoreDNS` takes it.

use crate::dns::{
    answer::{domain, lookup::looked_up},
    lint::scene::Scene,
};

/// A host as a name. Zones and loops are recognised by names, not by keys: a label may hold a slash, and then another
/// name has the same key.
#[derive(Clone, Debug)]
pub(super) struct AliasTarget {
    /// As it is written, with its closing dot.
    pub(super) text: Vec<u8>,
    /// As it is looked up.
    pub(super) lower: Vec<u8>,
}

impl AliasTarget {
    pub(super) fn of(host: &str) -> Self {
        let text = domain::closed(host.as_bytes());
        Self { lower: looked_up(&text), text }
    }

    /// Tells whether the target is this name or lies below it.
    pub(super) fn is_within(&self, name: &[u8]) -> bool {
        domain::is_within(name, &self.text)
    }

    /// Returns the zone that a question for it belongs to. `CoreDNS` never asks itself for a name that no zone covers
    /// as it is written.
    pub(super) fn zone(&self, scene: &Scene<'_>) -> Option<usize> {
        scene.zones.of_name(&self.text.to_ascii_lowercase())?;
        scene.zones.of_name(&self.lower)
    }
}
