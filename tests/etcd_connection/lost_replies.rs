//! Writes whose request or reply is lost on the way.
use crate::{
    session::{carried_out, key, now, planned, reader, scope, until},
    support::etcd,
};
use coredeck::{
    failure::Failure,
    keys::Revision,
    plan::{Intent, Outcome},
    store::Reader,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// Value that the transactions of these tests put. Nothing else on the wire holds it.
const VALUE: &[u8] = br#"{"host":"kept.back.example"}"#;

/// Proxy between a client and etcd. From the transaction on, it can keep back the data of one side.
struct Between {
    endpoint: String,
    requests_pass: Arc<AtomicBool>,
    replies_pass: Arc<AtomicBool>,
    /// True if the transaction has come.
    came: Arc<AtomicBool>,
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
            came: Arc::default(),
            cut: watch::channel(0).0,
        };
        let (requests, replies) = (between.requests_pass.clone(), between.replies_pass.clone());
        let (came, cut) = (between.came.clone(), between.cut.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                let ((from_client, to_client), (from_server, to_server)) =
                    (client.into_split(), server.into_split());
                let (requests, replies, mut cut) = (requests.clone(), replies.clone(), cut.subscribe());
                let came = came.clone();
                tokio::spawn(async move {
                    tokio::select! {
                        () = pass(from_client, to_server, &requests, &came) => {}
                        () = pass(from_server, to_client, &replies, &came) => {}
                        _ = cut.changed() => {}
                    }
                });
            }
        });
        between
    }

    /// Ends all present connections, and lets new ones through.
    fn cut(&self) {
        self.came.store(false, Ordering::SeqCst);
        self.requests_pass.store(true, Ordering::SeqCst);
        self.replies_pass.store(true, Ordering::SeqCst);
        self.cut.send_modify(|cuts| *cuts += 1);
    }
}

async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    passes: &AtomicBool,
    came: &AtomicBool,
) {
    let mut buffer = vec![0; 65536];
    while let Ok(read) = from.read(&mut buffer).await
        && read > 0
    {
        let bytes = &buffer[..read];
        if bytes.windows(VALUE.len()).any(|window| window == VALUE) {
            came.store(true, Ordering::SeqCst);
        }
        let kept_back = came.load(Ordering::SeqCst) && !passes.load(Ordering::SeqCst);
        if !kept_back && to.write_all(bytes).await.is_err() {
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
        let plan =
            planned(&reader, Intent::Create { key: key("/coredns/x"), value: VALUE.into(), lease: None })
                .await;
        between.replies_pass.store(false, Ordering::SeqCst);
        let direct = crate::session::reader(vec![private.endpoint()]).await;
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
async fn a_write_that_may_still_be_on_its_way_is_never_told_as_nothing_changed() {
    let private = etcd::start();
    let between = Between::new(private.endpoint()).await;
    let reader = reader(vec![between.endpoint.clone()]).await;
    let plan =
        planned(&reader, Intent::Create { key: key("/coredns/x"), value: VALUE.into(), lease: None }).await;
    between.requests_pass.store(false, Ordering::SeqCst);
    let started = Instant::now();
    let cut = async {
        until("the transaction is kept back", || async { between.came.load(Ordering::SeqCst) }).await;
        between.cut();
    };
    let (outcome, ()) = tokio::join!(carried_out(&reader, plan), cut);
    assert!(matches!(&outcome, Outcome::Unknown { why: Failure::ConnectionLost { .. }, .. }), "{outcome:?}");
    assert!(started.elapsed() > Duration::from_secs(7));
    assert_eq!(reader.count(&scope().range()).await.unwrap().keys, 0);
}
