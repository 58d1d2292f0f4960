//! Real etcds under test: one of each version for the whole run, which the rules use in turn.
use crate::{
    rig::Rig,
    support::etcd::{PrivateEtcd, Setup, etcd_versions},
};
use coredeck::{
    keys::{LeaseId, Revision, Scope},
    store::{
        Attempts,
        etcd::{
            EtcdCounts, EtcdForeign, EtcdReader, EtcdSettings, EtcdWriter, Timeouts, connect, open_counts,
            open_foreign, open_writer,
        },
    },
};
use etcd_client::{Client, ConnectOptions, PutOptions};
use std::{
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::sync::{Mutex, MutexGuard};

/// Login of the program: without users, or as one that may read and write the scope and no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum As {
    Anybody,
    Dns,
}

pub struct OnEtcd {
    scope: Scope,
    reader: EtcdReader,
    writer: EtcdWriter,
    /// The reader of a rescue. Not recorded, because it leaves the scope on purpose.
    foreign: EtcdForeign,
    other: Client,
    role: As,
}

/// One rule at a time: its revisions and compactions need a store that nobody else writes.
static TURN: Mutex<()> = Mutex::const_new(());

/// Returns a rig on each version, with an empty scope of its own.
pub async fn on_every_etcd(role: As) -> (Vec<OnEtcd>, MutexGuard<'static, ()>) {
    let turn = TURN.lock().await;
    let mut rigs = vec![];
    for etcd in servers(role) {
        rigs.push(rig(etcd, role).await);
    }
    (rigs, turn)
}

fn servers(role: As) -> &'static [PrivateEtcd] {
    static OPEN: OnceLock<Vec<PrivateEtcd>> = OnceLock::new();
    static WITH_USERS: OnceLock<Vec<PrivateEtcd>> = OnceLock::new();
    let start = || etcd_versions().into_iter().map(|binary| Setup::default().binary(&binary).start());
    match role {
        As::Anybody => OPEN.get_or_init(|| start().collect()),
        As::Dns => WITH_USERS.get_or_init(|| start().inspect(|etcd| etcd.enable_authentication()).collect()),
    }
}

async fn rig(etcd: &PrivateEtcd, role: As) -> OnEtcd {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let scope = Scope::parse(&format!("/coredns/{}", NEXT.fetch_add(1, Ordering::Relaxed))).unwrap();
    let mut settings = EtcdSettings::new([etcd.endpoint()]);
    // The time of a login on a slow machine is no part of the contract.
    let long = Duration::from_secs(60);
    settings.timeouts = Timeouts { dial: long, read: long, ping_answer: long, ..settings.timeouts };
    let mut options = ConnectOptions::new();
    if role == As::Dns {
        settings.user = Some("dns".to_owned());
        settings.password = Some("dns".into());
        options = options.with_user("root", "root");
    }
    let (reader, _) = connect(&settings, &scope, &Attempts::default()).await.unwrap();
    let writer = open_writer(&reader);
    settings.endpoints = vec![etcd.unrecorded_endpoint()];
    let (unrecorded, _) = connect(&settings, &scope, &Attempts::default()).await.unwrap();
    let foreign = open_foreign(&unrecorded);
    let other = Client::connect(etcd.endpoints(), Some(options)).await.unwrap();
    OnEtcd { scope, reader, writer, foreign, other, role }
}

fn revision(header: Option<&etcd_client::ResponseHeader>) -> Revision {
    Revision(header.unwrap().revision())
}

impl Rig for OnEtcd {
    type Reader = EtcdReader;
    type Writer = EtcdWriter;
    type Counts = EtcdCounts;
    type Foreign = EtcdForeign;

    fn scope(&self) -> &Scope {
        &self.scope
    }
    fn reader(&self) -> &EtcdReader {
        &self.reader
    }
    fn writer(&self) -> &EtcdWriter {
        &self.writer
    }
    fn counts(&self) -> EtcdCounts {
        open_counts(&self.reader)
    }
    fn foreign(&self) -> &EtcdForeign {
        &self.foreign
    }
    fn may_count_neighbours(&self) -> bool {
        self.role == As::Anybody
    }
    async fn put_raw(&self, key: &[u8], value: &str, lease: Option<LeaseId>) -> Revision {
        let options = lease.map(|lease| PutOptions::new().with_lease(lease.get()));
        revision(self.other.kv_client().put(key, value, options).await.unwrap().header())
    }
    async fn delete_raw(&self, key: &[u8]) -> Revision {
        revision(self.other.kv_client().delete(key, None).await.unwrap().header())
    }
    async fn grant(&self, ttl: Duration) -> LeaseId {
        let seconds = i64::try_from(ttl.as_secs()).unwrap();
        LeaseId::new(self.other.lease_client().grant(seconds, None).await.unwrap().id()).unwrap()
    }
    async fn revoke(&self, lease: LeaseId) {
        self.other.lease_client().revoke(lease.get()).await.unwrap();
    }
    async fn compact(&self, at: Revision) {
        self.other.kv_client().compact(at.0, None).await.unwrap();
    }
}
