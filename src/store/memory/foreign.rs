use super::{Memory, Shared};
use crate::{
    failure::Failure,
    keys::{ForeignKeyValue, ForeignRange, Interval as _, Revision},
    store::{Page, PageReader},
};
use std::sync::Arc;

/// Reads any keys of a store in memory.
#[derive(Clone, Debug)]
pub struct MemoryForeign(Arc<Shared>);

impl Memory {
    /// Returns a reader of any range's pages.
    #[must_use]
    pub fn foreign(&self) -> MemoryForeign {
        MemoryForeign(Arc::clone(&self.0))
    }
}

impl MemoryForeign {
    pub(super) fn shared(&self) -> &Shared {
        &self.0
    }
}

impl PageReader for MemoryForeign {
    type Range = ForeignRange;

    async fn page(&self, range: &ForeignRange, limit: u32, at: Option<Revision>) -> Result<Page, Failure> {
        self.0.with(|state| {
            state.faults.read()?;
            let mut records = Vec::new();
            let mut total = 0;
            for (key, stored) in state.keyspace.all(at)?.filter(|(key, _)| range.contains(key)) {
                total += 1;
                if limit == 0 || records.len() < limit as usize {
                    records.push(ForeignKeyValue {
                        key: key.into(),
                        value: stored.value.clone(),
                        create_revision: stored.create_revision,
                        mod_revision: stored.mod_revision,
                        version: stored.version,
                        lease: stored.lease,
                    });
                }
            }
            let revision = at.unwrap_or(state.keyspace.revision());
            Ok(Page { cluster: state.cluster, revision, records, total })
        })
    }
}
