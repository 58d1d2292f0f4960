//! Reader of one scope: every request names exact keys of the scope or a range inside it.
use super::{
    access, at_once,
    call::EtcdCall,
    health, history,
    pool::Pool,
    power,
    range::{counted, total},
    watch,
};
use crate::{
    failure::Failure,
    health::Health,
    keys::{ClusterId, KeyRange, KeyValue, LeaseId, Revision, Scope, ScopedKey},
    power::Power,
    store::{ClusterStatus, CountAt, Listing, PastChanges, Reader, Watch},
};
use etcd_client::{Client, KvClient, ResponseHeader};
use std::{fmt, sync::Arc, time::Duration};

/// Reads one scope of a real etcd. All clones share the same connections.
#[derive(Clone)]
pub struct EtcdReader {
    pub(super) pool: Arc<Pool>,
}

impl fmt::Debug for EtcdReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EtcdReader").field("endpoints", &self.pool.endpoints()).finish_non_exhaustive()
    }
}

impl EtcdReader {
    fn scope(&self) -> &Scope {
        self.pool.scope()
    }
}

impl Reader for EtcdReader {
    async fn read(&self, keys: &[ScopedKey], range: Option<&KeyRange>) -> Result<Listing, Failure> {
        at_once::read(&self.pool, keys, range).await
    }

    async fn list(&self, range: &KeyRange, limit: u32, at: Option<Revision>) -> Result<Listing, Failure> {
        let revision = at.unwrap_or_default();
        let asked = EtcdCall { revision, ..EtcdCall::new("list", range) };
        let options = self.pool.get_options();
        let options = options.with_range(range.end()).with_limit(i64::from(limit)).with_revision(revision.0);
        let call = |client: Client| {
            let options = options.clone();
            async move { kv(&client).get(range.start(), Some(options)).await }
        };
        let mut reply = self.pool.read_range(&asked, call).await?;
        let (cluster, now) = heading(reply.header());
        let total = total(reply.count(), reply.kvs().len(), limit)?;
        let records = reply.take_kvs().into_iter().filter_map(|found| record(self.scope(), found)).collect();
        Ok(Listing { cluster, revision: at.unwrap_or(now), records, total })
    }

    async fn count(&self, range: &KeyRange) -> Result<CountAt, Failure> {
        let options = self.pool.get_options().with_range(range.end()).with_count_only();
        let call = |client: Client| {
            let options = options.clone();
            async move { kv(&client).get(range.start(), Some(options)).await }
        };
        let reply = self.pool.read_range(&EtcdCall::new("count", range), call).await?;
        let (_, revision) = heading(reply.header());
        Ok(CountAt { keys: counted(reply.count())?, revision })
    }

    async fn watch(&self, range: &KeyRange, from: Revision) -> Result<Watch, Failure> {
        self.pool.needs_leader()?;
        watch::open(&self.pool, range, from).await
    }

    async fn past(&self, range: &KeyRange, most: usize) -> Result<PastChanges, Failure> {
        self.pool.needs_leader()?;
        history::past(&self.pool, range, most).await
    }

    async fn lease(&self, lease: LeaseId) -> Result<Option<Duration>, Failure> {
        self.pool.needs_leader()?;
        let asked = EtcdCall { lease: Some(lease), ..EtcdCall::new("look at", &format!("lease {lease}")) };
        let call =
            |client: Client| async move { client.lease_client().time_to_live(lease.get(), None).await };
        match self.pool.read(&asked, self.pool.timeouts().read, call).await {
            // etcd says -1 second for a lease that it does not have.
            Ok(reply) => Ok(u64::try_from(reply.ttl()).ok().map(Duration::from_secs)),
            Err(Failure::LeaseGone(_)) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    async fn status(&self) -> Result<ClusterStatus, Failure> {
        access::status(&self.pool).await
    }

    async fn health(&self, within: Duration) -> Health {
        Box::pin(health::health(&self.pool, within)).await
    }

    async fn power(&self) -> Power {
        let (power, keys) = tokio::join!(power::power(&self.pool), power::keys(&self.pool));
        Power { keys, ..power }
    }

    fn possibly_stale(&self) -> Self {
        Self { pool: self.pool.possibly_stale() }
    }
}

/// Returns a client without the library's limit: it decodes 4 MiB at most unless told otherwise, and a scope
/// may well be larger.
pub(super) fn kv(client: &Client) -> KvClient {
    client.kv_client().max_decoding_message_size(usize::MAX)
}

/// Returns the cluster that replied, and the revision.
pub(super) fn heading(header: Option<&ResponseHeader>) -> (ClusterId, Revision) {
    header
        .map_or_else(Default::default, |header| (ClusterId(header.cluster_id()), Revision(header.revision())))
}

/// Reads a key as etcd sent it. Nothing outside the scope was asked for; such a key would be left out,
/// because there is no way to hold it.
pub(super) fn record(scope: &Scope, found: etcd_client::KeyValue) -> Option<KeyValue> {
    let (create_revision, mod_revision) = (Revision(found.create_revision()), Revision(found.mod_revision()));
    let (version, lease) = (found.version(), LeaseId::new(found.lease()));
    let (key, value) = found.into_key_value();
    match scope.key(&key) {
        Ok(key) => Some(KeyValue { key, value: value.into(), create_revision, mod_revision, version, lease }),
        // The scope's own path with its slash is a key that etcd can hold and CoreDNS never reads.
        Err(outside) => {
            tracing::debug!(%outside, "left out");
            None
        }
    }
}
