//! Members that die, hang, come back and elect.
use crate::{
    session::{carried_out, key, now, planned, reader, scope, set},
    support::etcd,
};
use coredeck::{
    plan::{Intent, Outcome},
    store::{Reader, etcd::Timeouts},
};
use std::time::Instant;

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
    for _ in 0..50 {
        reader.read(&[key("/coredns/x")], None).await.unwrap();
    }
    // If each of them asked the hung member first, they would take 50 times its limit.
    assert!(started.elapsed() < Timeouts::default().read * 10, "{:?}", started.elapsed());
    cluster.resume(0);
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
