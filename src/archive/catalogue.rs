//! Catalogue of the files that hold records of one scope and cluster: backups and rescues, by their headings.
use super::{
    error::ArchiveError,
    format::{ArchiveHeading, ArchiveKind},
    read::{ArchiveReader, VerifiedArchive, verify},
};
use crate::{
    keys::{ClusterId, ForeignRange, Interval as _, Scope},
    unread_place::UnreadPlace,
};
use jiff::Timestamp;
use std::{
    cmp::Reverse,
    fs, io,
    path::{Path, PathBuf},
};

/// The archives of one scope and cluster in some directories, newest first by the time in their headings. Only
/// headings were read: damage further on is noticed by [`Archived::verify`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    archives: Vec<Archived>,
    unread: Vec<UnreadPlace>,
}

/// A file whose heading names that scope and cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archived {
    pub path: PathBuf,
    pub heading: ArchiveHeading,
    /// True if its time is still to come: it was made while a clock stood ahead. It is never the newest one.
    pub is_ahead: bool,
}

impl Catalogue {
    /// Lists these directories, but not those below them. A directory that is not there has no archives.
    #[must_use]
    pub fn of(directories: &[PathBuf], scope: &Scope, cluster: ClusterId, now: Timestamp) -> Self {
        let mut found = Self::default();
        // The same directory may have two names, and a file is counted once.
        let mut seen: Vec<PathBuf> = vec![];
        for directory in directories {
            let place = fs::canonicalize(directory).unwrap_or_else(|_| directory.clone());
            if !seen.contains(&place) {
                found.look_into(directory, scope, cluster, now);
                seen.push(place);
            }
        }
        found.archives.sort_by(|a, b| newest_first(a).cmp(&newest_first(b)));
        found
    }

    fn look_into(&mut self, directory: &Path, scope: &Scope, cluster: ClusterId, now: Timestamp) {
        let entries = match fs::read_dir(directory) {
            Ok(entries) => entries,
            // A link that leads nowhere may have led to a disk that is not there now.
            Err(error)
                if error.kind() == io::ErrorKind::NotFound && fs::symlink_metadata(directory).is_err() =>
            {
                return;
            }
            Err(error) => return self.unread.push(UnreadPlace::of_path(directory, &error)),
        };
        for entry in entries {
            let path = match entry {
                Ok(entry) => entry.path(),
                Err(error) => {
                    self.unread.push(UnreadPlace::of_path(directory, &error));
                    continue;
                }
            };
            match heading_of(&path) {
                Ok(Some(heading)) if is_of(&heading, scope, cluster) => {
                    let is_ahead = heading.time > now;
                    self.archives.push(Archived { path, heading, is_ahead });
                }
                Ok(_) => {}
                Err(ArchiveError::Unreadable(reason)) => {
                    self.unread.push(UnreadPlace::named(&path.display().to_string(), &reason));
                }
                Err(wrong) => tracing::debug!(%wrong, path = %path.display(), "no archive"),
            }
        }
    }

    /// Returns backups and rescues, newest first; those of a time that is still to come stand before all others.
    #[must_use]
    pub fn archives(&self) -> &[Archived] {
        &self.archives
    }

    /// Returns the backups that are not of a time to come, newest first.
    pub fn backups(&self) -> impl Iterator<Item = &Archived> {
        self.archives
            .iter()
            .filter(|archive| archive.heading.kind == ArchiveKind::Backup && !archive.is_ahead)
    }

    /// Returns the places that could not be looked at, and may hold archives too.
    #[must_use]
    pub fn unread(&self) -> &[UnreadPlace] {
        &self.unread
    }
}

impl Archived {
    /// Reads the whole file, and checks everything that can be checked.
    ///
    /// # Errors
    /// The fault of the file, or that it is another file by now.
    pub fn verify(&self) -> Result<VerifiedArchive, ArchiveError> {
        let verified = verify(&self.path)?;
        if verified.heading == self.heading { Ok(verified) } else { Err(ArchiveError::Replaced) }
    }

    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.heading.time
    }

    /// Returns the number of keys that it holds; in a rescue of more than the scope, everybody's together.
    #[must_use]
    pub fn keys(&self) -> u64 {
        self.heading.keys
    }

    /// Returns the number of the scope's keys that it holds; `None` where only reading it to its end tells.
    #[must_use]
    pub fn scope_keys(&self, scope: &Scope) -> Option<u64> {
        let heading = &self.heading;
        // The count in a heading of another scope is not about this one.
        if heading.scope != scope.as_str() {
            return None;
        }
        let is_of_scope_alone = heading.kind == ArchiveKind::Backup || heading.range == heading.scope;
        heading.scope_keys.or_else(|| is_of_scope_alone.then_some(heading.keys))
    }
}

/// Orders archives newest first. The path decides between two of the same second, so that the order of finding them
/// does not matter.
fn newest_first(archive: &Archived) -> impl Ord + use<'_> {
    let heading = &archive.heading;
    (Reverse((heading.time, heading.revision)), &archive.path)
}

/// Reads the heading of a file that has an archive's name. Anything else that somebody has put there, also a link to
/// elsewhere, has none.
fn heading_of(path: &Path) -> Result<Option<ArchiveHeading>, ArchiveError> {
    let is_plain = fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file());
    if !is_plain || !path.to_string_lossy().ends_with(".jsonl.gz") {
        return Ok(None);
    }
    ArchiveReader::open(path).map(|reader| Some(reader.heading().clone()))
}

fn is_of(heading: &ArchiveHeading, scope: &Scope, cluster: ClusterId) -> bool {
    heading.cluster == cluster
        && match heading.kind {
            // A backup of another scope can be restored to that one alone.
            ArchiveKind::Backup => heading.scope == scope.as_str(),
            ArchiveKind::Rescue => ForeignRange::spelled(&heading.range).is_ok_and(|range| {
                range.contains(scope.range().start()) || scope.range().contains(range.start())
            }),
        }
}
