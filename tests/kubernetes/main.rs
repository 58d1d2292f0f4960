//! Accident on a real Kubernetes, and the way back: an API server over a private etcd with DNS records beside its
//! keys, `etcdctl del / coredns`, `rescue --last`, the script, the API server again, and every object compared.
//!
//! The test needs kube-apiserver and kubectl, which `tests/run --kubernetes` builds from `go.mod` here; it reports if
//! it cannot.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::print_stderr, reason = "a long test says where it is")]
#![allow(clippy::disallowed_types, reason = "the other client is no part of the program")]

#[path = "../support/certificates.rs"]
mod certificates;
#[path = "../support/cli.rs"]
mod cli;
mod cluster;
#[path = "../support/etcd.rs"]
mod etcd;
mod objects;
#[path = "../support/pty.rs"]
mod pty;
#[path = "../support/put_back.rs"]
mod put_back;

use cli::Home;
use cluster::{ApiServer, binaries};
use etcd::{PrivateEtcd, Setup, etcd_versions};
use etcd_client::{Client, GetOptions};
use objects::{custom_objects, objects};
use pty::Terminal;
use put_back::Script;
use std::{collections::BTreeMap, path::Path};

/// Enough records that a deck rings in any case.
const RECORDS: usize = 60;

/// Keys with their values and leases.
type Keys = BTreeMap<Vec<u8>, (Vec<u8>, i64)>;

fn all(etcd: &PrivateEtcd) -> Keys {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut kv = Client::connect(etcd.endpoints(), None).await.unwrap().kv_client();
        let mut found = kv.get("", Some(GetOptions::new().with_all_keys())).await.unwrap();
        let found = found.take_kvs().into_iter();
        found.map(|kv| (kv.key().to_vec(), (kv.value().to_vec(), kv.lease()))).collect()
    })
}

/// Scene of a cluster with its records, and its operator.
struct Scene {
    etcd: PrivateEtcd,
    api: ApiServer,
    home: Home,
}

impl Scene {
    fn new(binaries: &Path, etcd: &Path) -> Self {
        let etcd = Setup::default().binary(etcd).start();
        let home = Home::of(&etcd.unrecorded_endpoint());
        let api = ApiServer::start(binaries, &etcd, &home.path().join("kubernetes"));
        for number in 0..RECORDS {
            etcd.put(
                &format!("/coredns/org/example/host-{number:02}/x1"),
                &format!(r#"{{"host":"192.0.2.{number}"}}"#),
            );
        }
        api.apply(&objects());
        api.wait(&["get", "crd", "widgets.example.org", "-o", "json"], "Established", |said| {
            said.contains("Established")
        });
        api.wait(&["api-resources", "--api-group=example.org", "--cached=false"], "widgets", |said| {
            said.contains("widgets")
        });
        api.apply(&custom_objects());
        Self { etcd, api, home }
    }

    /// Plays the whole night, from the pasted line to the last object.
    fn night(mut self, mut deck: Option<Terminal>) {
        let (objects, before) = (self.api.objects(), all(&self.etcd));
        assert!(objects.len() > 150, "{} objects", objects.len());
        let wide: Vec<_> = before.keys().filter(|key| key.starts_with(b"/registry/")).collect();
        assert!(wide.len() > 250, "{} keys of Kubernetes", wide.len());

        // One space too many.
        self.etcd.etcdctl(&["del", "/", "coredns"]);
        self.api.wait(&["get", "nodes", "-o", "name"], "no node", str::is_empty);
        if let Some(deck) = &mut deck {
            deck.hides("192.0.2.7");
        }

        let to = self.home.path().join("all.jsonl.gz").display().to_string();
        let run = self.home.run(&["rescue", "--last", "--to", &to, "-o", "json"]).ends_with(0);
        let line = run.json().remove(0);
        let holding = |prefix: &str| {
            line["holdings"].as_array().unwrap().iter().find(|it| it["prefix"] == prefix).unwrap().clone()
        };
        assert_eq!(holding("/coredns/")["keys"], RECORDS);
        let kubernetes = holding("/registry/");
        let leased: u64 =
            kubernetes["leased"].as_object().unwrap().values().map(|it| it.as_u64().unwrap()).sum();
        assert!(leased >= 12, "the events have leases: {kubernetes}");
        let keys = kubernetes["keys"].as_u64().unwrap() - leased;

        self.api.stop();
        let since = all(&self.etcd);
        let script = line["script"].as_str().unwrap();
        let etcdctl = self.etcd.tool().display().to_string();
        let ran =
            Script::of(script).variable("ETCDCTL", &etcdctl).types(&keys.to_string()).run().ends_with(0);
        let ran = ran.says("Kubernetes makes them anew").says("/registry/events/ 12");
        let put_back = all(&self.etcd);
        for (key, (value, lease)) in &before {
            let shown = String::from_utf8_lossy(key);
            if !key.starts_with(b"/registry/") || *lease != 0 {
                continue;
            }
            // A key that the API server has made anew between the accident and its end keeps its new value.
            let wanted = since.get(key).map_or(value, |(value, _)| value);
            assert!(put_back.get(key).is_some_and(|(now, _)| now == wanted), "{shown}: {ran:?}");
        }
        let existed = since
            .keys()
            .filter(|key| {
                before.get(*key).is_some_and(|(_, lease)| *lease == 0) && key.starts_with(b"/registry/")
            })
            .count();
        ran.says(&format!("{} put back, {existed} existed", keys - existed as u64));

        if existed > 0 {
            // As the script has said, the keys that were made anew are other objects with the same names.
            let again = Script::of(script).variable("ETCDCTL", &etcdctl).with(&["--overwrite"]);
            again.types(&keys.to_string()).run().ends_with(0).says(&format!("{keys} put back"));
        }
        let put_back = all(&self.etcd);
        let lasting = before.iter().filter(|(key, (_, lease))| key.starts_with(b"/registry/") && *lease == 0);
        for (key, value) in lasting {
            assert_eq!(put_back.get(key), Some(value), "{}", String::from_utf8_lossy(key));
        }

        self.home
            .run(&["restore", &to, "--confirm", "/coredns/", "--expect", &RECORDS.to_string()])
            .ends_with(0);
        let records = |keys: &Keys| -> Keys {
            keys.clone().into_iter().filter(|(key, _)| key.starts_with(b"/coredns/")).collect()
        };
        assert_eq!(records(&all(&self.etcd)), records(&before));

        self.api.start_again();
        let names = |objects: &cluster::Objects| objects.keys().cloned().collect::<Vec<_>>();
        let now = self.api.objects();
        assert_eq!(names(&now), names(&objects), "every object, and no other");
        for (name, object) in &objects {
            assert_eq!(now[name], *object, "{name}");
        }
        eprintln!(
            "{} objects, {keys} keys put back, {existed} of them made anew meanwhile, {leased} with a lease",
            now.len()
        );
        if let Some(deck) = &mut deck {
            deck.shows(&format!("{RECORDS} further below"));
        }
    }

    /// Opens a deck that shows one of the records.
    fn deck(&self) -> Terminal {
        let mut command = pty::coredeck(self.home.path(), &["host-07.example.org"]);
        command.cwd("/");
        self.home.variables().iter().for_each(|(name, value)| command.env(name, value));
        let mut deck = Terminal::start(command, 100, 30);
        deck.not_now().shows("192.0.2.7");
        deck
    }
}

#[test]
fn kubernetes_comes_back_object_by_object_after_the_accident() {
    let Some(binaries) = binaries() else {
        eprintln!("there is no kube-apiserver: tests/run --kubernetes builds one. Nothing was tested");
        return;
    };
    for etcd in etcd_versions() {
        eprintln!("with no deck open, on {}", etcd.display());
        Scene::new(&binaries, &etcd).night(None);
    }
    eprintln!("with a deck open");
    let scene = Scene::new(&binaries, &etcd_versions()[0]);
    let deck = scene.deck();
    scene.night(Some(deck));
}
