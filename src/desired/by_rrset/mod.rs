//! Comparison of a zone's records with the stored ones: finds which stored record serves which wanted record, and which
//! are missing. The key of a record does not matter, only what it serves at the name that it was made for.

mod altered;
mod change;
mod draft;
mod essence;
mod found;
mod fresh;
mod made;
mod places;
mod plain;
mod relocate;
mod text;
mod weights;

use super::{Comparison, Relocated, ValueUpdate};
use crate::{
    dns::{ChangedSource, KeyContent, Name, RecordSource, Serving},
    exchange::{KnownAnswers, NotCarried, Speech, ZoneRecord},
    keys::KeyValue,
};
use altered::altered;
use draft::{ComparisonDraft, Drafter};
use essence::Essence;
use found::SortedRecords;
use fresh::is_given;
use made::{alone, made};
use std::collections::{BTreeMap, HashSet};

/// Treatment of the records that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// Leaves them as they are, and adds what is missing.
    Add,
    /// Changes them to what is wanted, and deletes unwanted ones only with `prune`.
    Change { prune: bool },
}

/// The wanted records, with the zones that they are wanted in.
#[derive(Clone, Copy, Debug)]
pub struct WantedRecords<'w> {
    pub records: &'w [ZoneRecord],
    /// Nothing outside these is changed.
    pub zones: &'w [Name],
    pub how: Treatment,
    /// Kinds of records that the files can say at all.
    pub speech: Speech,
}

/// Compares the wish with `existing`, which is all of the scope in key order; `source` holds the same for the rules.
///
/// Returns beside the comparison the answers that will differ from the wish, of any type: at the names of the wish, at
/// those above them, and at those of the records below them; where records are changed, at all names of the zones. The
/// words are the same each time, since they depend only on the wish and on the records afterwards, not on the way
/// there.
#[must_use]
pub fn by_rrset(
    source: &dyn RecordSource,
    serving: &Serving,
    existing: &[KeyValue],
    wish: WantedRecords<'_>,
) -> (Comparison, Vec<NotCarried>) {
    let (made, left) = made(serving, wish.records);
    let mut answers = KnownAnswers::new(source, serving);
    let found = SortedRecords::among(existing, &mut answers, source, serving, wish, &made);
    let drafter = Drafter { source, serving, existing, wish, made: &made, found: &found };
    let mut lost = HashSet::new();
    let ComparisonDraft { comparison, left: no_place, .. } = loop {
        let draft = drafter.draft(&mut answers, &lost);
        // New records may hide a stored one, come before it, or keep it away from its zone: then it gives nothing more.
        let after = after(source, &draft.comparison);
        let mut afterwards = KnownAnswers::new(&after, serving);
        let is_lost = |wanted: &&Essence| {
            !found.still_says(&after, serving, &draft.comparison, wanted)
                && !is_given(&mut afterwards, serving, wanted, &HashSet::new())
        };
        let more: Vec<Essence> = draft.leaned_on.iter().filter(is_lost).cloned().collect();
        if more.is_empty() {
            break draft;
        }
        lost.extend(more);
    };
    let mut not_carried: Vec<NotCarried> = left.into_iter().chain(no_place).collect();
    let told: HashSet<usize> = not_carried.iter().map(NotCarried::line).collect();
    // Told by what there is afterwards: another record may be the one that gives an answer then.
    let after = after(source, &comparison);
    let records = records_after(serving, existing, &comparison);
    let lines = if comparison.is_empty() {
        found.lines(&made)
    } else {
        let mut answers = KnownAnswers::new(&after, serving);
        SortedRecords::among(&records, &mut answers, &after, serving, wish, &made).lines(&made)
    };
    not_carried.extend(altered(&after, serving, &records, wish, &told, &lines));
    (comparison, not_carried)
}

/// Returns all records as they are once a comparison is made true.
fn after<'s>(
    source: &'s dyn RecordSource,
    comparison: &Comparison,
) -> ChangedSource<'s, dyn RecordSource + 's> {
    let content = |value: &[u8], lease| Some(KeyContent { value: value.into(), lease });
    let creates = comparison.creates.iter().map(|record| (record.key.clone(), content(&record.value, None)));
    let updates = comparison
        .updates
        .iter()
        .map(|update| (update.before.key.as_bytes().into(), content(&update.value, update.before.lease)));
    let deletes = comparison.deletes.iter().map(|record| (record.key.as_bytes().into(), None));
    let moves = comparison.moves.iter().flat_map(|Relocated { before, to, value }| {
        [(before.key.as_bytes().into(), None), (to.as_bytes().into(), content(value, before.lease))]
    });
    // A new record may take a key that another record leaves.
    ChangedSource::new(source, moves.chain(creates).chain(updates).chain(deletes))
}

/// The same, as records in the order of their keys.
fn records_after(serving: &Serving, existing: &[KeyValue], comparison: &Comparison) -> Vec<KeyValue> {
    let mut records: BTreeMap<&[u8], KeyValue> =
        existing.iter().map(|record| (record.key.as_bytes(), record.clone())).collect();
    for deleted in &comparison.deletes {
        records.remove(deleted.key.as_bytes());
    }
    for ValueUpdate { before, value } in &comparison.updates {
        records.insert(before.key.as_bytes(), KeyValue { value: value.clone(), ..before.clone() });
    }
    for Relocated { before, .. } in &comparison.moves {
        records.remove(before.key.as_bytes());
    }
    for Relocated { before, to, value } in &comparison.moves {
        records.insert(to.as_bytes(), KeyValue { key: to.clone(), value: value.clone(), ..before.clone() });
    }
    for create in &comparison.creates {
        if let Ok(key) = serving.scope.key(&create.key) {
            records.insert(&create.key, alone(key, create.value.clone()));
        }
    }
    records.into_values().collect()
}

#[cfg(test)]
mod tests;
