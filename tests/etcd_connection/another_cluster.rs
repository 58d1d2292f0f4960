//! Address of one cluster that belongs to another one a moment later.
use crate::{
    session::{carried_out, key, planned, reader},
    support::etcd,
};
use coredeck::{
    failure::Failure,
    plan::{Intent, Outcome},
    store::Reader,
};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// Address behind which the server can be exchanged.
struct Address {
    endpoint: String,
    server: Arc<Mutex<String>>,
    moved: watch::Sender<()>,
}

impl Address {
    async fn of(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let server = Arc::new(Mutex::new(server.trim_start_matches("http://").to_owned()));
        let moved = watch::channel(()).0;
        let (to, ends) = (Arc::clone(&server), moved.clone());
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let to = to.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let mut server = TcpStream::connect(to).await.unwrap();
                let mut end = ends.subscribe();
                tokio::spawn(async move {
                    tokio::select! {
                        _ = copy_bidirectional(&mut client, &mut server) => {}
                        _ = end.changed() => {}
                    }
                });
            }
        });
        Self { endpoint, server, moved }
    }

    /// Changes the server, for open connections as well.
    fn is_now(&self, server: &str) {
        server.trim_start_matches("http://").clone_into(&mut self.server.lock().unwrap());
        self.moved.send_replace(());
    }
}

#[tokio::test]
async fn a_plan_for_one_cluster_is_never_sent_to_another() {
    let (shown, other) = (etcd::start(), etcd::start());
    let address = Address::of(&shown.unrecorded_endpoint()).await;
    let reader = reader(vec![address.endpoint.clone()]).await;
    // Both clusters would take this plan: the key exists in neither.
    let create =
        Intent::Create { key: key("/coredns/io/gcr/x1"), value: b"{}".as_slice().into(), lease: None };
    let plan = planned(&reader, create).await;
    address.is_now(&other.unrecorded_endpoint());
    let outcome = carried_out(&reader, plan).await;
    // The first call meets the other cluster, or the end of the old connection, and nothing is sent after it.
    let Outcome::NothingChanged { why } = outcome else { panic!("{outcome}") };
    assert!(matches!(why, Failure::WrongCluster { .. } | Failure::NoRoute { .. }), "{why}");
    assert!(matches!(reader.status().await, Err(Failure::WrongCluster { .. })));
    assert_eq!(other.etcdctl(&["get", "/coredns/", "--prefix", "--keys-only"]).trim(), "");
}
