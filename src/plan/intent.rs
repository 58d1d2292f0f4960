use super::{
    Challenge, Change, Conflict, Fence, KeyEdit, LeaseGrant, MAX_FENCED, Plan, PlanError, PlanPurpose,
    Surroundings, wish,
};
use crate::keys::{ClusterId, KeyRange, KeyValue, LeaseId, OutsideScopeError, Revision, Scope, ScopedKey};
use std::{collections::HashSet, fmt};

/// Change that a person wants, before anything was read for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Creates one more record for the name whose own key is `name`. Never overwrites.
    Add { name: ScopedKey, place: RecordPlace, own: OwnRecord, value: Box<[u8]>, lease: Option<LeaseGrant> },
    /// Creates exactly this key, which must not exist.
    Create { key: ScopedKey, value: Box<[u8]>, lease: Option<LeaseGrant> },
    /// Puts another value over `base`, the record that the person looked at.
    Edit { base: KeyValue, value: Box<[u8]> },
    /// Deletes the record at exactly this key.
    Delete { key: ScopedKey },
    /// Deletes the name whose own key is `name`, with everything below it.
    DeleteSubtree { name: ScopedKey },
    /// Makes all of these changes, as for the fix of a finding.
    Several { wishes: Vec<KeyEdit> },
    /// Makes all of these changes, for which one text is typed: an undo, a restore, an import or a bulk change.
    Bulk {
        purpose: PlanPurpose,
        challenge: Challenge,
        wishes: Vec<KeyEdit>,
        grants: Vec<LeaseGrant>,
        /// The name that all of it is about, if there is one: a write there meanwhile stops the plan.
        listed: Option<ListedName>,
    },
    /// Makes a change, and in the same plan its companions: the PTR records of an address.
    With { main: Box<Intent>, companions: Vec<KeyEdit> },
}

/// A name that is meant with every key, as they were listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedName {
    /// Its own key.
    pub name: ScopedKey,
    /// Revision of the last write of any key at or below it.
    pub newest: Revision,
}

/// Place of a new record of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordPlace {
    /// The first of `x1`, `x2`, … that is free.
    NextLeaf,
    /// This segment below the name.
    Leaf(Box<[u8]>),
    /// The name's own key, where CNAME and PTR queries look.
    Own,
    /// The name's own key while nothing is there nor below, or else the next leaf: right for an alias, which CNAME
    /// queries find only there.
    OwnIfFree,
}

/// Treatment of a record at the name's own key when the name gets its first leaf: `CoreDNS` ignores a key that has
/// children, so a record left there stops answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnRecord {
    MoveToLeaf,
    Leave,
}

/// Records that were read for an intent, all at one revision.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    pub cluster: ClusterId,
    pub at: Revision,
    /// The records that [`Intent::wants`] names, in key order.
    pub found: Vec<KeyValue>,
    /// Number of keys in the range that [`Wants::counted`] names.
    pub below: u64,
    pub around: Surroundings,
}

/// Keys that an intent deletes.
#[derive(Clone, Debug, Default)]
pub struct DeletedKeys<'i> {
    keys: HashSet<&'i ScopedKey>,
    below: Option<KeyRange>,
}

impl<'i> DeletedKeys<'i> {
    fn wished(wishes: &'i [KeyEdit]) -> Self {
        Self { keys: wishes.iter().filter_map(KeyEdit::deleted).collect(), below: None }
    }

    /// Tells whether this key is deleted, if there is such a record.
    #[must_use]
    pub fn takes(&self, key: &ScopedKey) -> bool {
        self.keys.contains(key) || self.below.as_ref().is_some_and(|below| below.contains(key.as_bytes()))
    }
}

/// Reads that an intent needs before it can become a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wants {
    pub keys: Vec<ScopedKey>,
    pub range: Option<KeyRange>,
    /// A range of which only the number of keys matters.
    pub counted: Option<KeyRange>,
}

impl ListedName {
    /// Returns the fence round the name. None round one in which something is put, because that would stop the later
    /// transactions, and none round more keys than etcd should compare.
    fn fence(self, changes: &[Change], scope: &Scope) -> Result<Option<Fence>, OutsideScopeError> {
        let Self { name, newest } = self;
        let range = scope.below(name.as_bytes())?;
        let within = |key: &ScopedKey| range.contains(key.as_bytes()) || *key == name;
        let is_put = |change: &Change| match change {
            Change::Create { key, .. } => within(key),
            Change::Update { before, .. } => within(&before.key),
            Change::Move { to, .. } => within(to),
            Change::Delete { .. } => false,
        };
        if changes.len() > MAX_FENCED || changes.iter().any(is_put) {
            return Ok(None);
        }
        let own = changes.iter().any(|change| *change.key() == name);
        Ok(Some(Fence { listed_at: newest, absent: (!own).then(|| name.clone()), range }))
    }
}

impl fmt::Display for RecordPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NextLeaf => f.write_str("the next free leaf"),
            Self::Leaf(segment) => crate::keys::spelling::Spelled(segment).fmt(f),
            Self::Own => f.write_str("the name itself"),
            Self::OwnIfFree => f.write_str("the name itself, or the next free leaf"),
        }
    }
}

impl Intent {
    /// Returns its purpose.
    #[must_use]
    pub fn purpose(&self) -> PlanPurpose {
        match self {
            Self::Add { .. } | Self::Create { .. } => PlanPurpose::Add,
            Self::Edit { .. } => PlanPurpose::Edit,
            Self::Delete { .. } => PlanPurpose::Delete,
            Self::DeleteSubtree { .. } => PlanPurpose::DeleteSubtree,
            Self::Several { .. } => PlanPurpose::Fix,
            Self::Bulk { purpose, .. } => purpose.clone(),
            Self::With { main, .. } => main.purpose(),
        }
    }

    /// Returns the reads that it needs.
    #[must_use]
    pub fn wants(&self, scope: &Scope) -> Wants {
        let below = |key: &ScopedKey| scope.below_key(key);
        match self {
            // Every leaf that could be proposed, and every key below such a leaf, starts with the same letter.
            Self::Add { name, place, .. } => {
                let below = below(name);
                let bound = |letter| [below.start(), &[letter]].concat();
                let range = below.between(&bound(b'x'), &bound(b'y'));
                let mut keys = vec![name.clone()];
                if let RecordPlace::Leaf(segment) = place {
                    // It lies below the name, so it is always a key of the scope.
                    keys.extend(scope.key(&[below.start(), segment].concat()));
                }
                Wants { keys, range: Some(range), counted: Some(below) }
            }
            Self::Create { key, .. } | Self::Delete { key } => {
                Wants { keys: vec![key.clone()], range: None, counted: None }
            }
            Self::Edit { base, .. } => Wants { keys: vec![base.key.clone()], range: None, counted: None },
            Self::DeleteSubtree { name } => {
                Wants { keys: vec![name.clone()], range: Some(below(name)), counted: None }
            }
            Self::Several { wishes } | Self::Bulk { wishes, .. } => {
                let keys = wishes.iter().flat_map(KeyEdit::keys).cloned().collect();
                Wants { keys, range: None, counted: None }
            }
            Self::With { main, companions } => {
                let mut wants = main.wants(scope);
                wants.keys.extend(companions.iter().flat_map(KeyEdit::keys).cloned());
                wants
            }
        }
    }

    /// Returns the change itself, without its companions.
    #[must_use]
    pub fn main(&self) -> &Self {
        if let Self::With { main, .. } = self { main.main() } else { self }
    }

    /// Tells whether its plan will have to be typed for, as far as that is known before there is a plan.
    #[must_use]
    pub fn asks_for_typing(&self) -> bool {
        let deletes = |wishes: &[KeyEdit]| wishes.iter().any(|wish| wish.deleted().is_some());
        match self {
            Self::Add { .. } | Self::Create { .. } | Self::Edit { .. } => false,
            Self::Delete { .. } | Self::DeleteSubtree { .. } | Self::Bulk { .. } => true,
            Self::Several { wishes } => deletes(wishes),
            Self::With { main, companions } => main.asks_for_typing() || deletes(companions),
        }
    }

    /// Tells whether it deletes this key, if there is such a record. For many keys ask [`deletion`](Self::deletion)
    /// once.
    #[must_use]
    pub fn deletes(&self, scope: &Scope, key: &ScopedKey) -> bool {
        self.deletion(scope).takes(key)
    }

    /// Returns all that it deletes.
    #[must_use]
    pub fn deletion(&self, scope: &Scope) -> DeletedKeys<'_> {
        match self {
            Self::Add { .. } | Self::Create { .. } | Self::Edit { .. } => DeletedKeys::default(),
            Self::Delete { key } => DeletedKeys { keys: [key].into(), below: None },
            Self::DeleteSubtree { name } => {
                DeletedKeys { keys: [name].into(), below: Some(scope.below_key(name)) }
            }
            Self::Several { wishes } | Self::Bulk { wishes, .. } => DeletedKeys::wished(wishes),
            Self::With { main, companions } => {
                let mut deletion = main.deletion(scope);
                deletion.keys.extend(DeletedKeys::wished(companions).keys);
                deletion
            }
        }
    }

    /// Turns many changes into changes of all keys of a name.
    #[must_use]
    pub fn of_listed(self, listed: Option<ListedName>) -> Self {
        match self {
            Self::Bulk { purpose, challenge, wishes, grants, .. } => {
                Self::Bulk { purpose, challenge, wishes, grants, listed }
            }
            other @ (Self::Add { .. }
            | Self::Create { .. }
            | Self::Edit { .. }
            | Self::Delete { .. }
            | Self::DeleteSubtree { .. }
            | Self::Several { .. }
            | Self::With { .. }) => other,
        }
    }

    /// Returns the leases that are made for it.
    fn grants(&self) -> Vec<LeaseGrant> {
        match self.main() {
            Self::Bulk { grants, .. } => grants.clone(),
            Self::Add { lease, .. } | Self::Create { lease, .. } => lease.iter().copied().collect(),
            Self::Edit { .. }
            | Self::Delete { .. }
            | Self::DeleteSubtree { .. }
            | Self::Several { .. }
            | Self::With { .. } => vec![],
        }
    }

    /// Returns the keys that records are moved from and to by wish: such records leave a zone as much as deleted ones
    /// do.
    pub fn moves(&self) -> impl Iterator<Item = (&ScopedKey, &ScopedKey)> {
        let (wishes, companions): (&[KeyEdit], &[KeyEdit]) = match self {
            Self::Several { wishes } | Self::Bulk { wishes, .. } => (wishes, &[]),
            Self::With { main, companions } => match &**main {
                Self::Several { wishes } | Self::Bulk { wishes, .. } => (wishes, companions),
                Self::Add { .. }
                | Self::Create { .. }
                | Self::Edit { .. }
                | Self::Delete { .. }
                | Self::DeleteSubtree { .. }
                | Self::With { .. } => (&[], companions),
            },
            Self::Add { .. }
            | Self::Create { .. }
            | Self::Edit { .. }
            | Self::Delete { .. }
            | Self::DeleteSubtree { .. } => (&[], &[]),
        };
        wishes.iter().chain(companions).filter_map(|wish| match wish {
            KeyEdit::Move { from, to } => Some((from, to)),
            KeyEdit::Create { .. } | KeyEdit::Update { .. } | KeyEdit::Delete { .. } => None,
        })
    }

    /// Makes the plan for this intent, from the records that its [`wants`](Self::wants) brought.
    ///
    /// # Errors
    /// [`PlanError`] when there is nothing to do, or the store is not as the person saw it.
    pub fn plan(self, gathered: Gathered, scope: &Scope) -> Result<Plan, PlanError> {
        let purpose = self.purpose();
        let grants = self.grants();
        let bulk = if let Self::Bulk { challenge, listed, .. } = self.main() {
            Some((challenge.clone(), listed.clone()))
        } else {
            None
        };
        let subtree = if let Self::DeleteSubtree { name } = self.main() { Some(name.clone()) } else { None };
        let changes = self.changes(&gathered, scope)?;
        let Gathered { cluster, at, around, .. } = gathered;
        if let Some((challenge, listed)) = bulk {
            let fence = listed.map(|listed| listed.fence(&changes, scope)).transpose()?.flatten();
            let plan = Plan::for_many(challenge, changes, grants, &around, cluster, at);
            let plan = plan.map(|plan| plan.fenced(fence));
            return plan.map(|plan| plan.made_for(purpose)).ok_or(PlanError::NoChange);
        }
        let Some(name) = subtree else {
            let plan = Plan::for_record(changes, &around, cluster, at);
            return plan.map(|plan| plan.made_for(purpose).granting(grants)).ok_or(PlanError::NoChange);
        };
        let range = scope.below(name.as_bytes())?;
        let within = |key: &ScopedKey| range.contains(key.as_bytes()) || *key == name;
        // A put inside the range that is deleted would stop the fence of the next transaction.
        let put = |change: &&Change| !change.destroys() && change.keys().any(within);
        if let Some(change) = changes.iter().find(put) {
            return Err(PlanError::Twice(change.key().clone()));
        }
        let deleted = changes.iter().filter(|change| within(change.key())).count();
        let own = changes.iter().any(|change| *change.key() == name);
        let fence = (deleted <= MAX_FENCED).then(|| Fence {
            listed_at: at,
            absent: (!own).then(|| name.clone()),
            range,
        });
        Plan::for_subtree(&name, changes, fence, &around, cluster, at)
            .map(|plan| plan.made_for(purpose))
            .ok_or(PlanError::NothingBelow(name))
    }

    fn changes(self, gathered: &Gathered, scope: &Scope) -> Result<Vec<Change>, PlanError> {
        let found = &gathered.found;
        let at_key = |key: &ScopedKey| {
            found.binary_search_by(|record| record.key.cmp(key)).ok().and_then(|at| found.get(at))
        };
        let now = |key: &ScopedKey| at_key(key).cloned();
        match self {
            Self::Add { name, place, own, value, lease } => {
                // A record that leaves have hidden already would start to answer again if it moved among them.
                let own = if gathered.below == 0 { own } else { OwnRecord::Leave };
                let free = gathered.below == 0 && at_key(&name).is_none();
                let place = match place {
                    RecordPlace::OwnIfFree if free => RecordPlace::Own,
                    RecordPlace::OwnIfFree => RecordPlace::NextLeaf,
                    RecordPlace::NextLeaf | RecordPlace::Leaf(_) | RecordPlace::Own => place,
                };
                add(&name, &place, own, value, lease.map(|grant| grant.lease), found, scope)
            }
            Self::Create { key, .. } if at_key(&key).is_some() => Err(PlanError::Exists(key)),
            Self::Create { key, value, lease } => {
                Ok(vec![Change::Create { key, value, lease: lease.map(|grant| grant.lease) }])
            }
            Self::Edit { base, value } => match at_key(&base.key) {
                None => Err(PlanError::Vanished(Box::new(base))),
                Some(theirs) if theirs.mod_revision != base.mod_revision => {
                    Err(PlanError::Changed(Box::new(Conflict { base, theirs: theirs.clone(), yours: value })))
                }
                Some(before) if before.value == value => Err(PlanError::SameValue(base.key)),
                Some(before) => Ok(vec![Change::Update { before: before.clone(), value }]),
            },
            Self::Delete { key } => match at_key(&key) {
                Some(before) => Ok(vec![Change::Delete { before: before.clone() }]),
                None => Err(PlanError::NotThere(key)),
            },
            Self::DeleteSubtree { name } => {
                let range = scope.below(name.as_bytes())?;
                let within = |key: &ScopedKey| *key == name || range.contains(key.as_bytes());
                let deleted: Vec<_> = found
                    .iter()
                    .filter(|record| within(&record.key))
                    .map(|before| Change::Delete { before: before.clone() })
                    .collect();
                if deleted.is_empty() { Err(PlanError::NothingBelow(name)) } else { Ok(deleted) }
            }
            Self::Several { wishes } | Self::Bulk { wishes, .. } => wish::append(vec![], wishes, now),
            Self::With { main, companions } => {
                let changes = main.changes(gathered, scope)?;
                wish::append(changes, companions, now)
            }
        }
    }
}

fn add(
    name: &ScopedKey,
    place: &RecordPlace,
    own: OwnRecord,
    value: Box<[u8]>,
    lease: Option<LeaseId>,
    found: &[KeyValue],
    scope: &Scope,
) -> Result<Vec<Change>, PlanError> {
    let leaf = |segment: &[u8]| scope.key(&[name.as_bytes(), b"/", segment].concat());
    // A leaf with something below it counts as taken: a record there would not answer.
    let taken = |key: &ScopedKey| {
        let below = [key.as_bytes(), b"/"].concat();
        found.iter().any(|record| record.key == *key || record.key.as_bytes().starts_with(&below))
    };
    let free = |after: u32| -> Result<(ScopedKey, u32), PlanError> {
        let mut number = after;
        loop {
            number = number.saturating_add(1);
            let key = leaf(format!("x{number}").as_bytes())?;
            if !taken(&key) {
                return Ok((key, number));
            }
        }
    };
    let at_name = found.iter().find(|record| record.key == *name);
    let moved = match (place, own, at_name) {
        (
            RecordPlace::NextLeaf | RecordPlace::OwnIfFree | RecordPlace::Leaf(_),
            OwnRecord::MoveToLeaf,
            Some(before),
        ) => Some(before.clone()),
        _ => None,
    };
    let mut changes = Vec::new();
    let key = match place {
        RecordPlace::Own => name.clone(),
        RecordPlace::Leaf(segment) => leaf(segment)?,
        // The record that moves is the older one and gets the first number.
        RecordPlace::NextLeaf | RecordPlace::OwnIfFree => {
            let (first, number) = free(0)?;
            if moved.is_some() { free(number)?.0 } else { first }
        }
    };
    if found.iter().any(|record| record.key == key) {
        return Err(PlanError::Exists(key));
    }
    if let Some(before) = moved {
        let mut number = 0;
        let to = loop {
            let (to, taken) = free(number)?;
            if to != key {
                break to;
            }
            number = taken;
        };
        changes.push(Change::Move { before, to });
    }
    // The new record comes first: the person named it, so its key is the challenge.
    changes.insert(0, Change::Create { key, value, lease });
    Ok(changes)
}
