//! Commands on a real etcd: the stored keys, the refusals, and the entries of the journal.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/cli.rs"]
mod cli;
#[path = "support/etcd.rs"]
mod etcd;

use cli::{BINARY, Home, Run};
use etcd::PrivateEtcd;
use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt as _, process::Command};

/// Returns the value of one key, as etcdctl prints it.
fn value(etcd: &PrivateEtcd, key: &str) -> String {
    etcd.etcdctl(&["get", "--print-value-only", "--", key]).trim_end_matches('\n').to_owned()
}

/// Returns the keys below a prefix.
fn keys(etcd: &PrivateEtcd, prefix: &str) -> Vec<String> {
    let listed = etcd.etcdctl(&["get", "--prefix", "--keys-only", "--", prefix]);
    listed.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Returns the store's revision: one more for every transaction that changed something.
fn revision(etcd: &PrivateEtcd) -> i64 {
    let status: serde_json::Value =
        serde_json::from_str(&etcd.etcdctl(&["endpoint", "status", "-w", "json"])).unwrap();
    status[0]["Status"]["header"]["revision"].as_i64().unwrap()
}

fn confirmed(home: &Home, arguments: &[&str], key: &str) -> Run {
    home.run(&[arguments, &["--confirm", key]].concat())
}

#[test]
fn set_of_a_name_stores_exactly_the_promised_bytes() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    let set = ["set", "gcr.io", "--host", "172.25.52.217", "--ttl", "60"];
    home.run(&set).ends_with(4).says("/coredns/io/gcr/x1").says("Nothing was changed.");
    assert_eq!(revision(&etcd), 1);
    confirmed(&home, &set, "/coredns/io/gcr/x1").ends_with(0);
    assert_eq!(value(&etcd, "/coredns/io/gcr/x1"), r#"{"host":"172.25.52.217","ttl":60}"#);
    assert_eq!(revision(&etcd), 2);
    confirmed(&home, &["set", "gcr.io", "--host", "10.0.0.1"], "/coredns/io/gcr/x2").ends_with(0);
    assert_eq!(keys(&etcd, "/"), ["/coredns/io/gcr/x1", "/coredns/io/gcr/x2"]);
    let lines = home.run(&["get", "gcr.io", "-o", "json"]).ends_with(0).json();
    assert_eq!((&lines[0]["mod_revision"], &lines[1]["mod_revision"]), (&2.into(), &3.into()));
}

#[test]
fn reverse_names_and_asked_for_places_get_their_own_keys() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    let ptr = "/coredns/arpa/in-addr/10/0/0/1";
    confirmed(&home, &["set", "1.0.0.10.in-addr.arpa", "--host", "a.example.org"], ptr).ends_with(0);
    confirmed(&home, &["set", "b.example.org", "--host", "a.example.org", "--own"], "/coredns/org/example/b")
        .ends_with(0);
    confirmed(
        &home,
        &["set", "c.example.org", "--leaf", "m1", "--mail", "--host", "m.example.org"],
        "/coredns/org/example/c/m1",
    )
    .ends_with(0);
    assert_eq!(value(&etcd, ptr), r#"{"host":"a.example.org"}"#);
    assert_eq!(value(&etcd, "/coredns/org/example/c/m1"), r#"{"host":"m.example.org","mail":true}"#);
    // A second record moves the first one out of the way, in one transaction.
    let before = revision(&etcd);
    confirmed(&home, &["set", "b.example.org", "--host", "10.0.0.2"], "/coredns/org/example/b/x2")
        .ends_with(0);
    assert_eq!(revision(&etcd), before + 1);
    assert_eq!(
        keys(&etcd, "/coredns/org/example/b"),
        ["/coredns/org/example/b/x1", "/coredns/org/example/b/x2"]
    );
}

#[test]
fn an_edit_keeps_unknown_fields_their_order_and_the_lease() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    let lease = etcd.etcdctl(&["lease", "grant", "600"]).split(' ').nth(1).unwrap().to_owned();
    let key = "/coredns/io/gcr/x1";
    etcd.etcdctl(&["put", "--lease", &lease, key, r#"{"team":"a","ttl":60,"host":"10.0.0.1"}"#]);
    confirmed(&home, &["set", key, "--ttl", "5"], key).ends_with(0).says("kept");
    assert_eq!(value(&etcd, key), r#"{"team":"a","ttl":5,"host":"10.0.0.1"}"#);
    let line = &home.run(&["get", key, "-o", "json"]).ends_with(0).json()[0];
    assert_eq!(line["lease"], lease.as_str());
    assert!((1..=600).contains(&line["lease_ttl"].as_u64().unwrap()));
    assert_eq!(line["version"], 2);
}

#[test]
fn a_key_is_created_or_given_a_whole_value() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    let key = "/coredns/io/gcr/by-hand";
    let json = r#"{ "text": "a  b", "new": [1, 2] }"#;
    confirmed(&home, &["set", key, "--json", json], key).ends_with(0);
    assert_eq!(value(&etcd, key), json);
    etcd.put(key, "not JSON");
    home.run(&["set", key, "--ttl", "5"]).ends_with(2).says("--json");
    confirmed(&home, &["set", key, "--json", r#"{"host":"10.0.0.1"}"#], key).ends_with(0).says("- not JSON");
    assert_eq!(value(&etcd, key), r#"{"host":"10.0.0.1"}"#);
}

/// Keys that a careless prefix would catch, and a Kubernetes.
const BESIDE: [&str; 6] =
    ["/registry/pods/default/web-0", "/coredns", "/coredns-old/x", "/coredns0", "coredns/x", "/coredn"];

#[test]
fn a_subtree_goes_and_nothing_beside_it_does() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    for key in BESIDE {
        etcd.put(key, "sentinel");
    }
    let gone = ["/coredns/io/gcr", "/coredns/io/gcr/x1", "/coredns/io/gcr//", "/coredns/io/gcr/a/b/c"];
    let kept = ["/coredns/io/gcr-old/x1", "/coredns/io/gcr.x", "/coredns/io/gcr0", "/coredns/io/quay/x1"];
    for key in gone.iter().chain(&kept) {
        etcd.put(key, "{}");
    }
    let before = revision(&etcd);
    let rm = ["rm", "--recursive", "gcr.io"];
    confirmed(&home, &rm, "/coredns/io/gcr").ends_with(4);
    confirmed(&home, &rm, "/coredns/io/gcr/").ends_with(0).says("4 keys changed");
    assert_eq!(revision(&etcd), before + 1, "one transaction");
    let mut left = [&BESIDE[..], &kept].concat();
    left.sort_unstable();
    assert_eq!(keys(&etcd, ""), left);
}

#[test]
fn a_deletion_in_steps_is_announced_and_done_whole() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    for number in 0..300 {
        etcd.put(&format!("/coredns/io/gcr/n{number}"), "{}");
    }
    etcd.put("/coredns/io/quay/x1", "{}");
    let rm = ["rm", "-r", "/coredns/io/gcr/", "-o", "json"];
    confirmed(&home, &rm, "/coredns/io/gcr/").ends_with(4).says("--expect N");
    let done = home.run(&[&rm[..], &["--confirm", "/coredns/io/gcr/", "--expect", "300"]].concat());
    let line = &done.ends_with(0).says("In 3 transactions").json()[0];
    assert_eq!((&line["outcome"], &line["changed"]), (&"done".into(), &300.into()));
    assert_eq!(keys(&etcd, "/"), ["/coredns/io/quay/x1"]);
}

#[test]
fn odd_keys_are_shown_escaped_and_deleted_by_their_spelling() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    for (key, spelled) in [
        ("/coredns/a\u{1b}[2J", r"/coredns/a\x1b[2J"),
        ("/coredns/b\n", r"/coredns/b\n"),
        ("/coredns/ü", r"/coredns/\xc3\xbc"),
        (r"/coredns/c\", r"/coredns/c\\"),
        ("/coredns/d/", "/coredns/d/"),
        ("/coredns/e f", "/coredns/e f"),
    ] {
        etcd.put(key, "\u{1b}]0;owned\u{7}");
        etcd.put("/coredns/zone/x1", "{}");
        let line = &home.run(&["get", spelled, "-o", "json"]).ends_with(0).json()[0];
        assert_eq!((&line["key"], &line["raw"]), (&spelled.into(), &r"\x1b]0;owned\x07".into()));
        home.run(&["rm", spelled, "--confirm", spelled, "--expect", "1"]).ends_with(0);
        assert_eq!(keys(&etcd, "/"), ["/coredns/zone/x1"], "{spelled}");
    }
}

#[test]
fn the_journal_holds_the_old_value_before_and_the_outcome_after() {
    let etcd = etcd::start();
    let home =
        Home::of(&etcd.endpoint()).with("USER", "ada").with("SSH_CONNECTION", "192.0.2.7 1 192.0.2.1 22");
    let key = "/coredns/io/gcr/x1";
    etcd.put(key, r#"{"host":"10.0.0.1"}"#);
    etcd.put("/coredns/io/quay/x1", "{}");
    let done = confirmed(&home, &["rm", key, "-o", "json"], key).ends_with(0).json();
    let text = fs::read_to_string(home.journal()).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [intended, concluded] = &lines[..] else { panic!("{text}") };
    assert_eq!((&intended["line"], &concluded["line"]), (&"intended".into(), &"concluded".into()));
    assert_eq!((&intended["id"], &concluded["id"]), (&done[0]["journal"], &done[0]["journal"]));
    assert_eq!(intended["changes"][0]["before"]["value"], r#"{"host":"10.0.0.1"}"#);
    assert_eq!(intended["changes"][0]["before"]["mod_revision"], 2);
    assert_eq!(intended["challenge"], key);
    assert_eq!(intended["author"]["user"], "ada");
    assert_eq!(intended["author"]["ssh"], "192.0.2.7 1 192.0.2.1 22");
    assert_eq!((&concluded["outcome"], &concluded["revision"]), (&"done".into(), &4.into()));
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&home.journal()), 0o600);
    assert_eq!(mode(home.journal().parent().unwrap()), 0o700);
}

#[test]
fn without_a_journal_nothing_is_sent() {
    let etcd = etcd::start();
    let key = "/coredns/io/gcr/x1";
    etcd.put(key, "{}");
    etcd.put("/coredns/io/quay/x1", "{}");
    let before = revision(&etcd);
    let home = Home::of(&etcd.endpoint());
    let rm = ["rm", key, "--confirm", key];

    fs::write(home.path().join("state"), "a file where a directory should be").unwrap();
    home.run(&rm).ends_with(1).says("the journal cannot be written").says("Nothing was changed.");
    fs::remove_file(home.path().join("state")).unwrap();

    fs::create_dir_all(home.journal()).unwrap();
    home.run(&rm).ends_with(1).says("is not a plain file");
    fs::remove_dir(home.journal()).unwrap();

    std::os::unix::fs::symlink(home.path().join("elsewhere"), home.journal()).unwrap();
    home.run(&rm).ends_with(1).says("is not a plain file");
    fs::remove_file(home.journal()).unwrap();

    // A disk that takes no more bytes: the limit on the size of files has the same effect.
    let mut full = Command::new("/bin/sh");
    home.prepare(&mut full);
    full.args(["-c", &format!("trap '' XFSZ; ulimit -f 0; exec {BINARY} rm {key} --confirm {key}")]);
    Run::of(full).ends_with(1).says("the journal cannot be written").says("nothing was changed");

    assert_eq!(revision(&etcd), before);
    home.run(&rm).ends_with(0);
}

#[test]
fn a_loose_journal_is_tightened_and_said() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    fs::create_dir_all(home.journal().parent().unwrap()).unwrap();
    fs::write(home.journal(), "").unwrap();
    fs::set_permissions(home.journal(), fs::Permissions::from_mode(0o644)).unwrap();
    home.run(&["set", "gcr.io", "--host", "10.0.0.1"]).ends_with(4).says("had mode 0644, and has 0600 now");
    assert_eq!(fs::metadata(home.journal()).unwrap().permissions().mode() & 0o7777, 0o600);
}

#[test]
fn a_server_that_is_not_there_is_exit_3_with_a_remedy() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let home = Home::of(&free.to_string());
    home.run(&["get", "gcr.io"])
        .ends_with(3)
        .says("nothing listens at")
        .says("--endpoints")
        .says("Used: endpoints from ETCDCTL_ENDPOINTS.");
    home.run(&["set", "gcr.io", "--host", "10.0.0.1"]).ends_with(3).says("Nothing was changed.");
}

#[test]
fn a_flag_beats_the_environment() {
    let etcd = etcd::start();
    etcd.put("/dns/io/gcr/x1", r#"{"host":"10.0.0.1"}"#);
    let home = Home::of("127.0.0.1:1").with("COREDECK_PREFIX", "/elsewhere").with("ETCDCTL_API", "3");
    home.run(&["get", "gcr.io"]).ends_with(3);
    let endpoint = etcd.unrecorded_endpoint();
    let flags = ["--endpoints", &endpoint, "get", "gcr.io"];
    home.run(&flags).ends_with(1);
    home.run(&[&flags[..], &["--prefix", "/dns"]].concat()).ends_with(0);
    let empty = Home::of("").with("COREDECK_PREFIX", "/dns");
    empty.run(&["get", "gcr.io"]).ends_with(3).says("127.0.0.1:2379");
}

#[test]
fn a_login_comes_from_the_environment_and_is_never_repeated() {
    let etcd = etcd::start();
    etcd.put("/coredns/io/gcr/x1", r#"{"host":"10.0.0.1"}"#);
    etcd.enable_authentication();
    let home = Home::of(&etcd.endpoint());
    home.run(&["get", "gcr.io"]).ends_with(3).says("--user");
    home.run(&["get", "gcr.io", "--user", "dns"]).ends_with(3).says("ETCDCTL_PASSWORD");
    let wrong = Home::of(&etcd.endpoint()).with("ETCDCTL_USER", "dns:hunter2");
    let run = wrong.run(&["get", "gcr.io"]).ends_with(3).says("no user dns with that password");
    assert!(!format!("{run:?}").contains("hunter2"));

    for line in ["user add ada:hunter2", "user grant-role ada dns"] {
        etcd.etcdctl(&[&["--user", "root:root"], &line.split(' ').collect::<Vec<_>>()[..]].concat());
    }
    let right = Home::of(&etcd.endpoint()).with("ETCDCTL_USER", "ada").with("ETCDCTL_PASSWORD", "hunter2");
    let log = right.path().join("log");
    let set = ["set", "gcr.io", "--host", "10.0.0.2", "--log", log.to_str().unwrap()];
    let run = confirmed(&right, &set, "/coredns/io/gcr/x2").ends_with(0);
    let (log, journal) = (fs::read_to_string(log).unwrap(), fs::read_to_string(right.journal()).unwrap());
    assert!(log.contains("connected") && journal.contains("intended"));
    assert!(!format!("{run:?}{log}{journal}").contains("hunter2"));
    let together = Home::of(&etcd.endpoint()).with("ETCDCTL_USER", "dns:dns");
    together.run(&["get", "gcr.io"]).ends_with(0);
}

#[test]
fn a_credential_that_may_only_read_makes_a_read_only_session() {
    let etcd = etcd::start();
    etcd.put("/coredns/io/gcr/x1", r#"{"host":"10.0.0.1"}"#);
    for line in [
        "role add look",
        "role grant-permission look --prefix=true read /coredns/",
        "user add eve:eve",
        "user grant-role eve look",
    ] {
        etcd.etcdctl(&line.split(' ').collect::<Vec<_>>());
    }
    etcd.enable_authentication();
    let home = Home::of(&etcd.endpoint()).with("ETCDCTL_USER", "eve:eve");
    home.run(&["get", "gcr.io"]).ends_with(0);
    confirmed(&home, &["rm", "gcr.io"], "/coredns/io/gcr/x1").ends_with(4).says("read-only");
}

#[test]
fn another_cluster_than_the_pinned_one_can_only_be_read() {
    let etcd = etcd::start();
    etcd.put("/coredns/io/gcr/x1", r#"{"host":"10.0.0.1"}"#);
    let endpoint = etcd.endpoint();
    let profile = |id: &str| {
        let text = format!(
            "[profile.default]\nendpoints = [\"{endpoint}\"]\ncluster_id = \"{id}\"\nlabel = \"prod\"\n"
        );
        Home::new().profiles(&text)
    };
    let wrong = profile("abc");
    wrong.run(&["get", "gcr.io"]).ends_with(0);
    let set = ["set", "gcr.io", "--host", "10.0.0.2"];
    let refused = confirmed(&wrong, &set, "/coredns/io/gcr/x2").ends_with(4).says("0000000000000abc");
    let found = refused.err.split("this is cluster ").nth(1).unwrap()[..16].to_owned();
    let right = profile(&found);
    confirmed(&right, &set, "/coredns/io/gcr/x2").ends_with(0).says(&format!("Cluster {found} (prod)"));
}

#[test]
fn certificates_are_taken_from_flags_and_from_the_environment() {
    let directory = tempfile::tempdir().unwrap();
    let authority = certificates::Authority::new("etcd-ca", directory.path());
    let etcd = etcd::Setup::default().mutual_tls(&authority).start();
    let (cert, key) = authority.client("root");
    let [ca, cert, key] = [authority.certificate(), cert, key].map(|path| path.display().to_string());
    let bare = etcd.endpoint().replace("https://", "");
    let home = Home::of(&bare);
    home.run(&["tree", "--cacert", &ca, "--cert", &cert, "--key", &key]).ends_with(0);
    let by_env =
        Home::of(&bare).with("ETCDCTL_CACERT", &ca).with("ETCDCTL_CERT", &cert).with("ETCDCTL_KEY", &key);
    by_env.run(&["tree"]).ends_with(0);
    home.run(&["tree"]).ends_with(3).says("https");
    home.run(&["tree", "--cacert", "/nonexistent/ca.crt"]).ends_with(3).says("/nonexistent/ca.crt");
    home.run(&["tree", "--cert", &cert]).ends_with(2).says("--key");
}

#[test]
fn a_deletion_says_that_it_mends_and_an_addition_that_it_hides() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    etcd.put("/coredns/io/gcr/x1", r#"{"host":"10.0.0.1"}"#);
    etcd.put("/coredns/io/gcr/x2", r#"{"host":"10.0.0.2"#);
    let mended = ["rm", "/coredns/io/gcr/x2", "-o", "json"];
    let run = home.run(&mended).ends_with(4);
    let run = run.says("+ gcr.io A").says("SERVFAIL -> 10.0.0.1").says("+ io A");
    let line = &run.json()[0];
    assert_eq!(line["outcome"], "not_confirmed");
    let first = &line["impact"][0];
    assert_eq!((&first["name"], &first["weight"]), (&"gcr.io".into(), &"mended".into()), "{line}");
    assert!(first["types"].as_array().unwrap().contains(&"A".into()), "{line}");

    etcd.put("/coredns/io/quay", r#"{"host":"10.0.0.3"}"#);
    let hides = ["set", "/coredns/io/quay/www/x1", "--host", "10.0.0.4", "-o", "json"];
    let run = confirmed(&home, &hides, "/coredns/io/quay/www/x1").ends_with(0);
    let line = &run.says("quay.io A, SRV: 10.0.0.3 -> 10.0.0.4").json()[0];
    assert_eq!(line["outcome"], "done");
    assert!(line["impact"].as_array().unwrap().iter().any(|line| line["name"] == "quay.io"), "{line}");
}

#[test]
fn the_last_record_of_a_name_is_announced_as_such() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    for (key, host) in [("x1", "10.0.0.1"), ("x2", "10.0.0.2"), ("x3", "10.0.0.3")] {
        etcd.put(&format!("/coredns/io/gcr/{key}"), &format!(r#"{{"host":"{host}"}}"#));
    }
    etcd.put("/coredns/io/quay/x1", r#"{"host":"10.0.0.4"}"#);
    home.run(&["rm", "/coredns/io/gcr/x1"])
        .ends_with(4)
        .says("1 of 3 A answers of gcr.io")
        .says("- gcr.io A, SRV: 3 addresses -> 2 addresses (without 10.0.0.1)");
    home.run(&["rm", "quay.io"])
        .ends_with(4)
        .says("the last record of quay.io: the name will be gone")
        .says("! quay.io A, SRV: 10.0.0.4 -> NXDOMAIN");
}

#[test]
fn an_address_and_its_ptr_come_and_go_in_one_transaction() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    let (key, ptr) = ("/coredns/io/gcr/x1", "/coredns/arpa/in-addr/192/0/2/1");
    let set = ["set", "gcr.io", "--host", "192.0.2.1", "--ttl", "60"];
    // No server here has the reverse zone.
    let run = home.run(&set).ends_with(4);
    assert!(!run.err.contains("PTR"), "{run:?}");
    home.run(&[&set[..], &["--ptr"]].concat()).ends_with(4).says("None goes with this change");
    etcd.put("/coredns/arpa/in-addr/192/0/2/9", r#"{"host":"other.example.org"}"#);
    home.run(&set).ends_with(4).says("--ptr").says("new PTR: 192.0.2.1 points to gcr.io");
    assert_eq!(keys(&etcd, ptr), [""; 0]);

    let before = revision(&etcd);
    let with = [&set[..], &["--ptr"]].concat();
    let run = confirmed(&home, &with, key).ends_with(0).says("add 2 keys").says("1.2.0.192.in-addr.arpa PTR");
    run.says("PTR records, in this plan:");
    assert_eq!(revision(&etcd), before + 1, "one transaction");
    assert_eq!(value(&etcd, ptr), r#"{"host":"gcr.io","ttl":60}"#);
    home.run(&["set", "quay.io", "--host", "192.0.2.9", "--ptr"])
        .ends_with(4)
        .says("already points to other.example.org: left as it is");

    let rm = ["rm", key, "--ptr", "-o", "json"];
    let line = confirmed(&home, &rm, key).ends_with(4).says("--expect").json()[0].clone();
    assert_eq!(line["keys"], serde_json::json!([key, ptr]));
    let run = home.run(&[&rm[..], &["--confirm", key, "--expect", "2"]].concat()).ends_with(0);
    run.says("- delete PTR: 192.0.2.1 points to gcr.io, which loses that address");
    assert_eq!(revision(&etcd), before + 2, "one transaction");
    assert_eq!(keys(&etcd, "/"), ["/coredns/arpa/in-addr/192/0/2/9"]);
}

#[test]
fn a_ptr_is_offered_only_where_its_zone_is_named_as_served() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    let set = ["--zones", "io", "set", "gcr.io", "--host", "192.0.2.1"];
    etcd.put("/coredns/arpa/in-addr/192/0/2/9", r#"{"host":"other.example.org"}"#);
    let run = home.run(&set).ends_with(4);
    assert!(!run.err.contains("PTR"), "{run:?}");
    let both = [&["--zones", "io,2.0.192.in-addr.arpa"], &set[2..]].concat();
    home.run(&both).ends_with(4).says("new PTR: 192.0.2.1 points to gcr.io");
}

#[test]
fn records_below_the_other_usual_path_are_told_of_where_the_scope_is_empty() {
    let etcd = etcd::start();
    // Keys outside the scope are counted, which the recorder takes for a mistake.
    let home = Home::of(&etcd.unrecorded_endpoint());
    let lint = ["lint", "--zones", "example.org"];
    let run = home.run(&lint).ends_with(0);
    assert!(!run.err.contains("/skydns/"), "{run:?}");
    for number in 0..3 {
        etcd.put(&format!("/skydns/org/example/h{number}"), r#"{"host":"192.0.2.1"}"#);
    }
    let run = home.run(&lint).ends_with(0);
    let said = run.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("/coredns/ is empty, and etcd has 3 keys below /skydns/"), "{said}");
    assert!(said.contains("coredeck lint --prefix /skydns looks there"), "{said}");
    etcd.put("/coredns/org/example/www/x1", r#"{"host":"192.0.2.1"}"#);
    let run = home.run(&lint).ends_with(0);
    assert!(!run.err.contains("/skydns/"), "{run:?}");
}

#[test]
fn a_name_server_below_what_is_no_zone_is_an_address_to_get_and_to_lint() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    etcd.put("/coredns/org/example/sub/dns/ns/a/x1", r#"{"host":"192.0.2.1"}"#);
    let kind = |zones: &str| {
        let lines = home.run(&["get", "a.ns.dns.sub.example.org", "--zones", zones, "-o", "json"]).json();
        lines[0]["type"].as_str().unwrap().to_owned()
    };
    let finds = |zones: &str| {
        let lines = home.run(&["lint", "--zones", zones, "-o", "json"]).json();
        lines.iter().filter(|line| line["trap"] == "T53").count()
    };
    assert_eq!((kind("example.org"), finds("example.org")), ("A".to_owned(), 1));
    let both = "example.org,sub.example.org";
    assert_eq!((kind(both), finds(both)), ("NS".to_owned(), 0));
}
