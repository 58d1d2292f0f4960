//! Undo of changes on a real etcd: the records that come back, those that are left alone, and the challenges.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#![allow(dead_code, reason = "each test crate takes what it needs of the support")]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/cli.rs"]
mod cli;
#[path = "support/etcd.rs"]
mod etcd;

use cli::{Home, Run};
use etcd::PrivateEtcd;
use serde_json::Value;

fn value(etcd: &PrivateEtcd, key: &str) -> String {
    etcd.etcdctl(&["get", "--print-value-only", "--", key]).trim_end_matches('\n').to_owned()
}

/// Returns every key of etcd with its value.
fn contents(etcd: &PrivateEtcd) -> Vec<(String, String)> {
    let listed = etcd.etcdctl(&["get", "--prefix", "--", ""]);
    let lines: Vec<&str> = listed.lines().collect();
    lines.chunks(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect()
}

fn record(home: &Home, key: &str) -> Value {
    home.run(&["get", key, "-o", "json"]).ends_with(0).json()[0].clone()
}

/// Makes a change and returns the id of its entry.
fn made(home: &Home, arguments: &[&str]) -> String {
    let run = home.run(&[arguments, &["-o", "json"]].concat()).ends_with(0);
    run.json()[0]["journal"].as_str().unwrap().to_owned()
}

fn undo(home: &Home, id: &str, more: &[&str]) -> Run {
    home.run(&[&["undo", id], more].concat())
}

const KEY: &str = "/coredns/io/gcr/x1";
const SUBTREE: &str = "/coredns/io/gcr/";

/// Makes a scope with some zones, beside keys of others.
fn zones() -> (PrivateEtcd, Home) {
    let etcd = etcd::start();
    for number in 0..20 {
        etcd.put(&format!("/coredns/org/h{number:02}"), r#"{"host":"192.0.2.1"}"#);
    }
    for (key, value) in [
        (KEY, r#"{"host":"10.0.0.1"}"#),
        ("/coredns/io/gcr/x2", r#"{"team":"a", "host":"10.0.0.2"}"#),
        ("/coredns/io/gcr", "not JSON"),
        ("/coredns/io/quay/x1", r#"{"host":"10.0.0.3"}"#),
        ("/registry/pods/x", "somebody else's"),
    ] {
        etcd.put(key, value);
    }
    let home = Home::of(&etcd.endpoint());
    (etcd, home)
}

#[test]
fn every_kind_of_change_is_taken_back_and_so_is_the_undo() {
    let (etcd, home) = zones();
    let before = contents(&etcd);
    let changes: [(&[&str], &str); 4] = [
        (&["set", "www.example.io", "--host", "10.0.0.9"], "/coredns/io/example/www/x1"),
        (&["set", KEY, "--ttl", "5"], KEY),
        (&["rm", "/coredns/io/quay/x1"], "/coredns/io/quay/x1"),
        (&["rm", "--recursive", "gcr.io"], SUBTREE),
    ];
    for (change, challenge) in changes {
        let id = made(&home, &[change, &["--confirm", challenge]].concat());
        let after = contents(&etcd);
        assert_ne!(after, before);
        // The text is the change's challenge, and no other.
        undo(&home, &id, &["--confirm", "/coredns/"]).ends_with(4).says("Nothing was changed.");
        undo(&home, &id, &[]).ends_with(4).says("To confirm: --confirm").says("no terminal to ask on");
        assert_eq!(contents(&etcd), after);
        let back = made(&home, &["undo", &id, "--confirm", challenge]);
        assert_eq!(contents(&etcd), before);
        // The beginning of an id is enough if only one entry begins so.
        made(&home, &["undo", &back[..back.len() - 1], "--confirm", challenge]);
        assert_eq!(contents(&etcd), after);
        made(&home, &["undo", &id, "--confirm", challenge]);
        assert_eq!(contents(&etcd), before);
    }
    let journal = std::fs::read_to_string(home.journal()).unwrap();
    let undos = journal.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let undos: Vec<Value> = undos.filter(|line| line["kind"] == "undo").collect();
    assert_eq!(undos.len(), 12);
    assert!(undos.iter().all(|line| line["about"].is_string()), "each says which entry it takes back");
}

#[test]
fn a_record_that_moved_to_a_leaf_moves_back() {
    let (etcd, home) = zones();
    let before = contents(&etcd);
    etcd.put("/coredns/io/own", r#"{"host":"10.0.0.7"}"#);
    let id = made(&home, &["set", "own.io", "--host", "10.0.0.8", "--confirm", "/coredns/io/own/x2"]);
    assert_eq!(value(&etcd, "/coredns/io/own/x1"), r#"{"host":"10.0.0.7"}"#);
    undo(&home, &id, &["--confirm", "/coredns/io/own/"]).ends_with(0);
    assert_eq!(value(&etcd, "/coredns/io/own"), r#"{"host":"10.0.0.7"}"#);
    etcd.etcdctl(&["del", "/coredns/io/own"]);
    assert_eq!(contents(&etcd), before);
}

#[test]
fn an_entry_is_taken_back_once() {
    let (_etcd, home) = zones();
    let id = made(&home, &["rm", KEY, "--confirm", KEY]);
    let back = made(&home, &["undo", &id, "--confirm", KEY]);
    let run = undo(&home, &id, &["--confirm", KEY, "-o", "json"]).ends_with(0);
    let run = run.says(&format!("{id} was taken back already, by entry {back}"));
    let line = &run.json()[0];
    assert_eq!((&line["outcome"], &line["undone_by"]), (&"nothing_changed".into(), &back.into()));
    undo(&home, "2", &[]).ends_with(1).says("entries of the journal begin with 2");
    undo(&home, "nothing", &[]).ends_with(1).says("no entry of the journal begins with nothing");
}

#[test]
fn what_was_written_since_is_a_conflict_and_is_never_overwritten() {
    let (etcd, home) = zones();
    let id = made(&home, &["rm", "--recursive", "gcr.io", "--confirm", SUBTREE]);
    etcd.put(KEY, "theirs");
    let run = undo(&home, &id, &["--confirm", SUBTREE, "-o", "json"]).ends_with(5);
    let run = run.says(&format!("conflict  {KEY} was made again at revision"));
    let run = run.says("is there now: theirs").says(r#"would be put:  {"host":"10.0.0.1"}"#);
    let run = run.says("--leave-conflicts").says("Nothing was changed.");
    let line = &run.json()[0];
    assert_eq!(line["outcome"], "conflict");
    let conflict = &line["conflicts"][0];
    assert_eq!((&conflict["key"], &conflict["why"]), (&KEY.into(), &"recreated".into()));
    assert_eq!(conflict["now"], "theirs");
    assert_eq!(value(&etcd, "/coredns/io/gcr"), "");

    let rest = ["--leave-conflicts", "--confirm", SUBTREE];
    undo(&home, &id, &rest).ends_with(0).says("2 keys changed");
    assert_eq!(value(&etcd, KEY), "theirs");
    assert_eq!(value(&etcd, "/coredns/io/gcr"), "not JSON");
    assert_eq!(value(&etcd, "/coredns/io/gcr/x2"), r#"{"team":"a", "host":"10.0.0.2"}"#);

    // One edit was overwritten by somebody else, and one by this program.
    let quay = "/coredns/io/quay/x1";
    let first = made(&home, &["set", quay, "--ttl", "1", "--confirm", quay]);
    let second = made(&home, &["set", quay, "--ttl", "2", "--confirm", quay]);
    undo(&home, &first, &["--confirm", quay]).ends_with(5).says(&format!("by entry {second}"));
    undo(&home, &second, &["--confirm", quay]).ends_with(0);
    etcd.put(quay, r#"{"host":"10.0.0.3","ttl":1}"#);
    undo(&home, &first, &["--confirm", quay]).ends_with(5).says("was written again");
    etcd.etcdctl(&["del", quay]);
    undo(&home, &first, &["--confirm", quay]).ends_with(5).says("was deleted since");
    assert_eq!(value(&etcd, quay), "");
}

/// Deletes two records under one lease, and revokes the lease.
fn without_its_lease(home: &Home, etcd: &PrivateEtcd) -> (String, String) {
    let lease = etcd.etcdctl(&["lease", "grant", "600"]).split(' ').nth(1).unwrap().to_owned();
    for key in ["/coredns/io/svc/x1", "/coredns/io/svc/x2"] {
        etcd.etcdctl(&["put", "--lease", &lease, "--", key, r#"{"host":"10.0.0.5"}"#]);
    }
    let id = made(home, &["rm", "-r", "svc.io", "--confirm", "/coredns/io/svc/"]);
    etcd.etcdctl(&["lease", "revoke", &lease]);
    (id, lease)
}

#[test]
fn a_lease_that_is_gone_needs_a_choice_and_each_choice_is_what_it_says() {
    let (etcd, home) = zones();
    let svc = "/coredns/io/svc/";
    let (id, lease) = without_its_lease(&home, &etcd);
    let run = undo(&home, &id, &["--confirm", svc, "-o", "json"]).ends_with(4);
    let run = run.says(&format!("lease {lease} of 2 keys is gone")).says("--lease new").says("permanent");
    let line = &run.json()[0];
    assert_eq!((&line["outcome"], &line["leases"][0]["keys"]), (&"lease_gone".into(), &2.into()));
    let remained = line["leases"][0]["remained"].as_u64().unwrap();
    assert!((500..=600).contains(&remained), "{line}");

    undo(&home, &id, &["--lease", "leave-out", "--confirm", svc])
        .ends_with(0)
        .says("2 of them had a lease that is gone");
    let run = undo(&home, &id, &["--lease", "new", "--confirm", svc]).ends_with(0);
    run.says(&format!("a new one of {remained} s for 2 keys"));
    let records = ["x1", "x2"].map(|leaf| record(&home, &format!("{svc}{leaf}")));
    assert_eq!(records[0]["lease"], records[1]["lease"], "they end together, as they would have");
    assert_ne!(records[0]["lease"], lease.as_str());
    let left = records[0]["lease_ttl"].as_u64().unwrap();
    assert!(left <= remained && left > remained - 60, "{left} s of {remained} s");
    let leases = etcd.etcdctl(&["lease", "list"]);
    assert_eq!(leases.lines().filter(|line| line.len() == 16).count(), 1, "made once: {leases}");

    let (id, _) = without_its_lease(&home, &etcd);
    undo(&home, &id, &["--lease", "permanent", "--confirm", svc]).ends_with(0);
    assert_eq!(record(&home, "/coredns/io/svc/x1")["lease"], Value::Null);
}

#[test]
fn a_lease_that_lives_is_kept() {
    let (etcd, home) = zones();
    let lease = etcd.etcdctl(&["lease", "grant", "600"]).split(' ').nth(1).unwrap().to_owned();
    let key = "/coredns/io/leased";
    etcd.etcdctl(&["put", "--lease", &lease, "--", key, r#"{"host":"10.0.0.5"}"#]);
    let id = made(&home, &["rm", key, "--confirm", key]);
    undo(&home, &id, &["--confirm", key]).ends_with(0);
    assert_eq!(record(&home, key)["lease"], lease.as_str());
}

#[test]
fn an_entry_of_another_scope_or_cluster_is_refused() {
    let (etcd, home) = zones();
    let id = made(&home, &["rm", KEY, "--confirm", KEY]);
    let elsewhere = home.run(&["--prefix", "/dns", "undo", &id, "--confirm", KEY]);
    elsewhere.ends_with(4).says("this was done in /coredns/").says("--prefix /coredns/");
    let other = etcd::start();
    other.put("/coredns/io/x", "{}");
    let there = home.run(&["--endpoints", &other.unrecorded_endpoint(), "undo", &id, "--confirm", KEY]);
    there.ends_with(4).says("and this is cluster").says("--endpoints");
    assert_eq!((value(&other, KEY), value(&etcd, KEY)), (String::new(), String::new()));
    home.run(&["--demo", "undo", &id]).ends_with(2).says("a demo's journal ends with it");
    home.run(&["--read-only", "undo", &id, "--confirm", KEY]).ends_with(4).says("read-only");
    undo(&home, &id, &["--confirm", KEY]).ends_with(0);
}

#[test]
fn an_undo_that_deletes_many_keys_asks_for_their_number() {
    let (etcd, home) = zones();
    let before = contents(&etcd);
    let rm = ["rm", "-r", "org", "--confirm", "/coredns/org/"];
    let id = made(&home, &[&rm[..], &["--expect", "20"]].concat());
    let back = made(&home, &["undo", &id, "--confirm", "/coredns/org/"]);
    assert_eq!(contents(&etcd), before);
    // The undo of the undo deletes them again.
    let again = ["--confirm", "/coredns/org/"];
    undo(&home, &back, &again).ends_with(4).says("--expect N").says("nothing would be left of zone org");
    undo(&home, &back, &[&again[..], &["--expect", "19"]].concat()).ends_with(4);
    undo(&home, &back, &[&again[..], &["--expect", "20"]].concat()).ends_with(0);
    assert!(contents(&etcd).iter().all(|(key, _)| !key.starts_with("/coredns/org/")));
}
