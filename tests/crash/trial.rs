//! Trial of one kill, and of the recovery from it.
use crate::{
    cli::Run,
    deed::consent,
    killed::killed,
    rig::{CHALLENGE, Records, Rig},
};
use serde_json::Value;

/// Recovery of a change that was broken off.
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

/// End of a change that was broken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// No start was in the journal, or the end was: there was nothing to do.
    NothingToDo,
    Finished,
    TakenBack,
}

/// Entry that was broken off, as `resume -o json` shows it.
struct Told {
    id: String,
    /// The challenge for the rest of it, and for its undo.
    challenge: String,
    made: usize,
    open: usize,
}

impl Trial<'_> {
    /// Kills, looks, and finishes or takes back. Afterwards all records are as they were before.
    pub fn run(&self) -> End {
        let Self { rig, point, after } = self;
        let arguments = rig.arguments();
        killed(rig.home(), &arguments.iter().map(String::as_str).collect::<Vec<_>>(), point);
        let there = rig.there();
        let listed = rig.home().run(&["resume", "-o", "json"]);
        let end = match told(rig, &listed, &there, point) {
            None => {
                // No start is in the journal, and so nothing was sent; or everything was sent, before the end.
                let stands = if *point == "concluded:0" { rig.after() } else { rig.before() };
                assert!(there == *stands, "{point}: {listed:?}");
                End::NothingToDo
            }
            Some(told) if *after == After::Undo && told.made > 0 => self.undo(&told),
            Some(told) => self.finish(&told, &there),
        };
        let clean = rig.home().run(&["resume"]).ends_with(0);
        assert!(clean.err.contains("was broken off"), "{clean:?}");
        rig.check_the_neighbours();
        rig.fill();
        rig.begin_anew();
        end
    }

    fn finish(&self, told: &Told, there: &Records) -> End {
        let (rig, point) = (self.rig, self.point);
        let run = if told.open == 0 {
            rig.home().run(&["resume", &told.id]).ends_with(0).says("Nothing was sent to etcd.")
        } else {
            let consent = consent(&told.challenge, there, rig.after(), told.open);
            let consent: Vec<&str> = consent.iter().map(String::as_str).collect();
            rig.home().run(&[&["resume", &told.id][..], &consent].concat()).ends_with(0)
        };
        assert!(rig.there() == *rig.after(), "{point}: {run:?}");
        let entry = entry(rig, &told.id);
        assert_eq!((&entry["outcome"], &entry["why"]), (&"done".into(), &Value::Null), "{point}");
        End::Finished
    }

    fn undo(&self, told: &Told) -> End {
        let (rig, point) = (self.rig, self.point);
        let consent = consent(&told.challenge, &rig.there(), rig.before(), told.made);
        let consent: Vec<&str> = consent.iter().map(String::as_str).collect();
        let run = rig.home().run(&[&["undo", &told.id][..], &consent].concat()).ends_with(0);
        assert!(rig.there() == *rig.before(), "{point}: {run:?}");
        assert_eq!(entry(rig, &told.id)["outcome"], "settled", "{point}");
        End::TakenBack
    }
}

/// Returns the one entry that was broken off, after each of its keys was compared with etcd.
fn told(rig: &Rig, listed: &Run, there: &Records, point: &str) -> Option<Told> {
    if listed.code == 0 {
        assert!(listed.out.is_empty(), "{point}: {listed:?}");
        return None;
    }
    assert_eq!(listed.code, 6, "{point}: {listed:?}");
    let lines = listed.json();
    let [entry] = &lines[..] else { panic!("{point}: {} entries", lines.len()) };
    let changes = entry["changes"].as_array().unwrap();
    assert_eq!(changes.len(), rig.keys(), "{point}");
    let (mut made, mut open) = (0, 0);
    for change in changes {
        let key = change["key"].as_str().unwrap();
        let stands = there.get(key);
        let (state, count) = match (stands == rig.before().get(key), stands == rig.after().get(key)) {
            (true, false) => ("not_made", &mut open),
            (false, true) => ("made", &mut made),
            _ => panic!("{point}: {key} is neither as before nor as after: {stands:?}"),
        };
        assert_eq!(change["state"], state, "{point}: {key}");
        *count += 1;
    }
    let count = |state: &str| usize::try_from(entry[state].as_u64().unwrap()).unwrap();
    assert_eq!((count("made"), count("not_made")), (made, open), "{point}");
    assert_eq!(made + open, rig.keys(), "{point}");
    assert_eq!((count("unclear"), count("overtaken")), (0, 0), "{point}");
    let text = |field: &str| entry[field].as_str().unwrap().to_owned();
    Some(Told { id: text("id"), challenge: text("challenge"), made, open })
}

/// Returns an entry as `log -o json` shows it.
fn entry(rig: &Rig, id: &str) -> Value {
    let log = rig.home().run(&["log", "-o", "json"]).ends_with(0);
    log.json().into_iter().find(|entry| entry["id"] == id).unwrap()
}

/// Kills a change, and kills its finish as well, twice.
pub fn kill_the_finish_as_well(rig: &Rig) {
    let arguments = rig.arguments();
    killed(rig.home(), &arguments.iter().map(String::as_str).collect::<Vec<_>>(), "committed:0");
    let first = rig.home().run(&["resume", "-o", "json"]).ends_with(6).json().remove(0);
    let (id, open) = (first["id"].as_str().unwrap(), first["not_made"].to_string());
    let finish = ["resume", id, "--confirm", CHALLENGE, "--expect", &open];
    killed(rig.home(), &finish, "committed:0");
    let left = rig.there().len();
    assert!(left > 0 && left.to_string() != open, "{left} of {open}");
    // Both entries are shown, and both are true.
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
    // All three are at their end, and each is concluded without a request to etcd.
    for line in rig.home().run(&["resume", "-o", "json"]).ends_with(6).json() {
        assert_eq!(line["not_made"], 0, "{line}");
        let id = line["id"].as_str().unwrap();
        rig.home().run(&["resume", id]).ends_with(0).says("Nothing was sent to etcd.");
    }
    rig.home().run(&["resume"]).ends_with(0);
    rig.check_the_neighbours();
}
