//! File that holds a database and, behind it, the SHA-256 of the database.
use super::error::SnapshotError;
use crate::plain_file;
use sha2::{Digest as _, Sha256};
use std::{fmt::Write as _, fs::File, io::Read as _, os::unix::fs::FileExt as _, path::Path};

/// Bytes of the hash.
pub(super) const TRAILER: u64 = 32;
/// A database has whole sectors.
pub(super) const SECTOR: u64 = 512;
/// The smallest file: two meta pages, a free list and a root.
const SMALLEST: u64 = 4 * SECTOR + TRAILER;
const BUFFER: usize = 1 << 20;

/// File with the right hash.
#[derive(Debug)]
pub(super) struct VerifiedSnapshot {
    file: File,
    /// The bytes of the database alone.
    pub(super) size: u64,
    /// The hash of the whole file, as `sha256sum` shows it.
    pub(super) sha256: String,
}

impl VerifiedSnapshot {
    /// Opens a file and verifies its hash.
    pub(super) fn open(path: &Path) -> Result<Self, SnapshotError> {
        let failed = |error: std::io::Error| SnapshotError::Unreadable(error.to_string());
        let mut file = plain_file::open(path).map_err(failed)?;
        let whole = file.metadata().map_err(failed)?.len();
        check_size(whole)?;
        let size = whole - TRAILER;
        let (mut database, mut everything) = (Sha256::new(), Sha256::new());
        let mut buffer = vec![0; BUFFER];
        let mut rest = size;
        while rest > 0 {
            let want = usize::try_from(rest).unwrap_or(BUFFER).min(BUFFER);
            let part = buffer.get_mut(..want).unwrap_or_default();
            file.read_exact(part).map_err(failed)?;
            database.update(&*part);
            everything.update(&*part);
            rest -= want as u64;
        }
        let mut trailer = [0; 32];
        file.read_exact(&mut trailer).map_err(failed)?;
        everything.update(trailer);
        if database.finalize().as_slice() != trailer {
            return Err(SnapshotError::Hash);
        }
        Ok(Self { file, size, sha256: hex(&everything.finalize()) })
    }

    /// Reads this many bytes of the database from a place on.
    pub(super) fn read(&self, at: u64, length: usize) -> Result<Vec<u8>, SnapshotError> {
        if at.checked_add(length as u64).is_none_or(|end| end > self.size) {
            return Err(SnapshotError::NoDatabase("it points behind its own end"));
        }
        let mut bytes = vec![0; length];
        let read = self.file.read_exact_at(&mut bytes, at);
        read.map(|()| bytes).map_err(|error| SnapshotError::Unreadable(error.to_string()))
    }
}

/// Tells whether a file of this many bytes can be a snapshot.
pub(super) fn check_size(whole: u64) -> Result<(), SnapshotError> {
    match whole % SECTOR {
        _ if whole < SMALLEST => Err(SnapshotError::TooSmall(whole)),
        0 => Err(SnapshotError::NoHash),
        TRAILER => Ok(()),
        _ => Err(SnapshotError::Size(whole)),
    }
}

fn hex(hash: &[u8]) -> String {
    hash.iter().fold(String::with_capacity(64), |mut digits, byte| {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
