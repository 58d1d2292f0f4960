//! Journal on the command line: it is read without a cluster, from all its files, whatever they hold. If it cannot be
//! written, nothing is changed.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/cli.rs"]
mod cli;
#[path = "support/etcd.rs"]
mod etcd;

use cli::{BINARY, Home, Run};
use etcd::PrivateEtcd;
use serde_json::{Value, json};
use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
    process::Command,
};

const KEY: &str = "/coredns/io/gcr/x1";

fn confirmed(home: &Home, arguments: &[&str], key: &str) -> Run {
    home.run(&[arguments, &["--confirm", key]].concat()).ends_with(0)
}

/// Returns the value of one key.
fn value(etcd: &PrivateEtcd, key: &str) -> String {
    etcd.etcdctl(&["get", "--print-value-only", "--", key]).trim_end_matches('\n').to_owned()
}

/// Makes a home in which a record was made, changed and deleted, and that reaches no etcd any more.
fn with_a_history() -> Home {
    let etcd = etcd::start();
    etcd.put("/coredns/io/quay/x1", "{}");
    let home = Home::of(&etcd.endpoint())
        .with("USER", "root")
        .with("SUDO_USER", "ada")
        .with("SSH_CONNECTION", "192.0.2.7 5000 192.0.2.1 22");
    confirmed(&home, &["set", "gcr.io", "--host", "10.0.0.1"], KEY);
    confirmed(&home, &["set", KEY, "--ttl", "60"], KEY);
    home.run(&["rm", KEY, "--confirm", KEY, "--expect", "1"]).ends_with(0);
    confirmed(&home, &["set", "quay.io", "--host", "10.0.0.2"], "/coredns/io/quay/x2");
    home.with("ETCDCTL_ENDPOINTS", "127.0.0.1:1")
}

fn write(home: &Home, name: &str, lines: &[String]) {
    let directory = home.journal().parent().unwrap().to_owned();
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join(name), lines.concat()).unwrap();
}

/// Returns a line as the program writes it.
fn intended(id: &str, time: &str, author: &Value) -> String {
    let line = json!({
        "line": "intended", "id": id, "time": time, "author": author, "cluster": "00000000000000ff",
        "scope": "/coredns/", "read_at": 9, "challenge": KEY, "kind": "delete", "changes": [{
            "change": "delete",
            "before": {"key": KEY, "value": "{}", "create_revision": 3, "mod_revision": 7, "version": 1, "lease": null},
        }],
    });
    format!("{line}\n")
}

fn nobody() -> Value {
    json!({"user": "ada", "host": "m1", "pid": 7, "program": "coredeck 0.1.0"})
}

#[test]
fn the_log_says_who_when_where_and_what_without_a_cluster() {
    let home = with_a_history();
    let lines = home.run(&["log", "-o", "json"]).ends_with(0).json();
    assert_eq!(lines.len(), 4, "newest last");
    let edit = &lines[1];
    assert_eq!((&edit["kind"], &edit["outcome"]), (&"edit".into(), &"done".into()));
    assert_eq!((&edit["user"], &edit["sudo_user"]), (&"root".into(), &"ada".into()));
    assert_eq!(edit["ssh"], "192.0.2.7 5000 192.0.2.1 22");
    assert_eq!((&edit["scope"], edit["cluster_id"].as_str().unwrap().len()), (&"/coredns/".into(), 16));
    assert!(edit["revision"].as_i64().unwrap() > edit["read_at"].as_i64().unwrap() - 1);
    assert!(edit["time"].as_str().unwrap().ends_with('Z') && edit["id"].is_string());
    let (old, new) = (r#"{"host":"10.0.0.1"}"#, r#"{"host":"10.0.0.1","ttl":60}"#);
    let change = |before: Option<&str>, after: Option<&str>| json!([{"key": KEY, "before": before, "after": after, "made": true}]);
    assert_eq!(lines[0]["changes"], change(None, Some(old)));
    assert_eq!(edit["changes"], change(Some(old), Some(new)));
    assert_eq!(lines[2]["changes"], change(Some(new), None));

    let text = home.run(&["log"]).ends_with(0).out;
    for said in ["ada as root, from 192.0.2.7", "done: 1 key at revision", KEY, old, new] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn the_log_of_a_key_is_that_of_the_key_and_the_log_of_a_name_that_of_all_below_it() {
    let home = with_a_history();
    let kinds = |key: &str| {
        let lines = home.run(&["log", "--key", key, "-o", "json"]).ends_with(0).json();
        lines.iter().map(|line| line["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(kinds(KEY), ["add", "edit", "delete"]);
    assert_eq!(kinds("gcr.io"), ["add", "edit", "delete"]);
    assert_eq!(kinds("io"), ["add", "edit", "delete", "add"]);
    assert_eq!(kinds("/coredns/io/gcr/x"), [""; 0]);
    home.run(&["log", "--key", "/registry/pods"]).ends_with(4).says("Kubernetes");
}

#[test]
fn the_log_begins_where_it_is_asked_to() {
    let home = Home::new();
    let (old, new) = ("2026-01-01T10:00:00Z", "2026-01-03T10:00:00Z");
    write(&home, "journal-20260102T000000.000-00000000.jsonl", &[intended("old", old, &nobody())]);
    write(&home, "journal.jsonl", &[intended("new", new, &nobody())]);
    let ids = |since: &str| {
        let lines = home.run(&["log", "--since", since, "-o", "json"]).ends_with(0).json();
        lines.iter().map(|line| line["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids("2026-01-01T09:00:00Z"), ["old", "new"]);
    assert_eq!(ids("2026-01-03T10:00:00Z"), ["new"]);
    assert_eq!(ids("1s"), [""; 0]);
    home.run(&["log", "--since", "yesterday"]).ends_with(2).says("2d");
}

#[test]
fn lines_that_are_none_are_named_and_hide_no_other() {
    let home = Home::new();
    let whole = intended("a", "2026-01-01T10:00:00Z", &nobody());
    let torn = whole[..80].to_owned();
    write(&home, "journal-20260102T000000.000-00000000.jsonl", &[whole.clone(), "\u{1b}[2J\n".to_owned()]);
    write(&home, "journal.jsonl", &[intended("b", "2026-01-03T10:00:00Z", &nobody()), torn]);
    let run = home.run(&["log", "-o", "json"]).ends_with(0);
    assert_eq!(run.json().len(), 2);
    run.says("journal-20260102T000000.000-00000000.jsonl, line 2: ")
        .says("journal.jsonl, line 2: it has no end")
        .says("has sent nothing of it");
}

/// Returns field 22 of `/proc/PID/stat`.
fn started(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    stat.rsplit_once(')').unwrap().1.split_whitespace().nth(19).unwrap().parse().unwrap()
}

#[test]
fn a_change_that_another_session_is_making_is_not_called_broken_off() {
    let home = Home::new();
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    let namespace = fs::read_link("/proc/self/ns/pid").unwrap();
    let pid = std::process::id();
    let author = |started: u64| {
        let process =
            json!({"boot": boot.trim(), "namespace": namespace.to_str().unwrap(), "started": started});
        json!({"user": "ada", "pid": pid, "process": process, "program": "coredeck 0.1.0"})
    };
    let time = "2026-01-01T10:00:00Z";
    write(
        &home,
        "journal.jsonl",
        &[
            intended("running", time, &author(started(pid))),
            intended("earlier", time, &author(started(pid) - 1)),
        ],
    );
    let lines = home.run(&["log", "-o", "json"]).ends_with(0).json();
    assert_eq!((&lines[0]["outcome"], &lines[1]["outcome"]), (&"running".into(), &"broken_off".into()));
    home.run(&["resume", "running"]).ends_with(1).says("still being made").says("Wait for it");
    home.run(&["undo", "running"]).ends_with(1).says("still being made");
}

#[test]
fn the_next_change_says_that_an_earlier_one_was_broken_off() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    etcd.put(KEY, "{}");
    etcd.put("/coredns/io/quay/x1", "{}");
    let set = ["set", "quay.io", "--host", "10.0.0.1"];
    let run = home.run(&set).ends_with(4);
    assert!(!run.err.contains("broken off"), "{run:?}");
    let mut rm = home.command(&["rm", KEY, "--confirm", KEY]);
    assert!(!rm.env("COREDECK_TEST_STOP_AT", "intended:0").status().unwrap().success());
    home.run(&set).ends_with(4).says("an earlier change was broken off (delete /coredns/io/gcr/x1");
    // The change is neither of another cluster nor of another scope.
    let elsewhere = ["--endpoints", &etcd.unrecorded_endpoint(), "--prefix", "/dns"];
    home.run(&[&elsewhere[..], &["set", "quay.io", "--host", "10.0.0.1"]].concat()).ends_with(4);
    let run = home.run(&[&elsewhere[..], &["resume"]].concat()).ends_with(0);
    assert!(run.err.contains("none of /dns/ in cluster"), "{run:?}");
    let other = etcd::start();
    home.run(&["--endpoints", &other.endpoint(), "resume"]).ends_with(0);
    let run = home.run(&["resume", "-o", "json"]).ends_with(6);
    let id = run.json()[0]["id"].as_str().unwrap().to_owned();
    home.run(&["--endpoints", &other.endpoint(), "resume", &id]).ends_with(4).says("cluster");
    // A change is finished only for a person who types its text.
    home.run(&["resume", &id]).ends_with(4).says(&format!("--confirm {KEY}"));
    assert_eq!(value(&etcd, KEY), "{}");
    home.run(&["resume", &id, "--close"]).ends_with(0).says("nothing was changed").says("Nothing was sent");
    home.run(&["resume"]).ends_with(0);
    home.run(&["resume", &id]).ends_with(1).says("Make the change again");
    assert_eq!(value(&etcd, KEY), "{}");
}

#[test]
fn what_somebody_has_written_since_is_never_finished() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    etcd.put(KEY, "{}");
    etcd.put("/coredns/io/quay/x1", "{}");
    let mut rm = home.command(&["rm", KEY, "--confirm", KEY]);
    assert!(!rm.env("COREDECK_TEST_STOP_AT", "intended:0").status().unwrap().success());
    etcd.put(KEY, "{}");
    let line = home.run(&["resume", "-o", "json"]).ends_with(6).json().remove(0);
    assert_eq!(line["changes"], json!([{"key": KEY, "state": "unclear"}]));
    let id = line["id"].as_str().unwrap();
    home.run(&["resume", id, "--confirm", KEY]).ends_with(7).says("--close");
    home.run(&["resume", id, "--close"]).ends_with(0).says("1 may be");
    home.run(&["resume"]).ends_with(0);
    assert_eq!(value(&etcd, KEY), "{}");
    assert_eq!(home.run(&["log", "-o", "json"]).json()[0]["outcome"], "unknown");
}

#[test]
fn a_disk_that_fills_up_in_the_middle_of_a_line_stops_the_change_and_leaves_the_journal_whole() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    etcd.put("/coredns/io/quay/x1", "{}");
    confirmed(&home, &["set", "gcr.io", "--host", "10.0.0.1"], KEY);
    let before = fs::read(home.journal()).unwrap();
    let revision = etcd.etcdctl(&["get", KEY, "-w", "fields"]);
    // The shell's unit is 512 bytes (POSIX): there is room for a part of the line, and not for all of it.
    let blocks = before.len() / 512 + 1;
    let json = format!(r#"{{"text":"{}"}}"#, "long ".repeat(1000));
    let mut full = Command::new("/bin/sh");
    home.prepare(&mut full);
    full.args([
        "-c",
        &format!("trap '' XFSZ; ulimit -f {blocks}; exec {BINARY} set {KEY} --json '{json}' --confirm {KEY}"),
    ]);
    Run::of(full).ends_with(1).says("the journal cannot be written").says("nothing was changed");
    assert_eq!(fs::read(home.journal()).unwrap(), before);
    assert_eq!(etcd.etcdctl(&["get", KEY, "-w", "fields"]), revision);
    confirmed(&home, &["set", KEY, "--json", &json], KEY);
    assert_eq!(home.run(&["log", "-o", "json"]).json().len(), 2);
}

#[test]
fn a_directory_that_may_not_be_written_stops_the_change() {
    let etcd = etcd::start();
    etcd.put(KEY, "{}");
    etcd.put("/coredns/io/quay/x1", "{}");
    let home = Home::of(&etcd.endpoint());
    let state = home.journal().parent().unwrap().to_owned();
    fs::create_dir_all(&state).unwrap();
    // Root may write everywhere, so another user has to run it, for whom everything else is open.
    let open = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let binary = home.path().join("coredeck");
    fs::copy(BINARY, &binary).unwrap();
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    if is_root {
        std::os::unix::fs::chown(&state, Some(NOBODY), Some(NOBODY)).unwrap();
        open(home.path(), 0o755);
        open(state.parent().unwrap(), 0o755);
    }
    open(&binary, 0o755);
    open(&state, 0o500);
    let rm = || {
        let mut command = if is_root { Command::new("setpriv") } else { Command::new(&binary) };
        if is_root {
            command.args([&format!("--reuid={NOBODY}"), &format!("--regid={NOBODY}"), "--clear-groups"]);
            command.arg(&binary);
        }
        command.args(["rm", KEY, "--confirm", KEY]).current_dir("/");
        home.prepare(&mut command);
        command.env("PATH", std::env::var_os("PATH").unwrap());
        Run::of(command)
    };
    rm().ends_with(1).says("the journal cannot be written").says("Nothing was changed.");
    assert_eq!(value(&etcd, KEY), "{}");
    open(&state, 0o700);
    rm().ends_with(0);
}

/// User id of nobody on every system.
const NOBODY: u32 = 65_534;

#[test]
fn a_reason_is_kept_with_every_kind_of_change_and_shown() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    for key in ["/coredns/io/quay/x1", "/coredns/io/quay/x2", "/coredns/net/a/x1"] {
        etcd.put(key, r#"{"host":"10.0.0.9"}"#);
    }
    let because = ["--reason", " INC-4711: \u{1b}[2J moved "];
    let change = |arguments: &[&str], key: &str| confirmed(&home, &[arguments, &because].concat(), key);
    change(&["set", "gcr.io", "--host", "10.0.0.1"], KEY);
    change(&["rm", "/coredns/io/quay/x2"], "/coredns/io/quay/x2");
    change(&["mv", "gcr.io", "www.net"], "/coredns/io/gcr/");
    change(&["ttl", "quay.io", "60"], "/coredns/io/quay/x1");
    confirmed(&home, &["cp", "quay.io", "b.net"], "/coredns/net/b/");
    let lines = home.run(&["log", "-o", "json"]).ends_with(0).json();
    let id = lines[4]["id"].as_str().unwrap().to_owned();
    change(&["undo", &id], "/coredns/net/b/x1");
    let reasons: Vec<Value> =
        home.run(&["log", "-o", "json"]).json().iter().map(|line| line["reason"].clone()).collect();
    let told = json!("INC-4711: \u{1b}[2J moved");
    assert_eq!(reasons, [&told, &told, &told, &told, &Value::Null, &told].map(Clone::clone));
    let text = home.run(&["log"]).ends_with(0).out;
    assert_eq!(text.matches("because: INC-4711: \\u{1b}[2J moved").count(), 5, "{text}");
    home.run(&["set", "gcr.io", "--host", "10.0.0.1", "--reason", " "]).ends_with(2);
}
