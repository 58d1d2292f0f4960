use super::{Change, Fence, MAX_FENCED, Plan, Surroundings};
use crate::keys::{ClusterId, KeyRange, KeyValue, LeaseId, Revision, Scope, ScopedKey};
use std::fmt;

/// What a person wants changed, before anything was read for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// One more record for the name whose own key is `name`. Never overwrites.
    Add { name: ScopedKey, place: Place, own: OwnRecord, value: Box<[u8]>, lease: Option<LeaseId> },
    /// This value at exactly this key, which must not exist.
    Create { key: ScopedKey, value: Box<[u8]> },
    /// This value at exactly this key, whether it exists or not.
    Set { key: ScopedKey, value: Box<[u8]> },
    /// Another value over `base`, which is what the person looked at.
    Edit { base: KeyValue, value: Box<[u8]> },
    /// The record at exactly this key.
    Delete { key: ScopedKey },
    /// The name whose own key is `name`, with everything below it.
    DeleteSubtree { name: ScopedKey },
}

/// Where a new record of a name goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
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

/// What happens to a record at the name's own key when the name gets its first leaf: `CoreDNS` ignores a key that
/// has children, so a record left there stops answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnRecord {
    MoveToLeaf,
    Leave,
}

/// What was read for an intent, all of it at one revision.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    pub cluster: ClusterId,
    pub at: Revision,
    /// The records that [`Intent::wants`] names, in key order.
    pub found: Vec<KeyValue>,
    /// How many keys lie in the range that [`Wants::counted`] names.
    pub below: u64,
    pub around: Surroundings,
}

/// What has to be read before an intent can become a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wants {
    pub keys: Vec<ScopedKey>,
    pub range: Option<KeyRange>,
    /// A range of which only the number of keys matters.
    pub counted: Option<KeyRange>,
}

/// Why an intent became no plan. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Nothing {
    #[error("there is no record at {0}")]
    NotThere(ScopedKey),
    #[error("there is nothing at or below {0}/")]
    NothingBelow(ScopedKey),
    #[error("{0} exists already")]
    Exists(ScopedKey),
    #[error("{0} has exactly this value already")]
    SameValue(ScopedKey),
    #[error("{} was changed by somebody else at revision {}", .0.theirs.key, .0.theirs.mod_revision)]
    Changed(Box<Conflict>),
    #[error("{} was deleted by somebody else", .0.key)]
    Vanished(Box<KeyValue>),
    #[error("the key that this makes is outside the scope: {0}")]
    Outside(#[from] crate::keys::OutsideScope),
}

/// Two people edited the same value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What both started from.
    pub base: KeyValue,
    /// What is stored now.
    pub theirs: KeyValue,
    /// What was about to be saved.
    pub yours: Box<[u8]>,
}

impl Nothing {
    /// One imperative sentence.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::NotThere(_) => {
                "Take the key of a record; a name with all below it goes with D, or rm --recursive."
            }
            Self::NothingBelow(_) => "Check the name with tree.",
            Self::Exists(_) => "Edit that key instead, or take another leaf.",
            Self::SameValue(_) => "Nothing is left to do.",
            Self::Changed(_) => "Compare their value with yours, then save again over theirs or keep it.",
            Self::Vanished(_) => "Add it again as a new record if it should still exist.",
            Self::Outside(_) => "Give a key of the scope.",
        }
    }
}

impl fmt::Display for Place {
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
    /// What has to be read.
    #[must_use]
    pub fn wants(&self, scope: &Scope) -> Wants {
        let below = |key: &ScopedKey| scope.below_key(key);
        match self {
            // Every leaf that could be proposed, and what lies below such a leaf, starts with the same letter.
            Self::Add { name, place, .. } => {
                let below = below(name);
                let bound = |letter| [below.start(), &[letter]].concat();
                let range = below.between(&bound(b'x'), &bound(b'y'));
                let mut keys = vec![name.clone()];
                if let Place::Leaf(segment) = place {
                    // It lies below the name, so it is always a key of the scope.
                    keys.extend(scope.key(&[below.start(), segment].concat()));
                }
                Wants { keys, range: Some(range), counted: Some(below) }
            }
            Self::Create { key, .. } | Self::Set { key, .. } | Self::Delete { key } => {
                Wants { keys: vec![key.clone()], range: None, counted: None }
            }
            Self::Edit { base, .. } => Wants { keys: vec![base.key.clone()], range: None, counted: None },
            Self::DeleteSubtree { name } => {
                Wants { keys: vec![name.clone()], range: Some(below(name)), counted: None }
            }
        }
    }

    /// The plan for this intent, from what its [`wants`](Self::wants) brought.
    ///
    /// # Errors
    /// [`Nothing`] when there is nothing to do, or the store is not as the person saw it.
    pub fn plan(self, gathered: Gathered, scope: &Scope) -> Result<Plan, Nothing> {
        let Gathered { cluster, at, found, below, around } = gathered;
        let at_key = |key: &ScopedKey| found.iter().find(|record| record.key == *key);
        let record = |changes| Plan::for_record(changes, &around, cluster, at);
        match self {
            Self::Add { name, place, own, value, lease } => {
                // A record that leaves have hidden already would start to answer again if it moved among them.
                let own = if below == 0 { own } else { OwnRecord::Leave };
                let free = below == 0 && at_key(&name).is_none();
                let place = match place {
                    Place::OwnIfFree if free => Place::Own,
                    Place::OwnIfFree => Place::NextLeaf,
                    Place::NextLeaf | Place::Leaf(_) | Place::Own => place,
                };
                let changes = add(&name, &place, own, value, lease, &found, scope)?;
                record(changes).ok_or(Nothing::NothingBelow(name))
            }
            Self::Create { key, value } if at_key(&key).is_none() => {
                record(vec![Change::Create { key: key.clone(), value, lease: None }])
                    .ok_or(Nothing::NotThere(key))
            }
            Self::Create { key, .. } => Err(Nothing::Exists(key)),
            Self::Set { key, value } => match at_key(&key) {
                Some(before) if before.value == value => Err(Nothing::SameValue(key)),
                Some(before) => record(vec![Change::Update { before: before.clone(), value }])
                    .ok_or(Nothing::NotThere(key)),
                None => record(vec![Change::Create { key: key.clone(), value, lease: None }])
                    .ok_or(Nothing::NotThere(key)),
            },
            Self::Edit { base, value } => match at_key(&base.key) {
                None => Err(Nothing::Vanished(Box::new(base))),
                Some(theirs) if theirs.mod_revision != base.mod_revision => {
                    Err(Nothing::Changed(Box::new(Conflict { base, theirs: theirs.clone(), yours: value })))
                }
                Some(before) if before.value == value => Err(Nothing::SameValue(base.key)),
                Some(before) => record(vec![Change::Update { before: before.clone(), value }])
                    .ok_or(Nothing::NotThere(base.key)),
            },
            Self::Delete { key } => at_key(&key)
                .map(|before| vec![Change::Delete { before: before.clone() }])
                .and_then(record)
                .ok_or(Nothing::NotThere(key)),
            Self::DeleteSubtree { name } => {
                let range = scope.below(name.as_bytes())?;
                let fence = (found.len() <= MAX_FENCED).then(|| Fence {
                    range,
                    listed_at: at,
                    absent: at_key(&name).is_none().then(|| name.clone()),
                });
                let changes = found.into_iter().map(|before| Change::Delete { before }).collect();
                Plan::for_subtree(&name.spelled(), changes, fence, &around, cluster, at)
                    .ok_or(Nothing::NothingBelow(name))
            }
        }
    }
}

fn add(
    name: &ScopedKey,
    place: &Place,
    own: OwnRecord,
    value: Box<[u8]>,
    lease: Option<LeaseId>,
    found: &[KeyValue],
    scope: &Scope,
) -> Result<Vec<Change>, Nothing> {
    let leaf = |segment: &[u8]| scope.key(&[name.as_bytes(), b"/", segment].concat());
    // A leaf with something below it is taken as well: a record there would not answer.
    let taken = |key: &ScopedKey| {
        let below = [key.as_bytes(), b"/"].concat();
        found.iter().any(|record| record.key == *key || record.key.as_bytes().starts_with(&below))
    };
    let free = |after: u32| -> Result<(ScopedKey, u32), Nothing> {
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
        (Place::NextLeaf | Place::OwnIfFree | Place::Leaf(_), OwnRecord::MoveToLeaf, Some(before)) => {
            Some(before.clone())
        }
        _ => None,
    };
    let mut changes = Vec::new();
    let key = match place {
        Place::Own => name.clone(),
        Place::Leaf(segment) => leaf(segment)?,
        // The record that moves is the older one and gets the first number.
        Place::NextLeaf | Place::OwnIfFree => {
            let (first, number) = free(0)?;
            if moved.is_some() { free(number)?.0 } else { first }
        }
    };
    if found.iter().any(|record| record.key == key) {
        return Err(Nothing::Exists(key));
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
    // The new record comes first: it is what the person named, so its key is the challenge.
    changes.insert(0, Change::Create { key, value, lease });
    Ok(changes)
}
