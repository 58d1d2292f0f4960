//! Rescue after the accident itself, from the history that etcd still has.
use crate::{
    certificates::Authority,
    cli::{Home, Run},
    etcd::{self, PrivateEtcd, Setup, recorder::Recorder},
    keys::{Keys, REGISTRY, all, cluster, put_all, revision, saved, sha256sum},
    put_back::Script,
};

#[test]
fn what_a_pasted_delete_took_comes_back_key_by_key() {
    let etcd = etcd::start();
    cluster(&etcd);
    let before = all(&etcd, "");
    // The accident: one space too many.
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

    // This program restores the part of the scope.
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

    // The written script restores Kubernetes' part, run as it was printed.
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

/// The one exception from the rule that nothing beside the scope is read: it can do nothing but read.
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

/// Makes revisions by other writers, as API servers do.
fn churn(etcd: &PrivateEtcd, writes: u32) {
    for number in 0..writes {
        etcd.put("/registry/leases/kube-node-lease/n1", &number.to_string());
    }
}

fn last(home: &Home, name: &str, more: &[&str]) -> Run {
    let to = home.path().join(name).display().to_string();
    home.run(&[&["rescue", "--last", "--to", &to], more].concat())
}

#[test]
fn the_last_accident_is_found_saved_whole_and_told_without_a_revision() {
    for binary in etcd::etcd_versions() {
        let etcd = Setup::default().binary(&binary).start();
        cluster(&etcd);
        let home = Home::of(&etcd.unrecorded_endpoint());
        last(&home, "none", &[])
            .ends_with(1)
            .says("etcd knows of no deletion")
            .says("revision 1 is the oldest");
        // Deletions that Kubernetes makes by itself are no accident, however many events there are.
        put_all(
            &etcd,
            &(0..600)
                .map(|number| (format!("/registry/events/default/e{number:03}").into_bytes(), b"e".to_vec()))
                .collect::<Vec<_>>(),
        );
        etcd.etcdctl(&["del", "--prefix", "/registry/events/"]);
        etcd.etcdctl(&["del", "/registry/pods/default/pod-100"]);
        churn(&etcd, 20);
        let before = all(&etcd, "");
        let at = revision(&etcd);
        etcd.etcdctl(&["del", "/", "coredns"]);
        churn(&etcd, 5);
        etcd.etcdctl(&["del", "--prefix", "/registry/leases/"]);
        let left = all(&etcd, "");
        let file = home.path().join("all.jsonl.gz");
        let run = last(&home, "all.jsonl.gz", &["-o", "json"]).ends_with(0);
        assert_eq!(saved(&file), before, "{}", binary.display());
        assert_eq!(all(&etcd, ""), left, "it only reads");
        let line = &run.json()[0];
        let deletion = &line["deletion"];
        assert_eq!((&line["revision"], &deletion["revision"]), (&at.into(), &(at + 1).into()));
        assert_eq!(deletion["by_prefix"]["/registry/"], REGISTRY - 1);
        assert_eq!((&deletion["by_prefix"]["/coredns/"], &deletion["passing"]), (&3.into(), &1.into()));
        let run = run.says(&format!("Revision {} took {} keys", at + 1, REGISTRY + 6));
        let run = run.says("/registry/, Kubernetes: 367 keys of 368, now there are 0");
        run.says("/coredns/: 3 keys of 3, now there are 0").says(&format!("as it was at revision {at}."));
    }
}

#[test]
fn an_accident_in_batches_is_saved_as_it_was_before_the_first() {
    let etcd = etcd::start();
    cluster(&etcd);
    let at = revision(&etcd);
    let before = all(&etcd, "");
    for range in [["0", "1"], ["1", "2"], ["2", "4"]] {
        let pod = |end: &str| format!("/registry/pods/default/pod-{end}");
        etcd.etcdctl(&["del", &pod(range[0]), &pod(range[1])]);
        churn(&etcd, 2);
    }
    let home = Home::of(&etcd.unrecorded_endpoint());
    let run =
        last(&home, "all.jsonl.gz", &[]).ends_with(0).says(&format!("Revisions {} to {}", at + 1, at + 7));
    run.says("took 368 keys");
    assert_eq!(saved(&home.path().join("all.jsonl.gz")), before);
}

#[test]
fn what_is_compacted_is_not_found_and_what_is_left_by_a_compaction_is() {
    let etcd = etcd::start();
    cluster(&etcd);
    let at = revision(&etcd);
    etcd.etcdctl(&["del", "/", "coredns"]);
    churn(&etcd, 3);
    etcd.etcdctl(&["compact", &at.to_string()]);
    let home = Home::of(&etcd.unrecorded_endpoint());
    last(&home, "a", &[])
        .ends_with(0)
        .says(&format!("since revision {at}, the oldest"))
        .says(&format!("at revision {at}."));
    etcd.etcdctl(&["compact", &(at + 1).to_string()]);
    let run = last(&home, "b", &[]).ends_with(1);
    run.says(&format!("revision {} is the oldest that it has", at + 1)).says("backup");
    etcd.etcdctl(&["compact", &revision(&etcd).to_string()]);
    last(&home, "c", &[]).ends_with(1).says("etcd knows of no deletion");
    assert!(!home.path().join("b").exists() && !home.path().join("c").exists());
}

#[test]
fn one_revision_is_named_or_looked_for_and_never_both() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.unrecorded_endpoint());
    let to = home.path().join("x").display().to_string();
    home.run(&["rescue", "--to", &to]).ends_with(2).says("--at");
    home.run(&["rescue", "--to", &to, "--at", "5", "--last"]).ends_with(2).says("cannot be used with");
}

#[test]
fn who_may_not_read_all_keys_is_told_who_could() {
    let etcd = etcd::start();
    cluster(&etcd);
    etcd.etcdctl(&["del", "/", "coredns"]);
    etcd.enable_authentication();
    let home =
        Home::of(&etcd.unrecorded_endpoint()).with("ETCDCTL_USER", "dns").with("ETCDCTL_PASSWORD", "dns");
    last(&home, "x", &[]).ends_with(3).says("does not allow").says("etcd's root");
    assert!(!home.path().join("x").exists());
}

/// The search for deletions of others reads their keys alone.
#[test]
fn looking_for_a_deletion_asks_for_no_value_and_no_write() {
    let etcd = etcd::start();
    cluster(&etcd);
    etcd.etcdctl(&["del", "/", "coredns"]);
    let recorder = Recorder::before(&etcd.unrecorded_endpoint(), "/coredns/");
    let home = Home::of(&recorder.endpoint());
    last(&home, "x", &["--range", "/coredns/"]).ends_with(0);
    // The range is the scope's own: nothing else of others was read.
    let violations = recorder.violations();
    let deletions =
        |what: &String| what.starts_with("/etcdserverpb.Watch/Watch: it reads the deletions of [");
    assert!(!violations.is_empty() && violations.iter().all(deletions), "{violations:#?}");
    for method in ["KV/Put", "KV/DeleteRange", "Lease/LeaseGrant"] {
        assert_eq!(recorder.count(&format!("/etcdserverpb.{method}")), 0, "{method}");
    }
}
