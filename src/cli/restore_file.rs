//! What a file has for a scope.
use super::{Exit, trouble::Trouble};
use crate::{
    archive::{ArchiveReader, Content, Heading, Kind, Wrong},
    keys::{LeaseId, Scope, ScopedKey},
    plan::SavedKey,
};
use std::{collections::BTreeMap, path::Path, time::Duration};

#[derive(Debug)]
pub(super) struct FromFile {
    pub(super) heading: Heading,
    /// In key order.
    pub(super) keys: Vec<SavedKey>,
    /// What was left of each lease.
    pub(super) leases: BTreeMap<LeaseId, Option<Duration>>,
    /// How many of its keys are not of the scope.
    pub(super) outside: u64,
}

/// Reads a whole file, verifies it, and gives the keys that are `wanted`.
pub(super) fn read(
    path: &Path,
    scope: &Scope,
    wanted: impl Fn(&ScopedKey) -> bool,
) -> Result<FromFile, Trouble> {
    let told = |wrong: Wrong| {
        Trouble::new(Exit::Failed, format!("{} is not taken: {wrong}", path.display()), wrong.remedy())
    };
    let mut reader = ArchiveReader::open(path).map_err(told)?;
    let heading = reader.heading().clone();
    if heading.kind == Kind::Backup && heading.scope != scope.as_str() {
        return Err(Trouble::new(
            Exit::Refused,
            format!("{} is a backup of {}, and this session is for {scope}", path.display(), heading.scope),
            format!(
                "Give --prefix {} to bring it back to where it was.",
                heading.scope.trim_end_matches('/')
            ),
        ));
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
        return Err(Trouble::new(
            Exit::Refused,
            format!("{} holds no key of {scope}, the only part of etcd that is ever touched", path.display()),
            "What it holds is brought back by whom it belongs to; README.md says how, for Kubernetes.",
        ));
    }
    keys.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(FromFile { heading, keys, leases, outside })
}
