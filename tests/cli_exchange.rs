//! Export, import, plan and apply on a real etcd: exported records can be imported again, and a plan is made or
//! refused whole.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/cli.rs"]
mod cli;
#[path = "support/etcd.rs"]
mod etcd;

use cli::{Home, Run};
use etcd::PrivateEtcd;
use std::{
    fs,
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
};

fn revision(etcd: &PrivateEtcd) -> i64 {
    let status: serde_json::Value =
        serde_json::from_str(&etcd.etcdctl(&["endpoint", "status", "-w", "json"])).unwrap();
    status[0]["Status"]["header"]["revision"].as_i64().unwrap()
}

/// Returns the keys and values below a prefix, as etcdctl has them.
fn dump(etcd: &PrivateEtcd, prefix: &str) -> Vec<(String, String)> {
    let reply: serde_json::Value =
        serde_json::from_str(&etcd.etcdctl(&["get", "--prefix", "-w", "json", "--", prefix])).unwrap();
    let text = |field: &serde_json::Value| field.as_str().unwrap_or_default().to_owned();
    let found = reply["kvs"].as_array().cloned().unwrap_or_default();
    found.iter().map(|record| (text(&record["key"]), text(&record["value"]))).collect()
}

fn value(etcd: &PrivateEtcd, key: &str) -> String {
    etcd.etcdctl(&["get", "--print-value-only", "--", key]).trim_end_matches('\n').to_owned()
}

fn file(home: &Home, name: &str, text: &str) -> String {
    let path: PathBuf = home.path().join(name);
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

fn piped(home: &Home, arguments: &[&str], text: &str) -> Run {
    let mut command = home.command(arguments);
    // The text comes from a process of its own, so that neither waits for the other.
    let mut source = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    command.stdin(source.stdout.take().unwrap());
    source.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let run = Run::of(command);
    source.wait().unwrap();
    run
}

fn nasty(etcd: &PrivateEtcd) {
    for (key, value) in [
        ("/coredns/org/example/www/x1", r#"{ "host": "192.0.2.1", "ttl": 6e1 }"#),
        ("/coredns/org/example/www/x2", r#"{"host":"192.0.2.2","new":[1,{"a":null}]}"#),
        (r"/coredns/org/example/a\.b", "\u{1b}[2J"),
        ("/coredns//", ""),
        ("/coredns/ü", "{\n}"),
    ] {
        etcd.put(key, value);
    }
    let lease = etcd.etcdctl(&["lease", "grant", "600"]).split(' ').nth(1).unwrap().to_owned();
    for key in ["/coredns/org/example/l1", "/coredns/org/example/l2"] {
        etcd.etcdctl(&["put", "--lease", &lease, key, r#"{"host":"192.0.2.3"}"#]);
    }
}

#[test]
fn what_is_exported_is_imported_byte_for_byte_with_its_leases() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    nasty(&etcd);
    etcd.put("/coredns-old/x", "beside");
    let before = dump(&etcd, "/coredns/");
    let path = home.path().join("all.jsonl").display().to_string();
    let written = home.run(&["export", "--to", &path, "-o", "json"]).ends_with(0).says("7 keys");
    assert_eq!(written.json()[0]["records"], 7);
    assert_eq!(written.json()[0]["revision"], revision(&etcd));
    let printed = home.run(&["export"]).ends_with(0).out;
    assert_eq!(fs::read_to_string(&path).unwrap(), printed);
    home.run(&["export", "--to", &path]).ends_with(1).says("never overwritten");

    let other = etcd::start();
    let there = Home::of(&other.endpoint());
    let import = ["import", &*path];
    there.run(&import).ends_with(4).says("--confirm /coredns/").says("Nothing was changed.");
    assert_eq!(revision(&other), 1);
    there.run(&[&import[..], &["--confirm", "/coredns/"]].concat()).ends_with(0);
    assert_eq!(dump(&other, ""), before);
    let leases: Vec<String> = ["l1", "l2"]
        .iter()
        .map(|leaf| {
            let key = format!("/coredns/org/example/{leaf}");
            let line = &there.run(&["get", &key, "-o", "json"]).ends_with(0).json()[0];
            assert!((1..=600).contains(&line["lease_ttl"].as_u64().unwrap()), "{line}");
            line["lease"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(leases[0], leases[1], "they shared a lease, and do so again");
    let again = revision(&other);
    there
        .run(&[&import[..], &["--confirm", "/coredns/"]].concat())
        .ends_with(0)
        .says("7 records of the file");
    assert_eq!(revision(&other), again, "what is there already is not written again");
}

#[test]
fn only_the_named_part_is_exported() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    nasty(&etcd);
    let lines = home.run(&["export", "www.example.org"]).ends_with(0).json();
    let keys: Vec<&str> = lines.iter().map(|line| line["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["/coredns/org/example/www/x1", "/coredns/org/example/www/x2"]);
    home.run(&["export", "/registry"]).ends_with(4);
}

#[test]
fn an_import_never_overwrites_and_is_never_half() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    etcd.put("/coredns/io/gcr/x1", r#"{"host":"10.0.0.1"}"#);
    let before = revision(&etcd);
    let lines = [
        r#"{"key":"/coredns/io/gcr/x1","value":{"host":"10.0.0.9"}}"#,
        r#"{"key":"/coredns/io/gcr/x2","value":{"host":"10.0.0.2"}}"#,
    ]
    .join("\n");
    let confirm = ["--confirm", "/coredns/"];
    let import = |name: &str, text: &str| {
        let path = file(&home, name, text);
        home.run(&[&["import", &*path][..], &confirm].concat())
    };
    import("a.jsonl", &lines).ends_with(5).says("/coredns/io/gcr/x1").says("Nothing was changed.");
    for (text, exit, says) in [
        (format!("{lines}\n{{\"key\":\"/registry/x\",\"value\":1}}"), 4, "line 3"),
        (format!("{lines}\n{{\"key\":\"/coredns/x\"}}"), 1, "line 3: record 3: it has no value"),
        (format!("{lines}\nnonsense"), 1, "line 3"),
        (r#"{"key":"/coredns/io/x","value":1,"lease_ttl":0}"#.to_owned(), 1, "lease_ttl is 0"),
    ] {
        import("b.jsonl", &text).ends_with(exit).says(says).says("Nothing was changed.");
    }
    assert_eq!(revision(&etcd), before);
    home.run(&["import", "nothing"]).ends_with(2).says("--format");
}

#[test]
fn records_come_through_a_pipe_only_with_an_agreement_in_advance() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    let line = r#"{"key":"/coredns/io/gcr/x1","value":{"host":"10.0.0.1"}}"#;
    let import = ["import", "-", "--format", "jsonl"];
    piped(&home, &import, line).ends_with(4).says("--confirm /coredns/");
    piped(&home, &[&import[..], &["--confirm", "/coredns/"]].concat(), line).ends_with(0);
    assert_eq!(value(&etcd, "/coredns/io/gcr/x1"), r#"{"host":"10.0.0.1"}"#);
    piped(&home, &["plan", "-", "--format", "jsonl"], line).ends_with(0);
}

/// Writes a file of wanted records: one more than there are, one that differs, and not the one that has to go.
fn desired(etcd: &PrivateEtcd, home: &Home) -> String {
    etcd.put("/coredns/io/gcr/x1", r#"{"host":"10.0.0.1"}"#);
    etcd.put("/coredns/io/gcr/x3", r#"{"host":"10.0.0.3"}"#);
    etcd.put("/coredns/io/gcr/x4", r#"{"host":"10.0.0.4"}"#);
    file(
        home,
        "wanted.jsonl",
        concat!(
            r#"{"key":"/coredns/io/gcr/x1","value":{"host": "10.0.0.1"}}"#,
            "\n",
            r#"{"key":"/coredns/io/gcr/x2","value":{"host":"10.0.0.2"}}"#,
            "\n",
            r#"{"key":"/coredns/io/gcr/x3","value":{"host":"10.0.0.33"}}"#,
        ),
    )
}

#[test]
fn a_plan_is_made_as_it_was_printed_and_then_nothing_is_left() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    let wanted = desired(&etcd, &home);
    home.run(&["plan", &wanted]).ends_with(6);
    let counts = |arguments: &[&str]| {
        let line = home.run(&[arguments, &["-o", "json"]].concat()).ends_with(6).json().remove(0);
        ["creates", "updates", "deletes", "untouched"].map(|part| line[part].as_array().unwrap().len())
    };
    assert_eq!(counts(&["plan", &wanted]), [1, 1, 0, 1]);
    assert_eq!(counts(&["plan", &wanted, "--prune"]), [1, 1, 1, 0]);
    let saved = home.run(&["plan", &wanted, "--prune", "-o", "json"]).ends_with(6).out;
    let plan = file(&home, "change.json", &saved);
    home.run(&["apply", &plan]).ends_with(4).says("--confirm /coredns/");
    let done =
        home.run(&["apply", &plan, "--confirm", "/coredns/", "--expect", "2", "-o", "json"]).ends_with(0);
    assert_eq!(done.json()[0]["changed"], 3);
    assert_eq!(value(&etcd, "/coredns/io/gcr/x3"), r#"{"host":"10.0.0.33"}"#);
    assert_eq!(dump(&etcd, "/").len(), 3);
    home.run(&["plan", &wanted, "--prune"]).ends_with(0);
    assert!(fs::read_to_string(home.journal()).unwrap().contains(r#""kind":"apply""#));
    home.run(&["apply", &plan, "--confirm", "/coredns/"]).ends_with(5);
}

#[test]
fn a_plan_is_refused_as_soon_as_anything_moved_and_what_moved_is_named() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    let wanted = desired(&etcd, &home);
    let apply = |plan: &str| home.run(&["apply", plan, "--confirm", "/coredns/"]);
    let plan = |name: &str| {
        let saved = home.run(&["plan", &wanted, "-o", "json"]).ends_with(6).out;
        (file(&home, name, &saved), saved)
    };
    let (path, saved) = plan("p1");
    etcd.put("/registry/pods/x", "beside the target nothing matters");
    let edited = file(&home, "edited", &saved.replace("10.0.0.33", "10.0.0.34"));
    apply(&edited).ends_with(4).says("checksum").says("Nothing was changed.");
    let other = file(&home, "other", "{}");
    apply(&other).ends_with(4).says("it is no plan");

    etcd.put("/coredns/org/example/new", "{}");
    apply(&path).ends_with(5).says("/coredns/org/example/new: written").says("Nothing was changed.");
    let (path, _) = plan("p2");
    etcd.etcdctl(&["del", "/coredns/org/example/new"]);
    apply(&path).ends_with(5).says("/coredns/org/example/new: deleted");
    let (path, _) = plan("p3");
    etcd.put("/coredns/io/gcr/x3", r#"{"host":"10.0.0.3"}"#);
    apply(&path).ends_with(5).says("/coredns/io/gcr/x3: written at revision");
    // After a compaction nobody knows which key it was, but it is known that one is gone.
    let (path, _) = plan("p4");
    etcd.etcdctl(&["del", "/coredns/io/gcr/x4"]);
    etcd.etcdctl(&["compact", &revision(&etcd).to_string()]);
    apply(&path).ends_with(5).says("deleted: 1 key at least");
    let (path, _) = plan("p5");
    let elsewhere = etcd::start();
    Home::of(&elsewhere.endpoint())
        .run(&["apply", &path, "--confirm", "/coredns/"])
        .ends_with(4)
        .says("this is cluster");
    apply(&path).ends_with(0);
}

#[test]
fn a_plan_for_a_part_of_the_scope_reads_and_changes_only_that() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    let wanted = desired(&etcd, &home);
    etcd.put("/coredns/io/quay/x1", r#"{"host":"10.0.0.9"}"#);
    let plan = home.run(&["plan", &wanted, "--only", "gcr.io", "--prune", "-o", "json"]).ends_with(6);
    let line = &plan.json()[0];
    assert_eq!((&line["target"], &line["keys"]), (&"/coredns/io/gcr/".into(), &3.into()));
    let path = file(&home, "p", &plan.out);
    etcd.put("/coredns/io/quay/x2", "elsewhere");
    home.run(&["apply", &path, "--confirm", "/coredns/"]).ends_with(4);
    home.run(&["apply", &path, "--confirm", "/coredns/io/gcr/"]).ends_with(0);
    assert_eq!(dump(&etcd, "/coredns/io/quay/").len(), 2);
    home.run(&["plan", &wanted, "--only", "quay.io"]).ends_with(0).says("3 keys of the file lie elsewhere");
}

const ZONE: &[(&str, &str)] = &[
    ("/coredns/org/example/dns/apex/x1", r#"{"host":"192.0.2.10"}"#),
    ("/coredns/org/example/dns/ns/ns1", r#"{"host":"192.0.2.53"}"#),
    ("/coredns/org/example/www/x1", r#"{"host":"192.0.2.11","ttl":60}"#),
    ("/coredns/org/example/docs", r#"{"host":"www.example.org"}"#),
    ("/coredns/org/example/t/x1", r#"{"text":"v=spf1; \"all\"","team":"a"}"#),
    ("/coredns/org/example/broken/x1", "1.2.3.4"),
];

fn zoned() -> (PrivateEtcd, Home) {
    let etcd = etcd::start();
    for (key, value) in ZONE {
        etcd.put(key, value);
    }
    let home = Home::of(&etcd.endpoint());
    (etcd, home)
}

#[test]
fn a_zone_goes_into_a_file_and_from_there_into_another_etcd() {
    let (_etcd, home) = zoned();
    let zones = ["--zones", "example.org,2.0.192.in-addr.arpa"];
    let directory = home.path().join("zones").display().to_string();
    let export = [&["export", "--format", "zone", "--to", &*directory][..], &zones].concat();
    home.run(&export)
        .ends_with(0)
        .says("/coredns/org/example/broken/x1 is not served")
        .says("no place for team");
    home.run(&export).ends_with(1).says("never overwritten");
    let path = format!("{directory}/example.org.zone");
    let text = fs::read_to_string(&path).unwrap();
    for wanted in
        ["\nwww        60 IN A 192.0.2.11 ; /coredns/org/example/www/x1\n", "broken/x1 is not served"]
    {
        assert!(text.contains(wanted), "{wanted} is not in\n{text}");
    }
    home.run(&[&["plan", &*path, "--prune"][..], &zones].concat()).ends_with(0);

    let other = etcd::start();
    let there = Home::of(&other.endpoint());
    let import = [&["import", &*path, "--confirm", "/coredns/"][..], &zones].concat();
    there.run(&import).ends_with(0).says("example.org SOA: CoreDNS makes the SOA up");
    assert_eq!(value(&other, "/coredns/org/example/dns/ns/ns1"), r#"{"host":"192.0.2.53","ttl":300}"#);
    for (name, kind) in [
        ("example.org", "A"),
        ("www.example.org", "A"),
        ("docs.example.org", "CNAME"),
        ("t.example.org", "TXT"),
    ] {
        let ask = [&["answer", name, kind, "-o", "json"][..], &zones].concat();
        let (here, came) = (home.run(&ask).ends_with(0), there.run(&ask).ends_with(0));
        assert_eq!(here.json()[0]["answer"], came.json()[0]["answer"], "{name} {kind}");
    }
    let again = there.run(&import).ends_with(0);
    again.says("5 records of the file are there already").says("Nothing is added: 1 line cannot be served");
    // One address is added, and one replaced.
    let wanted = file(&there, "example.org.zone", &text.replace("192.0.2.11", "192.0.2.12"));
    let plan = [&["plan", &*wanted, "-o", "json"][..], &zones].concat();
    let line = there.run(&plan).ends_with(6).json().remove(0);
    assert_eq!(line["target"], "/coredns/org/example/");
    assert_eq!(line["updates"][0]["after"]["value"]["host"], "192.0.2.12");
}

#[test]
fn a_file_of_a_zone_that_is_not_served_and_one_that_includes_another_are_refused() {
    let (etcd, home) = zoned();
    let before = revision(&etcd);
    let zone = "$ORIGIN example.net.\n$TTL 60\n@ SOA a b 1 2 3 4 5\nwww A 192.0.2.1\n";
    let path = file(&home, "example.net.zone", zone);
    home.run(&["import", &path, "--zones", "example.org"]).ends_with(2).says("--zones example.net");
    let secret = file(&home, "secret", "x A 192.0.2.66\n");
    let path = file(&home, "example.org.zone", &format!("{zone}\n$INCLUDE {secret}\n"));
    let run = home.run(&["import", &path]).ends_with(1).says("line 6: $INCLUDE names another file");
    assert!(!run.err.contains("192.0.2.66"));
    assert_eq!(revision(&etcd), before);
}

#[test]
fn hosts_and_csv_go_out_and_come_back() {
    let (_etcd, home) = zoned();
    let zones = ["--zones", "example.org"];
    let hosts = home.path().join("hosts").display().to_string();
    let out = [&["export", "--format", "hosts", "--to", &*hosts][..], &zones].concat();
    home.run(&out)
        .ends_with(0)
        .says("docs.example.org is written as the addresses")
        .says("no place for a TXT record");
    assert_eq!(
        fs::read_to_string(&hosts).unwrap(),
        "# A hosts file has no TTLs, and nothing but addresses.\n192.0.2.10\texample.org\n\
         192.0.2.11\tdocs.example.org www.example.org\n192.0.2.53\tns1.ns.dns.example.org\n"
    );
    let csv = home.path().join("all.csv").display().to_string();
    home.run(&["export", "--format", "csv", "--to", &csv]).ends_with(0).says("broken/x1 has no row");
    home.run(&["plan", &csv]).ends_with(0);

    let other = etcd::start();
    let there = Home::of(&other.endpoint());
    let confirm = ["--confirm", "/coredns/"];
    there.run(&[&["import", &*csv][..], &confirm].concat()).ends_with(0);
    assert_eq!(value(&other, "/coredns/org/example/www/x1"), r#"{"host":"192.0.2.11","ttl":60}"#);
    assert_eq!(dump(&other, "/").len(), ZONE.len() - 1);
    let third = etcd::start();
    let there = Home::of(&third.endpoint());
    there.run(&[&["import", &*hosts][..], &confirm, &zones].concat()).ends_with(0);
    assert_eq!(value(&third, "/coredns/org/example/docs/x1"), r#"{"host":"192.0.2.11","ttl":300}"#);
    there.run(&["plan", &hosts]).ends_with(2).says("hosts file");
}

#[test]
fn every_change_says_its_plan_in_json_confirmed_or_not() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    etcd.put("/coredns/io/gcr", r#"{"host":"10.0.0.1"}"#);
    let set = ["set", "gcr.io", "--host", "10.0.0.2", "-o", "json"];
    let asked = home.run(&set).ends_with(4).json().remove(0);
    let plan = &asked["plan"];
    assert_eq!(plan["target"], "/coredns/io/gcr/x2");
    assert_eq!(plan["revision"], revision(&etcd));
    assert_eq!(plan["creates"][0]["after"]["value"]["host"], "10.0.0.2");
    // The record at the name's own key moves out of the way: it goes, and comes.
    assert_eq!(plan["deletes"][0]["moved"], "/coredns/io/gcr/x1");
    assert_eq!(plan["creates"][1]["moved"], "/coredns/io/gcr");
    assert_eq!(
        (plan["checksum"].as_str().unwrap().len(), &plan["cluster_id"].as_str().unwrap().len()),
        (64, &16)
    );
    let done =
        home.run(&[&set[..], &["--confirm", "/coredns/io/gcr/x2"]].concat()).ends_with(0).json().remove(0);
    assert_eq!(done["plan"], asked["plan"]);
    let path = file(&home, "p", &plan.to_string());
    home.run(&["apply", &path, "--confirm", "/coredns/"]).ends_with(4).says("the plan of another command");
}

#[test]
fn a_change_that_ends_early_says_so_in_json_whatever_the_command() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    let key = "/coredns/io/gcr/x1";
    etcd.put(key, r#"{"host":"10.0.0.1"}"#);
    let wrong = file(&home, "wrong.jsonl", "no JSON");
    let same = file(&home, "same.jsonl", &format!(r#"{{"key":"{key}","value":{{"host":"10.0.0.1"}}}}"#));
    let at = revision(&etcd).to_string();
    for (arguments, code, outcome) in [
        (vec!["set", key, "--host", "10.0.0.1"], 0, "nothing_changed"),
        (vec!["rm", "/coredns/none"], 1, "failed"),
        (vec!["rm", key], 4, "not_confirmed"),
        (vec!["undo", "none"], 1, "failed"),
        (vec!["resume", "none"], 1, "failed"),
        (vec!["put-back", key, "--at", &at], 0, "nothing_changed"),
        (vec!["restore", &wrong], 1, "failed"),
        (vec!["import", &wrong], 1, "failed"),
        (vec!["import", &same], 0, "nothing_changed"),
        (vec!["apply", &wrong], 4, "refused"),
        (vec!["migrate", "--to", &etcd.endpoint()], 4, "refused"),
    ] {
        let lines = home.run(&[&arguments[..], &["-o", "json"]].concat()).ends_with(code).json();
        assert_eq!(lines.len(), 1, "{arguments:?}: {lines:?}");
        let line = &lines[0];
        assert_eq!(line["outcome"], outcome, "{arguments:?}: {line}");
        for field in ["changed", "revision", "keys", "journal", "plan"] {
            assert!(line.get(field).is_some(), "{arguments:?} has no {field}: {line}");
        }
    }
    let nothing = home.run(&["import", &same, "-o", "json"]).json().remove(0);
    let plan = &nothing["plan"];
    assert_eq!((&plan["target"], plan["revision"].to_string()), (&"/coredns/".into(), at));
    for field in ["creates", "updates", "deletes", "untouched"] {
        assert_eq!(plan[field], serde_json::json!([]), "{field}");
    }
}

#[test]
fn a_directory_of_zone_files_is_one_wish() {
    let etcd = etcd::start();
    for (key, value) in [
        ("/coredns/org/example/www/x1", r#"{"host":"192.0.2.11","ttl":60}"#),
        ("/coredns/net/example/www/x1", r#"{"host":"192.0.2.12","ttl":60}"#),
    ] {
        etcd.put(key, value);
    }
    let home = Home::of(&etcd.endpoint());
    let directory = home.path().join("zones").display().to_string();
    let with_zones =
        |arguments: &[&str]| home.run(&[arguments, &["--zones", "example.org,example.net"]].concat());
    with_zones(&["export", "--format", "zone", "--to", &directory]).ends_with(0).says("1 record of revision");
    with_zones(&["plan", &directory, "--prune"]).ends_with(0);
    etcd.put("/coredns/net/example/more/x1", r#"{"host":"192.0.2.13"}"#);
    etcd.etcdctl(&["del", "/coredns/org/example/www/x1"]);
    let plan = with_zones(&["plan", &directory, "--prune", "-o", "json"]).ends_with(6);
    let path = file(&home, "p.json", &plan.out);
    home.run(&["apply", &path, "--confirm", "/coredns/", "--expect", "1"]).ends_with(0);
    assert_eq!(dump(&etcd, "/coredns/").len(), 2);
    with_zones(&["plan", &directory, "--prune"]).ends_with(0);
    // Two files of one zone contradict each other, and a directory without one is a slip.
    let one = format!("{directory}/example.org.zone");
    with_zones(&["plan", &one, &one]).ends_with(1).says("so is another of the files");
    with_zones(&["import", &home.path().display().to_string()]).ends_with(2).says("without zone files");
}

#[test]
fn what_is_no_text_of_records_is_named_with_what_to_do_instead() {
    let etcd = etcd::start();
    etcd.put("/coredns/io/gcr/x1", r#"{"host":"10.0.0.1"}"#);
    let home = Home::of(&etcd.endpoint());
    let path = |name: &str| home.path().join(name).display().to_string();
    home.run(&["backup", "--to", &path("b.jsonl.gz")]).ends_with(0);
    // A page's header, and behind it the first bytes of etcd's database.
    fs::write(path("s.db"), [&[0; 16][..], &0xed0c_daed_u32.to_le_bytes()].concat()).unwrap();
    fs::write(path("e.jsonl"), "\n").unwrap();
    let utf16: Vec<u8> = "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(path("u.jsonl"), utf16).unwrap();
    for (name, says) in [
        ("b.jsonl.gz", "coredeck restore FILE"),
        ("s.db", "coredeck snapshot status FILE"),
        ("u.jsonl", "iconv"),
        ("e.jsonl", "is empty"),
    ] {
        for command in ["import", "plan"] {
            home.run(&[command, &path(name), "--format", "jsonl"]).ends_with(1).says(says);
        }
        home.run(&["apply", &path(name)]).ends_with(1).says(says);
    }
    // A plan is no backup and no list of records.
    fs::write(path("none.jsonl"), "[]").unwrap();
    let plan = home.run(&["plan", &path("none.jsonl"), "--prune", "-o", "json"]).ends_with(6);
    let plan = file(&home, "p.json", &plan.out);
    home.run(&["restore", &plan]).ends_with(1).says("no backup");
    home.run(&["import", &plan]).ends_with(1);
    assert_eq!(dump(&etcd, "/coredns/").len(), 1);
}

/// Returns the lines of a message that name differences from the file.
fn told(run: &Run) -> Vec<String> {
    let lines = run.err.lines().skip_while(|line| !line.starts_with("Not as the file has it"));
    lines.skip(1).take_while(|line| line.starts_with("  ")).map(str::to_owned).collect()
}

#[test]
fn an_import_comes_to_rest_whatever_its_name_servers_are_called() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    let zone = "$ORIGIN example.com.\n$TTL 300\n@ SOA ns1 h 1 2 3 4 5\n@ NS ns1\n@ NS ns1.other.test.\nns1 A 192.0.2.53\n\
                ns1 AAAA 2001:db8::53\n@ MX 0 mail\nmail A 192.0.2.25\n_sip._tcp SRV 0 0 5060 mail\nt TXT \"a\" \"b\"\n";
    let path = file(&home, "example.com.zone", zone);
    let run = |arguments: &[&str]| home.run(&[arguments, &["--zones", "example.com"]].concat());
    let first = run(&["import", &path, "--confirm", "/coredns/"]).ends_with(0);
    let before = (revision(&etcd), dump(&etcd, "/coredns/"));
    let again = run(&["import", &path, "--confirm", "/coredns/"]).ends_with(0).says("Nothing is added");
    let plan = run(&["plan", &path]).ends_with(0);
    run(&["plan", &path, "--prune"]).ends_with(0);
    assert_eq!((revision(&etcd), dump(&etcd, "/coredns/")), before, "nothing was written again");
    assert_eq!((told(&again), told(&plan)), (told(&first), told(&first)));
    for line in [
        "line 4: example.com NS:",
        "line 5: example.com NS:",
        "line 8: example.com MX:",
        "line 11: t.example.com TXT:",
    ] {
        let said = told(&first).iter().filter(|told| told.contains(line)).count();
        assert_eq!(said, 1, "{line} in {:#?}", told(&first));
    }
}

#[test]
fn the_addresses_of_a_name_stay_its_own_beside_its_mail_and_its_services() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    let zone = "$ORIGIN example.com.\n$TTL 300\n@ SOA a b 1 2 3 4 5\ndemo A 192.0.2.1\ndemo AAAA 2001:db8::1\ndemo MX 10 mail\n\
                demo TXT t\nonly MX 10 mail\nmail A 192.0.2.25\nmail TXT m\n_sip._tcp.voice SRV 10 5 5060 mail\nvoice A 192.0.2.5\n";
    let path = file(&home, "example.com.zone", zone);
    let run = |arguments: &[&str]| home.run(&[arguments, &["--zones", "example.com"]].concat());
    run(&["import", &path, "--confirm", "/coredns/"]).ends_with(0);
    let answer = |name: &str, kind: &str| {
        let lines = run(&["answer", &format!("{name}.example.com"), kind, "-o", "json"]).json();
        let records = lines[0]["answer"].as_array().cloned().unwrap_or_default();
        let data =
            |record: &serde_json::Value| record.as_str().unwrap().splitn(5, ' ').nth(4).unwrap().to_owned();
        records.iter().map(data).collect::<Vec<_>>()
    };
    for (name, kind, wanted) in [
        ("demo", "A", &["192.0.2.1"][..]),
        ("demo", "AAAA", &["2001:db8::1"]),
        ("demo", "MX", &["10 mail.example.com."]),
        ("demo", "TXT", &["\"t\""]),
        ("only", "MX", &["10 mail.example.com."]),
        ("only", "A", &[]),
        ("only", "TXT", &[]),
        ("voice", "A", &["192.0.2.5"]),
        ("_sip._tcp.voice", "SRV", &["10 100 5060 mail.example.com."]),
    ] {
        assert_eq!(answer(name, kind), wanted, "{name} {kind}");
    }
}

#[test]
fn an_answer_that_no_record_can_hold_is_told_with_its_line_before_anybody_agrees() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    let zone = "$ORIGIN example.com.\n$TTL 300\n@ SOA a b 1 2 3 4 5\ndemo A 192.0.2.1\ndemo MX 10 mail.far.test.\n\
                www A 192.0.2.2\napi.www A 192.0.2.3\n";
    let path = file(&home, "example.com.zone", zone);
    let run = |arguments: &[&str]| home.run(&[arguments, &["--zones", "example.com"]].concat());
    let lines = [
        "line 4: demo.example.com A: CoreDNS will answer 300 192.0.2.1, 300 CNAME mail.far.test., and the file says 300 192.0.2.1 (it comes with line 5)",
        "demo.example.com TXT: CoreDNS will answer 300 CNAME mail.far.test., and the file says nothing (it comes with line 5)",
        "line 6: www.example.com A: CoreDNS will answer 300 192.0.2.2, 300 192.0.2.3, and the file says 300 192.0.2.2 (it comes with line 7)",
    ];
    let mut asked = run(&["import", &path]).ends_with(4);
    let plan = run(&["plan", &path, "-o", "json"]).ends_with(6);
    let mut planned = run(&["plan", &path]).ends_with(6);
    let saved = file(&home, "change.json", &plan.out);
    let mut applied = run(&["apply", &saved]).ends_with(4);
    for line in lines {
        (asked, planned, applied) = (asked.says(line), planned.says(line), applied.says(line));
        let told = plan.json()[0]["not_carried"].as_array().unwrap().clone();
        assert!(told.iter().any(|told| told == line), "{line}: {told:#?}");
    }
    assert_eq!(revision(&etcd), 1, "nobody agreed");
}

#[test]
fn whatever_lies_right_below_a_name_is_exported_as_the_names_own() {
    let etcd = etcd::start();
    for (leaf, address) in
        [("app/0", "10.0.0.1"), ("app/1", "10.0.0.2"), ("lan/NODE", "10.0.0.3"), ("t/note", "")]
    {
        let value = if address.is_empty() {
            r#"{"text":"n"}"#.to_owned()
        } else {
            format!(r#"{{"host":"{address}"}}"#)
        };
        etcd.put(&format!("/coredns/com/example/{leaf}"), &value);
    }
    let home = Home::of(&etcd.endpoint());
    let run = |arguments: &[&str]| home.run(&[arguments, &["--zones", "example.com"]].concat());
    let to = home.path().join("hosts").display().to_string();
    run(&["export", "--format", "hosts", "--to", &to]).ends_with(0);
    let hosts = fs::read_to_string(&to).unwrap();
    assert_eq!(
        hosts.lines().skip(1).collect::<Vec<_>>(),
        [
            "10.0.0.1\t0.app.example.com app.example.com",
            "10.0.0.2\t1.app.example.com app.example.com",
            "10.0.0.3\tlan.example.com"
        ]
    );
    let zone = run(&["export", "--format", "zone"]).ends_with(0).out;
    for line in [
        "\napp    300 IN A 10.0.0.1 ",
        "\napp    300 IN A 10.0.0.2 ",
        "\n0.app  300 IN A 10.0.0.1 ",
        "\nlan    300 IN A 10.0.0.3 ",
        "\nt      300 IN TXT \"n\" ",
    ] {
        assert!(zone.contains(line), "{line:?} is not in\n{zone}");
    }
    let path = file(&home, "example.com.zone", &zone);
    run(&["plan", &path, "--prune"]).ends_with(0);
    let other = etcd::start();
    let there = Home::of(&other.endpoint());
    there.run(&["import", &path, "--zones", "example.com", "--confirm", "/coredns/"]).ends_with(0);
    for name in ["app.example.com", "0.app.example.com", "lan.example.com"] {
        let ask = ["answer", name, "A", "-o", "json", "--zones", "example.com"];
        let sorted = |home: &Home| {
            let lines = home.run(&ask).ends_with(0).json();
            let mut all: Vec<String> = lines[0]["answer"]
                .as_array()
                .unwrap()
                .iter()
                .map(|rr| rr.as_str().unwrap().to_owned())
                .collect();
            all.sort();
            assert!(!all.is_empty(), "{name}");
            all
        };
        assert_eq!(sorted(&home), sorted(&there), "{name}");
    }
}

#[test]
fn every_line_that_cannot_be_read_is_told_and_the_rest_is_taken() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    let zone = "$ORIGIN example.com.\n$TTL 300\n@ SOA a b 1 2 3 4 5\nwww A 192.0.2.l\nok A 192.0.2.1\nwww BOGUS x\nb TXT \"open\n\
                bad..name A 192.0.2.2\n TXT of-nobody\nlast A 192.0.2.3\n";
    let path = file(&home, "example.com.zone", zone);
    let hosts = file(
        &home,
        "some.hosts",
        "192.0.2.7 h.example.com\n192.0.2 x.example.com\n192.0.2.8\n192.0.2.9 a..b i.example.com\n",
    );
    let run = |arguments: &[&str]| home.run(&[arguments, &["--zones", "example.com"]].concat());
    let mut import = run(&["import", &path, "--confirm", "/coredns/"]).ends_with(0);
    for line in [
        "line 4 is left out: A needs an IPv4 address",
        "line 6 is left out: BOGUS is no type",
        "line 7 is left out: a quote of line 7 is not closed on it",
        "line 8 is left out:",
        "line 9 is left out: it begins with a blank, and there is no owner before it",
    ] {
        import = import.says(line);
    }
    run(&["import", &hosts, "--confirm", "/coredns/"])
        .ends_with(0)
        .says("line 2 is left out: 192.0.2 is no address")
        .says("line 3 is left out: 192.0.2.8 has no name")
        .says("line 4 is left out: the name \"a..b\" has an empty label");
    let keys: Vec<usize> = ["ok", "last", "h", "i"]
        .map(|name| dump(&etcd, &format!("/coredns/com/example/{name}/")).len())
        .into();
    assert_eq!(keys, [1, 1, 1, 1]);
    assert_eq!(dump(&etcd, "/coredns/").len(), 4);
    // Nobody knows what such a line stands for, and so no record counts as unwanted.
    run(&["plan", &path, "--prune"]).ends_with(1).says("5 lines cannot be read").says("line 7: a quote");
    run(&["plan", &path]).ends_with(0);
}

#[test]
fn a_record_at_the_names_own_key_makes_room_with_its_lease_in_an_import_and_in_a_plan() {
    let (etcd, home) = zoned();
    let lease = etcd.etcdctl(&["lease", "grant", "600"]);
    let lease = lease.split_whitespace().nth(1).unwrap().to_owned();
    let (own, leaf) = ("/coredns/org/example/room", "/coredns/org/example/room/x1");
    etcd.etcdctl(&["put", "--lease", &lease, "--", own, r#"{"host":"192.0.2.1","note":"kept"}"#]);
    let zone = |lines: &str| format!("$ORIGIN example.org.\n$TTL 300\n@ SOA a b 1 2 3 4 5\n{lines}");
    let below = file(&home, "below.zone", &zone("api.room A 192.0.2.2\n"));
    let run = home.run(&["import", &below, "--zones", "example.org", "--confirm", "/coredns/"]).ends_with(0);
    let run = run.says("move 1 key").says(leaf);
    assert!(!run.err.contains("room.example.org A: CoreDNS will answer nothing"), "{run:?}");
    assert_eq!(value(&etcd, leaf), r#"{"host":"192.0.2.1","note":"kept"}"#);
    assert_eq!(value(&etcd, own), "");

    // In a saved plan it gets its other value on the way.
    let again = "/coredns/org/example/again";
    etcd.etcdctl(&["put", "--lease", &lease, "--", again, r#"{"host":"192.0.2.3","note":"kept"}"#]);
    let text = zone("again 60 A 192.0.2.3\napi.again A 192.0.2.4\n");
    let wanted = file(&home, "again.zone", &text);
    let plan = home.run(&["plan", &wanted, "--zones", "example.org"]).ends_with(6);
    assert!(plan.out.contains("1 to move") && plan.out.contains(&format!("move    {again}")), "{plan:?}");
    let saved = home.run(&["plan", &wanted, "--zones", "example.org", "-o", "json"]).ends_with(6);
    let saved = file(&home, "again.json", &saved.out);
    home.run(&["apply", &saved, "--confirm", "/coredns/org/example/"]).ends_with(0);
    assert_eq!(value(&etcd, again), "");
    assert_eq!(value(&etcd, &format!("{again}/x1")), r#"{"host":"192.0.2.3","note":"kept","ttl":60}"#);
    let leased = etcd.etcdctl(&["lease", "timetolive", "--keys", &lease]);
    for key in [leaf, "/coredns/org/example/again/x1"] {
        assert!(leased.contains(key), "{key} is not in {leased}");
    }
    home.run(&["plan", &wanted, "--zones", "example.org"]).ends_with(0);
}

#[test]
fn a_line_of_one_file_is_named_with_it_and_is_none_of_another() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    let zone = |name: &str, line: &str| {
        let text = format!("$ORIGIN {name}.\n$TTL 300\n@ SOA a b 1 2 3 4 5\n{line}\nwww A 192.0.2.1\n");
        file(&home, &format!("{name}.zone"), &text)
    };
    // The fourth line of one cannot be stored, and the fourth of the other gives another answer.
    let (one, other) = (zone("one.test", "@ CAA 0 issue \"ca.test\""), zone("two.test", "mail MX 0 www"));
    let arguments = ["import", &one, &other, "--zones", "one.test,two.test", "-o", "json"];
    let run = home.run(&[&arguments[..], &["--confirm", "/coredns/"]].concat()).ends_with(0);
    let run = run
        .says(&format!("{one}, line 4: one.test CAA: CoreDNS answers no such type from etcd"))
        .says(&format!("{other}, line 4: mail.two.test MX: CoreDNS will answer"));
    let line = &run.json()[0];
    let told = line["not_carried"].as_array().unwrap();
    let of_line = |file: &str| {
        let begins = format!("{file}, line 4: ");
        told.iter().filter(|told| told.as_str().unwrap().starts_with(&begins)).count()
    };
    assert_eq!((of_line(&one), of_line(&other)), (1, 1), "{told:?}");
    let answers = line["answers"].as_array().unwrap();
    let mail = answers.iter().find(|answer| answer["name"] == "mail.two.test").unwrap();
    assert_eq!(
        mail,
        &serde_json::json!({
            "name": "mail.two.test", "type": "MX", "file": other, "line": 4,
            "wanted": ["300 0 www.two.test."], "after": ["300 1 www.two.test."],
        })
    );
    // A second import and a plan say the same in JSON.
    let again = home.run(&[&arguments[..], &["--confirm", "/coredns/"]].concat()).ends_with(0).json();
    let plan = home.run(&["plan", &one, &other, "--zones", "one.test,two.test", "-o", "json"]).json();
    for said in [&again[0], &plan[0]] {
        assert_eq!((&said["not_carried"], &said["answers"]), (&line["not_carried"], &line["answers"]));
    }
}

#[test]
fn the_file_of_a_name_that_is_no_zone_says_of_which_zone_it_is() {
    let (_etcd, home) = zoned();
    let export = |zones: &str| home.run(&["export", "www.example.org", "--format", "zone", "--zones", zones]);
    let run = export("example.org").ends_with(0);
    run.says("www.example.org is no zone").says("would delete the rest of");
    let run = export("example.org,www.example.org").ends_with(0);
    run.says("is written as a zone of its own").says("example.org alone");
    let whole = home.run(&["export", "example.org", "--format", "zone", "--zones", "example.org"]);
    assert!(!whole.ends_with(0).err.contains("zone of its own"));
}
