//! Court of a real etcd with a real `CoreDNS` before it.

use crate::{
    coredns::{Corefile, PrivateCoreDns, Query},
    etcd::{PrivateEtcd, start},
    lines::{Reply, labels, received},
    state::State,
};
use coredeck::dns::{Name, QueryType};
use etcd_client::{Client, DeleteOptions, Txn, TxnOp};
use std::path::{Path, PathBuf};
use tokio::runtime::Runtime;

/// etcd takes 128 operations in one transaction.
const PER_TRANSACTION: usize = 100;
const ROOT: &str = "/coredns/";

pub struct Court {
    binary: PathBuf,
    runtime: Runtime,
    client: Client,
    endpoint: String,
    server: Option<(Vec<Name>, PrivateCoreDns)>,
    _etcd: PrivateEtcd,
}

impl Court {
    /// Starts a court with this `CoreDNS`.
    pub fn of(binary: &Path) -> Self {
        let etcd = start();
        // The recorder is for this program, not for CoreDNS.
        let endpoint = etcd.unrecorded_endpoint();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(Client::connect([&endpoint], None)).unwrap();
        Self { binary: binary.to_owned(), runtime, client, endpoint, server: None, _etcd: etcd }
    }

    /// Replaces everything by these records, served for these zones.
    pub fn load<'n>(&mut self, state: &State, zones: impl Iterator<Item = &'n Name>) {
        let Self { runtime, client, .. } = self;
        runtime.block_on(async {
            client.delete(ROOT, Some(DeleteOptions::new().with_prefix())).await.unwrap();
            let puts: Vec<TxnOp> =
                state.0.iter().map(|(key, value)| TxnOp::put(key.clone(), value.clone(), None)).collect();
            for some in puts.chunks(PER_TRANSACTION) {
                client.txn(Txn::new().and_then(some)).await.unwrap();
            }
        });
        let zones: Vec<Name> = zones.cloned().collect();
        if self.server.as_ref().is_some_and(|(served, _)| *served == zones) {
            return;
        }
        let names: Vec<String> = zones.iter().map(Name::fqdn).collect();
        let text = format!(
            ".:@0@ {{\n bind 127.0.0.1\n etcd {} {{\n  path /coredns\n  endpoint {}\n }}\n}}\n",
            names.join(" "),
            self.endpoint
        );
        let probe = Query { labels: labels(&zones[0]), kind: 6 };
        let corefile = Corefile { text, ports: 1, probes: vec![probe], files: vec![] };
        self.server = Some((zones, PrivateCoreDns::start(&self.binary, &corefile)));
    }

    pub fn ask(&self, questions: &[(Name, QueryType)]) -> Vec<Reply> {
        let query = |(name, kind): &(Name, QueryType)| Query { labels: labels(name), kind: kind.0 };
        let queries: Vec<Query> = questions.iter().map(query).collect();
        let (_, server) = self.server.as_ref().expect("records were loaded");
        server.ask(0, &queries).iter().map(|wire| received(wire.as_deref())).collect()
    }
}
