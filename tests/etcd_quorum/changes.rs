//! Faults in the middle of a change of many transactions: they hit the member that makes it, or the whole cluster.
//! The journal tells of each key whether it was changed, and etcd's versions prove it: nothing is made twice, and
//! nothing is lost.
//!
//! `COREDECK_FAULTS=long` (`tests/run --long`) makes each fault hit the request and the reply, of each kind of
//! change; otherwise a few of them do.
use crate::{
    cli::Run,
    fault::Fault,
    lab::{Lab, told},
    proxy::{Line, Proxy, Way},
    pty::Terminal,
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    process::Command,
    sync::mpsc::{self, Receiver},
    thread,
    time::Instant,
};

const KEYS: usize = 640;
/// Bytes of transactions that pass before one is held: more than one of 128 keys, and less than five. A command has
/// read all keys over the same line before.
const MIDDLE: usize = 20_000;
const MIDDLE_AFTER_READING: usize = 40_000;
/// Words with which the deck tells the outcome of a change.
const ENDS: [&str; 5] = [
    "keys changed at revision",
    "keys deleted at revision",
    "Stopped half-way",
    "Outcome unknown",
    "Refused",
];

/// Kind of change, and who makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A command creates all keys.
    Import,
    /// A deck gives all of them another TTL.
    Ttl,
    /// A deck deletes the directory.
    Deletion,
}

/// Change that is under way.
enum Running {
    /// The command's end comes here.
    Command(Receiver<Run>),
    Deck(Box<Terminal>),
}

impl Running {
    /// Takes what it said at its end; `None` while it goes on.
    fn end(&mut self) -> Option<String> {
        match self {
            Self::Command(end) => {
                end.try_recv().ok().map(|run| format!("exit {}\n{}{}", run.code, run.out, run.err))
            }
            Self::Deck(deck) => {
                let screen = deck.text();
                ENDS.iter().any(|end| screen.contains(end)).then_some(screen)
            }
        }
    }
}

/// Keys of one trial.
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

    /// Returns the version of each key that is there.
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

    /// Returns the number of keys that are as the change makes them.
    fn made(&self, lab: &Lab, change: Change) -> usize {
        let (versions, (_, after)) = (self.versions(lab), change.versions());
        (0..KEYS).filter(|number| versions.get(&self.key(*number)).copied() == after).count()
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

    /// Opens a deck at the directory, which holds all keys.
    fn deck(&self, lab: &Lab, endpoints: &[String]) -> Terminal {
        Run::of(self.import(lab, &lab.endpoints(0))).ends_with(0);
        let mut deck = lab.open(endpoints, &self.name);
        deck.shows("live");
        deck
    }
}

impl Change {
    /// Returns the version of each key before and after the change; `None` for a key that is not there.
    fn versions(self) -> (Option<u64>, Option<u64>) {
        match self {
            Self::Import => (None, Some(1)),
            Self::Ttl => (Some(1), Some(2)),
            Self::Deletion => (Some(1), None),
        }
    }

    /// Begins the change, with a line that holds a transaction in its middle.
    fn begin(self, lab: &Lab, endpoints: &[String], keys: &Keys, line: &Proxy) -> Running {
        let mut deck = match self {
            Self::Import => {
                let command = keys.import(lab, endpoints);
                line.become_(Line::Lurking(MIDDLE_AFTER_READING));
                let (ended, end) = mpsc::channel();
                thread::spawn(move || ended.send(Run::of(command)));
                return Running::Command(end);
            }
            Self::Ttl => {
                let mut deck = keys.deck(lab, endpoints);
                deck.press(" ").shows("1 name marked").press("b").shows("Change many records");
                deck.press("\t").press("\t").press("300").shows("300");
                deck.press_until("\r", "type exactly");
                deck
            }
            Self::Deletion => {
                let mut deck = keys.deck(lab, endpoints);
                deck.press("D").shows("type exactly");
                deck
            }
        };
        deck.press(&keys.prefix).shows("matches").press("\t").press(&KEYS.to_string());
        line.become_(Line::Lurking(MIDDLE));
        deck.press_until("\r", "goes on whatever is pressed");
        Running::Deck(Box::new(deck))
    }
}

/// Tries one fault in the middle of one change. Returns the journal's entry of it, when the fault is over.
pub fn trial(lab: &mut Lab, fault: Fault, way: Way, change: Change, number: usize) -> Value {
    let keys = Keys::of_trial(number);
    let (member, line, endpoints) = lab.line_for(fault);
    let mut running = change.begin(lab, &endpoints, &keys, &line);
    line.wait_for_the_middle(way, || running.end());
    let made = keys.made(lab, change);
    assert!((1..KEYS).contains(&made), "{fault}, {change:?}, {way:?}: it is not in its middle: {made}");
    fault.strike(lab, member, &line);
    let since = Instant::now();
    let (says, deck) = match running {
        Running::Command(end) => {
            let run = end.recv().unwrap();
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
    told(fault, &format!("{change:?}, {met}"), &says, since.elapsed());
    fault.mend(lab, member);
    if let Some(mut deck) = deck {
        deck.press("\x1b").shows("live").shows("WRITE");
        // Its own deletions are not shown as those of others.
        assert!(!deck.text().contains("by somebody else"), "{}", deck.text());
    }
    let entry = accounted_for(lab, change, &keys, &format!("{fault}, {change:?}, {way:?}"));
    finish(lab, change, &keys, &entry);
    entry
}

/// Checks that each key is as the journal says.
fn accounted_for(lab: &Lab, change: Change, keys: &Keys, trial: &str) -> Value {
    let entry = lab.home.run(&["log", "-o", "json"]).ends_with(0).json().pop().unwrap();
    let versions = keys.versions(lab);
    let changes = entry["changes"].as_array().unwrap();
    assert_eq!(changes.len(), KEYS, "{trial}");
    let (before, after) = change.versions();
    for change in changes {
        let key = change["key"].as_str().unwrap();
        let version = versions.get(key).copied();
        let may = match change["made"].as_bool() {
            Some(true) => version == after,
            Some(false) => version == before,
            None => version == before || version == after,
        };
        assert!(may, "{trial}: {key} has version {version:?}: {change}");
    }
    assert_eq!(entry["outcome"] == "done", changes.iter().all(|change| change["made"] == true), "{trial}");
    entry
}

/// Finishes the change, and checks that every key was written as often as it should be.
fn finish(lab: &Lab, change: Change, keys: &Keys, entry: &Value) {
    let left = KEYS - keys.made(lab, change);
    if left > 0 {
        let (id, expect) = (entry["id"].as_str().unwrap(), left.to_string());
        lab.run(0, &["resume", id, "--confirm", &keys.prefix, "--expect", &expect]).ends_with(0);
    }
    assert_eq!(keys.made(lab, change), KEYS, "{left} were left");
}

/// Tries each fault, with the request and with the reply, if there is time for it.
fn trials(change: Change, some: &[(Fault, Way)]) {
    let all = std::env::var("COREDECK_FAULTS").is_ok_and(|long| long == "long");
    let all: Vec<(Fault, Way)> = if all {
        Fault::ALL.iter().flat_map(|fault| [(*fault, Way::ToMember), (*fault, Way::FromMember)]).collect()
    } else {
        some.to_vec()
    };
    let mut lab = Lab::new();
    for (number, (fault, way)) in all.into_iter().enumerate() {
        trial(&mut lab, fault, way, change, number);
    }
}

#[test]
fn a_command_in_whose_middle_something_fails_makes_no_write_twice_and_accounts_for_each() {
    let some = [Fault::LeaderDies, Fault::TwoDie, Fault::Line(Line::Reset), Fault::NoSpace];
    trials(Change::Import, &some.map(|fault| (fault, Way::FromMember)));
}

#[test]
fn a_deck_in_whose_middle_something_fails_makes_no_write_twice_and_accounts_for_each() {
    let some = [
        (Fault::FollowerHangs, Way::ToMember),
        (Fault::LeaderHandsOver, Way::FromMember),
        (Fault::Line(Line::HalfClosed), Way::FromMember),
    ];
    trials(Change::Ttl, &some);
}

#[test]
fn a_deletion_in_whose_middle_something_fails_makes_no_write_twice_and_accounts_for_each() {
    let some = [
        (Fault::LeaderDies, Way::FromMember),
        (Fault::Line(Line::Reset), Way::FromMember),
        (Fault::NoSpace, Way::ToMember),
        (Fault::Corrupt, Way::ToMember),
    ];
    trials(Change::Deletion, &some);
}
