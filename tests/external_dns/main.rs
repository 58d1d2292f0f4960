//! external-dns as a writer beside this program, in one scope of one etcd: its own provider, registry and plan
//! (`main.go`), which `tests/run` builds. Neither breaks the other.
//!
//! Records of this program survive the next sync of external-dns. The notes of ownership of external-dns, and the
//! fields that it needs, survive this program's changes. This program's remarks on its records are true, and after
//! each change external-dns comes to rest.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "../support/certificates.rs"]
mod certificates;
#[path = "../support/cli.rs"]
mod cli;
#[path = "../support/etcd.rs"]
mod etcd;

use cli::{Home, Run};
use etcd::PrivateEtcd;
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs, path::PathBuf, process::Command};

const ZONES: &str = "example.com,in-addr.arpa";
const WWW: &str = "/coredns/com/example/www";
const SIX: &str = "/coredns/com/example/six";
const NOTE: &str = r#"{"text":"\"heritage=external-dns,external-dns/owner=default,external-dns/resource=ingress/default/web\"","targetstrip":1}"#;

/// Returns the binary, or `None` if there was no Go to build it with. `tests/run` reports that, and fails under
/// `CI=true`.
fn binary() -> Option<PathBuf> {
    std::env::var_os("COREDECK_TEST_EXTERNAL_DNS")
        .map(PathBuf::from)
        .filter(|path| !path.as_os_str().is_empty())
}

type Records = BTreeMap<String, String>;

/// Scene of one scope, and both writers.
struct Scene {
    binary: PathBuf,
    etcd: PrivateEtcd,
    home: Home,
    /// The records that external-dns has to make there.
    wanted: Vec<Value>,
}

fn endpoint(name: &str, kind: &str, targets: &[&str]) -> Value {
    json!({
        "dnsName": name, "recordType": kind, "targets": targets,
        "labels": {"resource": "ingress/default/web"},
    })
}

/// Returns the output on one line, however long its lines were.
fn words(run: &Run) -> String {
    run.err.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Scene {
    /// Makes records of external-dns: addresses, an alias, a text and a PTR.
    fn new() -> Option<Self> {
        let binary = binary()?;
        let etcd = etcd::start();
        let home = Home::of(&etcd.endpoint());
        let mut www = endpoint("www.example.com", "A", &["192.0.2.1", "192.0.2.2"]);
        www["recordTTL"] = 60.into();
        let wanted = vec![
            www,
            endpoint("six.example.com", "AAAA", &["2001:db8::1"]),
            endpoint("alias.example.com", "CNAME", &["lb.example.net"]),
            endpoint("text.example.com", "TXT", &["hello"]),
            endpoint("1.2.0.192.in-addr.arpa", "PTR", &["www.example.com"]),
        ];
        let scene = Self { binary, etcd, home, wanted };
        assert_ne!(scene.sync(), json!({}), "it has everything to write");
        scene.comes_to_rest();
        Some(scene)
    }

    /// Runs one reconciliation; returns its changes.
    fn sync_with(&self, arguments: &[&str]) -> Value {
        let file = self.home.path().join("wanted.json");
        fs::write(&file, Value::from(self.wanted.clone()).to_string()).unwrap();
        let mut command = Command::new(&self.binary);
        command.arg("-wanted").arg(&file).args(arguments);
        // The recorder is for this program, not for external-dns.
        command.env("ETCD_URLS", self.etcd.unrecorded_endpoint());
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn sync(&self) -> Value {
        self.sync_with(&[])
    }

    /// Checks that a sync has nothing to do, and changes no key.
    #[track_caller]
    fn comes_to_rest(&self) {
        let before = self.records();
        assert_eq!(self.sync(), json!({}), "{before:#?}");
        assert_eq!(self.records(), before);
    }

    fn records(&self) -> Records {
        let lines = self.etcd.etcdctl(&["get", "--prefix", "--", "/coredns/"]);
        let lines: Vec<&str> = lines.lines().collect();
        lines.chunks(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect()
    }

    fn below(&self, key: &str) -> Records {
        let prefix = format!("{key}/");
        self.records().into_iter().filter(|(key, _)| key.starts_with(&prefix)).collect()
    }

    /// Returns the first of the keys that external-dns has made below a name.
    fn leaf(&self, key: &str) -> String {
        let is_random = |key: &&String| key.rsplit('/').next().is_some_and(|leaf| leaf.len() == 8);
        self.below(key).keys().find(is_random).unwrap().clone()
    }

    fn run(&self, arguments: &[&str]) -> Run {
        self.home.run(&[arguments, &["--zones", ZONES]].concat())
    }

    fn findings(&self, trap: &str) -> Vec<Value> {
        let run = self.run(&["lint", "--severity", "info", "-o", "json"]);
        run.json().into_iter().filter(|line| line["trap"] == trap).collect()
    }
}

#[test]
fn what_is_set_beside_it_stays_and_what_it_has_stays() {
    let Some(scene) = Scene::new() else { return };
    let before = scene.records();
    let x1 = format!("{WWW}/x1");
    scene
        .run(&["set", "www.example.com", "--host", "192.0.2.9", "--ttl", "60", "--confirm", &x1])
        .ends_with(0);
    scene.comes_to_rest();
    scene.run(&["set", &x1, "--host", "192.0.2.10", "--confirm", &x1]).ends_with(0);
    scene.comes_to_rest();
    let mut now = scene.records();
    assert_eq!(now.remove(&x1).unwrap(), r#"{"host":"192.0.2.10","ttl":60}"#);
    assert_eq!(now, before, "nothing else has changed");
    scene.run(&["rm", &x1, "--confirm", &x1]).ends_with(0);
    scene.comes_to_rest();
    assert_eq!(scene.records(), before);
}

#[test]
fn a_file_of_its_zone_is_imported_and_planned_beside_it() {
    let Some(scene) = Scene::new() else { return };
    let before = scene.records();
    let file = scene.home.path().join("example.com.zone");
    let zone = "$ORIGIN example.com.\n$TTL 60\n@ SOA ns h 1 2 3 4 5\nwww A 192.0.2.1\nwww A 192.0.2.2\n\
        www A 192.0.2.3\nnew A 192.0.2.4\n";
    fs::write(&file, zone).unwrap();
    let file = file.to_str().unwrap();
    scene.run(&["import", file, "--confirm", "/coredns/"]).ends_with(0);
    let added: Vec<String> = scene.records().into_keys().filter(|key| !before.contains_key(key)).collect();
    assert_eq!(added, ["/coredns/com/example/new/x1".to_owned(), format!("{WWW}/x1")]);
    scene.comes_to_rest();
    // A plan that prunes takes records that nobody wants, but not those that external-dns would only make again.
    let plan = &scene.run(&["plan", file, "--prune", "-o", "json"]).json()[0];
    assert_eq!(
        (&plan["creates"], &plan["updates"], &plan["deletes"]),
        (&json!([]), &json!([]), &json!([])),
        "{plan}"
    );
    let untouched = plan["untouched"].as_array().unwrap();
    assert!(
        untouched.iter().any(|left| left["why"].as_str().unwrap().contains("manages this")),
        "{untouched:?}"
    );
}

#[test]
fn its_fields_survive_a_change_and_it_takes_the_change_back_as_is_said() {
    let Some(scene) = Scene::new() else { return };
    let before = scene.below(WWW);
    let run = scene.run(&["ttl", "www.example.com", "120", "--confirm", &format!("{WWW}/")]).ends_with(0);
    let said = words(&run);
    assert!(said.contains("external-dns (owner default, ingress/default/web) manages this"), "{said}");
    assert!(said.contains("will be reverted at its next sync"), "{said}");
    for (key, value) in scene.below(WWW) {
        assert_eq!(value, before[&key].replace(r#""ttl":60"#, r#""ttl":120"#), "the rest is as it was");
    }
    assert_ne!(scene.sync(), json!({}));
    assert_eq!(scene.below(WWW), before, "it is reverted");
    scene.comes_to_rest();
}

#[test]
fn the_owner_in_its_values_survives_a_change() {
    let Some(scene) = Scene::new() else { return };
    // Another external-dns writes the owner of a record into the record itself.
    let strict = ["-strictly-owned", "-owner", "blue", "-prefix", "/coredns/"];
    let scene = Scene { wanted: vec![endpoint("blue.example.com", "A", &["192.0.2.50"])], ..scene };
    scene.sync_with(&strict);
    let key = scene.leaf("/coredns/com/example/blue");
    assert_eq!(scene.records()[&key], r#"{"host":"192.0.2.50","targetstrip":1,"owner":"blue"}"#);
    let run = scene.run(&["set", &key, "--ttl", "30", "--confirm", &key]).ends_with(0);
    let said = words(&run);
    assert!(
        said.contains(
            "external-dns (owner blue, ingress/default/web) manages this: a change will be reverted"
        ),
        "{said}"
    );
    assert_eq!(scene.records()[&key], r#"{"host":"192.0.2.50","targetstrip":1,"owner":"blue","ttl":30}"#);
    scene.sync_with(&strict);
    assert_eq!(scene.sync_with(&strict), json!({}), "it comes to rest");
}

#[test]
fn what_is_deleted_of_it_is_made_anew_and_an_undo_finds_both() {
    let Some(scene) = Scene::new() else { return };
    let (key, before) = (scene.leaf(WWW), scene.below(WWW));
    let backup = scene.home.path().join("backup.jsonl.gz");
    let backup = backup.to_str().unwrap();
    scene.run(&["backup", "--to", backup]).ends_with(0);
    let said = words(&scene.run(&["rm", &key, "--confirm", &key]).ends_with(0));
    assert!(said.contains("will be reverted at its next sync"), "{said}");
    scene.run(&["restore", backup, "--confirm", "/coredns/"]).ends_with(0);
    assert_eq!(scene.below(WWW), before);
    scene.comes_to_rest();

    scene.run(&["rm", &key, "--confirm", &key]).ends_with(0);
    scene.sync();
    scene.comes_to_rest();
    let values = |records: Records| {
        let mut values: Vec<String> = records.into_values().collect();
        values.sort();
        values
    };
    let anew = scene.below(WWW);
    assert!(!anew.contains_key(&key), "at another key");
    assert_eq!(values(anew), values(before));
    // The restored record has the same target once more: CoreDNS gives it once, and external-dns never comes to rest.
    let said = words(&scene.run(&["restore", backup, "--confirm", "/coredns/"]).ends_with(0));
    let restless = "external-dns comes to no rest while both are there.";
    assert!(said.contains(restless), "{said}");
    assert_ne!(scene.sync(), json!({}));
    assert_ne!(scene.sync(), json!({}));
    let found = scene.findings("T58");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0]["message"].as_str().unwrap().ends_with(restless), "{found:?}");
    let fix = ["lint", "--fix", "T58"];
    let second = found[0]["key"].as_str().unwrap();
    scene.run(&[&fix[..], &["--confirm", second]].concat()).ends_with(0);
    scene.comes_to_rest();
    assert_eq!(scene.findings("T58"), Vec::<Value>::new());
}

#[test]
fn groups_are_taken_away_again_by_it_and_that_is_said_before() {
    let Some(scene) = Scene::new() else { return };
    let api = format!("{WWW}/api/x1");
    scene.run(&["set", "api.www.example.com", "--host", "192.0.2.77", "--confirm", &api]).ends_with(0);
    scene.comes_to_rest();
    let addresses = || {
        let line = scene.run(&["answer", "www.example.com", "-o", "json"]).json().remove(0);
        line["answer"].as_array().unwrap().len()
    };
    assert_eq!(addresses(), 3, "the address below leaks");
    let isolate = scene.run(&["isolate", "www.example.com", "--confirm", &scene.leaf(WWW)]).ends_with(0);
    let said = words(&isolate);
    assert!(said.contains("a writer that knows none, as external-dns without its annotation"), "{said}");
    assert!(said.contains("will be reverted at its next sync"), "{said}");
    assert_eq!(addresses(), 2);
    assert!(scene.findings("T5").is_empty());
    assert_ne!(scene.sync(), json!({}));
    assert_eq!(addresses(), 3, "it leaks again");
    assert_eq!(scene.findings("T5").len(), 1, "which is said");
    scene.comes_to_rest();

    // With its annotation, the group stays.
    let mut scene = scene;
    let group = json!([{"name": "coredns/group", "value": "www.example.com"}]);
    scene.wanted[0]["providerSpecific"] = group;
    scene.sync();
    let line = scene.run(&["answer", "www.example.com", "-o", "json"]).json().remove(0);
    assert_eq!(line["answer"].as_array().unwrap().len(), 2);
    scene.comes_to_rest();
}

#[test]
fn a_leaf_that_looks_like_its_own_is_removed_as_lint_says() {
    let Some(scene) = Scene::new() else { return };
    let adopted = format!("{WWW}/x1");
    scene.etcd.put(&adopted, r#"{"host":"192.0.2.9","ttl":60,"targetstrip":1}"#);
    let found = scene.findings("E5");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0]["message"].as_str().unwrap().contains("which it removes at its next sync"), "{found:?}");
    scene.sync();
    assert!(!scene.records().contains_key(&adopted), "{:#?}", scene.records());
    scene.comes_to_rest();
    assert!(scene.findings("E5").is_empty());
}

#[test]
fn a_value_at_the_name_itself_is_warned_of_because_all_below_may_go_with_it() {
    let Some(scene) = Scene::new() else { return };
    scene.etcd.put(WWW, r#"{"host":"192.0.2.9"}"#);
    scene.etcd.put(&format!("{WWW}/api/x1"), r#"{"host":"192.0.2.77"}"#);
    let found = scene.findings("E4");
    assert_eq!(found.len(), 1, "{found:?}");
    let said = found[0]["message"].as_str().unwrap();
    assert!(said.contains("it deletes all keys below www.example.com, names of others too"), "{said}");
    scene.sync();
    assert!(!scene.records().contains_key(&format!("{WWW}/api/x1")), "{:#?}", scene.records());
}

#[test]
fn its_notes_are_known_by_everybody() {
    let Some(mut scene) = Scene::new() else { return };
    let note = scene.leaf("/coredns/com/example/aaaa-six");
    assert_eq!(scene.records()[&note], NOTE);
    let run = scene.run(&["rm", &note, "--confirm", &note]).ends_with(0);
    let said = words(&run);
    assert!(said.contains("keeps its note of ownership here: a change makes it lose track"), "{said}");
    // Without the note its address belongs to nobody: external-dns neither changes nor removes it.
    let before = scene.below(SIX);
    scene.wanted.remove(1);
    scene.sync();
    assert_eq!(scene.below(SIX), before);
    scene.comes_to_rest();
    let undone = scene.home.run(&["log", "-o", "json"]).json();
    let id = undone.iter().rev().find_map(|entry| entry["id"].as_str()).unwrap();
    scene.run(&["undo", id, "--confirm", &note]).ends_with(0);
    // It is its own again, and nobody wants it.
    scene.sync();
    assert_eq!(scene.below(SIX), Records::new());
    // external-dns leaves its note, and lint finds it.
    scene.comes_to_rest();
    let found = scene.findings("E1");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["key"], note);
}
