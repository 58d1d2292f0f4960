use super::MemoryForeign;
use crate::{
    failure::Failure,
    keys::{ForeignRange, Interval as _, Revision},
    store::{DeletionsHeard, ForeignDeletions},
};

impl ForeignDeletions for MemoryForeign {
    async fn deletions(
        &self,
        range: &ForeignRange,
        mut each: impl FnMut(Revision, &[u8]) + Send,
    ) -> Result<DeletionsHeard, Failure> {
        self.shared().with(|state| {
            state.faults.read()?;
            let oldest = state.keyspace.oldest();
            for (revision, key) in state.keyspace.deletions(Revision(oldest.0.saturating_add(1))) {
                if range.contains(key) {
                    each(revision, key);
                }
            }
            Ok(DeletionsHeard { oldest, until: state.keyspace.revision(), vouched: true })
        })
    }
}
