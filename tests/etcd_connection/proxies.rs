//! Proxies of etcd, which list themselves in place of the members and pass no question about a watch on.
use crate::{
    session::{VALUE, carried_out, connected, key, now, planned, reader, scope, set},
    support::etcd,
};
use coredeck::{
    health::Leader,
    ops::history,
    plan::{Intent, Outcome},
    store::{
        Event, ForeignDeletions as _, Reader as _,
        etcd::{EtcdSettings, open_foreign},
    },
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    time::sleep,
};

/// Much less than the minute for which a watch may be silent while somebody still works on it.
const SOON_OVER: Duration = Duration::from_secs(20);

#[tokio::test]
async fn changes_are_made_and_a_leader_that_answers_is_believed() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        let (_proxy, endpoint) = private.start_proxy();
        let behind = reader(vec![endpoint.clone()]).await;
        let health = behind.health(Duration::from_secs(6)).await;
        assert!(matches!(health.leader(), Leader::Is(_)), "{binary:?}: {health:#?}");
        assert_eq!((health.quorum(), health.is_wrong()), (Some(true), false), "{binary:?}: {health:#?}");
        let findings = health.findings();
        assert!(
            findings
                .iter()
                .any(|finding| finding.what == format!("{endpoint} is a proxy, which tells of no member")),
            "{findings:?}"
        );
        // It lists its own address, not that of a member that could replace another one.
        assert_eq!(behind.status().await.unwrap().members, [""; 0]);
        assert!(
            matches!(set(&behind, "/coredns/io/gcr/x1", VALUE).await, Outcome::Done { .. }),
            "{binary:?}"
        );
        let plan = planned(&behind, Intent::Delete { key: key("/coredns/io/gcr/x1") }).await;
        assert!(matches!(carried_out(&behind, plan).await, Outcome::Done { .. }), "{binary:?}");
    }
}

#[tokio::test]
async fn a_history_ends_and_says_that_nobody_vouches_for_it() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        private.put("/coredns/io/gcr/x1", VALUE);
        private.put("/coredns/io/gcr/x2", VALUE);
        private.etcdctl(&["del", "/coredns/io/gcr/x1"]);
        let (_proxy, endpoint) = private.start_proxy();
        let behind = reader(vec![endpoint]).await;
        let began = Instant::now();
        let past = history(&behind, &scope(), None, Some(&scope().range()), 100).await.unwrap();
        assert!(began.elapsed() < SOON_OVER, "{binary:?}: {:?}", began.elapsed());
        let deleted = |event: &Event| matches!(event, Event::Delete { .. });
        assert_eq!(past.versions.len(), 3, "{binary:?}: {past:?}");
        assert_eq!(past.versions.iter().filter(|event| deleted(event)).count(), 1, "{binary:?}: {past:?}");
        assert!(!past.vouched, "{binary:?}");
        let mut heard = 0;
        let range = coredeck::keys::ForeignRange::all();
        let deletions = open_foreign(&behind).deletions(&range, |_, _| heard += 1).await.unwrap();
        assert_eq!((heard, deletions.vouched), (1, false), "{binary:?}");
        // A member itself makes it certain.
        let direct = reader(vec![private.endpoint()]).await;
        assert!(history(&direct, &scope(), None, Some(&scope().range()), 100).await.unwrap().vouched);
    }
}

/// A line to an address, which counts its connections.
async fn counted(to: String) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((mut from, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let to = to.trim_start_matches("http://").to_owned();
            tokio::spawn(async move {
                if let Ok(mut to) = TcpStream::connect(to).await {
                    let _ = copy_bidirectional(&mut from, &mut to).await;
                }
            });
        }
    });
    (endpoint, connections)
}

/// etcd and its proxy end a connection whose client asks too often whether it still lives (`too_many_pings`): four times
/// while it waits for nothing.
#[tokio::test]
async fn a_connection_that_is_left_alone_is_kept() {
    const OFTEN: Duration = Duration::from_millis(10);
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        let (_proxy, behind) = private.start_proxy();
        for endpoint in [private.endpoint(), behind] {
            let (line, connections) = counted(endpoint.clone()).await;
            let mut settings = EtcdSettings::new([line]);
            settings.timeouts.ping_every = OFTEN;
            let (reader, _) = connected(&settings).await;
            now(&reader, "/coredns/io/gcr/x1").await;
            let before = connections.load(Ordering::SeqCst);
            // That nothing is sent has no condition to wait for.
            sleep(40 * OFTEN).await;
            now(&reader, "/coredns/io/gcr/x1").await;
            assert_eq!(connections.load(Ordering::SeqCst), before, "{binary:?} at {endpoint}");
        }
    }
}
