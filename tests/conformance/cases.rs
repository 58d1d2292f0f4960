//! Named cases in `cases.json`: written answers of `CoreDNS`, so that the engine is held to them without a `CoreDNS`
//! too. `COREDECK_CONFORMANCE=record tests/run --test conformance` writes down those of the real one.

use crate::{
    comparison::{Asked, engine},
    options::{ELSEWHERE, Options},
    presentation,
    records::{Held, Record, Written},
    reply::{Line, Reply, Sections},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fs, path::PathBuf};

/// Seconds that a lease may have lost between its grant and the question for its time.
const OLDER: u32 = 10;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// A sentence.
    pub name: String,
    /// The rule of `CoreDNS` behind it.
    pub why: String,
    #[serde(default)]
    pub options: Options,
    pub records: Vec<Written>,
    pub question: Asking,
    #[serde(default)]
    pub expected: Option<Expected>,
    /// The questions that, by the engine, go elsewhere: `name type`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<String>,
}

/// Question in a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asking {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
}

/// Expected reply, without records from elsewhere. `SILENCE` stands for no reply at all, `UNREADABLE` for one that is
/// refused, `ENDLESS` for a server that ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    rcode: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    answer: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    authority: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    additional: Vec<String>,
}

impl Case {
    pub fn asked(&self) -> Asked {
        let labels = presentation::labels(&self.question.name).unwrap();
        let name = presentation::name(labels.iter().map(Vec::as_slice));
        Asked { name, kind: presentation::kind_number(&self.question.kind).unwrap() }
    }

    /// Tells whether the question ends the server.
    pub fn is_endless(&self) -> bool {
        self.expected.as_ref().is_some_and(|expected| expected.rcode == "ENDLESS")
    }

    pub fn records(&self) -> Vec<Record> {
        self.records.iter().map(Record::from).collect()
    }

    /// Returns the expectation as a reply.
    fn reply(&self) -> Reply {
        let expected = self.expected.as_ref().unwrap_or_else(|| panic!("{}: not recorded yet", self.name));
        match expected.rcode.as_str() {
            "SILENCE" => return Reply::Silence,
            "UNREADABLE" => return Reply::Unreadable { rcode: "NOERROR".to_owned() },
            "ENDLESS" => return Reply::Endless,
            "ELSEWHERE" => return Reply::Elsewhere,
            _ => {}
        }
        let lines = |texts: &[String]| {
            let line = |text: &String| Line::parse(text).unwrap_or_else(|| panic!("{}: {text}", self.name));
            texts.iter().map(line).collect()
        };
        Reply::Message(Box::new(Sections {
            rcode: expected.rcode.clone(),
            answer: lines(&expected.answer),
            authority: lines(&expected.authority),
            additional: lines(&expected.additional),
        }))
    }

    /// Returns the reason why the engine does not answer as written, if it does not.
    pub fn fails(&self) -> Option<String> {
        let held = Held::of(&self.records());
        let answer = match engine(&held, &self.options, &self.asked()) {
            Ok(answer) => answer,
            Err(why) => return Some(why),
        };
        let asks: BTreeSet<String> = answer
            .asks
            .iter()
            .map(|ask| format!("{} {}", ask.name, presentation::kind(ask.kind.0)))
            .collect();
        if !self.asks.is_empty() && asks != self.asks.iter().cloned().collect() {
            return Some(format!("it asks {asks:?}"));
        }
        let expected = self.reply();
        let computed = Reply::computed(&answer);
        (computed != expected)
            .then(|| format!("expected {expected}\n  computed {computed}\n  because {:?}", answer.why))
    }

    /// Returns the reason why `CoreDNS` does not answer as written, if it does not.
    pub fn is_refuted_by(&self, held: &Held, real: &Reply) -> Option<String> {
        let recorded = self.expected.as_ref().map(|expected| expected.rcode.as_str());
        if matches!(recorded, Some("ELSEWHERE")) {
            return None;
        }
        let seen = Expected::of(real, held);
        (Some(&seen) != self.expected.as_ref())
            .then(|| format!("written {:#?}\n  seen {seen:#?}", self.expected))
    }
}

impl Expected {
    /// Returns the form of a reply that is written down.
    pub fn of(reply: &Reply, held: &Held) -> Self {
        let bare = |rcode: &str| Self {
            rcode: rcode.to_owned(),
            answer: vec![],
            authority: vec![],
            additional: vec![],
        };
        let sections = match reply {
            Reply::Message(sections) => sections,
            Reply::Silence => return bare("SILENCE"),
            Reply::Endless => return bare("ENDLESS"),
            Reply::Elsewhere => return bare("ELSEWHERE"),
            Reply::Unreadable { .. } => return bare("UNREADABLE"),
            Reply::Malformed(what) => panic!("{what}"),
        };
        let granted = &held.granted;
        let lines = |lines: &[Line]| {
            let ours = lines.iter().filter(|line| !line.is_within(ELSEWHERE)).cloned();
            let whole = ours.map(|mut line| {
                // A second of the lease may have gone since it was granted.
                let whole = granted.iter().find(|whole| (line.ttl..=line.ttl + OLDER).contains(whole));
                line.ttl = whole.copied().unwrap_or(line.ttl);
                line.to_string()
            });
            whole.collect()
        };
        Self {
            rcode: sections.rcode.clone(),
            answer: lines(&sections.answer),
            authority: lines(&sections.authority),
            additional: lines(&sections.additional),
        }
    }
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/cases.json")
}

/// Reads all cases, each under a name of its own.
pub fn all() -> Vec<Case> {
    let cases: Vec<Case> = serde_json::from_slice(&fs::read(path()).unwrap()).unwrap();
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len(), "two cases have one name");
    cases
}

/// Writes the cases to the file.
pub fn write(cases: &[Case]) {
    fs::write(path(), serde_json::to_string_pretty(cases).unwrap() + "\n").unwrap();
}
