//! Where backups are when nobody says where.
use crate::keys::{ClusterId, Scope};
use jiff::Timestamp;
use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

/// Where the units of `assets/systemd/` keep theirs.
const OF_THE_SYSTEM: &str = "/var/lib/coredeck";
/// Backups of one second.
const SAME_SECOND: u32 = 100;

/// The directory of backups in a state directory.
#[must_use]
pub fn backups(state: &Path) -> PathBuf {
    state.join("backups")
}

/// Where else there may be backups of this machine.
#[must_use]
pub fn other_backups(state: &Path) -> Option<PathBuf> {
    (state != Path::new(OF_THE_SYSTEM)).then(|| backups(Path::new(OF_THE_SYSTEM)))
}

/// A file of that directory that is not there yet: `coredns-0de0c0dedec00de0-20261123T021000Z.jsonl.gz`. The
/// directory is made, closed to others.
///
/// # Errors
/// When it cannot be made.
pub fn fresh(directory: &Path, scope: &Scope, cluster: ClusterId, time: Timestamp) -> io::Result<PathBuf> {
    let scope = scope.as_str().trim_matches('/').replace('/', "_");
    free(directory, &scope, cluster, time)
}

/// The same for all of etcd: `everything-0de0c0dedec00de0-20261123T021000Z.jsonl.gz`.
///
/// # Errors
/// When the directory cannot be made.
pub fn fresh_of_all(directory: &Path, cluster: ClusterId, time: Timestamp) -> io::Result<PathBuf> {
    free(directory, "everything", cluster, time)
}

fn free(directory: &Path, what: &str, cluster: ClusterId, time: Timestamp) -> io::Result<PathBuf> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let time = time.strftime("%Y%m%dT%H%M%SZ");
    let name = |number: u32| match number {
        1 => directory.join(format!("{what}-{cluster}-{time}.jsonl.gz")),
        more => directory.join(format!("{what}-{cluster}-{time}-{more}.jsonl.gz")),
    };
    let free = (1..=SAME_SECOND).map(name).find(|path| fs::symlink_metadata(path).is_err());
    free.ok_or_else(|| io::Error::new(io::ErrorKind::AlreadyExists, "it has too many backups of this second"))
}
