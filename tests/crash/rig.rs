//! A private etcd with the records that a change is about, and a home for the program.
use crate::{cli::Home, etcd};
use etcd_client::{GetOptions, Txn, TxnOp};
use std::{collections::BTreeMap, fs};

/// The name that is deleted with everything below it, and the text to type for it.
pub const NAME: &str = "example.org";
pub const CHALLENGE: &str = "/coredns/org/example/";
/// Beside it, never touched.
const NEIGHBOURS: [&str; 3] = ["/coredns/org/examples/x1", "/coredns/io/gcr/x1", "/registry/pods/web-0"];
/// Bytes of a journal; an entry of 3,000 keys has half a million.
const LARGE: u64 = 1_000_000;
/// etcd's `--max-txn-ops`.
const AT_ONCE: usize = 128;

pub struct Rig {
    etcd: etcd::PrivateEtcd,
    home: Home,
    keys: usize,
}

impl Rig {
    /// With so many records.
    pub fn with(keys: usize) -> Self {
        let etcd = etcd::start();
        for key in NEIGHBOURS {
            etcd.put(key, "sentinel");
        }
        let home = Home::of(&etcd.endpoint());
        let rig = Self { etcd, home, keys };
        rig.fill();
        rig
    }

    pub fn home(&self) -> &Home {
        &self.home
    }

    pub fn keys(&self) -> usize {
        self.keys
    }

    /// The records as they are to be.
    pub fn records(&self) -> BTreeMap<String, String> {
        let record = |number: usize| {
            let address = format!("10.{}.{}.{}", number / 65_536, number / 256 % 256, number % 256);
            (format!("{CHALLENGE}n{number:05}/x1"), format!(r#"{{"host":"{address}","ttl":60}}"#))
        };
        (0..self.keys).map(record).collect()
    }

    /// Puts those records that are not there.
    pub fn fill(&self) {
        let there = self.there();
        let missing: Vec<(String, String)> =
            self.records().into_iter().filter(|(key, _)| !there.contains_key(key)).collect();
        self.with_client(|client| async move {
            for records in missing.chunks(AT_ONCE) {
                let puts: Vec<TxnOp> = records
                    .iter()
                    .map(|(key, value)| TxnOp::put(key.as_str(), value.as_str(), None))
                    .collect();
                client.kv_client().txn(Txn::new().and_then(puts)).await.unwrap();
            }
        });
    }

    /// The records that etcd has below the name.
    pub fn there(&self) -> BTreeMap<String, String> {
        self.with_client(|client| async move {
            let options = GetOptions::new().with_prefix();
            let got = client.kv_client().get(CHALLENGE, Some(options)).await.unwrap();
            let record = |kv: &etcd_client::KeyValue| {
                (kv.key_str().unwrap().to_owned(), kv.value_str().unwrap().to_owned())
            };
            got.kvs().iter().map(record).collect()
        })
    }

    /// Leaves the journal behind, when it is so large that reading it back takes longer than the rest.
    pub fn begin_anew(&self) {
        let directory = self.home.journal().parent().unwrap().to_owned();
        if fs::metadata(self.home.journal()).unwrap().len() > LARGE {
            fs::remove_dir_all(directory).unwrap();
        }
    }

    /// Nothing beside the name was ever touched.
    pub fn check_the_neighbours(&self) {
        for key in NEIGHBOURS {
            let value = self.etcd.etcdctl(&["get", "--print-value-only", "--", key]);
            assert_eq!(value.trim_end(), "sentinel", "{key}");
        }
    }

    /// Into how many transactions the change goes, and how long its line in the journal is, end included.
    pub fn size(&self) -> (usize, usize) {
        let run = self.home.run(&["rm", "-r", NAME]).ends_with(4);
        let steps =
            run.err.lines().find_map(|line| line.strip_prefix("In ")?.split(' ').next()?.parse().ok());
        // A home of its own, because the journal of this one is what the trials are about.
        let other = Home::of(&self.etcd.endpoint());
        let expect = self.keys.to_string();
        other.run(&["rm", "-r", NAME, "--confirm", CHALLENGE, "--expect", &expect]).ends_with(0);
        let journal = fs::read_to_string(other.journal()).unwrap();
        self.fill();
        (steps.unwrap_or(1), journal.lines().next().unwrap().len() + 1)
    }

    fn with_client<T: Send, F: Future<Output = T>>(
        &self,
        work: impl FnOnce(etcd_client::Client) -> F + Send,
    ) -> T {
        self.etcd.with_client(&self.etcd.endpoints()[0], work).unwrap()
    }
}
