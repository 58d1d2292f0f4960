//! Journal read back, over all its files.
use super::{EntryError, FileJournal, JournalContents, Ledger, Log};
use crate::{failure::Failure, keys::ClusterId};
use std::{fs, path::Path};
use tempfile::TempDir;

const INTENDED: &str = r#"{"line":"intended","id":"a","time":"2026-01-02T03:04:05Z","author":{"user":"root","uid":0,"sudo_user":"ada","sudo_uid":"1000","login_uid":null,"ssh":null,"host":"m1","pid":7,"program":"coredeck 0.1.0"},"cluster":"00000000000000ff","scope":"/coredns/","read_at":9,"challenge":"/coredns/io/a","changes":[{"change":"create","key":"/coredns/io/a","value":"{}","lease":null}]}"#;
const CONCLUDED: &str =
    r#"{"line":"concluded","id":"a","time":"2026-01-02T03:04:06Z","outcome":"nothing_changed","why":"x"}"#;

fn named(id: &str, line: &str) -> String {
    line.replacen("\"id\":\"a\"", &format!("\"id\":\"{id}\""), 1)
}

/// Makes a state directory with these files.
fn files(files: &[(&str, String)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

fn contents(directory: &Path) -> JournalContents {
    Ledger::in_directory(directory).contents().unwrap()
}

fn read_text(text: &str) -> Log {
    let directory = files(&[("journal.jsonl", text.to_owned())]);
    Ledger::in_directory(directory.path()).read().unwrap()
}

#[test]
fn a_torn_last_line_is_reported_and_loses_nothing_else() {
    let torn = &INTENDED[..100];
    let log = read_text(&format!("{INTENDED}\n{CONCLUDED}\n{torn}"));
    assert_eq!(log.entries.len(), 1);
    assert!(log.entries[0].outcome.is_some());
    let [unreadable] = &log.unreadable[..] else { panic!("{log:?}") };
    assert_eq!((unreadable.line, unreadable.torn), (3, true));
    assert!(unreadable.file.ends_with("journal.jsonl"));
}

#[test]
fn a_torn_line_is_known_as_one_after_another_session_has_gone_on_behind_it() {
    let log = read_text(&format!("{}\n{INTENDED}\n", &INTENDED[..100]));
    assert_eq!(log.unreadable.iter().map(|u| (u.line, u.torn)).collect::<Vec<_>>(), [(1, true)]);
    assert_eq!(log.entries.len(), 1);
}

#[test]
fn a_line_that_lacks_nothing_but_its_end_counts() {
    let log = read_text(&format!("{INTENDED}\n{CONCLUDED}"));
    assert!(log.unreadable.is_empty() && log.entries[0].outcome.is_some(), "{log:?}");
    let log = read_text(INTENDED);
    assert!(log.unreadable.is_empty() && log.entries[0].outcome.is_none(), "{log:?}");
}

#[test]
fn an_entry_without_a_conclusion_has_no_outcome() {
    let log = read_text(&format!("{INTENDED}\n"));
    assert_eq!(log.entries[0].outcome, None);
    assert_eq!(log.entries[0].cluster, ClusterId(255));
}

#[test]
fn lines_that_say_nothing_are_named_by_their_number() {
    let orphan = named("b", CONCLUDED);
    let log = read_text(&format!("{orphan}\n{{\"line\":\"rotated\"}}\n{INTENDED}\nnot JSON\n"));
    assert_eq!(log.entries.len(), 1);
    assert_eq!(
        log.unreadable.iter().map(|u| (u.line, u.torn)).collect::<Vec<_>>(),
        [(1, false), (2, false), (4, false)]
    );
}

#[test]
fn a_journal_that_was_never_written_is_empty() {
    let directory = tempfile::tempdir().unwrap();
    assert!(contents(directory.path()).headings().is_empty());
    assert!(contents(&directory.path().join("nowhere")).headings().is_empty());
}

#[test]
fn a_conclusion_in_the_next_file_is_joined_with_its_beginning() {
    let directory = files(&[
        ("journal-20260101T000000.000-00000000.jsonl", format!("{}\n", named("old", INTENDED))),
        ("journal-20260201T000000.000-00000000.jsonl", format!("{}\n{INTENDED}\n", named("old", CONCLUDED))),
        ("journal.jsonl", format!("{CONCLUDED}\n{}\n", named("new", INTENDED))),
        ("journal-notes.txt", "not ours".to_owned()),
    ]);
    let contents = contents(directory.path());
    let seen: Vec<(&str, bool)> =
        contents.headings().iter().map(|heading| (&*heading.id.0, heading.outcome.is_some())).collect();
    assert_eq!(seen, [("old", true), ("a", true), ("new", false)]);
    assert!(contents.unreadable().is_empty(), "{contents:?}");
    let entry = contents.entry(1).unwrap().unwrap();
    assert_eq!((&*entry.id.0, entry.recorded.len(), entry.outcome.is_some()), ("a", 1, true));
    assert_eq!(contents.entry(3).unwrap(), None);
}

#[test]
fn the_end_of_a_change_whose_file_was_let_go_is_no_wrong_line() {
    let conclusion = named("20250101T000000.000-00000000", CONCLUDED);
    let entry = named("20260101T000000.000-00000000", INTENDED);
    let log = read_text(&format!("{conclusion}\n{entry}\n"));
    assert!(log.unreadable.is_empty(), "{log:?}");
}

#[test]
fn an_entry_is_found_by_the_beginning_of_its_id_where_only_one_begins_so() {
    let lines: Vec<String> = ["20260101-a", "20260101-ab", "20260102-c"]
        .iter()
        .map(|id| format!("{}\n", named(id, INTENDED)))
        .collect();
    let directory = files(&[("journal.jsonl", lines.concat())]);
    let ledger = Ledger::in_directory(directory.path());
    let found = |beginning: &str| ledger.find(beginning).map(|entry| entry.id.0);
    assert_eq!(found("20260102"), Ok("20260102-c".to_owned()));
    assert_eq!(
        found("20260101-a"),
        Ok("20260101-a".to_owned()),
        "the whole id of one, and a part of another"
    );
    let several = |beginning: &str, entries| EntryError::Several { beginning: beginning.to_owned(), entries };
    assert_eq!(found("20260101"), Err(several("20260101", 2)));
    assert_eq!(found(""), Err(several("", 3)));
    assert_eq!(found("x"), Err(EntryError::None("x".to_owned())));
}

#[test]
fn a_line_that_is_just_being_written_is_not_there_yet() {
    let directory = files(&[("journal.jsonl", format!("{INTENDED}\n"))]);
    let mut writing = fs::File::options().append(true).open(FileJournal::path_in(directory.path())).unwrap();
    writing.lock().unwrap();
    std::io::Write::write_all(&mut writing, named("b", INTENDED).as_bytes()).unwrap();
    let reading = std::thread::spawn({
        let ledger = Ledger::in_directory(directory.path());
        move || ledger.read().unwrap()
    });
    // The reader waits for the lock, however long it takes here.
    std::io::Write::write_all(&mut writing, b"\n").unwrap();
    drop(writing);
    let log = reading.join().unwrap();
    assert!(log.unreadable.is_empty(), "{log:?}");
}

#[test]
fn what_is_no_file_is_said_and_not_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(FileJournal::path_in(directory.path())).unwrap();
    let refused = Ledger::in_directory(directory.path()).contents().unwrap_err();
    assert!(matches!(refused, Failure::JournalUnreadable { .. }), "{refused:?}");
}

#[test]
fn a_reason_is_read_back_and_journals_without_one_stay_readable() {
    let reasoned = INTENDED.replacen("\"changes\"", "\"reason\":\"INC-4711: \\u001b[2J\",\"changes\"", 1);
    let directory = files(&[("journal.jsonl", format!("{INTENDED}\n{}\n", named("b", &reasoned)))]);
    let contents = contents(directory.path());
    let reasons: Vec<Option<&str>> =
        contents.headings().iter().map(|heading| heading.reason.as_deref()).collect();
    assert_eq!(reasons, [None, Some("INC-4711: \u{1b}[2J")]);
    let entry = contents.entry(1).unwrap().unwrap();
    assert_eq!(entry.heading(), contents.headings()[1]);
    assert!(contents.unreadable().is_empty());
}

#[test]
fn a_field_that_this_program_does_not_know_is_passed_over() {
    let newer = INTENDED.replacen("\"changes\"", "\"of_the_future\":{\"a\":[1]},\"changes\"", 1);
    let log = read_text(&format!("{newer}\n{CONCLUDED}\n"));
    assert!(log.unreadable.is_empty() && log.entries[0].outcome.is_some(), "{log:?}");
}
