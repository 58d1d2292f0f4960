//! Reading, writing and watching a real etcd: what holds when members, connections, logins and history go away.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::disallowed_types, reason = "other clients than ours play a part in these tests")]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/etcd.rs"]
mod etcd;

use certificates::Authority;
use coredeck::{
    failure::Failure,
    keys::{KeyValue, LeaseId, Revision, Scope, ScopedKey},
    plan::{EntryId, Intent, Journal, Outcome, Plan},
    store::{
        Access, Event, NeighbourKeys, Reader, Status, Watched, carry_out,
        etcd::{EtcdReader, Settings, connect, open_writer},
        prepare,
    },
};
use etcd_client::{Client, CompactionOptions, PutOptions};
use std::{
    future::Future,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
    time::{sleep, timeout},
};

const VALUE: &str = r#"{"host":"172.25.52.217","ttl":60}"#;
/// Long enough for everything that comes at all.
const SOON: Duration = Duration::from_secs(30);

fn scope() -> Scope {
    Scope::parse("/coredns").unwrap()
}

fn key(text: &str) -> ScopedKey {
    scope().spelled_key(text).unwrap()
}

async fn connected(settings: &Settings) -> (EtcdReader, Status) {
    connect(settings, &scope()).await.unwrap()
}

async fn reader(endpoints: Vec<String>) -> EtcdReader {
    connected(&Settings::new(endpoints)).await.0
}

async fn now(reader: &EtcdReader, text: &str) -> Option<KeyValue> {
    reader.read(&[key(text)], None).await.unwrap().records.pop()
}

/// Asks until it is so.
async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let deadline = Instant::now() + SOON;
    while !is_so().await {
        assert!(Instant::now() < deadline, "never: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Keeps nothing: these tests are of what reaches etcd.
struct Forgetful;

impl Journal for Forgetful {
    fn intend(&mut self, _: &Plan) -> Result<EntryId, Failure> {
        Ok(EntryId("1".to_owned()))
    }

    fn conclude(&mut self, _: &EntryId, _: &Outcome) -> Result<(), Failure> {
        Ok(())
    }

    fn place(&self) -> String {
        "nowhere".to_owned()
    }
}

async fn planned(reader: &EtcdReader, intent: Intent) -> Plan {
    prepare(reader, &scope(), &[], intent).await.unwrap()
}

async fn carried_out(reader: &EtcdReader, plan: Plan) -> Outcome {
    let (challenge, number) = (plan.challenge().to_owned(), plan.deletes() as u64);
    let confirmed = plan.confirm(&challenge, Some(number)).unwrap();
    carry_out(confirmed, &mut Forgetful, &open_writer(reader), reader, |_| {}).await.outcome
}

async fn set(reader: &EtcdReader, text: &str, value: &str) -> Outcome {
    let intent = Intent::Set { key: key(text), value: value.as_bytes().into() };
    carried_out(reader, planned(reader, intent).await).await
}

async fn brought(watch: &mut mpsc::Receiver<Watched>) -> Watched {
    timeout(SOON, watch.recv()).await.expect("something comes").expect("the watch says why it ends")
}

/// The next changes; responses that only say that time has passed are left out.
async fn events(watch: &mut mpsc::Receiver<Watched>) -> Vec<Event> {
    loop {
        match brought(watch).await {
            Watched::Changes { events, .. } if events.is_empty() => {}
            Watched::Changes { events, .. } => return events,
            Watched::Lost(failure) => panic!("{failure}"),
        }
    }
}

#[tokio::test]
async fn what_is_in_the_scope_is_read_at_one_revision_and_what_is_beside_it_only_counted() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        for key in
            ["/coredns/io/gcr/x1", "/coredns/io/gcr/x2", "/coredns/net/a", "/registry/pods/a", "/coredns"]
        {
            private.put(key, VALUE);
        }
        let (reader, status) = connect(&Settings::new([private.endpoint()]), &scope()).await.unwrap();
        assert_eq!(status.revision, Revision(6));
        assert_eq!(status.access, Access::Write);
        assert_eq!((status.user, status.no_space), (None, false));
        assert!(status.version.unwrap().starts_with("3."));
        let listing = reader.list(&scope().range(), 0, None).await.unwrap();
        assert_eq!((listing.records.len(), listing.total, listing.revision), (3, 3, Revision(6)));
        assert_eq!(listing.cluster, status.cluster);
        let first = reader.list(&scope().range(), 1, Some(Revision(2))).await.unwrap();
        assert_eq!((first.records.len(), first.total, first.revision), (1, 1, Revision(2)));
        assert_eq!(reader.count(&scope().range()).await.unwrap().keys, 3);
        let key = scope().key(b"/coredns/net/a").unwrap();
        let below = scope().below(b"/coredns/io/gcr").unwrap();
        let read = reader.read(std::slice::from_ref(&key), Some(&below)).await.unwrap();
        let spelled: Vec<String> = read.records.iter().map(|record| record.key.spelled()).collect();
        assert_eq!(spelled, ["/coredns/io/gcr/x1", "/coredns/io/gcr/x2", "/coredns/net/a"]);
        let neighbours = reader.neighbours().await;
        let kubernetes = neighbours.iter().find(|neighbour| neighbour.tenant.prefix == "/registry").unwrap();
        assert_eq!(kubernetes.keys, NeighbourKeys::Counted(1));
    }
}

#[tokio::test]
async fn a_dead_member_costs_no_call_and_no_fresh_start() {
    let mut cluster = etcd::Setup::default().start_cluster(3);
    let dead = (cluster.leader() + 1) % 3;
    let running = reader(cluster.endpoints()).await;
    cluster.kill(dead);
    for _ in 0..200 {
        running.count(&scope().range()).await.unwrap();
    }
    for _ in 0..20 {
        let fresh = reader(cluster.endpoints()).await;
        assert!(matches!(set(&fresh, "/coredns/x", "{}").await, Outcome::Done { .. }));
        let again = Intent::Delete { key: key("/coredns/x") };
        let plan = planned(&fresh, again).await;
        assert!(matches!(carried_out(&fresh, plan).await, Outcome::Done { .. }));
    }
}

#[tokio::test]
async fn a_member_that_answers_is_kept_also_when_the_first_one_comes_back() {
    let mut cluster = etcd::Setup::default().start_cluster(3);
    let endpoints = cluster.endpoints();
    let reader = reader(endpoints.clone()).await;
    assert_eq!(reader.status().await.unwrap().endpoint, endpoints[0]);
    cluster.kill(0);
    let second = reader.status().await.unwrap().endpoint;
    assert_ne!(second, endpoints[0]);
    cluster.restart(0);
    assert_eq!(reader.status().await.unwrap().endpoint, second);
}

#[tokio::test]
async fn a_dead_leader_fails_no_read_and_no_write() {
    let mut cluster = etcd::Setup::default().start_cluster(3);
    let leader = cluster.leader();
    let mut endpoints = cluster.endpoints();
    endpoints.rotate_left(leader);
    let reader = reader(endpoints).await;
    assert!(matches!(set(&reader, "/coredns/x", "0").await, Outcome::Done { .. }));
    cluster.kill(leader);
    for number in 1..=20 {
        let outcome = set(&reader, "/coredns/x", &number.to_string()).await;
        assert!(matches!(outcome, Outcome::Done { .. }), "{outcome}");
    }
    assert_eq!(now(&reader, "/coredns/x").await.unwrap().version, 21);
}

#[tokio::test]
async fn a_hung_member_costs_one_slow_call_and_then_none() {
    let cluster = etcd::Setup::default().start_cluster(3);
    let reader = reader(cluster.endpoints()).await;
    cluster.pause(0);
    let started = Instant::now();
    reader.read(&[key("/coredns/x")], None).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
    let started = Instant::now();
    for _ in 0..50 {
        reader.read(&[key("/coredns/x")], None).await.unwrap();
    }
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    cluster.resume(0);
}

/// Stands between a client and etcd, and can keep back what one side says.
struct Between {
    endpoint: String,
    requests_pass: Arc<AtomicBool>,
    replies_pass: Arc<AtomicBool>,
    /// Bytes that were kept back.
    kept_back: Arc<AtomicUsize>,
    cut: watch::Sender<u32>,
}

impl Between {
    async fn new(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let server = server.trim_start_matches("http://").to_owned();
        let between = Self {
            endpoint,
            requests_pass: Arc::new(AtomicBool::new(true)),
            replies_pass: Arc::new(AtomicBool::new(true)),
            kept_back: Arc::default(),
            cut: watch::channel(0).0,
        };
        let (requests, replies) = (between.requests_pass.clone(), between.replies_pass.clone());
        let (kept_back, cut) = (between.kept_back.clone(), between.cut.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                let ((from_client, to_client), (from_server, to_server)) =
                    (client.into_split(), server.into_split());
                let (requests, replies, mut cut) = (requests.clone(), replies.clone(), cut.subscribe());
                let kept_back = kept_back.clone();
                tokio::spawn(async move {
                    tokio::select! {
                        () = pass(from_client, to_server, &requests, &kept_back) => {}
                        () = pass(from_server, to_client, &replies, &kept_back) => {}
                        _ = cut.changed() => {}
                    }
                });
            }
        });
        between
    }

    /// Ends every connection that there is, and lets new ones through.
    fn cut(&self) {
        self.requests_pass.store(true, Ordering::SeqCst);
        self.replies_pass.store(true, Ordering::SeqCst);
        self.cut.send_modify(|cuts| *cuts += 1);
    }
}

async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    passes: &AtomicBool,
    kept_back: &AtomicUsize,
) {
    let mut buffer = vec![0; 65536];
    while let Ok(read) = from.read(&mut buffer).await
        && read > 0
    {
        if !passes.load(Ordering::SeqCst) {
            kept_back.fetch_add(read, Ordering::SeqCst);
        } else if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn a_write_whose_reply_was_lost_is_found_by_reading_and_not_sent_again() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        let between = Between::new(private.endpoint()).await;
        let reader = reader(vec![between.endpoint.clone()]).await;
        let plan = planned(&reader, Intent::Set { key: key("/coredns/x"), value: (*b"{}").into() }).await;
        between.replies_pass.store(false, Ordering::SeqCst);
        let direct = self::reader(vec![private.endpoint()]).await;
        let arrived = async {
            until("the key is there", || async { now(&direct, "/coredns/x").await.is_some() }).await;
            between.cut();
        };
        let (outcome, ()) = tokio::join!(carried_out(&reader, plan), arrived);
        assert_eq!(outcome, Outcome::Done { changed: 1, revision: Revision(2) });
        assert_eq!(now(&direct, "/coredns/x").await.unwrap().version, 1);
    }
}

#[tokio::test]
async fn a_write_that_never_arrived_is_told_as_nothing_changed_only_when_no_server_can_still_make_it() {
    let private = etcd::start();
    let between = Between::new(private.endpoint()).await;
    let reader = reader(vec![between.endpoint.clone()]).await;
    let plan = planned(&reader, Intent::Set { key: key("/coredns/x"), value: (*b"{}").into() }).await;
    between.requests_pass.store(false, Ordering::SeqCst);
    let started = Instant::now();
    let cut = async {
        // More than a ping: the transaction.
        let kept_back = || async { between.kept_back.load(Ordering::SeqCst) > 100 };
        until("the transaction is kept back", kept_back).await;
        between.cut();
    };
    let (outcome, ()) = tokio::join!(carried_out(&reader, plan), cut);
    assert!(
        matches!(&outcome, Outcome::NothingChanged { why: Failure::ConnectionLost { .. } }),
        "{outcome:?}"
    );
    assert!(started.elapsed() > Duration::from_secs(7));
    assert_eq!(reader.count(&scope().range()).await.unwrap().keys, 0);
}

fn as_user(endpoint: &str, user: &str) -> Settings {
    Settings { user: Some(user.to_owned()), password: Some(user.into()), ..Settings::new([endpoint]) }
}

/// Everything that a session does, under this login.
async fn everything_works(settings: &Settings) -> Status {
    let (reader, status) = connected(settings).await;
    let neighbours = reader.neighbours().await;
    assert!(neighbours.iter().all(|neighbour| neighbour.keys == NeighbourKeys::Denied), "{neighbours:?}");
    let mut watch = reader.watch(&scope().range(), status.revision).await.unwrap();
    assert!(matches!(set(&reader, "/coredns/io/gcr/x1", VALUE).await, Outcome::Done { .. }));
    let [Event::Put(record)] = &events(&mut watch).await[..] else { panic!("one key was put") };
    assert_eq!(*record.value, *VALUE.as_bytes());
    assert_eq!(reader.list(&scope().range(), 0, None).await.unwrap().records, std::slice::from_ref(record));
    let plan = planned(&reader, Intent::DeleteSubtree { name: key("/coredns/io/gcr") }).await;
    assert!(matches!(carried_out(&reader, plan).await, Outcome::Done { changed: 1, .. }));
    let [Event::Delete { key: deleted, .. }] = &events(&mut watch).await[..] else {
        panic!("it was deleted")
    };
    assert_eq!(*deleted, record.key);
    status
}

#[tokio::test]
async fn a_user_of_the_scope_alone_can_do_everything() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        private.enable_authentication();
        let status = everything_works(&as_user(&private.endpoint(), "dns")).await;
        assert_eq!((status.access, status.user.as_deref()), (Access::Write, Some("dns")));
    }
}

#[tokio::test]
async fn a_certificate_whose_name_is_a_user_of_the_scope_alone_can_do_everything() {
    for binary in etcd::etcd_versions() {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::new("ours", dir.path());
        let private = etcd::Setup::default().binary(&binary).mutual_tls(&authority).start();
        private.enable_authentication();
        let (cert, key) = authority.client("dns");
        let files = Settings {
            cacert: Some(authority.certificate()),
            cert: Some(cert),
            key: Some(key),
            ..Settings::new([private.endpoint()])
        };
        let status = everything_works(&files).await;
        assert_eq!((status.access, status.user.as_deref()), (Access::Write, Some("dns")));
    }
}

#[tokio::test]
async fn whether_a_login_may_write_is_found_without_writing() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        for line in [
            "role add sees",
            "role grant-permission sees --prefix=true read /coredns/",
            "user add sees:sees",
            "user grant-role sees sees",
            "role add part",
            "role grant-permission part --prefix=true read /coredns/",
            "role grant-permission part --prefix=true readwrite /coredns/local/",
            "user add part:part",
            "user grant-role part part",
        ] {
            private.etcdctl(&line.split(' ').collect::<Vec<_>>());
        }
        private.enable_authentication();
        for (user, writes) in [("sees", false), ("part", true), ("dns", true), ("root", true)] {
            let (reader, status) = connected(&as_user(&private.endpoint(), user)).await;
            match &status.access {
                Access::Write => assert!(writes, "{user}"),
                Access::ReadOnly(why) => {
                    assert!(!writes, "{user}");
                    assert_eq!(why, "the user sees may not write to /coredns/");
                }
            }
            assert_eq!(reader.count(&scope().range()).await.unwrap().revision, Revision(1));
        }
        // etcd itself has the last word.
        let (reader, _) = connected(&as_user(&private.endpoint(), "sees")).await;
        let outcome = set(&reader, "/coredns/x", "{}").await;
        let Outcome::NothingChanged { why } = &outcome else { panic!("{outcome}") };
        assert_eq!(why.to_string(), "etcd does not allow the user sees to write /coredns/x");
    }
}

/// Signed tokens, which carry the revision of the users and roles that they were made under.
fn with_signed_tokens(dir: &std::path::Path, ttl: &str) -> etcd::Setup {
    let (private, public) = (dir.join("jwt.key"), dir.join("jwt.pub"));
    for arguments in [
        &["genrsa", "-out", private.to_str().unwrap(), "2048"][..],
        &["rsa", "-in", private.to_str().unwrap(), "-pubout", "-out", public.to_str().unwrap()],
    ] {
        assert!(Command::new("openssl").args(arguments).output().unwrap().status.success());
    }
    etcd::Setup::default().argument(&format!(
        "--auth-token=jwt,pub-key={},priv-key={},sign-method=RS256,ttl={ttl}",
        public.display(),
        private.display()
    ))
}

#[tokio::test]
async fn an_expired_token_is_renewed_for_reads_and_writes() {
    for binary in etcd::etcd_versions() {
        let dir = tempfile::tempdir().unwrap();
        let private = with_signed_tokens(dir.path(), "2s").binary(&binary).start();
        private.enable_authentication();
        let settings = as_user(&private.endpoint(), "dns");
        let (reader, _) = connected(&settings).await;
        // A login that is younger and never renewed: when it has expired, the other has as well.
        let younger = etcd_client::ConnectOptions::new().with_user("dns", "dns");
        let younger = Client::connect([private.endpoint()], Some(younger)).await.unwrap();
        let expired = || async { younger.kv_client().get("/coredns/x", None).await.is_err() };
        until("the token has expired", expired).await;
        assert!(matches!(set(&reader, "/coredns/x", VALUE).await, Outcome::Done { .. }));
        let younger = etcd_client::ConnectOptions::new().with_user("dns", "dns");
        let younger = Client::connect([private.endpoint()], Some(younger)).await.unwrap();
        let expired = || async { younger.kv_client().get("/coredns/x", None).await.is_err() };
        let plan = planned(&reader, Intent::Delete { key: key("/coredns/x") }).await;
        until("the token has expired", expired).await;
        assert!(matches!(carried_out(&reader, plan).await, Outcome::Done { .. }));
    }
}

#[tokio::test]
async fn a_token_from_before_a_change_of_roles_is_renewed() {
    for binary in etcd::etcd_versions() {
        let dir = tempfile::tempdir().unwrap();
        let private = with_signed_tokens(dir.path(), "10m").binary(&binary).start();
        private.enable_authentication();
        let (reader, _) = connected(&as_user(&private.endpoint(), "dns")).await;
        let plan = planned(&reader, Intent::Set { key: key("/coredns/x"), value: (*b"{}").into() }).await;
        private.etcdctl(&["--user=root:root", "role", "add", "another"]);
        assert!(matches!(carried_out(&reader, plan).await, Outcome::Done { .. }));
        private.etcdctl(&["--user=root:root", "role", "delete", "another"]);
        assert_eq!(reader.count(&scope().range()).await.unwrap().keys, 1);
        private.etcdctl(&["--user=root:root", "role", "add", "another"]);
        let _watch = reader.watch(&scope().range(), Revision(1)).await.unwrap();
    }
}

#[tokio::test]
async fn an_edit_keeps_the_lease_and_a_gone_lease_is_none() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        let client = Client::connect([private.endpoint()], None).await.unwrap();
        let granted = client.lease_client().grant(600, None).await.unwrap();
        let leased = PutOptions::new().with_lease(granted.id());
        client.kv_client().put("/coredns/x", "old", Some(leased)).await.unwrap();
        let reader = reader(vec![private.endpoint()]).await;
        let base = now(&reader, "/coredns/x").await.unwrap();
        let lease = LeaseId::new(granted.id()).unwrap();
        assert_eq!(base.lease, Some(lease));
        let plan = planned(&reader, Intent::Edit { base, value: (*b"new").into() }).await;
        assert!(matches!(carried_out(&reader, plan).await, Outcome::Done { .. }));
        let edited = now(&reader, "/coredns/x").await.unwrap();
        assert_eq!((&*edited.value, edited.lease, edited.version), (&b"new"[..], Some(lease), 2));
        let left = reader.lease(lease).await.unwrap().unwrap();
        assert!(left > Duration::from_secs(500) && left <= Duration::from_secs(600), "{left:?}");
        client.lease_client().revoke(granted.id()).await.unwrap();
        assert_eq!(reader.lease(lease).await.unwrap(), None);
        assert_eq!(now(&reader, "/coredns/x").await, None);
        // A new record cannot be put on it any more.
        let intent = Intent::Add {
            name: key("/coredns/io/gcr"),
            place: coredeck::plan::Place::NextLeaf,
            own: coredeck::plan::OwnRecord::Leave,
            value: (*b"{}").into(),
            lease: Some(lease),
        };
        let outcome = carried_out(&reader, planned(&reader, intent).await).await;
        assert_eq!(outcome, Outcome::NothingChanged { why: Failure::LeaseGone(lease) });
    }
}

#[tokio::test]
async fn a_key_that_changed_or_appeared_since_it_was_shown_stops_the_write() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        private.put("/coredns/io/gcr/x1", "{}");
        let reader = reader(vec![private.endpoint()]).await;
        let intents = [
            Intent::Set { key: key("/coredns/io/gcr/x1"), value: (*b"mine").into() },
            Intent::Delete { key: key("/coredns/io/gcr/x1") },
            Intent::DeleteSubtree { name: key("/coredns/io/gcr") },
        ];
        for intent in intents {
            let plan = planned(&reader, intent).await;
            private.put("/coredns/io/gcr/x1", "theirs");
            let outcome = carried_out(&reader, plan).await;
            assert!(
                matches!(&outcome, Outcome::NothingChanged { why: Failure::Conflict { key, .. } }
                    if key == "/coredns/io/gcr/x1"),
                "{outcome}"
            );
        }
        let plan = planned(&reader, Intent::DeleteSubtree { name: key("/coredns/io/gcr") }).await;
        private.put("/coredns/io/gcr/x2", "an intruder");
        let outcome = carried_out(&reader, plan).await;
        assert!(matches!(&outcome, Outcome::NothingChanged { why: Failure::Conflict { .. } }), "{outcome}");
        assert_eq!(reader.count(&scope().range()).await.unwrap().keys, 2);
    }
}

#[tokio::test]
async fn a_watch_brings_every_change_of_its_range_and_nothing_else() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        private.put("/coredns/a", "1");
        let reader = reader(vec![private.endpoint()]).await;
        let mut watch = reader.watch(&scope().range(), Revision(2)).await.unwrap();
        private.put("/coredns-old/x", "beside");
        private.put("/registry/pods/a", "beside");
        private.put("/coredns/a", "2");
        private.etcdctl(&["del", "/coredns/a"]);
        let mut seen = Vec::new();
        while seen.len() < 3 {
            seen.extend(events(&mut watch).await);
        }
        let (Event::Put(first), Event::Put(second)) = (&seen[0], &seen[1]) else { panic!("{seen:?}") };
        assert_eq!((&*first.value, first.mod_revision), (&b"1"[..], Revision(2)));
        assert_eq!((&*second.value, second.mod_revision, second.version), (&b"2"[..], Revision(5), 2));
        assert_eq!(seen[2], Event::Delete { key: key("/coredns/a"), revision: Revision(6) });
        assert_eq!(seen.len(), 3);
    }
}

#[tokio::test]
async fn a_watch_survives_an_event_that_is_larger_than_the_library_takes() {
    for binary in etcd::etcd_versions() {
        let large = etcd::Setup::default().binary(&binary).argument("--max-request-bytes=8000000");
        let private = large.start();
        let reader = reader(vec![private.endpoint()]).await;
        let mut watch = reader.watch(&scope().range(), Revision(2)).await.unwrap();
        let client = Client::connect([private.endpoint()], None).await.unwrap();
        client.kv_client().put("/coredns/large", vec![b'x'; 5_000_000], None).await.unwrap();
        let [Event::Put(record)] = &events(&mut watch).await[..] else { panic!("one key was put") };
        assert_eq!(record.value.len(), 5_000_000);
        let listing = reader.list(&scope().range(), 0, None).await.unwrap();
        assert_eq!(listing.records, std::slice::from_ref(record));
        assert_eq!(
            reader.read(&[key("/coredns/large")], None).await.unwrap().records,
            std::slice::from_ref(record)
        );
    }
}

#[tokio::test]
async fn a_watch_that_falls_behind_a_compaction_is_lost_and_says_so() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        let reader = reader(vec![private.endpoint()]).await;
        // Nobody takes anything from this watch, until everything on the way to it is full.
        let mut watch = reader.watch(&scope().range(), Revision(2)).await.unwrap();
        let client = Client::connect([private.endpoint()], None).await.unwrap();
        let mut last = 0;
        for number in 0..800 {
            let value = vec![b'x'; 100_000];
            let put = client.kv_client().put(format!("/coredns/{}", number % 8), value, None).await.unwrap();
            last = put.header().unwrap().revision();
        }
        let physical = CompactionOptions::new().with_physical();
        client.kv_client().compact(last, Some(physical)).await.unwrap();
        let ended = loop {
            match brought(&mut watch).await {
                Watched::Changes { revision, .. } => assert!(revision.0 < last, "the watch kept up"),
                Watched::Lost(why) => break why,
            }
        };
        assert_eq!(ended, Failure::Compacted { asked: Revision(2) });
        assert_eq!(watch.recv().await, None);
    }
}

#[tokio::test]
async fn a_watch_whose_member_dies_is_lost_and_another_member_takes_the_next() {
    let mut cluster = etcd::Setup::default().start_cluster(3);
    let reader = reader(cluster.endpoints()).await;
    let mut watch = reader.watch(&scope().range(), Revision(2)).await.unwrap();
    cluster.kill(0);
    let Watched::Lost(why) = brought(&mut watch).await else { panic!("it is lost") };
    assert!(matches!(why, Failure::ConnectionLost { .. }), "{why:?}");
    let mut watch = reader.watch(&scope().range(), Revision(2)).await.unwrap();
    assert!(matches!(set(&reader, "/coredns/x", "{}").await, Outcome::Done { .. }));
    assert_eq!(events(&mut watch).await.len(), 1);
}

#[tokio::test]
async fn a_watch_is_lost_when_its_member_has_no_leader_any_more() {
    for binary in etcd::etcd_versions() {
        let mut cluster = etcd::Setup::default().binary(&binary).start_cluster(3);
        let reader = reader(cluster.endpoints()).await;
        let mut watch = reader.watch(&scope().range(), Revision(2)).await.unwrap();
        cluster.kill(1);
        cluster.kill(2);
        let why = loop {
            match brought(&mut watch).await {
                Watched::Changes { events, .. } => assert_eq!(events, []),
                Watched::Lost(why) => break why,
            }
        };
        assert!(matches!(why, Failure::NoLeader { .. }), "{why:?}");
    }
}

#[tokio::test]
async fn a_login_that_is_taken_away_while_it_is_used_is_named() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        private.enable_authentication();
        let (reader, _) = connected(&as_user(&private.endpoint(), "dns")).await;
        let as_root = |line: &str| {
            let line = format!("--user=root:root {line}");
            private.etcdctl(&line.split(' ').collect::<Vec<_>>())
        };
        as_root("role revoke-permission dns --prefix=true /coredns/");
        let failure = reader.count(&scope().range()).await.unwrap_err();
        assert!(matches!(failure, Failure::PermissionDenied { .. }), "{failure:?}");
        as_root("role grant-permission dns --prefix=true readwrite /coredns/");
        reader.count(&scope().range()).await.unwrap();
        as_root("user delete dns");
        let failure = reader.count(&scope().range()).await.unwrap_err();
        assert_eq!(failure, Failure::WrongPassword { user: "dns".to_owned() });
        as_root("user add dns:dns");
        as_root("user grant-role dns dns");
        reader.count(&scope().range()).await.unwrap();
        as_root("auth disable");
        // etcd 3.4 still looks for the token, and finds it gone; later ones do not look any more.
        match reader.count(&scope().range()).await {
            Ok(_) => {}
            Err(failure) => assert_eq!(failure, Failure::AuthNotEnabled { user: "dns".to_owned() }),
        }
    }
}

#[tokio::test]
async fn a_watch_that_nobody_reads_any_more_is_ended_at_the_server() {
    let private = etcd::Setup::default().argument("--metrics=extensive").start();
    let reader = reader(vec![private.endpoint()]).await;
    let watchers = || async {
        let address = private.unrecorded_endpoint().trim_start_matches("http://").to_owned();
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").await.unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).await.unwrap();
        let line = page.lines().find(|line| line.starts_with("etcd_debugging_mvcc_watcher_total ")).unwrap();
        line.rsplit(' ').next().unwrap().to_owned()
    };
    let watch = reader.watch(&scope().range(), Revision(1)).await.unwrap();
    until("the server has a watcher", || async { watchers().await == "1" }).await;
    drop(watch);
    until("the server has no watcher", || async { watchers().await == "0" }).await;
}

#[tokio::test]
async fn a_server_that_restarts_under_one_endpoint_fails_no_read() {
    let mut private = etcd::start();
    private.put("/coredns/x", "{}");
    let reader = reader(vec![private.endpoint()]).await;
    private.kill(0);
    private.restart(0);
    assert_eq!(reader.list(&scope().range(), 0, None).await.unwrap().records.len(), 1);
}
