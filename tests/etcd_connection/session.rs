//! Steps of a session, in few words.
use crate::support::journal::MemoryJournal;
use coredeck::{
    keys::{KeyValue, Scope, ScopedKey},
    ops::{carry_out, prepare},
    plan::{Intent, Outcome, Plan},
    store::{
        Attempts, ClusterStatus, Event, Reader, Watch, Watched,
        etcd::{EtcdReader, EtcdSettings, connect, open_writer},
    },
};
use std::{
    future::Future,
    time::{Duration, Instant},
};
use tokio::time::{sleep, timeout};

pub(super) const VALUE: &str = r#"{"host":"172.25.52.217","ttl":60}"#;

/// Long enough for everything that comes at all.
pub(super) const SOON: Duration = Duration::from_secs(120);

pub(super) fn scope() -> Scope {
    Scope::parse("/coredns").unwrap()
}

pub(super) fn key(text: &str) -> ScopedKey {
    scope().spelled_key(text).unwrap()
}

pub(super) async fn connected(settings: &EtcdSettings) -> (EtcdReader, ClusterStatus) {
    connect(settings, &scope(), &Attempts::default()).await.unwrap()
}

pub(super) async fn reader(endpoints: Vec<String>) -> EtcdReader {
    connected(&EtcdSettings::new(endpoints)).await.0
}

pub(super) async fn now(reader: &EtcdReader, text: &str) -> Option<KeyValue> {
    reader.read(&[key(text)], None).await.unwrap().records.pop()
}

/// Asks until it is so.
pub(super) async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let deadline = Instant::now() + SOON;
    while !is_so().await {
        assert!(Instant::now() < deadline, "never: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

pub(super) async fn planned(reader: &EtcdReader, intent: Intent) -> Plan {
    prepare(reader, &scope(), &[], intent).await.unwrap()
}

pub(super) async fn carried_out(reader: &EtcdReader, plan: Plan) -> Outcome {
    let (challenge, number) = (plan.challenge().to_owned(), plan.deletes() as u64);
    let confirmed = plan.confirm(&challenge, Some(number)).unwrap();
    carry_out(confirmed, &mut MemoryJournal::default(), &open_writer(reader), reader, |_| {}).await.outcome
}

pub(super) async fn set(reader: &EtcdReader, text: &str, value: &str) -> Outcome {
    let (key, value) = (key(text), value.as_bytes().into());
    let intent = match reader.read(std::slice::from_ref(&key), None).await.unwrap().records.pop() {
        Some(base) => Intent::Edit { base, value },
        None => Intent::Create { key, value, lease: None },
    };
    carried_out(reader, planned(reader, intent).await).await
}

pub(super) async fn brought(watch: &mut Watch) -> Watched {
    timeout(SOON, watch.recv()).await.expect("something comes").expect("the watch says why it ends")
}

/// Returns the next changes, without responses that only report progress.
pub(super) async fn events(watch: &mut Watch) -> Vec<Event> {
    loop {
        match brought(watch).await {
            Watched::Progress { .. } => {}
            Watched::Changes { events, .. } => return events,
            Watched::Lost(failure) => panic!("{failure}"),
        }
    }
}

pub(super) fn as_user(endpoint: &str, user: &str) -> EtcdSettings {
    EtcdSettings { user: Some(user.to_owned()), password: Some(user.into()), ..EtcdSettings::new([endpoint]) }
}
