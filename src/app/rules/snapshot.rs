use crate::{
    dns::{LeaseLeft, Leased, Serving, ZoneGuess, lint::Circumstances},
    index::Records,
    keys::{LeaseId, ScopedKey},
};
use std::collections::HashMap;

/// The records as they were at one moment, and how they are served.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub records: Records,
    /// The serving as it was configured; see [`served`](Self::served).
    pub serving: Serving,
    /// Nobody has named a zone: they are guessed from the records.
    pub every_top: bool,
    /// Other facts that findings depend on.
    pub circumstances: Circumstances,
    pub leases: HashMap<LeaseId, LeaseLeft>,
}

impl Snapshot {
    /// The serving of the records, with its zones. If nobody has named any, all keys are looked at.
    #[must_use]
    pub fn served(&self) -> Serving {
        self.served_with([].into_iter())
    }

    /// The same, as if there were records at these keys too: if zones are guessed, a top-level name that comes back is
    /// one again, and a change may bring the proof of a zone.
    #[must_use]
    pub fn served_with<'k>(&self, keys: impl Iterator<Item = &'k ScopedKey>) -> Serving {
        let serving = self.serving.clone();
        if !self.every_top {
            return serving;
        }
        let scope = self.records.scope();
        let mut guess = ZoneGuess::of(&self.records, scope);
        keys.for_each(|key| guess.take_key(scope, key.as_bytes()));
        guess.served(serving)
    }

    /// The records, with the known times of their leases.
    #[must_use]
    pub fn source(&self) -> Leased<'_, Records> {
        Leased { records: &self.records, leases: &self.leases }
    }
}
