use crate::{
    cli::{Home, Run},
    etcd::{self, PrivateEtcd},
    keys::{Keys, all, bytes, cluster, grant, revision},
};
use std::fs;

/// Makes an etcd with a backup of its scope.
fn backed_up() -> (PrivateEtcd, Home, String) {
    let etcd = etcd::start();
    cluster(&etcd);
    let home = Home::of(&etcd.endpoint());
    let file = home.path().join("backup.jsonl.gz").display().to_string();
    home.run(&["backup", "--to", &file]).ends_with(0);
    (etcd, home, file)
}

fn values(keys: &Keys) -> Vec<(&[u8], &[u8])> {
    keys.iter().map(|(key, (value, _))| (&**key, &**value)).collect()
}

fn confirmed(home: &Home, arguments: &[&str], challenge: &str) -> Run {
    home.run(&[&["restore"], arguments, &["--confirm", challenge, "-o", "json"]].concat())
}

#[test]
fn what_is_missing_comes_back_and_what_is_there_stays_as_it_is() {
    let (etcd, home, file) = backed_up();
    let before = all(&etcd, "/coredns/");
    etcd.etcdctl(&["del", "/coredns/io/gcr/x1"]);
    etcd.put("/coredns/org/example/raw", "theirs");
    etcd.put("/coredns/org/example/new", "{}");
    let plan = home.run(&["restore", &file]).ends_with(4);
    for said in
        ["1 key missing", "1 key with another value", "/coredns/org/example/raw", "/coredns/org/example/new"]
    {
        assert!(plan.err.contains(said), "{said}: {plan:?}");
    }
    let run = confirmed(&home, &[&file], "/coredns/").ends_with(0);
    assert_eq!(run.json()[0]["keys"], serde_json::json!(["/coredns/io/gcr/x1"]));
    let now = all(&etcd, "/coredns/");
    assert_eq!(now[&b"/coredns/io/gcr/x1"[..]].0, before[&b"/coredns/io/gcr/x1"[..]].0);
    assert_eq!(now[&b"/coredns/org/example/raw"[..]].0, b"theirs");
    assert_eq!(now.len(), 4);
    // A second time nothing is left to do but the differing keys, and only if somebody asks for them.
    let before_nothing = revision(&etcd);
    let nothing = home.run(&["restore", &file, "-o", "json"]).ends_with(0).says("nothing was changed");
    assert_eq!(nothing.json()[0]["outcome"], "nothing_changed");
    assert_eq!(revision(&etcd), before_nothing);
    confirmed(&home, &["--differing", &file], "/coredns/").ends_with(0);
    assert_eq!(all(&etcd, "/coredns/")[&b"/coredns/org/example/raw"[..]].0, b"not JSON");
}

#[test]
fn only_a_part_comes_back_when_a_part_is_named() {
    let (etcd, home, file) = backed_up();
    etcd.etcdctl(&["del", "--prefix", "/coredns/"]);
    confirmed(&home, &[&file, "--only", "example.org"], "/coredns/").ends_with(4);
    confirmed(&home, &[&file, "--only", "example.org"], "/coredns/org/example/").ends_with(0);
    let keys: Vec<_> = all(&etcd, "/coredns/").into_keys().collect();
    assert_eq!(keys, [&b"/coredns/org/example/raw"[..], b"/coredns/org/example/www"]);
}

#[test]
fn a_rebuilt_cluster_gets_its_records_when_the_old_one_is_named() {
    let (old, home, file) = backed_up();
    let before = all(&old, "/coredns/");
    drop(old);
    let rebuilt = etcd::start();
    let home = home.with("ETCDCTL_ENDPOINTS", &rebuilt.endpoint());
    let refused = confirmed(&home, &[&file], "/coredns/").ends_with(4).says("this backup is of cluster");
    assert_eq!(revision(&rebuilt), 1, "nothing was changed");
    let remedy = refused.err.split("--from-cluster ").nth(1).unwrap();
    let id = remedy.split_whitespace().next().unwrap().to_owned();
    confirmed(&home, &[&file, "--from-cluster", "0000000000000abc"], "/coredns/").ends_with(4);
    confirmed(&home, &[&file, "--from-cluster", &id], "/coredns/").ends_with(0).says("From another cluster");
    assert_eq!(values(&all(&rebuilt, "/coredns/")), values(&before));
}

#[test]
fn a_lease_of_another_cluster_is_none_of_the_same_number_here() {
    let (old, new) = (etcd::start(), etcd::start());
    grant(&old, 77);
    grant(&new, 77);
    old.etcdctl(&["put", "--lease", "4d", "/coredns/a/leased", "{}"]);
    let home = Home::of(&old.endpoint());
    let file = home.path().join("backup.jsonl.gz").display().to_string();
    let made = home.run(&["backup", "--to", &file, "-o", "json"]).ends_with(0).json().remove(0);
    let home = home.with("ETCDCTL_ENDPOINTS", &new.endpoint());
    let of = ["--from-cluster", made["cluster_id"].as_str().unwrap(), &file];
    confirmed(&home, &of, "/coredns/").ends_with(4).says("1 of the keys").says("--lease");
    assert_eq!(all(&new, "/coredns/").len(), 0);
}

#[test]
fn a_lease_that_has_ended_is_never_decided_for_somebody() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    let grant = |ttl: &str| etcd.etcdctl(&["lease", "grant", ttl]).split(' ').nth(1).unwrap().to_owned();
    let (ended, living) = (grant("600"), grant("600"));
    etcd.etcdctl(&["put", "--lease", &ended, "/coredns/a/ended", "{}"]);
    etcd.etcdctl(&["put", "--lease", &living, "/coredns/a/living", "{}"]);
    let file = home.path().join("backup.jsonl.gz").display().to_string();
    home.run(&["backup", "--to", &file]).ends_with(0);
    etcd.etcdctl(&["lease", "revoke", &ended]);
    etcd.etcdctl(&["del", "/coredns/a/living"]);
    confirmed(&home, &[&file], "/coredns/").ends_with(4).says("1 of the keys").says("--lease");
    assert_eq!(all(&etcd, "/coredns/").len(), 0);
    confirmed(&home, &[&file, "--lease", "leave-out"], "/coredns/").ends_with(0);
    let line = |key: &str| home.run(&["get", key, "-o", "json"]).ends_with(0).json().remove(0);
    assert_eq!(line("/coredns/a/living")["lease"], living, "a lease that lives is attached again");
    confirmed(&home, &[&file, "--lease", "new"], "/coredns/").ends_with(0);
    let back = line("/coredns/a/ended");
    assert!(back["lease"] != ended && back["lease"].is_string(), "{back}");
    assert!((500..=600).contains(&back["lease_ttl"].as_i64().unwrap()), "{back}");
    etcd.etcdctl(&["del", "/coredns/a/ended"]);
    confirmed(&home, &[&file, "--lease", "permanent"], "/coredns/").ends_with(0);
    assert!(line("/coredns/a/ended")["lease"].is_null());
}

#[test]
fn a_file_that_is_damaged_or_of_something_else_changes_nothing() {
    let (etcd, home, file) = backed_up();
    etcd.etcdctl(&["del", "--prefix", "/coredns/"]);
    let (whole, untouched) = (bytes(file.as_ref()), revision(&etcd));
    let middle = whole.len() / 2;
    let mut flipped = whole.clone();
    flipped[middle] ^= 0x10;
    for (what, bytes) in [
        ("cut off", &whole[..middle]),
        ("damaged", &flipped),
        ("no backup", b"no"),
        ("no backup", &whole[1..]),
    ] {
        fs::write(&file, bytes).unwrap();
        let run = confirmed(&home, &[&file], "/coredns/").ends_with(1).says("is not taken");
        let words = ["cut off", "damaged", "checksum", "line", "no backup"];
        assert!(words.iter().any(|word| run.err.contains(word)), "{what}: {run:?}");
        assert!(run.err.contains("Nothing was changed."), "{run:?}");
    }
    fs::write(&file, &whole).unwrap();
    let other = home.run(&["--prefix", "/other", "restore", &file, "--confirm", "/other/"]).ends_with(4);
    assert!(
        other.err.contains("is a backup of /coredns/") && other.err.contains("--prefix /coredns"),
        "{other:?}"
    );
    home.run(&["restore", "/nonexistent"]).ends_with(1).says("cannot be read");
    assert_eq!(revision(&etcd), untouched);
}
