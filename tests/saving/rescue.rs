//! The accident itself, and what is left of it in etcd's past.
use crate::{
    certificates::Authority,
    cli::Home,
    etcd::{self, PrivateEtcd, Setup, recorder::Recorder},
    keys::{Keys, REGISTRY, all, cluster, revision, saved, sha256sum},
    put_back::Script,
};

#[test]
fn what_a_pasted_delete_took_comes_back_key_by_key() {
    let etcd = etcd::start();
    cluster(&etcd);
    let before = all(&etcd, "");
    // One space too many.
    etcd.etcdctl(&["del", "/", "coredns"]);
    let left = all(&etcd, "");
    assert_eq!(left.len(), before.len() - REGISTRY - 3 - 3, "Kubernetes, the scope, and calico/x, 0root, A");
    let home = Home::of(&etcd.unrecorded_endpoint());
    let at = (revision(&etcd) - 1).to_string();
    let file = home.path().join("all.jsonl.gz");
    let to = file.display().to_string();
    let run = home.run(&["rescue", "--at", &at, "--range", "/", "--to", &to, "-o", "json"]).ends_with(0);
    assert_eq!(saved(&file), before, "every key, every byte, every revision");
    let line = &run.json()[0];
    assert_eq!((&line["keys"], &line["revision"].to_string()), (&before.len().into(), &at));
    assert_eq!(line["sha256"], sha256sum(&file));
    assert_eq!(all(&etcd, ""), left, "a rescue writes nothing");

    // The scope's part is this program's to bring back.
    let run = run.says("coredeck restore");
    home.run(&["restore", &to]).ends_with(4).says("--confirm /coredns/");
    home.run(&["restore", &to, "--confirm", "/coredns/"]).ends_with(0).says("Left out: 373 keys of others");
    let values = |keys: &Keys, prefix: &[u8]| -> Vec<(Vec<u8>, Vec<u8>)> {
        let of = keys.iter().filter(|(key, _)| key.starts_with(prefix));
        of.map(|(key, (value, _))| (key.clone(), value.clone())).collect()
    };
    let now = all(&etcd, "");
    assert_eq!(values(&now, b"/coredns/"), values(&before, b"/coredns/"));
    assert_eq!(now.len(), left.len() + 3, "and nothing else");

    // Kubernetes' part comes back with the script that was written, run as it was said.
    let script = line["script"].as_str().unwrap();
    assert!(run.err.contains("kube-apiserver") && run.err.contains(&format!("sh {script}")), "{run:?}");
    let registry = REGISTRY.to_string();
    let done = Script::of(script).types(&registry).run();
    done.ends_with(0).says(&format!("{registry} keys: {registry} put back, 0 existed"));
    assert_eq!(values(&all(&etcd, ""), b"/registry/"), values(&before, b"/registry/"));
    assert_eq!(values(&all(&etcd, ""), b"calico/"), [], "one tenant's keys at a time");
}

#[test]
fn a_range_is_rescued_alone_and_the_scope_without_one() {
    let etcd = etcd::start();
    cluster(&etcd);
    let at = revision(&etcd).to_string();
    etcd.etcdctl(&["del", "--prefix", "/"]);
    let home = Home::of(&etcd.unrecorded_endpoint());
    let file = |name: &str| home.path().join(name);
    let rescue = |name: &str, more: &[&str]| {
        let to = file(name).display().to_string();
        home.run(&[&["rescue", "--at", &at, "--to", &to], more].concat())
    };
    rescue("registry", &["--range", "/registry/"]).ends_with(0).says("never writes them");
    assert_eq!(saved(&file("registry")).len(), REGISTRY);
    let scope = rescue("scope", &[]).ends_with(0).says("coredeck restore");
    assert!(!scope.err.contains("kube-apiserver"), "{scope:?}");
    assert_eq!(saved(&file("scope")).len(), 3);
    rescue("none", &["--range", "/nothing/"]).ends_with(1).says("there was no key in /nothing/");
    assert!(!file("none").exists());
    let of_others = file("registry").display().to_string();
    home.run(&["restore", &of_others]).ends_with(4).says("holds no key of /coredns/");
}

#[test]
fn a_revision_that_is_compacted_or_to_come_leaves_no_file() {
    let etcd = etcd::start();
    cluster(&etcd);
    let at = revision(&etcd);
    etcd.etcdctl(&["del", "/", "coredns"]);
    etcd.etcdctl(&["compact", &(at + 1).to_string()]);
    let home = Home::of(&etcd.unrecorded_endpoint());
    let to = home.path().join("x").display().to_string();
    let rescue = |at: i64| home.run(&["rescue", "--at", &at.to_string(), "--range", "/", "--to", &to]);
    rescue(at).ends_with(1).says("has compacted it").says("backup");
    rescue(at + 100).ends_with(2).says("there is no revision");
    rescue(0).ends_with(2);
    assert!(!home.path().join("x").exists());
}

#[test]
fn who_may_read_the_scope_alone_is_told_whose_credential_it_takes() {
    let directory = tempfile::tempdir().unwrap();
    let authority = Authority::new("ours", directory.path());
    let etcd = Setup::default().mutual_tls(&authority).start();
    cluster_over_tls(&etcd);
    etcd.enable_authentication();
    let (cert, key) = authority.client("dns");
    let home = Home::of(&etcd.unrecorded_endpoint())
        .with("ETCDCTL_CACERT", &authority.certificate().display().to_string())
        .with("ETCDCTL_CERT", &cert.display().to_string())
        .with("ETCDCTL_KEY", &key.display().to_string());
    let to = |name: &str| home.path().join(name).display().to_string();
    let refused = home.run(&["rescue", "--at", "2", "--range", "/", "--to", &to("all")]);
    refused.ends_with(3).says("does not allow").says("it only reads");
    assert!(!home.path().join("all").exists());
    home.run(&["rescue", "--at", "3", "--to", &to("scope")]).ends_with(0);
    assert_eq!(saved(&home.path().join("scope")).len(), 1);
}

fn cluster_over_tls(etcd: &PrivateEtcd) {
    etcd.put("/registry/x", "theirs");
    etcd.put("/coredns/a", "{}");
}

/// The one exception from the rule that nothing beside the scope is read: what reads it can do nothing else.
#[test]
fn a_rescue_reads_beyond_the_scope_and_does_nothing_else() {
    let etcd = etcd::start();
    cluster(&etcd);
    let recorder = Recorder::before(&etcd.unrecorded_endpoint(), "/coredns/");
    let home = Home::of(&recorder.endpoint());
    let at = revision(&etcd).to_string();
    let to = home.path().join("x").display().to_string();
    home.run(&["rescue", "--at", &at, "--range", "/registry/", "--to", &to]).ends_with(0);
    let violations = recorder.violations();
    let read = |what: &String| what.starts_with("/etcdserverpb.KV/Range: it reads [/registry/");
    assert!(!violations.is_empty() && violations.iter().all(read), "{violations:#?}");
    for method in ["KV/Txn", "KV/Put", "KV/DeleteRange", "Lease/LeaseGrant"] {
        let writes = recorder.count(&format!("/etcdserverpb.{method}"));
        // The one transaction is the probe that tells whether the scope may be written; it never holds.
        assert!(writes <= usize::from(method == "KV/Txn"), "{method}");
    }
    home.run(&["backup", "--to", &home.path().join("y").display().to_string()]).ends_with(0);
    assert_eq!(recorder.violations(), violations, "a backup keeps to the scope");
}
