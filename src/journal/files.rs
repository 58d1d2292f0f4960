//! Files of the journal: the one that is written, and those that were put away when it had grown.
use super::{disk, file::new_id};
use crate::plain_file;
use std::{
    fs::{self, File},
    io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// The file that lines are added to.
pub(super) const CURRENT: &str = "journal.jsonl";
/// Beginning and end of a name, round the time at which a file was put away, so that names sort as time does.
const PUT_AWAY: (&str, &str) = ("journal-", ".jsonl");
/// Longest time for which the list of files may change while they are opened.
const PATIENCE: Duration = Duration::from_secs(5);
/// Limit of a file in bytes. It is put away at 16 MB, and one change of a million records takes half of this.
const MOST: u64 = 1024 * plain_file::MIB;

/// A file, up to the length at which it was whole when it was opened.
#[derive(Debug)]
pub(super) struct OpenedFile {
    pub(super) path: PathBuf,
    pub(super) file: File,
    /// Length in bytes. A line that is added later is not read.
    pub(super) length: u64,
}

/// Returns the name under which the present file is put away. The random part keeps two sessions apart.
pub(super) fn name_of(now: jiff::Timestamp) -> String {
    let (first, last) = PUT_AWAY;
    format!("{first}{}{last}", new_id(now).0)
}

/// Lists the files that were put away, oldest first.
pub(super) fn put_away(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let (first, last) = PUT_AWAY;
    let mut found = vec![];
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if name.is_some_and(|name| name.starts_with(first) && name.ends_with(last)) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Opens all files at one moment, oldest first. Another session may put one away meanwhile: then all are opened again.
/// An open file can be read to its end even when its name has changed.
pub(super) fn open_all(directory: &Path) -> io::Result<Vec<OpenedFile>> {
    let give_up = Instant::now() + PATIENCE;
    while Instant::now() < give_up {
        let before = names(directory)?;
        let opened: io::Result<Vec<OpenedFile>> = before.iter().map(|path| open(path)).collect();
        match opened {
            Ok(opened) if names(directory)? == before && is_current(opened.last()) => return Ok(opened),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(_) | Err(_) => {}
        }
    }
    Err(io::Error::new(io::ErrorKind::ResourceBusy, "its files change all the time"))
}

fn names(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut names = match put_away(directory) {
        Ok(names) => names,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        Err(error) => return Err(error),
    };
    let current = directory.join(CURRENT);
    if fs::symlink_metadata(&current).is_ok() {
        names.push(current);
    }
    Ok(names)
}

fn open(path: &Path) -> io::Result<OpenedFile> {
    let file = plain_file::open_below(path, MOST)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
    // A line that another session is writing now is not torn: it is not there yet.
    let length = disk::length_between_lines(&file)?;
    Ok(OpenedFile { path: path.to_owned(), file, length })
}

/// Tells whether the last file still has the name by which it was opened.
fn is_current(last: Option<&OpenedFile>) -> bool {
    let Some(last) = last else { return true };
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    match (last.file.metadata(), fs::metadata(&last.path)) {
        (Ok(opened), Ok(named)) => identity(opened) == identity(named),
        (Ok(_) | Err(_), _) => false,
    }
}
