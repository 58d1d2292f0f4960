//! Two real etcds side by side: their difference is a plan, and the answers that differ are shown.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/cli.rs"]
mod cli;
#[path = "support/etcd.rs"]
mod etcd;

use cli::Home;
use etcd::PrivateEtcd;
use std::fs;

fn listed(etcd: &PrivateEtcd, prefix: &str) -> Vec<(String, String)> {
    let lines = etcd.etcdctl(&["get", "--prefix", "--", prefix]);
    let lines: Vec<&str> = lines.lines().collect();
    lines.chunks(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect()
}

/// Makes another etcd, whose scope has a name that no recorder knows, and this one, which lacks one record, differs
/// in another, and has one of its own.
fn two() -> (PrivateEtcd, PrivateEtcd, Home) {
    let (there, here) = (etcd::start(), etcd::start());
    for (key, value) in [
        ("/skydns/io/gcr/x1", r#"{"host":"10.0.0.1","ttl":60}"#),
        ("/skydns/io/gcr/x2", r#"{"host":"10.0.0.2"}"#),
        ("/skydns/io/quay/x1", r#"{"host":"10.0.0.3"}"#),
    ] {
        there.put(key, value);
    }
    for (key, value) in [
        ("/coredns/io/gcr/x1", r#"{"host": "10.0.0.1", "ttl": 60}"#),
        ("/coredns/io/quay/x1", r#"{"host":"10.0.0.9"}"#),
        ("/coredns/io/own/x1", r#"{"host":"10.0.0.7"}"#),
        ("/registry/pods/x", "somebody else's"),
    ] {
        here.put(key, value);
    }
    let home = Home::of(&here.endpoint()).profiles(&format!(
        "[profile.staging]\nendpoints = [\"{}\"]\nprefix = \"/skydns\"\n",
        there.unrecorded_endpoint()
    ));
    (there, here, home)
}

#[test]
fn what_lies_between_two_etcds_is_a_plan_that_is_reviewed_and_applied() {
    let (there, here, home) = two();
    let from = ["plan", "--from-profile", "staging"];
    let before = (listed(&there, "/"), listed(&here, "/"));
    let run = home.run(&from).ends_with(6);
    assert!(
        run.out.contains("1 to create, 1 to update, 0 to delete, 1 left untouched, 1 as wanted"),
        "{run:?}"
    );
    // gcr.io, quay.io, own.io and io itself.
    let run = run.says("gcr.io A").says("there: NOERROR: 60 A 10.0.0.1, 300 A 10.0.0.2");
    run.says("Once this plan is made,").says("own.io A");
    assert_eq!((listed(&there, "/"), listed(&here, "/")), before, "it only reads");

    let run = home.run(&[&from[..], &["--prune", "-o", "json"]].concat()).ends_with(6);
    let run = run.says("Once this plan is made, all answers are the same, for ");
    let file = home.path().join("change.json");
    fs::write(&file, &run.out).unwrap();
    let line = &run.json()[0];
    assert_eq!((&line["target"], &line["keys"]), (&"/coredns/".into(), &3.into()));
    assert_eq!(line["creates"][0]["key"], "/coredns/io/gcr/x2");
    let answers = line["answers"].as_array().unwrap();
    let gcr = answers.iter().find(|answer| answer["name"] == "gcr.io" && answer["type"] == "A").unwrap();
    let both = serde_json::json!(["60 A 10.0.0.1", "300 A 10.0.0.2"]);
    assert_eq!((&gcr["wanted"], &gcr["after"]), (&both, &both));
    assert_eq!(gcr["now"], serde_json::json!(["60 A 10.0.0.1"]));
    let own = answers.iter().find(|answer| answer["name"] == "own.io" && answer["type"] == "A").unwrap();
    assert_eq!(
        (&own["wanted"], &own["after"]),
        (&serde_json::json!(["NXDOMAIN"]), &serde_json::json!(["NXDOMAIN"]))
    );
    let apply = ["apply", file.to_str().unwrap()];
    home.run(&apply).ends_with(4).says("--confirm /coredns/");
    home.run(&[&apply[..], &["--confirm", "/coredns/", "--expect", "2"]].concat()).ends_with(0);
    let keys: Vec<String> = listed(&here, "/coredns/").into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["/coredns/io/gcr/x1", "/coredns/io/gcr/x2", "/coredns/io/quay/x1"]);
    assert_eq!(listed(&there, "/"), before.0);
    home.run(&from).ends_with(0).says("All answers are the same in both");
}

#[test]
fn only_a_part_is_compared_where_only_that_is_asked_for() {
    let (_there, _here, home) = two();
    let run = home.run(&["plan", "--from-profile", "staging", "--only", "gcr.io", "-o", "json"]).ends_with(6);
    let line = &run.json()[0];
    assert_eq!((&line["target"], &line["keys"]), (&"/coredns/io/gcr/".into(), &1.into()));
    assert_eq!(line["updates"].as_array().unwrap().len(), 0);
    assert!(!run.err.contains("own.io"), "{run:?}");
}

#[test]
fn a_record_with_a_lease_there_gets_one_of_what_remains_here() {
    let (there, here, home) = two();
    let lease = there.etcdctl(&["lease", "grant", "600"]).split(' ').nth(1).unwrap().to_owned();
    there.etcdctl(&["put", "--lease", &lease, "/skydns/io/gcr/x5", r#"{"host":"10.0.0.5"}"#]);
    let run = home.run(&["plan", "--from-profile", "staging", "-o", "json"]).ends_with(6);
    let run = run.says("1 record under a lease there");
    let file = home.path().join("change.json");
    fs::write(&file, &run.out).unwrap();
    home.run(&["apply", file.to_str().unwrap(), "--confirm", "/coredns/"]).ends_with(0);
    let stored = home.run(&["get", "/coredns/io/gcr/x5", "-o", "json"]).json()[0].clone();
    assert!((500..=600).contains(&stored["lease_ttl"].as_u64().unwrap()), "{stored}");
    assert_eq!(listed(&here, "/coredns/io/gcr/").len(), 3);
}

#[test]
fn what_cannot_be_compared_is_refused_with_the_reason() {
    let (there, here, home) = two();
    home.run(&["plan", "--from-endpoints", &here.endpoint()]).ends_with(4).says("of the same cluster");
    // With endpoints alone the prefix is this session's, where there is no record.
    let run = home.run(&["plan", "--from-endpoints", &there.unrecorded_endpoint()]).ends_with(1);
    run.says("there is no record in /coredns/ of that etcd");
    home.run(&["plan", "--from-profile", "nowhere"]).ends_with(2).says("nowhere");
    home.run(&["plan"]).ends_with(2);
    home.run(&["plan", "records.jsonl", "--from-profile", "staging"]).ends_with(2);
    let pinned = format!(
        "[profile.staging]\nendpoints = [\"{}\"]\nprefix = \"/skydns\"\ncluster_id = \"abc\"\n",
        there.unrecorded_endpoint()
    );
    home.profiles(&pinned).run(&["plan", "--from-profile", "staging"]).ends_with(4).says("this is cluster");
}
