//! Rig of a private etcd with the records of a change, and a home for the program.
use crate::{cli::Home, deed::Deed, etcd};
use etcd_client::{Client, GetOptions, PutOptions, Txn, TxnOp};
use std::{collections::BTreeMap, fs};

/// Name that is changed with everything below it, and its challenge.
pub const NAME: &str = "example.org";
pub const CHALLENGE: &str = "/coredns/org/example/";
/// Neighbours of the name, which no change touches.
const NEIGHBOURS: [&str; 3] = ["/coredns/org/examples/x1", "/coredns/io/gcr/x1", "/registry/pods/web-0"];
/// Bytes of a large journal; an entry of 3,000 keys has half a million.
const LARGE: u64 = 1_000_000;
/// etcd's `--max-txn-ops`.
const AT_ONCE: usize = 128;
/// Seconds of a lease; longer than any test.
const LEASE: i64 = 86_400;

/// Record at a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub value: String,
    pub leased: bool,
}

pub type Records = BTreeMap<String, Record>;

pub struct Rig {
    etcd: etcd::PrivateEtcd,
    home: Home,
    deed: Deed,
    keys: usize,
    before: Records,
    after: Records,
    lease: i64,
}

impl Rig {
    /// Makes a rig for a change of this many keys.
    pub fn of(deed: Deed, keys: usize) -> Self {
        let etcd = etcd::start();
        for key in NEIGHBOURS {
            etcd.put(key, "sentinel");
        }
        let home = Home::of(&etcd.endpoint());
        let (before, after) = deed.records(keys);
        let lease = with_client(&etcd, |client| async move {
            client.lease_client().grant(LEASE, None).await.unwrap().id()
        });
        let rig = Self { etcd, home, deed, keys, before, after, lease };
        rig.fill();
        rig
    }

    pub fn etcd(&self) -> &etcd::PrivateEtcd {
        &self.etcd
    }

    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Returns the number of keys that change.
    pub fn keys(&self) -> usize {
        self.keys
    }

    /// Returns the records before the change.
    pub fn before(&self) -> &Records {
        &self.before
    }

    /// Returns the records that the change has to make.
    pub fn after(&self) -> &Records {
        &self.after
    }

    /// Returns the arguments that make the change.
    pub fn arguments(&self) -> Vec<String> {
        self.deed.arguments(self, &self.home)
    }

    /// Sets the records below the name to those before the change.
    pub fn fill(&self) {
        let there = self.there();
        let gone = there.keys().filter(|key| !self.before.contains_key(*key));
        let differing = self.before.iter().filter(|(key, record)| there.get(*key) != Some(record));
        let put = |(key, record): (&String, &Record)| {
            let lease = record.leased.then(|| PutOptions::new().with_lease(self.lease));
            TxnOp::put(key.as_str(), record.value.as_str(), lease)
        };
        let deletes = gone.map(|key| TxnOp::delete(key.as_str(), None));
        let operations: Vec<TxnOp> = deletes.chain(differing.map(put)).collect();
        with_client(&self.etcd, |client| async move {
            for operations in operations.chunks(AT_ONCE) {
                client.kv_client().txn(Txn::new().and_then(operations)).await.unwrap();
            }
        });
    }

    /// Returns the records that etcd has below the name.
    pub fn there(&self) -> Records {
        records(&self.etcd, CHALLENGE)
    }

    /// Removes the journal, if it is so large that reading it takes longer than the rest.
    pub fn begin_anew(&self) {
        let directory = self.home.journal().parent().unwrap().to_owned();
        if fs::metadata(self.home.journal()).is_ok_and(|journal| journal.len() > LARGE) {
            fs::remove_dir_all(directory).unwrap();
        }
    }

    /// Checks that no neighbour was ever touched.
    pub fn check_the_neighbours(&self) {
        for key in NEIGHBOURS {
            let value = self.etcd.etcdctl(&["get", "--print-value-only", "--", key]);
            assert_eq!(value.trim_end(), "sentinel", "{key}");
        }
    }

    /// Returns the number of the change's transactions, and the length of its line in the journal with its end.
    pub fn size(&self) -> (usize, usize) {
        // This run has a home of its own, because the trials are about the other journal.
        let other = Home::of(&self.etcd.endpoint());
        let arguments = self.deed.arguments(self, &other);
        let run = other.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).ends_with(0);
        assert_eq!(self.there(), self.after);
        let steps =
            run.err.lines().find_map(|line| line.strip_prefix("In ")?.split(' ').next()?.parse().ok());
        let journal = fs::read_to_string(other.journal()).unwrap();
        self.fill();
        (steps.unwrap_or(1), journal.lines().next().unwrap().len() + 1)
    }
}

/// Returns the records of an etcd whose keys begin so.
pub fn records(etcd: &etcd::PrivateEtcd, prefix: &str) -> Records {
    with_client(etcd, |client| async move {
        let options = GetOptions::new().with_prefix();
        let got = client.kv_client().get(prefix, Some(options)).await.unwrap();
        let record = |kv: &etcd_client::KeyValue| {
            let value = kv.value_str().unwrap().to_owned();
            (kv.key_str().unwrap().to_owned(), Record { value, leased: kv.lease() != 0 })
        };
        got.kvs().iter().map(record).collect()
    })
}

fn with_client<T: Send, F: Future<Output = T>>(
    etcd: &etcd::PrivateEtcd,
    work: impl FnOnce(Client) -> F + Send,
) -> T {
    etcd.with_client(&etcd.endpoints()[0], work).unwrap()
}
