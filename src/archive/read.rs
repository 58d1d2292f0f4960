use super::{
    error::ArchiveError,
    format::{AnyLine, ArchiveHeading, ArchiveLine, Beginning, FORMAT, HeadingLine, SavedLease, VERSION},
    write::hex,
};
use crate::{keys::ForeignKeyValue, plain_file};
use flate2::read::MultiGzDecoder;
use sha2::{Digest as _, Sha256};
use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Read},
    path::Path,
};

/// Limit of a line. etcd takes requests of 1.5 MiB unless told otherwise and warns where it is told to take more than
/// 10 MiB (`--max-request-bytes`, since 3.4), and a byte of a key or a value may need six characters.
const LONGEST: u64 = 64 << 20;
/// Limit of the first line, which is shorter: it names a range, and is read of every file in the directory.
const LONGEST_HEADING: u64 = 1 << 20;
const BUFFER: usize = 1 << 16;

/// Reads a file line by line. Its results may be used only once [`next`](Self::next) has come to the end without an
/// error: then everything was there and fits its checksum.
#[derive(Debug)]
pub struct ArchiveReader {
    lines: BufReader<MultiGzDecoder<BufReader<CountedBytes>>>,
    heading: ArchiveHeading,
    hash: Sha256,
    line: Vec<u8>,
    number: u64,
    records: u64,
    leases: u64,
    closed: bool,
}

/// Content of one line.
#[derive(Debug, PartialEq, Eq)]
pub enum LineContent {
    Record(ForeignKeyValue),
    Lease(SavedLease),
}

/// Result of reading every line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedArchive {
    pub heading: ArchiveHeading,
    pub records: u64,
    pub leases: u64,
    /// SHA-256 of the file itself, as `sha256sum` shows it.
    pub sha256: String,
    /// Size of the file itself.
    pub bytes: u64,
}

/// The file's own bytes.
#[derive(Debug)]
struct CountedBytes {
    file: File,
    bytes: u64,
    hash: Sha256,
}

/// Reads a whole file and checks everything that can be checked.
///
/// # Errors
/// The fault of the file.
pub fn verify(path: &Path) -> Result<VerifiedArchive, ArchiveError> {
    let mut reader = ArchiveReader::open(path)?;
    while reader.next()?.is_some() {}
    Ok(reader.verified())
}

impl ArchiveReader {
    /// Opens a file and reads its heading.
    ///
    /// # Errors
    /// The file cannot be read, or is of another kind.
    pub fn open(path: &Path) -> Result<Self, ArchiveError> {
        let file = plain_file::open(path).map_err(|error| ArchiveError::Unreadable(error.to_string()))?;
        let own = BufReader::with_capacity(BUFFER, CountedBytes { file, bytes: 0, hash: Sha256::new() });
        let mut lines = BufReader::with_capacity(BUFFER, MultiGzDecoder::new(own));
        let (mut hash, mut line) = (Sha256::new(), Vec::new());
        let first = match next_line(&mut lines, &mut line, LONGEST_HEADING) {
            Ok(first) => first,
            // The file is not gzip, or holds something else.
            Err(ArchiveError::Damaged(_) | ArchiveError::Line(_)) => return Err(ArchiveError::OtherFormat),
            Err(wrong) => return Err(wrong),
        };
        let Some(first) = first else { return Err(ArchiveError::OtherFormat) };
        hash.update(first);
        let beginning: Beginning = serde_json::from_slice(first).map_err(|_| ArchiveError::OtherFormat)?;
        if beginning.format != FORMAT {
            return Err(ArchiveError::OtherFormat);
        }
        if beginning.version > VERSION {
            return Err(ArchiveError::Newer(beginning.version));
        }
        let heading: HeadingLine<'_> = serde_json::from_slice(first).map_err(|_| ArchiveError::Line(1))?;
        let heading = heading.heading().ok_or(ArchiveError::Line(1))?;
        Ok(Self { lines, heading, hash, line, number: 1, records: 0, leases: 0, closed: false })
    }

    #[must_use]
    pub fn heading(&self) -> &ArchiveHeading {
        &self.heading
    }

    /// Returns the next key or lease; `None` at the end, when everything was checked.
    ///
    /// # Errors
    /// The fault of the file. Nothing that came before is to be used then.
    #[expect(clippy::should_implement_trait, reason = "an iterator would go on after an error")]
    pub fn next(&mut self) -> Result<Option<LineContent>, ArchiveError> {
        if self.closed {
            return Ok(None);
        }
        self.number += 1;
        let Some(line) = next_line(&mut self.lines, &mut self.line, LONGEST)? else {
            return Err(ArchiveError::CutOff);
        };
        let parsed: AnyLine<'_> =
            serde_json::from_slice(line).map_err(|_| ArchiveError::Line(self.number))?;
        match parsed.said().ok_or(ArchiveError::Line(self.number))? {
            ArchiveLine::Record(record) => {
                self.hash.update(line);
                self.records += 1;
                Ok(Some(LineContent::Record(record)))
            }
            ArchiveLine::Lease(lease) => {
                self.hash.update(line);
                self.leases += 1;
                Ok(Some(LineContent::Lease(lease)))
            }
            ArchiveLine::Closing { records, leases, sha256 } => {
                self.close(records, leases, &sha256)?;
                Ok(None)
            }
        }
    }

    fn close(&mut self, records: u64, leases: u64, sha256: &str) -> Result<(), ArchiveError> {
        if hex(self.hash.clone()) != sha256 {
            return Err(ArchiveError::Checksum);
        }
        for said in [records, self.heading.keys] {
            if said != self.records {
                return Err(ArchiveError::Count { found: self.records, said });
            }
        }
        if leases != self.leases {
            return Err(ArchiveError::Count { found: self.leases, said: leases });
        }
        if next_line(&mut self.lines, &mut self.line, LONGEST)?.is_some() {
            return Err(ArchiveError::Behind);
        }
        self.closed = true;
        Ok(())
    }

    /// Returns the result, after the end.
    fn verified(self) -> VerifiedArchive {
        let own = self.lines.into_inner().into_inner().into_inner();
        let (records, leases) = (self.records, self.leases);
        VerifiedArchive { heading: self.heading, records, leases, sha256: hex(own.hash), bytes: own.bytes }
    }
}

/// Reads the next line with its end, of this many bytes at most; `None` at the end of the file.
fn next_line<'l>(
    lines: &mut BufReader<MultiGzDecoder<BufReader<CountedBytes>>>,
    line: &'l mut Vec<u8>,
    longest: u64,
) -> Result<Option<&'l [u8]>, ArchiveError> {
    line.clear();
    let read = lines.take(longest).read_until(b'\n', line).map_err(|error| {
        let kind = error.kind();
        if kind == io::ErrorKind::UnexpectedEof {
            ArchiveError::CutOff
        } else if matches!(kind, io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) {
            ArchiveError::Damaged(error.to_string())
        } else {
            ArchiveError::Unreadable(error.to_string())
        }
    })?;
    match (read, line.last()) {
        (0, _) => Ok(None),
        (_, Some(b'\n')) => Ok(Some(line)),
        (read, _) if read as u64 == longest => Err(ArchiveError::Damaged("a line has no end".to_owned())),
        _ => Err(ArchiveError::CutOff),
    }
}

impl Read for CountedBytes {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(into)?;
        self.bytes += read as u64;
        self.hash.update(into.get(..read).unwrap_or_default());
        Ok(read)
    }
}
