//! Reading a saved file for a scope.
use crate::{
    archive::{ArchiveReader, Content, Heading, Kind, Wrong},
    keys::{LeaseId, Scope, ScopedKey},
    plan::SavedKey,
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

/// The keys that a file has for a scope.
#[derive(Debug)]
pub struct FromFile {
    pub heading: Heading,
    /// In key order.
    pub keys: Vec<SavedKey>,
    /// What was left of each lease.
    pub leases: BTreeMap<LeaseId, Option<Duration>>,
    /// How many of its keys are not of the scope.
    pub outside: u64,
}

/// Why nothing is taken from a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    #[error("{} is not taken: {wrong}", .path.display())]
    Wrong { path: PathBuf, wrong: Wrong },
    #[error("{} is a backup of {made_of}, and this session is for {here}", .path.display())]
    OtherScope { path: PathBuf, made_of: String, here: String },
    #[error("{} holds no key of {scope}, the only part of etcd that is ever touched", .path.display())]
    OnlyOthers { path: PathBuf, scope: String },
}

impl NotTaken {
    /// One imperative sentence.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::Wrong { wrong, .. } => wrong.remedy().to_owned(),
            Self::OtherScope { made_of, .. } => {
                format!("Give --prefix {} to bring it back to where it was.", made_of.trim_end_matches('/'))
            }
            Self::OnlyOthers { .. } => {
                "What it holds is brought back by whom it belongs to; README.md says how, for Kubernetes."
                    .to_owned()
            }
        }
    }

    /// Whether the file is whole and is refused for what it is.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        !matches!(self, Self::Wrong { .. })
    }
}

/// Reads a whole file, verifies it, and gives the keys that are `wanted`.
///
/// # Errors
/// [`NotTaken`].
pub fn read(path: &Path, scope: &Scope, wanted: impl Fn(&ScopedKey) -> bool) -> Result<FromFile, NotTaken> {
    let told = |wrong: Wrong| NotTaken::Wrong { path: path.to_owned(), wrong };
    let mut reader = ArchiveReader::open(path).map_err(told)?;
    let heading = reader.heading().clone();
    if heading.kind == Kind::Backup && heading.scope != scope.as_str() {
        let (path, made_of, here) = (path.to_owned(), heading.scope, scope.to_string());
        return Err(NotTaken::OtherScope { path, made_of, here });
    }
    let (mut keys, mut leases, mut outside, mut within) = (Vec::new(), BTreeMap::new(), 0, 0_u64);
    while let Some(content) = reader.next().map_err(told)? {
        match content {
            Content::Lease(lease) => drop(leases.insert(lease.lease, lease.left)),
            Content::Record(record) => match scope.key(&record.key) {
                Err(_) => outside += 1,
                Ok(key) => {
                    within += 1;
                    if wanted(&key) {
                        keys.push(SavedKey { key, value: record.value, lease: record.lease });
                    }
                }
            },
        }
    }
    if within == 0 && outside > 0 {
        return Err(NotTaken::OnlyOthers { path: path.to_owned(), scope: scope.to_string() });
    }
    keys.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(FromFile { heading, keys, leases, outside })
}
