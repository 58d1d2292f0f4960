//! One kill, and what comes after it.
use crate::{
    cli::Run,
    killed::killed,
    rig::{CHALLENGE, NAME, Rig},
};
use serde_json::Value;
use std::collections::BTreeMap;

/// What is done with a change that was broken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    Finish,
    Undo,
}

pub struct Trial<'a> {
    pub rig: &'a Rig,
    pub point: &'a str,
    pub after: After,
}

/// A broken off entry as `resume -o json` tells it.
struct Told {
    id: String,
    made: usize,
    open: usize,
}

impl Trial<'_> {
    /// Kills, looks, and finishes or takes back. Afterwards all records are there again.
    pub fn run(&self) {
        let Self { rig, point, after } = self;
        let expect = rig.keys().to_string();
        killed(rig.home(), &["rm", "-r", NAME, "--confirm", CHALLENGE, "--expect", &expect], point);
        let there = rig.there();
        let listed = rig.home().run(&["resume", "-o", "json"]);
        match told(rig, &listed, &there, point) {
            None => {
                // Nothing was written down, and so nothing was sent; or everything was, before the end.
                let gone = if *point == "concluded:0" { rig.keys() } else { 0 };
                assert_eq!(there.len(), rig.keys() - gone, "{point}");
            }
            Some(told) if *after == After::Undo && told.made > 0 => self.undo(&told),
            Some(told) => self.finish(&told),
        }
        let clean = rig.home().run(&["resume"]).ends_with(0);
        assert!(clean.err.contains("was broken off"), "{clean:?}");
        rig.check_the_neighbours();
        rig.fill();
        rig.begin_anew();
    }

    fn finish(&self, told: &Told) {
        let (rig, point) = (self.rig, self.point);
        let open = told.open.to_string();
        let run = if told.open == 0 {
            rig.home().run(&["resume", &told.id]).ends_with(0).says("Nothing was sent to etcd.")
        } else {
            // The beginning of its id is enough, as everywhere.
            rig.home().run(&["resume", &told.id, "--confirm", CHALLENGE, "--expect", &open]).ends_with(0)
        };
        assert!(rig.there().is_empty(), "{point}: {run:?}");
        let entry = entry(rig, &told.id);
        assert_eq!((&entry["outcome"], &entry["why"]), (&"done".into(), &Value::Null), "{point}");
    }

    fn undo(&self, told: &Told) {
        let (rig, point) = (self.rig, self.point);
        let run = rig.home().run(&["undo", &told.id, "--confirm", CHALLENGE]).ends_with(0);
        assert_eq!(rig.there(), rig.records(), "{point}: {run:?}");
        assert_eq!(entry(rig, &told.id)["outcome"], "settled", "{point}");
    }
}

/// The one entry that was broken off, after each of its keys was compared with what etcd has.
fn told(rig: &Rig, listed: &Run, there: &BTreeMap<String, String>, point: &str) -> Option<Told> {
    if listed.code == 0 {
        assert!(listed.out.is_empty(), "{point}: {listed:?}");
        return None;
    }
    assert_eq!(listed.code, 6, "{point}: {listed:?}");
    let lines = listed.json();
    let [entry] = &lines[..] else { panic!("{point}: {} entries", lines.len()) };
    let changes = entry["changes"].as_array().unwrap();
    assert_eq!(changes.len(), rig.keys(), "{point}");
    let mut seen = BTreeMap::new();
    for change in changes {
        let key = change["key"].as_str().unwrap();
        let state = if there.contains_key(key) { "not_made" } else { "made" };
        assert_eq!(change["state"], state, "{point}: {key}");
        *seen.entry(state).or_insert(0) += 1;
    }
    let count = |state: &str| usize::try_from(entry[state].as_u64().unwrap()).unwrap();
    let told =
        Told { id: entry["id"].as_str().unwrap().to_owned(), made: count("made"), open: count("not_made") };
    assert_eq!(told.made, seen.get("made").copied().unwrap_or(0), "{point}");
    assert_eq!(told.made + told.open, rig.keys(), "{point}");
    assert_eq!((count("unclear"), count("overtaken")), (0, 0), "{point}");
    Some(told)
}

/// An entry as `log -o json` has it.
fn entry(rig: &Rig, id: &str) -> Value {
    let log = rig.home().run(&["log", "-o", "json"]).ends_with(0);
    log.json().into_iter().find(|entry| entry["id"] == id).unwrap()
}

/// A change that is killed, whose finish is killed as well, twice.
pub fn kill_the_finish_as_well(rig: &Rig) {
    let expect = rig.keys().to_string();
    killed(rig.home(), &["rm", "-r", NAME, "--confirm", CHALLENGE, "--expect", &expect], "committed:0");
    let first = rig.home().run(&["resume", "-o", "json"]).ends_with(6).json().remove(0);
    let (id, open) = (first["id"].as_str().unwrap(), first["not_made"].to_string());
    let finish = ["resume", id, "--confirm", CHALLENGE, "--expect", &open];
    killed(rig.home(), &finish, "committed:0");
    let left = rig.there().len();
    assert!(left > 0 && left.to_string() != open, "{left} of {open}");
    // Both are told, and both tell the truth.
    let lines = rig.home().run(&["resume", "-o", "json"]).ends_with(6).json();
    let states: Vec<u64> = lines.iter().map(|line| line["not_made"].as_u64().unwrap()).collect();
    assert_eq!(states, [left as u64; 2]);
    assert_eq!((&lines[1]["kind"], &lines[0]["id"]), (&"finish".into(), &id.into()));
    killed(
        rig.home(),
        &["resume", id, "--confirm", CHALLENGE, "--expect", &left.to_string()],
        "concluding:0",
    );
    assert!(rig.there().is_empty());
    // All three are at their end, and each is concluded without a word to etcd.
    for line in rig.home().run(&["resume", "-o", "json"]).ends_with(6).json() {
        assert_eq!(line["not_made"], 0, "{line}");
        let id = line["id"].as_str().unwrap();
        rig.home().run(&["resume", id]).ends_with(0).says("Nothing was sent to etcd.");
    }
    rig.home().run(&["resume"]).ends_with(0);
    rig.check_the_neighbours();
}
