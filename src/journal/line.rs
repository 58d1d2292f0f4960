//! Lines of the journal as they are written. Fields are only ever added, so that old journals stay readable.
use super::Author;
use crate::{
    foreign_text::ForeignText,
    keys::{
        KeyValue, LeaseId, Revision, Scope, ScopedKey,
        spelling::{spell, unspell},
    },
    plan::{Change, EntryId, LeaseGrant, Outcome, Plan},
};
use serde::{Deserialize, Serialize, Serializer};
use std::time::Duration;

/// One line, as it is written.
#[derive(Debug, Serialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub(super) enum JournalLine<'a> {
    Intended(&'a Intended<Changes<'a>>),
    Concluded(&'a Concluded),
}

/// The changes of a plan, which become JSON one by one: a line of a million of them is never in memory.
#[derive(Debug)]
pub(super) struct Changes<'a>(pub(super) &'a [Change]);

impl Serialize for Changes<'_> {
    fn serialize<S: Serializer>(&self, list: S) -> Result<S::Ok, S::Error> {
        list.collect_seq(self.0.iter().map(RecordedChange::of))
    }
}

/// Changes that are about to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Intended<C = Vec<RecordedChange>> {
    pub(super) id: String,
    /// UTC, RFC 3339.
    pub(super) time: jiff::Timestamp,
    pub(super) author: Author,
    /// 16 hexadecimal digits.
    pub(super) cluster: String,
    pub(super) scope: String,
    pub(super) read_at: Revision,
    pub(super) challenge: String,
    /// Purpose of the plan, as [`Purpose`](crate::plan::PlanPurpose) calls it. Empty in the journals of 0.1.
    #[serde(default)]
    pub(super) kind: String,
    /// The entry that it takes back or finishes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) about: Option<String>,
    /// Reason for the plan, in the words of the person who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) grants: Vec<RecordedGrant>,
    /// Time that leases of the changed keys had still to live, as far as they could be asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) leases: Vec<RecordedLease>,
    pub(super) changes: C,
}

/// A lease that is made for the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedGrant {
    pub lease: String,
    /// In seconds.
    pub ttl: u64,
}

/// A lease of a changed key when the plan was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedLease {
    pub lease: String,
    /// Time that it had still to live, in seconds.
    pub remained: u64,
}

/// Outcome of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Concluded {
    pub(super) id: String,
    pub(super) time: jiff::Timestamp,
    #[serde(flatten)]
    pub(super) outcome: RecordedOutcome,
}

/// Bytes of a value: as text where that shows every byte of it, spelled otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RecordedBytes {
    Text(String),
    Spelled { spelled: String },
}

/// A key with all that etcd knew of it when it was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedKey {
    /// Spelled.
    pub key: String,
    pub value: RecordedBytes,
    pub create_revision: Revision,
    pub mod_revision: Revision,
    pub version: i64,
    /// Hexadecimal, as etcdctl writes it.
    pub lease: Option<String>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum RecordedChange {
    Create { key: String, value: RecordedBytes, lease: Option<String> },
    Update { before: RecordedKey, value: RecordedBytes },
    Delete { before: RecordedKey },
    Move { before: RecordedKey, to: String },
}

/// Outcome of a plan. Keys are spelled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum RecordedOutcome {
    Done { changed: usize, revision: Revision },
    Partly { done: Vec<String>, total: usize, why: String },
    NothingChanged { why: String },
    Unknown { done: Vec<String>, unsure: Vec<String>, total: usize, why: String },
}

/// Reason why a recorded change cannot be read back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadBackError {
    #[error(transparent)]
    Key(#[from] crate::keys::KeyError),
    #[error(transparent)]
    Spelling(#[from] crate::keys::spelling::SpellingError),
    #[error("this was done in {made_in}, and this session is about {here}")]
    OtherScope { made_in: String, here: String },
    #[error("{0:?} is not a lease's id")]
    Lease(String),
}

impl<C> Intended<C> {
    pub(super) fn of(
        plan: &Plan,
        changes: C,
        id: &EntryId,
        time: jiff::Timestamp,
        scope: &Scope,
        author: &Author,
    ) -> Self {
        Self {
            id: id.0.clone(),
            time,
            author: author.clone(),
            cluster: plan.cluster().to_string(),
            scope: scope.to_string(),
            read_at: plan.read_at(),
            challenge: plan.challenge().to_owned(),
            kind: plan.purpose().word().to_owned(),
            about: plan.purpose().entry().map(|entry| entry.0.clone()),
            reason: plan.reason().map(str::to_owned),
            grants: plan.grants().iter().map(RecordedGrant::of).collect(),
            leases: plan.leases().iter().map(|(lease, left)| RecordedLease::of(*lease, *left)).collect(),
            changes,
        }
    }
}

impl RecordedGrant {
    #[must_use]
    pub fn of(grant: &LeaseGrant) -> Self {
        Self { lease: grant.lease.to_string(), ttl: grant.ttl.as_secs() }
    }

    /// Returns the lease as it was to be made.
    ///
    /// # Errors
    /// [`ReadBackError::Lease`], where the line was changed by hand.
    pub fn grant(&self) -> Result<LeaseGrant, ReadBackError> {
        let lease = lease_of(Some(&self.lease))?.ok_or_else(|| ReadBackError::Lease(self.lease.clone()))?;
        Ok(LeaseGrant { lease, ttl: Duration::from_secs(self.ttl) })
    }
}

impl RecordedLease {
    #[must_use]
    pub fn of(lease: LeaseId, remained: Duration) -> Self {
        Self { lease: lease.to_string(), remained: remained.as_secs() }
    }

    /// Returns the lease, and the time that it had still to live.
    ///
    /// # Errors
    /// [`ReadBackError::Lease`].
    pub fn lease(&self) -> Result<(LeaseId, Duration), ReadBackError> {
        let lease = lease_of(Some(&self.lease))?.ok_or_else(|| ReadBackError::Lease(self.lease.clone()))?;
        Ok((lease, Duration::from_secs(self.remained)))
    }
}

impl RecordedBytes {
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) if ForeignText::from(text).to_string() == text => Self::Text(text.to_owned()),
            Ok(_) | Err(_) => Self::Spelled { spelled: spell(bytes) },
        }
    }

    /// Returns the bytes themselves.
    ///
    /// # Errors
    /// The line was changed by hand, and the spelling is wrong.
    pub fn bytes(&self) -> Result<Box<[u8]>, crate::keys::spelling::SpellingError> {
        Ok(match self {
            Self::Text(text) => text.as_bytes().into(),
            Self::Spelled { spelled } => unspell(spelled)?.into(),
        })
    }
}

impl RecordedKey {
    #[must_use]
    pub fn of(record: &KeyValue) -> Self {
        Self {
            key: record.key.spelled(),
            value: RecordedBytes::of(&record.value),
            create_revision: record.create_revision,
            mod_revision: record.mod_revision,
            version: record.version,
            lease: record.lease.map(|lease| lease.to_string()),
        }
    }

    /// Returns the record as it was, if its key lies in `scope`.
    ///
    /// # Errors
    /// [`ReadBackError`].
    pub fn key_value(&self, scope: &Scope) -> Result<KeyValue, ReadBackError> {
        Ok(KeyValue {
            key: scope.spelled_key(&self.key)?,
            value: self.value.bytes()?,
            create_revision: self.create_revision,
            mod_revision: self.mod_revision,
            version: self.version,
            lease: lease_of(self.lease.as_deref())?,
        })
    }
}

impl RecordedChange {
    #[must_use]
    pub fn of(change: &Change) -> Self {
        match change {
            Change::Create { key, value, lease } => Self::Create {
                key: key.spelled(),
                value: RecordedBytes::of(value),
                lease: lease.map(|lease| lease.to_string()),
            },
            Change::Update { before, value } => {
                Self::Update { before: RecordedKey::of(before), value: RecordedBytes::of(value) }
            }
            Change::Delete { before } => Self::Delete { before: RecordedKey::of(before) },
            Change::Move { before, to } => Self::Move { before: RecordedKey::of(before), to: to.spelled() },
        }
    }

    /// Returns the change as it was made, if its keys lie in `scope`.
    ///
    /// # Errors
    /// [`ReadBackError`].
    pub fn change(&self, scope: &Scope) -> Result<Change, ReadBackError> {
        Ok(match self {
            Self::Create { key, value, lease } => Change::Create {
                key: scope.spelled_key(key)?,
                value: value.bytes()?,
                lease: lease_of(lease.as_deref())?,
            },
            Self::Update { before, value } => {
                Change::Update { before: before.key_value(scope)?, value: value.bytes()? }
            }
            Self::Delete { before } => Change::Delete { before: before.key_value(scope)? },
            Self::Move { before, to } => {
                Change::Move { before: before.key_value(scope)?, to: scope.spelled_key(to)? }
            }
        })
    }
}

impl RecordedOutcome {
    #[must_use]
    pub fn of(outcome: &Outcome) -> Self {
        let spelled = |keys: &[ScopedKey]| keys.iter().map(ScopedKey::spelled).collect();
        match outcome {
            Outcome::Done { changed, revision } => Self::Done { changed: *changed, revision: *revision },
            Outcome::Partly { done, total, why } => {
                Self::Partly { done: spelled(done), total: *total, why: why.to_string() }
            }
            Outcome::NothingChanged { why } => Self::NothingChanged { why: why.to_string() },
            Outcome::Unknown { done, unsure, total, why } => Self::Unknown {
                done: spelled(done),
                unsure: spelled(unsure),
                total: *total,
                why: why.to_string(),
            },
        }
    }
}

fn lease_of(text: Option<&str>) -> Result<Option<LeaseId>, ReadBackError> {
    let Some(text) = text else { return Ok(None) };
    let id = u64::from_str_radix(text, 16).map_err(|_| ReadBackError::Lease(text.to_owned()))?;
    Ok(LeaseId::new(id.cast_signed()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_change_comes_back_from_its_line(
            tail in proptest::collection::vec(any::<u8>(), 1..16),
            value in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..32),
                ".{0,16}".prop_map(String::into_bytes),
            ],
            lease in any::<i64>(),
            which in 0..4,
        ) {
            let scope = Scope::parse("/coredns").unwrap();
            let key = scope.key(&[b"/coredns/", &tail[..]].concat()).unwrap();
            let before = KeyValue {
                key: key.clone(),
                value: value.clone().into(),
                create_revision: Revision(3),
                mod_revision: Revision(9),
                version: 2,
                lease: LeaseId::new(lease),
            };
            let value = value.into();
            let change = match which {
                0 => Change::Create { key, value, lease: LeaseId::new(lease) },
                1 => Change::Update { before, value },
                2 => Change::Delete { before },
                _ => Change::Move { before, to: key },
            };
            let line = serde_json::to_string(&RecordedChange::of(&change)).unwrap();
            prop_assert!(!line.chars().any(char::is_control));
            let read: RecordedChange = serde_json::from_str(&line).unwrap();
            prop_assert_eq!(read.change(&scope).unwrap(), change);
        }
    }

    #[test]
    fn a_recorded_key_of_another_scope_is_never_read_back() {
        let scope = Scope::parse("/coredns").unwrap();
        let recorded = RecordedChange::Create {
            key: "/registry/pods/x".to_owned(),
            value: RecordedBytes::Text("{}".to_owned()),
            lease: None,
        };
        assert!(matches!(recorded.change(&scope), Err(ReadBackError::Key(_))));
    }
}
