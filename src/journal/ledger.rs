//! Ledger: reads the journal back, first its headings, then the entries that somebody wants to see.
use super::{
    entry::{EntryHeading, JournalEntry, Log, Unreadable},
    files,
    rotate::InFile,
    skim::{self, LinePosition},
};
use crate::{failure::Failure, remedy::Remedy};
use std::{
    io,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// Place from which a session reads its journal. Reading needs no right to write, and creates nothing. Cheap to
/// clone.
#[derive(Clone, Debug, Default)]
pub struct Ledger(LedgerStorage);

#[derive(Clone, Debug, Default)]
enum LedgerStorage {
    #[default]
    Nowhere,
    /// In the files of this directory.
    Files(PathBuf),
    Memory(Arc<Mutex<Vec<JournalEntry>>>),
}

/// Content of the journal at one moment, oldest entry first. The changes themselves are read one entry at a time, so
/// that a large journal needs little memory.
#[derive(Debug, Default)]
pub struct JournalContents {
    headings: Vec<EntryHeading>,
    unreadable: Vec<Unreadable>,
    pages: EntryStorage,
}

#[derive(Debug)]
enum EntryStorage {
    /// The files, and the place of each entry.
    Files(Vec<files::OpenedFile>, Vec<LinePosition>),
    Memory(Vec<JournalEntry>),
}

/// Reason why there is no entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    #[error("no entry of the journal begins with {0}")]
    None(String),
    #[error("{entries} entries of the journal begin with {beginning}")]
    Several { beginning: String, entries: usize },
    #[error(transparent)]
    Unread(#[from] Failure),
}

impl Remedy for EntryError {
    fn remedy(&self) -> String {
        match self {
            Self::None(_) => "Find its id with coredeck log.".to_owned(),
            Self::Several { .. } => "Give more of its id, as coredeck log shows it.".to_owned(),
            Self::Unread(failure) => failure.remedy(),
        }
    }
}

impl Default for EntryStorage {
    fn default() -> Self {
        Self::Memory(vec![])
    }
}

impl Ledger {
    /// Reads the journal in the files of a state directory, which need not exist.
    #[must_use]
    pub fn in_directory(directory: &Path) -> Self {
        Self(LedgerStorage::Files(directory.to_owned()))
    }

    pub(super) fn in_memory(entries: Arc<Mutex<Vec<JournalEntry>>>) -> Self {
        Self(LedgerStorage::Memory(entries))
    }

    /// Returns the content of the journal now. Reads files: call it where blocking is allowed.
    ///
    /// # Errors
    /// [`Failure::JournalUnreadable`]. A line that cannot be read is no error, but listed by
    /// [`unreadable`](JournalContents::unreadable).
    pub fn contents(&self) -> Result<JournalContents, Failure> {
        match &self.0 {
            LedgerStorage::Nowhere => Ok(JournalContents::default()),
            LedgerStorage::Memory(entries) => {
                let entries = entries.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let headings = entries.iter().map(JournalEntry::heading).collect();
                Ok(JournalContents { headings, unreadable: vec![], pages: EntryStorage::Memory(entries) })
            }
            LedgerStorage::Files(directory) => {
                let failed = |error: io::Error| unread(directory, &error);
                let mut opened = files::open_all(directory).map_err(failed)?;
                let skimmed = skim::skim(&mut opened).map_err(failed)?;
                Ok(JournalContents {
                    headings: skimmed.headings,
                    unreadable: skimmed.unreadable,
                    pages: EntryStorage::Files(opened, skimmed.places),
                })
            }
        }
    }

    /// Reads all of it, with all changes: for a journal that is known to be small.
    ///
    /// # Errors
    /// As [`contents`](Self::contents).
    pub fn read(&self) -> Result<Log, Failure> {
        let contents = self.contents()?;
        let entries = (0..contents.headings.len()).filter_map(|number| contents.entry(number).transpose());
        Ok(Log { entries: entries.collect::<Result<_, _>>()?, unreadable: contents.unreadable })
    }

    /// Finds the only entry whose id begins so.
    ///
    /// # Errors
    /// [`EntryError`].
    pub fn find(&self, beginning: &str) -> Result<JournalEntry, EntryError> {
        let contents = self.contents()?;
        let number = contents.find(beginning)?;
        contents.entry(number)?.ok_or_else(|| EntryError::None(beginning.to_owned()))
    }
}

impl JournalContents {
    /// Returns the headings, oldest first.
    #[must_use]
    pub fn headings(&self) -> &[EntryHeading] {
        &self.headings
    }

    #[must_use]
    pub fn unreadable(&self) -> &[Unreadable] {
        &self.unreadable
    }

    /// Returns each entry with the file that it stands in, and whether its outcome is known.
    pub(super) fn by_file(&self) -> impl Iterator<Item = InFile<'_>> {
        let settled = self.settled();
        let (files, places) = match &self.pages {
            EntryStorage::Files(files, places) => (&files[..], &places[..]),
            EntryStorage::Memory(_) => (&[][..], &[][..]),
        };
        let entries = self.headings.iter().zip(places);
        entries.filter_map(move |(heading, place)| {
            let known = heading.outcome.is_some() || settled.contains(&*heading.id.0);
            Some((files.get(place.file)?, heading, known))
        })
    }

    /// Finds the number of the only heading whose id begins so; a whole id is always enough.
    ///
    /// # Errors
    /// [`EntryError::None`] and [`EntryError::Several`].
    pub fn find(&self, beginning: &str) -> Result<usize, EntryError> {
        let headings = || self.headings.iter().enumerate();
        if let Some((whole, _)) = headings().find(|(_, heading)| heading.id.0 == beginning) {
            return Ok(whole);
        }
        let begins = |(_, heading): &(usize, &EntryHeading)| heading.id.0.starts_with(beginning);
        let mut found = headings().filter(begins).map(|(number, _)| number);
        match (found.next(), found.count()) {
            (Some(only), 0) if !beginning.is_empty() => Ok(only),
            (Some(_), more) => {
                Err(EntryError::Several { beginning: beginning.to_owned(), entries: 1 + more })
            }
            (None, _) => Err(EntryError::None(beginning.to_owned())),
        }
    }

    /// Reads the entry of the heading with this number, with its changes. `None` when there are not so many.
    ///
    /// # Errors
    /// [`Failure::JournalUnreadable`].
    pub fn entry(&self, number: usize) -> Result<Option<JournalEntry>, Failure> {
        let Some(heading) = self.headings.get(number) else { return Ok(None) };
        let (opened, place) = match &self.pages {
            EntryStorage::Memory(entries) => return Ok(entries.get(number).cloned()),
            EntryStorage::Files(files, places) => {
                let Some(place) = places.get(number) else { return Ok(None) };
                let Some(opened) = files.get(place.file) else { return Ok(None) };
                (opened, place)
            }
        };
        let failed = |error: io::Error| unread(&opened.path, &error);
        let mut line = vec![0; place.length];
        opened.file.read_exact_at(&mut line, place.offset).map_err(failed)?;
        let mut entry = skim::entry(&line)
            .map_err(|reason| Failure::JournalUnreadable { file: opened.path.clone(), reason })?;
        entry.outcome.clone_from(&heading.outcome);
        Ok(Some(entry))
    }
}

fn unread(place: &Path, error: &io::Error) -> Failure {
    Failure::JournalUnreadable { file: place.to_owned(), reason: error.to_string() }
}
