//! Bulk changes of records on a real etcd: `mv`, `cp`, `ttl`, `replace-host`, `lint --fix`, and a record that ends by
//! itself.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/cli.rs"]
mod cli;
#[path = "support/etcd.rs"]
mod etcd;

use cli::{Home, Run};
use etcd::PrivateEtcd;
use serde_json::Value;
use std::time::{Duration, Instant};

/// Returns every key of etcd with its value.
fn contents(etcd: &PrivateEtcd) -> Vec<(String, String)> {
    let listed = etcd.etcdctl(&["get", "--prefix", "--", ""]);
    let lines: Vec<&str> = listed.lines().collect();
    lines.chunks(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect()
}

fn value(etcd: &PrivateEtcd, key: &str) -> String {
    etcd.etcdctl(&["get", "--print-value-only", "--", key]).trim_end_matches('\n').to_owned()
}

fn confirmed(home: &Home, arguments: &[&str], key: &str) -> Run {
    home.run(&[arguments, &["--confirm", key]].concat())
}

/// Makes a scope with some names, beside keys of others.
fn names() -> (PrivateEtcd, Home) {
    let etcd = etcd::start();
    for number in 0..30 {
        etcd.put(&format!("/coredns/net/h{number:02}/x1"), r#"{"host":"192.0.2.1"}"#);
    }
    for (key, value) in [
        ("/coredns/io/gcr/x1", r#"{"host":"10.0.0.1","ttl":60}"#),
        ("/coredns/io/gcr/x2", r#"{"team":"a", "host":"10.0.0.2"}"#),
        ("/coredns/io/gcr/deep/x1", r#"{"host":"gcr.io"}"#),
        ("/coredns/io/quay/x1", r#"{"host":"10.0.0.1"}"#),
        ("/coredns/org/www", r#"{"host":"GCR.io."}"#),
        ("/registry/pods/x", "somebody else's"),
    ] {
        etcd.put(key, value);
    }
    let home = Home::of(&etcd.endpoint());
    (etcd, home)
}

/// Makes a change, and takes it back: everything is as it was.
fn there_and_back(etcd: &PrivateEtcd, home: &Home, change: &[&str], key: &str, check: impl Fn(&Value)) {
    let before = contents(etcd);
    // Without an agreement there is the plan, and nothing else.
    let shown = home.run(&[change, &["-o", "json"]].concat()).ends_with(4).says("To confirm: --confirm");
    assert_eq!(shown.json()[0]["outcome"], "not_confirmed");
    assert_eq!(contents(etcd), before);
    confirmed(home, change, "/coredns/elsewhere")
        .ends_with(4)
        .says("not confirmed")
        .says("Nothing was changed.");
    let run = confirmed(home, &[change, &["-o", "json"]].concat(), key).ends_with(0);
    let line = &run.json()[0];
    assert_eq!(line["outcome"], "done");
    let keys = |line: &Value| line["keys"].as_array().unwrap().clone();
    assert!(keys(line).iter().all(|key| keys(&shown.json()[0]).contains(key)), "{line}");
    check(line);
    let after = contents(etcd);
    assert_ne!(after, before);
    let id = line["journal"].as_str().unwrap();
    let asked = home.run(&["undo", id, "-o", "json"]).ends_with(4).json()[0]["plan"]["target"].clone();
    confirmed(home, &["undo", id], asked.as_str().unwrap()).ends_with(0);
    assert_eq!(contents(etcd), before, "one undo for all of it");
}

#[test]
fn a_name_moves_with_all_below_it_and_with_those_that_point_to_it() {
    let (etcd, home) = names();
    there_and_back(&etcd, &home, &["mv", "gcr.io", "reg.example.org"], "/coredns/io/gcr/", |line| {
        assert_eq!(value(&etcd, "/coredns/org/example/reg/x2"), r#"{"team":"a", "host":"10.0.0.2"}"#);
        assert_eq!(value(&etcd, "/coredns/org/example/reg/deep/x1"), r#"{"host":"reg.example.org"}"#);
        assert_eq!(value(&etcd, "/coredns/org/www"), r#"{"host":"reg.example.org."}"#);
        assert!(value(&etcd, "/coredns/io/gcr/x1").is_empty());
        assert_eq!(line["plan"]["target"], "/coredns/io/gcr/");
        assert!(line["impact"].as_array().unwrap().iter().any(|shift| shift["name"] == "gcr.io"), "{line}");
    });
    there_and_back(&etcd, &home, &["mv", "gcr.io", "r.org", "--keep-hosts"], "/coredns/io/gcr/", |line| {
        assert_eq!(value(&etcd, "/coredns/org/www"), r#"{"host":"GCR.io."}"#);
        assert_eq!(value(&etcd, "/coredns/org/r/deep/x1"), r#"{"host":"gcr.io"}"#);
        assert_eq!(line["left_out"][0]["key"], "/coredns/io/gcr/deep/x1");
        assert_eq!(line["notes"][0], "1 record elsewhere still points to a name that moves away.");
    });
    let key = ["mv", "/coredns/io/gcr/x1", "/coredns/io/gcr/x9"];
    there_and_back(&etcd, &home, &key, "/coredns/io/gcr/x1/", |_| {
        assert_eq!(value(&etcd, "/coredns/io/gcr/x9"), r#"{"host":"10.0.0.1","ttl":60}"#);
    });
}

#[test]
fn what_is_in_the_way_is_told_and_overwritten_only_when_that_is_said() {
    let (etcd, home) = names();
    let before = contents(&etcd);
    for verb in ["mv", "cp"] {
        let run = home.run(&[verb, "gcr.io", "quay.io", "-o", "json"]).ends_with(5);
        let run = run.says("/coredns/io/quay/x1 exists already").says("Nothing was changed.");
        assert_eq!(run.json()[0]["outcome"], "conflict");
    }
    assert_eq!(contents(&etcd), before);
    there_and_back(&etcd, &home, &["cp", "gcr.io", "quay.io", "--overwrite"], "/coredns/io/quay/", |_| {
        assert_eq!(value(&etcd, "/coredns/io/quay/x1"), r#"{"host":"10.0.0.1","ttl":60}"#);
        assert_eq!(value(&etcd, "/coredns/io/gcr/x1"), r#"{"host":"10.0.0.1","ttl":60}"#);
    });
    there_and_back(&etcd, &home, &["mv", "gcr.io", "quay.io", "--overwrite"], "/coredns/io/gcr/", |_| {
        assert!(value(&etcd, "/coredns/io/gcr/x1").is_empty());
        assert_eq!(value(&etcd, "/coredns/io/quay/deep/x1"), r#"{"host":"quay.io"}"#);
    });
    for (arguments, exit) in [
        (["mv", "gcr.io", "www.gcr.io"], 2),
        (["mv", "nothing.io", "some.io"], 1),
        (["cp", "gcr.io", "/registry/pods"], 4),
        (["mv", ".", "some.io"], 4),
    ] {
        home.run(&arguments).ends_with(exit).says("Nothing was changed.");
    }
    home.run(&["--read-only", "mv", "gcr.io", "some.io"]).ends_with(4);
    assert_eq!(contents(&etcd), before);
}

#[test]
fn ttls_and_hosts_are_changed_in_every_record_that_is_meant_and_in_no_other() {
    let (etcd, home) = names();
    etcd.put("/coredns/io/gcr/x3", r#"{"host":"10.0.0.1","ttl":"60"}"#);
    there_and_back(&etcd, &home, &["ttl", "gcr.io", "60"], "/coredns/io/gcr/", |line| {
        assert_eq!(line["keys"].as_array().unwrap().len(), 2);
        assert_eq!(line["left_out"][0]["key"], "/coredns/io/gcr/x3");
        assert_eq!(value(&etcd, "/coredns/io/gcr/x2"), r#"{"team":"a","host":"10.0.0.2","ttl":60}"#);
    });
    there_and_back(&etcd, &home, &["ttl", "/coredns/io/gcr/x1", ""], "/coredns/io/gcr/x1", |_| {
        assert_eq!(value(&etcd, "/coredns/io/gcr/x1"), r#"{"host":"10.0.0.1"}"#);
    });
    home.run(&["ttl", "/coredns/io/gcr/x1", "60"]).ends_with(0).says("nothing is left to do");
    home.run(&["ttl", "/coredns/io/gcr/x3", "60"]).ends_with(1).says("left out");
    home.run(&["ttl", "/coredns/io/none/", "60"]).ends_with(1).says("there is no record");
    home.run(&["ttl", "gcr.io", "soon"]).ends_with(2);
    let replace = ["replace-host", "10.0.0.1", "10.9.9.9"];
    there_and_back(&etcd, &home, &replace, "/coredns/io/", |line| {
        assert_eq!(value(&etcd, "/coredns/io/quay/x1"), r#"{"host":"10.9.9.9"}"#);
        assert_eq!(line["keys"].as_array().unwrap().len(), 2);
    });
    let only = [&replace[..], &["--only", "quay.io"]].concat();
    there_and_back(&etcd, &home, &only, "/coredns/io/quay/x1", |line| {
        assert_eq!(line["keys"].as_array().unwrap().len(), 1);
    });
    home.run(&["replace-host", "10.1.1.1", "10.2.2.2"]).ends_with(1).says("no record has the host 10.1.1.1");
    // More than a share of the scope asks for the exact number as well.
    let many = ["replace-host", "192.0.2.1", "192.0.2.2"];
    confirmed(&home, &many, "/coredns/net/").ends_with(4).says("--expect N");
    confirmed(&home, &[&many[..], &["--expect", "30"]].concat(), "/coredns/net/").ends_with(0);
}

#[test]
fn the_fixes_of_findings_are_one_plan() {
    let etcd = etcd::start();
    for (key, value) in [
        ("/coredns/io/a/x1", r#"{"host":"10.0.0.1","ttl":"60"}"#),
        ("/coredns/io/b/x1", r#"{"host":"10.0.0.2","port":"80"}"#),
        ("/coredns/io/c", r#"{"host":"10.0.0.3"}"#),
        ("/coredns/io/c/x1", r#"{"host":"10.0.0.4"}"#),
        ("/coredns/org/d/x1", r#"{"host":"10.0.0.5","ttl":"60"}"#),
    ] {
        etcd.put(key, value);
    }
    let home = Home::of(&etcd.endpoint());
    let found = |home: &Home| -> Vec<String> {
        let lines = home.run(&["lint", "-o", "json"]).json();
        lines.iter().map(|line| line["trap"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(found(&home).iter().filter(|trap| *trap == "T3").count(), 3);
    there_and_back(&etcd, &home, &["lint", "--fix", "T3"], "/coredns/", |line| {
        assert_eq!(value(&etcd, "/coredns/io/a/x1"), r#"{"host":"10.0.0.1","ttl":60}"#);
        assert!(!value(&etcd, "/coredns/io/c").is_empty(), "another trap");
        assert_eq!(line["plan"]["updates"].as_array().unwrap().len(), 3);
        assert!(line["notes"][0].as_str().unwrap().starts_with("Findings of the whole scope: errors "));
    });
    there_and_back(&etcd, &home, &["lint", "b.io", "--fix"], "/coredns/io/b/x1", |_| {
        assert_eq!(value(&etcd, "/coredns/io/b/x1"), r#"{"host":"10.0.0.2","port":80}"#);
    });
    confirmed(&home, &["lint", "--fix", "T3,T4", "--reason", "cleaning"], "/coredns/").ends_with(0);
    assert!(!found(&home).iter().any(|trap| trap == "T3" || trap == "T4"), "{:?}", found(&home));
    assert!(home.run(&["log"]).out.contains("because: cleaning"));
    home.run(&["lint", "--fix", "T3"]).ends_with(0).says("nothing is left to do");
    home.run(&["lint", "--fix", "gcr.io"]).ends_with(2).says("there is no trap");
    home.run(&["lint", "--confirm", "/coredns/"]).ends_with(2).says("nothing is changed without --fix");
}

/// Returns the messages about a change that nobody agreed to, line by line.
fn shown(home: &Home, arguments: &[&str]) -> Vec<String> {
    let run = home.run(arguments).ends_with(4);
    run.err.lines().map(str::to_owned).collect()
}

/// Returns the place of the first line that begins so.
fn place(lines: &[String], start: &str) -> usize {
    let found = lines.iter().position(|line| line.starts_with(start));
    found.unwrap_or_else(|| panic!("{start:?} begins no line of\n{}", lines.join("\n")))
}

#[test]
fn the_finding_that_a_change_would_make_is_its_first_line_and_how_to_confirm_it_the_last() {
    let etcd = etcd::start();
    let records = [
        ("/coredns/org/example/dns/apex/x1", r#"{"host":"192.0.2.250"}"#),
        ("/coredns/org/example/mail/x1", r#"{"host":"192.0.2.25","ttl":60}"#),
        ("/coredns/org/example/www", r#"{"host":"mail.example.org"}"#),
    ];
    for (key, value) in records {
        etcd.put(key, value);
    }
    let home = Home::of(&etcd.endpoint()).with("COREDECK_ZONES", "example.org");
    let path = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    // A record that CoreDNS takes for a wildcard: in a backup, in the journal, in a file and in a plan.
    confirmed(&home, &["set", "any.example.org", "--host", "192.0.2.9"], "/coredns/org/example/any/x1")
        .ends_with(0);
    home.run(&["backup", "--to", &path("backup.jsonl.gz")]).ends_with(0);
    let removed =
        confirmed(&home, &["rm", "/coredns/org/example/any/x1", "-o", "json"], "/coredns/org/example/any/x1")
            .ends_with(0);
    let id = removed.json()[0]["journal"].as_str().unwrap().to_owned();
    let line = r#"{"key":"/coredns/org/example/any/x1","value":{"host":"192.0.2.9"}}"#;
    std::fs::write(home.path().join("any.jsonl"), line).unwrap();
    let plan = home.run(&["plan", &path("any.jsonl"), "-o", "json"]).ends_with(6).out;
    std::fs::write(home.path().join("plan.json"), plan).unwrap();
    // A removal breaks answers of other names, which are reported with the answers.
    let changes: [&[&str]; 9] = [
        &["set", "any.example.org", "--host", "192.0.2.9"],
        &["mv", "mail.example.org", "any.example.org", "--keep-hosts"],
        &["cp", "mail.example.org", "any.example.org"],
        &["ttl", "mail.example.org", "0"],
        &["replace-host", "192.0.2.25", "gone.example.org"],
        &["import", &path("any.jsonl")],
        &["apply", &path("plan.json")],
        &["restore", &path("backup.jsonl.gz")],
        &["undo", &id],
    ];
    for change in changes {
        let lines = shown(&home, change);
        // A restore or an undo reports its own facts before there is a plan.
        let is_led = matches!(change[0], "restore" | "undo");
        let finding = lines.iter().position(|line| line.starts_with("! ") || line.starts_with("~ "));
        let finding = finding.unwrap_or_else(|| panic!("{change:?}:\n{}", lines.join("\n")));
        assert!(finding == 0 || is_led, "{change:?}:\n{}", lines.join("\n"));
        let order = [finding, place(&lines, "Plan: "), place(&lines, "Cluster "), place(&lines, "Journal: ")];
        assert!(order.is_sorted(), "{change:?}: {order:?}\n{}", lines.join("\n"));
        let confirm = place(&lines, "To confirm: ");
        // Only why nothing is changed comes after it.
        assert!(order[3] < confirm && lines.len() <= confirm + 4, "{change:?}:\n{}", lines.join("\n"));
    }
}

#[test]
fn notes_stand_between_the_plan_and_how_to_confirm_it() {
    let etcd = etcd::start();
    for (key, value) in [
        ("/coredns/org/example/dns/apex/x1", r#"{"host":"192.0.2.250"}"#),
        ("/coredns/org/example/www/x1", r#"{"host":"192.0.2.1"}"#),
        ("/coredns/org/example/www/api/x1", r#"{"host":"192.0.2.2","ttl":"60"}"#),
        ("/coredns/org/example/old", r#"{"host":"www.example.org"}"#),
    ] {
        etcd.put(key, value);
    }
    let home = Home::of(&etcd.endpoint()).with("COREDECK_ZONES", "example.org");
    let between = |change: &[&str], note: &str| {
        let lines = shown(&home, change);
        let order = [place(&lines, "Plan: "), place(&lines, "Journal: "), place(&lines, note)];
        assert!(order.is_sorted(), "{change:?}: {order:?}\n{}", lines.join("\n"));
        assert!(order[2] < place(&lines, "To confirm: "), "{change:?}:\n{}", lines.join("\n"));
    };
    between(&["mv", "www.example.org", "web.example.org", "--keep-hosts"], "1 record elsewhere still points");
    between(&["ttl", "www.example.org", "60"], "1 record left out:");
    between(&["lint", "--fix", "T3"], "Findings of the whole scope: ");
    etcd.put("/coredns/org/example/www/api/x1", r#"{"host":"192.0.2.2"}"#);
    between(&["isolate", "www.example.org"], "Careful: groups hold only what is in them");
}

#[test]
fn a_record_with_a_lease_ends_by_itself() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    let key = "/coredns/io/gcr/x1";
    let set = ["set", "gcr.io", "--host", "10.0.0.1", "--lease"];
    let run = confirmed(&home, &[&set[..], &["10m", "-o", "json"]].concat(), key).ends_with(0);
    let run = run.says("a new one of 600 s for 1 key");
    assert_eq!(run.json()[0]["plan"]["creates"][0]["after"]["lease_ttl"], 600);
    // CoreDNS serves the shorter of the two.
    let stored = home.run(&["get", key, "-o", "json"]).ends_with(0).json()[0].clone();
    assert!((590..=600).contains(&stored["lease_ttl"].as_u64().unwrap()), "{stored}");
    let id = run.json()[0]["journal"].as_str().unwrap().to_owned();
    confirmed(&home, &["undo", &id, "--expect", "1"], key).ends_with(0);
    assert!(contents(&etcd).is_empty());
    // A record at a key is made in the same way, and an existing one keeps its lease.
    confirmed(&home, &["set", key, "--host", "10.0.0.1", "--lease", "2s"], key).ends_with(0);
    home.run(&["set", key, "--ttl", "60", "--lease", "10m"]).ends_with(2).says("keeps the lease that it has");
    home.run(&[&set[..], &["1s"]].concat()).ends_with(2);
    let began = Instant::now();
    while !value(&etcd, key).is_empty() {
        assert!(began.elapsed() < Duration::from_secs(60), "it is still there");
    }
}
