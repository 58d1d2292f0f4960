//! Counts of keys of any place.
use super::{
    EtcdReader,
    call::EtcdCall,
    pool::{Consistency, Pool},
    range::counted,
    reader::{heading, kv},
};
use crate::{
    failure::Failure,
    keys::{ForeignRange, Interval as _, Revision},
    store::{CountAt, ForeignCounts},
};
use etcd_client::Client;
use std::{fmt, sync::Arc};

/// Counts any range of a real etcd. Shares the connections of the reader that it was opened beside.
#[derive(Clone)]
pub struct EtcdCounts {
    pool: Arc<Pool>,
}

/// Returns a counter of any range, over the connections of a reader.
#[must_use]
pub fn open_counts(reader: &EtcdReader) -> EtcdCounts {
    EtcdCounts { pool: Arc::clone(&reader.pool) }
}

impl ForeignCounts for EtcdCounts {
    async fn count_foreign(&self, range: &ForeignRange, at: Option<Revision>) -> Result<CountAt, Failure> {
        count(&self.pool, range, at).await
    }

    fn possibly_stale(&self) -> Self {
        Self { pool: self.pool.possibly_stale() }
    }

    fn is_possibly_stale(&self) -> bool {
        self.pool.consistency() == Consistency::Serializable
    }
}

/// Asks for a number and nothing else: no key and no value of others comes.
pub(super) async fn count(
    pool: &Pool,
    range: &ForeignRange,
    at: Option<Revision>,
) -> Result<CountAt, Failure> {
    let revision = at.unwrap_or_default();
    let asked = EtcdCall { revision, ..EtcdCall::new("count", range) };
    let options = pool.get_options().with_range(range.end()).with_count_only().with_revision(revision.0);
    let call = |client: Client| {
        let options = options.clone();
        async move { kv(&client).get(range.start(), Some(options)).await }
    };
    let reply = pool.read(&asked, pool.timeouts().read, call).await?;
    let (_, now) = heading(reply.header());
    Ok(CountAt { keys: counted(reply.count())?, revision: at.unwrap_or(now) })
}

impl fmt::Debug for EtcdCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EtcdCounts").finish_non_exhaustive()
    }
}
