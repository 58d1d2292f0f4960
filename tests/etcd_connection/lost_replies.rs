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
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

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
