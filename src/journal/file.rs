use super::{
    Author, Ledger,
    author::own_uid,
    disk::{self, Locked},
    files,
    line::{Changes, Concluded, Intended, JournalLine, RecordedOutcome},
    rotate::{self, Limits},
};
use crate::{
    failure::Failure,
    keys::Scope,
    plan::{EntryId, Journal, Outcome, Plan},
    private_directory,
};
use jiff::Timestamp;
use std::{
    fs::File,
    hash::{BuildHasher as _, Hasher as _, RandomState},
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Time for which others may put the file away under this session, each time that it has waited for it.
const PATIENCE: Duration = Duration::from_secs(5);

/// The journal of an operator, on disk.
#[derive(Debug)]
pub struct FileJournal {
    path: PathBuf,
    scope: Scope,
    author: Author,
    notices: Vec<String>,
    limits: Limits,
}

impl FileJournal {
    /// Opens or creates `journal.jsonl` in `directory`, so that trouble shows before anybody confirms anything.
    ///
    /// # Errors
    /// [`Failure::JournalUnwritable`] when directory or file cannot be made, are not ours, or are of a wrong
    /// kind.
    pub fn open(directory: &Path, scope: Scope, author: Author) -> Result<Self, Failure> {
        let mut notices = Vec::new();
        notices.extend(private_directory::prepare(directory, own_uid()).map_err(unwritable)?);
        let mut journal =
            Self { path: directory.join(files::CURRENT), scope, author, notices, limits: Limits::default() };
        journal.reopen()?;
        Ok(journal)
    }

    /// Returns the faults that were mended, for the operator to know.
    #[must_use]
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// Returns the path of the file, given the state directory.
    #[must_use]
    pub fn path_in(directory: &Path) -> PathBuf {
        directory.join(files::CURRENT)
    }

    /// Returns all that was written, by other sessions as well.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        self.path.parent().map(Ledger::in_directory).unwrap_or_default()
    }

    /// Opens the file anew for each line: it may have been put away since the last one.
    fn reopen(&mut self) -> Result<File, Failure> {
        let (file, notice) = disk::open(&self.path, own_uid()).map_err(unwritable)?;
        self.notices.extend(notice);
        Ok(file)
    }

    /// Returns the file with its lock, put away and begun anew before that if `now` it is time for it.
    fn locked(&mut self, now: Option<Timestamp>) -> Result<Locked, Failure> {
        let mut now = now;
        let give_up = Instant::now() + PATIENCE;
        while Instant::now() < give_up {
            let file = self.reopen()?;
            let locked = Locked::of(file).map_err(|error| self.failed(&error))?;
            if !locked.stands_at(&self.path).map_err(|error| self.failed(&error))? {
                continue;
            }
            let due = now.filter(|now| self.limits.are_met(locked.file(), locked.length(), *now));
            let Some(due) = due else { return Ok(locked) };
            // A file that cannot be put away is still one that can be written.
            if let Err(error) = self.put_away(due) {
                tracing::warn!(%error, path = %self.path.display(), "the journal was not put away");
                return Ok(locked);
            }
            now = None;
        }
        Err(unwritable(format!("{}: other sessions put it away all the time", self.path.display())))
    }

    fn put_away(&self, now: Timestamp) -> io::Result<()> {
        rotate::put_away(&self.path, now)?;
        let directory = self.path.parent().unwrap_or(Path::new("."));
        match rotate::let_go(directory, &self.limits, now) {
            Ok(gone) if gone.is_empty() => {}
            Ok(gone) => tracing::info!(?gone, "old files of the journal were let go"),
            Err(error) => tracing::warn!(%error, "old files of the journal were not let go"),
        }
        Ok(())
    }

    fn append(&mut self, line: &JournalLine<'_>, now: Option<Timestamp>) -> Result<(), Failure> {
        let locked = self.locked(now)?;
        let written = locked.append(|out| serde_json::to_writer(out, line).map_err(io::Error::from));
        written.map_err(|error| self.failed(&error))
    }

    /// Writes down the outcome of an entry, as it was found out later.
    ///
    /// # Errors
    /// [`Failure::JournalUnwritable`].
    pub fn conclude_as(&mut self, entry: &EntryId, outcome: RecordedOutcome) -> Result<(), Failure> {
        let concluded = Concluded { id: entry.0.clone(), time: Timestamp::now(), outcome };
        self.append(&JournalLine::Concluded(&concluded), None)
    }

    fn failed(&self, error: &io::Error) -> Failure {
        unwritable(format!("{}: {error}", self.path.display()))
    }
}

impl Journal for FileJournal {
    fn intend(&mut self, plan: &Plan) -> Result<EntryId, Failure> {
        let now = Timestamp::now();
        let id = new_id(now);
        let intended = Intended::of(plan, Changes(plan.changes()), &id, now, &self.scope, &self.author);
        self.append(&JournalLine::Intended(&intended), Some(now))?;
        Ok(id)
    }

    fn conclude(&mut self, entry: &EntryId, outcome: &Outcome) -> Result<(), Failure> {
        self.conclude_as(entry, RecordedOutcome::of(outcome))
    }

    fn place(&self) -> String {
        self.path.display().to_string()
    }
}

/// Makes a new entry's id: the time to the millisecond, so that ids sort, and 32 random bits, so that two
/// sessions never share one. It is short enough to be typed.
pub(super) fn new_id(now: Timestamp) -> EntryId {
    // The standard library's only source of randomness: each RandomState has keys of its own.
    let random = RandomState::new().build_hasher().finish() & 0xffff_ffff;
    EntryId(format!("{}-{random:08x}", now.strftime("%Y%m%dT%H%M%S.%3f")))
}

fn unwritable(reason: String) -> Failure {
    Failure::JournalUnwritable { reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        journal::Log,
        keys::{ClusterId, KeyValue, LeaseId, Revision, ScopedKey},
        plan::{Change, Surroundings},
    };
    use std::{fs, os::unix::fs::PermissionsExt as _};

    fn scope() -> Scope {
        Scope::parse("/coredns").unwrap()
    }

    fn key(text: &str) -> ScopedKey {
        scope().spelled_key(text).unwrap()
    }

    fn changes() -> Vec<Change> {
        let before = KeyValue {
            key: key(r"/coredns/io/odd\xff"),
            value: b"\x00\xff\"\n".as_slice().into(),
            create_revision: Revision(3),
            mod_revision: Revision(7),
            version: 4,
            lease: LeaseId::new(-5),
        };
        vec![
            Change::Delete { before },
            Change::Create { key: key("/coredns/io/b"), value: (*b"{}").into(), lease: None },
        ]
    }

    fn plan() -> Plan {
        let around = Surroundings::default();
        Plan::for_record(changes(), &around, ClusterId(0xabc), Revision(9)).unwrap()
    }

    fn journal(directory: &Path) -> Result<FileJournal, Failure> {
        FileJournal::open(directory, scope(), Author::of(|_| None))
    }

    fn read(directory: &Path) -> Log {
        Ledger::in_directory(directory).read().unwrap()
    }

    #[test]
    fn what_was_intended_and_what_became_of_it_can_be_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("state/coredeck");
        let mut journal = journal(&state).unwrap();
        let id = journal.intend(&plan().because(Some("a \u{1b} reason".to_owned()))).unwrap();
        let outcome = Outcome::Done { changed: 2, revision: Revision(10) };
        journal.conclude(&id, &outcome).unwrap();
        let log = read(&state);
        assert!(log.unreadable.is_empty());
        let [entry] = &log.entries[..] else { panic!("{log:?}") };
        assert_eq!((&entry.id, entry.reason.as_deref()), (&id, Some("a \u{1b} reason")));
        assert_eq!((entry.cluster, entry.read_at), (ClusterId(0xabc), Revision(9)));
        assert_eq!(entry.changes(&scope()).unwrap(), changes());
        assert_eq!(
            entry.outcome.as_ref().unwrap(),
            &RecordedOutcome::Done { changed: 2, revision: Revision(10) }
        );
    }

    #[test]
    fn nobody_else_may_read_the_journal() {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("state/coredeck");
        let _journal = journal(&state).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode(&state), 0o700);
        assert_eq!(mode(&FileJournal::path_in(&state)), 0o600);
    }

    #[test]
    fn a_place_that_is_no_place_is_said_before_anything_is_confirmed() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a-file");
        fs::write(&file, "").unwrap();
        fs::create_dir(FileJournal::path_in(directory.path())).unwrap();
        for place in [file.as_path(), &file.join("below"), directory.path(), Path::new("/proc/coredeck")] {
            let refused = journal(place).unwrap_err();
            assert!(matches!(refused, Failure::JournalUnwritable { .. }), "{place:?}");
        }
    }

    #[test]
    fn a_journal_that_has_become_unwritable_stops_the_plan() {
        let directory = tempfile::tempdir().unwrap();
        let mut journal = journal(directory.path()).unwrap();
        fs::remove_file(FileJournal::path_in(directory.path())).unwrap();
        fs::create_dir(FileJournal::path_in(directory.path())).unwrap();
        let confirmed = plan().confirm(r"/coredns/io/odd\xff", None).unwrap();
        assert!(matches!(confirmed.journal(&mut journal), Err(Failure::JournalUnwritable { .. })));
    }

    #[test]
    fn a_journal_that_was_rotated_away_begins_anew() {
        let directory = tempfile::tempdir().unwrap();
        let mut journal = journal(directory.path()).unwrap();
        let path = FileJournal::path_in(directory.path());
        fs::rename(&path, directory.path().join("old")).unwrap();
        journal.intend(&plan()).unwrap();
        assert_eq!(read(directory.path()).entries.len(), 1);
    }

    #[test]
    fn sessions_that_put_the_file_away_under_each_other_lose_no_line() {
        let directory = tempfile::tempdir().unwrap();
        std::thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    let mut journal = journal(directory.path()).unwrap();
                    // Nearly each entry begins a new file.
                    journal.limits.file = 500;
                    for _ in 0..10 {
                        let id = journal.intend(&plan()).unwrap();
                        journal.conclude(&id, &Outcome::Done { changed: 2, revision: Revision(10) }).unwrap();
                    }
                });
            }
        });
        let log = read(directory.path());
        assert_eq!((log.entries.len(), log.unreadable.len()), (40, 0));
        assert!(log.entries.iter().all(|entry| entry.outcome.is_some()));
        assert!(files::put_away(directory.path()).unwrap().len() > 10);
    }

    #[test]
    fn a_plan_that_was_refused_by_the_disk_leaves_the_file_as_it_was() {
        let directory = tempfile::tempdir().unwrap();
        let mut journal = journal(directory.path()).unwrap();
        journal.intend(&plan()).unwrap();
        let path = FileJournal::path_in(directory.path());
        let before = fs::read(&path).unwrap();
        let (file, _) = disk::open(&path, own_uid()).unwrap();
        let refused = Locked::of(file).unwrap().append(|out| {
            // More than is kept in memory, so that a part of it has reached the file.
            out.write_all(&vec![b'x'; 1_000_000])?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert!(fs::read(&path).unwrap() == before, "a million bytes are no message");
    }

    #[test]
    fn two_sessions_interleave_whole_lines() {
        let directory = tempfile::tempdir().unwrap();
        std::thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    let mut journal = journal(directory.path()).unwrap();
                    for _ in 0..10 {
                        journal.intend(&plan()).unwrap();
                    }
                });
            }
        });
        let log = read(directory.path());
        assert_eq!((log.entries.len(), log.unreadable.len()), (40, 0));
    }

    #[test]
    fn ids_sort_by_their_time() {
        let at = |text: &str| new_id(text.parse().unwrap()).0;
        let (early, late) = (at("2026-01-02T03:04:05.006Z"), at("2026-01-02T03:04:05.007Z"));
        assert!(early < late);
        assert!(early.starts_with("20260102T030405.006-"), "{early}");
    }
}
