//! Deck as an operator has it: the real binary in a real terminal.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a broken fixture stops its test")]
#![allow(clippy::disallowed_types, reason = "the other client is no part of the program")]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/etcd.rs"]
mod etcd;
#[path = "support/pty.rs"]
mod pty;

use pty::{Terminal, coredeck, shell};
use std::time::Duration;
use tempfile::TempDir;

const ENTER: &str = "\r";
const ESCAPE: &str = "\x1b";
const TAB: &str = "\t";
const CTRL_Z: &str = "\x1a";

fn demo(arguments: &[&str]) -> (Terminal, TempDir) {
    let home = tempfile::tempdir().unwrap();
    let arguments = [&["--demo"], arguments].concat();
    let mut deck = Terminal::start(coredeck(home.path(), &arguments), 80, 24);
    deck.shows("live");
    (deck, home)
}

#[test]
fn it_starts_shows_who_shares_the_etcd_and_gives_the_terminal_back() {
    let (mut deck, _home) = demo(&[]);
    deck.shows("/coredns/").shows("WRITE").shows("368 keys that this tool cannot touch").shows("help");
    deck.press("q");
    assert!(deck.end().success());
    deck.is_given_back();
}

#[test]
fn it_opens_at_the_name_that_was_asked_for() {
    let (mut deck, _home) = demo(&["gcr.io"]);
    deck.shows("172.25.52.217");
}

#[test]
fn a_record_is_added_and_shown_as_it_is_stored() {
    let (mut deck, _home) = demo(&["gcr.io"]);
    deck.shows("172.25.52.217").press("a").shows("type").press(TAB).press(TAB).press(TAB);
    deck.press("172.25.52.218").press(TAB).press("60").shows("60");
    deck.press(ENTER).shows("/coredns/io/gcr/x2").shows("save");
    deck.press_until("y", "saved /coredns/io/gcr/x2").shows("172.25.52.218");
}

#[test]
fn a_record_is_edited_in_the_form() {
    let (mut deck, _home) = demo(&["gcr.io"]);
    deck.shows("172.25.52.217").press(TAB).press("e").shows("address");
    deck.press("\x7f").press("9").shows("172.25.52.219").press(ENTER).shows("save");
    deck.press_until("y", "saved /coredns/io/gcr/x1").shows("172.25.52.219");
}

#[test]
fn a_record_is_deleted_by_the_right_key_and_not_by_a_wrong_one() {
    let (mut deck, _home) = demo(&["gcr.io"]);
    deck.shows("172.25.52.217").press(TAB).press("d").shows("1 key will be deleted");
    deck.press("/coredns/io/gcr/x2").shows("gcr/x2").press(ENTER).shows("differs from character");
    deck.press("\x7f").hides("gcr/x2").press("1").shows("matches").press_until(ENTER, "1 key deleted");
    // The cursor stays near the name that went.
    deck.hides("/coredns/io/gcr");
}

#[test]
fn a_newcomer_takes_back_what_was_deleted_and_sees_what_was() {
    let (mut deck, _home) = demo(&["gcr.io"]);
    deck.shows("172.25.52.217").press(TAB).press("d").shows("1 key will be deleted");
    deck.press("/coredns/io/gcr/x1").shows("matches").press_until(ENTER, "1 key deleted at revision 442");
    // The tree shows the whole earlier scope, in which nothing can be changed.
    deck.press(":").press("at 441").shows("at 441").press(ENTER).shows("AS OF REVISION 441, read-only");
    deck.press(":").press("go gcr.io").shows("go gcr.io").press(ENTER).shows("/coredns/io/gcr/x1");
    deck.press("D").shows("this is revision 441").press(ESCAPE).shows("this is now again");
    deck.hides("/coredns/io/gcr/x1");
    deck.press("u").shows("Journal: 1 change").press("u").shows("To create, type exactly this");
    deck.press("/coredns/io/gcr/x1").shows("matches").press_until(ENTER, "1 key created");
    deck.press("u").shows("Journal: 2 changes").shows("undone");
}

#[test]
fn a_pasted_key_with_a_newline_deletes_nothing() {
    let (mut deck, _home) = demo(&["gcr.io"]);
    deck.shows("172.25.52.217").press(TAB).press("d").shows("1 key will be deleted");
    deck.press("\x1b[200~/coredns/io/gcr/x1\n\x1b[201~").shows("confirms nothing");
    // The same paste comes from a terminal that does not mark it.
    deck.press("\x15").hides("confirms nothing").press("/coredns/io/gcr/x1\r").shows("as a paste does");
    deck.press(ESCAPE).shows("nothing was changed").shows("172.25.52.217");
}

/// A line may stall anywhere, and longer than any pause between two keys: the test waits for that.
#[test]
fn no_paste_that_stalls_deletes_anything_and_the_digits_that_are_drawn_then_do() {
    const KEY: &str = "/coredns/io/gcr/x1";
    let stalls = |pieces: &[&str]| pieces.iter().map(|piece| (*piece).to_owned()).collect::<Vec<_>>();
    let (deck, _home) = &mut demo(&["gcr.io"]);
    deck.shows("172.25.52.217").press(TAB);
    for pieces in [
        stalls(&[KEY, ENTER]),
        stalls(&[KEY, ENTER, ENTER, ENTER]),
        stalls(&["/coredns/io/", "gcr/x1", ENTER]),
        stalls(&["/coredns/io/gcr/", "x", "1", ENTER]),
        stalls(&["/", "c", "oredns/io/gcr/x1", "\r\r\r"]),
        stalls(&["/coredns/io/gcr/x", "1\r", ENTER]),
        stalls(&["\x1b[200~/coredns/io/gcr/x1\x1b[201~", ENTER, ENTER]),
    ] {
        deck.press("d").shows("1 key will be deleted");
        for piece in &pieces {
            deck.press(piece).settle(Duration::from_millis(400));
        }
        deck.shows("as well, then Enter");
        assert!(deck.digits().is_some() && deck.text().contains("matches"), "{pieces:?}: {}", deck.text());
        deck.press(ESCAPE).shows("nothing was changed").shows("172.25.52.217");
    }
    deck.press("d").shows("1 key will be deleted").press(KEY).press_until(ENTER, "1 key deleted");
}

#[test]
fn no_screen_that_hides_what_is_asked_deletes_anything_and_what_was_typed_stays() {
    let (mut deck, _home) = demo(&["gcr.io"]);
    deck.shows("172.25.52.217").press(TAB).press("d").shows("1 key will be deleted");
    deck.press("/coredns/io/gcr/x1").shows("matches").press(ENTER).prove();
    let both = |screen: &str| screen.matches("matches").count() == 2;
    deck.wait("that all is typed", both);
    // The screen shows nothing of the dialog, a part of it, and all but its fields. Enter comes with the size, and
    // behind it.
    deck.resize(20, 5).press(ENTER).shows("too small").press(ENTER);
    deck.resize(30, 7)
        .press(ENTER)
        .shows("1 key will be deleted")
        .press(ENTER)
        .shows("make the screen larger");
    deck.resize(40, 8)
        .press(ENTER)
        .hides("└────────────────── 1-1")
        .press(ENTER)
        .shows("make the screen larger")
        // Any other key takes the message away: the Enter before it has been read.
        .press(TAB)
        .hides("make the screen larger");
    deck.resize(80, 24).wait("what was typed", both);
    deck.press_until(ENTER, "1 key deleted");
}

#[test]
fn every_change_of_size_is_seen_whatever_keys_come_with_it() {
    let (mut deck, _home) = demo(&["gcr.io"]);
    deck.shows("172.25.52.217").press(TAB).press("d").shows("1 key will be deleted");
    // One change in forty was missed where the size was taken from an event.
    for _ in 0..120 {
        deck.resize(20, 5).press(ENTER).shows("too small").press(ENTER);
        deck.resize(30, 7).press(ENTER).shows("1 key will be deleted").press(ENTER);
    }
}

#[test]
fn an_input_method_that_was_left_on_finds_and_goes_and_deletes_nothing() {
    let (mut deck, _home) = demo(&[]);
    deck.press("：").shows("go NAME or KEY").press("ｇｏ　ｇｃｒ．ｉｏ").press(ENTER).shows("172.25.52.217");
    deck.press(TAB).press("ｄ").shows("an input method is on");
    deck.press("d").shows("1 key will be deleted").press("／coredns/io/gcr/x1").shows("input method is on");
    deck.press(ENTER).shows("full-width letters").press(ESCAPE).shows("nothing was changed");
    deck.press("？").shows("in the panes").press(ESCAPE).hides("in the panes").press("ｑ");
    assert!(deck.end().success());
}

#[test]
fn the_end_of_a_long_paste_does_not_wait_for_another_key() {
    let (mut deck, _home) = demo(&["gcr.io"]);
    deck.shows("172.25.52.217").press(TAB).press("d").shows("1 key will be deleted");
    // More than crossterm reads at once, and more than the kernel keeps for it.
    for (length, end) in [(1_100, "END1"), (2_600, "END2"), (4_500, "END3")] {
        deck.press(&format!("{}{end}", "x".repeat(length))).shows(end);
    }
}

#[test]
fn escape_sequences_in_values_and_keys_reach_no_terminal() {
    let (mut deck, _home) = demo(&[]);
    // Every name is opened and every record looked at; the demo has hostile ones.
    for _ in 0..60 {
        deck.press("l").press("j");
    }
    deck.settle(Duration::from_millis(500));
    let text = String::from_utf8_lossy(&deck.sent).into_owned();
    assert!(!text.contains("\x1b]0;") && !text.contains('\x07'), "a title or a bell came through");
    deck.press("q");
    assert!(deck.end().success());
}

#[test]
fn a_read_only_session_offers_no_change() {
    let (mut deck, _home) = demo(&["--read-only", "gcr.io"]);
    deck.shows("READ-ONLY")
        .shows("172.25.52.217")
        .press(TAB)
        .press("d")
        .press("D")
        .press("a")
        .press("e")
        .press("i");
    deck.press("?").shows("help");
    assert!(!deck.text().contains("delete the record"), "{}", deck.text());
}

#[test]
fn it_follows_every_size_and_survives_the_smallest() {
    let (mut deck, _home) = demo(&["gcr.io"]);
    deck.shows("172.25.52.217");
    deck.resize(40, 10).shows("gcr").shows("WRITE");
    deck.resize(1, 1).settle(Duration::from_millis(200));
    deck.resize(200, 60).shows("172.25.52.217").shows("help");
    deck.press("q");
    assert!(deck.end().success());
}

#[test]
fn it_is_suspended_and_comes_back_as_it_was() {
    let home = tempfile::tempdir().unwrap();
    let mut shell = Terminal::start(shell(home.path()), 80, 24);
    shell.shows("shell$").press("\"$DECK\" --demo gcr.io\r").shows("172.25.52.217");
    shell.press(CTRL_Z).shows("Stopped");
    shell.press("stty -a | grep -c -- ' -icanon'; echo \"raw=$?\"\r").shows("raw=1");
    shell.press("fg\r").shows("172.25.52.217").press("q");
    shell.wait("the prompt", |screen| screen.trim_end().ends_with("shell$"));
    shell.press("exit\r");
    shell.end();
    shell.is_given_back();
}

#[test]
fn signals_that_end_it_give_the_terminal_back() {
    for name in ["TERM", "HUP", "INT"] {
        let (mut deck, _home) = demo(&[]);
        deck.signal(name);
        deck.end();
        deck.is_given_back();
    }
}

#[test]
fn a_panic_gives_the_terminal_back_before_its_message_is_printed() {
    // This very test runs itself once more, in a terminal that it takes and panics with.
    const PANICS: &str = "COREDECK_TEST_PANICS";
    if std::env::var_os(PANICS).is_some() {
        let _terminal = coredeck::terminal::Terminal::take().unwrap();
        panic!("on purpose");
    }
    let mut command = portable_pty::CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--exact", "a_panic_gives_the_terminal_back_before_its_message_is_printed", "--nocapture"]);
    command.env(PANICS, "yes");
    let mut program = Terminal::start(command, 80, 24);
    assert!(!program.end().success());
    program.is_given_back();
    let sent = String::from_utf8_lossy(&program.sent).into_owned();
    let (left, said) = (sent.find("\x1b[?1049l"), sent.find("on purpose"));
    assert!(left.is_some() && left < said, "{sent:?}");
}

#[test]
fn nothing_is_sent_while_nothing_happens() {
    let (mut deck, _home) = demo(&["gcr.io"]);
    deck.shows("172.25.52.217").settle(Duration::from_millis(500));
    // The absence of output has no condition to wait for, so this one looks for a while.
    assert_eq!(deck.settle(Duration::from_secs(2)), 0);
}

#[test]
fn a_server_that_goes_away_is_said_and_comes_back_by_itself() {
    let mut server = etcd::start();
    server.put("/coredns/io/gcr/x1", r#"{"host":"172.25.52.217","ttl":60}"#);
    let home = tempfile::tempdir().unwrap();
    let endpoint = server.endpoint();
    let mut deck = Terminal::start(coredeck(home.path(), &["--endpoints", &endpoint, "gcr.io"]), 80, 24);
    deck.not_now().shows("172.25.52.217").shows("live");
    server.kill(0);
    deck.shows("STALE").shows("172.25.52.217");
    server.restart(0);
    server.put("/coredns/io/gcr/x2", r#"{"host":"172.25.52.218"}"#);
    deck.shows("live").shows("172.25.52.218");
}

#[test]
fn it_ends_with_the_exit_code_that_scripts_can_rely_on() {
    let home = tempfile::tempdir().unwrap();
    let mut deck = Terminal::start(coredeck(home.path(), &["--endpoints", "http://127.0.0.1:1"]), 80, 24);
    assert_eq!(deck.end().exit_code(), 3);
    deck.is_given_back();
    assert!(deck.text().contains("nothing listens at"), "{}", deck.text());
    let mut deck = Terminal::start(coredeck(home.path(), &["--demo", "--prefix", "/registry"]), 80, 24);
    assert_eq!(deck.end().exit_code(), 4);
}

#[test]
fn a_change_is_made_to_its_end_and_journalled_when_the_terminal_goes() {
    // There are more steps than replies may wait, so that a task that waits for a reader would never end.
    const KEYS: usize = 128 * 300;
    let server = etcd::start();
    let puts: Vec<(String, String)> =
        (0..KEYS).map(|n| (format!("/coredns/io/many/h{n}"), "{}".to_owned())).collect();
    put_all(&server.endpoint(), &puts);
    for signal in ["TERM", "HUP"] {
        put_all(&server.endpoint(), &puts);
        let home = tempfile::tempdir().unwrap();
        let endpoint = server.endpoint();
        let mut deck = Terminal::start(coredeck(home.path(), &["--endpoints", &endpoint, "many.io"]), 80, 24);
        deck.not_now().shows("live").press("D").shows("38,400 keys will be deleted");
        deck.press("/coredns/io/many/").shows("matches").press(TAB).press("38400");
        deck.press(ENTER).prove().press(ENTER).shows("it goes on whatever is pressed").signal(signal);
        deck.end();
        deck.is_given_back();
        let journal =
            std::fs::read_to_string(home.path().join(".local/state/coredeck/journal.jsonl")).unwrap();
        let last = journal.lines().last().unwrap();
        assert!(last.contains("\"done\"") && !last.contains("\"intended\""), "{last:.300}");
        assert_eq!(server.etcdctl(&["get", "/coredns/", "--prefix", "--keys-only"]).trim(), "");
    }
}

/// Puts records, many in one transaction.
fn put_all(endpoint: &str, records: &[(String, String)]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = etcd_client::Client::connect([endpoint], None).await.unwrap();
        for some in records.chunks(128) {
            let put =
                |(key, value): &(String, String)| etcd_client::TxnOp::put(key.as_str(), value.as_str(), None);
            let puts: Vec<_> = some.iter().map(put).collect();
            client.kv_client().txn(etcd_client::Txn::new().and_then(puts)).await.unwrap();
        }
    });
}

/// A deck sees the accident: 368 keys of its scope go in one revision.
#[test]
fn a_mass_deletion_by_somebody_else_is_saved_and_brought_back() {
    let server = etcd::start();
    let range = ["get", "/coredns/", "--prefix"];
    let records: Vec<(String, String)> = (1..=368)
        .map(|n| (format!("/coredns/io/gcr/x{n}"), format!(r#"{{"host":"10.0.{}.{}"}}"#, n / 250, n % 250)))
        .collect();
    put_all(&server.endpoint(), &records);
    let before = server.etcdctl(&range);
    let home = tempfile::tempdir().unwrap();
    let endpoint = server.endpoint();
    let mut deck = Terminal::start(coredeck(home.path(), &["--endpoints", &endpoint]), 140, 40);
    deck.not_now().shows("live").shows("368");
    assert_eq!(server.etcdctl(&["del", "/coredns/", "--prefix"]).trim(), "368");
    deck.shows("368 keys were deleted at revision").shows("saved to coredns-");
    let files: Vec<_> = std::fs::read_dir(home.path().join(".local/state/coredeck/rescued"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 1, "{files:?}");
    deck.press("!").shows("All 368 keys as they were at revision");
    deck.press(ENTER).shows("368 keys will be created").press("/coredns/io/gcr/").shows("matches");
    // Its message ends with the next key, which may have been pressed already.
    deck.press_until(ENTER, "368 further below");
    assert_eq!(server.etcdctl(&range), before, "every key with its value");
}
