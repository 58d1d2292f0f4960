//! Accident by another hand beside an open deck, on real etcds: the bell, the first message, the file that one key
//! saves, and what the next start knows.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::disallowed_types, reason = "the other client is no part of the program")]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/cli.rs"]
mod cli;
#[path = "support/etcd.rs"]
mod etcd;
#[path = "support/pty.rs"]
mod pty;

use cli::Home;
use coredeck::archive::{ArchiveReader, LineContent};
use etcd::{PrivateEtcd, Setup, recorder::Recorder};
use etcd_client::{PutOptions, Txn, TxnOp};
use pty::Terminal;
use std::{fs, path::PathBuf, time::Duration};

/// Number of events: a thousand may end with one lease, beside the other keys.
const EVENTS: usize = 90;

/// Scene of an etcd with records and the keys of a small Kubernetes, and the home of its operator.
struct Scene {
    etcd: PrivateEtcd,
    home: Home,
}

impl Scene {
    fn new(records: usize, registry: usize) -> Self {
        let scene = Self { etcd: Setup::default().start(), home: Home::new() };
        let records = (1..=records).map(|n| (format!("/coredns/io/gcr/x{n}"), r#"{"host":"10.0.0.1"}"#, 0));
        scene.put(records.collect());
        let pods = (1..=registry).map(|n| (format!("/registry/pods/default/pod-{n}"), "k8s\0\u{1}", 0));
        scene.put(pods.collect());
        let home = Home::of(&scene.etcd.unrecorded_endpoint());
        Self { home, ..scene }
    }

    fn put(&self, keys: Vec<(String, &'static str, i64)>) {
        self.etcd
            .with_client(&self.etcd.unrecorded_endpoint(), |client| async move {
                for some in keys.chunks(100) {
                    let leased = |lease| (lease != 0).then(|| PutOptions::new().with_lease(lease));
                    let puts: Vec<TxnOp> = some
                        .iter()
                        .map(|(key, value, lease)| TxnOp::put(key.as_str(), *value, leased(*lease)))
                        .collect();
                    client.kv_client().txn(Txn::new().and_then(puts)).await.unwrap();
                }
            })
            .unwrap();
    }

    /// Makes events of one lease, which is returned.
    fn events(&self) -> i64 {
        let granted = self.etcd.with_client(&self.etcd.unrecorded_endpoint(), |client| async move {
            client.lease_client().grant(3600, None).await.unwrap().id()
        });
        let lease = granted.unwrap();
        self.put((1..=EVENTS).map(|n| (format!("/registry/events/default/e{n}"), "k8s", lease)).collect());
        lease
    }

    fn deck_with(&self, arguments: &[&str]) -> Terminal {
        let mut command = pty::coredeck(self.home.path(), arguments);
        command.cwd("/");
        self.home.variables().iter().for_each(|(name, value)| command.env(name, value));
        Terminal::start(command, 80, 24)
    }

    /// Opens a deck that has counted everybody's keys, and shows the number.
    fn deck(&self, keys: usize) -> Terminal {
        let mut deck = self.deck_with(&[]);
        deck.not_now().shows(" live ").shows(&format!("can delete all {keys} keys"));
        deck
    }

    /// Returns the number of keys of a prefix now, by etcdctl.
    fn count(&self, prefix: &str) -> usize {
        let keys = self.etcd.etcdctl(&["get", prefix, "--prefix", "--keys-only"]);
        keys.lines().filter(|line| !line.is_empty()).count()
    }

    /// Returns the saved file of all of etcd, once it is there.
    fn everything(&self) -> Option<PathBuf> {
        let rescued = fs::read_dir(self.home.path().join("state/coredeck/rescued")).ok()?;
        let mut files = rescued.map(|entry| entry.unwrap().path());
        files.find(|path| {
            let name = path.file_name().unwrap().to_str().unwrap();
            name.starts_with("everything-") && name.ends_with(".jsonl.gz")
        })
    }
}

fn rings(deck: &Terminal) -> usize {
    // No other output has a bell in it: titles are not set.
    String::from_utf8_lossy(&deck.sent).matches('\x07').count()
}

fn keys_of(file: &std::path::Path) -> Vec<String> {
    let mut archive = ArchiveReader::open(file).unwrap();
    let mut keys = vec![];
    while let Some(content) = archive.next().unwrap() {
        if let LineContent::Record(record) = content {
            keys.push(String::from_utf8(record.key.into()).unwrap());
        }
    }
    keys
}

#[test]
fn the_accident_itself_rings_says_the_worst_first_and_one_key_saves_everybody() {
    let scene = Scene::new(9, 300);
    scene.events();
    let mut deck = scene.deck(399);
    assert_eq!(rings(&deck), 0);
    let deleted = scene.etcd.etcdctl(&["del", "/", "coredns"]);
    assert_eq!(deleted.trim(), "399");
    deck.shows("Kubernetes' 300 keys are gone too: 0 of 300 left");
    assert!(rings(&deck) >= 1);
    // The counts are the present ones, and no key of others was read.
    deck.press("!").shows("etcd may forget them").shows("within 5 minutes").shows("less than a minute ago");
    deck.shows("etcd still has revision");
    assert_eq!(scene.everything(), None, "others' keys are read when somebody asks for it");
    deck.press("R").shows("(verified)").shows("coredeck restore");
    let file = scene.everything().unwrap();
    let keys = keys_of(&file);
    assert_eq!(keys.len(), 9 + 300 + EVENTS);
    assert_eq!(keys.iter().filter(|key| key.starts_with("/registry/pods/")).count(), 300);
    let script = file.to_str().unwrap().replace(".jsonl.gz", ".put-back.sh");
    assert!(fs::metadata(script).is_ok(), "the way back lies beside it");
    // x asks, and shows the file's path; ! shows it afterwards.
    deck.press("x").shows("End the alarm?").shows("everything-");
    deck.press("x").shows("the alarm is over").hides("keys are gone too");
    deck.press("!").shows("This alarm was over").press("\x1b").hides("This alarm was over");
    // Neither this deck nor the next one rings again.
    let before = rings(&deck);
    deck.press("r").shows("read again").settle(Duration::from_millis(300));
    assert_eq!(rings(&deck), before);
    deck.press("q").end();
    let mut next = scene.deck_with(&[]);
    next.not_now().shows(" live ");
    next.press("r").shows("read again").settle(Duration::from_millis(300));
    assert_eq!(rings(&next), 0, "{}", next.text());
}

#[test]
fn others_keys_are_counted_until_r_is_pressed_and_then_read_and_never_written() {
    let scene = Scene::new(9, 300);
    let recorder = Recorder::before(&scene.etcd.unrecorded_endpoint(), "/coredns/");
    let scene = Scene { home: Home::of(&recorder.endpoint()), ..scene };
    let mut deck = scene.deck(309);
    scene.etcd.etcdctl(&["del", "/", "coredns"]);
    deck.shows("Kubernetes' 300 keys are gone too").press("!").shows("etcd still has revision");
    assert_eq!(recorder.violations(), Vec::<String>::new());
    deck.press("R").shows("(verified)");
    assert_ne!(recorder.violations(), Vec::<String>::new(), "the recorder sees that others' keys are read");
    for method in ["Put", "DeleteRange", "Txn", "Compact"] {
        assert_eq!(recorder.count(&format!("/etcdserverpb.KV/{method}")), 0, "{method}");
    }
}

#[test]
fn kubernetes_alone_rings_though_the_scope_lost_nothing() {
    let scene = Scene::new(9, 300);
    let mut deck = scene.deck(309);
    scene.etcd.etcdctl(&["del", "--prefix", "/registry"]);
    deck.shows("Kubernetes' 300 keys are gone: 0 of 300 left");
    assert_eq!(rings(&deck), 1);
    // The revision before the deletion is found by counting, and has all of them.
    deck.press(":rescue\r").shows("(verified)");
    assert_eq!(keys_of(&scene.everything().unwrap()).len(), 309);
}

#[test]
fn events_that_end_with_their_lease_are_no_loss() {
    let scene = Scene::new(9, 30);
    let lease = scene.events();
    let mut deck = scene.deck(129);
    scene.etcd.etcdctl(&["lease", "revoke", &format!("{lease:x}")]);
    assert_eq!(scene.count("/registry/events/"), 0);
    // A look has seen that they are gone.
    deck.press("r").shows("can delete all 39 keys");
    assert_eq!((rings(&deck), deck.text().contains("gone")), (0, false), "{}", deck.text());
}

#[test]
fn a_scope_that_is_emptied_rings_whatever_its_size() {
    for records in [9, 3, 1] {
        let scene = Scene::new(records, 5);
        let mut deck = scene.deck(records + 5);
        scene.etcd.etcdctl(&["del", "--prefix", "/coredns/"]);
        deck.shows("deleted at revision");
        assert_eq!(rings(&deck), 1, "{records} of {records}");
    }
}

#[test]
fn the_first_contact_does_not_hide_it_and_says_the_way_to_it() {
    let scene = Scene::new(9, 300);
    let mut deck = scene.deck_with(&[]);
    deck.shows("First contact").shows("Kubernetes (300 keys)");
    scene.etcd.etcdctl(&["del", "/", "coredns"]);
    deck.shows("Kubernetes' 300 keys are gone too").shows("Esc, then !").shows("First contact");
    // The box shows the present numbers as well.
    deck.hides("Kubernetes (300 keys)").shows("that are known by name");
    deck.press("\x1b").hides("First contact").press("!").shows("within 5 minutes");
}

#[test]
fn what_happens_while_no_deck_is_open_rings_at_the_next_start() {
    let scene = Scene::new(9, 300);
    let mut deck = scene.deck(309);
    deck.press("q").end();
    scene.etcd.etcdctl(&["del", "/", "coredns"]);
    let mut deck = scene.deck_with(&[]);
    deck.shows("0 of 300 left");
    assert_eq!(rings(&deck), 1);
    deck.press("\x1b").hides("First contact").press("!").shows("The 9 keys below /coredns/ are gone");
    deck.press("R").shows("(verified)");
    assert_eq!(keys_of(&scene.everything().unwrap()).len(), 309);
    // Nobody has accepted the loss: the next start knows of it as well.
    deck.press("\x1b").hides("Mass deletion").press("q").end();
    scene.deck_with(&[]).shows("0 of 300 left");
}

#[test]
fn what_a_deck_deletes_itself_rings_neither_in_it_nor_in_the_next_one() {
    let scene = Scene::new(3, 30);
    let mut deck = scene.deck(33);
    deck.press(":rm -r gcr.io\r").shows("type exactly").press("/coredns/io/gcr/").shows("matches");
    deck.press("\t3").shows("number > 3").settle(Duration::from_millis(300));
    deck.press_until("\r", "deleted at revision");
    assert_eq!(scene.count("/coredns/"), 0);
    deck.press("r").shows("read again");
    assert_eq!((rings(&deck), deck.text().contains("gone")), (0, false), "{}", deck.text());
    deck.press("q").end();
    let mut next = scene.deck_with(&[]);
    next.not_now()
        .shows("can delete all 30 keys")
        .press("r")
        .shows("read again")
        .settle(Duration::from_millis(300));
    assert_eq!((rings(&next), next.text().contains("gone")), (0, false), "{}", next.text());
}

#[test]
fn what_the_command_line_deletes_is_missed_by_no_deck() {
    let scene = Scene::new(3, 30);
    let mut deck = scene.deck(33);
    deck.press("q").end();
    let removed = ["rm", "-r", "gcr.io", "--confirm", "/coredns/io/gcr/", "--expect", "3"];
    scene.home.run(&removed).ends_with(0);
    let mut next = scene.deck(30);
    next.press("r").shows("read again").settle(Duration::from_millis(300));
    assert_eq!((rings(&next), next.text().contains("gone")), (0, false), "{}", next.text());
}

#[test]
fn a_profile_has_it_saved_without_a_key_press() {
    let scene = Scene::new(9, 30);
    let profile = format!(
        "[profile.default]\nendpoints = [\"{}\"]\nrescue_all = true\n",
        scene.etcd.unrecorded_endpoint()
    );
    let home = Home::new().profiles(&profile);
    let scene = Scene { home, ..scene };
    let mut deck = scene.deck(39);
    scene.etcd.etcdctl(&["del", "/", "coredns"]);
    deck.shows("Kubernetes' 30 keys are gone too").shows(", saved");
    assert_eq!(keys_of(&scene.everything().unwrap()).len(), 39);
}

#[test]
fn a_user_of_the_scope_alone_is_told_who_could_save_the_rest() {
    let scene = Scene::new(9, 30);
    scene.etcd.enable_authentication();
    let home = Home::of(&scene.etcd.unrecorded_endpoint())
        .with("ETCDCTL_USER", "dns")
        .with("ETCDCTL_PASSWORD", "dns");
    let scene = Scene { home, ..scene };
    let mut deck = scene.deck_with(&[]);
    deck.not_now().shows(" live ").shows("may not even look");
    scene.etcd.etcdctl(&["--user=root:root", "del", "/", "coredns"]);
    deck.shows("9 keys were deleted");
    deck.press("!").shows("R saves all").press("R").shows("NOT SAVED").shows("user root");
    assert_eq!(scene.everything(), None);
}
