//! Lines for etcdctl, into the deck and out of it: the real binary in a real terminal, a real etcd, the real etcdctl.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken fixture stops its test"
)]
#![allow(clippy::disallowed_types, reason = "the other client is no part of the program")]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/etcd.rs"]
mod etcd;
#[path = "support/pty.rs"]
mod pty;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use certificates::Authority;
use coredeck::keys::spelling::spell;
use etcd::{PrivateEtcd, Setup};
use pty::{Terminal, coredeck};
use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{Duration, Instant},
};

const ENTER: &str = "\r";

/// Returns a paste as a terminal sends it that marks pastes.
fn pasted(text: &str) -> String {
    format!("\x1b[200~{}\x1b[201~", text.replace('\n', "\r"))
}

fn put(etcd: &PrivateEtcd, endpoint: &str, keys: &[Vec<u8>]) {
    etcd.with_client(endpoint, |client| async move {
        for some in keys.chunks(100) {
            let put = |key: &Vec<u8>| etcd_client::TxnOp::put(key.clone(), value_of(key), None);
            let puts: Vec<_> = some.iter().map(put).collect();
            client.kv_client().txn(etcd_client::Txn::new().and_then(puts)).await.unwrap();
        }
    })
    .unwrap();
}

fn value_of(key: &[u8]) -> Vec<u8> {
    format!(r#"{{"text":"value of {} bytes"}}"#, key.len()).into_bytes()
}

/// The line of the accident, pasted as it stood in the shell: the deck shows its effect on a cluster like the one
/// that it was run on, and nothing is done.
#[test]
fn the_accidents_line_is_explained_with_its_numbers_and_deletes_nothing() {
    let server = etcd::start();
    let mut keys: Vec<Vec<u8>> =
        (0..366).map(|number| format!("/registry/pods/default/pod-{number:03}").into_bytes()).collect();
    keys.extend(["/coredns/io/gcr/x1", "/coredns/io/gcr/x2"].map(|key| key.as_bytes().to_vec()));
    put(&server, &server.unrecorded_endpoint(), &keys);
    let all = ["get", "--prefix", ""];
    let before = server.etcdctl(&all);
    let home = tempfile::tempdir().unwrap();
    let endpoint = server.endpoint();
    let mut deck = Terminal::start(coredeck(home.path(), &["--endpoints", &endpoint]), 80, 24);
    deck.not_now().shows("live").press(":").shows("Command");
    deck.press(&pasted(&format!(
        "sudo ETCDCTL_API=3 etcdctl \\\n  --endpoints={endpoint} \\\n  del / coredns\n"
    )));
    deck.shows("it is not run").press_until(ENTER, "This etcdctl line was not run");
    deck.shows("DANGEROUS: deletes every key from / up to coredns: 368 keys, 366 of them");
    deck.shows("366  /registry/  Kubernetes").shows("2  /coredns/");
    deck.shows("You probably meant: delete the 2 keys under /coredns/");
    deck.press_until(ENTER, "? help").hides("was not run");
    assert_eq!(server.etcdctl(&all), before, "every key with its value");
}

/// The same paste from a terminal that does not mark it: its line ends are no presses of Enter.
#[test]
fn a_paste_that_no_terminal_marks_is_explained_whole() {
    let server = etcd::start();
    server.put("/coredns/io/gcr/x1", "{}");
    let home = tempfile::tempdir().unwrap();
    let mut deck = Terminal::start(coredeck(home.path(), &["--endpoints", &server.endpoint()]), 80, 24);
    deck.not_now().shows("live").press(":").shows("Command");
    deck.press("etcdctl \\\r  del \\\r  / coredns\r").shows("/ coredns");
    deck.press_until(ENTER, "deletes every key from / up to coredns: 1 key");
}

/// A login that may see nothing beside the scope may not count it either.
#[test]
fn where_nothing_may_be_counted_the_line_is_explained_all_the_same() {
    let server = etcd::start();
    server.put("/coredns/io/gcr/x1", "{}");
    server.enable_authentication();
    let home = tempfile::tempdir().unwrap();
    let mut command = coredeck(home.path(), &["--endpoints", &server.endpoint(), "--user", "dns"]);
    command.env("ETCDCTL_PASSWORD", "dns");
    let mut deck = Terminal::start(command, 80, 24);
    deck.not_now().shows("live").press(":").shows("Command").press(&pasted("etcdctl del / coredns"));
    deck.shows("it is not run").press_until(ENTER, "may not count there").shows("Kubernetes");
    deck.press_until("\x1b", "? help").hides("may not count");
}

/// A put and a del are pasted from a runbook: the deck shows the form or the dialog, and then the line's own meaning.
#[test]
fn a_pasted_put_and_a_pasted_del_are_done_in_this_programs_way() {
    let server = etcd::start();
    server.put("/coredns/io/gcr/x1", r#"{"host":"10.0.0.1"}"#);
    server.put("/coredns/io/quay/x1", r#"{"host":"10.0.0.9"}"#);
    let home = tempfile::tempdir().unwrap();
    let mut deck = Terminal::start(coredeck(home.path(), &["--endpoints", &server.endpoint()]), 100, 30);
    deck.not_now().shows("live").press(":").shows("Command");
    deck.press(&pasted(
        "ETCDCTL_API=3 etcdctl put /coredns/io/gcr/x2 '{\"host\":\"10.0.0.2\",\"team\":\"a\"}'\n",
    ));
    deck.shows("it is not run").press_until(ENTER, "the etcdctl line was not run").shows("10.0.0.2");
    assert_eq!(
        server.etcdctl(&["get", "/coredns/io/gcr/x2"]),
        "",
        "nothing is written before it is agreed to"
    );
    deck.press(ENTER).shows("save").press_until("y", "saved /coredns/io/gcr/x2");
    let value = server.etcdctl(&["get", "--print-value-only", "/coredns/io/gcr/x2"]);
    assert_eq!(value.trim(), r#"{"host":"10.0.0.2","team":"a"}"#);
    // The key itself is not there, and two records lie below it.
    deck.press(":").shows("Command").press(&pasted("etcdctl del /coredns/io/gcr"));
    deck.shows("it is not run").press_until(ENTER, "2 keys will be deleted");
    deck.press("/coredns/io/gcr/").shows("matches").press_until(ENTER, "2 keys deleted");
    assert_eq!(
        server.etcdctl(&["get", "--prefix", "--keys-only", "/coredns/"]).trim(),
        "/coredns/io/quay/x1"
    );
}

/// Returns everything that was sent to the terminal's clipboard, in its order.
fn copies(deck: &Terminal) -> Vec<Vec<u8>> {
    const BEGIN: &[u8] = b"\x1b]52;c;";
    let mut found = Vec::new();
    let mut rest = deck.sent.as_slice();
    while let Some(at) = rest.windows(BEGIN.len()).position(|piece| piece == BEGIN) {
        rest = &rest[at + BEGIN.len()..];
        let end = rest.iter().position(|byte| matches!(byte, 0x07 | 0x1b)).unwrap_or(rest.len());
        found.push(STANDARD.decode(&rest[..end]).unwrap());
    }
    found
}

/// Presses `y` until this many texts were copied, and returns the last one.
fn copy(deck: &mut Terminal, number: usize) -> String {
    deck.press("y");
    let until = Instant::now() + Duration::from_secs(120);
    while copies(deck).len() < number {
        assert!(Instant::now() < until, "nothing was copied:\n{}", deck.text());
        deck.settle(Duration::from_millis(50));
    }
    String::from_utf8(copies(deck).pop().unwrap()).unwrap()
}

/// Runs a line as a person who pastes it, with these variables set.
fn bash(line: &str, tool: &Path, variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new("bash");
    command.args(["--norc", "--noprofile", "-c", line]).env_clear();
    let tools = tool.parent().filter(|at| at.components().count() > 0).map(Path::to_owned);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places: Vec<PathBuf> = tools.into_iter().chain(std::env::split_paths(&path)).collect();
    command.env("PATH", std::env::join_paths(places).unwrap()).envs(variables.iter().copied());
    command.output().unwrap()
}

/// Keys that a shell would change, or that no terminal can paste.
const KEYS: &[&[u8]] = &[
    b"/coredns/io/gcr/x1",
    b"/coredns/io/it's \"quoted\"/x1",
    b"/coredns/io/$HOME `id` $(id)/x1",
    b"/coredns/io/back\\slash/x1",
    b"/coredns/io/line\nbreak\ttab\x1b[31m/x1",
    b"/coredns/io/\xff\xfe1/x1",
    "/coredns/io/gr\u{fc}n \u{202e}/x1".as_bytes(),
    b"/coredns/io/--prefix/*?~ #!/x1",
];

#[test]
fn the_copied_line_prints_exactly_the_key_on_every_etcd() {
    for version in etcd::etcd_versions() {
        let files = tempfile::tempdir().unwrap();
        let authority = Authority::new("ca", files.path());
        let server = Setup::default().binary(&version).mutual_tls(&authority).start();
        let keys: Vec<Vec<u8>> = KEYS.iter().map(|key| key.to_vec()).collect();
        put(&server, &server.unrecorded_endpoint(), &keys);
        // A prefix without its slash would print these neighbours as well.
        put(
            &server,
            &server.unrecorded_endpoint(),
            &[b"/coredns/io/gcr/x12".to_vec(), b"/coredns/io/gcr2/x1".to_vec()],
        );
        let (certificate, key) = authority.client("root");
        let authority = authority.certificate();
        for (number, name) in KEYS.iter().enumerate() {
            let home = tempfile::tempdir().unwrap();
            let endpoint = server.unrecorded_endpoint();
            let [cacert, cert, key] = [&authority, &certificate, &key].map(|path| path.to_str().unwrap());
            let spelled = spell(name);
            let arguments =
                ["--endpoints", &endpoint, "--cacert", cacert, "--key", key, "--read-only", &spelled];
            let mut command = coredeck(home.path(), &arguments);
            command.env("ETCDCTL_CERT", cert);
            let mut deck = Terminal::start(command, 140, 40);
            deck.not_now().shows("live").shows("x1");
            assert_eq!(copy(&mut deck, 1), spelled);
            deck.shows("y again");
            let line = copy(&mut deck, 2);
            assert!(!line.contains("PRIVATE"), "{line}");
            // The line is pasted in the shell where the deck was started, and in one without that variable.
            for variables in [&[("ETCDCTL_CERT", cert)][..], &[]] {
                let output = bash(&line, &server.tool(), variables);
                let expected = [*name, b"\n", &value_of(name), b"\n"].concat();
                assert_eq!(output.stdout, expected, "{line}: {output:?}");
            }
            if number > 0 {
                continue;
            }
            // In the tree the key stands for the name: all keys below it, and no neighbour.
            deck.press("\x1b").settle(Duration::from_millis(300));
            assert_eq!(copy(&mut deck, 3), "/coredns/io/gcr");
            let line = copy(&mut deck, 4);
            let output = bash(&format!("{line} | grep -v value"), &server.tool(), &[]);
            assert_eq!(output.stdout, b"/coredns/io/gcr/x1\n/coredns/io/gcr/x12\n", "{line}: {output:?}");
        }
    }
}

#[test]
fn from_a_history_the_copied_line_prints_the_version_that_was() {
    let server = etcd::start();
    for value in ["first", "second"] {
        server.put("/coredns/io/gcr/x1", &format!(r#"{{"text":"{value}"}}"#));
    }
    let home = tempfile::tempdir().unwrap();
    let arguments = ["--endpoints", &server.endpoint(), "/coredns/io/gcr/x1"];
    let mut deck = Terminal::start(coredeck(home.path(), &arguments), 140, 40);
    deck.not_now().shows("live").press("H").shows("first").press("j");
    assert_eq!(copy(&mut deck, 1), "/coredns/io/gcr/x1");
    let line = copy(&mut deck, 2);
    let output = bash(&line, &server.tool(), &[]);
    assert_eq!(output.stdout, b"/coredns/io/gcr/x1\n{\"text\":\"first\"}\n", "{line}: {output:?}");
}
