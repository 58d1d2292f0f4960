//! Reader of a saved file for a scope. It verifies the file to its end before it holds any of it: a file of a
//! megabyte may be unpacked to many gigabytes.
use super::room::room;
use crate::{
    archive::{ArchiveError, ArchiveHeading, ArchiveKind, ArchiveReader, LineContent, SavedLease},
    keys::{LeaseId, Scope, ScopedKey},
    plan::SavedKey,
    remedy::Remedy,
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

/// Keys that a file has for a scope.
#[derive(Debug)]
pub struct FromFile {
    pub heading: ArchiveHeading,
    /// In key order.
    pub keys: Vec<SavedKey>,
    /// The remaining time of each lease.
    pub leases: BTreeMap<LeaseId, Option<Duration>>,
    /// The number of its keys that are not of the scope.
    pub outside: u64,
}

/// Reason why nothing is taken from a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryFileError {
    #[error("{} is not taken: {wrong}", .path.display())]
    Wrong { path: PathBuf, wrong: ArchiveError },
    #[error("{} is a backup of {made_of}, and this session is for {here}", .path.display())]
    OtherScope { path: PathBuf, made_of: String, here: String },
    #[error("{} holds no key of {scope}, the only part of etcd that is ever touched", .path.display())]
    OnlyOthers { path: PathBuf, scope: String },
    #[error(
        "{} is whole, and what it holds for this needs {} MB of memory; at most {} MB are taken here",
        .path.display(), .needs.div_ceil(MB), .room / MB
    )]
    NoRoom { path: PathBuf, needs: u64, room: u64 },
}

const MB: u64 = 1_000_000;
/// Memory that a key, its value or a lease takes beside its bytes.
const BESIDE: u64 = 160;

impl RecoveryFileError {
    /// Tells whether the file is whole and is refused for its contents.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        !matches!(self, Self::Wrong { .. } | Self::NoRoom { .. })
    }
}

impl Remedy for RecoveryFileError {
    fn remedy(&self) -> String {
        match self {
            Self::Wrong { wrong, .. } => wrong.remedy(),
            Self::OtherScope { made_of, .. } => {
                format!("Give --prefix {} to bring it back to where it was.", made_of.trim_end_matches('/'))
            }
            Self::OnlyOthers { .. } => {
                "Coredeck writes nothing that belongs to others: the script beside the file (put-back.sh) puts it back."
                    .to_owned()
            }
            Self::NoRoom { .. } => {
                "Take a part of it with coredeck restore --only NAME, or run this where more memory is free."
                    .to_owned()
            }
        }
    }
}

/// Reads a whole file, verifies it, and returns the keys that are `wanted`. The file is read twice.
///
/// # Errors
/// [`RecoveryFileError`].
pub fn read(
    path: &Path,
    scope: &Scope,
    wanted: impl Fn(&ScopedKey) -> bool,
) -> Result<FromFile, RecoveryFileError> {
    read_within(path, scope, wanted, room())
}

/// Summary of a file for a scope, which holds none of its keys.
#[derive(Debug, PartialEq, Eq)]
struct FileSummary {
    heading: ArchiveHeading,
    /// The bytes of memory that the wanted keys take.
    needs: u64,
    within: u64,
    outside: u64,
}

fn read_within(
    path: &Path,
    scope: &Scope,
    wanted: impl Fn(&ScopedKey) -> bool,
    room: u64,
) -> Result<FromFile, RecoveryFileError> {
    let told = |wrong: ArchiveError| RecoveryFileError::Wrong { path: path.to_owned(), wrong };
    let reader = ArchiveReader::open(path).map_err(told)?;
    let heading = reader.heading();
    if heading.kind == ArchiveKind::Backup && heading.scope != scope.as_str() {
        let (made_of, here) = (heading.scope.clone(), scope.to_string());
        return Err(RecoveryFileError::OtherScope { path: path.to_owned(), made_of, here });
    }
    let FileSummary { heading, needs, within, outside } =
        look_through(reader, scope, &wanted, |_| Ok(())).map_err(told)?;
    if within == 0 && outside > 0 {
        return Err(RecoveryFileError::OnlyOthers { path: path.to_owned(), scope: scope.to_string() });
    }
    if needs > room {
        return Err(RecoveryFileError::NoRoom { path: path.to_owned(), needs, room });
    }
    let (mut keys, mut leases, mut held) = (Vec::new(), BTreeMap::new(), 0);
    let again = ArchiveReader::open(path).map_err(told)?;
    let seen = look_through(again, scope, &wanted, |kept| {
        held += size_of(&kept);
        match kept {
            // The file has grown since it was verified.
            _ if held > needs => return Err(ArchiveError::Replaced),
            HeldPart::Lease(lease) => drop(leases.insert(lease.lease, lease.left)),
            HeldPart::Key(key) => keys.push(key),
        }
        Ok(())
    });
    let seen = seen.map_err(told)?;
    if seen != (FileSummary { heading, needs, within, outside }) {
        return Err(told(ArchiveError::Replaced));
    }
    keys.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(FromFile { heading: seen.heading, keys, leases, outside })
}

/// Part of a file that is held.
enum HeldPart {
    Key(SavedKey),
    Lease(SavedLease),
}

fn size_of(kept: &HeldPart) -> u64 {
    let bytes = match kept {
        HeldPart::Key(key) => key.key.as_bytes().len() + key.value.len(),
        HeldPart::Lease(_) => 0,
    };
    bytes as u64 + BESIDE
}

/// Reads a file to its end and verifies it. Gives each wanted part to `keep`.
fn look_through(
    mut reader: ArchiveReader,
    scope: &Scope,
    wanted: impl Fn(&ScopedKey) -> bool,
    mut keep: impl FnMut(HeldPart) -> Result<(), ArchiveError>,
) -> Result<FileSummary, ArchiveError> {
    let mut looked = FileSummary { heading: reader.heading().clone(), needs: 0, within: 0, outside: 0 };
    while let Some(content) = reader.next()? {
        let kept = match content {
            LineContent::Lease(lease) => HeldPart::Lease(lease),
            LineContent::Record(record) => match scope.key(&record.key) {
                Err(_) => {
                    looked.outside += 1;
                    continue;
                }
                Ok(key) => {
                    looked.within += 1;
                    if !wanted(&key) {
                        continue;
                    }
                    HeldPart::Key(SavedKey { key, value: record.value, lease: record.lease })
                }
            },
        };
        looked.needs += size_of(&kept);
        keep(kept)?;
    }
    Ok(looked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        archive::ArchiveWriter,
        keys::{ClusterId, ForeignKeyValue, Revision},
    };
    use jiff::Timestamp;

    /// Makes a file of a few kB, whole and verified, of this many values of a megabyte.
    fn packed(path: &Path, values: u64) {
        let heading = ArchiveHeading {
            kind: ArchiveKind::Backup,
            program: "coredeck".to_owned(),
            time: Timestamp::UNIX_EPOCH,
            cluster: ClusterId(7),
            revision: Revision(9),
            scope: "/coredns/".to_owned(),
            range: "/coredns/".to_owned(),
            keys: values,
            scope_keys: None,
        };
        let mut writer = ArchiveWriter::create(path, &heading).unwrap();
        for number in 0..values {
            let record = ForeignKeyValue {
                key: format!("/coredns/io/x{number:04}").into_bytes().into(),
                value: vec![b'a'; 1_000_000].into(),
                create_revision: Revision(3),
                mod_revision: Revision(3),
                version: 1,
                lease: None,
            };
            writer.record(&record).unwrap();
        }
        writer.finish().unwrap();
    }

    #[test]
    fn a_whole_file_that_would_fill_the_memory_is_refused_before_anything_of_it_is_held() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("bomb.jsonl.gz");
        packed(&path, 12);
        assert!(std::fs::metadata(&path).unwrap().len() < 100_000);
        let scope = Scope::parse("/coredns").unwrap();
        let refused = read_within(&path, &scope, |_| true, 10 * MB).unwrap_err();
        assert!(matches!(refused, RecoveryFileError::NoRoom { needs, .. } if needs > 12 * MB), "{refused}");
        assert!(refused.to_string().contains("needs 13 MB of memory; at most 10 MB"), "{refused}");
        // A part of it fits, and so does all of it if there is room.
        let only = scope.spelled_key("/coredns/io/x0003").unwrap();
        assert_eq!(read_within(&path, &scope, |key| *key == only, 10 * MB).unwrap().keys.len(), 1);
        assert_eq!(read_within(&path, &scope, |_| true, 13 * MB).unwrap().keys.len(), 12);
    }

    #[test]
    fn a_file_that_is_damaged_at_its_end_says_so_and_not_that_it_is_large() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("cut.jsonl.gz");
        packed(&path, 3);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, whole.get(..whole.len() - 30).unwrap()).unwrap();
        let scope = Scope::parse("/coredns").unwrap();
        let refused = read_within(&path, &scope, |_| true, MB).unwrap_err();
        assert!(matches!(refused, RecoveryFileError::Wrong { .. }), "{refused}");
    }
}
