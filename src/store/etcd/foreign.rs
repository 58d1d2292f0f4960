//! Pages of keys of any place at a revision, for a rescue: the one way in which this program reads beyond the
//! scope. It takes ranges that nothing else takes, and can do nothing but read.
use super::{
    EtcdReader,
    call::EtcdCall,
    pool::Pool,
    range::total,
    reader::{heading, kv},
};
use crate::{
    failure::Failure,
    keys::{ForeignKeyValue, ForeignRange, Interval as _, LeaseId, Revision},
    store::{Page, PageReader},
};
use etcd_client::{Client, GetOptions};
use std::{fmt, sync::Arc};

/// Reads any range of a real etcd. Shares the connections of the reader that it was opened beside.
#[derive(Clone)]
pub struct EtcdForeign {
    pool: Arc<Pool>,
}

/// Returns a reader of any range's pages, over the connections of a reader.
#[must_use]
pub fn open_foreign(reader: &EtcdReader) -> EtcdForeign {
    EtcdForeign { pool: Arc::clone(&reader.pool) }
}

impl EtcdForeign {
    pub(super) fn pool(&self) -> &Pool {
        &self.pool
    }
}

impl PageReader for EtcdForeign {
    type Range = ForeignRange;

    async fn page(&self, range: &ForeignRange, limit: u32, at: Option<Revision>) -> Result<Page, Failure> {
        let revision = at.unwrap_or_default();
        let asked = EtcdCall { revision, ..EtcdCall::new("list", range) };
        let options =
            GetOptions::new().with_range(range.end()).with_limit(i64::from(limit)).with_revision(revision.0);
        let call = |client: Client| {
            let options = options.clone();
            async move { kv(&client).get(range.start(), Some(options)).await }
        };
        let mut reply = self.pool.read_range(&asked, call).await?;
        let (cluster, now) = heading(reply.header());
        let total = total(reply.count(), reply.kvs().len(), limit)?;
        let records = reply.take_kvs().into_iter().map(foreign).collect();
        Ok(Page { cluster, revision: at.unwrap_or(now), records, total })
    }
}

fn foreign(found: etcd_client::KeyValue) -> ForeignKeyValue {
    let (create_revision, mod_revision) = (Revision(found.create_revision()), Revision(found.mod_revision()));
    let (version, lease) = (found.version(), LeaseId::new(found.lease()));
    let (key, value) = found.into_key_value();
    ForeignKeyValue { key: key.into(), value: value.into(), create_revision, mod_revision, version, lease }
}

impl fmt::Debug for EtcdForeign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EtcdForeign").finish_non_exhaustive()
    }
}
