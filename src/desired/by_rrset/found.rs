//! Stored records beside the wanted ones: those that say what is wanted, those that nobody wants, and the rest.
use super::{
    WantedRecords,
    change::ttl,
    essence::{Essence, essence},
    made::{self, MadeRecord},
    weights,
};
use crate::{
    desired::{Comparison, LeftAlone, Untouched},
    dns::{Name, QueryType, RecordSource, Service, Serving},
    exchange::{KnownAnswers, Rdata, ServedRecord, ZoneRecord},
    keys::{KeyValue, Scope, ScopedKey},
};
use std::collections::{BTreeSet, HashMap, HashSet};

/// A stored record that says only what is wanted.
pub(super) struct KeptRecord<'r> {
    pub(super) record: &'r KeyValue,
    /// The name that it is read as a record of.
    pub(super) owner: Name,
    /// Numbers of the made records that it stands for.
    pub(super) made: Vec<usize>,
    /// The share of its weight that is served.
    pub(super) weight: Option<u16>,
    /// The first line of the file's records that it says, where it is one part of a record made of several.
    pub(super) line: Option<usize>,
}

/// The stored records, sorted by what is wanted.
pub(super) struct SortedRecords<'r> {
    pub(super) kept: Vec<KeptRecord<'r>>,
    pub(super) spare: Vec<(ServedRecord, &'r KeyValue)>,
    /// Records that the kept ones say, with the keys of these.
    pub(super) covered: HashMap<Essence, Vec<&'r ScopedKey>>,
    /// A comparison of nothing but the records that are left alone.
    pub(super) left: Comparison,
}

impl<'r> SortedRecords<'r> {
    pub(super) fn among(
        existing: &'r [KeyValue],
        answers: &mut KnownAnswers<'_>,
        source: &dyn RecordSource,
        serving: &Serving,
        wish: WantedRecords<'_>,
        made: &[MadeRecord],
    ) -> Self {
        let scope = &serving.scope;
        let mut index: HashMap<&Essence, Vec<usize>> = HashMap::new();
        for (number, made) in made.iter().enumerate() {
            for essence in &made.essences {
                index.entry(essence).or_default().push(number);
            }
        }
        let names: HashSet<&Name> = index.keys().map(|(name, _)| name).collect();
        let sets: HashSet<(Name, QueryType)> = wish.records.iter().map(|record| set(scope, record)).collect();
        let is_wanted = |served: &ServedRecord| {
            let needed = needed(&served.records, &names);
            !needed.is_empty() && needed.iter().all(|record| index.contains_key(&essence(scope, record)))
        };
        let (kept, spare, covered) = (vec![], vec![], HashMap::new());
        let mut found = Self { kept, spare, covered, left: Comparison::default() };
        for record in existing {
            // A wish says nothing of most records of a large scope.
            let may_be_wanted = answers.may_be_for(record).iter().any(|name| names.contains(name));
            let readings = if may_be_wanted { answers.readings(record) } else { vec![answers.usual(record)] };
            // A leaf of any name counts for the name above it if a record of its type is wanted there and none at its
            // own name.
            let is_of = |served: &&ServedRecord| {
                served.records.iter().any(|record| sets.contains(&set(scope, record)))
            };
            let usual = readings.iter().find(is_of).or(readings.first()).cloned();
            // Where a leaf says what is wanted of two names, the one whose key it has makes no other.
            let mut wanted: Vec<ServedRecord> = readings.into_iter().filter(is_wanted).collect();
            let is_own = |served: &ServedRecord| served.owner == Name::of_key(scope, &record.key);
            let own = wanted.iter().position(is_own).unwrap_or_default();
            let wanted = (!wanted.is_empty()).then(|| wanted.swap_remove(own)).or_else(|| {
                if !may_be_wanted {
                    return None;
                }
                // A record that its neighbours spoil, for example with a broken value, counts as there: a second one
                // would not help. A record that a key below it hides can be answered from another place.
                let is_hidden = is_hidden(source, &record.key);
                let known = made::known(record);
                let mut alone = KnownAnswers::new(&known, serving);
                let is_exact = |served: &ServedRecord| {
                    served.records.iter().all(|record| matches!(record.data, Rdata::Cname(_) | Rdata::Ptr(_)))
                };
                let readings = alone.readings(record).into_iter();
                // CoreDNS reads other types of a zone from all of the zone.
                let is_of_apex = |served: &ServedRecord| {
                    let mut own = served.records.iter().filter(|record| record.owner == served.owner);
                    own.any(|record| {
                        record.data.address().is_some() || matches!(record.data, Rdata::Cname(_))
                    })
                };
                let is_away = |served: &ServedRecord| {
                    is_of_apex(served) && is_behind_apex(source, serving, &served.owner, &record.key)
                };
                let is_read = |served: &ServedRecord| (!is_hidden || is_exact(served)) && !is_away(served);
                readings.filter(is_read).find(is_wanted)
            });
            let speaks =
                |served: &ServedRecord| served.zone.as_ref().is_some_and(|zone| wish.zones.contains(zone));
            match (wanted, usual) {
                (Some(served), _) => found.keep(record, &served, &index, (wish, made), (source, serving)),
                (None, Some(served)) if !speaks(&served) => found.leave(record, LeftAlone::Elsewhere),
                (None, Some(served)) if served.records.is_empty() => {
                    found.leave(record, LeftAlone::NotServed);
                }
                (None, Some(served)) => found.spare.push((served, record)),
                (None, None) => {}
            }
        }
        found.share_out(wish, made);
        found
    }

    /// Gives each of the records that are answered alike a stored record of its own, so that none has to have the TTL
    /// or the weight of two. Both are paired from the lightest up.
    fn share_out(&mut self, wish: WantedRecords<'_>, made: &[MadeRecord]) {
        let weights = weights::wanted(wish, made);
        let mut alike: HashMap<&[Essence], Vec<usize>> = HashMap::new();
        for (number, made) in made.iter().enumerate() {
            alike.entry(&made.essences).or_default().push(number);
        }
        for mut numbers in alike.into_values().filter(|numbers| numbers.len() > 1) {
            numbers.sort_by_key(|number| (weights.get(number), made.get(*number).map(|made| made.ttl)));
            let is_one = |kept: &&mut KeptRecord<'_>| kept.made.iter().any(|number| numbers.contains(number));
            let mut kept: Vec<&mut KeptRecord<'_>> = self.kept.iter_mut().filter(is_one).collect();
            kept.sort_by_cached_key(|kept| (weight(&kept.record.value), ttl(&kept.record.value)));
            // Surplus records go with the last number.
            let each = numbers.iter().chain(std::iter::repeat(numbers.last()).flatten());
            for (kept, own) in kept.into_iter().zip(each) {
                kept.made.retain(|number| number == own || !numbers.contains(number));
            }
        }
    }

    /// The first line that each key is for.
    pub(super) fn lines(&self, made: &[MadeRecord]) -> HashMap<Box<[u8]>, usize> {
        let line = |kept: &KeptRecord<'_>| {
            let lines = kept.made.iter().filter_map(|number| Some(made.get(*number)?.line));
            kept.line.or(lines.min())
        };
        let line = |kept: &KeptRecord<'_>| Some((kept.record.key.as_bytes().into(), line(kept)?));
        self.kept.iter().filter_map(line).collect()
    }

    fn leave(&mut self, record: &KeyValue, why: LeftAlone) {
        self.left.untouched.push(Untouched { record: record.clone(), why });
    }

    fn keep(
        &mut self,
        record: &'r KeyValue,
        served: &ServedRecord,
        index: &HashMap<&Essence, Vec<usize>>,
        (wish, made): (WantedRecords<'_>, &[MadeRecord]),
        (source, serving): (&dyn RecordSource, &Serving),
    ) {
        let said = served.records.iter().chain(&served.along);
        let said: HashSet<Essence> = said.map(|record| essence(&serving.scope, record)).collect();
        let numbers: BTreeSet<usize> =
            said.iter().filter_map(|essence| index.get(essence)).flatten().copied().collect();
        let is_whole = |number: &&usize| {
            made.get(**number).is_some_and(|made| made.essences.iter().all(|essence| said.contains(essence)))
        };
        let whole: Vec<usize> = numbers.iter().filter(is_whole).copied().collect();
        let weight = served
            .records
            .iter()
            .find_map(|said| if let Rdata::Srv { weight, .. } = said.data { Some(weight) } else { None });
        if whole.is_empty() && !is_hidden(source, &record.key) {
            // CoreDNS gives a target once, whichever key it comes from; the other keys would give it as well.
            let known = made::known(record);
            let readings = KnownAnswers::new(&known, serving).readings(record);
            let same = readings.into_iter().find(|alone| alone.owner == served.owner);
            let records = same.into_iter().flat_map(|alone| alone.records);
            self.cover(record, records.map(|record| essence(&serving.scope, &record)));
        }
        let parts = numbers.iter().filter_map(|number| made.get(*number)).flat_map(|made| &made.numbers);
        let parts = parts.filter_map(|number| wish.records.get(*number));
        let said_of_it = parts.filter(|part| said.contains(&essence(&serving.scope, part)));
        let line = said_of_it.map(|part| part.line).min().filter(|_| whole.is_empty());
        let numbers = if whole.is_empty() { numbers.into_iter().collect() } else { whole };
        self.kept.push(KeptRecord { record, owner: served.owner.clone(), made: numbers, weight, line });
        self.cover(record, said);
    }

    fn cover(&mut self, record: &'r KeyValue, said: impl IntoIterator<Item = Essence>) {
        for essence in said {
            self.covered.entry(essence).or_default().push(&record.key);
        }
    }

    /// Tells whether a kept record says it once the comparison is made true. A record that its neighbours spoil counts;
    /// a hidden one, or one kept away from its zone, does not, since the next wish does not find it.
    pub(super) fn still_says(
        &self,
        after: &dyn RecordSource,
        serving: &Serving,
        comparison: &Comparison,
        wanted: &Essence,
    ) -> bool {
        let (name, data) = wanted;
        let mut keys = self.covered.get(wanted).into_iter().flatten().map(|key| {
            let moved = comparison.moves.iter().find(|moved| moved.before.key == **key);
            moved.map_or(*key, |moved| &moved.to)
        });
        keys.any(|key| {
            let is_exact = matches!(data, Rdata::Cname(_) | Rdata::Ptr(_));
            let is_away = data.address().is_some() && is_behind_apex(after, serving, name, key);
            (is_exact || !is_hidden(after, key)) && !is_away
        })
    }
}

/// The weight that a value has; `None` for one that does not decode.
fn weight(value: &[u8]) -> Option<i64> {
    Some(Service::decode(value).ok()?.effective_weight())
}

/// Tells whether keys lie below a key, so that `CoreDNS` ignores it.
fn is_hidden(source: &dyn RecordSource, key: &ScopedKey) -> bool {
    source.count_below(&[key.as_bytes(), b"/"].concat()) > 0
}

/// Tells whether a name is a zone with records of its own in `dns/apex`, which keep the addresses of this key away from
/// it.
fn is_behind_apex(source: &dyn RecordSource, serving: &Serving, name: &Name, key: &ScopedKey) -> bool {
    let zone = serving.zones.iter().find(|zone| *zone == name);
    let Some(own) = zone.and_then(|zone| zone.key(&serving.scope).ok()) else { return false };
    let dns = [own.as_bytes(), b"/dns/"].concat();
    let apex = [&dns[..], b"apex"].concat();
    !key.as_bytes().starts_with(&dns)
        && (source.has(&apex) || source.count_below(&[&apex[..], b"/"].concat()) > 0)
}

/// Returns the name and type of the rrset that this record belongs to.
fn set(scope: &Scope, record: &ZoneRecord) -> (Name, QueryType) {
    (essence(scope, record).0, record.data.kind())
}

/// Returns the records of a stored one that must be wanted: all but the address of a service, at a name that the wish
/// says nothing else of.
fn needed<'s>(records: &'s [ZoneRecord], names: &HashSet<&Name>) -> Vec<&'s ZoneRecord> {
    let is_address = |record: &ZoneRecord| record.data.address().is_some();
    let is_service = records.iter().any(|record| !is_address(record));
    let needed = |record: &&ZoneRecord| !is_service || !is_address(record) || names.contains(&record.owner);
    records.iter().filter(needed).collect()
}
