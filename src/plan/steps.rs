//! Steps of a plan: flat, guarded transactions, none larger than etcd takes.
use super::{Change, LeaseGrant, MadeVerdict, Plan};
use crate::keys::{KeyRange, KeyValue, LeaseId, Revision, ScopedKey};
use std::collections::BTreeMap;

/// etcd's default `--max-txn-ops`: a limit for each list of a transaction (compares, operations).
pub const MAX_OPERATIONS: usize = 128;
/// Limit for keys and values in one transaction, in bytes; etcd's default limit for a request is 1.5 MiB.
pub const MAX_BYTES: usize = 1_200_000;

/// Size of the tags and lengths of the protobuf messages round a key and a value.
const FRAMING: usize = 16;

/// A range in which nothing may be newer than the records that were shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence {
    pub range: KeyRange,
    /// The revision at which the range was listed.
    pub listed_at: Revision,
    /// A key beside the range that was not there when it was listed, and must not be there now: the name's own.
    pub absent: Option<ScopedKey>,
}

/// Comparison that must hold when a step is applied, or nothing of it is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guard {
    /// The key's last write is the one that was shown.
    Unchanged { key: ScopedKey, mod_revision: Revision },
    /// This part of the record is as it was shown as well: an etcd that was built anew counts its revisions from the
    /// start.
    AsShown { key: ScopedKey, shown: ShownPart },
    /// The key does not exist.
    Absent { key: ScopedKey },
    /// No key of the range was written after this revision.
    NothingNewer { range: KeyRange, than: Revision },
}

/// A part of the record that was shown, beside the revision of its last write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShownPart {
    Value(Box<[u8]>),
    /// Number of writes since its creation.
    Version(i64),
    CreateRevision(Revision),
}

/// Lease of a key after a put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseUse {
    /// A new key, without a lease.
    Without,
    /// The key's present lease stays. etcd refuses the transaction when the key does not exist.
    Keep,
    Attach(LeaseId),
}

/// One operation of a transaction. A deletion names one key; there is no other kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    Put { key: ScopedKey, value: Box<[u8]>, lease: LeaseUse },
    Delete { key: ScopedKey },
}

/// One flat transaction: all of it, or nothing. Made only from a journalled plan
/// ([`Journalled::steps`](super::Journalled::steps)).
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Step {
    grants: Vec<LeaseGrant>,
    guards: Vec<Guard>,
    operations: Vec<Operation>,
    changes: Vec<Change>,
}

impl Guard {
    /// Returns the key that it is about; none for a range.
    #[must_use]
    pub fn key(&self) -> Option<&ScopedKey> {
        match self {
            Self::Unchanged { key, .. } | Self::AsShown { key, .. } | Self::Absent { key } => Some(key),
            Self::NothingNewer { .. } => None,
        }
    }
}

impl ShownPart {
    /// Tells whether it holds for this record.
    #[must_use]
    pub fn is_of(&self, record: &KeyValue) -> bool {
        self.is(&record.value, record.version, record.create_revision)
    }

    /// Tells whether it holds for a record as a store keeps it.
    #[must_use]
    pub fn is(&self, value: &[u8], version: i64, created: Revision) -> bool {
        match self {
            Self::Value(shown) => **shown == *value,
            Self::Version(shown) => *shown == version,
            Self::CreateRevision(shown) => *shown == created,
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Value(value) => value.len(),
            Self::Version(_) | Self::CreateRevision(_) => size_of::<i64>(),
        }
    }
}

impl Operation {
    /// Returns the lease that the key is put under, unless it keeps its present one.
    fn attached(&self) -> Option<LeaseId> {
        if let Self::Put { lease: LeaseUse::Attach(lease), .. } = self { Some(*lease) } else { None }
    }

    #[must_use]
    pub fn key(&self) -> &ScopedKey {
        match self {
            Self::Put { key, .. } | Self::Delete { key } => key,
        }
    }
}

impl Step {
    /// Returns the leases that have to be made before it.
    #[must_use]
    pub fn grants(&self) -> &[LeaseGrant] {
        &self.grants
    }

    /// Returns the guards, which must all hold, at most [`MAX_OPERATIONS`].
    #[must_use]
    pub fn guards(&self) -> &[Guard] {
        &self.guards
    }

    /// Returns the operations that are made then, at most [`MAX_OPERATIONS`].
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Returns the changes that this step makes, for reports and for resolving a lost reply.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Adds guards for the other shown parts of its keys, as far as they fit into its transaction: the code that
    /// carries it out compares all of them before that.
    fn guarded_further(mut self, mut bytes: usize) -> Self {
        let befores: Vec<&KeyValue> = self.changes.iter().filter_map(Change::before).collect();
        let further = [
            |before: &KeyValue| ShownPart::Value(before.value.clone()),
            |before: &KeyValue| ShownPart::Version(before.version),
            |before: &KeyValue| ShownPart::CreateRevision(before.create_revision),
        ];
        for (shown, before) in
            further.iter().flat_map(|of| befores.iter().map(move |before| (of(before), before)))
        {
            let size = FRAMING + before.key.as_bytes().len() + shown.bytes();
            if self.guards.len() < MAX_OPERATIONS && size <= bytes {
                bytes -= size;
                self.guards.push(Guard::AsShown { key: before.key.clone(), shown });
            }
        }
        self
    }

    /// Judges from all keys of the step's operations whether it was made. `now` gives a key as it is.
    #[must_use]
    pub fn verdict<'n>(&self, now: impl Fn(&ScopedKey) -> Option<&'n KeyValue>) -> MadeVerdict {
        MadeVerdict::of_all(self.changes.iter().map(|change| change.verdict(&now)))
    }
}

/// Returns the transactions of a plan: one, unless the plan is larger than etcd takes at once.
#[must_use]
pub(super) fn steps(plan: &Plan) -> Vec<Step> {
    let mut fences = Vec::new();
    if let Some(fence) = plan.fence() {
        fences.push(Guard::NothingNewer { range: fence.range.clone(), than: fence.listed_at });
        fences.extend(fence.absent.iter().map(|key| Guard::Absent { key: key.clone() }));
    }
    let mut steps = Vec::new();
    let mut step = Step { guards: fences.clone(), ..Step::default() };
    let mut bytes = 0;
    for change in plan.changes() {
        let (guards, operations) = parts(change);
        let size: usize =
            operations.iter().map(size).sum::<usize>() + guards.len() * change.key().as_bytes().len();
        let full = step.guards.len() + guards.len() > MAX_OPERATIONS
            || step.operations.len() + operations.len() > MAX_OPERATIONS
            || bytes + size > MAX_BYTES;
        if full && !step.operations.is_empty() {
            let next = Step { guards: fences.clone(), ..Step::default() };
            steps.push(std::mem::replace(&mut step, next).guarded_further(MAX_BYTES.saturating_sub(bytes)));
            bytes = 0;
        }
        bytes += size;
        step.guards.extend(guards);
        step.operations.extend(operations);
        step.changes.push(change.clone());
    }
    if !step.operations.is_empty() {
        steps.push(step.guarded_further(MAX_BYTES.saturating_sub(bytes)));
    }
    // Each lease is made with the first step that attaches it: an earlier one could end before its turn comes.
    let mut grants: BTreeMap<LeaseId, LeaseGrant> =
        plan.grants().iter().map(|grant| (grant.lease, *grant)).collect();
    for step in &mut steps {
        let attached = step.operations.iter().filter_map(Operation::attached);
        step.grants = attached.filter_map(|lease| grants.remove(&lease)).collect();
    }
    steps
}

fn parts(change: &Change) -> (Vec<Guard>, Vec<Operation>) {
    let unchanged =
        |before: &KeyValue| Guard::Unchanged { key: before.key.clone(), mod_revision: before.mod_revision };
    let attach = |lease: Option<LeaseId>| lease.map_or(LeaseUse::Without, LeaseUse::Attach);
    match change {
        Change::Create { key, value, lease } => (
            vec![Guard::Absent { key: key.clone() }],
            vec![Operation::Put { key: key.clone(), value: value.clone(), lease: attach(*lease) }],
        ),
        Change::Update { before, value } => (
            vec![unchanged(before)],
            vec![Operation::Put { key: before.key.clone(), value: value.clone(), lease: LeaseUse::Keep }],
        ),
        Change::Delete { before } => {
            (vec![unchanged(before)], vec![Operation::Delete { key: before.key.clone() }])
        }
        Change::Move { before, to } => (
            vec![unchanged(before), Guard::Absent { key: to.clone() }],
            vec![
                Operation::Put { key: to.clone(), value: before.value.clone(), lease: attach(before.lease) },
                Operation::Delete { key: before.key.clone() },
            ],
        ),
    }
}

fn size(operation: &Operation) -> usize {
    FRAMING
        + match operation {
            Operation::Put { key, value, .. } => key.as_bytes().len() + value.len(),
            Operation::Delete { key } => key.as_bytes().len(),
        }
}
