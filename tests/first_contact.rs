//! First contact with silent members: the messages meanwhile, a limited time, and Ctrl-C, which ends it at once. In a
//! real terminal, in a pipe, and with a resolver that never answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a broken fixture stops its test")]
#![allow(clippy::disallowed_types, reason = "the other client is no part of the program")]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/cli.rs"]
mod cli;
#[path = "support/etcd.rs"]
mod etcd;
#[path = "support/pty.rs"]
mod pty;

use certificates::Authority;
use cli::Home;
use pty::{Terminal, coredeck};
use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};
use tempfile::TempDir;

const CTRL_C: &str = "\x03";
/// Far less than the system's own limits: a resolver that hangs never ends, a connection after about 2 minutes.
const IN_TIME: Duration = Duration::from_secs(60);
/// Limit of the program that a person does not wait for.
const LONG_DIAL: &str = "10m";

/// Server that accepts connections and never sends anything.
struct Silent(TcpListener);

impl Silent {
    fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    fn endpoint(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.0.local_addr().unwrap())
    }
}

/// Makes an authority, for the settings of TLS.
fn authority() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let file = Authority::new("etcd-ca", directory.path()).certificate();
    (directory, file)
}

fn nobody() -> String {
    Silent::new().endpoint("http")
}

/// Makes a library that replaces the resolver, and never returns.
fn hanging_resolver(directory: &Path) -> String {
    let (source, library) = (directory.join("resolver.c"), directory.join("resolver.so"));
    fs::write(&source, "#include <unistd.h>\nint getaddrinfo(void) { for (;;) pause(); }\n").unwrap();
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-fno-builtin", "-o"])
        .args([&library, &source])
        .status()
        .unwrap();
    assert!(built.success());
    library.display().to_string()
}

#[test]
fn a_silent_member_is_on_the_screen_until_the_next_member_opens_the_deck() {
    let (home, silent, private) = (tempfile::tempdir().unwrap(), Silent::new(), etcd::start());
    let endpoints = format!("{},{}", silent.endpoint("http"), private.endpoint());
    let mut deck = Terminal::start(coredeck(home.path(), &["--endpoints", &endpoints]), 80, 24);
    deck.shows("Connecting to etcd").shows(&format!("{}: waiting for an answer", silent.endpoint("http")));
    deck.shows(&format!("{}: not asked yet", private.endpoint()));
    deck.not_now().shows("live");
    deck.press("q");
    assert!(deck.end().success());
    deck.is_given_back();
}

#[test]
fn each_kind_of_silence_ends_in_time_and_is_named_beside_the_others() {
    let (home, (_directory, ca)) = (tempfile::tempdir().unwrap(), authority());
    let (handshake, name, nobody) = (Silent::new(), "https://etcd.invalid:2379", nobody());
    let nobody = nobody.replace("http", "https");
    let endpoints = format!("{},{name},{nobody}", handshake.endpoint("https"));
    let mut command =
        coredeck(home.path(), &["--endpoints", &endpoints, "--cacert", &ca.display().to_string()]);
    command.env("LD_PRELOAD", hanging_resolver(home.path()));
    let began = Instant::now();
    let mut deck = Terminal::start(command, 80, 24);
    deck.shows(&format!("{}: waiting for an answer", handshake.endpoint("https")));
    // On a busy machine the limit of the whole attempt may come first.
    let is_over = |screen: &str| {
        screen.contains("did not accept a connection") || screen.contains("did not answer within")
    };
    deck.wait("the end of the first", is_over).shows(&format!("{name}: waiting for an answer"));
    assert_eq!(deck.end().exit_code(), 3);
    assert!(began.elapsed() < IN_TIME, "{:?}", began.elapsed());
    deck.is_given_back();
    let said = deck.text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("none of 3 endpoints can be used"), "{said}");
    for endpoint in [&handshake.endpoint("https"), name, &nobody] {
        assert!(said.contains(endpoint), "{endpoint} is not in: {said}");
    }
    assert!(
        said.contains(&format!("nothing listens at {nobody}")) && said.contains("--dial-timeout"),
        "{said}"
    );
}

#[test]
fn ctrl_c_stops_a_first_contact_at_once_and_gives_the_terminal_back() {
    let (home, silent) = (tempfile::tempdir().unwrap(), Silent::new());
    let endpoint = silent.endpoint("http");
    let connect = || {
        let command = coredeck(home.path(), &["--endpoints", &endpoint, "--dial-timeout", LONG_DIAL]);
        Terminal::start(command, 80, 24)
    };
    let mut deck = connect();
    deck.shows("waiting for an answer").shows("Ctrl-C stop");
    deck.wait("a count of seconds", |screen| {
        (2..60).any(|seconds| screen.contains(&format!("for {seconds} s")))
    });
    deck.press(CTRL_C);
    assert_eq!(deck.end().exit_code(), 3);
    deck.is_given_back();
    deck.shows("stopped before an etcd had answered");
    let mut deck = connect();
    deck.shows("waiting for an answer").signal("TERM");
    assert_eq!(deck.end().signal(), Some("Terminated"));
    deck.is_given_back();
}

#[test]
fn a_first_contact_that_is_stopped_before_its_screen_ends_as_it_does_behind_it() {
    let (home, silent) = (tempfile::tempdir().unwrap(), Silent::new());
    let command =
        coredeck(home.path(), &["--endpoints", &silent.endpoint("http"), "--dial-timeout", LONG_DIAL]);
    let mut deck = Terminal::start(command, 80, 24);
    let _connection = silent.0.accept().unwrap();
    deck.press(CTRL_C);
    assert_eq!(deck.end().exit_code(), 3);
    deck.shows("stopped before an etcd had answered");
    assert!(!deck.text().contains("Connecting to etcd"), "{}", deck.text());
}

#[test]
fn a_command_on_a_terminal_says_whom_it_waits_for_and_ctrl_c_stops_it_at_once() {
    let (home, first, second) = (tempfile::tempdir().unwrap(), Silent::new(), Silent::new());
    let endpoints = format!("{},{}", first.endpoint("http"), second.endpoint("http"));
    let mut terminal =
        Terminal::start(coredeck(home.path(), &["--endpoints", &endpoints, "get", "gcr.io"]), 100, 24);
    let line = |silent: &Silent, number: u8| {
        format!("connecting to {} ({number} of 2); Ctrl-C stops", silent.endpoint("http"))
    };
    terminal.shows(&line(&first, 1)).shows(&line(&second, 2)).press(CTRL_C);
    assert!(!terminal.end().success());
    assert!(!terminal.text().contains("can be used"), "it waited for both: {}", terminal.text());
}

#[test]
fn in_a_pipe_nothing_is_said_before_it_is_over_and_then_of_each_endpoint() {
    let (home, silent, nobody) = (Home::new(), Silent::new(), nobody());
    let endpoints = format!("{},{nobody}", silent.endpoint("http"));
    let run = home.run(&["--endpoints", &endpoints, "get", "gcr.io"]).ends_with(3);
    assert!(!run.err.contains("connecting"), "{}", run.err);
    let run = run.says(&format!("{} did not answer within 2500 ms", silent.endpoint("http")));
    run.says(&format!("nothing listens at {nobody}"));
    // A single endpoint is not counted.
    let run = home.run(&["--endpoints", &nobody, "get", "gcr.io"]).ends_with(3);
    assert!(run.err.starts_with(&format!("coredeck: nothing listens at {nobody}")), "{}", run.err);
}
