//! Finding of a connection without arguments: machines as each installer makes them, a real etcd with TLS, and a user
//! who may read its keys or not.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken fixture stops its test"
)]
#![allow(clippy::disallowed_types, reason = "the other client is no part of the program")]
#![allow(unreachable_pub, missing_debug_implementations, reason = "nobody stands outside a test")]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/cli.rs"]
mod cli;
#[path = "support/etcd.rs"]
mod etcd;

use certificates::Authority;
use cli::{BINARY, Home, Run};
use etcd::PrivateEtcd;
use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// User id of nobody on every system.
const NOBODY: u32 = 65_534;

/// Machine with an etcd that accepts each certificate of its authority.
struct Machine {
    home: Home,
    etcd: PrivateEtcd,
    authority: Authority,
    root: TempDir,
}

impl Machine {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let authority = Authority::new("etcd", &root.path().join("signed"));
        let etcd = etcd::Setup::default().mutual_tls(&authority).start();
        let home = Home::new()
            .without("COREDECK_COREFILE")
            .with("COREDECK_TEST_ROOT", root.path().to_str().unwrap());
        Self { home, etcd, authority, root }
    }

    fn at(&self, path: &str) -> PathBuf {
        let path = self.root.path().join(path.trim_start_matches('/'));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.at(path), text).unwrap();
    }

    /// Puts the pair there, the key for its owner alone, as installers do.
    fn credential(&self, name: &str, cert: &str, key: &str) {
        let (from_cert, from_key) = self.authority.client(name);
        fs::copy(from_cert, self.at(cert)).unwrap();
        fs::copy(from_key, self.at(key)).unwrap();
        mode(&self.at(key), 0o600);
    }

    fn ca(&self, path: &str) {
        fs::copy(self.authority.certificate(), self.at(path)).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Run {
        self.home.run(arguments)
    }

    /// Runs the program as a user who owns nothing here.
    fn run_as_nobody(&self, arguments: &[&str]) -> Run {
        let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
        assert!(is_root, "only root can become somebody else: run this test as root");
        let binary = self.home.path().join("coredeck");
        // Another process copies it: a file that any process still has open for writing cannot be run, and a child
        // that another test starts at that moment may inherit the open files of this process.
        if !binary.exists() {
            assert!(Command::new("cp").args([Path::new(BINARY), &binary]).status().unwrap().success());
        }
        for path in [&binary, self.home.path(), self.root.path()] {
            mode(path, 0o755);
        }
        let mut command = Command::new("setpriv");
        command.args([&format!("--reuid={NOBODY}"), &format!("--regid={NOBODY}"), "--clear-groups"]);
        command.arg(&binary).args(arguments).current_dir("/");
        self.home.prepare(&mut command);
        command.env("PATH", std::env::var_os("PATH").unwrap());
        Run::of(command)
    }
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn kubeadm() -> Machine {
    let machine = Machine::new();
    machine.ca("/etc/kubernetes/pki/etcd/ca.crt");
    let pki = "/etc/kubernetes/pki/etcd";
    machine.credential(
        "healthcheck",
        &format!("{pki}/healthcheck-client.crt"),
        &format!("{pki}/healthcheck-client.key"),
    );
    // None of these may be taken: they fit nothing.
    for other in ["peer.crt", "peer.key", "server.crt", "server.key"] {
        machine.write(&format!("{pki}/{other}"), "no certificate");
    }
    machine.write("/etc/kubernetes/pki/apiserver-etcd-client.crt", "no certificate");
    machine.write("/etc/kubernetes/pki/apiserver-etcd-client.key", "no key");
    let endpoint = machine.etcd.unrecorded_endpoint();
    machine.write(
        "/etc/kubernetes/manifests/etcd.yaml",
        &format!(
            "spec:\n  containers:\n  - command:\n    - etcd\n    - --advertise-client-urls={endpoint}\n"
        ),
    );
    machine
}

#[test]
fn a_kubeadm_node_is_connected_without_arguments() {
    let machine = kubeadm();
    machine.etcd.put("/coredns/io/gcr/x1", r#"{"host":"10.0.0.1"}"#);
    let tree = machine.run(&["tree"]).ends_with(0);
    assert!(tree.out.contains("gcr"), "{tree:?}");
    machine.run(&["set", "gcr.io", "--host", "10.0.0.2", "--confirm", "/coredns/io/gcr/x2"]).ends_with(0);
}

#[test]
fn a_node_of_kubespray_is_connected_without_arguments() {
    let machine = Machine::new();
    let ssl = "/etc/ssl/etcd/ssl";
    machine.ca(&format!("{ssl}/ca.pem"));
    machine.credential("node", &format!("{ssl}/node-master1.pem"), &format!("{ssl}/node-master1-key.pem"));
    for other in
        ["admin-master1.pem", "admin-master1-key.pem", "member-master1.pem", "member-master1-key.pem"]
    {
        machine.write(&format!("{ssl}/{other}"), "no certificate");
    }
    let endpoint = machine.etcd.unrecorded_endpoint();
    machine.write(
        "/etc/etcd.env",
        &format!(
            "# Environment file for etcd\nETCD_LISTEN_CLIENT_URLS={endpoint}\nETCD_TRUSTED_CA_FILE={ssl}/ca.pem\n\
             ETCD_CERT_FILE={ssl}/member-master1.pem\nETCD_KEY_FILE={ssl}/member-master1-key.pem\n"
        ),
    );
    machine.etcd.put("/coredns/io/gcr/x1", r#"{"host":"10.0.0.1"}"#);
    let tree = machine.run(&["tree"]).ends_with(0);
    assert!(tree.out.contains("gcr"), "{tree:?}");
}

#[test]
fn a_server_of_k3s_or_rke2_is_connected_without_arguments() {
    for (installer, whose) in [("k3s", "k3s's etcd client"), ("rke2", "RKE2's etcd client")] {
        let machine = Machine::new();
        let server = format!("/var/lib/rancher/{installer}/server");
        let tls = format!("{server}/tls/etcd");
        machine.ca(&format!("{tls}/server-ca.crt"));
        machine.credential("client", &format!("{tls}/client.crt"), &format!("{tls}/client.key"));
        for other in ["server-client.crt", "server-client.key", "peer-server-client.crt"] {
            machine.write(&format!("{tls}/{other}"), "no certificate");
        }
        let endpoint = machine.etcd.unrecorded_endpoint();
        let config = format!("advertise-client-urls: {endpoint} # of this server\nname: a\n");
        machine.write(&format!("{server}/db/etcd/config"), &config);
        machine.etcd.put("/coredns/io/gcr/x1", r#"{"host":"10.0.0.1"}"#);
        let tree = machine.run(&["tree"]).ends_with(0);
        assert!(tree.out.contains("gcr"), "{tree:?}");
        assert!(machine.run(&["doctor"]).out.contains(whose));
    }
}

#[test]
fn a_key_that_this_user_may_not_read_is_told_and_nothing_stronger_is_taken() {
    let machine = kubeadm();
    // A program that tried this one next would be let in.
    let stronger = "/etc/kubernetes/pki/apiserver-etcd-client";
    machine.credential("apiserver", &format!("{stronger}.crt"), &format!("{stronger}.key"));
    mode(&machine.at(&format!("{stronger}.key")), 0o644);
    machine
        .run_as_nobody(&["tree"])
        .ends_with(3)
        .says("kubeadm's healthcheck-client cannot be read by this user")
        .says("etcd/healthcheck-client.key: Permission denied")
        .says("Run it with sudo");
    machine.run(&["tree"]).ends_with(0);
    // Commands that need no etcd work.
    machine.run_as_nobody(&["log"]).ends_with(0);
    let elsewhere = ["tree", "--endpoints", "127.0.0.1:1"];
    machine
        .run_as_nobody(&elsewhere)
        .ends_with(3)
        .says("nothing listens at http://127.0.0.1:1")
        .says("endpoints from --endpoints");
}

#[test]
fn a_certificate_that_has_expired_is_passed_over_and_the_next_one_connects() {
    let machine = kubeadm();
    let pki = "/etc/kubernetes/pki";
    let (cert, key) = machine.authority.expired_client("healthcheck");
    fs::copy(cert, machine.at(&format!("{pki}/etcd/healthcheck-client.crt"))).unwrap();
    fs::copy(key, machine.at(&format!("{pki}/etcd/healthcheck-client.key"))).unwrap();
    machine.credential(
        "apiserver",
        &format!("{pki}/apiserver-etcd-client.crt"),
        &format!("{pki}/apiserver-etcd-client.key"),
    );
    machine.run(&["tree"]).ends_with(0).says("kubeadm's apiserver-etcd-client is used");
    let doctor = machine.run(&["doctor", "-o", "json"]).ends_with(0);
    assert!(doctor.out.contains("kubeadm's healthcheck-client: it expired on 2020-02-01, "), "{doctor:?}");
    // If no other is left, the failure is about this one.
    fs::remove_file(machine.at(&format!("{pki}/apiserver-etcd-client.crt"))).unwrap();
    machine.run(&["tree"]).ends_with(3).says("ours expired on 2020-02-01, ").says("kubeadm certs renew");
}

#[test]
fn a_directory_that_this_user_may_not_look_into_is_told() {
    let machine = Machine::new();
    let server = "/var/lib/rancher/k3s/server";
    machine.ca(&format!("{server}/tls/etcd/server-ca.crt"));
    machine.credential(
        "client",
        &format!("{server}/tls/etcd/client.crt"),
        &format!("{server}/tls/etcd/client.key"),
    );
    let endpoint = machine.etcd.unrecorded_endpoint();
    machine
        .write(&format!("{server}/db/etcd/config"), &format!("name: a\nadvertise-client-urls: {endpoint}\n"));
    mode(&machine.at(server), 0o700);
    machine
        .run_as_nobody(&["tree"])
        .ends_with(3)
        .says("k3s's etcd certificates cannot be read by this user")
        .says("Run it with sudo");
    machine.run(&["tree"]).ends_with(0);
}

#[test]
fn the_doctor_says_what_was_taken_and_what_was_passed_over_and_why() {
    let machine = kubeadm();
    let check = |run: &Run, name: &str| -> Vec<serde_json::Value> {
        let all = run.json().remove(0);
        all.as_array().unwrap().iter().filter(|check| check["check"] == name).cloned().collect()
    };
    let run = machine.run(&["doctor", "-o", "json"]);
    let found = check(&run, "found here");
    assert_eq!(found[0]["value"], "kubeadm's healthcheck-client", "{run:?}");
    assert_eq!(found[0]["level"], "ok");
    let passed = check(&run, "passed over");
    let told = |what: &str| passed.iter().any(|check| check["value"].as_str().unwrap().starts_with(what));
    assert!(told("kubeadm's peer: ") && told("kubeadm's apiserver-etcd-client: "), "{passed:?}");

    let run = machine.run_as_nobody(&["doctor", "-o", "json"]).ends_with(6);
    let found = check(&run, "found here");
    assert_eq!(found[0]["level"], "error");
    assert!(found[0]["remedy"].as_str().unwrap().starts_with("Run it with sudo"), "{found:?}");
    // Nothing is used and nothing is asked, so no check can succeed.
    for unknown in ["endpoints", "certificate", "endpoint"] {
        assert!(check(&run, unknown).is_empty(), "{unknown}: {run:?}");
    }
}

#[test]
fn a_failure_says_what_of_the_machine_was_used() {
    let mut machine = kubeadm();
    machine.etcd.kill(0);
    machine
        .run(&["tree"])
        .ends_with(3)
        .says("endpoints from advertise-client-urls in /etc/kubernetes/manifests/etcd.yaml")
        .says("CA, certificate and key from kubeadm's healthcheck-client");
}

#[test]
fn an_etcd_that_was_named_gets_nothing_of_this_machine() {
    let machine = kubeadm();
    let endpoint = machine.etcd.unrecorded_endpoint();
    machine
        .run(&["tree", "--endpoints", &endpoint])
        .ends_with(3)
        .says("This machine has kubeadm's healthcheck-client")
        .says("without --endpoints it is used");
    let demo = machine.run(&["tree", "--demo"]).ends_with(0);
    assert_eq!(demo.err, "");
}

#[test]
fn where_nothing_is_found_it_is_said_where_it_was_looked_for_and_how_to_find_it() {
    let root = tempfile::tempdir().unwrap();
    let home = Home::new().with("COREDECK_TEST_ROOT", root.path().to_str().unwrap());
    // An etcd may be here all the same.
    let run = home.run(&["doctor", "-o", "json"]);
    let checks: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let found = checks.as_array().unwrap().iter().find(|check| check["check"] == "found here").unwrap();
    assert_eq!(found["level"], "warning");
    for said in ["/proc", "/etc/etcd/etcd.conf", "kubeadm's /etc/kubernetes/pki/etcd/ca.crt"] {
        assert!(found["value"].as_str().unwrap().contains(said), "{said}: {found}");
    }
    assert!(found["remedy"].as_str().unwrap().contains("pgrep -a etcd"), "{found}");
    // A person who names an endpoint has looked already.
    let named = home.run(&["--endpoints", "127.0.0.1:1", "tree"]).ends_with(3);
    assert!(!named.err.contains("pgrep"), "{named:?}");
    let nobody = home.run(&["tree"]);
    if nobody.code == 3 {
        nobody.says("Nobody has named an etcd, and none was found on this machine").says("pgrep -a etcd");
    }
}

#[test]
fn an_etcd_that_runs_here_is_connected_without_arguments() {
    let machine = Machine::new();
    machine.credential("client", "/etc/etcd/pki/client.crt", "/etc/etcd/pki/client.key");
    machine.ca("/etc/etcd/pki/ca.crt");
    let line = format!(
        "etcd\0--advertise-client-urls={}\0--trusted-ca-file=/etc/etcd/pki/ca.crt\0",
        machine.etcd.endpoint()
    );
    machine.write("/proc/12/cmdline", &line);
    machine.etcd.put("/coredns/io/gcr/x1", r#"{"host":"10.0.0.1"}"#);
    let run = machine.run(&["get", "gcr.io"]).ends_with(0);
    assert!(run.out.contains("10.0.0.1"), "{run:?}");
}
