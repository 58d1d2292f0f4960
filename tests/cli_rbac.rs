//! Lines of `rbac`, run by a shell as they are printed: they grant exactly the scope, on every etcd that is here.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/cli.rs"]
mod cli;
#[path = "support/etcd.rs"]
mod etcd;
#[path = "support/pty.rs"]
mod pty;

use certificates::Authority;
use cli::{Home, Run};
use etcd::{PrivateEtcd, Setup};
use pty::Terminal;
use std::{
    ffi::OsString,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Output, Stdio},
};

const KEY: &str = "/coredns/io/gcr/x1";
const OTHERS: &str = "/registry/pods/default/web";
/// Password of the user that is made.
const SECRET: &str = "a secret, with 'quotes'";

fn filled(private: &PrivateEtcd) {
    private.put(KEY, r#"{"host":"10.0.0.1"}"#);
    private.put(OTHERS, "theirs");
    private.put("/coredns", "theirs");
}

/// Returns a search path on which this etcd's own etcdctl is the first.
fn path(private: &PrivateEtcd) -> OsString {
    let mut path = OsString::new();
    if let Some(directory) = private.tool().parent().filter(|directory| !directory.as_os_str().is_empty()) {
        path.push(directory);
        path.push(":");
    }
    path.push(std::env::var_os("PATH").unwrap());
    path
}

/// Makes a home with these certificates in the environment, as etcdctl's users have them.
fn showing(private: &PrivateEtcd, authority: &Authority, common_name: &str) -> Home {
    let (cert, key) = authority.client(common_name);
    let file = |path: &Path| path.display().to_string();
    Home::of(&private.unrecorded_endpoint())
        .with("ETCDCTL_CACERT", &file(&authority.certificate()))
        .with("ETCDCTL_CERT", &file(&cert))
        .with("ETCDCTL_KEY", &file(&key))
}

fn with_password(private: &PrivateEtcd, user: &str, password: &str) -> Home {
    Home::of(&private.unrecorded_endpoint()).with("ETCDCTL_USER", user).with("ETCDCTL_PASSWORD", password)
}

/// Returns `etcdctl` with the login of this home.
fn etcdctl(private: &PrivateEtcd, home: &Home, arguments: &[&str]) -> Command {
    let mut command = Command::new(private.tool());
    home.prepare(&mut command);
    command.args(arguments);
    command
}

fn run(mut command: Command) -> Output {
    command.output().unwrap()
}

fn is_denied(output: &Output) -> bool {
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    !output.status.success() && String::from_utf8_lossy(&said).contains("permission denied")
}

/// Checks that this login can do everything in the scope and nothing beside it, and that `doctor` says so.
fn is_exactly_the_scope(private: &PrivateEtcd, home: &Home, version: &str) {
    for inside in [
        &["get", "--prefix", "/coredns/"][..],
        &["put", "/coredns/io/quay/x1", "{}"],
        &["del", "/coredns/io/quay/x1"],
    ] {
        assert!(run(etcdctl(private, home, inside)).status.success(), "{version}: {inside:?}");
    }
    for outside in [
        &["get", OTHERS][..],
        &["get", "--prefix", ""],
        &["put", OTHERS, "mine"],
        &["put", "/coredns", "mine"],
        &["put", "/coredns0", "mine"],
        &["del", OTHERS],
        &["del", "/", "coredns"],
        &["del", "--prefix", "/coredns"],
        &["del", "--from-key", "/coredns/"],
        &["user", "add", "another:user"],
        &["role", "grant-permission", "dns", "--prefix=true", "readwrite", "/"],
        &["auth", "disable"],
    ] {
        let output = run(etcdctl(private, home, outside));
        assert!(is_denied(&output), "{version}: {outside:?}: {output:?}");
    }
    for txn in
        [format!("\nput {OTHERS} mine\n\n\n"), format!("mod(\"{OTHERS}\") > \"0\"\n\nput {KEY} {{}}\n\n\n")]
    {
        let mut command = etcdctl(private, home, &["txn"]);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), txn.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(is_denied(&output), "{version}: {txn:?}: {output:?}");
    }
    let lease = run(etcdctl(private, home, &["lease", "grant", "100"]));
    let lease = String::from_utf8(lease.stdout).unwrap().split(' ').nth(1).unwrap().to_owned();
    assert!(
        run(etcdctl(private, home, &["put", "--lease", &lease, "/coredns/leased", "{}"])).status.success()
    );
    assert!(
        is_denied(&run(etcdctl(private, home, &["put", "--lease", &lease, OTHERS, "mine"]))),
        "{version}"
    );
    assert!(run(etcdctl(private, home, &["lease", "revoke", &lease])).status.success());
    watch_is_denied(private, home, version);

    reads_writes_and_takes_back(home);

    let doctor = home.run(&["doctor"]).ends_with(0);
    let said = doctor.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("reads and writes /coredns/* and nothing else"), "{version}: {doctor:?}");
    assert!(said.contains("authentication on") && !said.contains("warning power"), "{version}: {doctor:?}");
    assert!(!doctor.out.contains(SECRET), "{doctor:?}");
}

/// Checks that the work of this program is possible under this login.
fn reads_writes_and_takes_back(home: &Home) {
    home.run(&["get", "gcr.io"]).ends_with(0);
    home.run(&["set", "gcr.io", "--host", "10.0.0.2", "--confirm", "/coredns/io/gcr/x2"]).ends_with(0);
    home.run(&["rm", KEY, "--confirm", KEY]).ends_with(0);
    assert_eq!(home.run(&["get", KEY]).code, 1);
    let log = home.run(&["log", "-o", "json"]).ends_with(0).json();
    let id = log.last().unwrap()["id"].as_str().unwrap();
    home.run(&["undo", id, "--confirm", KEY]).ends_with(0);
    let back = home.run(&["get", KEY, "-o", "json"]).ends_with(0).json();
    assert_eq!(back.first().unwrap()["value"]["host"], "10.0.0.1");
}

/// Checks that a watch is denied. etcdctl goes on waiting after that, so its output is read until it says so.
fn watch_is_denied(private: &PrivateEtcd, home: &Home, version: &str) {
    let mut command = etcdctl(private, home, &["watch", OTHERS]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let denied = lines.map_while(Result::ok).any(|line| line.contains("permission denied"));
    let _ = child.kill();
    let _ = child.wait();
    assert!(denied, "{version}");
}

#[test]
fn the_lines_for_a_certificate_give_exactly_the_scope() {
    for binary in etcd::etcd_versions() {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::new("ours", dir.path());
        let private = Setup::default().binary(&binary).mutual_tls(&authority).start();
        filled(&private);
        let version = binary.display().to_string();
        let root = showing(&private, &authority, "root");
        let printed =
            root.run(&["rbac", "dns", "--role", "records"]).ends_with(0).says("Kubernetes runs on this etcd");
        assert!(!printed.out.contains("auth enable"), "{printed:?}");
        assert!(printed.err.lines().count() > 2, "{printed:?}");
        let comment = printed.err.lines().all(|line| line.starts_with("# "));
        assert!(
            comment,
            "what is said beside the lines is a comment for whoever pastes all of it: {printed:?}"
        );
        let shell = Run::of({
            let mut shell = Command::new("bash");
            root.prepare(&mut shell);
            shell.env_clear().env("PATH", path(&private)).args(["-euc", &printed.out]);
            shell
        })
        .ends_with(0);
        assert!(shell.out.contains("Role records is granted to user dns"), "{version}: {shell:?}");
        root.run(&["rbac", "dns", "--role", "records"]).ends_with(0).says("There is nothing to do");
        private.etcdctl(&["role", "add", "wide"]);
        private.etcdctl(&["role", "grant-permission", "wide", "--prefix=true", "readwrite", "/"]);
        root.run(&["rbac", "dns", "--role", "wide"]).ends_with(2).says("grants something else");
        root.run(&["rbac", "dns", "--role", "new"]).ends_with(2).says("has another role");

        // Before it is turned on, doctor says that nothing is limited.
        let dns = showing(&private, &authority, "dns");
        let open = dns.run(&["doctor"]).ends_with(0);
        assert!(open.out.contains("warning  authentication  off"), "{version}: {open:?}");
        private.etcdctl(&["user", "add", "root:root"]);
        let _ = private.try_etcdctl(&["role", "add", "root"]);
        private.etcdctl(&["user", "grant-role", "root", "root"]);
        private.etcdctl(&["auth", "enable"]);
        is_exactly_the_scope(&private, &dns, &version);
        // Another certificate of the same authority has no rights now.
        let stranger = showing(&private, &authority, "stranger");
        stranger.run(&["get", "gcr.io"]).ends_with(3);
        // A login that may read nothing is also told that it is another cluster than the pinned one.
        let elsewhere = showing(&private, &authority, "stranger")
            .profiles("[profile.default]\ncluster_id = \"abc\"\n")
            .run(&["rbac", "dns"])
            .ends_with(4)
            .says("0000000000000abc");
        assert_eq!(elsewhere.out, "");
        let doctor = stranger.run(&["doctor"]).ends_with(6);
        let said = doctor.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("it has no role"), "{version}: {doctor:?}");
        assert_eq!(private.etcdctl(&["get", "--print-value-only", OTHERS]).trim(), "theirs");
    }
}

/// Pastes the lines into a shell on a terminal, in one unmarked piece, and answers etcdctl's questions.
fn pasted(private: &PrivateEtcd, lines: &str) {
    let home = tempfile::tempdir().unwrap();
    let mut shell = pty::shell(home.path());
    shell.env("PATH", path(private));
    let mut terminal = Terminal::start(shell, 160, 40);
    terminal.shows("shell$").press(&format!("{}; echo ENDED $?\r", lines.trim_end().replace('\n', "\r")));
    let questions = |screen: &str| screen.matches("assword").count();
    let mut answered = 0;
    while !terminal.text().contains("ENDED 0") {
        terminal.wait("a question or a good end", |screen| {
            screen.contains("ENDED 0") || questions(screen) > answered
        });
        let screen = terminal.text();
        if questions(&screen) > answered {
            answered += 1;
            let (_, question) = screen.rsplit_once("assword").unwrap();
            let secret = if question.starts_with(':') { "root" } else { SECRET };
            terminal.press(&format!("{secret}\r"));
        }
    }
}

#[test]
fn the_lines_for_a_password_give_exactly_the_scope_where_authentication_is_on() {
    for binary in etcd::etcd_versions() {
        let private = Setup::default().binary(&binary).start();
        filled(&private);
        let version = binary.display().to_string();
        private.etcdctl(&["user", "add", "root:root"]);
        let _ = private.try_etcdctl(&["role", "add", "root"]);
        private.etcdctl(&["user", "grant-role", "root", "root"]);
        private.etcdctl(&["auth", "enable"]);
        let root = with_password(&private, "root", "root");
        let printed = root.run(&["rbac", "dns"]).ends_with(0);
        assert!(printed.out.contains("etcdctl --user root user add dns &&\n"), "{printed:?}");
        assert!(!printed.err.contains("turned on") && !printed.out.contains("root:root"), "{printed:?}");
        pasted(&private, &printed.out);

        let dns = with_password(&private, "dns", SECRET);
        let denied = run(etcdctl(&private, &dns, &["get", OTHERS]));
        assert!(is_denied(&denied), "{version}: {denied:?}");
        let doctor = dns.run(&["doctor", "-o", "json"]).ends_with(0);
        let checks: serde_json::Value = serde_json::from_str(&doctor.out).unwrap();
        let of = |name: &str| checks.as_array().unwrap().iter().find(|check| check["check"] == name).unwrap();
        assert_eq!(
            of("power")["value"],
            "reads and writes /coredns/* and nothing else (by dns)",
            "{version}"
        );
        assert_eq!((&of("power")["level"], &of("power")["remedy"]), (&"ok".into(), &serde_json::Value::Null));
        assert_eq!(of("credential")["value"], "the user dns, by password");
        reads_writes_and_takes_back(&dns);
    }
}

#[test]
fn the_lines_are_one_object_in_json_and_a_name_that_etcdctl_would_misread_is_refused() {
    let private = etcd::start();
    let home = Home::of(&private.unrecorded_endpoint());
    let run = home.run(&["rbac", "it's dns", "-o", "json"]).ends_with(0);
    let [object] = &run.json()[..] else { panic!("one object: {run:?}") };
    assert_eq!(object["authentication"], false);
    assert_eq!(object["login"], "password");
    let lines: Vec<&str> =
        object["lines"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    assert_eq!(lines[1], r"etcdctl role add 'it'\''s dns'");
    assert!(object["warnings"].as_array().unwrap().len() > 2);
    for name in ["", "root", "a:b", "--name", "a\nb"] {
        home.run(&["rbac", "--", name]).ends_with(2);
    }
}
