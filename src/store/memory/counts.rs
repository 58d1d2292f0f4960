use super::{Memory, MemoryReader};
use crate::{
    failure::Failure,
    keys::{ForeignRange, Interval as _, Revision},
    store::{CountAt, ForeignCounts, Reader as _},
};

/// Counts any keys of a store in memory.
#[derive(Clone, Debug)]
pub struct MemoryCounts(MemoryReader);

impl Memory {
    /// Returns a counter of any range.
    #[must_use]
    pub fn counts(&self) -> MemoryCounts {
        MemoryCounts(self.reader())
    }
}

impl ForeignCounts for MemoryCounts {
    async fn count_foreign(&self, range: &ForeignRange, at: Option<Revision>) -> Result<CountAt, Failure> {
        self.0.shared.with(|state| {
            self.0.reads(&mut state.faults)?;
            let keys = state.keyspace.all(at)?.filter(|(key, _)| range.contains(key)).count() as u64;
            Ok(CountAt { keys, revision: at.unwrap_or(state.keyspace.revision()) })
        })
    }

    fn possibly_stale(&self) -> Self {
        Self(self.0.possibly_stale())
    }

    fn is_possibly_stale(&self) -> bool {
        self.0.stale
    }
}
