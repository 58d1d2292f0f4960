use super::{Memory, Shared};
use crate::{
    failure::Failure,
    keys::{ForeignRange, Interval as _, Revision},
    store::{Counted, ForeignCounts},
};
use std::sync::Arc;

/// Counts any keys of a store in memory.
#[derive(Clone, Debug)]
pub struct MemoryCounts(Arc<Shared>);

impl Memory {
    /// The counts of any range.
    #[must_use]
    pub fn counts(&self) -> MemoryCounts {
        MemoryCounts(Arc::clone(&self.0))
    }
}

impl ForeignCounts for MemoryCounts {
    async fn count_foreign(&self, range: &ForeignRange, at: Option<Revision>) -> Result<Counted, Failure> {
        self.0.with(|state| {
            state.faults.read()?;
            let keys = state.keyspace.all(at)?.filter(|(key, _)| range.contains(key)).count() as u64;
            Ok(Counted { keys, revision: at.unwrap_or(state.keyspace.revision()) })
        })
    }
}
