//! Court of a real etcd with a real `CoreDNS` before it, one pair for the whole run, which the tests use in turn.

use crate::{
    comparison::Asked,
    generate::Docket,
    options::{Options, corefile},
    presentation,
    records::{Held, Record},
    reply::Reply,
    support::{
        coredns::{self, PrivateCoreDns, Query, binary},
        etcd::{PrivateEtcd, start},
    },
};
use coredeck::{
    dns::{CoreDnsVersion, KeyContent, LeaseLeft},
    keys::LeaseId,
};
use etcd_client::{Client, DeleteOptions, GetOptions, PutOptions, Txn, TxnOp};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};
use tokio::runtime::Runtime;

/// All records are below this, whatever the path is.
const ROOT: &str = "/coredns/";
/// etcd takes 128 operations in one transaction.
const PER_TRANSACTION: usize = 100;

pub struct Court {
    runtime: Runtime,
    client: Client,
    coredns: PrivateCoreDns,
    options: Vec<Options>,
    etcd: PrivateEtcd,
}

/// Returns the version of the `CoreDNS` that is asked. `None` if there is none, which `tests/run` reports at its end.
pub fn version() -> Option<CoreDnsVersion> {
    let (major, minor, patch) = coredns::version(&binary()?);
    Some(CoreDnsVersion { major, minor, patch })
}

/// Returns the one pair, which serves each of these options. `None` if there is no `CoreDNS`.
pub fn court(options: fn(CoreDnsVersion) -> Vec<Options>) -> Option<MutexGuard<'static, Court>> {
    static COURT: OnceLock<Mutex<Court>> = OnceLock::new();
    let version = version()?;
    let court = COURT.get_or_init(|| Mutex::new(Court::start(options(version))));
    // The next test replaces everything that a failed test has left behind.
    Some(court.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Court {
    pub fn start(options: Vec<Options>) -> Self {
        let binary = binary().expect("only asked where there is a CoreDNS");
        let etcd = start();
        // The recorder is for this program, not for CoreDNS.
        let endpoint = etcd.unrecorded_endpoint();
        let coredns = PrivateCoreDns::start(&binary, &corefile(&options, &endpoint));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(Client::connect([&endpoint], None)).unwrap();
        Self { runtime, client, coredns, options, etcd }
    }

    /// Returns the endpoint at which the program finds the same records.
    pub fn endpoint(&self) -> String {
        self.etcd.endpoint()
    }

    /// Replaces everything by these records, and returns what etcd then holds.
    #[expect(clippy::disallowed_methods, reason = "a private etcd in which nothing else is")]
    pub fn load(&mut self, records: &[Record]) -> Held {
        let Self { runtime, client, .. } = self;
        runtime.block_on(async {
            client.delete(ROOT, Some(DeleteOptions::new().with_prefix())).await.unwrap();
            let mut puts = BTreeMap::new();
            for record in records {
                assert!(record.key.starts_with(ROOT.as_bytes()), "{record}");
                let options = match record.lease_ttl {
                    None => None,
                    Some(seconds) => {
                        let lease = client.lease_grant(seconds, None).await.unwrap();
                        Some(PutOptions::new().with_lease(lease.id()))
                    }
                };
                // A transaction takes each key once.
                puts.insert(&record.key, TxnOp::put(record.key.clone(), record.value.clone(), options));
            }
            let mut puts: Vec<TxnOp> = puts.into_values().collect();
            while !puts.is_empty() {
                let rest = puts.split_off(puts.len().min(PER_TRANSACTION));
                client.txn(Txn::new().and_then(puts)).await.unwrap();
                puts = rest;
            }
        });
        let mut held = self.read();
        let seconds = records.iter().filter_map(|record| record.lease_ttl);
        held.granted = seconds.map(|seconds| u32::try_from(seconds).unwrap()).collect();
        held
    }

    /// Returns the records of etcd, and the time that its leases have left now.
    fn read(&mut self) -> Held {
        let Self { runtime, client, .. } = self;
        runtime.block_on(async {
            let mut held = Held::default();
            for pair in client.get(ROOT, Some(GetOptions::new().with_prefix())).await.unwrap().take_kvs() {
                let lease = LeaseId::new(pair.lease());
                if let Some(lease) = lease {
                    let left = client.lease_time_to_live(lease.get(), None).await.unwrap().ttl();
                    held.leases.insert(lease, LeaseLeft::Seconds(left));
                }
                held.records.push((pair.key().into(), KeyContent { value: pair.value().into(), lease }));
            }
            held
        })
    }

    /// Returns the replies of `CoreDNS` under these options.
    pub fn ask(&mut self, options: &Options, queries: &[Query]) -> Vec<Reply> {
        let number = self.options.iter().position(|one| one == options);
        self.replies(number.expect("the options were given at the start"), queries)
    }

    /// Asks a question that ends the server, and returns the server's log.
    pub fn dies_of(&mut self, options: &Options, query: &Query) -> String {
        let number = self.options.iter().position(|one| one == options);
        let replies = self.coredns.try_ask(number.unwrap(), std::slice::from_ref(query));
        assert!(replies.is_err(), "it lives, and says {replies:?}");
        let status = self.coredns.wait_for_its_end();
        assert!(!status.success(), "{status}");
        self.coredns.log()
    }

    /// Returns the replies of the server behind etcd.
    pub fn ask_elsewhere(&mut self, queries: &[Query]) -> Vec<Reply> {
        self.replies(self.options.len(), queries)
    }

    /// Returns the rcodes that `CoreDNS` gives, and the types of the records in its answers.
    pub fn outcomes(&mut self, options: &Options, docket: &Docket) -> Vec<String> {
        self.load(&docket.records);
        let queries: Vec<Query> = docket.questions.iter().map(Asked::query).collect();
        let mut outcomes = vec![];
        for reply in self.ask(options, &queries) {
            let Some(sections) = reply.sections() else {
                outcomes.push(reply.to_string());
                continue;
            };
            let empty = sections.rcode == "NOERROR" && sections.answer.is_empty();
            outcomes.push(if empty { "NODATA".to_owned() } else { sections.rcode.clone() });
            outcomes.extend(sections.answer.iter().map(|line| presentation::kind(line.kind)));
        }
        outcomes
    }

    fn replies(&mut self, number: usize, queries: &[Query]) -> Vec<Reply> {
        let replies = self.coredns.ask(number, queries);
        replies.iter().map(|wire| Reply::received(wire.as_deref())).collect()
    }
}
