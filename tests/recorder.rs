//! Promises P1 and P2 on the wire: every request that the program sends is decoded on its way to etcd.
//!
//! With `COREDECK_TEST_RECORD` set, as `tests/run` sets it, the same recorder stands before every private etcd
//! of every test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(unreachable_pub, missing_debug_implementations, reason = "nobody stands outside a test")]
#![allow(clippy::disallowed_types, reason = "the other client is no part of the program")]
#![allow(dead_code, reason = "each test crate takes what it needs of the support")]

mod support;

use coredeck::{
    keys::{Revision, Scope},
    ops::count_everybody,
    store::{
        Attempts, Reader,
        etcd::{EtcdSettings, connect, open_counts},
    },
};
use etcd_client::{
    Client, Compare, CompareOp, DeleteOptions, GetOptions, LeaseGrantOptions, Txn, TxnOp, WatchOptions,
};
use support::{
    etcd::{self, Setup, etcd_versions, recorder::Recorder},
    session,
};

#[tokio::test]
async fn no_request_of_a_session_breaks_a_promise() {
    for binary in etcd_versions() {
        let private = Setup::default().binary(&binary).start();
        let recorder = Recorder::before(&private.endpoints()[0], "/coredns/");
        let root = session::root(&private, false).await;
        let before = session::place_sentinels(&root).await;
        let settings = EtcdSettings::new([recorder.endpoint()]);
        let tally = session::run(&settings, &root, 500, 0x5eed_0003).await;
        // A session makes other requests as well: a watch, a lease, and the count of the neighbours' keys.
        let scope = Scope::parse("/coredns").unwrap();
        let (reader, _) = connect(&settings, &scope, &Attempts::default()).await.unwrap();
        count_everybody(&open_counts(&reader), &scope).await.unwrap();
        drop(reader.watch(&scope.range(), Revision(1)).await.unwrap());

        assert_eq!(recorder.violations(), Vec::<String>::new());
        assert_eq!(session::sentinels(&root).await, before);
        assert!(recorder.count("/etcdserverpb.KV/Txn") >= tally.done, "each change passed here");
        assert!(recorder.count("/etcdserverpb.Watch/Watch") >= 1);
        assert!(recorder.count("/etcdserverpb.KV/Range") >= 500, "each count and list passed here");
        assert!(recorder.count("/etcdserverpb.Lease/LeaseGrant") >= 1, "leases are made for plans");
        for method in ["Put", "DeleteRange", "Compact"] {
            assert_eq!(recorder.count(&format!("/etcdserverpb.KV/{method}")), 0, "every write is guarded");
        }
    }
}

/// A client sends each request that must never be sent.
#[tokio::test]
#[allow(clippy::disallowed_methods, reason = "the recorder has to see what the program cannot do")]
async fn the_recorder_sees_every_broken_promise() {
    let private = etcd::start();
    let recorder = Recorder::before(&private.endpoints()[0], "/coredns/");
    let client = Client::connect([recorder.endpoint()], None).await.unwrap();
    let kv = || client.kv_client();
    let mut seen = 0;
    let mut broken = |promise: &str| {
        let violations = recorder.violations();
        assert!(violations[seen..].iter().any(|what| what.contains(promise)), "{promise}: {violations:?}");
        seen = violations.len();
    };

    // The command that this program exists for: etcdctl del / coredns.
    let range = DeleteOptions::new().with_range("coredns");
    kv().delete("/", Some(range)).await.unwrap();
    broken("it deletes a range: [/, coredns)");
    kv().delete("/coredns/io", Some(DeleteOptions::new().with_prefix())).await.unwrap();
    broken("it deletes a range: [/coredns/io, /coredns/ip)");
    kv().delete("/registry/pods/a", None).await.unwrap();
    broken("it deletes /registry/pods/a");
    kv().put("/coredns-old/x", "", None).await.unwrap();
    broken("it puts /coredns-old/x");
    kv().put("/coredns/", "", None).await.unwrap();
    broken("it puts /coredns/");
    kv().get("/registry/", Some(GetOptions::new().with_prefix())).await.unwrap();
    broken("it reads [/registry/, /registry0)");
    kv().get("/coredns/io", Some(GetOptions::new().with_from_key())).await.unwrap();
    broken(r"it reads [/coredns/io, \x00)");
    let compare = Compare::mod_revision("/registry/a", CompareOp::Equal, 0);
    kv().txn(Txn::new().when([compare])).await.unwrap();
    broken("it compares /registry/a");
    let hidden = Txn::new()
        .and_then([TxnOp::put("/coredns/a", "", None)])
        .or_else([TxnOp::delete("/coredns/b", Some(DeleteOptions::new().with_from_key()))]);
    kv().txn(hidden).await.unwrap();
    broken("it deletes a range");
    let nested = Txn::new().and_then([TxnOp::put("/registry/b", "", None)]);
    kv().txn(Txn::new().and_then([TxnOp::txn(nested)])).await.unwrap();
    let violations = recorder.violations();
    assert!(violations[violations.len() - 2].ends_with("it nests a transaction"), "{violations:?}");
    assert!(violations[violations.len() - 1].ends_with("it puts /registry/b"), "{violations:?}");
    let lease = client.lease_client().grant(60, None).await.unwrap().id();
    broken("it makes lease 0");
    client.lease_client().revoke(lease).await.unwrap();
    broken("no business");
    kv().compact(2, None).await.unwrap();
    assert!(recorder.violations().last().unwrap().contains("no business"));
    let watch = WatchOptions::new().with_prefix();
    drop(client.watch_client().watch("/registry/", Some(watch)).await.unwrap());
    assert!(recorder.violations().last().unwrap().contains("it reads [/registry/, /registry0)"));
}

#[tokio::test]
async fn counting_a_neighbour_and_reading_the_scope_break_nothing() {
    let private = etcd::start();
    let recorder = Recorder::before(&private.endpoints()[0], "/coredns/");
    let client = Client::connect([recorder.endpoint()], None).await.unwrap();
    let mut kv = client.kv_client();
    kv.get("/registry/", Some(GetOptions::new().with_prefix().with_count_only())).await.unwrap();
    kv.get("/coredns/", Some(GetOptions::new().with_prefix())).await.unwrap();
    let put = TxnOp::put("/coredns/a", "", None);
    kv.txn(Txn::new().and_then([put, TxnOp::delete("/coredns/b", None)])).await.unwrap();
    let chosen = LeaseGrantOptions::new().with_id(7);
    client.lease_client().grant(60, Some(chosen)).await.unwrap();
    assert_eq!(recorder.violations(), Vec::<String>::new());
    assert_eq!(recorder.requests().len(), 4);
}
