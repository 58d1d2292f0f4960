//! Format of a file: its lines.
use crate::keys::{ClusterId, ForeignKeyValue, LeaseId, Revision};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, time::Duration};

/// Beginning of the first line.
pub const FORMAT: &str = "coredeck archive";
/// Raised when an older program could not read the files of a newer one.
pub const VERSION: u32 = 1;

/// Reason for which a file was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArchiveKind {
    /// The whole scope as it was at that time.
    Backup,
    /// A range at an old revision.
    Rescue,
}

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveHeading {
    pub kind: ArchiveKind,
    /// Name and version of the program that has written the file.
    pub program: String,
    /// Time at which it was begun.
    pub time: Timestamp,
    pub cluster: ClusterId,
    /// The revision at which all keys were read.
    pub revision: Revision,
    /// The scope of the session: `/coredns/`.
    pub scope: String,
    /// The range that was saved, spelled: all keys that begin with this; `/` is everything.
    pub range: String,
    /// Number of keys in the range, as etcd counted them.
    pub keys: u64,
    /// Number of them that are the scope's, where the range holds all of it; `None` where nobody counted them.
    pub scope_keys: Option<u64>,
}

/// A lease of a saved key, as it was while the file was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavedLease {
    pub lease: LeaseId,
    /// Its remaining time, in whole seconds; `None` when it had ended, as the leases of a rescued past may have.
    pub left: Option<Duration>,
    /// Time at which etcd was asked for it.
    pub at: Timestamp,
}

#[derive(Serialize, Deserialize)]
pub(super) struct HeadingLine<'a> {
    pub(super) format: Cow<'a, str>,
    pub(super) version: u32,
    kind: ArchiveKind,
    program: Cow<'a, str>,
    time: Timestamp,
    cluster_id: Cow<'a, str>,
    revision: Revision,
    scope: Cow<'a, str>,
    range: Cow<'a, str>,
    keys: u64,
    // Files of older programs have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope_keys: Option<u64>,
}

/// Enough of a first line to recognise the file.
#[derive(Deserialize)]
pub(super) struct Beginning {
    pub(super) format: String,
    pub(super) version: u32,
}

#[derive(Serialize)]
pub(super) struct ArchivedRecordLine<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_base64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_base64: Option<String>,
    create_revision: i64,
    mod_revision: i64,
    version: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    lease: Option<String>,
}

#[derive(Serialize)]
pub(super) struct ArchivedLeaseLine {
    lease: String,
    ttl: Option<u64>,
    at: Timestamp,
}

#[derive(Serialize)]
pub(super) struct ClosingLine<'a> {
    pub(super) records: u64,
    pub(super) leases: u64,
    pub(super) sha256: &'a str,
}

/// Any line behind the first.
#[derive(Deserialize)]
pub(super) struct AnyLine<'a> {
    #[serde(borrow)]
    key: Option<Cow<'a, str>>,
    key_base64: Option<String>,
    #[serde(borrow)]
    value: Option<Cow<'a, str>>,
    value_base64: Option<String>,
    create_revision: Option<i64>,
    mod_revision: Option<i64>,
    version: Option<i64>,
    lease: Option<String>,
    ttl: Option<u64>,
    at: Option<Timestamp>,
    records: Option<u64>,
    leases: Option<u64>,
    sha256: Option<String>,
}

/// Content of a line behind the first.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ArchiveLine {
    Record(ForeignKeyValue),
    Lease(SavedLease),
    Closing { records: u64, leases: u64, sha256: String },
}

impl<'a> From<&'a ArchiveHeading> for HeadingLine<'a> {
    fn from(heading: &'a ArchiveHeading) -> Self {
        Self {
            format: FORMAT.into(),
            version: VERSION,
            kind: heading.kind,
            program: (&*heading.program).into(),
            time: heading.time,
            cluster_id: heading.cluster.to_string().into(),
            revision: heading.revision,
            scope: (&*heading.scope).into(),
            range: (&*heading.range).into(),
            keys: heading.keys,
            scope_keys: heading.scope_keys,
        }
    }
}

impl HeadingLine<'_> {
    pub(super) fn heading(self) -> Option<ArchiveHeading> {
        Some(ArchiveHeading {
            kind: self.kind,
            program: self.program.into_owned(),
            time: self.time,
            cluster: self.cluster_id.parse().ok()?,
            revision: self.revision,
            scope: self.scope.into_owned(),
            range: self.range.into_owned(),
            keys: self.keys,
            scope_keys: self.scope_keys,
        })
    }
}

impl<'a> From<&'a ForeignKeyValue> for ArchivedRecordLine<'a> {
    fn from(record: &'a ForeignKeyValue) -> Self {
        let text = |bytes: &'a [u8]| match std::str::from_utf8(bytes) {
            Ok(text) => (Some(text), None),
            Err(_) => (None, Some(STANDARD.encode(bytes))),
        };
        let (key, key_base64) = text(&record.key);
        let (value, value_base64) = text(&record.value);
        Self {
            key,
            key_base64,
            value,
            value_base64,
            create_revision: record.create_revision.0,
            mod_revision: record.mod_revision.0,
            version: record.version,
            lease: record.lease.map(|lease| lease.to_string()),
        }
    }
}

impl From<&SavedLease> for ArchivedLeaseLine {
    fn from(saved: &SavedLease) -> Self {
        let ttl = saved.left.map(|left| left.as_secs());
        Self { lease: saved.lease.to_string(), ttl, at: saved.at }
    }
}

impl AnyLine<'_> {
    /// Returns the line's content; `None` for a line that says nothing that is known.
    pub(super) fn said(self) -> Option<ArchiveLine> {
        if let (Some(records), Some(leases), Some(sha256)) = (self.records, self.leases, self.sha256) {
            return Some(ArchiveLine::Closing { records, leases, sha256 });
        }
        let lease = match &self.lease {
            Some(digits) => Some(LeaseId::new(u64::from_str_radix(digits, 16).ok()?.cast_signed())?),
            None => None,
        };
        if self.key.is_none() && self.key_base64.is_none() {
            let left = self.ttl.map(Duration::from_secs);
            return Some(ArchiveLine::Lease(SavedLease { lease: lease?, left, at: self.at? }));
        }
        Some(ArchiveLine::Record(ForeignKeyValue {
            key: bytes(self.key, self.key_base64)?,
            value: bytes(self.value, self.value_base64)?,
            create_revision: Revision(self.create_revision?),
            mod_revision: Revision(self.mod_revision?),
            version: self.version?,
            lease,
        }))
    }
}

fn bytes(text: Option<Cow<'_, str>>, encoded: Option<String>) -> Option<Box<[u8]>> {
    match (text, encoded) {
        (Some(text), None) => Some(text.as_bytes().into()),
        (None, Some(encoded)) => STANDARD.decode(encoded).ok().map(Into::into),
        _ => None,
    }
}
