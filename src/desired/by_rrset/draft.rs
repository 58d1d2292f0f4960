//! Draft of a comparison: new records, records that get another value, and records that make room.
use super::{
    Treatment, WantedRecords,
    change::{replace, replaceable, with_ttl},
    essence::Essence,
    found::{KeptRecord, SortedRecords},
    fresh,
    made::MadeRecord,
    places::TakenKeys,
    relocate, weights,
};
use crate::{
    desired::{Comparison, LeftAlone, Relocated, Untouched, ValueUpdate},
    dns::{Name, RecordSource, Serving, external_dns::managed},
    exchange::{FileRecord, KnownAnswers, NotCarried, ServedRecord, Speech},
    keys::{KeyValue, ScopedKey},
};
use std::collections::{BTreeMap, HashSet};

/// Everything that a comparison is drafted from.
pub(super) struct Drafter<'d> {
    pub(super) source: &'d dyn RecordSource,
    pub(super) serving: &'d Serving,
    pub(super) existing: &'d [KeyValue],
    pub(super) wish: WantedRecords<'d>,
    pub(super) made: &'d [MadeRecord],
    pub(super) found: &'d SortedRecords<'d>,
}

/// A comparison, and the facts that it depends on.
pub(super) struct ComparisonDraft {
    pub(super) comparison: Comparison,
    /// Records of the file that have no place.
    pub(super) left: Vec<NotCarried>,
    /// Wanted records that are not made, because stored records give them.
    pub(super) leaned_on: Vec<Essence>,
}

/// Other values of records, by their keys.
pub(super) type Values = BTreeMap<ScopedKey, (KeyValue, Box<[u8]>)>;

impl<'d> Drafter<'d> {
    /// Drafts the comparison. `lost` holds what other records give now and will not give afterwards.
    pub(super) fn draft(&self, answers: &mut KnownAnswers<'_>, lost: &HashSet<Essence>) -> ComparisonDraft {
        let Self { serving, wish, made, found, .. } = *self;
        let mut spare = found.spare.clone();
        let goes: HashSet<&[u8]> = spare
            .iter()
            .filter(|(served, record)| self.may_go(served, record))
            .map(|(_, record)| record.key.as_bytes())
            .collect();
        let fresh::MissingRecords { mut missing, leaned_on } =
            fresh::missing(serving, wish, made, answers, found, &goes, lost);
        let mut values = Values::new();
        if let Treatment::Change { .. } = wish.how {
            values = self.other_ttls();
            replace(wish, &mut missing, &mut spare, &|record| self.owner_of(record), &mut values);
        }
        let (mut creates, moves, left) = self.placed(&missing, lost);
        weights::settle(wish, made, &found.kept, &mut creates, &mut values);
        let creates = creates.into_iter().map(|(_, record)| record).collect();
        let comparison = self.comparison(creates, &moves, &values, spare);
        ComparisonDraft { comparison, left, leaned_on }
    }

    /// Tells whether a record that nobody wants may be deleted or replaced. An import and a plan without `--prune`
    /// decide alike: otherwise the plan would go on where the import has ended.
    fn may_go(&self, served: &ServedRecord, record: &KeyValue) -> bool {
        let is_meant = match self.wish.how {
            Treatment::Change { prune: true } => true,
            Treatment::Change { prune: false } | Treatment::Add => replaceable(served).is_some(),
        };
        is_meant && self.owner_of(record).is_none()
    }

    fn owner_of(&self, record: &KeyValue) -> Option<LeftAlone> {
        let managed = managed(self.source, &self.serving.scope, record.key.as_bytes(), &record.value)?;
        Some(LeftAlone::Managed(managed.to_string()))
    }

    fn other_ttls(&self) -> Values {
        let mut values = Values::new();
        for KeptRecord { record, made: numbers, .. } in &self.found.kept {
            let ttl = numbers.iter().filter_map(|number| self.made.get(*number)).map(|made| made.ttl).min();
            let ttl = ttl.filter(|_| self.wish.speech == Speech::Zone);
            if let Some(value) = ttl.and_then(|ttl| with_ttl(&record.value, ttl)) {
                values.insert(record.key.clone(), ((*record).clone(), value));
            }
        }
        values
    }

    /// Returns the new records; the records that they would hide, each with its new leaf; and the records that have no
    /// place. A record that makes room frees its key for a new one.
    #[expect(clippy::type_complexity, reason = "three lists, taken apart at once")]
    fn placed(
        &self,
        missing: &BTreeMap<usize, Vec<MadeRecord>>,
        lost: &HashSet<Essence>,
    ) -> (Vec<(usize, FileRecord)>, Vec<(KeyValue, ScopedKey)>, Vec<NotCarried>) {
        let mut moves: Vec<(KeyValue, ScopedKey)> = vec![];
        loop {
            let mut places = TakenKeys::new(self.serving, self.existing, self.wish.records);
            for (before, to) in &moves {
                places.relocate(&before.key, to);
            }
            let (creates, left) = fresh::created(self.serving, self.wish, missing, &mut places);
            let is_moved = |record: &KeyValue| moves.iter().any(|(before, _)| before.key == record.key);
            let stays = |record: &KeyValue| self.owner_of(record).is_some() || self.is_deleted(record);
            let keys = creates.iter().map(|(_, record)| &*record.key);
            let hidden: Vec<&KeyValue> = relocate::hidden(self, keys)
                .into_iter()
                .filter(|record| !is_moved(record) && !stays(record))
                .collect();
            let is_end = hidden.is_empty() || left.is_empty();
            moves.extend(hidden.into_iter().filter_map(|record| {
                let to = places.leaf(&self.home(record, lost))?;
                Some((record.clone(), to))
            }));
            if is_end {
                return (creates, moves, left);
            }
        }
    }

    /// Returns the name below which a record gets its new leaf: the name that it is a leaf of now, if it stays for that
    /// name, or its own.
    fn home(&self, record: &KeyValue, lost: &HashSet<Essence>) -> Name {
        let own = Name::of_key(&self.serving.scope, &record.key);
        let above = own.parent();
        let kept = self.found.kept.iter().find(|kept| kept.record.key == record.key);
        let kept = kept.filter(|kept| above.as_ref() == Some(&kept.owner)).filter(|kept| {
            let mut numbers = kept.made.iter().filter_map(|number| self.made.get(*number));
            numbers.any(|made| !made.essences.iter().all(|essence| lost.contains(essence)))
        });
        kept.map_or(own, |kept| kept.owner.clone())
    }

    /// Tells whether a record is deleted because nobody wants it.
    fn is_deleted(&self, record: &KeyValue) -> bool {
        self.wish.how == Treatment::Change { prune: true }
            && self.found.spare.iter().any(|(_, spare)| spare.key == record.key)
    }

    fn comparison(
        &self,
        creates: Vec<FileRecord>,
        moves: &[(KeyValue, ScopedKey)],
        values: &Values,
        spare: Vec<(ServedRecord, &'d KeyValue)>,
    ) -> Comparison {
        let mut comparison = Comparison { creates, ..self.found.left.clone() };
        let old_keys: HashSet<&ScopedKey> = moves.iter().map(|(before, _)| &before.key).collect();
        let mut changed: HashSet<&ScopedKey> = old_keys.clone();
        for (key, (before, value)) in values {
            match self.owner_of(before) {
                Some(why) => comparison.untouched.push(Untouched { record: before.clone(), why }),
                None if !old_keys.contains(key) => {
                    changed.insert(key);
                    comparison.updates.push(ValueUpdate { before: before.clone(), value: value.clone() });
                }
                None => {}
            }
        }
        for (_, record) in spare {
            let why = match (self.owner_of(record), self.wish.how) {
                (Some(why), _) => why,
                (None, Treatment::Change { prune: true }) => {
                    comparison.deletes.push(record.clone());
                    continue;
                }
                (None, Treatment::Change { prune: false } | Treatment::Add) => LeftAlone::NotPruned,
            };
            comparison.untouched.push(Untouched { record: record.clone(), why });
        }
        comparison.untouched.retain(|untouched| !old_keys.contains(&untouched.record.key));
        comparison.same = self.found.kept.iter().filter(|kept| !changed.contains(&kept.record.key)).count();
        comparison.moves = moves
            .iter()
            .map(|(before, to)| {
                let value = values.get(&before.key).map_or(&before.value, |(_, value)| value).clone();
                Relocated { before: before.clone(), to: to.clone(), value }
            })
            .collect();
        comparison.creates.sort_by(|a, b| a.key.cmp(&b.key));
        comparison.deletes.sort_by(|a, b| a.key.cmp(&b.key));
        comparison.untouched.sort_by(|a, b| a.record.key.cmp(&b.record.key));
        comparison
    }
}
