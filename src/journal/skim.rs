//! Skim through the lines of the journal's files, in the order in which they were written.
use super::{
    Author,
    entry::{EntryHeading, JournalEntry, Unreadable},
    files::OpenedFile,
    line::{Concluded, Intended},
};
use crate::{
    keys::{ClusterId, Revision},
    plan::EntryId,
};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    io::{self, BufRead as _, BufReader, Read as _, Seek as _},
    path::Path,
};

/// Place of an entry's line.
#[derive(Clone, Copy, Debug)]
pub(super) struct LinePosition {
    /// Number of the file.
    pub(super) file: usize,
    pub(super) offset: u64,
    /// Length in bytes, the line's end included.
    pub(super) length: usize,
}

/// Result of the skim, oldest first; a place for each heading.
#[derive(Debug, Default)]
pub(super) struct Skimmed {
    pub(super) headings: Vec<EntryHeading>,
    pub(super) places: Vec<LinePosition>,
    pub(super) unreadable: Vec<Unreadable>,
}

/// Kind of a line.
#[derive(Deserialize)]
struct Tagged<'a> {
    #[serde(borrow)]
    line: Cow<'a, str>,
}

/// An intended line whose changes are only counted.
#[derive(Deserialize)]
struct Head {
    id: String,
    time: jiff::Timestamp,
    author: Author,
    cluster: String,
    scope: String,
    read_at: Revision,
    challenge: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    about: Option<String>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(deserialize_with = "how_many")]
    changes: usize,
}

/// A conclusion that was met before its beginning.
struct Concluding {
    file: usize,
    line: usize,
    concluded: Concluded,
}

/// Goes through all files.
pub(super) fn skim(files: &mut [OpenedFile]) -> io::Result<Skimmed> {
    let mut skimmed = Skimmed::default();
    let mut concluding = vec![];
    for (number, opened) in files.iter_mut().enumerate() {
        opened.file.rewind()?;
        let mut lines = BufReader::new((&opened.file).take(opened.length));
        let mut line = vec![];
        let mut offset = 0;
        for counted in 1.. {
            line.clear();
            let length = lines.read_until(b'\n', &mut line)?;
            if length == 0 {
                break;
            }
            let text = line.strip_suffix(b"\n").unwrap_or(&line);
            let ended = text.len() < line.len();
            match seen(text) {
                _ if text.is_empty() => {}
                Ok(SkimmedLine::Head(heading)) => {
                    skimmed.headings.push(*heading);
                    skimmed.places.push(LinePosition { file: number, offset, length });
                }
                Ok(SkimmedLine::Concluded(concluded)) => {
                    concluding.push(Concluding { file: number, line: counted, concluded: *concluded });
                }
                Err(wrong) => {
                    let torn = wrong.torn || !ended;
                    let reason = if torn { why_torn(text).to_owned() } else { wrong.reason };
                    let file = opened.path.clone();
                    skimmed.unreadable.push(Unreadable { file, line: counted, reason, torn });
                }
            }
            offset += length as u64;
        }
    }
    skimmed.conclude(concluding, |number| files.get(number).map_or(Path::new(""), |opened| &opened.path));
    Ok(skimmed)
}

impl Skimmed {
    /// Joins each conclusion with its beginning, which may stand in an older file.
    fn conclude<'a>(&mut self, concluding: Vec<Concluding>, path: impl Fn(usize) -> &'a Path) {
        let places: HashMap<String, usize> =
            self.headings.iter().enumerate().map(|(at, heading)| (heading.id.0.clone(), at)).collect();
        let oldest = self.headings.iter().map(|heading| heading.id.0.clone()).min();
        for Concluding { file, line, concluded } in concluding {
            let heading = places.get(&concluded.id).and_then(|at| self.headings.get_mut(*at));
            if let Some(heading) = heading {
                heading.outcome = Some(concluded.outcome);
                heading.concluded = Some(concluded.time);
                continue;
            }
            // Ids begin with their time. An id that is older than everything here belongs to a file that was old
            // enough to be deleted.
            if oldest.as_ref().is_none_or(|oldest| concluded.id > *oldest) {
                let reason = "it concludes what was never intended here".to_owned();
                self.unreadable.push(Unreadable { file: path(file).to_owned(), line, reason, torn: false });
            }
        }
        self.unreadable.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    }
}

/// Tells what the beginning of a line without an end shows.
fn why_torn(text: &[u8]) -> &'static str {
    if text.starts_with(br#"{"line":"concluded""#) {
        "it has no end: the program was stopped while it wrote what became of a change"
    } else {
        "it has no end: the program was stopped while it wrote it, and has sent nothing of it"
    }
}

enum SkimmedLine {
    Head(Box<EntryHeading>),
    Concluded(Box<Concluded>),
}

struct SkimError {
    reason: String,
    torn: bool,
}

impl From<serde_json::Error> for SkimError {
    fn from(error: serde_json::Error) -> Self {
        Self { torn: error.is_eof(), reason: error.to_string() }
    }
}

fn seen(text: &[u8]) -> Result<SkimmedLine, SkimError> {
    let tagged: Tagged<'_> = serde_json::from_slice(text)?;
    match &*tagged.line {
        "intended" => {
            let head: Head = serde_json::from_slice(text)?;
            let cluster = cluster(&head.cluster).map_err(|reason| SkimError { reason, torn: false })?;
            Ok(SkimmedLine::Head(Box::new(head.heading(cluster))))
        }
        "concluded" => Ok(SkimmedLine::Concluded(Box::new(serde_json::from_slice(text)?))),
        other => Err(SkimError { reason: format!("it is a line of kind {other:?}"), torn: false }),
    }
}

/// Reads the entry of an intended line.
pub(super) fn entry(line: &[u8]) -> Result<JournalEntry, String> {
    let intended: Intended = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let cluster = cluster(&intended.cluster)?;
    Ok(JournalEntry::of(intended, cluster))
}

fn cluster(text: &str) -> Result<ClusterId, String> {
    text.parse().map_err(|_| "its cluster is no cluster id".to_owned())
}

impl Head {
    fn heading(self, cluster: ClusterId) -> EntryHeading {
        EntryHeading {
            id: EntryId(self.id),
            time: self.time,
            author: self.author,
            cluster,
            scope: self.scope,
            read_at: self.read_at,
            challenge: self.challenge,
            kind: self.kind,
            about: self.about.map(EntryId),
            reason: self.reason,
            changes: self.changes,
            outcome: None,
            concluded: None,
        }
    }
}

/// Returns the length of a list whose members are passed over.
fn how_many<'de, D: Deserializer<'de>>(list: D) -> Result<usize, D::Error> {
    struct Members;
    impl<'de> Visitor<'de> for Members {
        type Value = usize;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of changes")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<usize, A::Error> {
            let mut number = 0;
            while list.next_element::<IgnoredAny>()?.is_some() {
                number += 1;
            }
            Ok(number)
        }
    }
    list.deserialize_seq(Members)
}
