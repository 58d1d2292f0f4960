//! Where a host leads, as `CoreDNS` takes it.

use crate::dns::{
    answer::{domain, lookup::looked_up},
    lint::scene::Scene,
};

/// The name that a host is. Zones and loops are told by names and not by keys: a label may hold a slash, and then
/// another name has the same key.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// As it is written, with its closing dot.
    pub(super) text: Vec<u8>,
    /// As it is looked up.
    pub(super) lower: Vec<u8>,
}

impl Target {
    pub(super) fn of(host: &str) -> Self {
        let text = domain::closed(host.as_bytes());
        Self { lower: looked_up(&text), text }
    }

    /// Whether it is a name or lies below it.
    pub(super) fn is_within(&self, name: &[u8]) -> bool {
        domain::is_within(name, &self.text)
    }

    /// The zone that a question for it belongs to. A name that none covers as it is written is never asked for here.
    pub(super) fn zone(&self, scene: &Scene<'_>) -> Option<usize> {
        scene.zones.of_name(&self.text.to_ascii_lowercase())?;
        scene.zones.of_name(&self.lower)
    }
}
