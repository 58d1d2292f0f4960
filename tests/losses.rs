//! Losses by another hand: each witness alone is enough to report one, a new scope and one's own deletions are none,
//! and each signpost leads to a plan.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/cli.rs"]
mod cli;
#[path = "support/etcd.rs"]
mod etcd;
#[path = "support/pty.rs"]
mod pty;

use cli::{Home, Run};
use coredeck::{
    counts::{Counts, Holder},
    keys::Revision,
    known_clusters::KeptCounts,
};
use etcd::PrivateEtcd;
use jiff::Timestamp;
use pty::Terminal;
use serde_json::Value;
use std::{collections::BTreeMap, fs, os::unix::fs::symlink, path::PathBuf};

const KEYS: u64 = 9;

fn key(number: u64) -> String {
    format!("/coredns/io/gcr/x{number}")
}

/// Makes an etcd with nine records that somebody else has put, and a home that knows nothing of it.
fn scene() -> (PrivateEtcd, Home) {
    let etcd = etcd::start();
    for number in 1..=KEYS {
        etcd.put(&key(number), &format!(r#"{{"host":"10.0.0.{number}"}}"#));
    }
    let home = Home::of(&etcd.endpoint());
    (etcd, home)
}

fn state(home: &Home) -> PathBuf {
    home.path().join("state/coredeck")
}

fn accident(etcd: &PrivateEtcd) {
    etcd.etcdctl(&["del", "/", "coredns"]);
}

fn status(home: &Home) -> Value {
    home.run(&["status", "-o", "json"]).json().remove(0)
}

fn revision(etcd: &PrivateEtcd) -> i64 {
    let found: Value = serde_json::from_str(&etcd.etcdctl(&["get", "-w", "json", "/none"])).unwrap();
    found["header"]["revision"].as_i64().unwrap()
}

/// Makes etcd forget all but its present keys, and one revision more, so that no history tells of the deletion.
fn forget(etcd: &PrivateEtcd) {
    etcd.put("/elsewhere/x", "1");
    etcd.etcdctl(&["compact", &revision(etcd).to_string()]);
}

/// Checks that every command says that keys are away, and none that all is well.
fn all_say_it(home: &Home, then: u64, now: u64) -> Value {
    let told = home.run(&["status"]).ends_with(6);
    assert!(told.out.contains(&format!("{now} of {then} left")), "{told:?}");
    let json = home.run(&["status", "-o", "json"]).ends_with(6).json().remove(0);
    assert_eq!(
        (&json["known"]["keys_then"], &json["known"]["keys_now"]),
        (&then.into(), &now.into()),
        "{json}"
    );
    let doctor = home.run(&["doctor"]).ends_with(6);
    assert!(!doctor.out.contains("no error."), "{doctor:?}");
    let checks = home.run(&["doctor", "-o", "json"]).ends_with(6).json().remove(0);
    let records =
        checks.as_array().unwrap().iter().find(|check| check["check"] == "records").unwrap().clone();
    assert_eq!(
        (&records["level"], &records["known"]["keys_then"]),
        (&"error".into(), &then.into()),
        "{records}"
    );
    let lint = home.run(&["lint"]).ends_with(6);
    assert!(!lint.err.contains("No finding in 0"), "{lint:?}");
    assert!(lint.err.contains(&format!("{now} of {then} left")), "{lint:?}");
    let file = tempfile::tempdir().unwrap();
    let file = file.path().join("now.jsonl.gz");
    let backup = home.run(&["backup", "--to", file.to_str().unwrap()]).ends_with(6);
    assert!(backup.err.starts_with("coredeck: warning: "), "{backup:?}");
    json["known"].clone()
}

fn nothing_is_said(home: &Home) {
    assert_eq!(home.run(&["status", "-o", "json"]).ends_with(0).json()[0]["known"], Value::Null);
    let checks = home.run(&["doctor", "-o", "json"]).json().remove(0);
    let records = checks.as_array().unwrap().iter().find(|check| check["check"] == "records").unwrap();
    assert_eq!(records["level"], "ok", "{records}");
}

fn keep_counts(home: &Home, at: i64, keys: &[(Holder, u64)]) {
    let cluster = status(home)["cluster_id"].as_str().unwrap().parse().unwrap();
    let mut kept = KeptCounts::load(&state(home), cluster).unwrap();
    let keys: BTreeMap<Holder, u64> = keys.iter().cloned().collect();
    kept.look(&Counts { at: Timestamp::now(), revision: Revision(at), keys });
    kept.keep().unwrap();
}

fn scope() -> Holder {
    Holder::Scope("/coredns/".to_owned())
}

#[test]
fn etcds_own_history_alone_tells_of_an_emptied_scope_and_leads_back() {
    let (etcd, home) = scene();
    nothing_is_said(&home);
    let before = revision(&etcd);
    accident(&etcd);
    let known = all_say_it(&home, KEYS, 0);
    assert_eq!(known["in_etcd_at"], before);
    let way = format!("coredeck put-back . --at {before}");
    let told = home.run(&["status"]);
    assert!(told.out.contains(&way), "{told:?}");
    home.run(&["put-back", ".", "--at", &before.to_string(), "--confirm", "/coredns/"]).ends_with(0);
    nothing_is_said(&home);
}

#[test]
fn a_revision_that_etcd_still_has_is_never_called_compacted() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    for number in 1..=5 {
        let name = format!("x{number}.gcr.io");
        home.run(&["set", &name, "--host", "10.0.0.1", "--confirm", &format!("{}/x1", key(number))])
            .ends_with(0);
    }
    let at = revision(&etcd).to_string();
    accident(&etcd);
    // There are so many that most of them are not deleted any more.
    for number in 10..17 {
        etcd.put(&key(number), "{}");
    }
    let told = home.run(&["status"]).ends_with(6);
    assert!(told.out.contains(&format!("etcd still has 5 keys at revision {at}")), "{told:?}");
    forget(&etcd);
    let told = home.run(&["status"]).ends_with(6);
    assert!(told.out.contains("compacted the revisions"), "{told:?}");
}

#[test]
fn a_part_that_went_is_told_as_well_and_a_record_that_somebody_deleted_is_not() {
    let (etcd, home) = scene();
    etcd.etcdctl(&["del", &key(1)]);
    nothing_is_said(&home);
    etcd.put("/coredns/io/gcr/y", "{}");
    etcd.etcdctl(&["del", &key(2), &key(7)]);
    all_say_it(&home, 9, 4);
}

#[test]
fn a_backup_alone_is_enough_when_etcd_has_forgotten() {
    let (etcd, home) = scene();
    home.run(&["backup"]).ends_with(0);
    accident(&etcd);
    forget(&etcd);
    let known = all_say_it(&home, KEYS, 0);
    assert_eq!(known["in_etcd_at"], Value::Null);
    assert_eq!(
        (&known["saved"][0]["kind"], &known["saved"][0]["away"]),
        (&"backup".into(), &KEYS.into()),
        "{known}"
    );
    // A backup of the emptied scope hides nothing, and the one that has records is named.
    home.run(&["backup"]);
    let again = all_say_it(&home, KEYS, 0);
    assert_eq!(again["saved"], known["saved"]);
    let command = known["saved"][0]["command"].as_str().unwrap();
    let arguments: Vec<&str> = command.split(' ').skip(1).chain(["--confirm", "/coredns/"]).collect();
    home.run(&arguments).ends_with(0);
    nothing_is_said(&home);
}

#[test]
fn a_rescued_file_alone_is_enough() {
    let (etcd, home) = scene();
    let before = revision(&etcd);
    accident(&etcd);
    let rescued = state(&home).join("rescued");
    fs::create_dir_all(&rescued).unwrap();
    let file = rescued.join("coredns.jsonl.gz").display().to_string();
    home.run(&["rescue", "--at", &before.to_string(), "--to", &file]).ends_with(0);
    forget(&etcd);
    let known = all_say_it(&home, KEYS, 0);
    assert_eq!(known["saved"][0]["kind"], "rescue", "{known}");
}

#[test]
fn a_rescued_file_of_all_of_etcd_knows_how_many_of_its_keys_were_the_scopes() {
    let (etcd, _) = scene();
    // The recorder does not watch a rescue of others' keys.
    let home = Home::of(&etcd.unrecorded_endpoint());
    etcd.put("/registry/pods/a", "{}");
    etcd.put("/registry/pods/b", "{}");
    let at = revision(&etcd).to_string();
    let rescued = state(&home).join("rescued");
    fs::create_dir_all(&rescued).unwrap();
    let file = rescued.join("all.jsonl.gz").display().to_string();
    home.run(&["rescue", "--range", "/", "--at", &at, "--to", &file]).ends_with(0);
    accident(&etcd);
    forget(&etcd);
    all_say_it(&home, KEYS, 0);
    let told = home.run(&["status"]);
    assert!(told.out.contains("in a rescued file"), "{told:?}");
}

#[test]
fn a_rescue_without_a_place_goes_where_restore_looks() {
    let (etcd, _) = scene();
    // The recorder does not watch a rescue of others' keys.
    let home = Home::of(&etcd.unrecorded_endpoint());
    etcd.put("/registry/pods/a", "{}");
    accident(&etcd);
    home.run(&["rescue", "--last"]).ends_with(0);
    home.run(&["rescue", "--at", "2", "--range", "/coredns/io/"]).ends_with(0);
    let listed = listed(&home, &[]);
    let mut kept: Vec<(&str, u64)> =
        listed.iter().map(|it| (it["kind"].as_str().unwrap(), it["keys"].as_u64().unwrap())).collect();
    kept.sort_unstable();
    assert_eq!(kept, [("rescue", 1), ("rescue", KEYS)], "{listed:?}");
    let refused = home.run(&["--demo", "rescue", "--at", "1"]);
    assert!(refused.ends_with(2).err.contains("--to FILE"));
}

#[test]
fn the_journal_alone_is_enough_and_puts_its_last_values_back() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    for number in 1..=3 {
        let (key, host) = (key(number), format!("10.0.0.{number}"));
        home.run(&["set", &key, "--host", &host, "--confirm", &key]).ends_with(0);
    }
    home.run(&["set", &key(1), "--host", "10.0.0.9", "--confirm", &key(1)]).ends_with(0);
    accident(&etcd);
    forget(&etcd);
    let known = all_say_it(&home, 3, 0);
    assert_eq!(known["saved"][0]["kind"], "journal", "{known}");
    home.run(&["restore", "--from-journal"]).ends_with(4).says("3 keys missing");
    home.run(&["restore", "--from-journal", "--confirm", "/coredns/"]).ends_with(0);
    let back = home.run(&["get", &key(1), "-o", "json"]).ends_with(0);
    assert!(back.out.contains("10.0.0.9"), "{back:?}");
    nothing_is_said(&home);
}

#[test]
fn the_kept_counts_alone_are_enough_for_the_scope_and_for_others() {
    let (etcd, home) = scene();
    let kubernetes = Holder::Tenant("/registry/".to_owned());
    keep_counts(&home, revision(&etcd), &[(scope(), KEYS), (kubernetes.clone(), 312)]);
    accident(&etcd);
    forget(&etcd);
    let known = all_say_it(&home, KEYS, 0);
    assert!(known["when"].is_string(), "{known}");
    let other = &known["others"][0];
    assert_eq!(
        (&other["whose"], &other["keys_then"], &other["keys_now"]),
        (&"Kubernetes".into(), &312.into(), &0.into())
    );
    let doctor = home.run(&["doctor"]).ends_with(6);
    let words = doctor.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("Kubernetes' 312 keys are gone too: 0 of 312 left"), "{words}");
    // The result is the same if the scope itself has lost nothing.
    for number in 1..=KEYS {
        etcd.put(&key(number), "{}");
    }
    let only = home.run(&["status", "-o", "json"]).ends_with(6).json().remove(0);
    assert_eq!(
        (&only["known"]["keys_then"], &only["known"]["others"][0]["keys_then"]),
        (&Value::Null, &312.into())
    );
}

#[test]
fn a_look_of_status_is_what_the_next_one_compares_with() {
    let (etcd, home) = scene();
    for name in ["a", "b", "c", "d"] {
        etcd.put(&format!("/registry/pods/{name}"), "{}");
    }
    // The program has kept something before: otherwise a look leaves nothing behind.
    fs::create_dir_all(state(&home)).unwrap();
    nothing_is_said(&home);
    etcd.etcdctl(&["del", "--prefix", "/"]);
    forget(&etcd);
    all_say_it(&home, KEYS, 0);
    let told = home.run(&["status"]);
    assert!(told.out.contains("counted by this program"), "{told:?}");
    assert!(told.out.contains("Kubernetes' 4 keys are gone"), "{told:?}");
}

#[test]
fn each_way_back_runs_as_it_was_printed_by_a_session_that_was_given_its_endpoint() {
    let (etcd, _) = scene();
    let (home, endpoint) = (Home::new(), etcd.endpoint());
    let given = ["--endpoints", &endpoint];
    home.run(&[&given[..], &["backup"]].concat()).ends_with(0);
    accident(&etcd);
    for told in [&["status"][..], &["lint"], &["restore"]] {
        let run = home.run(&[&given[..], told].concat());
        let said = run.out + &run.err;
        let begins = format!("coredeck --endpoints={endpoint} ");
        let ways: Vec<&str> = said.lines().filter_map(|line| Some(&line[line.find(&begins)?..])).collect();
        let back = ways.iter().filter(|way| way.contains("put-back") || way.contains(" restore "));
        assert!(back.clone().count() > 0 && !said.contains("coredeck restore"), "{said}");
        for way in back {
            home.shell(&format!("{way} --confirm /coredns/")).ends_with(0);
            assert_eq!(keys_in(&etcd), usize::try_from(KEYS).unwrap(), "{way}");
            accident(&etcd);
        }
    }
}

#[test]
fn a_store_that_went_back_is_said_in_plain_words() {
    let (etcd, home) = scene();
    keep_counts(&home, revision(&etcd) + 500, &[(scope(), KEYS)]);
    let told = home.run(&["status"]).ends_with(6);
    assert!(told.out.contains("etcd went back"), "{told:?}");
    let doctor = home.run(&["doctor", "-o", "json"]).ends_with(6);
    assert!(doctor.out.contains("etcd went back") && doctor.out.contains("\"went_back\""), "{doctor:?}");
    home.run(&["lint"]).says("warning: etcd went back");
    home.run(&["backup"]).ends_with(6).says("etcd went back");
    home.run(&["get", "none.org"]).ends_with(1).says("warning: etcd went back");
    home.run(&["tree"]).ends_with(0).says("warning: etcd went back");
    home.run(&["set", "a.example.org", "--host", "10.0.0.9", "--leaf", "x1"]).says("warning: etcd went back");
}

#[test]
fn what_cannot_be_read_is_not_told_as_having_nothing() {
    let (etcd, home) = scene();
    fs::create_dir_all(state(&home)).unwrap();
    fs::write(state(&home).join("backups"), "a file, and no directory").unwrap();
    symlink("/nonexistent", state(&home).join("rescued")).unwrap();
    fs::create_dir(state(&home).join("journal.jsonl")).unwrap();
    accident(&etcd);
    for command in [&["status"][..], &["lint"]] {
        let run = home.run(command);
        let said = format!("{}{}", run.out, run.err).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(!said.contains("No backup, rescued file or journal"), "{said}");
        for place in ["the journal", "/backups", "/rescued"] {
            assert!(said.contains(&format!("{place} cannot be read (")), "{place}: {said}");
        }
    }
}

#[test]
fn a_new_empty_scope_is_none_and_lint_says_that_it_looked_at_nothing() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    nothing_is_said(&home);
    home.run(&["restore"]).ends_with(1).says("is saved here");
    let backup = home.run(&["backup"]).ends_with(0);
    assert!(!backup.err.contains("warning"), "{backup:?}");
    nothing_is_said(&home);
    let lint = home.run(&["lint"]).ends_with(0).says("no record at all");
    assert!(!lint.err.contains("No finding in 0"), "{lint:?}");
}

#[test]
fn a_deletion_that_a_person_agreed_to_is_no_loss() {
    let (etcd, home) = scene();
    home.run(&["backup"]).ends_with(0);
    keep_counts(&home, revision(&etcd), &[(scope(), KEYS)]);
    let gone = ["rm", "--recursive", "gcr.io", "--confirm", "/coredns/io/gcr/", "--expect", "9"];
    home.run(&gone).ends_with(0);
    nothing_is_said(&home);
    home.run(&["lint"]).ends_with(0);
}

#[test]
fn a_loss_is_accepted_by_typing_the_scope_and_the_next_one_is_told_again() {
    let (etcd, home) = scene();
    home.run(&["backup"]).ends_with(0);
    accident(&etcd);
    home.run(&["status", "--accept-loss"]).ends_with(4).says("--confirm /coredns/");
    home.run(&["status", "--accept-loss", "--confirm", "/coredns"]).ends_with(4);
    all_say_it(&home, KEYS, 0);
    home.run(&["status", "--accept-loss", "--confirm", "/coredns/"]).ends_with(0).says("Accepted");
    nothing_is_said(&home);
    home.run(&["status", "--accept-loss"]).ends_with(0).says("No loss is known");
    for number in 1..=4 {
        etcd.put(&key(number), "{}");
    }
    accident(&etcd);
    all_say_it(&home, 4, 0);
}

fn listed(home: &Home, arguments: &[&str]) -> Vec<Value> {
    let list: Run = home.run(&[&["restore", "-o", "json"], arguments].concat());
    list.ends_with(0).json()
}

#[test]
fn restore_without_a_file_lists_what_is_saved_newest_first_with_what_each_would_bring_back() {
    let (etcd, home) = scene();
    home.run(&["backup"]).ends_with(0);
    etcd.put(&key(1), r#"{"host":"10.9.9.9"}"#);
    home.run(&[
        "set",
        "/coredns/org/example/x1",
        "--host",
        "10.1.0.1",
        "--confirm",
        "/coredns/org/example/x1",
    ])
    .ends_with(0);
    home.run(&["backup"]).ends_with(0);
    etcd.etcdctl(&["del", &key(1), &key(3)]);
    let list = listed(&home, &[]);
    let brief: Vec<(&str, u64, u64, u64)> = list
        .iter()
        .map(|line| {
            let number = |field: &str| line[field].as_u64().unwrap();
            (line["kind"].as_str().unwrap(), number("keys"), number("away"), number("differing"))
        })
        .collect();
    assert_eq!(brief[2..], [("journal", 1, 0, 0)]);
    assert_eq!(brief.iter().filter(|line| line.0 == "backup" && line.2 == 2).count(), 2, "{brief:?}");
    assert!(list[0]["time"].as_str() >= list[1]["time"].as_str(), "newest first");
    let only = listed(&home, &["--only", "example.org"]);
    assert!(only.iter().all(|line| line["away"] == 0 || line["kind"] == "change"), "{only:?}");
    assert!(only[0]["command"].as_str().unwrap().ends_with("--only example.org"), "{only:?}");
    let text = home.run(&["restore"]).ends_with(0);
    assert!(text.out.contains("SAVED") && text.out.contains("coredeck restore --from-journal"), "{text:?}");
}

#[test]
fn putting_back_to_the_deletion_itself_names_the_revision_before() {
    let (etcd, home) = scene();
    let before = revision(&etcd);
    accident(&etcd);
    let at = (before + 1).to_string();
    let refused = home.run(&["put-back", "gcr.io", "--at", &at]).ends_with(1);
    let way = format!("coredeck put-back gcr.io --at {before}");
    assert!(refused.err.contains(&way) && !refused.err.contains("Nothing is left"), "{refused:?}");
}

fn deck(home: &Home) -> Terminal {
    let mut command = pty::coredeck(home.path(), &["gcr.io"]);
    command.cwd("/");
    home.variables().iter().for_each(|(name, value)| command.env(name, value));
    let mut deck = Terminal::start(command, 80, 24);
    deck.not_now();
    deck
}

fn keys_in(etcd: &PrivateEtcd) -> usize {
    let found = etcd.etcdctl(&["get", "--prefix", "/coredns/", "--keys-only"]);
    found.lines().filter(|line| !line.is_empty()).count()
}

/// Types the challenge, and checks that all nine keys are back as they were.
fn agreed(mut deck: Terminal, etcd: &PrivateEtcd) {
    deck.shows("9 keys will be created").shows("To create, type exactly this:");
    assert_eq!(keys_in(etcd), 0, "nothing is put before somebody agrees");
    deck.press("/coredns/").shows("> /coredns/").press_until("\r", "9 further below").hides("keys are gone");
    assert_eq!(keys_in(etcd), 9);
    assert!(etcd.etcdctl(&["get", &key(4)]).contains(r#"{"host":"10.0.0.4"}"#));
}

#[test]
fn a_deck_that_opens_on_an_emptied_scope_leads_by_its_keys_to_the_backup() {
    let (etcd, home) = scene();
    home.run(&["backup"]).ends_with(0);
    accident(&etcd);
    let mut deck = deck(&home);
    // The backup has counted as well, and so the deck that is opened next rings.
    deck.shows("! The 9 keys below /coredns/ are gone: 0 of 9 left").shows("press B for all that is saved");
    assert!(!deck.text().contains("press a to add a record"), "{}", deck.text());
    deck.press_until("B", "Saved of /coredns/").shows("9 away, 0 with another value");
    let year = Timestamp::now().strftime("%Y-").to_string();
    let row = deck.text().lines().find(|line| line.contains("9 away")).unwrap().to_owned();
    assert!(row.contains(&year), "a day beside the time: {row}");
    deck.press("\r");
    agreed(deck, &etcd);
}

#[test]
fn a_deletion_in_the_history_leads_to_the_revision_before_it() {
    let (etcd, home) = scene();
    let before = revision(&etcd);
    accident(&etcd);
    let mut deck = deck(&home);
    deck.shows("9 of 9 keys are gone").press_until("H", "9 keys deleted");
    deck.shows(&format!("P goes back to revision {before}, before this deletion")).press("P");
    agreed(deck, &etcd);
}

#[test]
fn the_notice_of_a_compacted_revision_leads_to_what_is_saved() {
    let (etcd, home) = scene();
    home.run(&["backup"]).ends_with(0);
    let before = revision(&etcd);
    accident(&etcd);
    let mut deck = deck(&home);
    deck.shows(&format!("etcd still has 9 keys at revision {before}"));
    forget(&etcd);
    deck.press_until(":", "Esc").press(&format!("at {before}\r"));
    deck.shows("etcd has compacted it").shows("B what is saved of it");
    deck.press("B").shows("9 away, 0 with another value").press("\r");
    agreed(deck, &etcd);
}

#[test]
fn a_rescue_of_a_compacted_revision_names_what_is_saved() {
    let (etcd, home) = scene();
    home.run(&["backup"]).ends_with(0);
    let before = revision(&etcd).to_string();
    accident(&etcd);
    forget(&etcd);
    let file = home.path().join("rescued.gz").display().to_string();
    let refused = home.run(&["rescue", "--at", &before, "--to", &file]).ends_with(1);
    assert!(refused.err.contains("backup with records: 9 keys"), "{refused:?}");
    assert!(refused.err.contains("coredeck restore /"), "{refused:?}");
}

#[test]
fn an_empty_answer_of_a_scope_that_lost_its_keys_says_so_and_ends_as_ever() {
    let (etcd, home) = scene();
    let asked: [&[&str]; 4] = [&["tree"], &["get", "x1.gcr.io"], &["search", "x1"], &["export"]];
    for arguments in asked {
        let run = home.run(arguments).ends_with(0);
        assert!(!run.err.contains("are gone"), "{run:?}");
    }
    accident(&etcd);
    for arguments in asked {
        let run = home.run(arguments);
        assert!(run.err.contains("0 of 9 left") && run.err.contains("coredeck status"), "{run:?}");
    }
    // A question about another time gets no message about the loss.
    let at = revision(&etcd).to_string();
    for arguments in [["tree", "--at", &at].as_slice(), &["get", "x1.gcr.io", "--at", &at]] {
        let run = home.run(arguments);
        assert!(!run.err.contains("are gone"), "{run:?}");
    }
    home.run(&["status", "--accept-loss", "--confirm", "/coredns/"]).ends_with(0);
    for arguments in asked {
        let run = home.run(arguments);
        assert!(!run.err.contains("are gone"), "{run:?}");
    }
}
