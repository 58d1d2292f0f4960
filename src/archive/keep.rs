//! Which of the backups in a directory are ours, and which may go.
use super::{
    format::Kind,
    read::{ArchiveReader, verify},
    wrong::Wrong,
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

/// A backup of one scope and cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub path: PathBuf,
    pub time: Timestamp,
}

/// What pruning has done.
#[derive(Debug, Default)]
pub struct Pruned {
    pub removed: Vec<Kept>,
    /// What had its turn to go and stays all the same, and why.
    pub left: Vec<(PathBuf, String)>,
}

/// A backup that was read to its end and found whole. Its file need not be read again while it is the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    pub kept: Kept,
    /// Its length in bytes and its last change when it was read.
    file: (u64, SystemTime),
}

/// The newest backup of this scope and cluster in these directories that is whole. `known` is what was found before.
#[must_use]
pub fn newest(
    directories: &[PathBuf],
    scope: &Scope,
    cluster: ClusterId,
    known: Option<&Whole>,
) -> Option<Whole> {
    let mut all: Vec<Kept> = directories.iter().flat_map(|directory| of(directory, scope, cluster)).collect();
    all.sort_by_key(|backup| backup.time);
    all.into_iter().rev().find_map(|kept| {
        let meta = fs::metadata(&kept.path).ok()?;
        let whole = Whole { file: (meta.len(), meta.modified().ok()?), kept };
        (known == Some(&whole) || verify(&whole.kept.path).is_ok()).then_some(whole)
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
    let mut others = of(directory, scope, cluster);
    others.retain(|backup| backup.path.file_name() != latest.file_name());
    others.sort_by_key(|backup| std::cmp::Reverse(backup.time));
    let age = |backup: &Kept| Duration::try_from(now.duration_since(backup.time)).unwrap_or_default();
    // The latest one is the first of those that stay.
    let goes = |(place, backup): &(usize, Kept)| place + 1 >= keep.count || age(backup) > keep.age;
    let mut pruned = Pruned::default();
    for (_, backup) in others.into_iter().enumerate().filter(goes) {
        let removed = verify(&backup.path)
            .map_err(|wrong| wrong.to_string())
            .and_then(|_| fs::remove_file(&backup.path).map_err(|error| error.to_string()));
        match removed {
            Ok(()) => pruned.removed.push(backup),
            Err(why) => pruned.left.push((backup.path, why)),
        }
    }
    Ok(pruned)
}

/// The backups of this scope and cluster in a directory, by their headings.
fn of(directory: &Path, scope: &Scope, cluster: ClusterId) -> Vec<Kept> {
    let Ok(entries) = fs::read_dir(directory) else { return vec![] };
    let ours = |path: PathBuf| -> Option<Kept> {
        // What somebody else has put there, a link to elsewhere too, is none of ours.
        let plain = fs::symlink_metadata(&path).ok()?.is_file();
        let named = path.to_str()?.ends_with(".jsonl.gz");
        let reader = (plain && named).then(|| ArchiveReader::open(&path))?;
        let heading = reader.map_err(|wrong: Wrong| tracing::debug!(%wrong, "no backup")).ok()?;
        let heading = heading.heading();
        let same =
            heading.kind == Kind::Backup && heading.scope == scope.as_str() && heading.cluster == cluster;
        same.then(|| Kept { time: heading.time, path: path.clone() })
    };
    entries.flatten().filter_map(|entry| ours(entry.path())).collect()
}
