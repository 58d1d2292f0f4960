//! Snapshots of one cluster in a directory, by their names, and the removal of those that may go.
use super::status::status;
use crate::{
    keys::ClusterId,
    retention::{Aged, KeepRule, PruneDoubt, staying},
};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

const TIME: &str = "%Y%m%dT%H%M%SZ";

/// Name of a snapshot in a directory: `etcd-0de0c0dedec00de0-20261123T021000Z.db`.
#[must_use]
pub fn name(cluster: ClusterId, time: Timestamp) -> String {
    format!("etcd-{cluster}-{}.db", time.strftime(TIME))
}

/// Returns the time in the name of a snapshot of this cluster.
fn time_of(name: &str, cluster: ClusterId) -> Option<Timestamp> {
    let time = name.strip_prefix(&format!("etcd-{cluster}-"))?.strip_suffix(".db")?;
    let time = DateTime::strptime(TIME, time).ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// Snapshot that was read and verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptSnapshot {
    pub path: PathBuf,
    pub time: Timestamp,
    /// All keys that exist in it.
    pub keys: u64,
}

/// Result of a pruning.
#[derive(Debug, Default)]
pub struct PrunedSnapshots {
    pub removed: Vec<KeptSnapshot>,
    /// The snapshots that are damaged or could not be removed. They stay for somebody to look at.
    pub left: Vec<(PathBuf, String)>,
    /// The number of snapshots of that cluster that are there now, without the damaged ones.
    pub kept: usize,
    /// The newest one before the latest.
    pub before: Option<KeptSnapshot>,
    /// The reason why nothing was to be removed.
    pub doubt: Option<PruneDoubt>,
}

/// Removes snapshots of this cluster beside `latest`, which was just verified and stays, unless a rule keeps them. It
/// looks only at files with a name as [`name`] makes it, and verifies each first.
///
/// # Errors
/// When the directory cannot be read.
pub fn prune(
    (latest, keys): (&Path, u64),
    cluster: ClusterId,
    rules: &[KeepRule],
    now: Timestamp,
    zone: &TimeZone,
) -> io::Result<PrunedSnapshots> {
    let directory = latest.parent().filter(|parent| !parent.as_os_str().is_empty());
    let mut pruned = PrunedSnapshots::default();
    let mut files = vec![KeptSnapshot { path: latest.to_owned(), time: now, keys }];
    for entry in fs::read_dir(directory.unwrap_or(Path::new(".")))? {
        let path = entry?.path();
        let time = path.file_name().and_then(|name| time_of(name.to_str()?, cluster));
        let is_plain = fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_file());
        let Some(time) = time.filter(|_| is_plain && path.file_name() != latest.file_name()) else {
            continue;
        };
        match status(&path) {
            Ok(found) => files.push(KeptSnapshot { path, time, keys: found.keys }),
            Err(wrong) => pruned.left.push((path, wrong.to_string())),
        }
    }
    let others = files.iter().skip(1);
    pruned.before = others.clone().filter(|file| file.time <= now).max_by_key(|file| file.time).cloned();
    pruned.doubt = PruneDoubt::of(others.map(|file| file.time), now);
    pruned.kept = files.len();
    if pruned.doubt.is_some() {
        return Ok(pruned);
    }
    let aged: Vec<Aged> = files.iter().map(|file| Aged { time: file.time, keys: file.keys }).collect();
    let stay = staying(&aged, rules, now, zone);
    for (_, file) in files.into_iter().enumerate().skip(1).filter(|(place, _)| !stay.contains(place)) {
        match fs::remove_file(&file.path) {
            Ok(()) => pruned.removed.push(file),
            Err(error) => pruned.left.push((file.path, error.to_string())),
        }
    }
    pruned.kept -= pruned.removed.len();
    Ok(pruned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_snapshot_is_in_its_name() {
        let time: Timestamp = "2026-11-23T02:10:00Z".parse().unwrap();
        let cluster = ClusterId(0x0de0_c0de);
        let named = name(cluster, time);
        assert_eq!(named, "etcd-000000000de0c0de-20261123T021000Z.db");
        assert_eq!(time_of(&named, cluster), Some(time));
        for other in [
            name(ClusterId(7), time),
            named.replace(".db", ".db.part"),
            named.replace("T02", "T25"),
            "etcd.db".to_owned(),
        ] {
            assert_eq!(time_of(&other, cluster), None, "{other}");
        }
    }
}
