//! Reading the journal back.
use super::{
    Author,
    line::{Intended, Line, NotReadBack, RecordedChange, RecordedGrant, RecordedLease, RecordedOutcome},
};
use crate::{
    keys::{ClusterId, Revision, Scope},
    plan::{Change, EntryId},
};
use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufRead as _, BufReader},
    path::Path,
};

/// The journal, oldest entry first.
#[derive(Debug, Default)]
pub struct Log {
    pub entries: Vec<Entry>,
    /// Lines that are none: torn by a crash or a full disk, changed by hand, or of a newer version.
    pub unreadable: Vec<Unreadable>,
}

/// One plan, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: EntryId,
    pub time: jiff::Timestamp,
    pub author: Author,
    pub cluster: ClusterId,
    pub scope: String,
    pub read_at: Revision,
    pub challenge: String,
    /// What it was for; empty where the journal is from before this was written.
    pub kind: String,
    /// The entry that it takes back or finishes.
    pub about: Option<EntryId>,
    pub grants: Vec<RecordedGrant>,
    /// How long leases of the changed keys had still to live; what is not here could not be asked.
    pub leases: Vec<RecordedLease>,
    pub recorded: Vec<RecordedChange>,
    /// `None` when the program ended before it knew: look before undoing.
    pub outcome: Option<RecordedOutcome>,
}

/// A line that is no entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// From 1.
    pub line: usize,
    pub reason: String,
    /// It is the last line and has no end: the program was stopped while it wrote it.
    pub torn: bool,
}

impl Entry {
    /// The changes as they were made, all in `scope`.
    ///
    /// # Errors
    /// [`NotReadBack`], for a key outside this session's scope and for lines that were changed by hand.
    pub fn changes(&self, scope: &Scope) -> Result<Vec<Change>, NotReadBack> {
        self.recorded.iter().map(|recorded| recorded.change(scope)).collect()
    }

    fn of(intended: Intended, cluster: ClusterId) -> Self {
        let Intended {
            id,
            time,
            author,
            cluster: _,
            scope,
            read_at,
            challenge,
            kind,
            about,
            grants,
            leases,
            changes,
        } = intended;
        Self {
            id: EntryId(id),
            time,
            author,
            cluster,
            scope,
            read_at,
            challenge,
            kind,
            about: about.map(EntryId),
            grants,
            leases,
            recorded: changes,
            outcome: None,
        }
    }
}

/// Reads a journal. One that does not exist is empty.
///
/// # Errors
/// The file cannot be read.
pub fn read(path: &Path) -> io::Result<Log> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Log::default()),
        Err(error) => return Err(error),
    };
    let mut log = Log::default();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut file = BufReader::new(file);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if file.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let torn = line.last() != Some(&b'\n');
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        if let Err(reason) = log.take(text, &mut places) {
            log.unreadable.push(Unreadable { line: number, reason, torn });
        }
    }
    Ok(log)
}

impl Log {
    fn take(&mut self, text: &[u8], places: &mut HashMap<String, usize>) -> Result<(), String> {
        match serde_json::from_slice(text).map_err(|error| error.to_string())? {
            Line::Intended(intended) => {
                let cluster = intended.cluster().ok_or("its cluster is no cluster id")?;
                places.insert(intended.id.clone(), self.entries.len());
                self.entries.push(Entry::of(*intended, cluster));
            }
            Line::Concluded(concluded) => {
                let entry = places.get(&concluded.id).and_then(|place| self.entries.get_mut(*place));
                entry.ok_or("it concludes what was never intended here")?.outcome = Some(concluded.outcome);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTENDED: &str = r#"{"line":"intended","id":"a","time":"2026-01-02T03:04:05Z","author":{"user":"root","uid":0,"sudo_user":"ada","sudo_uid":"1000","login_uid":null,"ssh":null,"host":"m1","pid":7,"program":"coredeck 0.1.0"},"cluster":"00000000000000ff","scope":"/coredns/","read_at":9,"challenge":"/coredns/io/a","changes":[{"change":"create","key":"/coredns/io/a","value":"{}","lease":null}]}"#;
    const CONCLUDED: &str = r#"{"line":"concluded","id":"a","time":"2026-01-02T03:04:06Z","outcome":"nothing_changed","why":"x"}"#;

    fn read_text(text: &str) -> Log {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read(file.path()).unwrap()
    }

    #[test]
    fn a_torn_last_line_is_reported_and_loses_nothing_else() {
        let torn = &INTENDED[..100];
        let log = read_text(&format!("{INTENDED}\n{CONCLUDED}\n{torn}"));
        assert_eq!(log.entries.len(), 1);
        assert!(log.entries[0].outcome.is_some());
        let [unreadable] = &log.unreadable[..] else { panic!("{log:?}") };
        assert_eq!((unreadable.line, unreadable.torn), (3, true));
    }

    #[test]
    fn an_entry_without_a_conclusion_has_no_outcome() {
        let log = read_text(&format!("{INTENDED}\n"));
        assert_eq!(log.entries[0].outcome, None);
        assert_eq!(log.entries[0].cluster, ClusterId(255));
    }

    #[test]
    fn lines_that_say_nothing_are_named_by_their_number() {
        let log = read_text(&format!("{CONCLUDED}\n{{\"line\":\"rotated\"}}\n{INTENDED}\n"));
        assert_eq!(log.entries.len(), 1);
        assert_eq!(
            log.unreadable.iter().map(|u| (u.line, u.torn)).collect::<Vec<_>>(),
            [(1, false), (2, false)]
        );
    }

    #[test]
    fn a_journal_that_was_never_written_is_empty() {
        let directory = tempfile::tempdir().unwrap();
        assert!(read(&directory.path().join("journal.jsonl")).unwrap().entries.is_empty());
    }
}
