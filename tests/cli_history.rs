//! History on the command line, on a real etcd: the values at each revision, and their return.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/cli.rs"]
mod cli;
#[path = "support/etcd.rs"]
mod etcd;

use cli::Home;
use etcd::PrivateEtcd;
use serde_json::json;

const X1: &str = "/coredns/io/gcr/x1";
const X2: &str = "/coredns/io/gcr/x2";
const OLD: &str = r#"{"host":"10.0.0.1","ttl":60}"#;
const NEW: &str = r#"{"host":"10.0.0.1","ttl":300}"#;

fn value(etcd: &PrivateEtcd, key: &str) -> String {
    etcd.etcdctl(&["get", "--print-value-only", "--", key]).trim_end_matches('\n').to_owned()
}

fn lease_of(etcd: &PrivateEtcd, key: &str) -> i64 {
    let found: serde_json::Value = serde_json::from_str(&etcd.etcdctl(&["get", "-w", "json", key])).unwrap();
    found["kvs"][0]["lease"].as_i64().unwrap_or_default()
}

/// Revision 2: x1 is old; 3: x2; 4: x1 is new; 5: x1 is gone; 6: another name.
fn with_a_past() -> (PrivateEtcd, Home) {
    let etcd = etcd::start();
    etcd.put(X1, OLD);
    etcd.put(X2, "not JSON");
    etcd.put(X1, NEW);
    etcd.etcdctl(&["del", X1]);
    etcd.put("/coredns/org/example/x1", "{}");
    let home = Home::of(&etcd.endpoint());
    (etcd, home)
}

#[test]
fn a_history_is_one_object_per_version_and_says_where_it_begins() {
    let (etcd, home) = with_a_past();
    let told = home.run(&["history", "gcr.io", "-o", "json"]).ends_with(0).says("Nothing was compacted");
    let put = |key: &str, revision: i64, version: i64| {
        json!({"key": key, "revision": revision, "op": "put", "version": version,
               "create_revision": revision - (version - 1) * 2, "lease": null})
    };
    let mut wanted = [put(X1, 2, 1), put(X2, 3, 1), put(X1, 4, 2)];
    wanted[0]["value"] = serde_json::from_str(OLD).unwrap();
    wanted[1]["raw"] = json!("not JSON");
    wanted[2]["value"] = serde_json::from_str(NEW).unwrap();
    let gone = json!({"key": X1, "revision": 5, "op": "delete", "version": null, "create_revision": null,
                      "lease": null});
    assert_eq!(told.json(), [&wanted[..], &[gone]].concat());
    let told = home.run(&["history", X1]).ends_with(0);
    for line in [r#"- "ttl": 60"#, r#"+ "ttl": 300"#, "deleted", "version 2, created at revision 2"] {
        assert!(told.out.contains(line), "{line}: {told:?}");
    }
    assert!(!told.out.contains(X2), "{told:?}");
    etcd.etcdctl(&["compact", "4"]);
    let told = home.run(&["history", X1, "-o", "json"]).ends_with(0).says("compacted at revision 4");
    assert_eq!(told.json().len(), 2, "what stood there then, and its end");
    home.run(&["history", X1, "--limit", "1"]).ends_with(0).says("1 older versions are not shown");
    home.run(&["history", "/coredns/nothing"]).ends_with(1).says("since revision 4");
    home.run(&["history", "/registry/x"]).ends_with(4);
}

#[test]
fn what_is_gone_or_changed_is_put_back_and_what_came_later_is_left_and_listed() {
    let (etcd, home) = with_a_past();
    etcd.put(X2, "changed");
    etcd.put("/coredns/io/gcr/x3", "later");
    let back = ["put-back", "gcr.io", "--at", "4"];
    let plan = home.run(&back).ends_with(4).says("--confirm /coredns/io/gcr/");
    let plan = plan.says("1 key was not there at revision 4, and stays").says("Nothing was changed.");
    assert!(plan.err.contains("left    /coredns/io/gcr/x3"), "{plan:?}");
    assert_eq!(value(&etcd, X2), "changed");
    home.run(&[&back[..], &["--confirm", "/coredns/io/gcr/"]].concat()).ends_with(0);
    assert_eq!((value(&etcd, X1).as_str(), value(&etcd, X2).as_str()), (NEW, "not JSON"));
    assert_eq!(value(&etcd, "/coredns/io/gcr/x3"), "later");
    home.run(&back).ends_with(0).says("Give --prune to delete");
    let pruned = [&back[..], &["--prune", "--confirm", "/coredns/io/gcr/"]].concat();
    home.run(&pruned).ends_with(0);
    assert_eq!(value(&etcd, "/coredns/io/gcr/x3"), "");
    home.run(&back).ends_with(0).says("is as it was at revision 4");
    let entries = std::fs::read_to_string(home.journal()).unwrap();
    assert!(entries.contains(r#""kind":"put_back""#), "{entries}");
}

#[test]
fn one_key_is_put_back_by_its_own_key_alone() {
    let (etcd, home) = with_a_past();
    etcd.put("/coredns/io/gcr/x1/below", "beside");
    home.run(&["put-back", X1, "--at", "2", "--confirm", "/coredns/io/gcr/x1/"]).ends_with(4);
    home.run(&["put-back", X1, "--at", "2", "--prune", "--confirm", X1]).ends_with(0);
    assert_eq!(
        (value(&etcd, X1).as_str(), value(&etcd, "/coredns/io/gcr/x1/below").as_str()),
        (OLD, "beside")
    );
}

#[test]
fn a_lease_that_is_gone_is_asked_about() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    let lease = etcd.etcdctl(&["lease", "grant", "600"]).split(' ').nth(1).unwrap().to_owned();
    etcd.etcdctl(&["put", "--lease", &lease, X1, OLD]);
    etcd.etcdctl(&["put", "--lease", &lease, X2, OLD]);
    etcd.etcdctl(&["del", X2]);
    // The lease is still there: the restored record has it again.
    home.run(&["put-back", X2, "--at", "3", "--confirm", X2]).ends_with(0);
    assert_eq!(format!("{:016x}", lease_of(&etcd, X2)), format!("{lease:0>16}"));
    etcd.etcdctl(&["lease", "revoke", &lease]);
    let back = ["put-back", "gcr.io", "--at", "3", "--confirm", "/coredns/io/gcr/"];
    home.run(&back).ends_with(5).says(&lease).says("--lease permanent");
    home.run(&[&back[..], &["--lease", "new"]].concat()).ends_with(2).says("--lease-ttl");
    home.run(&[&back[..], &["--lease", "leave-out"]].concat()).ends_with(0).says("left out");
    assert_eq!(value(&etcd, X1), "");
    home.run(&[&back[..], &["--lease", "new", "--lease-ttl", "500"]].concat()).ends_with(0);
    let new = lease_of(&etcd, X1);
    assert!(new != 0 && new == lease_of(&etcd, X2), "they end together again");
    let left = etcd.etcdctl(&["lease", "timetolive", &format!("{new:x}")]);
    assert!(left.contains("granted with TTL(500s)"), "{left}");
}

#[test]
fn a_revision_that_cannot_be_read_is_told_with_those_that_can() {
    let (etcd, home) = with_a_past();
    let future =
        home.run(&["put-back", "gcr.io", "--at", "99", "--confirm", "/coredns/io/gcr/"]).ends_with(1);
    future.says("revision 99 is still to come: etcd is at revision 6").says("Nothing was changed.");
    etcd.etcdctl(&["compact", "5"]);
    for arguments in
        [&["put-back", "gcr.io", "--at", "4"][..], &["get", X1, "--at", "4"], &["tree", "--at", "4"]]
    {
        let gone = home.run(arguments).ends_with(1).says("the oldest that it still has is 5");
        gone.says("No backup, rescued file or journal");
    }
    assert_eq!(home.run(&["get", X2, "--at", "5", "-o", "json"]).ends_with(0).json()[0]["raw"], "not JSON");
    home.run(&["get", X1, "--at", "5"]).ends_with(1).says("there is no key");
    let then = home.run(&["tree", "--at", "5", "-o", "json"]).ends_with(0).json();
    assert_eq!(
        then.iter().map(|node| node["name"].as_str().unwrap()).collect::<Vec<_>>(),
        [".", "io", "gcr.io"]
    );
}
