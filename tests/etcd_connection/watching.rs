//! Watches, and how they end.
use crate::{
    session::{brought, events, key, reader, scope, set, until},
    support::etcd,
};
use coredeck::{
    failure::Failure,
    keys::Revision,
    plan::Outcome,
    store::{Event, Reader, Watched},
};
use etcd_client::{Client, CompactionOptions};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

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
        let client = Client::connect([private.unrecorded_endpoint()], None).await.unwrap();
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
        let client = Client::connect([private.unrecorded_endpoint()], None).await.unwrap();
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
                Watched::Changes { revision, .. } | Watched::Progress { revision, .. } => {
                    assert!(revision.0 < last, "the watch kept up");
                }
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
                Watched::Progress { .. } => {}
                Watched::Changes { events, .. } => panic!("nothing happened: {events:?}"),
                Watched::Lost(why) => break why,
            }
        };
        assert!(matches!(why, Failure::NoLeader { .. }), "{why:?}");
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
