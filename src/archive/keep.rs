//! Pruning of backups: finds the newest one that is whole, and removes those that may go.
use super::{
    catalogue::{Archived, Catalogue},
    format::ArchiveKind,
};
use crate::{
    keys::{ClusterId, Scope},
    retention::{Aged, KeepRule, PruneDoubt, floor, staying},
};
use jiff::{Timestamp, tz::TimeZone};
use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Result of pruning.
#[derive(Debug, Default)]
pub struct Pruned {
    pub removed: Vec<Archived>,
    /// Files that would have been removed or relied on, are damaged, and stay for somebody to look at.
    pub damaged: Vec<(PathBuf, String)>,
    /// Number of backups of that scope and cluster that there are now.
    pub kept: usize,
    /// Reason why nothing was to be removed.
    pub doubt: Option<PruneDoubt>,
}

/// A backup that was read to its end and found whole. Its file need not be read again while it is the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    pub archive: Archived,
    /// Its length in bytes and its last change when it was read.
    file: (u64, SystemTime),
}

/// Finds the newest backup of this scope and cluster in these directories that is whole and not of a time to come.
/// `known` is the one that was found before.
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

/// Removes backups of this scope and cluster beside `latest`, which was just verified and always stays. A backup that
/// is not whole is never removed, because nobody knows its content, and never relied on: those that stay whatever the
/// rules say are read to their end before anything is removed.
///
/// # Errors
/// The directory cannot be read.
pub fn prune(
    latest: &Path,
    scope: &Scope,
    cluster: ClusterId,
    rules: &[KeepRule],
    now: Timestamp,
    zone: &TimeZone,
) -> io::Result<Pruned> {
    let directory = latest.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new("."));
    fs::read_dir(directory)?;
    let catalogue = Catalogue::of(&[directory.to_owned()], scope, cluster, now);
    let backups = catalogue.archives().iter().filter(|archive| archive.heading.kind == ArchiveKind::Backup);
    let mut files: Vec<Archived> = backups.cloned().collect();
    let is_latest = |file: &Archived| file.path.file_name() == latest.file_name();
    // It counts as the newest of its second.
    files.sort_by_key(|file| !is_latest(file));
    let others = files.iter().filter(|file| !is_latest(file));
    if let Some(doubt) = PruneDoubt::of(others.map(Archived::time), now) {
        return Ok(Pruned { kept: files.len(), doubt: Some(doubt), ..Pruned::default() });
    }
    let mut pruned = Pruned::default();
    let mut whole: BTreeSet<PathBuf> = BTreeSet::new();
    let going = loop {
        let aged: Vec<Aged> =
            files.iter().map(|file| Aged { time: file.time(), keys: file.keys() }).collect();
        let stay = staying(&aged, rules, now, zone);
        let goes = |(place, file): &(usize, &Archived)| !stay.contains(place) && !is_latest(file);
        let going: Vec<Archived> =
            files.iter().enumerate().filter(goes).map(|(_, file)| file.clone()).collect();
        let relied_on = floor(&aged, now).into_iter().filter_map(|place| files.get(place));
        let mut unproven = relied_on.filter(|file| !is_latest(file) && !whole.contains(&file.path));
        let Some(next) = unproven.next().filter(|_| !going.is_empty()).cloned() else { break going };
        match next.verify() {
            Ok(_) => drop(whole.insert(next.path)),
            Err(wrong) => {
                files.retain(|file| file.path != next.path);
                pruned.damaged.push((next.path, wrong.to_string()));
            }
        }
    };
    let all = files.len();
    for file in going {
        let removed = file
            .verify()
            .map_err(|wrong| wrong.to_string())
            .and_then(|_| fs::remove_file(&file.path).map_err(|error| error.to_string()));
        match removed {
            Ok(()) => pruned.removed.push(file),
            Err(why) => pruned.damaged.push((file.path, why)),
        }
    }
    pruned.kept = all - pruned.removed.len();
    Ok(pruned)
}
