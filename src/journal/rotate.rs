//! Rotation of the journal: puts its file away when it has grown or aged, and deletes the oldest when all together are
//! too large. Entries that an undo of the last 30 days needs are never deleted, nor is an entry whose outcome nobody
//! knows.
use super::{
    entry::EntryHeading,
    files::{self, OpenedFile},
    ledger::Ledger,
};
use crate::private_directory;
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::HashMap,
    fs::{self, File},
    io,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};

/// Limits at which a file is put away or deleted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Size in bytes from which on a file is put away.
    pub(super) file: u64,
    /// Age of its first line from which on it is put away.
    pub(super) age: SignedDuration,
    /// Size in bytes of all files together from which on old ones are deleted.
    pub(super) all: u64,
    /// Time for which an entry stays in any case.
    pub(super) keep: SignedDuration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file: 16 * 1024 * 1024,
            age: SignedDuration::from_hours(30 * 24),
            all: 128 * 1024 * 1024,
            keep: SignedDuration::from_hours(30 * 24),
        }
    }
}

/// Number of bytes that hold the beginning of a line with its time.
const BEGINNING: usize = 512;

impl Limits {
    /// Tells whether a file is to be put away before the next entry.
    pub(super) fn are_met(&self, file: &File, length: u64, now: Timestamp) -> bool {
        length > 0
            && (length >= self.file
                || first_time(file).is_some_and(|first| now.duration_since(first) > self.age))
    }
}

/// Returns the time at which the first line of a file was written.
fn first_time(file: &File) -> Option<Timestamp> {
    let mut beginning = [0; BEGINNING];
    let read = file.read_at(&mut beginning, 0).ok()?;
    let text = String::from_utf8_lossy(beginning.get(..read)?);
    let (_, behind) = text.lines().next()?.split_once("\"time\":\"")?;
    behind.split('"').next()?.parse().ok()
}

/// Gives the file that is written its final name; the next line begins a new one. Call it with the lock held. A crash
/// before or after it loses nothing: a name is changed at once or not at all.
pub(super) fn put_away(current: &Path, now: Timestamp) -> io::Result<PathBuf> {
    let directory = current.parent().unwrap_or(Path::new("."));
    let away = directory.join(files::name_of(now));
    fs::rename(current, &away)?;
    private_directory::sync(directory)?;
    Ok(away)
}

/// Deletes the oldest files while all of them together are too large. Needs no lock: a file that may go now may go
/// later as well, even if another session deletes at the same time.
///
/// # Errors
/// The directory cannot be read or written. Nothing is lost then.
pub(super) fn let_go(directory: &Path, limits: &Limits, now: Timestamp) -> io::Result<Vec<PathBuf>> {
    let length = |path: &PathBuf| fs::metadata(path).map(|metadata| metadata.len());
    let away = files::put_away(directory)?;
    let mut all: u64 = away.iter().filter_map(|path| length(path).ok()).sum();
    all += length(&directory.join(files::CURRENT)).unwrap_or(0);
    if all <= limits.all {
        return Ok(vec![]);
    }
    let contents = Ledger::in_directory(directory).contents().map_err(io::Error::other)?;
    let mut needed: HashMap<&Path, bool> = HashMap::new();
    for (opened, heading, settled) in contents.by_file() {
        *needed.entry(&*opened.path).or_default() |= !settled || is_young(heading, limits, now);
    }
    let mut gone = vec![];
    for path in away {
        // The content of a file that could not be read through is unknown.
        let unknown = contents.unreadable().iter().any(|line| line.file == path && !line.torn);
        if all <= limits.all || unknown || needed.get(&*path).copied().unwrap_or(false) {
            // The files behind it are younger.
            break;
        }
        let bytes = length(&path)?;
        fs::remove_file(&path)?;
        all = all.saturating_sub(bytes);
        gone.push(path);
    }
    if !gone.is_empty() {
        private_directory::sync(directory)?;
    }
    Ok(gone)
}

fn is_young(heading: &EntryHeading, limits: &Limits, now: Timestamp) -> bool {
    let last = heading.concluded.map_or(heading.time, |concluded| concluded.max(heading.time));
    now.duration_since(last) <= limits.keep
}

/// A file with one of its entries, and whether the outcome of that is known.
pub(super) type InFile<'c> = (&'c OpenedFile, &'c EntryHeading, bool);

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    const DAY: i64 = 24 * 60 * 60;

    fn days_ago(days: i64) -> Timestamp {
        now() - SignedDuration::from_secs(days * DAY)
    }

    fn now() -> Timestamp {
        "2026-11-22T00:00:00Z".parse().unwrap()
    }

    fn intended(id: &str, time: Timestamp) -> String {
        format!(
            r#"{{"line":"intended","id":"{id}","time":"{time}","author":{{"pid":7,"program":"coredeck"}},"cluster":"ff","scope":"/coredns/","read_at":9,"challenge":"/coredns/io/a","changes":[]}}"#
        ) + "\n"
    }

    fn concluded(id: &str, time: Timestamp) -> String {
        format!(
            r#"{{"line":"concluded","id":"{id}","time":"{time}","outcome":"done","changed":1,"revision":10}}"#
        ) + "\n"
    }

    /// Makes a directory with these files, the last one being the present one.
    fn journal(files: &[String]) -> (TempDir, Vec<PathBuf>) {
        let directory = tempfile::tempdir().unwrap();
        let last = files.len() - 1;
        let name = |number: usize| {
            if number < last { format!("journal-{number}.jsonl") } else { files::CURRENT.to_owned() }
        };
        let paths: Vec<PathBuf> =
            (0..files.len()).map(|number| directory.path().join(name(number))).collect();
        for (path, text) in paths.iter().zip(files) {
            fs::write(path, text).unwrap();
        }
        (directory, paths)
    }

    fn tight() -> Limits {
        Limits { all: 0, ..Limits::default() }
    }

    fn left(paths: &[PathBuf]) -> Vec<bool> {
        paths.iter().map(|path| path.exists()).collect()
    }

    #[test]
    fn only_files_whose_every_entry_is_older_than_thirty_days_go() {
        let old = |id: &str| intended(id, days_ago(40)) + &concluded(id, days_ago(40));
        let young = intended("y", days_ago(29)) + &concluded("y", days_ago(29));
        let (directory, paths) = journal(&[old("a"), old("b"), old("c") + &young, old("d"), String::new()]);
        let gone = let_go(directory.path(), &tight(), now()).unwrap();
        assert_eq!(gone, paths[..2]);
        assert_eq!(left(&paths), [false, false, true, true, true]);
    }

    #[test]
    fn an_entry_counts_from_its_end_which_may_stand_in_a_later_file() {
        let (directory, paths) =
            journal(&[intended("a", days_ago(40)), concluded("a", days_ago(29)), String::new()]);
        let_go(directory.path(), &tight(), now()).unwrap();
        assert_eq!(left(&paths), [true, true, true]);
    }

    #[test]
    fn an_entry_of_which_nobody_knows_the_end_stays_however_old_it_is() {
        let (directory, paths) = journal(&[intended("a", days_ago(4000)), String::new()]);
        let_go(directory.path(), &tight(), now()).unwrap();
        assert_eq!(left(&paths), [true, true]);
        // Its outcome is written down, and is old.
        fs::write(&paths[1], concluded("a", days_ago(3999))).unwrap();
        let_go(directory.path(), &tight(), now()).unwrap();
        assert_eq!(left(&paths), [false, true]);
    }

    #[test]
    fn what_cannot_be_read_is_not_let_go() {
        let old = intended("a", days_ago(40)) + &concluded("a", days_ago(40));
        let (directory, paths) = journal(&[old + "not JSON\n", String::new()]);
        let_go(directory.path(), &tight(), now()).unwrap();
        assert_eq!(left(&paths), [true, true]);
    }

    #[test]
    fn nothing_goes_while_there_is_room() {
        let old = |id: &str| intended(id, days_ago(40)) + &concluded(id, days_ago(40));
        let files = [old("a"), old("b"), old("c"), String::new()];
        let room = (files.concat().len() - 1) as u64;
        let (directory, paths) = journal(&files);
        let_go(directory.path(), &Limits { all: room + 1, ..tight() }, now()).unwrap();
        assert_eq!(left(&paths), [true; 4]);
        let_go(directory.path(), &Limits { all: room, ..tight() }, now()).unwrap();
        assert_eq!(left(&paths), [false, true, true, true], "no more than there has to");
    }

    #[test]
    fn a_file_is_put_away_by_its_size_and_by_its_age() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(files::CURRENT);
        let due = |text: &str, limits: Limits| {
            fs::write(&path, text).unwrap();
            limits.are_met(&File::open(&path).unwrap(), text.len() as u64, now())
        };
        let limits = Limits { file: 1000, ..Limits::default() };
        assert!(!due("", limits));
        assert!(!due(&intended("a", days_ago(29)), limits));
        assert!(due(&intended("a", days_ago(31)), limits));
        assert!(due(&concluded("a", days_ago(31)), limits));
        assert!(due(&intended(&"a".repeat(1000), days_ago(1)), limits));
        assert!(!due("torn", limits), "a line that says no time has none");
    }
}
