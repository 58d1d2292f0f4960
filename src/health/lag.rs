//! Lag of a member behind the others.
use super::{Health, Vitals};

impl Health {
    /// Returns the number of entries of the log that the furthest member has, and this one has not applied yet.
    pub(super) fn behind(&self, vitals: &Vitals) -> u64 {
        let latest = self.telling().map(|(_, vitals)| vitals.raft_index).max().unwrap_or_default();
        let newest = self.telling().map(|(_, vitals)| vitals.revision).max().unwrap_or_default();
        // A member that has caught up by a snapshot goes on to report its earlier index, until the next entry comes
        // (3.7). It has caught up if it stores the same revision as the others.
        let is_stored = newest.0 > 0 && vitals.revision == newest;
        let has = if is_stored { vitals.raft_index } else { vitals.raft_index.min(vitals.raft_applied) };
        latest.saturating_sub(has)
    }
}
