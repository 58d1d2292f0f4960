//! Commands `answer` and `lint`: on records of a file, on the demo, and with a Corefile.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "support/cli.rs"]
mod cli;

use cli::{Home, Run};
use serde_json::{Value, json};
use std::{fs, io::Write as _, process::Stdio};

/// Runs the program beside these records.
fn with_records(records: &Value, arguments: &[&str]) -> Run {
    let home = Home::new();
    let file = home.path().join("records.json");
    fs::write(&file, records.to_string()).unwrap();
    home.run(&[arguments, &["--records", file.to_str().unwrap()]].concat())
}

fn answer(records: &Value, arguments: &[&str]) -> Value {
    let run = with_records(records, &[&["answer"], arguments, &["-o", "json"]].concat());
    let mut lines = run.ends_with(0).json();
    assert_eq!(lines.len(), 1);
    lines.remove(0)
}

fn two_addresses() -> Value {
    json!([
        {"key": "/coredns/io/gcr/x1", "value": {"host": "10.0.0.1", "ttl": 60}},
        {"key": "/coredns/io/gcr/x2", "raw": "{\"host\":\"10.0.0.2\"}", "lease_ttl": 10},
    ])
}

#[test]
fn an_answer_has_the_promised_fields() {
    let line = answer(&two_addresses(), &["GCR.io", "--zones", "gcr.io"]);
    let fields: Vec<&String> = line.as_object().unwrap().keys().collect();
    let wanted =
        ["name", "type", "zone", "rcode", "answer", "authority", "additional", "keys", "asks", "why"];
    assert_eq!(fields, wanted);
    assert_eq!(
        (&line["name"], &line["type"], &line["zone"]),
        (&"GCR.io.".into(), &"A".into(), &"gcr.io.".into())
    );
    assert_eq!(line["rcode"], "NOERROR");
    // The lease's 10 seconds are raised to CoreDNS's least.
    assert_eq!(line["answer"], json!(["GCR.io. 60 IN A 10.0.0.1", "GCR.io. 30 IN A 10.0.0.2"]));
    assert_eq!(
        (&line["authority"], &line["additional"], &line["asks"]),
        (&json!([]), &json!([]), &json!([]))
    );
    assert_eq!(line["keys"], json!(["/coredns/io/gcr/x1", "/coredns/io/gcr/x2"]));
}

#[test]
fn every_top_level_name_is_a_zone_where_nobody_names_one() {
    let line = answer(&two_addresses(), &["nosuch.gcr.io"]);
    assert_eq!((&line["zone"], &line["rcode"]), (&"io.".into(), &"NXDOMAIN".into()));
    assert!(line["authority"][0].as_str().unwrap().starts_with("io. 30 IN SOA ns.dns.io. hostmaster.io. "));
    let line = answer(&two_addresses(), &["gcr.com"]);
    assert_eq!((&line["zone"], &line["rcode"]), (&Value::Null, &"REFUSED".into()));
}

/// Returns records below /skydns of a zone whose Corefile is in a `ConfigMap`, as on a control plane node.
fn apex() -> Value {
    json!([
        {"key": "/skydns/com/example/dns/apex/x1", "value": {"host": "10.0.0.1"}},
        {"key": "/skydns/com/example/www", "value": {"host": "10.0.0.2"}},
    ])
}

#[test]
fn what_only_a_zone_has_proves_one_and_that_it_is_guessed_is_said() {
    let arguments = ["example.com", "--prefix", "/skydns", "--corefile", "none"];
    let line = answer(&apex(), &arguments);
    assert_eq!(line["answer"], json!(["example.com. 300 IN A 10.0.0.1"]), "{line}");
    assert_eq!(line["zones_are_guessed"], true);
    let run = with_records(&apex(), &[&["answer"], &arguments[..]].concat()).ends_with(0);
    run.says("zones are guessed (--zones, --corefile, or a profile): example.com is taken to lie in the zone example.com");
    let named =
        with_records(&apex(), &["answer", "example.com", "--prefix", "/skydns", "--zones", "example.com"]);
    assert!(!named.err.contains("guessed"), "{named:?}");
}

/// Runs with this text as standard input.
fn piped(home: &Home, text: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = home.command(arguments);
    let mut program =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    program.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = program.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_corefile_comes_from_standard_input_and_out_of_what_kubectl_prints() {
    let home = Home::new();
    let file = home.path().join("records.json");
    fs::write(&file, apex().to_string()).unwrap();
    let file = file.to_str().unwrap();
    let corefile = ".:53 {\n    etcd example.com {\n        path /skydns\n    }\n}\n";
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"Corefile": corefile}});
    let yaml = format!(
        "apiVersion: v1\ndata:\n  Corefile: |\n{}kind: ConfigMap\n",
        corefile.lines().flat_map(|line| ["    ", line, "\n"]).collect::<String>()
    );
    let ask = ["answer", "www.example.com", "--corefile", "-", "--records", file, "-o", "json"];
    for text in [corefile, &yaml, &map.to_string(), &serde_json::to_string_pretty(&map).unwrap()] {
        let (code, out, err) = piped(&home, text, &ask);
        assert_eq!(code, Some(0), "{err}");
        let line: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(
            (&line["zone"], &line["answer"][0]),
            (&"example.com.".into(), &"www.example.com. 300 IN A 10.0.0.2".into())
        );
        assert_eq!(line.get("zones_are_guessed"), None, "{line}");
    }
    let (code, _, err) = piped(&home, "apiVersion: v1\nkind: Pod\n", &ask);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("without Corefile in its data"), "{err}");
}

#[test]
fn a_zone_that_is_only_guessed_is_not_judged_and_a_healthy_one_ends_with_zero() {
    let seed = json!([
        {"key": "/coredns/io/gcr/x1", "value": {"host": "172.25.52.217", "ttl": 60}},
        {"key": "/coredns/io/k8s/registry/x1", "value": {"host": "172.25.52.217", "ttl": 60}},
        {"key": "/coredns/io/quay/x1", "value": {"host": "172.25.52.218"}},
    ]);
    let guessed = with_records(&seed, &["lint", "--severity", "info"]).ends_with(0);
    guessed.says("nothing is said of a zone as a whole unless its records prove it");
    with_records(&seed, &["lint", "--zones", "gcr.io,k8s.io,quay.io"]).ends_with(0).says("No finding");
    with_records(&seed, &["lint", "--zones", "io"]).ends_with(0);
}

#[test]
fn what_is_asked_elsewhere_is_named_and_not_guessed() {
    let records = json!([{"key": "/coredns/io/gcr", "value": {"host": "www.example.org"}}]);
    let line = answer(&records, &["gcr.io"]);
    assert_eq!(line["answer"], json!(["gcr.io. 300 IN CNAME www.example.org."]));
    assert_eq!(line["asks"], json!(["www.example.org. A"]));
}

#[test]
fn where_no_reply_comes_the_rcode_is_null_and_why_says_it() {
    let records = json!([{"key": "/coredns/io/gcr", "value": {"host": "a..b"}}]);
    let line = answer(&records, &["gcr.io", "CNAME"]);
    assert_eq!(line["rcode"], Value::Null);
    assert!(line["why"].as_str().unwrap().contains("empty label"), "{line}");
    let run = with_records(&records, &["answer", "gcr.io", "CNAME"]).ends_with(0);
    assert!(run.out.contains("the client times out"), "{}", run.out);
}

#[test]
fn the_table_is_digs_layout_with_the_keys_behind_it() {
    let run = with_records(&two_addresses(), &["answer", "gcr.io"]).ends_with(0);
    let expected = "\
;; ->>HEADER<<- opcode: QUERY, status: NOERROR
;; flags: qr aa; QUERY: 1, ANSWER: 2, AUTHORITY: 0, ADDITIONAL: 0

;; QUESTION SECTION:
;gcr.io.                        IN      A

;; ANSWER SECTION:
gcr.io.                 60      IN      A       10.0.0.1 ; /coredns/io/gcr/x1
gcr.io.                 30      IN      A       10.0.0.2 ; /coredns/io/gcr/x2

;; zone: io.
;; why: records answer
;; key: /coredns/io/gcr/x1
;; key: /coredns/io/gcr/x2
";
    assert_eq!(run.out, expected);
}

#[test]
fn records_come_from_stdin_too_and_no_credential_is_asked_for() {
    let home = Home::new().with("ETCDCTL_USER", "root").with("ETCDCTL_ENDPOINTS", "http://127.0.0.1:1");
    let mut command = home.command(&["answer", "gcr.io", "--records", "-", "-o", "json"]);
    let mut program =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    program.stdin.take().unwrap().write_all(two_addresses().to_string().as_bytes()).unwrap();
    let output = program.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(String::from_utf8(output.stdout).unwrap().contains("10.0.0.1"));
}

#[test]
fn a_bad_file_is_told_with_its_line_and_the_form_that_is_wanted() {
    let home = Home::new();
    let file = home.path().join("records.json");
    fs::write(&file, "[\n{\"key\": \"/coredns/a\", \"vlaue\": {}}]").unwrap();
    let path = file.to_str().unwrap();
    for command in [&["answer", "a"][..], &["lint"]] {
        home.run(&[command, &["--records", path]].concat())
            .ends_with(1)
            .says("records.json, line 2: record 1: unknown field `vlaue`")
            .says("The file holds records, one a line or in an array");
    }
    home.run(&["answer", "a", "--records", "/nonexistent"]).ends_with(1).says("/nonexistent cannot be read");
    with_records(&json!([{"key": "/elsewhere/a", "value": {}}]), &["answer", "a"])
        .ends_with(0)
        .says("lies outside /coredns/");
}

#[test]
fn a_question_that_is_none_is_a_usage_error() {
    let demo = |arguments: &[&str]| Home::new().run(&[&["--demo", "answer"], arguments].concat());
    demo(&["gcr.io", "FOO"]).ends_with(2).says("no type of a DNS question");
    demo(&["10.0.0.1"]).ends_with(2).says("1.0.0.10.in-addr.arpa");
    demo(&["/coredns/io/gcr/x1"]).ends_with(2).says("Ask for x1.gcr.io.");
    demo(&["a..b"]).ends_with(2);
    demo(&["gcr.io", "--coredns-version", "new"]).ends_with(2).says("1.14.7");
}

#[test]
fn the_version_of_coredns_decides_where_versions_differ() {
    let records = json!([{"key": "/coredns/io/gcr", "value": {"host": "10.0.0.1"}, "lease_ttl": 100}]);
    let of = |version: &[&str]| answer(&records, &[&["gcr.io"], version].concat())["answer"][0].clone();
    assert_eq!(of(&[]), "gcr.io. 100 IN A 10.0.0.1");
    // That release took the number of the lease for a time, and this is the first lease.
    assert_eq!(of(&["--coredns-version", "1.12.3"]), "gcr.io. 1 IN A 10.0.0.1");
}

const COREFILE: &str = "example.org:1053 {
  errors
  hosts /etc/hosts
  etcd {
    path /dns
    endpoint http://127.0.0.1:1
    fallthrough
    min-lease-ttl 7
  }
  etcd other.org
}
";

#[test]
fn a_corefile_gives_path_zones_and_options() {
    let home = Home::new();
    let (corefile, file) = (home.path().join("Corefile"), home.path().join("records.json"));
    fs::write(&corefile, COREFILE).unwrap();
    let records = json!([{"key": "/dns/org/example/www", "value": {"host": "10.0.0.1"}, "lease_ttl": 3}]);
    fs::write(&file, records.to_string()).unwrap();
    let home = home.with("COREDECK_COREFILE", corefile.to_str().unwrap());
    let from = ["--records", file.to_str().unwrap(), "-o", "json"];
    let run = home.run(&[&["answer", "www.example.org"], &from[..]].concat()).ends_with(0);
    let line = &run.json()[0];
    assert_eq!(line["answer"], json!(["www.example.org. 7 IN A 10.0.0.1"]), "the least TTL of the Corefile");
    assert_eq!(line["zone"], "example.org.");
    let run = run.says("hosts (line 3 of").says("stands before etcd").says("reads only the first etcd block");
    assert!(run.err.contains("line 10 of"), "{}", run.err);
    // Without a Corefile the message names the source of the connection.
    home.run(&["tree"]).ends_with(3).says("endpoints from line 6 of");
}

#[test]
fn findings_are_printed_with_what_would_mend_them_and_end_with_their_own_code() {
    let records = json!([
        {"key": "/coredns/org/example/www", "value": {"host": "10.0.0.1"}},
        {"key": "/coredns/org/example/www/x1", "value": {"host": "10.0.0.2", "ttl": 0}},
        {"key": "/coredns/org/example/bad", "raw": "10.0.0.3"},
    ]);
    let lint = |arguments: &[&str]| {
        with_records(&records, &[&["lint", "--zones", "example.org", "-o", "json"], arguments].concat())
    };
    let lines = lint(&[]).ends_with(6).json();
    let fields: Vec<&String> = lines[0].as_object().unwrap().keys().collect();
    assert_eq!(fields, ["severity", "trap", "key", "names", "message", "fix", "steps"]);
    let of = |trap: &str| {
        lines.iter().find(|line| line["trap"] == trap).unwrap_or_else(|| panic!("{trap}: {lines:?}"))
    };
    let broken = of("T1");
    assert_eq!((&broken["severity"], &broken["key"]), (&"error".into(), &"/coredns/org/example/bad".into()));
    assert!(broken["names"].as_array().unwrap().contains(&"example.org".into()), "{broken}");
    let hidden = of("T4");
    assert_eq!(hidden["key"], "/coredns/org/example/www");
    assert_eq!(hidden["steps"][0]["op"], "move", "{hidden}");
    assert!(hidden["fix"].is_string());

    let errors = lint(&["--severity", "error"]).ends_with(6).json();
    assert!(errors.len() < lines.len() && errors.iter().all(|line| line["severity"] == "error"));
    let all = lint(&["--severity", "info"]).ends_with(6).json();
    assert!(all.len() >= lines.len());
    let table = with_records(&records, &["lint", "--zones", "example.org"]).ends_with(6).says("errors");
    assert!(table.out.contains("T4") && table.out.contains("fix: "), "{}", table.out);
}

#[test]
fn the_worst_is_told_first_wherever_its_key_lies() {
    let records = json!([
        {"key": "/coredns/org/example/a", "value": {"host": "10.0.0.1"}},
        {"key": "/coredns/org/example/a/x1", "value": {"host": "10.0.0.2"}},
        {"key": "/coredns/org/example/b/x1", "value": {"host": "10.0.0.2", "ttl": 0}},
        {"key": "/coredns/org/example/www/bad", "raw": "10.0.0.3"},
    ]);
    let run = with_records(&records, &["lint", "--zones", "example.org", "-o", "json"]).ends_with(6);
    let found: Vec<(String, String)> = run
        .json()
        .iter()
        .map(|line| {
            (line["severity"].as_str().unwrap().to_owned(), line["trap"].as_str().unwrap().to_owned())
        })
        .collect();
    assert_eq!(found.first(), Some(&("error".to_owned(), "T1".to_owned())), "a lies before www: {found:?}");
    let first_warning = found.iter().position(|(severity, _)| severity == "warning").unwrap();
    assert!(found.iter().skip(first_warning).all(|(severity, _)| severity == "warning"), "{found:?}");
}

#[test]
fn a_name_narrows_the_findings_to_what_lies_there_or_hurts_it() {
    let records = json!([
        {"key": "/coredns/org/example/www/bad", "raw": "10.0.0.3"},
        {"key": "/coredns/org/example/other/bad", "raw": "10.0.0.3"},
    ]);
    let keys = |name: &str| {
        let run = with_records(
            &records,
            &["lint", name, "--zones", "example.org", "--severity", "error", "-o", "json"],
        );
        let keys: Vec<String> =
            run.json().iter().map(|line| line["key"].as_str().unwrap().to_owned()).collect();
        keys.into_iter().filter(|key| key.ends_with("/bad")).collect::<Vec<_>>()
    };
    assert_eq!(keys("www.example.org"), ["/coredns/org/example/www/bad"]);
    assert_eq!(keys("/coredns/org/example/other/"), ["/coredns/org/example/other/bad"]);
    assert_eq!(keys("example.org").len(), 2, "both hurt the zone");
    assert!(keys("quiet.example.org").is_empty());
}

#[test]
fn a_name_without_any_record_is_told_beside_the_findings() {
    let records = json!([{"key": "/coredns/org/example/www/x1", "value": {"host": "10.0.0.1"}}]);
    let lint =
        |name: &str| with_records(&records, &["lint", name, "--zones", "example.org", "--severity", "error"]);
    lint("wwww.example.org").ends_with(0).says("There is no record at or below wwww.example.org.");
    for name in ["www.example.org", "x1.www.example.org", "org"] {
        assert!(!lint(name).err.contains("no record"), "{name}");
    }
}

#[test]
fn where_nothing_is_found_the_code_is_zero() {
    let records = json!([
        {"key": "/coredns/org/example/dns/apex/x1", "value": {"host": "10.0.0.1"}},
        {"key": "/coredns/org/example/dns/ns/a", "value": {"host": "10.0.0.1"}},
    ]);
    with_records(&records, &["lint", "--zones", "example.org", "--severity", "error"])
        .ends_with(0)
        .says("No finding");
}

#[test]
fn the_demo_has_findings_of_every_severity() {
    let run = Home::new().run(&["--demo", "lint", "--severity", "info", "-o", "json"]).ends_with(6);
    let lines = run.json();
    for severity in ["error", "warning", "info"] {
        assert!(lines.iter().any(|line| line["severity"] == severity), "{severity}");
    }
}

#[test]
fn a_corefile_with_a_second_etcd_block_is_a_finding() {
    let home = Home::new();
    let (corefile, file) = (home.path().join("Corefile"), home.path().join("records.json"));
    fs::write(&corefile, COREFILE).unwrap();
    fs::write(&file, "[]").unwrap();
    let arguments =
        ["lint", "--corefile", corefile.to_str().unwrap(), "--records", file.to_str().unwrap(), "-o", "json"];
    let lines = home.run(&arguments).ends_with(6).json();
    let found = lines.iter().find(|line| line["trap"] == "T48").unwrap();
    assert!(found["message"].as_str().unwrap().contains("other.org"), "{found}");
}

#[test]
fn findings_that_are_only_counted_are_told_and_decide_the_exit_code() {
    let broken = |number: usize| json!({"key": format!("/coredns/org/a/h{number:04}"), "raw": "{"});
    let records = Value::Array((0..2_500).map(broken).collect());
    let lint = ["lint", "--zones", "a.org", "--severity", "error"];
    with_records(&records, &lint).ends_with(6).says("more are counted, and not listed");
    let last = [&lint[..], &["h2499.a.org"]].concat();
    with_records(&records, &last).ends_with(6).says("None is listed; 1 more are counted");
}
