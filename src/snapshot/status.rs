use super::{bolt::Bolt, database, error::SnapshotError, file::VerifiedSnapshot};
use std::{cmp::Reverse, path::Path};

/// Content of a snapshot. Its hash was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotStatus {
    /// The hash of the file itself, as `sha256sum` shows it.
    pub sha256: String,
    /// The last revision in it.
    pub revision: i64,
    /// Keys that exist at that revision.
    pub keys: u64,
    /// The `hash` of `etcdctl snapshot status`: CRC-32C of all entries.
    pub hash: u32,
    /// Its `total keys`: entries of all buckets, with old revisions and etcd's own.
    pub entries: u64,
    /// Its `total size`: bytes of the database.
    pub size: u64,
    /// The prefixes, those with the most bytes first.
    pub prefixes: Vec<Prefix>,
}

/// Live keys of one top-level prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// `/registry`; none for all prefixes together that are too many to list.
    pub prefix: Option<Box<[u8]>>,
    pub keys: u64,
    /// The bytes of keys and values.
    pub bytes: u64,
}

/// Verifies a snapshot and looks into it. No server is asked.
///
/// # Errors
/// The reason why the file cannot be relied on.
pub fn status(path: &Path) -> Result<SnapshotStatus, SnapshotError> {
    let file = VerifiedSnapshot::open(path)?;
    let mut bolt = Bolt::open(&file)?;
    let contents = database::contents(&mut bolt)?;
    let mut prefixes: Vec<Prefix> =
        contents.prefixes.into_iter().map(|(prefix, (keys, bytes))| Prefix { prefix, keys, bytes }).collect();
    prefixes.sort_by_key(|prefix| Reverse(prefix.bytes));
    Ok(SnapshotStatus {
        revision: contents.revision,
        keys: contents.keys,
        hash: contents.hash,
        entries: contents.entries,
        size: bolt.size(),
        prefixes,
        sha256: file.sha256,
    })
}
