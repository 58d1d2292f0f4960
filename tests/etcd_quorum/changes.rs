//! A change of many transactions is caught in its middle and something befalls the member that makes it. The journal says
//! of each key whether it was changed, and etcd's versions prove it: nothing is made twice, and nothing is lost.
//!
//! `COREDECK_FAULTS=long` (`tests/run --long`) makes each fault meet the request and the reply, of a command and of a
//! deck; otherwise a few of them do.
use crate::{
    cli::Run,
    fault::Fault,
    lab::{Lab, told},
    proxy::{Line, Way},
    pty::Terminal,
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    process::Command,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

const KEYS: usize = 640;
/// How the deck tells what became of a change.
const ENDS: [&str; 4] = ["keys changed at revision", "Stopped half-way", "Outcome unknown", "Refused"];

/// Who makes the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    /// `import` creates all keys.
    Command,
    /// A deck changes the TTL of all.
    Deck,
}

/// A change that is being made.
enum Running {
    Command(JoinHandle<Run>),
    Deck(Box<Terminal>),
}

/// The keys of one trial.
struct Keys {
    name: String,
    prefix: String,
}

impl Keys {
    fn of_trial(number: usize) -> Self {
        Self { name: format!("t{number}.org"), prefix: format!("/coredns/org/t{number}/") }
    }

    fn key(&self, number: usize) -> String {
        format!("{}n{number:04}/x1", self.prefix)
    }

    /// How often each was written.
    fn versions(&self, lab: &Lab) -> BTreeMap<String, u64> {
        let listed = lab.cluster.etcdctl(&["get", "--prefix", "-w", "fields", "--", &self.prefix]);
        let field = |name: &'static str| {
            listed
                .lines()
                .filter_map(move |line| line.strip_prefix(name))
                .map(|value| value.trim_matches('"'))
        };
        let versions = field("\"Version\" : ").map(|version| version.parse().unwrap());
        field("\"Key\" : ").map(str::to_owned).zip(versions).collect()
    }

    fn import(&self, lab: &Lab, endpoints: &[String]) -> Command {
        let mut lines = String::new();
        for number in 0..KEYS {
            let key = self.key(number);
            let _ = writeln!(lines, r#"{{"key":"{key}","value":{{"host":"10.0.0.1","ttl":60}}}}"#);
        }
        let file = lab.home.path().join("records.jsonl");
        fs::write(&file, lines).unwrap();
        let (file, expect) = (file.to_str().unwrap(), KEYS.to_string());
        let import = ["import", file, "--confirm", "/coredns/", "--expect", &expect, "-o", "json"];
        lab.command(endpoints, &import)
    }
}

impl Who {
    /// How often each key was written when it is done.
    fn done(self) -> u64 {
        match self {
            Self::Command => 1,
            Self::Deck => 2,
        }
    }

    fn begin(self, lab: &Lab, endpoints: &[String], keys: &Keys) -> Running {
        match self {
            Self::Command => {
                let command = keys.import(lab, endpoints);
                Running::Command(thread::spawn(move || Run::of(command)))
            }
            Self::Deck => {
                Run::of(keys.import(lab, &lab.endpoints(0))).ends_with(0);
                let mut deck = lab.open(endpoints, &keys.name);
                deck.shows("live").press(" ").shows("1 name marked").press("b").shows("Change many records");
                deck.press("\t").press("\t").press("300").shows("300");
                deck.press_until("\r", "type exactly").press(&keys.prefix).shows("matches");
                deck.press("\t").press(&KEYS.to_string());
                // An Enter that comes this soon after other keys would be taken for a part of a paste.
                deck.settle(Duration::from_millis(300));
                deck.press("\r");
                Running::Deck(Box::new(deck))
            }
        }
    }
}

/// One fault in the middle of one change.
fn trial(lab: &mut Lab, fault: Fault, way: Way, who: Who, number: usize) {
    let keys = Keys::of_trial(number);
    let (member, line, endpoints) = lab.line_for(fault);
    line.become_(Line::Lurking);
    let running = who.begin(lab, &endpoints, &keys);
    line.wait_for_the_middle(way);
    fault.strike(lab, member, &line);
    let since = Instant::now();
    let (says, deck) = match running {
        Running::Command(run) => {
            let run = run.join().unwrap();
            let line = run.json().remove(0);
            (format!("{}, exit {}", line["outcome"].as_str().unwrap(), run.code), None)
        }
        Running::Deck(mut deck) => {
            deck.wait("an end", |screen| ENDS.iter().any(|end| screen.contains(end)));
            let says = ENDS.iter().find(|end| deck.text().contains(**end)).unwrap();
            ((*says).to_owned(), Some(deck))
        }
    };
    let met = if way == Way::ToMember { "request" } else { "reply" };
    told(fault, &format!("{who:?}, {met}"), &says, since.elapsed());
    fault.mend(lab, member);
    if let Some(mut deck) = deck {
        deck.press("\x1b").shows("live").shows("WRITE");
    }
    let entry = accounted_for(lab, who, &keys, &format!("{fault}, {who:?}, {way:?}"));
    finish(lab, who, &keys, &entry);
}

/// Each key is as the journal says that it is.
fn accounted_for(lab: &Lab, who: Who, keys: &Keys, trial: &str) -> Value {
    let entry = lab.home.run(&["log", "-o", "json"]).ends_with(0).json().pop().unwrap();
    let versions = keys.versions(lab);
    let changes = entry["changes"].as_array().unwrap();
    assert_eq!(changes.len(), KEYS, "{trial}");
    for change in changes {
        let key = change["key"].as_str().unwrap();
        let version = versions.get(key).copied().unwrap_or_default();
        let may = match change["made"].as_bool() {
            Some(true) => who.done()..=who.done(),
            Some(false) => who.done() - 1..=who.done() - 1,
            None => who.done() - 1..=who.done(),
        };
        assert!(may.contains(&version), "{trial}: {key} has version {version}: {change}");
    }
    assert!(changes.iter().any(|change| change["made"] == true), "{trial}: it was not in its middle");
    assert_eq!(entry["outcome"] == "done", changes.iter().all(|change| change["made"] == true), "{trial}");
    entry
}

/// What is left of it is made, and then every key was written as often as it should be.
fn finish(lab: &Lab, who: Who, keys: &Keys, entry: &Value) {
    let left = keys.versions(lab);
    let left = KEYS - left.values().filter(|version| **version == who.done()).count();
    if left > 0 {
        let text = |field: &str| entry[field].as_str().unwrap();
        let expect = left.to_string();
        lab.run(0, &["resume", text("id"), "--confirm", text("challenge"), "--expect", &expect]).ends_with(0);
    }
    let versions = keys.versions(lab);
    assert!(
        versions.len() == KEYS && versions.values().all(|version| *version == who.done()),
        "{left} were left"
    );
}

/// Faults that meet requests or replies, one after the other.
fn trials(who: Who, some: &[(Fault, Way)]) {
    let mut lab = Lab::new();
    for (number, (fault, way)) in some.iter().enumerate() {
        trial(&mut lab, *fault, *way, who, number);
    }
}

/// Each fault, with the request and with the reply, where there is time for it.
fn all_or(some: &[(Fault, Way)]) -> Vec<(Fault, Way)> {
    if std::env::var("COREDECK_FAULTS").is_ok_and(|long| long == "long") {
        Fault::ALL.iter().flat_map(|fault| [(*fault, Way::ToMember), (*fault, Way::FromMember)]).collect()
    } else {
        some.to_vec()
    }
}

#[test]
fn a_command_in_whose_middle_something_fails_makes_no_write_twice_and_accounts_for_each() {
    let some = [Fault::LeaderDies, Fault::TwoDie, Fault::Line(Line::Reset)];
    trials(Who::Command, &all_or(&some.map(|fault| (fault, Way::FromMember))));
}

#[test]
fn a_deck_in_whose_middle_something_fails_makes_no_write_twice_and_accounts_for_each() {
    let some = [
        (Fault::FollowerHangs, Way::ToMember),
        (Fault::LeaderHandsOver, Way::FromMember),
        (Fault::Line(Line::HalfClosed), Way::FromMember),
    ];
    trials(Who::Deck, &all_or(&some));
}
