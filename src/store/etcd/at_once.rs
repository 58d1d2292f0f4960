//! Reads of exact keys and a range, all at one revision.
//!
//! They are one flat transaction, because only the parts of one are sure to be of one revision. No part names a
//! revision: before etcd 3.5.17 a transaction that reads at a compacted one could be applied in part. A single get
//! needs no transaction; and an etcd that is over its quota refuses each transaction, also one that only reads (before
//! 3.4.20 and 3.5.7, etcd-io/etcd#14254). There each is read by itself, at the revision of the first.
use super::{
    call::EtcdCall,
    pool::Pool,
    range::total,
    reader::{heading, kv, record},
};
use crate::{
    failure::Failure,
    keys::{ClusterId, KeyRange, KeyValue, Revision, ScopedKey},
    store::Listing,
};
use etcd_client::{Client, GetOptions, Txn, TxnOp, TxnOpResponse};
use futures_util::future::join_all;

/// Gets that are under way side by side.
const AT_ONCE: usize = 8;
/// Most times that the reading is begun when history is compacted between two gets.
const BEGINNINGS: u32 = 3;

/// A key, or a range where there is an end.
#[derive(Clone, Copy)]
struct Get<'a> {
    start: &'a [u8],
    end: Option<&'a [u8]>,
}

impl Get<'_> {
    fn options(&self, pool: &Pool) -> GetOptions {
        let options = pool.get_options();
        match self.end {
            Some(end) => options.with_range(end),
            None => options,
        }
    }
}

/// The records that some gets brought.
struct Brought {
    cluster: ClusterId,
    revision: Revision,
    records: Vec<KeyValue>,
}

pub(super) async fn read(
    pool: &Pool,
    keys: &[ScopedKey],
    range: Option<&KeyRange>,
) -> Result<Listing, Failure> {
    let what = match (keys, range) {
        (_, Some(range)) => range.to_string(),
        ([key], None) => key.to_string(),
        (keys, None) => format!("{} keys of {}", keys.len(), pool.scope()),
    };
    // A key that lies in the range is read with it.
    let beside = keys.iter().filter(|key| !range.is_some_and(|range| range.contains(key.as_bytes())));
    let mut gets: Vec<Get<'_>> = beside.map(|key| Get { start: key.as_bytes(), end: None }).collect();
    gets.extend(range.map(|range| Get { start: range.start(), end: Some(range.end()) }));
    let brought = if let [only] = gets[..] {
        get(pool, &what, only, Revision(0)).await?
    } else {
        match transaction(pool, &what, &gets).await {
            Err(Failure::NoSpace) => one_by_one(pool, &what, &gets).await?,
            read => read?,
        }
    };
    let Brought { cluster, revision, mut records } = brought;
    records.sort_by(|a, b| a.key.cmp(&b.key));
    records.dedup_by(|a, b| a.key == b.key);
    Ok(Listing { cluster, revision, total: records.len() as u64, records })
}

async fn transaction(pool: &Pool, what: &String, gets: &[Get<'_>]) -> Result<Brought, Failure> {
    let operation = |get: &Get<'_>| TxnOp::get(get.start, Some(get.options(pool)));
    let txn = Txn::new().and_then(gets.iter().map(operation).collect::<Vec<_>>());
    let call = |client: Client| {
        let txn = txn.clone();
        async move { kv(&client).txn(txn).await }
    };
    let asked = EtcdCall::new("read", what);
    let reply = if gets.iter().any(|get| get.end.is_some()) {
        pool.read_range(&asked, call).await?
    } else {
        pool.read(&asked, pool.timeouts().read, call).await?
    };
    let mut records = Vec::new();
    for part in reply.op_responses() {
        if let TxnOpResponse::Get(mut found) = part {
            total(found.count(), found.kvs().len(), 0)?;
            records.extend(found.take_kvs().into_iter().filter_map(|found| record(pool.scope(), found)));
        }
    }
    let (cluster, revision) = heading(reply.header());
    Ok(Brought { cluster, revision, records })
}

async fn one_by_one(pool: &Pool, what: &String, gets: &[Get<'_>]) -> Result<Brought, Failure> {
    let mut beginnings = 1;
    loop {
        match at_the_revision_of_the_first(pool, what, gets).await {
            Err(Failure::Compacted { .. }) if beginnings < BEGINNINGS => beginnings += 1,
            read => return read,
        }
    }
}

async fn at_the_revision_of_the_first(
    pool: &Pool,
    what: &String,
    gets: &[Get<'_>],
) -> Result<Brought, Failure> {
    let Some((first, rest)) = gets.split_first() else {
        return Err(Failure::Other { detail: "nothing was asked for".to_owned() });
    };
    let mut brought = get(pool, what, *first, Revision(0)).await?;
    let revision = brought.revision;
    for some in rest.chunks(AT_ONCE) {
        let mut asked = Vec::new();
        for other in some {
            asked.push(get(pool, what, *other, revision));
        }
        for other in join_all(asked).await {
            brought.records.extend(other?.records);
        }
    }
    Ok(brought)
}

/// Makes one get, at a revision, or now for 0.
async fn get(pool: &Pool, what: &String, get: Get<'_>, revision: Revision) -> Result<Brought, Failure> {
    let asked = EtcdCall { revision, ..EtcdCall::new("read", what) };
    let options = get.options(pool).with_revision(revision.0);
    let call = |client: Client| {
        let options = options.clone();
        async move { kv(&client).get(get.start, Some(options)).await }
    };
    let mut reply = match get.end {
        Some(_) => pool.read_range(&asked, call).await?,
        None => pool.read(&asked, pool.timeouts().read, call).await?,
    };
    total(reply.count(), reply.kvs().len(), 0)?;
    let (cluster, revision) = heading(reply.header());
    let records = reply.take_kvs().into_iter().filter_map(|found| record(pool.scope(), found)).collect();
    Ok(Brought { cluster, revision, records })
}
