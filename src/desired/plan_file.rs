//! Plan file: a plan as it is printed and saved, with the state that it was made from.
use super::{Comparison, Relocated};
use crate::{
    exchange::{FileRecord, LeaseTerm, json_error, value_as_written},
    keys::{
        ClusterId, KeyValue, LeaseId, Revision, ScopedKey,
        spelling::{SpellingError, spell, unspell},
    },
    plan::{Change, Plan},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// Changes of a plan, with the facts that pin it: the cluster, the revision, and a checksum over all of it. The names
/// of the fields are stable.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    /// The challenge: the key of the scope or of the subtree, with its slash, or the key of a record.
    pub target: String,
    /// 16 hexadecimal digits.
    pub cluster_id: String,
    /// The revision at which everything was read.
    pub revision: Revision,
    /// SHA-256 over the plan without it, hexadecimal.
    pub checksum: String,
    /// Number of keys that the target held at the revision, where they were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<u64>,
    pub creates: Vec<PlannedKey>,
    pub updates: Vec<PlannedKey>,
    pub deletes: Vec<PlannedKey>,
    pub untouched: Vec<PlannedKey>,
    /// Wanted records that will not be answered so, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_carried: Vec<String>,
    /// Those of `not_carried` that are about answers, and answers that differ between two etcds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<DifferingAnswer>,
}

/// The answer to one question that differs from the wanted one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DifferingAnswer {
    pub name: String,
    pub r#type: String,
    /// The file that wants it, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line that wants it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Records as a zone file has them, without the name; where there is none, one word: `NXDOMAIN`.
    pub wanted: Vec<String>,
    /// The answer before the plan is made; only where two etcds are compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Vec<String>>,
    /// The answer once the plan is made.
    pub after: Vec<String>,
}

/// One key of a plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedKey {
    /// Spelled.
    pub key: String,
    pub before: Option<PlannedRecord>,
    pub after: Option<PlannedRecord>,
    /// The other key of a move, spelled: the one that the record goes to, or comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<String>,
    /// Reason why it is left untouched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Record that a key holds: either `value`, its JSON as it is stored, or `raw`, its bytes spelled.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedRecord {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// Mod revision of the stored record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mod_revision: Option<Revision>,
    /// Hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<String>,
    /// In seconds, for a lease that is to be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_ttl: Option<u64>,
}

/// Reason why a file is not the plan that was printed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanFileError {
    #[error("it is no plan: {0}")]
    NotAPlan(String),
    #[error("its checksum is not that of its content: it was changed after it was made")]
    Checksum,
}

impl PlanFile {
    /// Makes the sealed plan of a comparison. `keys` is the number of keys that the target holds. A move is a deletion
    /// and a creation that name each other.
    #[must_use]
    pub fn of_comparison(
        comparison: &Comparison,
        target: &str,
        cluster: ClusterId,
        revision: Revision,
        keys: usize,
    ) -> Self {
        let planned = |key: String, before, after| PlannedKey { key, before, after, moved: None, why: None };
        let stored = |record: &KeyValue| Some(PlannedRecord::stored(record));
        let arrives = |Relocated { before, to, value }: &Relocated| PlannedKey {
            moved: Some(before.key.spelled()),
            ..planned(to.spelled(), None, Some(PlannedRecord::of_value(value, before.lease)))
        };
        let leaves = |Relocated { before, to, .. }: &Relocated| PlannedKey {
            moved: Some(to.spelled()),
            ..planned(before.key.spelled(), stored(before), None)
        };
        Self {
            target: target.to_owned(),
            cluster_id: cluster.to_string(),
            revision,
            checksum: String::new(),
            keys: Some(keys as u64),
            creates: comparison
                .creates
                .iter()
                .map(|record| planned(spell(&record.key), None, Some(PlannedRecord::wanted(record))))
                .chain(comparison.moves.iter().map(arrives))
                .collect(),
            updates: comparison
                .updates
                .iter()
                .map(|update| {
                    let after = Some(PlannedRecord::of_value(&update.value, update.before.lease));
                    planned(update.before.key.spelled(), stored(&update.before), after)
                })
                .collect(),
            deletes: comparison
                .deletes
                .iter()
                .map(|record| planned(record.key.spelled(), stored(record), None))
                .chain(comparison.moves.iter().map(leaves))
                .collect(),
            untouched: comparison
                .untouched
                .iter()
                .map(|untouched| PlannedKey {
                    why: Some(untouched.why.to_string()),
                    ..planned(
                        untouched.record.key.spelled(),
                        stored(&untouched.record),
                        stored(&untouched.record),
                    )
                })
                .collect(),
            not_carried: vec![],
            answers: vec![],
        }
        .sealed()
    }

    /// Returns it with the answers that will differ from the wanted ones, sealed.
    #[must_use]
    pub fn with_not_carried(self, not_carried: Vec<String>, answers: Vec<DifferingAnswer>) -> Self {
        Self { not_carried, answers, ..self }.sealed()
    }

    /// Makes the sealed plan of a change that changes nothing.
    #[must_use]
    pub fn nothing(target: &str, cluster: ClusterId, revision: Revision) -> Self {
        Self {
            target: target.to_owned(),
            cluster_id: cluster.to_string(),
            revision,
            checksum: String::new(),
            keys: None,
            creates: vec![],
            updates: vec![],
            deletes: vec![],
            untouched: vec![],
            not_carried: vec![],
            answers: vec![],
        }
        .sealed()
    }

    /// Makes the plan file of any plan, sealed. A move is a deletion and a creation that name each other.
    #[must_use]
    pub fn of_plan(plan: &Plan) -> Self {
        let grant = |lease: Option<LeaseId>| {
            let grant = plan.grants().iter().find(|grant| Some(grant.lease) == lease);
            grant.map(|grant| grant.ttl.as_secs())
        };
        let mut file = Self::nothing(plan.challenge(), plan.cluster(), plan.read_at());
        for change in plan.changes() {
            let key = change.key().spelled();
            let before = change.before().map(PlannedRecord::stored);
            let planned =
                |key: String, before, after| PlannedKey { key, before, after, moved: None, why: None };
            match change {
                Change::Create { value, lease, .. } => {
                    let after =
                        PlannedRecord { lease_ttl: grant(*lease), ..PlannedRecord::of_value(value, *lease) };
                    file.creates.push(planned(key, None, Some(after)));
                }
                Change::Update { before: was, value } => {
                    let after = PlannedRecord::of_value(value, was.lease);
                    file.updates.push(planned(key, before, Some(after)));
                }
                Change::Delete { .. } => file.deletes.push(planned(key, before, None)),
                Change::Move { before: was, to } => {
                    let after = PlannedRecord::of_value(&was.value, was.lease);
                    let arrives = planned(to.spelled(), None, Some(after));
                    file.creates.push(PlannedKey { moved: Some(key.clone()), ..arrives });
                    file.deletes.push(PlannedKey { moved: Some(to.spelled()), ..planned(key, before, None) });
                }
            }
        }
        file.sealed()
    }

    /// Reads a plan that was saved.
    ///
    /// # Errors
    /// [`PlanFileError`] for a file that is no plan, and for one that differs from what was printed.
    pub fn read(bytes: &[u8]) -> Result<Self, PlanFileError> {
        let file: Self = serde_json::from_slice(bytes)
            .map_err(|error| PlanFileError::NotAPlan(json_error(&error, &[])))?;
        if file.sum() == file.checksum { Ok(file) } else { Err(PlanFileError::Checksum) }
    }

    /// Tells whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.creates.is_empty() && self.updates.is_empty() && self.deletes.is_empty()
    }

    /// Returns the keys that it changes, spelled.
    pub fn keys(&self) -> impl Iterator<Item = &PlannedKey> {
        self.creates.iter().chain(&self.updates).chain(&self.deletes)
    }

    fn sealed(mut self) -> Self {
        self.checksum = self.sum();
        self
    }

    fn sum(&self) -> String {
        let unsealed = Self { checksum: String::new(), ..self.clone() };
        // Strings, numbers and JSON that was read as such always serialise.
        let text = serde_json::to_vec(&unsealed).unwrap_or_default();
        Sha256::digest(text).iter().fold(String::new(), |mut sum, byte| {
            // A String takes every write.
            let _ = write!(sum, "{byte:02x}");
            sum
        })
    }
}

impl PlannedRecord {
    fn of_value(value: &[u8], lease: Option<LeaseId>) -> Self {
        let json = value_as_written(value);
        Self {
            raw: json.is_none().then(|| spell(value)),
            value: json,
            lease: lease.map(|lease| lease.to_string()),
            ..Self::default()
        }
    }

    fn stored(record: &KeyValue) -> Self {
        Self { mod_revision: Some(record.mod_revision), ..Self::of_value(&record.value, record.lease) }
    }

    fn wanted(record: &FileRecord) -> Self {
        let of = record.lease.and_then(|lease| lease.of);
        Self { lease_ttl: record.lease.map(|lease| lease.seconds), ..Self::of_value(&record.value, of) }
    }

    /// Returns the bytes of the value.
    ///
    /// # Errors
    /// [`SpellingError`] for a `raw` that is no spelling, in a plan written by hand.
    pub fn bytes(&self) -> Result<Box<[u8]>, SpellingError> {
        match (&self.value, &self.raw) {
            (Some(value), _) => Ok(value.get().as_bytes().into()),
            (None, raw) => Ok(unspell(raw.as_deref().unwrap_or_default())?.into()),
        }
    }

    /// Returns the lease that it has or gets; `None` for none, and for a text that is no lease.
    #[must_use]
    pub fn lease(&self) -> Option<LeaseId> {
        let id = i64::from_str_radix(self.lease.as_deref()?, 16).ok()?;
        LeaseId::new(id)
    }

    /// Returns the lease that is to be made for it.
    #[must_use]
    pub fn term(&self) -> Option<LeaseTerm> {
        self.lease_ttl.map(|seconds| LeaseTerm { of: self.lease(), seconds })
    }
}

impl PlannedKey {
    /// Returns the revision at which the key was last written when the plan was made; `None` where there was no such
    /// key.
    #[must_use]
    pub fn then(&self) -> Option<Revision> {
        self.before.as_ref().and_then(|before| before.mod_revision)
    }

    /// Tells whether it is about this key.
    #[must_use]
    pub fn is(&self, key: &ScopedKey) -> bool {
        self.key == key.spelled()
    }
}
