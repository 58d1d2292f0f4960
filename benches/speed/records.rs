//! Records in the etcd: hosts of 1000 zones in ten top-level domains, with keys of others beside them.
use etcd_client::{Client, PutOptions, Txn, TxnOp};
use futures_util::{StreamExt as _, stream};
use std::time::{Duration, Instant};

/// Keys of a Kubernetes beside the scope, of 1 KiB each.
pub(super) const FOREIGN: usize = 20_000;
/// In DNS order; the first is the first row of the tree.
pub(super) const DOMAINS: [&str; 10] = ["app", "cloud", "com", "de", "dev", "eu", "io", "net", "org", "uk"];
/// etcd takes 128 operations in one transaction.
const BATCH: usize = 128;
const IN_FLIGHT: usize = 16;

pub(super) struct Loaded {
    /// The bytes of all keys and values of the scope.
    pub(super) bytes: u64,
    pub(super) took: Duration,
}

/// Returns the number of zones that this many records make.
pub(super) fn zones(size: usize) -> usize {
    (size / 10).clamp(1, 1000)
}

/// Returns the key of a record: `/coredns/app/zone0000/host000000`. Hosts of one zone follow each other.
pub(super) fn key(number: usize, size: usize) -> String {
    let per_zone = size.div_ceil(zones(size));
    let zone = number / per_zone;
    let domain = DOMAINS[zone * DOMAINS.len() / zones(size).max(DOMAINS.len())];
    format!("/coredns/{domain}/zone{zone:04}/host{:06}", number % per_zone)
}

/// Returns a host's value, 57 to 61 bytes.
pub(super) fn value(number: usize, change: usize) -> String {
    let [_, a, b, c] = u32::try_from(number).unwrap_or_default().to_be_bytes();
    format!(
        r#"{{"host":"10.{a}.{b}.{c}","ttl":{},"text":"rack {:02} slot {:02}"}}"#,
        100 + change % 900,
        a,
        c
    )
}

/// Returns the key and the DNS name of a host in the middle of all.
pub(super) fn middle(size: usize) -> (String, String) {
    let key = key(size / 2, size);
    let labels: Vec<&str> = key.trim_start_matches("/coredns/").rsplit('/').collect();
    (key.clone(), labels.join("."))
}

/// Fills an etcd that is known to be ours.
pub(super) fn load(endpoint: &str, size: usize) -> Loaded {
    let began = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let bytes = runtime.block_on(async {
        let client = Client::connect([endpoint], None).await.unwrap();
        let filler = "x".repeat(1000);
        let foreign = (0..FOREIGN).map(|n| (format!("/registry/pods/default/pod-{n:05}"), filler.clone()));
        put_all(&client, foreign).await;
        put_all(&client, (0..size).map(|number| (key(number, size), value(number, 0)))).await
    });
    Loaded { bytes, took: began.elapsed() }
}

async fn put_all(client: &Client, records: impl Iterator<Item = (String, String)>) -> u64 {
    let mut bytes = 0;
    let mut records = records.peekable();
    let batches = std::iter::from_fn(|| {
        records.peek()?;
        let puts: Vec<TxnOp> = records
            .by_ref()
            .take(BATCH)
            .map(|(key, value)| {
                bytes += (key.len() + value.len()) as u64;
                TxnOp::put(key, value, None::<PutOptions>)
            })
            .collect();
        let mut kv = client.kv_client();
        Some(async move { kv.txn(Txn::new().and_then(puts)).await.unwrap() })
    });
    let mut running = stream::iter(batches).buffer_unordered(IN_FLIGHT);
    while running.next().await.is_some() {}
    drop(running);
    bytes
}
