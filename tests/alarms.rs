//! Alarm of an etcd, at every place where the program tells of it: the messages, the changes that are refused before
//! anything is sent, those that are made, and the return to normal when the alarm is gone.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/cli.rs"]
mod cli;
#[path = "support/etcd.rs"]
mod etcd;
#[path = "support/pty.rs"]
mod pty;

use cli::{Home, Run};
use etcd::{PrivateEtcd, Setup};
use etcd_client::AlarmType;
use pty::Terminal;
use serde_json::Value;
use std::fs;

const FIRST: &str = "/coredns/io/gcr/x1";
const SECOND: &str = "/coredns/io/gcr/x2";

/// Scene of an etcd with two records, its operator, and an open deck.
struct Scene {
    etcd: PrivateEtcd,
    home: Home,
    deck: Terminal,
}

impl Scene {
    fn on(binary: &std::path::Path) -> Self {
        let etcd = Setup::default().binary(binary).start();
        etcd.put(FIRST, r#"{"host":"10.0.0.1"}"#);
        etcd.put(SECOND, r#"{"host":"10.0.0.2"}"#);
        let home = Home::of(&etcd.endpoint());
        home.run(&["status"]).ends_with(0);
        let mut command = pty::coredeck(home.path(), &["gcr.io"]);
        command.cwd("/");
        home.variables().iter().for_each(|(name, value)| command.env(name, value));
        let mut deck = Terminal::start(command, 100, 30);
        deck.not_now().shows("10.0.0.2").shows("1/1 up");
        Self { etcd, home, deck }
    }

    /// Checks that `status` ends with 6 and reports the alarm, in words and for monitoring.
    fn status_tells(&self, kind: &str, what: &str) {
        let text = self.home.run(&["status"]).ends_with(6);
        let unwrapped = text.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(unwrapped.contains(what), "{text:?}");
        let status = self.home.run(&["status", "-o", "json"]).ends_with(6).json().remove(0);
        assert_eq!(status["alarms"][0]["alarm"], kind, "{status}");
        assert_eq!(status["alarms"][0]["member"], status["members"][0]["id"], "{status}");
        assert_eq!((&status["quorum"], &status["members"][0]["up"]), (&true.into(), &true.into()));
        assert_eq!(status["members"][0]["errors"], Value::Array(vec![]), "an alarm is told once: {status}");
        let finding = &status["findings"][0];
        assert_eq!(finding["level"], "error");
        assert!(finding["what"].as_str().unwrap().ends_with(what), "{finding}");
        assert!(finding["remedy"].as_str().unwrap().contains("disarm"), "{finding}");
        let doctor = self.home.run(&["doctor", "-o", "json"]).ends_with(6);
        let said = format!("{kind} alarm\"");
        assert!(doctor.out.contains(&said) && doctor.out.contains("coredeck status"), "{doctor:?}");
    }

    /// Checks the header's word, and the page with the remedy.
    fn deck_tells(&mut self, kind: &str, what: &str, remedy: &str) {
        self.deck.press("s").shows(what).shows(remedy).press("\x1b").hides(remedy);
        let header = self.deck.text().lines().next().unwrap().to_owned();
        assert!(header.contains(kind) && header.contains("1/1 up"), "{header}");
    }

    fn set(&self, key: &str, host: &str) -> Run {
        self.home.run(&["set", key, "--host", host, "--confirm", key, "-o", "json"])
    }

    fn remove(&self, key: &str) -> Run {
        self.home.run(&["rm", key, "--confirm", key, "-o", "json"])
    }

    /// Checks that nothing was sent, journalled or changed.
    fn is_refused(&self, change: impl Fn(&Self) -> Run, kind: &str) {
        let journal = || fs::read_to_string(self.home.journal()).unwrap_or_default();
        let (before, revision) = (journal(), self.revision());
        let refused = change(self).ends_with(1).says(kind).says("Nothing was changed.");
        assert_eq!(refused.json()[0]["outcome"], "nothing_changed", "{refused:?}");
        assert_eq!((journal(), self.revision()), (before, revision));
    }

    fn revision(&self) -> String {
        let listed = self.etcd.etcdctl(&["get", "-w", "fields", "--", FIRST]);
        listed.lines().find(|line| line.starts_with("\"Revision\"")).unwrap().to_owned()
    }

    /// Disarms the alarm, and waits until the deck notices by itself.
    fn all_is_as_before(mut self, kind: &str) {
        self.etcd.etcdctl(&["alarm", "disarm"]);
        self.home.run(&["status"]).ends_with(0);
        self.deck.wait("no alarm in its header", |screen| !screen.lines().next().unwrap().contains(kind));
        self.set("/coredns/io/gcr/x3", "10.0.0.3").ends_with(0);
        self.deck.shows("10.0.0.3");
        self.remove("/coredns/io/gcr/x3").ends_with(0);
        self.deck.hides("10.0.0.3");
    }
}

#[test]
fn a_store_without_space_takes_deletions_and_is_told_everywhere() {
    for binary in etcd::etcd_versions() {
        let mut scene = Scene::on(&binary);
        scene.etcd.raise(AlarmType::Nospace);
        scene.status_tells("NOSPACE", "puts are refused, deletions are not");
        scene.home.run(&["get", "gcr.io"]).ends_with(0);
        scene.is_refused(|scene| scene.set("/coredns/io/gcr/x3", "10.0.0.3"), "NOSPACE");
        scene.remove(SECOND).ends_with(0).says("Careful: NOSPACE alarm: this deletion cannot be undone");
        scene.deck.hides("10.0.0.2");
        scene.deck_tells("NOSPACE", "puts are refused, deletions are not", "Make room, in this order");
        // An edit is refused when it is saved; a deletion is made, with a warning.
        scene.deck.press("\te").shows("host").press("9").press_until("\r", "cannot be done now");
        scene.deck.press_until("y", "refused before anything was sent");
        scene.deck.press("\x1b").hides("cannot be done now").press("\x1b").hides("Edit /coredns");
        scene.deck.press("d").shows("cannot be undone before it is disarmed").press(FIRST).shows("matches");
        scene.all_is_as_before("NOSPACE");
    }
}

#[test]
fn members_that_differ_are_read_and_not_written_and_are_told_everywhere() {
    for binary in etcd::etcd_versions() {
        let mut scene = Scene::on(&binary);
        scene.etcd.raise(AlarmType::Corrupt);
        scene.status_tells("CORRUPT", "members differ, and every write is refused");
        scene.home.run(&["get", "gcr.io"]).ends_with(0);
        scene.is_refused(|scene| scene.set("/coredns/io/gcr/x3", "10.0.0.3"), "CORRUPT");
        scene.is_refused(|scene| scene.remove(SECOND), "CORRUPT");
        scene.deck_tells("CORRUPT", "members differ, and every write is refused", "hashkv");
        scene.deck.press("\td").shows("cannot be done now").press(FIRST).shows("matches");
        scene.deck.press_until("\r", "refused before anything was sent");
        scene.deck.press("\x1b").hides("type exactly");
        scene.all_is_as_before("CORRUPT");
    }
}
