//! Signals and limits from outside: the program gives the terminal back, and names the reason of its end.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a broken fixture stops its test")]

#[path = "support/cli.rs"]
mod cli;
#[path = "support/pty.rs"]
mod pty;

use cli::{BINARY, Home, Run};
use pty::{Terminal, coredeck, plain_shell};
use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command};
use tempfile::TempDir;

const TAB: &str = "\t";

fn demo(editor: Option<&str>) -> (Terminal, TempDir) {
    let home = tempfile::tempdir().unwrap();
    let mut command = coredeck(home.path(), &["--demo", "gcr.io"]);
    if let Some(editor) = editor {
        command.env("EDITOR", editor);
    }
    let mut deck = Terminal::start(command, 80, 24);
    deck.shows("live").shows("172.25.52.217");
    (deck, home)
}

/// Opens a record in the editor: beside the list, by its key.
fn edit(deck: &mut Terminal) {
    deck.press(TAB).press("E");
}

#[test]
fn each_signal_gives_the_terminal_back_and_then_ends_the_program() {
    for (name, told) in [
        ("HUP", "Hangup"),
        ("INT", "Interrupt"),
        ("QUIT", "Quit"),
        ("TRAP", "Trace/breakpoint trap"),
        ("ABRT", "Aborted"),
        ("USR1", "User defined signal 1"),
        ("USR2", "User defined signal 2"),
        ("ALRM", "Alarm clock"),
        ("TERM", "Terminated"),
        ("XCPU", "CPU time limit exceeded"),
        ("VTALRM", "Virtual timer expired"),
        ("PROF", "Profiling timer expired"),
        ("SYS", "Bad system call"),
    ] {
        let (mut deck, _home) = demo(None);
        let ended = deck.signal(name).end();
        deck.is_given_back();
        assert_eq!(ended.signal(), Some(told), "{name}: {ended:?}");
    }
    // Signals that no library resets are named by their number.
    for (name, number) in [("PWR", 30), ("STKFLT", 16), ("IO", 29), ("40", 40)] {
        let (mut deck, _home) = demo(None);
        let ended = deck.signal(name).end();
        deck.is_given_back();
        assert_eq!(ended.exit_code(), 128 + number, "{name}: {ended:?}");
    }
}

#[test]
fn a_first_contact_that_is_waited_for_ends_by_a_signal_as_well() {
    // Nobody accepts the connection, and nobody refuses it.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    for name in ["USR1", "TERM"] {
        let home = tempfile::tempdir().unwrap();
        let arguments = ["--endpoints", &endpoint, "--dial-timeout", "60s"];
        let mut deck = Terminal::start(coredeck(home.path(), &arguments), 80, 24);
        let ended = deck.shows("127.0.0.1").signal(name).end();
        deck.is_given_back();
        assert!(ended.signal().is_some(), "{name}: {ended:?}");
    }
}

/// Nobody listens there, so that what is asked before a first contact is all that happens.
const NOWHERE: &str = "http://127.0.0.1:1";
const PASSWORD: &str = "Password of etcd's user dns:";
const CTRL_C: &str = "\x03";
const CTRL_Z: &str = "\x1a";

/// The commands that change the terminal while they ask, with their questions.
const QUESTIONS: [(&[&str], &str); 2] = [
    (&["--endpoints", NOWHERE, "--user", "dns", "get", "gcr.io"], PASSWORD),
    (
        &["explain", "--ask", "--", "etcdctl", "--endpoints", NOWHERE, "del", "/coredns/io/gcr/x1"],
        "Type /coredns/io/gcr/x1 to let etcdctl delete",
    ),
];

#[test]
fn a_question_on_the_terminal_gives_it_back_before_any_signal_does_what_it_does() {
    for (arguments, question) in QUESTIONS {
        for (name, told) in [
            ("HUP", "Hangup"),
            ("TERM", "Terminated"),
            ("USR1", "User defined signal 1"),
            ("ABRT", "Aborted"),
        ] {
            let home = tempfile::tempdir().unwrap();
            let mut asked = Terminal::start(coredeck(home.path(), arguments), 80, 24);
            asked.shows(question);
            assert!(asked.has_other_modes(), "{question}");
            let ended = asked.signal(name).end();
            asked.is_given_back();
            assert_eq!(ended.signal(), Some(told), "{name}: {ended:?}");
        }
    }
    for (key, told) in [(CTRL_C, "Interrupt"), ("\x1c", "Quit")] {
        let home = tempfile::tempdir().unwrap();
        let mut asked = Terminal::start(coredeck(home.path(), QUESTIONS[0].0), 80, 24);
        let ended = asked.shows(PASSWORD).press("half a pass").press(key).end();
        asked.is_given_back();
        assert_eq!(ended.signal(), Some(told), "{ended:?}");
        assert!(!asked.text().contains("half"), "{}", asked.text());
    }
}

#[test]
fn a_question_that_is_stopped_gives_the_terminal_back_and_is_asked_again() {
    for (arguments, question) in QUESTIONS {
        let home = tempfile::tempdir().unwrap();
        let mut shell = Terminal::start(plain_shell(home.path()), 80, 24);
        let line = format!("\"$DECK\" {}\r", arguments.join(" "));
        shell.shows("shell$").press(&line).shows(question);
        assert!(shell.has_other_modes(), "{question}");
        shell.press(CTRL_Z).shows("Stopped");
        assert!(!shell.has_other_modes(), "{question}");
        let asked = shell.text().matches(question).count();
        shell.press("fg\r").wait("the question again", |screen| screen.matches(question).count() > asked);
        assert!(shell.has_other_modes(), "{question}");
        let id = shell.child_id();
        shell.signal_to(id, "TSTP").wait("it is stopped", |screen| screen.matches("Stopped").count() == 2);
        assert!(!shell.has_other_modes(), "{question}");
        let asked = shell.text().matches(question).count();
        shell.press("fg\r").wait("the question again", |screen| screen.matches(question).count() > asked);
        // Text that is typed before the question ends is dropped with it.
        shell.press(CTRL_C).wait("the prompt", |screen| screen.trim_end().ends_with("shell$"));
        shell.press("exit\r");
        shell.end();
        shell.is_given_back();
    }
}

#[test]
fn a_deck_that_is_stopped_from_outside_gives_the_terminal_back_and_comes_back_as_it_was() {
    let home = tempfile::tempdir().unwrap();
    let mut shell = Terminal::start(plain_shell(home.path()), 80, 24);
    shell.shows("shell$").press("\"$DECK\" --demo gcr.io\r").shows("172.25.52.217");
    let id = shell.child_id();
    shell.signal_to(id, "TSTP").shows("Stopped");
    shell.is_given_back();
    shell.press("fg\r").shows("172.25.52.217");
    assert!(shell.has_other_modes());
    shell.press(CTRL_Z).wait("that it was stopped again", |screen| screen.matches("Stopped").count() == 2);
    shell.is_given_back();
    // The screen is given back before the modes: only the shell's prompt says that all is.
    shell.press("fg\r").shows("172.25.52.217").press("q");
    shell.wait("the shell's prompt", |screen| screen.trim_end().ends_with("shell$")).press("exit\r");
    shell.end();
    shell.is_given_back();
}

#[test]
fn nobody_listens_for_signals_any_more_once_a_question_was_answered() {
    for (name, ends) in [("INT", Ok("Interrupt")), ("TERM", Ok("Terminated")), ("PWR", Err(128 + 30))] {
        // Nobody accepts what connects there before the signal, and nobody refuses it.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", silent.local_addr().unwrap());
        let home = tempfile::tempdir().unwrap();
        let arguments =
            ["--endpoints", &endpoint, "--user", "dns", "--command-timeout", "60s", "get", "gcr.io"];
        let mut asked = Terminal::start(coredeck(home.path(), &arguments), 80, 24);
        asked.shows(PASSWORD).press("a password\r");
        let _connected = silent.accept().unwrap();
        let ended = asked.signal(name).end();
        asked.is_given_back();
        match ends {
            Ok(told) => assert_eq!(ended.signal(), Some(told), "{name}: {ended:?}"),
            Err(code) => assert_eq!(ended.exit_code(), code, "{name}: {ended:?}"),
        }
    }
}

#[test]
fn what_an_editor_leaves_is_a_plain_file_or_refused() {
    let (mut deck, _home) = demo(Some("sh -c 'rm \"$0\"; mkfifo \"$0\"'"));
    edit(&mut deck);
    deck.shows("it is a pipe").signal("TERM").end();
    deck.is_given_back();
    let (mut deck, _home) = demo(Some("sh -c 'rm \"$0\"; ln -s /dev/zero \"$0\"'"));
    edit(&mut deck);
    deck.shows("it is a device").signal("TERM").end();
    deck.is_given_back();
}

#[test]
fn a_signal_ends_the_deck_while_an_editor_has_the_terminal_and_the_editor_with_it() {
    let at = tempfile::tempdir().unwrap();
    let id = at.path().join("id");
    // It writes its process id, in one piece, and stays.
    let editor =
        format!("exec sh -c 'echo $$ >{0}.new; mv {0}.new {0}; echo edits; exec sleep 1000'", id.display());
    let (mut deck, _home) = demo(Some(&editor));
    edit(&mut deck);
    deck.shows("edits");
    // Signals from the keyboard are for the editor alone.
    deck.signal("INT").signal("QUIT");
    let ended = deck.signal("TERM").end();
    deck.is_given_back();
    assert_eq!(ended.signal(), Some("Terminated"), "{ended:?}");
    let id = fs::read_to_string(&id).unwrap();
    let left = fs::read_to_string(format!("/proc/{}/cmdline", id.trim())).unwrap_or_default();
    assert!(!left.contains("sleep"), "{left:?}");
}

#[test]
fn the_program_leaves_no_core_dump_and_its_editor_may() {
    let at = tempfile::tempdir().unwrap();
    let limit = at.path().join("limit");
    let editor = format!("ulimit -c >{0}.new; mv {0}.new {0}; cat >/dev/null", limit.display());
    let home = tempfile::tempdir().unwrap();
    let mut command = portable_pty::CommandBuilder::new("bash");
    command.args(["-c", &format!("ulimit -S -c 8; exec '{BINARY}' --demo gcr.io")]);
    for (name, value) in coredeck(home.path(), &[]).iter_extra_env_as_str() {
        command.env(name, value);
    }
    command.env("EDITOR", editor);
    let mut deck = Terminal::start(command, 80, 24);
    deck.shows("live").shows("172.25.52.217");
    let limits = fs::read_to_string(format!("/proc/{}/limits", deck.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    edit(&mut deck);
    let until = std::time::Instant::now() + std::time::Duration::from_secs(120);
    while !limit.exists() {
        assert!(std::time::Instant::now() < until, "the editor has said nothing");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    // In blocks of 1,024 bytes, or of 512.
    let told = fs::read_to_string(&limit).unwrap();
    assert!(["8", "16"].contains(&told.trim()), "{told}");
    deck.signal("TERM").end();
}

fn limited(home: &Home, limits: &str, arguments: &str) -> Run {
    let mut command = Command::new("bash");
    home.prepare(&mut command);
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env("PATH", path).args(["-c", &format!("{limits} exec {BINARY} {arguments}")]);
    Run::of(command)
}

#[track_caller]
fn in_a_sentence(run: Run, what: &str) {
    let run = run.ends_with(1).says(what).says("Raise");
    assert!(!run.err.contains("panicked") && !run.err.contains("backtrace"), "{run:?}");
}

#[test]
fn too_little_of_the_system_is_told_in_a_sentence() {
    let home = Home::new();
    let get = "--demo get gcr.io";
    for files in [6, 7, 8, 20] {
        in_a_sentence(limited(&home, &format!("ulimit -n {files};"), get), "ulimit -n");
    }
    // If the limit may be raised, the program raises it.
    limited(&home, "ulimit -S -n 20;", get).ends_with(0);
    // The program has a stack of its own.
    limited(&home, "ulimit -s 128;", get).ends_with(0);
    // The program alone needs half of this; with less the system ends it before it begins.
    in_a_sentence(limited(&home, "ulimit -v 100000;", get), "ulimit -v");
}

#[test]
fn a_user_without_threads_is_told_so() {
    // Root has no limit.
    let is_root = rustix::process::geteuid().is_root();
    let at = tempfile::tempdir().unwrap();
    fs::set_permissions(at.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let binary = at.path().join("coredeck");
    if fs::hard_link(BINARY, &binary).is_err() {
        fs::copy(BINARY, &binary).unwrap();
    }
    let as_somebody = if is_root { "setpriv --reuid 64123 --regid 64123 --clear-groups" } else { "" };
    let run = |threads: u32| {
        let mut command = Command::new("bash");
        Home::new().prepare(&mut command);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let line = format!(
            "exec {as_somebody} bash -c 'ulimit -u {threads}; exec {} --demo get gcr.io'",
            Path::new(&binary).display()
        );
        Run::of({
            command.env("PATH", path).args(["-c", &line]);
            command
        })
    };
    if is_root {
        for threads in [1, 2, 5, 8] {
            in_a_sentence(run(threads), "ulimit -u");
        }
        run(64).ends_with(0);
    } else {
        in_a_sentence(run(1), "ulimit -u");
    }
}
