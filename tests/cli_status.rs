//! Command `status`, and the effect of the cluster's health on a change on the command line.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/cli.rs"]
mod cli;
#[path = "support/etcd.rs"]
mod etcd;

use cli::{Home, Run};
use serde_json::{Value, json};
use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

/// Time for an election, on a busy machine.
const SETTLED: Duration = Duration::from_secs(60);

/// Runs it until it is so.
fn until(home: &Home, arguments: &[&str], is_so: impl Fn(&Run) -> bool) -> Run {
    let began = Instant::now();
    loop {
        let run = home.run(arguments);
        if is_so(&run) {
            return run;
        }
        assert!(began.elapsed() < SETTLED, "it stays so: {run:?}");
    }
}

fn fields(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_fields_are_the_promised_ones_on_every_version() {
    for binary in etcd::etcd_versions() {
        let etcd = etcd::Setup::default().binary(&binary).start();
        let of_etcdctl = || -> Value {
            serde_json::from_str(&etcd.etcdctl(&["endpoint", "status", "-w", "json"])).unwrap()
        };
        // The database grows by itself in the first seconds.
        let before = of_etcdctl()[0]["Status"]["dbSize"].as_u64();
        let status = Home::of(&etcd.endpoint()).run(&["status", "-o", "json"]).ends_with(0).json();
        let [status] = &status[..] else { panic!("one object: {status:?}") };
        assert_eq!(
            fields(status),
            ["members", "cluster_id", "quorum", "spare", "alarms", "summary", "findings", "known"]
        );
        let member = &status["members"][0];
        assert_eq!(
            fields(member),
            [
                "name",
                "id",
                "endpoint",
                "up",
                "leader",
                "learner",
                "version",
                "db_size",
                "db_in_use",
                "db_quota",
                "raft_term",
                "raft_index",
                "errors"
            ]
        );
        let of_etcdctl = of_etcdctl();
        let said = &of_etcdctl[0]["Status"];
        let hex = |id: &Value| format!("{:016x}", id.as_u64().unwrap());
        assert_eq!(status["cluster_id"], hex(&said["header"]["cluster_id"]));
        assert_eq!(member["id"], hex(&said["header"]["member_id"]));
        assert_eq!(member["version"], said["version"]);
        let size = member["db_size"].as_u64();
        assert!(before <= size && size <= said["dbSize"].as_u64(), "{before:?} {size:?} {said}");
        assert_eq!(
            (&member["up"], &member["leader"], &member["learner"]),
            (&true.into(), &true.into(), &false.into())
        );
        assert_eq!(
            (&status["quorum"], &status["spare"], &status["alarms"]),
            (&true.into(), &0.into(), &json!([]))
        );
        assert_eq!(member["errors"], json!([]));
    }
}

#[test]
fn it_works_with_members_missing_and_ends_with_6() {
    let mut cluster = etcd::Setup::default().start_cluster(3);
    let home = Home::of(&cluster.endpoints().join(","));
    home.run(&["status"]).ends_with(0);
    // It also works if the endpoint that is named first is dead.
    cluster.kill(0);
    let one_down =
        until(&home, &["status"], |run| run.out.contains("2 up: one more failure stops all writes"));
    assert_eq!(one_down.code, 6);
    assert!(one_down.out.contains("is down: nothing listens at"), "{}", one_down.out);
    cluster.kill(1);
    let two_down = until(&home, &["status"], |run| run.out.contains("no leader, nothing can be written"));
    assert_eq!(two_down.code, 6);
    let lines = home.run(&["status", "-o", "json"]).ends_with(6).json();
    assert_eq!((&lines[0]["quorum"], &lines[0]["spare"]), (&false.into(), &0.into()));
    assert_eq!(lines[0]["members"].as_array().unwrap().len(), 3);
    // doctor reports the same as before of the member that answers.
    let doctor = home.run(&["doctor", "-o", "json"]).ends_with(6).json();
    let level = |name: &str| {
        let checks = doctor[0].as_array().unwrap().iter().filter(|check| check["check"] == name);
        checks.map(|check| check["level"].as_str().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(level("endpoint").iter().filter(|level| **level == "ok").count(), 1, "{doctor:?}");
    assert_eq!((level("cluster"), level("health"), level("clock")), (vec!["ok"], vec!["error"], vec!["ok"]));
}

#[test]
fn where_nobody_answers_that_is_said_and_nothing_is_said_to_be_well() {
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = held.local_addr().unwrap().port();
    drop(held);
    let home = Home::of(&format!("http://127.0.0.1:{port}"));
    let run = home.run(&["status"]).ends_with(3).says(&format!("nothing listens at http://127.0.0.1:{port}"));
    let said = format!("{}{}", run.out, run.err);
    assert_eq!(said.matches(&format!(":{port}")).count(), 1, "it is said once: {run:?}");
    assert!(!said.contains("etcdctl"), "nobody is there to be asked: {run:?}");
    let lines = home.run(&["status", "-o", "json"]).ends_with(3).json();
    assert_eq!(
        (&lines[0]["quorum"], &lines[0]["spare"], &lines[0]["alarms"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
}

#[test]
fn a_put_that_a_full_store_would_refuse_is_not_even_journalled() {
    for binary in etcd::etcd_versions() {
        let etcd = etcd::Setup::default().binary(&binary).argument("--quota-backend-bytes=16777216").start();
        let home = Home::of(&etcd.endpoint());
        let set = ["set", "gcr.io", "--host", "10.0.0.1", "--confirm", "/coredns/io/gcr/x1"];
        home.run(&set).ends_with(0);
        let journalled = std::fs::read_to_string(home.journal()).unwrap();
        let value = "x".repeat(100_000);
        while etcd.try_etcdctl(&["put", "/filler", &value]).status.success() {}
        home.run(&["status"]).ends_with(6);
        assert!(home.run(&["doctor"]).ends_with(6).out.contains("NOSPACE alarm"));
        let again = ["set", "gcr.io", "--host", "10.0.0.2", "--confirm", "/coredns/io/gcr/x2", "-o", "json"];
        let refused = home
            .run(&again)
            .ends_with(1)
            .says("NOSPACE")
            .says("Nothing was changed.")
            .says("disarm the alarm");
        assert_eq!(refused.json()[0]["outcome"], "nothing_changed");
        assert_eq!(refused.json().len(), 1, "one object, however it ends: {refused:?}");
        assert_eq!(std::fs::read_to_string(home.journal()).unwrap(), journalled);
        // A deletion frees space, and comes with a warning that it cannot be taken back.
        let remove =
            ["rm", "/coredns/io/gcr/x1", "--confirm", "/coredns/io/gcr/x1", "--expect", "1", "-o", "json"];
        let removed = home.run(&remove).ends_with(0).says("cannot be undone");
        assert!(removed.json()[0]["cautions"][0].as_str().unwrap().contains("NOSPACE"), "{removed:?}");
    }
}

#[test]
fn a_store_that_is_nearly_full_is_told_where_etcd_tells_its_quota_and_before_a_change() {
    for binary in etcd::etcd_versions() {
        let etcd = etcd::Setup::default().binary(&binary).argument("--quota-backend-bytes=16777216").start();
        let home = Home::of(&etcd.endpoint());
        let status = || home.run(&["status", "-o", "json"]).json().remove(0)["members"][0].clone();
        let value = "x".repeat(100_000);
        let db_size = || {
            let said: Value =
                serde_json::from_str(&etcd.etcdctl(&["endpoint", "status", "-w", "json"])).unwrap();
            said[0]["Status"]["dbSize"].as_u64().unwrap()
        };
        while db_size() < 15_500_000 {
            etcd.etcdctl(&["put", "/filler", &value]);
        }
        let set = ["set", "gcr.io", "--host", "10.0.0.1", "--confirm", "/coredns/io/gcr/x1"];
        // A quota that etcd does not tell (before 3.6) is not guessed from a small store.
        if status()["db_quota"].is_null() {
            assert!(home.run(&["status"]).ends_with(0).out.contains("quota unknown"));
            assert!(!home.run(&set).ends_with(0).err.contains("nearly full"));
        } else {
            assert!(home.run(&["status"]).ends_with(6).out.contains("nearly full: 9"));
            home.run(&set).ends_with(0).says("Careful: ").says("nearly full: 9");
        }
    }
}

#[test]
fn a_change_without_reserve_says_so_before_it_is_agreed_to() {
    let mut cluster = etcd::Setup::default().start_cluster(3);
    cluster.kill(2);
    let home = Home::of(&cluster.endpoints().join(","));
    until(&home, &["status"], |run| run.out.contains("2 up: one more failure"));
    home.run(&["set", "gcr.io", "--host", "10.0.0.1", "--confirm", "/coredns/io/gcr/x1"])
        .ends_with(0)
        .says("Careful: 3 members, 2 up: one more failure stops all writes");
}

#[test]
fn a_user_that_is_told_nothing_is_told_so() {
    for binary in etcd::etcd_versions() {
        let etcd = etcd::Setup::default().binary(&binary).start();
        etcd.enable_authentication();
        let home = Home::of(&etcd.endpoint()).with("ETCDCTL_USER", "dns").with("ETCDCTL_PASSWORD", "dns");
        let lines = home.run(&["status", "-o", "json"]).ends_with(0).json();
        assert_eq!((&lines[0]["quorum"], &lines[0]["members"][0]["up"]), (&true.into(), &true.into()));
        if lines[0]["members"][0]["version"].is_null() {
            assert!(lines[0]["findings"][0]["what"].as_str().unwrap().contains("is not told to this user"));
        }
    }
}
