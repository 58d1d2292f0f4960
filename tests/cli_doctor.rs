//! Command `doctor`: its findings on real etcds and without any, in words and in JSON.
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
use etcd::Setup;
use pty::Terminal;
use serde_json::Value;
use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    time::{Duration, Instant},
};

/// Checks that are made if nothing is wrong with the settings and TLS files are given.
const ALL: &[&str] = &[
    "endpoints",
    "scope",
    "CA",
    "certificate",
    "key",
    "endpoint",
    "its cert",
    "clock",
    "cluster",
    "health",
    "release",
    "authentication",
    "credential",
    "power",
    "tenants",
    "records",
    "journal",
    "backups",
    "newest backup",
    "terminal",
];

/// Returns the checks of a run, each with its fields and no others.
fn checks(run: &Run) -> Vec<Value> {
    let Value::Array(checks) = serde_json::from_str(&run.out).unwrap() else { panic!("a list: {run:?}") };
    for check in &checks {
        // Only the check `records` has the field `known`.
        let is_known = |field: &&String| check["check"] == "records" && *field == "known";
        let fields: Vec<&String> =
            check.as_object().unwrap().keys().filter(|field| !is_known(field)).collect();
        assert_eq!(fields, ["check", "level", "value", "source", "remedy"]);
        let is_ok = check["level"] == "ok";
        assert!(is_ok || check["level"] == "warning" || check["level"] == "error", "{check}");
        assert_eq!(check["remedy"].is_null(), is_ok, "what is wrong has a remedy: {check}");
    }
    checks
}

fn of<'a>(checks: &'a [Value], name: &str) -> &'a Value {
    checks.iter().find(|check| check["check"] == name).unwrap_or_else(|| panic!("{name} in {checks:?}"))
}

fn showing(endpoint: &str, authority: &Authority, (cert, key): (&Path, &Path)) -> Home {
    let file = |path: &Path| path.display().to_string();
    Home::of(endpoint)
        .with("ETCDCTL_CACERT", &file(&authority.certificate()))
        .with("ETCDCTL_CERT", &file(cert))
        .with("ETCDCTL_KEY", &file(key))
}

#[test]
fn a_user_of_the_scope_alone_is_told_that_all_is_well_on_one_screen() {
    for binary in etcd::etcd_versions() {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::new("ours", dir.path());
        let private = Setup::default().binary(&binary).mutual_tls(&authority).start();
        private.enable_authentication();
        let (cert, key) = authority.client("dns");
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        let home = showing(&private.endpoint(), &authority, (&cert, &key));
        private.put("/coredns/io/gcr/x1", "{}");
        home.run(&["backup"]).ends_with(0);
        let run = home.run(&["doctor"]).ends_with(0);
        // Debian's etcd has faults that are known.
        let is_mended = !run.out.contains("is known for this");
        let sum = if is_mended { " checks, no warning, no error.\n" } else { "1 warning, no error.\n" };
        assert!(run.out.ends_with(sum), "{run:?}");
        // A terminal has three lines more than a pipe.
        assert!(run.out.lines().all(|line| line.chars().count() <= 80), "{run:?}");
        let all = checks(&home.run(&["doctor", "-o", "json"]).ends_with(0));
        let names: Vec<&str> = all.iter().map(|check| check["check"].as_str().unwrap()).collect();
        assert_eq!(names, ALL);
        assert!(all.iter().all(|check| check["level"] == "ok" || check["check"] == "release"), "{all:?}");
        let release = of(&all, "release");
        assert_eq!(release["level"] == "ok", is_mended, "{release}");
        assert!(of(&all, "its cert")["value"].as_str().unwrap().contains("127.0.0.1"));
        assert_eq!(of(&all, "clock")["value"], "the same as here");
        // This also holds if etcd tells only root its status (3.5.30 and later).
        let endpoint = of(&all, "endpoint")["value"].as_str().unwrap();
        assert!(endpoint.starts_with("etcd 3.") && endpoint.contains(", TLS, answers in "), "{endpoint}");
    }
}

#[test]
fn on_a_small_terminal_all_of_it_stays_on_the_screen() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new("ours", dir.path());
    let private = Setup::default().mutual_tls(&authority).start();
    private.put("/registry/pods/default/web", "theirs");
    private.put("/coredns/io/gcr/x1", "{}");
    let (cert, key) = authority.client("kube-etcd-healthcheck-client");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let home = showing(&private.endpoint(), &authority, (&cert, &key));
    home.run(&["backup"]).ends_with(0);
    let doctor = |columns, rows| {
        let mut command = pty::coredeck(home.path(), &["doctor"]);
        command.cwd("/");
        home.variables().iter().for_each(|(name, value)| command.env(name, value));
        let mut terminal = Terminal::start(command, columns, rows);
        terminal.shows("warnings, no error.");
        terminal.end();
        terminal.text()
    };
    let small = doctor(80, 24);
    assert!(small.starts_with("ok       endpoints") && small.contains("doctor | less shows all"), "{small}");
    for said in
        ["days left: CN=kube-etcd-healthcheck-client", " ms, TLS 7", "Kubernetes (1 key)", "-> coredeck rbac"]
    {
        assert!(small.contains(said), "{said}: {small}");
    }
    let large = doctor(140, 60);
    assert!(large.starts_with("ok       endpoints") && !large.contains("shows all"), "{large}");
    assert!(large.contains("the same as here"), "{large}");
}

#[test]
fn the_newest_backup_is_told_with_its_age_and_keys_and_an_empty_one_behind_it_is_an_error() {
    let private = etcd::start();
    private.put("/coredns/io/gcr/x1", "{}");
    let home = Home::of(&private.endpoint());
    let newest = |code| {
        let checks = checks(&home.run(&["doctor", "-o", "json"]).ends_with(code));
        let newest = of(&checks, "newest backup");
        (newest["level"].as_str().unwrap().to_owned(), newest["value"].as_str().unwrap().to_owned())
    };
    assert_eq!(newest(0), ("warning".to_owned(), "there is none of this cluster and scope".to_owned()));
    home.run(&["backup"]).ends_with(0);
    let (level, value) = newest(0);
    assert!(level == "ok" && value.starts_with("1 key, 0 min old, of 2"), "{level}: {value}");
    private.etcdctl(&["del", "/coredns/io/gcr/x1"]);
    home.run(&["backup"]).ends_with(6);
    let (level, value) = newest(6);
    assert!(level == "error" && value.contains("the newest one with any, of 2"), "{level}: {value}");
}

#[test]
fn an_open_etcd_with_kubernetes_in_it_is_a_warning_and_nothing_is_left_behind() {
    let private = etcd::start();
    private.put("/registry/pods/default/web", "theirs");
    private.put("/coredns/io/gcr/x1", "{}");
    let home = Home::of(&private.endpoint());
    let run = home.run(&["doctor"]).ends_with(0);
    assert!(run.out.contains("anyone can delete all 2 keys, Kubernetes' included"), "{run:?}");
    assert!(run.out.contains("-> coredeck rbac"), "{run:?}");
    assert!(!home.path().join("state").exists(), "looking left files");
}

#[test]
fn without_any_cluster_every_check_ends_and_no_secret_is_said() {
    // One endpoint takes connections and never answers; at the other one nothing listens.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let nothing = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoints = format!("{},{}", silent.local_addr().unwrap(), nothing.local_addr().unwrap());
    drop(nothing);
    let home = Home::of(&endpoints).with("ETCDCTL_USER", "root").with("ETCDCTL_PASSWORD", "hunter2");
    let began = Instant::now();
    let run = home.run(&["doctor", "-o", "json"]).ends_with(6);
    assert!(began.elapsed() < Duration::from_secs(60), "it hung");
    assert!(!run.out.contains("hunter2") && !run.err.contains("hunter2"));
    let all = checks(&run);
    let endpoints: Vec<&Value> = all.iter().filter(|check| check["check"] == "endpoint").collect();
    assert_eq!(endpoints.len(), 2);
    assert!(endpoints.iter().all(|check| check["level"] == "error"), "{endpoints:?}");
    assert!(endpoints.iter().any(|check| check["value"].as_str().unwrap().contains("nothing listens")));
    assert_eq!(of(&all, "power")["level"], "warning");
    assert_eq!(of(&all, "journal")["level"], "ok");
    let text = home.run(&["doctor"]).ends_with(6);
    let once = endpoints.iter().filter_map(|check| check["source"].as_str());
    for endpoint in once {
        // It is in the list of all checks, and at the place where it fails.
        assert_eq!(
            text.out.matches(endpoint).count(),
            2,
            "{endpoint} is said once more than it has to be: {text:?}"
        );
    }
}

#[test]
fn settings_that_cannot_be_read_are_a_check_like_any_other() {
    let home = Home::of("127.0.0.1:1").with("COREDECK_PREFIX", "/registry");
    let run = home.run(&["doctor", "-o", "json"]).ends_with(6);
    let all = checks(&run);
    assert_eq!(of(&all, "settings")["level"], "error");
    assert_eq!(of(&all, "journal")["level"], "ok");
    // So does a password that nobody can be asked for.
    let asked = Home::of("127.0.0.1:1").with("ETCDCTL_USER", "dns");
    assert_eq!(of(&checks(&asked.run(&["doctor", "-o", "json"]).ends_with(6)), "password")["level"], "error");
}

#[test]
fn each_certificate_that_etcd_would_not_take_is_an_error_at_its_own_line() {
    let dir = tempfile::tempdir().unwrap();
    let (authority, other) = (Authority::new("ours", dir.path()), Authority::new("other", dir.path()));
    let (good, expired) = (authority.client("dns"), authority.expired_client("dns"));
    let server = other.client("hostile\u{1b}[2J");
    let readable = |key: &Path, mode| fs::set_permissions(key, fs::Permissions::from_mode(mode)).unwrap();
    readable(&good.1, 0o644);
    readable(&expired.1, 0o600);
    for ((cert, key), name, level, says) in [
        ((&good.0, &good.1), "key", "warning", "everybody on this machine may use it"),
        ((&expired.0, &expired.1), "certificate", "error", "expired on 2020-02-01, "),
        ((&server.0, &server.1), "certificate", "warning", "not by the CA of --cacert"),
        ((&good.0, &expired.1), "key", "error", "does not fit"),
        ((&good.0, &dir.path().join("missing")), "key", "error", "cannot be read"),
        ((&server.0, &server.1), "certificate", "warning", "CN=hostile\\u{1b}[2J"),
    ] {
        let home = showing("https://127.0.0.1:1", &authority, (cert, key));
        let all = checks(&home.run(&["doctor", "-o", "json"]).ends_with(6));
        let check = of(&all, name);
        assert_eq!(check["level"], level, "{check}");
        assert!(check["value"].as_str().unwrap().contains(says), "{check}");
    }
}

/// Commands that ask etcd, each with the fewest arguments for that.
const ASKING: &[&[&str]] = &[
    &["tree"],
    &["get", "gcr.io"],
    &["search", "10.0.0.1"],
    &["set", "gcr.io", "--host", "10.0.0.1", "--confirm", "/coredns/io/gcr/x1"],
    &["rm", "gcr.io", "--confirm", "/coredns/io/gcr/x1"],
    &["answer", "gcr.io"],
    &["lint"],
    &["export"],
    &["history", "gcr.io"],
    &["backup"],
    &["snapshot", "--to", "HERE/all.snap"],
    &["rescue", "--at", "2", "--to", "HERE/all.jsonl.gz"],
    &["rbac"],
    &["status"],
    &["doctor"],
];

#[test]
fn every_command_says_what_is_wrong_with_a_client_certificate_and_none_says_otherwise() {
    for binary in etcd::etcd_versions() {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::new("ours", dir.path());
        let namesake = Authority::new("ours", &dir.path().join("namesake"));
        let private = Setup::default().binary(&binary).mutual_tls(&authority).start();
        for ((cert, key), says, others) in [
            (authority.expired_client("dns"), "expired on 2020-02-01, ", &["sign", "not for"][..]),
            (authority.future_client("dns"), "not valid before 2090-01-01", &["expired", "not for"]),
            (authority.no_client("dns"), "not for clients", &["expired", "another CA"]),
            (namesake.client("dns"), "another CA than that of --cacert", &["expired", "not for"]),
        ] {
            fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
            let home = showing(&private.endpoint(), &authority, (&cert, &key));
            for arguments in ASKING {
                let code = if arguments[0] == "doctor" { 6 } else { 3 };
                let here = dir.path().to_str().unwrap();
                let arguments: Vec<String> =
                    arguments.iter().map(|argument| argument.replace("HERE", here)).collect();
                let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                let run = home.run(&arguments).ends_with(code);
                let said = format!("{}{}", run.out, run.err).replace('\n', " ");
                let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(said.contains(says), "{arguments:?}: {run:?}");
                let about_it =
                    said.split(&[';', '\n'][..]).filter(|part| part.contains("ours ")).collect::<String>();
                for other in others {
                    assert!(!about_it.contains(other), "{arguments:?} says {other:?} as well: {run:?}");
                }
            }
        }
    }
}

#[test]
fn a_ca_file_without_a_ca_is_an_error_at_its_own_line() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new("ours", dir.path());
    let (cert, key) = authority.client("dns");
    let home = showing("https://127.0.0.1:1", &authority, (&authority.certificate(), &key))
        .with("ETCDCTL_CACERT", cert.to_str().unwrap());
    let all = checks(&home.run(&["doctor", "-o", "json"]).ends_with(6));
    let ca = of(&all, "CA");
    assert_eq!(ca["level"], "error", "{ca}");
    assert!(ca["remedy"].as_str().unwrap().starts_with("Exchange --cacert and --cert"), "{ca}");
}

#[test]
fn a_certificate_that_etcd_does_not_ask_for_is_no_error_where_it_answers() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new("ours", dir.path());
    let tls = etcd::TlsSetup {
        server: authority.server("server", &["127.0.0.1"]),
        clients: None,
        ca: authority.certificate(),
        client: None,
    };
    let private = Setup::default().tls(tls).start();
    let (cert, key) = authority.expired_client("dns");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let all = checks(&showing(&private.endpoint(), &authority, (&cert, &key)).run(&["doctor", "-o", "json"]));
    let own = of(&all, "certificate");
    assert_eq!(own["level"], "warning", "{own}");
    assert!(own["value"].as_str().unwrap().ends_with("etcd here answers all the same"), "{own}");
    assert_eq!(of(&all, "endpoint")["level"], "ok");
}

#[test]
fn endpoints_of_two_clusters_and_a_pin_that_does_not_hold_are_errors() {
    let (one, another) = (etcd::start(), etcd::start());
    let home = Home::of(&format!("{},{}", one.endpoint(), another.endpoint()));
    let all = checks(&home.run(&["doctor", "-o", "json"]).ends_with(6));
    assert!(of(&all, "cluster")["value"].as_str().unwrap().contains("different clusters"));
    let pinned = Home::of(&one.endpoint()).profiles("[profile.default]\ncluster_id = \"abc\"\n");
    let all = checks(&pinned.run(&["doctor", "-o", "json"]).ends_with(6));
    let cluster = of(&all, "cluster");
    assert!(cluster["value"].as_str().unwrap().contains("0000000000000abc is pinned"), "{cluster}");
}

#[test]
fn variables_of_etcdctl_that_decide_nothing_here_are_named_and_their_values_are_not() {
    let private = etcd::start();
    let home = Home::of(&private.endpoint()).with("ETCDCTL_API", "3").with("ETCDCTL_HEX", "true");
    let all = checks(&home.run(&["doctor", "-o", "json"]).ends_with(0));
    let variables = of(&all, "variables");
    assert_eq!(
        (&variables["level"], &variables["value"]),
        (&"ok".into(), &"not used: ETCDCTL_API, ETCDCTL_HEX".into())
    );
    let home = home.with("ETCDCTL_AUTH_JWT_TOKEN", "hunter2").with("ETCDCTL_DISCOVERY_SRV", "example.org");
    let run = home.run(&["doctor", "-o", "json"]).ends_with(0);
    let all = checks(&run);
    let variables = of(&all, "variables");
    assert_eq!(variables["level"], "warning");
    assert!(variables["value"].as_str().unwrap().contains("ETCDCTL_DISCOVERY_SRV"), "{variables}");
    assert!(!run.out.contains("hunter2"), "{run:?}");
}

#[test]
fn a_user_where_authentication_is_off_is_a_warning_and_stops_nothing() {
    for binary in etcd::etcd_versions() {
        let private = Setup::default().binary(&binary).start();
        let home = Home::of(&private.endpoint()).with("ETCDCTL_USER", "dns").with("ETCDCTL_PASSWORD", "dns");
        let set = ["set", "gcr.io", "--host", "10.0.0.1", "--confirm", "/coredns/io/gcr/x1"];
        home.run(&set)
            .ends_with(0)
            .says("authentication is off in this etcd, so the user dns (ETCDCTL_USER) is not used");
        let all = checks(&home.run(&["doctor", "-o", "json"]).ends_with(0));
        let authentication = of(&all, "authentication");
        assert_eq!(authentication["level"], "warning");
        assert!(
            authentication["value"].as_str().unwrap().ends_with("the user dns is not used"),
            "{authentication}"
        );
        home.run(&["status"]).ends_with(0);
    }
}

#[test]
fn the_demo_has_nothing_to_be_asked() {
    let home = Home::new();
    let all = checks(&home.run(&["--demo", "doctor", "-o", "json"]).ends_with(0));
    assert!(of(&all, "endpoint")["value"].as_str().unwrap().contains("in memory"));
}
