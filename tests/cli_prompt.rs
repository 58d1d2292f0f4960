//! Prompts of `set` and `rm`, on a real terminal.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/etcd.rs"]
mod etcd;
#[path = "support/pty.rs"]
mod pty;

use etcd::PrivateEtcd;
use pty::{Terminal, coredeck};
use std::time::Duration;
use tempfile::TempDir;

/// Longer than the time in which the program takes keys for a paste. Time itself is the condition here: an answer
/// that comes sooner than a person can read was not read.
const HAS_READ: Duration = Duration::from_millis(600);

const KEY: &str = "/coredns/io/gcr/x1";

/// Makes a private etcd with two records, and shows the program's question on a terminal.
fn asked(arguments: &[&str], question: &str) -> (PrivateEtcd, Terminal, TempDir) {
    let etcd = etcd::start();
    etcd.put(KEY, r#"{"host":"10.0.0.1","ttl":60}"#);
    etcd.put("/coredns/io/quay/x1", "{}");
    let home = tempfile::tempdir().unwrap();
    let endpoint = etcd.endpoint();
    let arguments = [&["--endpoints", &endpoint], arguments].concat();
    let mut terminal = Terminal::start(coredeck(home.path(), &arguments), 100, 40);
    terminal.shows("First contact").settle(HAS_READ);
    terminal.press("\r").shows(question).settle(HAS_READ);
    (etcd, terminal, home)
}

fn value(etcd: &PrivateEtcd) -> String {
    etcd.etcdctl(&["get", "--print-value-only", KEY]).trim().to_owned()
}

const UNTOUCHED: &str = r#"{"host":"10.0.0.1","ttl":60}"#;

#[test]
fn an_edit_is_made_after_y_and_not_after_anything_else() {
    let (etcd, mut terminal, _home) = asked(&["set", KEY, "--ttl", "5"], "Do it?");
    terminal.press("\r");
    assert_eq!(terminal.end().exit_code(), 4);
    assert_eq!(value(&etcd), UNTOUCHED);

    let (etcd, mut terminal, _home) = asked(&["set", KEY, "--ttl", "5"], "Do it?");
    terminal.press("y\r");
    terminal.shows("1 key changed");
    assert_eq!(terminal.end().exit_code(), 0);
    assert_eq!(value(&etcd), r#"{"host":"10.0.0.1","ttl":5}"#);
}

#[test]
fn a_deletion_asks_for_the_exact_key() {
    for (typed, code) in [("y\r", 4), ("\r", 4), ("/coredns/io/gcr/x1 \r", 4), ("/coredns/io/gcr/x1\r", 0)] {
        let (etcd, mut terminal, _home) = asked(&["rm", "gcr.io"], "Type /coredns/io/gcr/x1 to delete");
        terminal.press(typed);
        assert_eq!(terminal.end().exit_code(), code, "{typed:?}: {}", terminal.text());
        assert_eq!(value(&etcd).is_empty(), code == 0);
    }
}

#[test]
fn an_emptied_zone_asks_for_the_number_as_well() {
    for (number, code) in [("1\r", 4), ("2\r", 0)] {
        let (etcd, mut terminal, _home) = asked(&["rm", "-r", "io"], "Type /coredns/io/ to delete");
        terminal.press("/coredns/io/\r");
        terminal.shows("Type the number of keys");
        terminal.settle(HAS_READ);
        terminal.press(number);
        assert_eq!(terminal.end().exit_code(), code, "{number:?}: {}", terminal.text());
        assert_eq!(value(&etcd).is_empty(), code == 0);
    }
}

#[test]
fn several_lines_at_once_confirm_nothing() {
    let (etcd, mut terminal, _home) = asked(&["rm", KEY], "to delete");
    terminal.press("/coredns/io/gcr/x1\r/coredns/io/gcr/x1\r");
    terminal.shows("they answer nothing");
    terminal.settle(HAS_READ);
    // The end of input.
    terminal.press("\x04");
    assert_eq!(terminal.end().exit_code(), 4);
    assert_eq!(value(&etcd), UNTOUCHED);
}

#[test]
fn who_was_faster_is_not_written_over() {
    let (etcd, mut terminal, _home) = asked(&["set", KEY, "--ttl", "5"], "Do it?");
    etcd.put(KEY, r#"{"host":"10.9.9.9"}"#);
    terminal.press("y\r");
    terminal.shows("nothing was changed").shows("written again at");
    assert_eq!(terminal.end().exit_code(), 5);
    assert_eq!(value(&etcd), r#"{"host":"10.9.9.9"}"#);
}

#[test]
fn a_newcomer_below_a_name_stops_its_deletion() {
    let (etcd, mut terminal, _home) = asked(&["rm", "-r", "gcr.io"], "Type /coredns/io/gcr/ to delete");
    etcd.put("/coredns/io/gcr/x2", "{}");
    terminal.press("/coredns/io/gcr/\r");
    terminal.shows("nothing was changed");
    assert_eq!(terminal.end().exit_code(), 5);
    assert_eq!(value(&etcd), UNTOUCHED);
}

#[test]
fn a_password_is_asked_for_and_never_shown() {
    let etcd = etcd::start();
    etcd.put(KEY, UNTOUCHED);
    etcd.enable_authentication();
    let home = tempfile::tempdir().unwrap();
    let endpoint = etcd.endpoint();
    let arguments = ["--endpoints", &endpoint, "--user", "dns", "get", "gcr.io"];
    let mut terminal = Terminal::start(coredeck(home.path(), &arguments), 100, 40);
    terminal.shows("Password of etcd's user dns:");
    terminal.settle(HAS_READ);
    terminal.press("dns\r");
    terminal.shows("10.0.0.1");
    assert_eq!(terminal.end().exit_code(), 0);
    let shown = terminal.text();
    assert!(!shown.split("user dns:").nth(1).unwrap().contains("dns\n"), "{shown}");
}

/// Ends the etcd, and starts another one with the same flags on no data: it has the same cluster id.
fn build_anew(etcd: &mut PrivateEtcd) {
    let cluster = |etcd: &PrivateEtcd| {
        let status: serde_json::Value =
            serde_json::from_str(&etcd.etcdctl(&["endpoint", "status", "-w", "json"])).unwrap();
        status.pointer("/0/Status/header/cluster_id").cloned().unwrap()
    };
    let before = cluster(etcd);
    etcd.kill(0);
    std::fs::remove_dir_all(etcd.data(0)).unwrap();
    etcd.restart_all();
    assert_eq!(cluster(etcd), before);
}

#[test]
fn an_etcd_that_was_built_anew_under_the_question_is_not_changed() {
    let ask = || asked(&["rm", "gcr.io"], "Type /coredns/io/gcr/x1 to delete");
    let (mut etcd, mut terminal, _home) = ask();
    build_anew(&mut etcd);
    etcd.put(KEY, UNTOUCHED);
    terminal.press("/coredns/io/gcr/x1\r").shows("nothing was changed").shows("restored, or built anew");
    assert_eq!((terminal.end().exit_code(), value(&etcd).as_str()), (5, UNTOUCHED));

    // The revisions are those that were shown, and the record is another one.
    let (mut etcd, mut terminal, _home) = ask();
    build_anew(&mut etcd);
    let other = r#"{"host":"10.0.0.99"}"#;
    etcd.put(KEY, other);
    etcd.put("/coredns/io/quay/x1", "{}");
    terminal.press("/coredns/io/gcr/x1\r").shows("another record was written at the same revision");
    assert_eq!((terminal.end().exit_code(), value(&etcd).as_str()), (5, other));

    // The same records at the same revisions count as those that were shown.
    let (mut etcd, mut terminal, _home) = ask();
    build_anew(&mut etcd);
    etcd.put(KEY, UNTOUCHED);
    etcd.put("/coredns/io/quay/x1", "{}");
    terminal.press("/coredns/io/gcr/x1\r").shows("1 key changed");
    assert_eq!((terminal.end().exit_code(), value(&etcd).as_str()), (0, ""));
}
