//! Move of a scope from one real etcd to another.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/cli.rs"]
mod cli;
#[path = "support/etcd.rs"]
mod etcd;

use certificates::Authority;
use cli::{Home, Run};
use etcd::PrivateEtcd;
use std::{
    fs,
    path::{Path, PathBuf},
};

const RECORDS: [(&str, &str); 5] = [
    ("/coredns/io/gcr/x1", r#"{"host":"10.0.0.1","ttl":60}"#),
    ("/coredns/io/gcr/x2", r#"{"host":"10.0.0.2","ttl":60}"#),
    ("/coredns/io/gcr/www", r#"{"host":"gcr.io"}"#),
    ("/coredns/io/broken/x1", "{"),
    ("/coredns/org/example/_tcp/x1", r#"{"host":"srv.example.org","port":80,"weight":10,"priority":5}"#),
];

/// Two clusters that do not know of each other.
struct Move {
    old: PrivateEtcd,
    new: PrivateEtcd,
    home: Home,
}

impl Move {
    fn prepared() -> Self {
        let (old, new) = (etcd::start(), etcd::start());
        for (key, value) in RECORDS {
            old.put(key, value);
        }
        old.put("/registry/pods/a", "somebody else's");
        let home = Home::of(&old.endpoint());
        Self { old, new, home }
    }

    fn run(&self, arguments: &[&str]) -> Run {
        self.home.run(&[&["migrate", "--to", &self.new.endpoint()], arguments].concat())
    }

    fn copied() -> Self {
        let prepared = Self::prepared();
        prepared.run(&["--confirm", "/coredns/"]).ends_with(0);
        prepared
    }

    /// Writes a Corefile whose etcd block reads `endpoint`.
    fn corefile(&self, endpoint: &str) -> PathBuf {
        let path = self.home.path().join("Corefile");
        fs::write(
            &path,
            format!(
                "io org {{\n    etcd {{\n        path /coredns\n        endpoint {endpoint}\n    }}\n}}\n"
            ),
        )
        .unwrap();
        path
    }
}

fn listed(etcd: &PrivateEtcd, prefix: &str) -> Vec<(String, String)> {
    let lines = etcd.etcdctl(&["get", "--prefix", "--", prefix]);
    let lines: Vec<&str> = lines.lines().collect();
    lines.chunks(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect()
}

fn all() -> Vec<(String, String)> {
    let mut all = RECORDS.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec();
    all.sort();
    all
}

#[test]
fn each_line_that_is_printed_runs_as_it_was_printed() {
    let old = etcd::start();
    old.put(RECORDS[0].0, RECORDS[0].1);
    let directory = tempfile::tempdir().unwrap();
    let authority = Authority::new("etcd ca", directory.path());
    let new = etcd::Setup::default().mutual_tls(&authority).start();
    let (cert, key) = authority.client("operator");
    let file = |path: &Path| path.display().to_string();
    let files = [
        ("--to-cacert", file(&authority.certificate())),
        ("--to-cert", file(&cert)),
        ("--to-key", file(&key)),
    ];
    let (from, to) = (old.endpoint(), new.endpoint());
    let mut migrate = vec!["--endpoints", &from, "migrate", "--to", &to];
    migrate.extend(files.iter().flat_map(|(flag, file)| [*flag, file]));
    let home = Home::new();
    home.run(&[&migrate[..], &["--confirm", "/coredns/"]].concat()).ends_with(0);
    let said = home.run(&migrate).ends_with(0).err;
    let line = |what: &str| {
        said.lines().map(str::trim).find(|line| line.starts_with("coredeck ") && line.contains(what))
    };
    // The line has to give the certificates of the new etcd; no server is asked in this test.
    let verify = line("verify").unwrap().replace("verify --server ADDRESS", "get --recursive .");
    assert!(home.shell(&verify).ends_with(0).out.contains("10.0.0.1"));
    let remove = line("--remove-old").unwrap();
    home.shell(&format!("{remove} --confirm /coredns/ --expect 1")).ends_with(0);
    assert_eq!(listed(&old, "/coredns/"), []);
}

#[test]
fn nothing_is_copied_before_the_scope_was_typed() {
    let prepared = Move::prepared();
    prepared.run(&[]).ends_with(4).says("--confirm /coredns/").says("Nothing was changed.");
    prepared.run(&["--confirm", "/coredns"]).ends_with(4);
    assert_eq!(listed(&prepared.new, "/"), []);
}

#[test]
fn a_copy_is_proved_and_the_next_step_is_said() {
    let prepared = Move::prepared();
    let corefile = prepared.corefile(&prepared.old.endpoint());
    let corefile = corefile.to_str().unwrap();
    let run = prepared.run(&["--confirm", "/coredns/", "--corefile", corefile, "-o", "json"]).ends_with(0);
    assert_eq!(listed(&prepared.new, "/"), all());
    let lines = run.json();
    assert_eq!((&lines[0]["missing"], &lines[0]["agrees"]), (&5.into(), &serde_json::Value::Null));
    assert_eq!((&lines[1]["outcome"], &lines[1]["changed"]), (&"done".into(), &5.into()));
    assert_eq!((&lines[2]["missing"], &lines[2]["agrees"]), (&0.into(), &true.into()));
    assert!(lines[2]["names"].as_u64().unwrap() > 5);
    let change = &lines[2]["corefile"][0];
    assert_eq!(change["place"], format!("{corefile}:4"));
    assert_eq!(change["before"], format!("endpoint {}", prepared.old.endpoint()));
    assert_eq!(change["after"], format!("endpoint {}", prepared.new.endpoint()));
    // Run again, it has nothing left to do and prints the same.
    prepared
        .run(&["--corefile", corefile])
        .ends_with(0)
        .says("all answers are the same")
        .says("line 4 of")
        .says("--remove-old");
    assert_eq!(listed(&prepared.old, "/coredns/").len(), 5);
}

#[test]
fn a_copy_that_was_broken_off_goes_on_where_it_was() {
    let prepared = Move::prepared();
    prepared.new.put(RECORDS[0].0, RECORDS[0].1);
    prepared.new.put(RECORDS[3].0, RECORDS[3].1);
    prepared.run(&["--confirm", "/coredns/"]).ends_with(0).says("3 keys");
    assert_eq!(listed(&prepared.new, "/"), all());
    // Records that were written to the old etcd meanwhile are copied as well.
    prepared.old.put("/coredns/io/late", r#"{"host":"10.0.0.9"}"#);
    prepared.run(&["--confirm", "/coredns/"]).ends_with(0);
    assert_eq!(listed(&prepared.new, "/").len(), 6);
}

#[test]
fn what_differs_in_the_new_etcd_is_never_overwritten_unasked() {
    let prepared = Move::prepared();
    prepared.new.put(RECORDS[0].0, "theirs");
    prepared.run(&["--confirm", "/coredns/"]).ends_with(5).says(RECORDS[0].0).says("--update");
    assert_eq!(listed(&prepared.new, "/").len(), 1);
    prepared.run(&["--confirm", "/coredns/", "--update"]).ends_with(0);
    assert_eq!(listed(&prepared.new, "/"), all());
}

#[test]
fn a_difference_that_is_left_is_told_by_name() {
    let prepared = Move::copied();
    // The new etcd has a name that the old one does not have.
    prepared.new.put("/coredns/io/gcr/x3", r#"{"host":"10.0.0.3"}"#);
    let run =
        prepared.run(&["-o", "json"]).ends_with(6).says("gcr.io").says("Do not change the Corefile yet");
    let line = &run.json()[0];
    assert_eq!((&line["agrees"], &line["beyond"]), (&false.into(), &1.into()));
    assert!(line["differences"].as_array().unwrap().iter().any(|shift| shift["name"] == "gcr.io"));
}

#[test]
fn the_old_records_go_only_while_the_new_etcd_agrees() {
    let prepared = Move::copied();
    prepared.new.etcdctl(&["del", RECORDS[1].0]);
    prepared
        .run(&["--remove-old", "--confirm", "/coredns/", "--expect", "5"])
        .ends_with(4)
        .says("does not agree");
    assert_eq!(listed(&prepared.old, "/coredns/"), all());
    prepared.run(&["--confirm", "/coredns/"]).ends_with(0);
    // The plan removes all of a scope: the exact number is asked for as well.
    prepared.run(&["--remove-old", "--confirm", "/coredns/"]).ends_with(4).says("--expect");
    prepared.run(&["--remove-old", "--confirm", "/coredns/", "--expect", "4"]).ends_with(4);
    assert_eq!(listed(&prepared.old, "/coredns/"), all());
    prepared.run(&["--remove-old", "--confirm", "/coredns/", "--expect", "5"]).ends_with(0);
    assert_eq!(listed(&prepared.old, "/"), [("/registry/pods/a".to_owned(), "somebody else's".to_owned())]);
    assert_eq!(listed(&prepared.new, "/"), all());
    prepared.run(&["--remove-old"]).ends_with(0).says("and the new one 5 keys");
}

#[test]
fn both_the_values_and_the_answers_have_to_agree_before_anything_goes() {
    let prepared = Move::copied();
    let remove = ["--remove-old", "--confirm", "/coredns/", "--expect", "5"];
    // One value is spelled differently and gives the same answers; then the values are the same, with one record
    // more.
    prepared.new.put(RECORDS[0].0, r#"{"ttl":60,"host":"10.0.0.1"}"#);
    prepared.run(&remove).ends_with(4).says("1 key with another value, 0 answers differ");
    prepared.new.put(RECORDS[0].0, RECORDS[0].1);
    prepared.new.put("/coredns/io/gcr/x3", r#"{"host":"10.0.0.3"}"#);
    prepared.run(&remove).ends_with(4).says("0 keys with another value");
    assert_eq!(listed(&prepared.old, "/coredns/"), all());
}

#[test]
fn nothing_is_removed_while_the_corefile_names_the_old_etcd() {
    let prepared = Move::copied();
    let remove = ["--remove-old", "--confirm", "/coredns/", "--expect", "5", "--corefile"];
    let corefile = prepared.corefile(&prepared.old.endpoint());
    let with = |corefile: &PathBuf| prepared.run(&[&remove[..], &[corefile.to_str().unwrap()]].concat());
    with(&corefile).ends_with(4).says("CoreDNS is told to read").says("Change that line first");
    assert_eq!(listed(&prepared.old, "/coredns/").len(), 5);
    with(&prepared.corefile(&prepared.new.endpoint())).ends_with(0);
    assert_eq!(listed(&prepared.old, "/coredns/"), []);
}

#[test]
fn a_cluster_is_not_moved_into_itself() {
    let prepared = Move::prepared();
    let run = prepared.home.run(&["migrate", "--to", &prepared.old.endpoint(), "--confirm", "/coredns/"]);
    run.ends_with(4).says("same cluster");
}

#[test]
fn a_lease_of_the_old_etcd_is_asked_about() {
    let prepared = Move::prepared();
    let granted = prepared.old.etcdctl(&["lease", "grant", "600"]);
    let lease = granted.split_whitespace().nth(1).unwrap();
    let leased = "/coredns/io/gcr/leased";
    prepared.old.etcdctl(&["put", "--lease", lease, leased, "{}"]);
    prepared.run(&["--confirm", "/coredns/"]).ends_with(4).says("--lease new");
    assert_eq!(listed(&prepared.new, "/"), []);
    prepared.run(&["--confirm", "/coredns/", "--lease", "new"]).ends_with(0);
    let listed = prepared.new.etcdctl(&["lease", "list"]);
    let made: Vec<&str> = listed.lines().skip(1).collect();
    assert_eq!(made.len(), 1, "{listed}");
    let left = prepared.new.etcdctl(&["lease", "timetolive", "--keys", made[0]]);
    assert!(
        left.contains(leased) && left.contains("granted with TTL(5") || left.contains("granted with TTL(600"),
        "{left}"
    );
}

#[test]
fn a_scope_may_have_another_path_in_the_new_etcd() {
    let prepared = Move::prepared();
    let profiles =
        format!("[profile.dns]\nendpoints = \"{}\"\nprefix = \"/dns\"\n", prepared.new.unrecorded_endpoint());
    let home = Home::of(&prepared.old.endpoint()).profiles(&profiles);
    home.run(&["migrate", "--to", "dns", "--confirm", "/dns/"]).ends_with(0).says("all answers are the same");
    let moved: Vec<String> = listed(&prepared.new, "/dns/").into_iter().map(|(key, _)| key).collect();
    let expected: Vec<String> =
        all().into_iter().map(|(key, _)| key.replacen("/coredns/", "/dns/", 1)).collect();
    assert_eq!(moved, expected);
    home.run(&["migrate", "--to", "other"]).ends_with(2).says("dns");
}
