//! Shell function before `etcdctl del`, in real shells: the lines that it passes on unchanged, and those that it asks
//! about.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/etcd.rs"]
mod etcd;
#[path = "support/pty.rs"]
mod pty;

use etcd::PrivateEtcd;
use portable_pty::CommandBuilder;
use pty::Terminal;
use std::{
    fs,
    io::Write as _,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

const FUNCTION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/shell/coredeck.sh");

/// Longer than the time in which the program takes keys for a paste. Time itself is the condition here.
const HAS_READ: Duration = Duration::from_millis(600);

/// Returns the shells of this machine, with the flags that make each read no file of its own. A missing shell is
/// reported.
fn shells() -> Vec<(&'static str, &'static [&'static str])> {
    let all: [(_, &[_]); 2] = [("bash", &["--norc", "--noprofile"]), ("zsh", &["-f"])];
    let is_there = |shell: &str| Command::new(shell).args(["-c", ":"]).status().is_ok();
    let (there, missing): (Vec<_>, Vec<_>) = all.into_iter().partition(|(shell, _)| is_there(shell));
    for (shell, _) in missing {
        // It is written past the test harness, which keeps the output of a test.
        let said = format!("NOT tested: the shell function in {shell}, which is not here\n");
        std::io::stderr().write_all(said.as_bytes()).unwrap();
    }
    assert!(!there.is_empty());
    there
}

/// Directory of programs: an etcdctl that writes down its call and ends with 7, and a coredeck that writes down that
/// it was run and ends as it is told.
struct Programs(tempfile::TempDir);

impl Programs {
    fn new(coredeck_ends_with: Option<i32>) -> Self {
        let programs = Self(tempfile::tempdir().unwrap());
        programs.script(
            "etcdctl",
            "printf '%s\\0' \"$@\" >\"$PLACE/arguments\"\nprintf %s \"$PPID\" >\"$PLACE/parent\"\n\
             printf %s \"${ETCDCTL_ENDPOINTS-unset}\" >\"$PLACE/endpoints\"\ncat >\"$PLACE/input\"\nexit 7\n",
        );
        if let Some(code) = coredeck_ends_with {
            programs.script(
                "coredeck",
                &format!("printf '%s\\0' \"$@\" >\"$PLACE/asked\"\ncat >/dev/null\nexit {code}\n"),
            );
        }
        for name in ["cat", "sh", "bash", "zsh", "env"] {
            let real = ["/usr/bin", "/bin", "/usr/local/bin"].map(|at| Path::new(at).join(name));
            if let Some(real) = real.iter().find(|file| file.exists()) {
                symlink(real, programs.at(name)).unwrap();
            }
        }
        programs
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn script(&self, name: &str, text: &str) {
        fs::write(self.at(name), format!("#!/bin/sh\n{text}")).unwrap();
        fs::set_permissions(self.at(name), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs a text in a shell, with `arguments` as its `"$@"` and `input` on its standard input.
    fn run(&self, shell: (&str, &[&str]), interactive: bool, text: &str, arguments: &[&str]) -> Output {
        for file in ["arguments", "parent", "endpoints", "input", "asked"] {
            let _ = fs::remove_file(self.at(file));
        }
        let mut command = Command::new(shell.0);
        command.args(shell.1).args(if interactive { &["-i", "-c"][..] } else { &["-c"] });
        command.arg(text).arg(FUNCTION).args(arguments);
        command.env_clear().env("PATH", self.0.path()).env("PLACE", self.0.path());
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A program that is not run reads nothing.
        let _ = child.stdin.take().unwrap().write_all(b"input\nof etcdctl");
        child.wait_with_output().unwrap()
    }

    /// Returns the words that a program got; `None` if it was not started.
    fn words(&self, file: &str) -> Option<Vec<String>> {
        let text = fs::read_to_string(self.at(file)).ok()?;
        Some(text.split_terminator('\0').map(str::to_owned).collect())
    }

    fn text(&self, file: &str) -> String {
        fs::read_to_string(self.at(file)).unwrap()
    }
}

const CALL: &str = "source \"$0\"\netcdctl \"$@\"";

#[test]
fn every_other_line_reaches_etcdctl_as_it_was_written_and_nothing_else_is_started() {
    let lines: &[&[&str]] = &[
        &[],
        &["get", "/x"],
        &["get", "del"],
        &["put", "/x", "del"],
        &["--endpoints", "a:1", "put", "/x", "del"],
        &["--endpoints=a:1", "-w", "json", "get", "del"],
        &["-wjson", "--debug", "--hex", "--user", "root:x", "get", "del"],
        &["--insecure-skip-tls-verify", "--dial-timeout", "5s", "member", "list", "del"],
        &["user", "del", "ada"],
        &["role", "delete", "del"],
        &["delete", "/x"],
        &["put", "/x", "two words", "", "$HOME", "*", "it's", "\"", "\\", "a\nb", "ü"],
        &["--endpoints", "del.example:2379", "get", "/x"],
        &["--user", "delia", "--cert", "/etc/del", "get", "/x"],
        &["", "get", "del"],
        &["--unknown", "get", "/x"],
        &["--version"],
        &["put", "--", "del", "--prefix"],
        &["watch", "--", "a", "del"],
    ];
    let programs = Programs::new(Some(0));
    for shell in shells() {
        for line in lines {
            let output =
                programs.run(shell, true, &format!("{CALL}\ncode=$?\nprintf %s $$\nexit $code"), line);
            assert_eq!(programs.words("asked"), None, "{line:?} started coredeck in {}", shell.0);
            // printf writes one NUL for no words as for one that is empty.
            let given = if line.is_empty() {
                vec![String::new()]
            } else {
                line.iter().map(|word| (*word).to_owned()).collect()
            };
            assert_eq!(programs.words("arguments").as_deref(), Some(&*given), "{line:?} in {}", shell.0);
            assert_eq!(output.status.code(), Some(7), "{line:?} in {}: {output:?}", shell.0);
            assert_eq!(programs.text("input"), "input\nof etcdctl", "{line:?} in {}", shell.0);
            // It is a child of the shell itself: no other shell is between them.
            let of_shell = String::from_utf8(output.stdout).unwrap();
            assert_eq!(programs.text("parent"), of_shell, "{line:?} in {}", shell.0);
        }
    }
}

#[test]
fn del_is_asked_about_wherever_it_stands_and_run_only_after_a_yes() {
    let lines: &[&[&str]] = &[
        &["del", "/", "coredns"],
        &["--endpoints", "a:1", "del", "/x"],
        &["--endpoints=a:1", "del", "/x"],
        &["-w", "json", "del", "/x"],
        &["-wjson", "del", "/x"],
        &["--prefix=true", "del", "/x"],
        &["--debug", "--hex", "--insecure-skip-tls-verify", "del", "/x"],
        &["--user", "root:two words", "--password", "", "del", "/x"],
        &["-d", "example.org", "--command-timeout", "5s", "del", ""],
        // Words that are not known, or may be taken for something else, are asked about.
        &["--unknown", "del", "/x"],
        &["--unknown", "value", "del", "/x"],
        &["-xyz", "value", "del", "/x"],
        &["--endpoints", "del", "/x"],
        &["--", "del", "/x"],
        &["", "del", "/x"],
    ];
    for shell in shells() {
        for line in lines {
            let words: Vec<_> = line.iter().map(|word| (*word).to_owned()).collect();
            let asked = [&["explain", "--ask", "--", "etcdctl"].map(str::to_owned)[..], &words].concat();
            for (answer, runs) in [(0, true), (4, false), (1, false), (3, false), (130, false)] {
                let programs = Programs::new(Some(answer));
                let output = programs.run(shell, true, &format!("{CALL}\nexit $?"), line);
                let at = format!("{line:?} in {} after {answer}: {output:?}", shell.0);
                assert_eq!(programs.words("asked").as_ref(), Some(&asked), "{at}");
                assert_eq!(programs.words("arguments"), runs.then(|| words.clone()), "{at}");
                assert_eq!(output.status.code(), Some(if runs { 7 } else { answer }), "{at}");
                let said = String::from_utf8_lossy(&output.stderr).contains("nothing was deleted");
                assert_eq!(said, !runs && answer != 4, "{at}");
                if runs {
                    assert_eq!(programs.text("input"), "input\nof etcdctl", "{at}");
                }
            }
        }
    }
}

#[test]
fn without_coredeck_nothing_is_deleted_and_the_way_round_is_said() {
    let programs = Programs::new(None);
    for shell in shells() {
        let output = programs.run(shell, true, &format!("{CALL}\nexit $?"), &["del", "/x"]);
        assert_eq!((programs.words("arguments"), output.status.code()), (None, Some(127)), "{output:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("nothing was deleted: there is no coredeck in PATH"), "{said}");
        assert!(said.contains("command etcdctl"), "{said}");
        // That way does work.
        let around = "source \"$0\"\ncommand etcdctl \"$@\"\nexit $?";
        assert_eq!(programs.run(shell, true, around, &["del", "/x"]).status.code(), Some(7));
    }
}

#[test]
fn what_a_person_has_set_in_the_shell_changes_nothing() {
    let programs = Programs::new(Some(4));
    let bash = "set -u\nset -e\nset -f\nshopt -s nocasematch extglob\nIFS=el\n";
    let zsh = "setopt nounset ksharrays shwordsplit globsubst errexit extendedglob\nIFS=el\n";
    for shell in shells() {
        let options = if shell.0 == "zsh" { zsh } else { bash };
        for around in [
            // An alias that calls etcdctl calls the function, and a backslash only skips an alias.
            "alias etcdctl='etcdctl --endpoints a:1'\nsource \"$0\"\neval 'etcdctl del /x'\nexit $?"
                .to_owned(),
            "source \"$0\"\n\\etcdctl del /x\nexit $?".to_owned(),
            format!("{options}source \"$0\"\netcdctl del /x || exit $?"),
        ] {
            let output = programs.run(shell, true, &around, &[]);
            assert!(programs.words("asked").is_some(), "{around:?} in {}: {output:?}", shell.0);
            assert_eq!(programs.words("arguments"), None, "{around:?} in {}: {output:?}", shell.0);
            assert_eq!(output.status.code(), Some(4), "{around:?} in {}: {output:?}", shell.0);
        }
        let output =
            programs.run(shell, true, &format!("{options}source \"$0\"\netcdctl get /x || exit $?"), &[]);
        assert_eq!(output.status.code(), Some(7), "{}: {output:?}", shell.0);
        // A variable before the line is etcdctl's.
        let variable = "source \"$0\"\nETCDCTL_ENDPOINTS=a:1 etcdctl get /x";
        programs.run(shell, true, variable, &[]);
        assert_eq!(programs.text("endpoints"), "a:1", "{}", shell.0);
    }
}

#[test]
fn a_shell_that_is_not_interactive_is_left_as_it_is() {
    let programs = Programs::new(Some(4));
    for shell in shells() {
        let output = programs.run(shell, false, &format!("set -e\n{CALL}\nexit $?"), &["del", "/x"]);
        assert_eq!((programs.words("asked"), output.status.code()), (None, Some(7)), "{output:?}");
    }
}

/// Interactive shell with the function, the real coredeck and the real etcdctl, on an etcd with other programs' keys.
struct Asked {
    etcd: PrivateEtcd,
    terminal: Terminal,
    _programs: tempfile::TempDir,
}

fn interactive(shell: (&str, &[&str]), prepare: impl FnOnce(&PrivateEtcd)) -> Asked {
    let etcd = etcd::start();
    for key in
        ["/registry/pods/p1", "/registry/pods/p2", "/coredns/io/gcr/x1", "/coredns/io/gcr/x2", "coredns"]
    {
        etcd.put(key, "x");
    }
    prepare(&etcd);
    let programs = tempfile::tempdir().unwrap();
    symlink(env!("CARGO_BIN_EXE_coredeck"), programs.path().join("coredeck")).unwrap();
    symlink(etcd.tool(), programs.path().join("etcdctl")).unwrap();
    let mut command = CommandBuilder::new(shell.0);
    command.args(shell.1);
    command.arg("-i");
    command.env_clear();
    command.env("PATH", format!("{}:/usr/bin:/bin", programs.path().display()));
    command.env("HOME", programs.path());
    for (name, value) in [("PS1", "shell$ "), ("TERM", "xterm-256color"), ("LANG", "C.UTF-8")] {
        command.env(name, value);
    }
    command.env("COREDECK_COREFILE", "none");
    command.env("COREDECK_TEST_ROOT", programs.path());
    command.env("ETCDCTL_API", "3");
    // etcdctl makes the deletion, which the recorder forbids this program.
    command.env("ETCDCTL_ENDPOINTS", etcd.unrecorded_endpoint());
    let mut terminal = Terminal::start(command, 100, 60);
    terminal.shows("shell$ ");
    terminal.press(&format!("source {FUNCTION}; echo sourced=$?\r")).shows("sourced=0");
    Asked { etcd, terminal, _programs: programs }
}

impl Asked {
    /// Types a line, and waits for the question.
    fn asks(&mut self, line: &str, question: &str) {
        self.terminal.press("\x0c").press(&format!("{line}; echo ended=$?\r"));
        self.terminal.shows(question);
        self.terminal.settle(HAS_READ);
    }

    fn keys(&self) -> usize {
        let shown = self.etcd.etcdctl(&["get", "--prefix", "", "--keys-only"]);
        shown.lines().filter(|line| !line.is_empty()).count()
    }
}

#[test]
fn the_accident_is_asked_about_and_every_answer_but_the_key_leaves_all_keys() {
    for shell in shells() {
        let mut asked = interactive(shell, |_| {});
        for answer in ["\x1b", "\x03", "\x04", "\r", "coredns\r", "/ \r", "y\r", "/\x1b", "/\x04\x04"] {
            asked.asks("etcdctl del / coredns", "Type / to let etcdctl delete 4 keys");
            let screen = asked.terminal.text();
            assert!(screen.contains("DANGEROUS") && screen.contains("/registry/  Kubernetes"), "{screen}");
            assert!(screen.contains("cluster "), "{screen}");
            asked.terminal.press(answer).shows("ended=4").shows("was deleted.");
            assert_eq!(asked.keys(), 5, "after {answer:?} in {}", shell.0);
        }
        // For one key no number is asked for: nothing stands behind the question.
        for answer in ["\x1b", "\x03", "\x04", "/registry/pods/p\x1b", "\r"] {
            let question = "Type /registry/pods/p1 to let etcdctl delete 1 key";
            asked.asks("etcdctl del /registry/pods/p1", question);
            asked.terminal.press(answer).shows("ended=4").shows("was deleted.");
            assert_eq!(asked.keys(), 5, "after {answer:?} in {}", shell.0);
        }
        // The terminal has the modes that the shell knows.
        asked.terminal.press("\x0c").press("stty -a | grep -c 'eol = <undef>'\r").shows("\n1");
        // The key is the beginning of a range, and the number its extent: even for few keys the number is asked for.
        asked.asks("etcdctl del --prefix /registry/", "Type /registry/ to let etcdctl delete 2 keys");
        asked.terminal.press("/registry/\r").shows("Type the number of keys");
        asked.terminal.settle(HAS_READ);
        asked.terminal.press("1\r").shows("ended=4").shows("that is not the number of keys");
        assert_eq!(asked.keys(), 5, "{}", shell.0);
        for (number, code) in [("3\r", 4), ("4\r", 0)] {
            asked.asks("etcdctl del / coredns", "Type / to let etcdctl delete 4 keys");
            asked.terminal.press("/\r").shows("Type the number of keys");
            asked.terminal.settle(HAS_READ);
            asked.terminal.press(number).shows(&format!("ended={code}"));
            assert_eq!(asked.keys(), if code == 0 { 1 } else { 5 }, "{}", shell.0);
        }
    }
}

#[test]
fn a_pipe_leaves_the_question_on_the_terminal_and_its_input_to_etcdctl() {
    for shell in shells() {
        let mut asked = interactive(shell, |_| {});
        let question = "Type /registry/pods/p1 to let etcdctl delete 1 key";
        asked.asks("echo /registry/pods/p1 | etcdctl del /registry/pods/p1 2>/dev/null | cat", question);
        asked.terminal.press("/registry/pods/p1\r").shows("ended=0");
        assert_eq!(asked.keys(), 4, "{}", shell.0);
    }
}

#[test]
fn nobody_is_asked_where_nothing_goes_and_no_number_is_said_where_none_is_known() {
    let shell = shells()[0];
    let mut asked = interactive(shell, |_| {});
    asked.asks("etcdctl del /nothing", "there is no key /nothing now (");
    asked.terminal.shows("etcdctl was not run").shows("ended=4");
    let revision = asked.etcd.etcdctl(&["del", "/nothing", "-w", "fields"]);
    let revision = revision.lines().find_map(|line| line.strip_prefix("\"Revision\" : ")).unwrap();
    assert!(asked.terminal.text().contains(&format!("revision {revision}")), "{}", asked.terminal.text());
    // Somebody makes the key in between: it is not deleted without a question.
    asked.etcd.put("/nothing", "x");
    asked.asks("etcdctl del /nothing", "Type /nothing to let etcdctl delete 1 key");
    asked.terminal.press("/nothing\r").shows("ended=0");
    asked.asks("etcdctl del --rev 5 /x", "nothing was deleted");
    asked.terminal.shows("ended=4");
    asked.asks("etcdctl del --help | head -n 3", "ended=0");
    // The line's own endpoint has no cluster; etcdctl refuses a flag whose variable is set.
    asked.asks(
        "ETCDCTL_ENDPOINTS=127.0.0.1:1 etcdctl del / coredns",
        "Type / to let etcdctl delete an unknown number of keys",
    );
    let screen = asked.terminal.text();
    assert!(screen.contains("not known: nothing listens") && !screen.contains("0 keys"), "{screen}");
    asked.terminal.press("/\r").shows("Type unknown to delete them all the same");
    asked.terminal.settle(HAS_READ);
    asked.terminal.press("0\r").shows("ended=4");
    asked.asks("etcdctl --endpoints x:1 del / coredns", "is shadowed by --endpoints");
    asked.terminal.shows("ended=4");
    assert_eq!(asked.keys(), 5);
}

#[test]
fn keys_are_counted_where_the_line_goes_and_as_whom_and_no_password_is_shown() {
    let shell = shells()[0];
    let other = etcd::start();
    for number in 0..7 {
        other.put(&format!("/registry/pods/{number}"), "x");
    }
    other.enable_authentication();
    let mut asked = interactive(shell, |_| {});
    let line = format!(
        "unset ETCDCTL_ENDPOINTS; etcdctl --endpoints={} --user=root:root del --prefix /registry/",
        other.endpoint()
    );
    asked.asks(&line, "Type /registry/ to let etcdctl delete 7 keys");
    let explained = asked.terminal.text();
    assert!(explained.contains("--user=root:***"), "{explained}");
    asked.terminal.press("\x1b").shows("ended=4");
}

#[test]
fn without_a_terminal_nothing_is_deleted() {
    let etcd = etcd::start();
    etcd.put("/coredns/io/gcr/x1", "x");
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new("setsid");
    command.args([
        "--wait",
        env!("CARGO_BIN_EXE_coredeck"),
        "explain",
        "--ask",
        "--",
        "etcdctl",
        "del",
        "/coredns/io/gcr/x1",
    ]);
    command
        .env("HOME", home.path())
        .env("ETCDCTL_ENDPOINTS", etcd.endpoint())
        .env("COREDECK_COREFILE", "none");
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("no terminal to ask on") && said.contains("nothing was deleted"), "{said}");
}
