//! Place of backups where nobody names one.
use crate::{
    keys::{ClusterId, Scope},
    private_directory,
};
use jiff::Timestamp;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// State directory of the units in `assets/systemd/`.
const OF_THE_SYSTEM: &str = "/var/lib/coredeck";
/// Longest text of a range in a file's name: file systems take 255 bytes in all.
const LONGEST: usize = 100;
/// Most backups of one second.
const SAME_SECOND: u32 = 100;

/// Returns the directory of backups in a state directory.
#[must_use]
pub fn backups(state: &Path) -> PathBuf {
    state.join("backups")
}

/// Returns the directory of rescued files in a state directory.
#[must_use]
pub fn rescued(state: &Path) -> PathBuf {
    state.join("rescued")
}

/// Returns the other directory that may hold backups of this machine.
#[must_use]
pub fn other_backups(state: &Path) -> Option<PathBuf> {
    (state != Path::new(OF_THE_SYSTEM)).then(|| backups(Path::new(OF_THE_SYSTEM)))
}

/// Returns the path of a file in that directory that is not there yet:
/// `coredns-0de0c0dedec00de0-20261123T021000Z.jsonl.gz`. The directory is made, closed to others.
///
/// # Errors
/// The directory cannot be made.
pub fn fresh(directory: &Path, scope: &Scope, cluster: ClusterId, time: Timestamp) -> io::Result<PathBuf> {
    fresh_of(directory, scope.as_str(), cluster, time)
}

/// Returns such a path for a spelled range; for `/` it is
/// `everything-0de0c0dedec00de0-20261123T021000Z.jsonl.gz`.
///
/// # Errors
/// The directory cannot be made.
pub fn fresh_of(directory: &Path, range: &str, cluster: ClusterId, time: Timestamp) -> io::Result<PathBuf> {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-._".contains(c) { c } else { '_' };
    let what: String = range.trim_matches('/').chars().map(plain).take(LONGEST).collect();
    free(directory, if what.is_empty() { "everything" } else { &what }, cluster, time)
}

fn free(directory: &Path, what: &str, cluster: ClusterId, time: Timestamp) -> io::Result<PathBuf> {
    private_directory::make(directory)?;
    let time = time.strftime("%Y%m%dT%H%M%SZ");
    let name = |number: u32| match number {
        1 => directory.join(format!("{what}-{cluster}-{time}.jsonl.gz")),
        more => directory.join(format!("{what}-{cluster}-{time}-{more}.jsonl.gz")),
    };
    let free = (1..=SAME_SECOND).map(name).find(|path| fs::symlink_metadata(path).is_err());
    free.ok_or_else(|| io::Error::new(io::ErrorKind::AlreadyExists, "it has too many backups of this second"))
}
