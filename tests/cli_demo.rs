//! Commands on the demo: their output and their exit codes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

#[path = "support/cli.rs"]
mod cli;

use cli::{Home, Run};
use std::process::{Command, Stdio};

fn demo(arguments: &[&str]) -> Run {
    Home::new().run(&[&["--demo"], arguments].concat())
}

#[test]
fn get_prints_the_records_of_a_name_as_stored() {
    let lines = demo(&["get", "gcr.io", "-o", "json"]).ends_with(0).json();
    let [line] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!(line["key"], "/coredns/io/gcr/x1");
    assert_eq!(line["name"], "x1.gcr.io");
    assert_eq!(line["type"], "A");
    assert_eq!(line["value"].to_string(), r#"{"host":"172.25.52.217","ttl":60}"#);
    assert!(line["lease"].is_null() && line["version"] == 1);
    assert!(line["mod_revision"].as_i64().unwrap() > 0);
    assert_eq!(line["mod_revision"], line["create_revision"]);
}

#[test]
fn get_of_a_key_is_that_key_alone() {
    let lines = demo(&["get", "/coredns/org/example/www/x2", "-w", "json"]).ends_with(0).json();
    assert_eq!(lines.len(), 1);
    demo(&["get", "/coredns/org/example/www"]).ends_with(1).says("there is no key /coredns/org/example/www");
}

#[test]
fn get_leaves_what_belongs_to_other_names_to_them() {
    let own = demo(&["get", "example.org", "-o", "json"]).ends_with(0).json();
    let all = demo(&["get", "--recursive", "example.org", "-o", "json"]).ends_with(0).json();
    let keys: Vec<&str> = own.iter().map(|line| line["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["/coredns/org/example/docs", "/coredns/org/example/status"]);
    assert!(all.len() > 30);
}

#[test]
fn a_table_is_aligned_and_names_its_columns() {
    let table = demo(&["get", "www.example.org"]).ends_with(0).out;
    let expected = "\
KEY                          TYPE  TTL  DATA
/coredns/org/example/www/x1  A     60   192.0.2.11
/coredns/org/example/www/x2  A     60   192.0.2.12
/coredns/org/example/www/x3  A     60   192.0.2.13
/coredns/org/example/www/x4  AAAA  60   2001:db8::11
";
    assert_eq!(table, expected);
}

#[test]
fn what_is_no_json_is_raw_and_harmless() {
    let lines = demo(&["get", "-r", "lab.test", "-o", "json"]).ends_with(0).json();
    let raw = |key: &str| lines.iter().find(|line| line["key"] == key).unwrap()["raw"].clone();
    assert_eq!(raw("/coredns/test/lab/bare/x1"), "198.51.100.3");
    assert_eq!(raw("/coredns/test/lab/empty/x1"), "");
    assert_eq!(raw(r"/coredns/test/lab/esc\x1b[2Jape/x1"), r#"{"text":"\x1b]0;owned\x07\x1b[31mred"}"#);
    assert!(lines.iter().all(|line| line.get("raw").is_some() != line.get("value").is_some()));
}

#[test]
fn tree_gives_each_name_with_its_counts_in_dns_order() {
    let lines = demo(&["tree", "example.org", "-o", "json"]).ends_with(0).json();
    assert_eq!(
        lines[0].to_string(),
        r#"{"name":"example.org","key":"/coredns/org/example","records":2,"below":38}"#
    );
    let www = lines.iter().find(|line| line["name"] == "www.example.org").unwrap();
    assert_eq!((&www["records"], &www["below"]), (&4.into(), &4.into()));
    let drawn = demo(&["tree", "io", "--ascii"]).ends_with(0).out;
    let expected = "\
io  3 below
|- gcr  1 record
|- k8s  1 below
|  `- registry  1 record
`- quay  1 record
";
    assert_eq!(drawn, expected);
    demo(&["tree", "nowhere.example"]).ends_with(1);
}

#[test]
fn tree_shows_a_name_that_is_only_a_record() {
    let key = "/coredns/test/lab/bare/x1";
    let line = format!(r#"{{"name":"x1.bare.lab.test","key":"{key}","records":1,"below":0}}"#);
    for name in ["x1.bare.lab.test", key] {
        let lines = demo(&["tree", name, "-o", "json"]).ends_with(0).json();
        assert_eq!(lines.iter().map(ToString::to_string).collect::<Vec<_>>(), [&*line]);
        assert_eq!(demo(&["tree", name]).ends_with(0).out, "x1.bare.lab.test  1 record\n");
    }
}

#[test]
fn the_scope_itself_can_be_shown_by_its_path() {
    let whole = demo(&["tree"]).ends_with(0).out;
    assert_eq!(demo(&["tree", "/coredns/"]).ends_with(0).out, whole);
    assert_eq!(demo(&["tree", "."]).ends_with(0).out, whole);
    demo(&["tree", "/"]).ends_with(4);
    demo(&["get", "/registry/pods/default/x"]).ends_with(4).says("is outside /coredns/");
}

#[test]
fn search_finds_the_names_of_an_address_and_no_longer_one() {
    let keys = |text: &str| -> Vec<String> {
        let lines = demo(&["search", text, "-o", "json"]).ends_with(0).json();
        lines.iter().map(|line| line["key"].as_str().unwrap().to_owned()).collect()
    };
    // 10.0.0.11, .12 and .13 begin alike.
    assert_eq!(keys("10.0.0.1"), ["/coredns/arpa/in-addr/10/0/0/1", "/coredns/org/example/lan/gateway/x1"]);
    assert!(keys("gcr.io").contains(&"/coredns/io/gcr/x1".to_owned()));
    demo(&["search", "no such thing"]).ends_with(1);
    demo(&["search", ""]).ends_with(2);
}

#[test]
fn a_change_without_a_terminal_stops_at_its_plan() {
    demo(&["set", "gcr.io", "--host", "10.0.0.1", "--ttl", "60"])
        .ends_with(4)
        .says("Plan: add 1 key in /coredns/")
        .says("Cluster 0de0c0dedec00de0")
        .says("/coredns/io/gcr/x2")
        .says(r#"+ {"host":"10.0.0.1","ttl":60}"#)
        .says("To confirm: --confirm /coredns/io/gcr/x2")
        .says("Nothing was changed.");
    demo(&["rm", "/coredns/io/gcr/x1"]).ends_with(4).says("Nothing was changed.");
}

#[test]
fn only_the_exact_key_confirms() {
    let rm = |key| demo(&["rm", "/coredns/io/quay/x1", "--confirm", key]);
    for wrong in ["/coredns/io/quay/x2", "/coredns/io/quay/x1/", "/coredns/io/quay/", "y", "", "quay.io"] {
        rm(wrong).ends_with(4).says("the typed key differs from character").says("Nothing was changed.");
    }
    rm("/coredns/io/quay/x1").ends_with(0).says("1 key changed at revision");
    demo(&["set", "gcr.io", "--host", "10.0.0.1", "--confirm", "/coredns/io/gcr"]).ends_with(4);
}

#[test]
fn a_result_is_one_json_object() {
    let done =
        demo(&["set", "gcr.io", "--host", "10.0.0.1", "--confirm", "/coredns/io/gcr/x2", "-o", "json"]);
    let [line] = &done.ends_with(0).json()[..] else { panic!() };
    assert_eq!((&line["outcome"], &line["changed"]), (&"done".into(), &1.into()));
    assert_eq!(line["keys"], serde_json::json!(["/coredns/io/gcr/x2"]));
    assert!(line["revision"].as_i64().unwrap() > 1 && line["journal"].is_string());
    let planned = demo(&["rm", "/coredns/io/gcr/x1", "-o", "json"]).ends_with(4).json();
    assert_eq!(planned[0]["outcome"], "not_confirmed");
    assert_eq!((&planned[0]["changed"], &planned[0]["journal"]), (&0.into(), &serde_json::Value::Null));
}

#[test]
fn beyond_a_threshold_the_exact_number_is_asked_for() {
    let rm =
        |more: &[&str]| demo(&[&["rm", "-r", "lab.test", "--confirm", "/coredns/test/lab/"], more].concat());
    rm(&[]).ends_with(4).says("nothing would be left of zone test").says("--expect N");
    rm(&["--expect", "16"]).ends_with(4);
    rm(&["--expect", "17"]).ends_with(0).says("17 keys changed");
    let gcr = ["rm", "/coredns/io/gcr/x1", "--confirm", "/coredns/io/gcr/x1", "--expect", "2"];
    demo(&gcr).ends_with(4).says("not 2");
}

#[test]
fn emptying_a_named_zone_asks_for_the_number() {
    let rm = ["rm", "gcr.io", "--confirm", "/coredns/io/gcr/x1"];
    demo(&rm).ends_with(0);
    demo(&[&["--zones", "quay.io,gcr.io"], &rm[..]].concat())
        .ends_with(4)
        .says("nothing would be left of zone gcr.io");
    demo(&["--zones", "a..b", "tree"]).ends_with(2).says("--zones");
}

#[test]
fn a_prefix_of_several_segments_is_warned_about() {
    demo(&["--prefix", "/dns/prod", "get", "gcr.io"])
        .ends_with(0)
        .says("warning: this prefix has several segments");
}

#[test]
fn a_result_that_cannot_be_printed_does_not_hide_what_was_done() {
    let home = Home::new();
    let mut command =
        home.command(&["--demo", "rm", "quay.io", "--confirm", "/coredns/io/quay/x1", "-o", "json"]);
    command.stdout(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    let run = Run::of(command).ends_with(0).says("1 key changed").says("stdout cannot be written");
    assert!(!run.err.contains("Nothing was changed"));
}

#[test]
fn a_name_server_goes_below_its_zone_and_nowhere_else() {
    let run = demo(&["set", "example.org", "--type", "NS", "--host", "192.0.2.55"]).ends_with(4);
    run.says("new     /coredns/org/example/dns/ns/x1").says("example.org NS");
    let refused = demo(&["set", "www.example.org", "--type", "NS", "--host", "192.0.2.55"]).ends_with(2);
    refused.says("www.example.org is no zone that CoreDNS serves").says("CoreDNS delegates nothing");
    for key in ["/coredns/org/example/www/x1", "/coredns/org/example/www/x9"] {
        demo(&["set", key, "--type", "NS", "--host", "192.0.2.55"]).ends_with(2).says("is no zone");
    }
    demo(&["set", "/coredns/org/example/dns/ns/ns3", "--type", "NS", "--host", "192.0.2.55"]).ends_with(4);
}

#[test]
fn what_a_change_would_do_wrong_is_the_first_line_of_its_plan() {
    let first = |arguments: &[&str]| demo(arguments).ends_with(4).err.lines().next().unwrap().to_owned();
    let host = ["--host", "192.0.2.77"];
    let set = |name: &str| first(&[&["set", name], &host[..]].concat());
    assert!(set("*.apps.example.org").starts_with("~ *.apps.example.org is no wildcard"));
    assert!(set("any.example.org").starts_with("~ CoreDNS takes the label \"any\" for a wildcard"));
    assert!(set("www.example.com").starts_with("~ CoreDNS never serves the record of"));
    assert!(set("api.www.example.org").starts_with("~ www.example.org has records of its own"));
    assert!(
        first(&["set", "gcr.io", "--host", "172.25.52.217"]).starts_with("~ The record says the same as")
    );
    assert!(set("new.example.org").starts_with("Plan: "), "nothing is wrong with it");
    let wildcard = demo(&["set", "*.apps.example.org", "--host", "192.0.2.77"]).ends_with(4);
    wildcard.says("template IN A apps.example.org {").says("    match ^.+[.]apps[.]example[.]org[.]$");
    let json = demo(&["set", "*.apps.example.org", "--host", "192.0.2.77", "-o", "json"]).ends_with(4).json();
    assert_eq!(json[0]["findings"][0]["trap"], "T20", "{json:?}");
}

#[test]
fn isolate_refuses_what_groups_cannot_do_and_says_what_does() {
    demo(&["isolate", "www.example.org"]).ends_with(0).says("nothing lies below www.example.org");
    demo(&["isolate", "example.org"]).ends_with(4).says("is a zone").says("dns/apex");
    demo(&["isolate", "lan.example.org"]).ends_with(4).says("no records of its own");
    demo(&["isolate", "shadow.lab.test"]).ends_with(4);
}

#[test]
fn an_address_is_no_name() {
    demo(&["set", "10.0.0.1", "--host", "a.example.org"]).ends_with(2).says("1.0.0.10.in-addr.arpa");
    demo(&["get", "10.0.0.1"]).ends_with(2).says("search");
}

#[test]
fn the_key_of_a_record_is_no_key_of_a_subtree() {
    demo(&["rm", "-r", "www.example.org", "--confirm", "/coredns/org/example/www"]).ends_with(4);
    demo(&["rm", "-r", "www.example.org", "--confirm", "/coredns/org/example/www/"]).ends_with(0);
}

#[test]
fn a_name_with_several_records_is_not_deleted_by_its_name() {
    demo(&["rm", "www.example.org", "--confirm", "/coredns/org/example/www/x1"])
        .ends_with(2)
        .says("/coredns/org/example/www/x4")
        .says("4 records")
        .says("Nothing was changed.");
    demo(&["rm", "quay.io", "--confirm", "/coredns/io/quay/x1"]).ends_with(0);
    demo(&["rm", "nowhere.example"]).ends_with(1);
}

#[test]
fn nothing_outside_the_scope_is_ever_planned() {
    for arguments in [
        &["rm", "/registry/pods/default/web-0", "--confirm", "/registry/pods/default/web-0"][..],
        &["rm", "-r", "/", "--confirm", "/"],
        &["rm", "-r", "/coredns", "--confirm", "/coredns/"],
        &["rm", "-r", "/coredns/", "--confirm", "/coredns/"],
        &["rm", "-r", "/registry/", "--confirm", "/registry/"],
        &["rm", "/coredns-old/x", "--confirm", "/coredns-old/x"],
        &["rm", "-r", ".", "--confirm", "/coredns/"],
        &["rm", "/", "--confirm", "/"],
        &["set", "/registry/x", "--host", "10.0.0.1", "--confirm", "/registry/x"],
        &["--prefix", "/registry", "tree"],
        &["--prefix", "/", "tree"],
        &["--prefix", "", "tree"],
    ] {
        let run = demo(arguments).ends_with(4);
        assert!(!run.err.contains("Plan:"), "{run:?}");
    }
    // The pasted command that this program exists for: one space too many.
    demo(&["rm", "/", "coredns"]).ends_with(2);
}

#[test]
fn odd_keys_are_deleted_by_their_exact_spelling() {
    for key in [
        r"/coredns/test/lab/bytes/\xff\xfe",
        r"/coredns/test/lab/line\nbreak/x1",
        r"/coredns/test/lab/esc\x1b[2Jape/x1",
        "/coredns/test/lab/slash/",
        "/coredns/test/lab/hole//x1",
    ] {
        demo(&["rm", key, "--confirm", key]).ends_with(0);
    }
    demo(&["rm", r"/coredns/test/lab/bytes/\xf", "--confirm", "x"]).ends_with(2);
}

#[test]
fn a_read_only_session_changes_nothing_whatever_is_confirmed() {
    let set = ["--read-only", "set", "gcr.io", "--host", "10.0.0.1", "--confirm", "/coredns/io/gcr/x2"];
    demo(&set).ends_with(4).says("read-only");
    demo(&["--readonly", "rm", "quay.io", "--confirm", "/coredns/io/quay/x1"]).ends_with(4);
    demo(&["--read-only", "get", "gcr.io"]).ends_with(0);
}

#[test]
fn an_edit_shows_both_values_and_keeps_what_it_does_not_know() {
    demo(&["set", "/coredns/org/example/git/x1", "--ttl", "5"])
        .ends_with(4)
        .says(r#"- {"team":"platform","ttl":120,"host":"192.0.2.80","contact":{"room":"4.12"}}"#)
        .says(r#"+ {"team":"platform","ttl":5,"host":"192.0.2.80","contact":{"room":"4.12"}}"#);
    let same = demo(&["set", "/coredns/io/gcr/x1", "--ttl", "60", "-o", "json"]).ends_with(0);
    assert_eq!(same.json()[0]["outcome"], "nothing_changed");
}

#[test]
fn a_leaf_that_is_taken_is_never_written_over() {
    let set = ["set", "gcr.io", "--leaf", "x1", "--host", "10.0.0.1", "--confirm", "/coredns/io/gcr/x1"];
    demo(&set).ends_with(5).says("exists already");
}

#[test]
fn a_record_at_the_name_itself_moves_into_a_leaf_when_it_gets_company() {
    demo(&["set", "docs.example.org", "--host", "10.0.0.1"])
        .ends_with(4)
        .says("Plan: add 1 key, move 1 key")
        .says("move    /coredns/org/example/docs")
        .says("to /coredns/org/example/docs/x1");
    let kept = demo(&["set", "docs.example.org", "--host", "10.0.0.1", "--keep-own"]).ends_with(4);
    assert!(!kept.err.contains("move"));
}

#[test]
fn usage_errors_end_with_2_and_never_repeat_a_password() {
    for arguments in [
        &["--user", "root:hunter2", "tree"][..],
        &["--password", "hunter2", "tree"],
        &["--user", "root:hunter2", "tree", "--no-such-option"],
        &["--endpoints", "https://root:hunter2@10.0.0.1:2379", "tree"],
    ] {
        let run = demo(arguments).ends_with(2);
        assert!(!format!("{run:?}").contains("hunter2"), "{run:?}");
    }
    demo(&["--insecure-skip-tls-verify", "tree"]).ends_with(2).says("pose as etcd");
    demo(&["--discovery-srv", "example.org", "tree"]).ends_with(2).says("must not need DNS");
    demo(&["set", "gcr.io"]).ends_with(2);
    demo(&["set", "gcr.io", "--host", "10.0.0.01"]).ends_with(2).says("looks like an address");
    demo(&["get", "a..b"]).ends_with(2);
    demo(&["gcr.io", "tree"]).ends_with(2);
    demo(&["gcr.io"]).ends_with(2).says("the deck needs a terminal");
}

#[test]
fn nothing_is_coloured_unless_it_is_asked_for() {
    assert!(!demo(&["tree"]).out.contains('\u{1b}'));
    let always = Home::new().command(&["--demo", "--color", "always", "tree"]).output().unwrap();
    assert!(String::from_utf8(always.stdout).unwrap().contains("\u{1b}["));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let home = Home::new();
    let mut command = Command::new("sh");
    home.prepare(&mut command);
    command
        .args(["-c", &format!("{} --demo get -r . ; echo $? >&2", cli::BINARY)])
        .env("PATH", "/usr/bin:/bin");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap().trim(), "0");
}

#[test]
fn completions_and_the_manual_are_printed() {
    for shell in ["bash", "zsh", "fish"] {
        assert!(demo(&["completions", shell]).ends_with(0).out.contains("coredeck"));
    }
    assert!(demo(&["man"]).ends_with(0).out.contains(".TH coredeck"));
    assert!(demo(&["man", "set"]).ends_with(0).out.contains("targetstrip"));
    demo(&["man", "frobnicate"]).ends_with(2);
}

#[test]
fn help_fits_into_eighty_columns() {
    for arguments in [&["--help"][..], &["set", "--help"], &["rm", "--help"]] {
        let help = demo(arguments).ends_with(0).out;
        assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
    }
}

#[test]
fn a_log_is_written_only_where_it_was_asked_for() {
    let home = Home::new();
    let log = home.path().join("log");
    home.run(&["--demo", "--log", log.to_str().unwrap(), "tree"]).ends_with(0);
    assert!(log.exists());
    home.run(&["--demo", "--log", "/nonexistent/log", "tree"]).ends_with(1);
}

#[test]
fn a_plan_says_that_external_dns_will_undo_it() {
    demo(&["rm", "/coredns/org/example/shop/048b0377"])
        .ends_with(4)
        .says("Careful: external-dns (owner prod, ingress/shop/web) manages this")
        .says("  /coredns/org/example/shop/048b0377\n");
    let run = demo(&["rm", "/coredns/org/example/www/x1"]).ends_with(4);
    assert!(!run.err.contains("external-dns"), "{run:?}");
}

#[test]
fn what_coredns_will_answer_fits_a_console_and_holds_nothing_of_others_raw() {
    // The zone has odd and broken records; every run is checked for control characters.
    let run = demo(&["rm", "-r", "lab.test"]).ends_with(4).says("What CoreDNS will answer:");
    let foreseen = run.err.split("What CoreDNS will answer:\n").nth(1).unwrap();
    let foreseen: Vec<&str> = foreseen.lines().take_while(|line| !line.is_empty()).collect();
    assert!((5..=30).contains(&foreseen.len()), "{foreseen:#?}");
    assert!(foreseen.iter().all(|line| line.chars().count() <= 80), "{foreseen:#?}");
    // An edit that changes no answer says so.
    let key = "/coredns/org/example/git/x1";
    let json = r#"{"team":"network","ttl":120,"host":"192.0.2.80"}"#;
    demo(&["set", key, "--json", json]).ends_with(4).says("no answer changes");
}

#[test]
fn records_of_others_ptrs_are_left_alone() {
    demo(&["set", "new.example.org", "--host", "10.0.0.1", "--ptr"])
        .ends_with(4)
        .says("10.0.0.1 already points to gateway.lan.example.org: left as it is")
        .says("Plan: add 1 key");
    demo(&["rm", "/coredns/org/example/lan/node1/x1", "--ptr"])
        .ends_with(4)
        .says("Plan: delete 2 keys")
        .says("delete  /coredns/arpa/in-addr/10/0/0/11");
    demo(&["rm", "/coredns/org/example/lan/node1/x1"]).ends_with(4).says("Plan: delete 1 key").says("--ptr");
}
