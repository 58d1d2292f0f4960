//! Receiver that writes a snapshot while it comes, and verifies it on the way.
use super::{
    file::{TRAILER, check_size},
    status::{SnapshotStatus, status},
};
use crate::whole_file::WholeFile;
use sha2::{Digest as _, Sha256};
use std::{
    io::{self, Write as _},
    path::Path,
};

/// Receiver of etcd's stream. The file gets its name only after it was verified, read back and looked into.
#[derive(Debug)]
pub struct Receiver {
    file: WholeFile,
    hash: Sha256,
    /// The last bytes so far, which may be the hash of all before them.
    tail: Vec<u8>,
    bytes: u64,
}

impl Receiver {
    /// Begins a file at a path where there is none.
    ///
    /// # Errors
    /// When there is something at `path` already, or its directory cannot be written.
    pub fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { file: WholeFile::create(path)?, hash: Sha256::new(), tail: Vec::new(), bytes: 0 })
    }

    /// Returns the number of bytes that have come.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes the next part.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub fn take(&mut self, part: &[u8]) -> io::Result<()> {
        self.file.write_all(part)?;
        self.bytes += part.len() as u64;
        self.tail.extend_from_slice(part);
        let trailer = usize::try_from(TRAILER).unwrap_or_default();
        let before = self.tail.len().saturating_sub(trailer);
        self.hash.update(self.tail.get(..before).unwrap_or_default());
        self.tail.drain(..before);
        Ok(())
    }

    /// Brings the file to disk, reads it back and gives it its name.
    ///
    /// # Errors
    /// When the stream has ended too early or was damaged, the disk fails, or the name was taken meanwhile. Then
    /// nothing is left of the file.
    pub fn finish(self) -> io::Result<SnapshotStatus> {
        let invalid = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
        check_size(self.bytes)
            .map_err(|wrong| invalid(format!("what came is no whole snapshot: {wrong}")))?;
        if self.hash.finalize().as_slice() != self.tail {
            return Err(invalid("what came does not fit the hash that etcd sent behind it".to_owned()));
        }
        let mut looked = None;
        self.file.finish_after(|part| {
            let found = status(part)
                .map_err(|wrong| io::Error::other(format!("it was written, but read back {wrong}")))?;
            looked = Some(found);
            Ok(())
        })?;
        looked.ok_or_else(|| io::Error::other("it was not read back"))
    }
}
