//! Records of a zone beside what is stored: which stored record serves which of them, and what is missing. Where a
//! record lies does not matter, only what it serves at the name that it was made for.

mod altered;
mod change;
mod essence;
mod found;
mod fresh;
mod made;
mod places;
mod plain;
mod text;
mod weights;

use super::{Comparison, LeftAlone, Untouched, Update};
use crate::{
    dns::{Name, Serving, Source, external_dns::managed},
    exchange::{Answers, NotCarried, Speech, ZoneRecord},
    keys::{KeyValue, ScopedKey},
};
use altered::altered;
use change::{replace, with_ttl};
use found::{Found, Kept};
use made::made;
use places::Places;
use std::collections::{BTreeMap, HashMap, HashSet};

/// What becomes of records that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Nothing: what is missing is added.
    Add,
    /// They are changed to what is wanted; what is not wanted goes with `prune` only.
    Change { prune: bool },
}

/// What is wanted where.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'w> {
    pub records: &'w [ZoneRecord],
    /// Nothing outside these is changed.
    pub zones: &'w [Name],
    pub how: How,
    /// What the files could say at all.
    pub speech: Speech,
}

/// Compares. `existing` is all of the scope in key order, and `source` the same for the rules.
///
/// Beside the comparison: what will be answered otherwise than it is wanted, of any type, at the names of the wish, at
/// those above them and at those of the records below them; where records are changed, at all names of the zones. It is
/// told by the same words each time: it hangs on the wish and on what there is afterwards, and not on how that came about.
#[must_use]
pub fn by_rrset(
    source: &dyn Source,
    serving: &Serving,
    existing: &[KeyValue],
    wish: Wish<'_>,
) -> (Comparison, Vec<NotCarried>) {
    let (made, mut not_carried) = made(serving, wish.records);
    let mut answers = Answers::new(source, serving);
    let Found { kept, mut spare, covered, mut comparison } =
        Found::among(existing, &mut answers, source, serving, wish, &made);
    let goes: HashSet<&[u8]> = spare.iter().map(|(_, record)| record.key.as_bytes()).collect();
    let mut missing = fresh::missing(serving, wish, &made, &mut answers, &covered, &goes);
    let owner_of = |record: &KeyValue| {
        let managed = managed(source, &serving.scope, record.key.as_bytes(), &record.value)?;
        Some(LeftAlone::Managed(managed.to_string()))
    };
    let mut values: BTreeMap<ScopedKey, (KeyValue, Box<[u8]>)> = BTreeMap::new();
    if let How::Change { .. } = wish.how {
        for Kept { record, made: numbers, .. } in &kept {
            let ttl = numbers.iter().filter_map(|number| made.get(*number)).map(|made| made.ttl).min();
            let ttl = ttl.filter(|_| wish.speech == Speech::Zone);
            if let Some(value) = ttl.and_then(|ttl| with_ttl(&record.value, ttl)) {
                values.insert(record.key.clone(), ((*record).clone(), value));
            }
        }
        replace(wish, &mut missing, &mut spare, &owner_of, &mut values);
    }
    let mut places = Places::new(&serving.scope, existing, wish.records);
    let (mut creates, left) = fresh::created(serving, wish, &missing, &mut places);
    not_carried.extend(left);
    weights::settle(wish, &made, &kept, &mut creates, &mut values);
    let mut lines: HashMap<Box<[u8]>, usize> =
        creates.iter().map(|(_, record)| (record.key.clone(), record.line)).collect();
    for kept in &kept {
        let numbers = kept.made.iter().filter_map(|number| made.get(*number));
        lines.extend(
            numbers.map(|made| made.line).min().map(|line| (kept.record.key.as_bytes().into(), line)),
        );
    }
    comparison.creates = creates.into_iter().map(|(_, record)| record).collect();

    for (key, (before, value)) in values {
        debug_assert_eq!(key, before.key);
        match owner_of(&before) {
            Some(why) => comparison.untouched.push(Untouched { record: before, why }),
            None => comparison.updates.push(Update { before, value }),
        }
    }
    for (_, record) in spare {
        let why = match (owner_of(record), wish.how) {
            (Some(why), _) => why,
            (None, How::Change { prune: true }) => {
                comparison.deletes.push(record.clone());
                continue;
            }
            (None, How::Change { prune: false } | How::Add) => LeftAlone::NotPruned,
        };
        comparison.untouched.push(Untouched { record: record.clone(), why });
    }
    comparison.same = kept.len().saturating_sub(comparison.updates.len());
    comparison.creates.sort_by(|a, b| a.key.cmp(&b.key));
    comparison.deletes.sort_by(|a, b| a.key.cmp(&b.key));
    comparison.untouched.sort_by(|a, b| a.record.key.cmp(&b.record.key));
    let told: HashSet<usize> = not_carried.iter().map(NotCarried::line).collect();
    not_carried.extend(altered(source, serving, existing, &comparison, wish, &told, &lines));
    (comparison, not_carried)
}

#[cfg(test)]
mod tests;
