//! Keys in an etcd, and in a file.
use crate::etcd::PrivateEtcd;
use etcd_client::{Client, GetOptions, LeaseGrantOptions, Txn, TxnOp};
use std::{collections::BTreeMap, io::Read as _, path::Path, process::Command};

/// Keys with their values and the revision of their last write.
pub(crate) type Keys = BTreeMap<Vec<u8>, (Vec<u8>, i64)>;

/// The number that the cluster had that this program was written for.
pub(crate) const REGISTRY: usize = 368;

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

pub(crate) fn put_all(etcd: &PrivateEtcd, keys: &[(Vec<u8>, Vec<u8>)]) {
    block_on(async {
        let mut kv = Client::connect(etcd.endpoints(), None).await.unwrap().kv_client();
        for some in keys.chunks(100) {
            let puts: Vec<_> = some.iter().map(|(key, value)| TxnOp::put(&**key, &**value, None)).collect();
            kv.txn(Txn::new().and_then(puts)).await.unwrap();
        }
    });
}

/// Grants a lease with this number, for ten minutes.
pub(crate) fn grant(etcd: &PrivateEtcd, lease: i64) {
    block_on(async {
        let mut leases = Client::connect(etcd.endpoints(), None).await.unwrap().lease_client();
        leases.grant(600, Some(LeaseGrantOptions::new().with_id(lease))).await.unwrap();
    });
}

/// Returns all keys of an etcd that begin with a prefix.
pub(crate) fn all(etcd: &PrivateEtcd, prefix: &str) -> Keys {
    block_on(async {
        let mut kv = Client::connect(etcd.endpoints(), None).await.unwrap().kv_client();
        let options = if prefix.is_empty() {
            GetOptions::new().with_all_keys()
        } else {
            GetOptions::new().with_prefix()
        };
        let mut found = kv.get(prefix, Some(options)).await.unwrap();
        let found = found.take_kvs().into_iter();
        found.map(|kv| (kv.key().to_vec(), (kv.value().to_vec(), kv.mod_revision()))).collect()
    })
}

/// Returns the lines of a file as `zcat` shows them.
pub(crate) fn zcat(file: &Path) -> Vec<serde_json::Value> {
    let output = Command::new("zcat").arg(file).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Returns the keys of a file.
pub(crate) fn saved(file: &Path) -> Keys {
    let mut reader = coredeck::archive::ArchiveReader::open(file).unwrap();
    let mut keys = Keys::new();
    while let Some(content) = reader.next().unwrap() {
        if let coredeck::archive::LineContent::Record(record) = content {
            keys.insert(record.key.to_vec(), (record.value.to_vec(), record.mod_revision.0));
        }
    }
    keys
}

pub(crate) fn sha256sum(file: &Path) -> String {
    let output = Command::new("sha256sum").arg(file).output().unwrap();
    String::from_utf8(output.stdout).unwrap().split(' ').next().unwrap().to_owned()
}

pub(crate) fn revision(etcd: &PrivateEtcd) -> i64 {
    let status: serde_json::Value =
        serde_json::from_str(&etcd.etcdctl(&["endpoint", "status", "-w", "json"])).unwrap();
    status[0]["Status"]["header"]["revision"].as_i64().unwrap()
}

/// Returns the names in a directory, in order.
pub(crate) fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Makes a cluster as it was before the accident: Kubernetes' keys, whose values are no text, others', and the
/// scope's.
pub(crate) fn cluster(etcd: &PrivateEtcd) {
    let registry = (0..REGISTRY).map(|number| {
        let value = [b"k8s\0\n\x0c\xff\xfe", number.to_string().as_bytes(), &[0, 7, 0x80]].concat();
        (format!("/registry/pods/default/pod-{number:03}").into_bytes(), value)
    });
    let others = [("calico/x", "c"), ("0root", "r"), ("A", "a"), (".hidden", "h"), ("coredns.conf", "k")];
    let records = [
        ("/coredns/io/gcr/x1", r#"{"host":"172.25.52.217","ttl":60}"#),
        ("/coredns/org/example/www", r#"{"host":"192.0.2.11","text":"ä\u001b"}"#),
        ("/coredns/org/example/raw", "not JSON"),
    ];
    let text = others.into_iter().chain(records);
    let text = text.map(|(key, value)| (key.as_bytes().to_vec(), value.as_bytes().to_vec()));
    put_all(etcd, &registry.chain(text).collect::<Vec<_>>());
}

pub(crate) fn bytes(file: &Path) -> Vec<u8> {
    let mut bytes = vec![];
    std::fs::File::open(file).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}
