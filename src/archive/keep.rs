//! Which of the backups in a directory are ours, and which may go.
use super::{
    catalogue::{Archived, Catalogue},
    format::Kind,
};
use crate::keys::{ClusterId, Scope};
use jiff::Timestamp;
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// How many backups stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Older ones go.
    pub age: Duration,
    /// Of the others no more than this stay, at least 1.
    pub count: usize,
}

/// What pruning has done.
#[derive(Debug, Default)]
pub struct Pruned {
    pub removed: Vec<Archived>,
    /// What had its turn to go and stays all the same, and why.
    pub left: Vec<(PathBuf, String)>,
}

/// A backup that was read to its end and found whole. Its file need not be read again while it is the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    pub archive: Archived,
    /// Its length in bytes and its last change when it was read.
    file: (u64, SystemTime),
}

/// The newest backup of this scope and cluster in these directories that is whole and not of a time to come. `known` is what was found before.
#[must_use]
pub fn newest(
    directories: &[PathBuf],
    scope: &Scope,
    cluster: ClusterId,
    now: Timestamp,
    known: Option<&Whole>,
) -> Option<Whole> {
    Catalogue::of(directories, scope, cluster, now).backups().find_map(|archive| {
        let meta = fs::metadata(&archive.path).ok()?;
        let whole = Whole { file: (meta.len(), meta.modified().ok()?), archive: archive.clone() };
        (known == Some(&whole) || archive.verify().is_ok()).then_some(whole)
    })
}

/// Removes backups of this scope and cluster beside `latest`, which was just verified and always stays. What is not
/// whole is never removed: nobody knows what it is.
///
/// # Errors
/// When the directory cannot be read.
pub fn prune(
    latest: &Path,
    scope: &Scope,
    cluster: ClusterId,
    keep: Keep,
    now: Timestamp,
) -> io::Result<Pruned> {
    let directory = latest.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new("."));
    fs::read_dir(directory)?;
    let catalogue = Catalogue::of(&[directory.to_owned()], scope, cluster, now);
    let mut others: Vec<Archived> = catalogue.archives().to_vec();
    others.retain(|backup| {
        backup.heading.kind == Kind::Backup && backup.path.file_name() != latest.file_name()
    });
    let age = |backup: &Archived| Duration::try_from(now.duration_since(backup.time())).unwrap_or_default();
    // The latest one is the first of those that stay.
    let goes = |(place, backup): &(usize, Archived)| place + 1 >= keep.count || age(backup) > keep.age;
    let mut pruned = Pruned::default();
    for (_, backup) in others.into_iter().enumerate().filter(goes) {
        let removed = backup
            .verify()
            .map_err(|wrong| wrong.to_string())
            .and_then(|_| fs::remove_file(&backup.path).map_err(|error| error.to_string()));
        match removed {
            Ok(()) => pruned.removed.push(backup),
            Err(why) => pruned.left.push((backup.path, why)),
        }
    }
    Ok(pruned)
}
