//! Clusters and their names: profiles to choose from, the first contact, and another cluster under a known name.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a broken fixture stops its test")]
#![allow(clippy::disallowed_types, reason = "the other client is no part of the program")]
#![allow(unreachable_pub, missing_debug_implementations, reason = "nobody stands outside a test")]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/cli.rs"]
mod cli;
#[path = "support/etcd.rs"]
mod etcd;
#[path = "support/pty.rs"]
mod pty;

use cli::{BINARY, Home};
use etcd::PrivateEtcd;
use portable_pty::CommandBuilder;
use pty::Terminal;
use std::time::Duration;

const ENTER: &str = "\r";
const ESCAPE: &str = "\x1b";
const DOWN: &str = "\x1b[B";

/// Opens the deck of this home.
fn deck(home: &Home, arguments: &[&str]) -> Terminal {
    let mut command = CommandBuilder::new(BINARY);
    command.args(arguments);
    command.env_clear();
    command.cwd("/");
    let ours = [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("TZ", "UTC")];
    let ours = ours.map(|(name, value)| (name.to_owned(), value.to_owned()));
    for (name, value) in home.variables().iter().cloned().chain(ours) {
        command.env(name, value);
    }
    Terminal::start(command, 100, 30)
}

fn cluster_of(etcd: &PrivateEtcd) -> String {
    let status = etcd.etcdctl(&["endpoint", "status", "-w", "json"]);
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    let id = status.pointer("/0/Status/header/cluster_id").and_then(serde_json::Value::as_u64);
    format!("{:016x}", id.unwrap())
}

/// Starts two clusters. etcd makes a cluster's id from its peers' addresses, so they differ.
fn two() -> [PrivateEtcd; 2] {
    let pair = [etcd::start(), etcd::start()];
    for (number, etcd) in pair.iter().enumerate() {
        etcd.put("/coredns/io/gcr/x1", &format!(r#"{{"host":"10.0.0.{number}"}}"#));
    }
    pair
}

/// Waits before Enter, so that it does not count as a part of a paste.
fn enter(deck: &mut Terminal) {
    deck.settle(Duration::from_millis(300));
    deck.press(ENTER);
}

#[test]
fn a_cluster_that_was_met_is_known_by_its_label_and_another_one_is_only_looked_at() {
    let [first, second] = two();
    let profile = |etcd: &PrivateEtcd| format!("[profile.default]\nendpoints = \"{}\"\n", etcd.endpoint());
    let home = Home::new().profiles(&profile(&first));
    let mut met = deck(&home, &[]);
    met.shows("First contact").shows("profile default").shows(&cluster_of(&first));
    met.press("Oslo").shows("Label: Oslo");
    enter(&mut met);
    met.hides("First contact").shows("pinned as Oslo").press("q");
    assert!(met.end().success());
    let mut again = deck(&home, &[]);
    again.shows("Oslo").shows("WRITE").hides("First contact").press("q");
    again.end();
    let set = ["set", "gcr.io", "--host", "10.0.0.9", "--confirm", "/coredns/io/gcr/x2"];
    home.run(&set).ends_with(0);

    // The name leads to another cluster now.
    let home = home.profiles(&profile(&second));
    home.run(&set)
        .ends_with(4)
        .says(&cluster_of(&first))
        .says(&cluster_of(&second))
        .says("known since")
        .says("Nothing was changed.")
        .says("accept it in the deck");
    home.run(&["tree"]).ends_with(0).says(&cluster_of(&first)).says("known since");
    assert_eq!(second.etcdctl(&["get", "/coredns/io/gcr/x2", "--print-value-only"]).trim(), "");
    let mut other = deck(&home, &[]);
    other.shows("Another cluster").shows("READ-ONLY").shows(&cluster_of(&first)).shows(&cluster_of(&second));
    other.press("yes").shows("yes");
    enter(&mut other);
    other.shows("to accept it, type").press("\x15");
    let digits = cluster_of(&second)[..8].to_owned();
    other.press(&digits).shows(&format!("{digits}: {digits}"));
    enter(&mut other);
    other.hides("Another cluster").shows("WRITE").shows("Oslo").press("q");
    assert!(other.end().success());
    home.run(&set).ends_with(0);
}

#[test]
fn the_command_line_asks_for_a_label_before_the_first_change_and_pins_the_cluster() {
    let [first, second] = two();
    let profile = |etcd: &PrivateEtcd| format!("[profile.default]\nendpoints = \"{}\"\n", etcd.endpoint());
    let home = Home::new().profiles(&profile(&first));
    let set = ["set", "gcr.io", "--host", "10.0.0.9"];
    // A person who only looks, or who agrees beforehand, is not asked.
    home.run(&["tree"]).ends_with(0);
    home.run(&[&set[..], &["--confirm", "/coredns/io/gcr/x2"]].concat()).ends_with(0);
    assert!(!home.path().join("state/coredeck/clusters").exists());

    let mut asked = deck(&home, &["set", "gcr.io", "--host", "10.0.0.8"]);
    asked.shows("First contact").shows(&cluster_of(&first)).shows("profile default").shows("Its label");
    asked.settle(Duration::from_millis(600));
    asked.press("Oslo\r").shows("Oslo").shows("Do it?").settle(Duration::from_millis(600));
    asked.press("y\r").shows("1 key changed");
    assert!(asked.end().success());
    let mut known = deck(&home, &["rm", "/coredns/io/gcr/x2"]);
    known.shows("Type /coredns/io/gcr/x2 to delete").shows("Oslo").hides("First contact");
    known.press("\x03").end();

    let home = home.profiles(&profile(&second));
    home.run(&[&set[..], &["--confirm", "/coredns/io/gcr/x2"]].concat())
        .ends_with(4)
        .says(&cluster_of(&first))
        .says(&cluster_of(&second))
        .says("Nothing was changed.");
    // A rebuilt cluster is saved from the first night on; monitoring hears of it.
    let saved = home
        .run(&["backup", "-o", "json"])
        .ends_with(6)
        .says("Saved as a backup of the cluster that answers");
    assert_eq!(saved.json().first().unwrap()["cluster_id"], cluster_of(&second));
}

#[test]
fn a_cluster_that_the_profile_pins_is_not_asked_about() {
    let etcd = etcd::start();
    let home = Home::new().profiles(&format!(
        "[profile.default]\nendpoints = \"{}\"\ncluster_id = \"{}\"\n",
        etcd.endpoint(),
        cluster_of(&etcd)
    ));
    let mut pinned = deck(&home, &[]);
    pinned.shows("live").shows("WRITE").hides("First contact").press("q");
    assert!(pinned.end().success());
    assert!(!home.path().join("state/coredeck/clusters").exists());
}

#[test]
fn another_cluster_than_the_pinned_one_is_looked_at_with_a_warning_and_no_lines_are_made_for_it() {
    let etcd = etcd::start();
    etcd.put("/coredns/io/gcr/x1", r#"{"host":"10.0.0.1"}"#);
    let pinned = "00000000c0ffee00";
    let profile = |pinned: &str| {
        format!("[profile.default]\nendpoints = \"{}\"\ncluster_id = \"{pinned}\"\n", etcd.endpoint())
    };
    let home = Home::new().profiles(&profile(pinned));
    let warning =
        format!("warning: this is cluster {}, and {pinned} (profile default in ", cluster_of(&etcd));
    for reading in [
        &["tree"][..],
        &["get", "/coredns/io/gcr/x1"],
        &["search", "gcr"],
        &["answer", "gcr.io"],
        &["lint"],
        &["history", "/coredns/io/gcr/x1"],
        &["export"],
        &["resume"],
        &["explain", "--", "etcdctl", "get", "/coredns/io/gcr/x1"],
    ] {
        let run = home.run(reading).ends_with(0).says(&warning).says("correct cluster_id in the profile");
        assert_eq!(run.err.matches(pinned).count(), 1, "it is said once: {run:?}");
    }
    let said = home.run(&["status"]).ends_with(6);
    assert!(said.out.contains(&cluster_of(&etcd)) && said.out.contains(pinned), "{said:?}");
    let status = home.run(&["status", "-o", "json"]).ends_with(6).json();
    let finding = status.first().unwrap().pointer("/findings/0").unwrap();
    assert_eq!(finding["level"], "error");
    assert!(finding["what"].as_str().unwrap().contains(pinned), "{finding}");
    let lines = home.run(&["rbac", "dns"]).ends_with(4).says(pinned).says(&cluster_of(&etcd));
    assert_eq!(lines.out, "");

    let home = home.profiles(&profile(&cluster_of(&etcd)));
    assert_eq!(home.run(&["tree"]).ends_with(0).err, "");
    home.run(&["status"]).ends_with(0);
    assert!(home.run(&["rbac", "dns"]).ends_with(0).out.contains("role add"));
}

#[test]
fn which_of_several_profiles_is_meant_is_asked_and_can_be_changed() {
    let [oslo, bergen] = two();
    let home = Home::new().profiles(&format!(
        "[profile.bergen]\nendpoints = \"{}\"\nlabel = \"standby\"\nread_only = true\ncluster_id = \"{}\"\n\
         [profile.gone]\nendpoints = \"http://127.0.0.1:1\"\n\
         [profile.oslo]\nendpoints = \"{}\"\nlabel = \"production\"\ncolour = \"red\"\ncluster_id = \"{}\"\n",
        bergen.endpoint(),
        cluster_of(&bergen),
        oslo.endpoint(),
        cluster_of(&oslo)
    ));
    let mut open = deck(&home, &[]);
    open.shows("Which cluster?").shows("production").shows("(red)").shows("READ-ONLY").shows("(no profile)");
    // If one does not answer, the deck says so, and another can be chosen.
    open.press(DOWN);
    enter(&mut open);
    open.shows("nothing listens at").shows("Which cluster?");
    enter(&mut open);
    open.shows("standby").shows("READ-ONLY").shows("live");
    open.press(":").press("profile").shows(":profile");
    enter(&mut open);
    open.shows("Which cluster?").press("G");
    open.press("k");
    enter(&mut open);
    open.shows("production").shows("WRITE").shows("live").press("q");
    assert!(open.end().success());

    let mut left = deck(&home, &[]);
    left.shows("Which cluster?").press(ESCAPE);
    assert!(left.end().success());
    let mut named = deck(&home, &["--profile", "oslo"]);
    named.shows("production").shows("live").press("q");
    assert!(named.end().success());
}

#[test]
fn a_guard_that_is_misspelt_lets_nothing_be_changed_and_says_where_it_stands() {
    let etcd = etcd::start();
    let profile = |guard: &str| format!("[profile.default]\nendpoints = \"{}\"\n{guard}\n", etcd.endpoint());
    let set = ["set", "gcr.io", "--host", "10.0.0.9", "--confirm", "/coredns/io/gcr/x1"];
    for guard in ["read-only = true", "cluster-id = \"1\""] {
        let home = Home::new().profiles(&profile(guard));
        home.run(&set)
            .ends_with(4)
            .says("config.toml, line 3: ")
            .says("Nothing is changed until it is corrected")
            .says("this session is read-only: line 3 says ")
            .says("Nothing was changed.")
            .says("Correct line 3 of /");
        assert_eq!(etcd.etcdctl(&["get", "/coredns/io/gcr/x1", "--print-value-only"]).trim(), "");
        home.run(&["tree"]).ends_with(0);
        let doctor = home.run(&["doctor"]);
        assert!(doctor.out.contains("-> Correct line 3 of"), "{doctor:?}");
        let mut open = deck(&home, &[]);
        open.shows("First contact").press(ESCAPE);
        open.hides("First contact").press("j").shows("READ-ONLY").shows("read-only: line 3 says ").press("q");
        assert!(open.end().success());
    }
    Home::new().profiles(&profile("read_only = false")).run(&set).ends_with(0);
}

#[test]
fn profiles_that_are_there_are_told_where_none_of_them_is_used() {
    let home = Home::new().profiles("[profile.prod]\nprefx = \"/x\"\n[profile.stage]\n");
    // It ends before it asks an etcd of this machine.
    let early = home.run(&["tree", "--user", "dns"]).ends_with(3);
    let early =
        early.says("no etcd was named, so http://127.0.0.1:2379 is asked; profiles prod and stage are there");
    assert!(!early.err.contains("prefx"), "that is no matter of this command: {early:?}");

    let corefile = home.path().join("Corefile");
    std::fs::write(&corefile, ". {\n  etcd {\n    endpoint http://127.0.0.1:1\n  }\n}\n").unwrap();
    let home = home.with("COREDECK_COREFILE", &corefile.display().to_string());
    let late =
        home.run(&["tree"]).ends_with(3).says("If another etcd is meant, profiles prod and stage are there");
    assert_eq!(late.err.matches("prod and stage").count(), 1, "{late:?}");
    let doctor = home.run(&["doctor"]).ends_with(6);
    assert!(doctor.out.contains("prod and stage") && doctor.out.contains("prefx"), "{doctor:?}");
}

#[test]
fn a_machines_profiles_are_everybodys_and_a_users_own_stand_before_them() {
    let etcd = etcd::start();
    let home = Home::new();
    let machine = home.path().join("machine/etc/coredeck");
    std::fs::create_dir_all(&machine).unwrap();
    let text = format!("[profile.prod]\nendpoints = \"{}\"\nprefx = \"/dns\"\n", etcd.endpoint());
    std::fs::write(machine.join("config.toml"), text).unwrap();
    home.run(&["tree", "--profile", "prod"])
        .ends_with(0)
        .says("etc/coredeck/config.toml, line 3: prefx is not known; did you mean prefix?");
    let home = home.profiles("[profile.prod]\nendpoints = \"http://127.0.0.1:1\"\n");
    home.run(&["tree", "--profile", "prod"]).ends_with(3).says("endpoints from profile prod in");
}
