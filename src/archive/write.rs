use super::{
    ascii::write_line,
    format::{ArchiveHeading, ArchivedLeaseLine, ArchivedRecordLine, ClosingLine, HeadingLine, SavedLease},
    read::{VerifiedArchive, verify},
};
use crate::{keys::ForeignKeyValue, whole_file::WholeFile};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};
use std::{
    fmt::Write as _,
    io::{self, BufWriter, Write},
    path::Path,
};

const BUFFER: usize = 1 << 16;

/// Writes a file line by line. It gets its name only once it is finished and was read back.
#[derive(Debug)]
pub struct ArchiveWriter {
    /// Passes on whole lines, many at a time: each call of the compressor costs.
    out: BufWriter<Hashed<GzEncoder<WholeFile>>>,
    records: u64,
    leases: u64,
}

/// Result of writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenArchive {
    pub records: u64,
    pub leases: u64,
    /// SHA-256 of the file itself, as `sha256sum` shows it.
    pub sha256: String,
    /// Size of the file itself.
    pub bytes: u64,
}

/// Passes bytes on, and hashes them.
#[derive(Debug)]
struct Hashed<W> {
    inner: W,
    hash: Sha256,
}

impl ArchiveWriter {
    /// Begins a file where there is none.
    ///
    /// # Errors
    /// There is something at `path` already, or its directory cannot be written.
    pub fn create(path: &Path, heading: &ArchiveHeading) -> io::Result<Self> {
        let compressed = GzEncoder::new(WholeFile::create(path)?, Compression::fast());
        let mut out = BufWriter::with_capacity(BUFFER, Hashed { inner: compressed, hash: Sha256::new() });
        write_line(&mut out, &HeadingLine::from(heading))?;
        Ok(Self { out, records: 0, leases: 0 })
    }

    /// Adds a key. They are given in key order.
    ///
    /// # Errors
    /// The disk is full or fails.
    pub fn record(&mut self, record: &ForeignKeyValue) -> io::Result<()> {
        self.records += 1;
        write_line(&mut self.out, &ArchivedRecordLine::from(record))
    }

    /// Adds a lease of a key that was added.
    ///
    /// # Errors
    /// The disk is full or fails.
    pub fn lease(&mut self, lease: &SavedLease) -> io::Result<()> {
        self.leases += 1;
        write_line(&mut self.out, &ArchivedLeaseLine::from(lease))
    }

    /// Closes the file, brings it to disk, reads it back, and only then gives it its name.
    ///
    /// # Errors
    /// The disk is full or fails, the file is read back otherwise than it was written, or the name was taken
    /// meanwhile. Nothing is left of the file then.
    pub fn finish(self) -> io::Result<WrittenArchive> {
        let Self { out, records, leases } = self;
        let Hashed { mut inner, hash } = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        let sha256 = hex(hash);
        let mut closing = Vec::new();
        write_line(&mut closing, &ClosingLine { records, leases, sha256: &sha256 })?;
        inner.write_all(&closing)?;
        let file = inner.finish()?;
        let mut read_back = None;
        file.finish_after(|part| {
            let verified = verify(part)
                .map_err(|wrong| io::Error::other(format!("it was written, but read back {wrong}")))?;
            read_back = Some(verified);
            Ok(())
        })?;
        let VerifiedArchive { sha256, bytes, .. } =
            read_back.ok_or_else(|| io::Error::other("it was not read back"))?;
        Ok(WrittenArchive { records, leases, sha256, bytes })
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or(bytes));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Writes a hash as `sha256sum` shows it.
pub(super) fn hex(hash: Sha256) -> String {
    hash.finalize().iter().fold(String::with_capacity(64), |mut digits, byte| {
        // Writing to a string does not fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
