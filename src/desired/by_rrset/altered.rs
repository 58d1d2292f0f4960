//! Altered answers: those that will differ from the wanted ones once the comparison is made true.
use super::{Treatment, WantedRecords, essence::essence};
use crate::{
    dns::{Name, RecordSource, Serving},
    exchange::{FileAnswers, KnownAnswers, NotCarried, Speech, unlike},
    keys::{KeyValue, ScopedKey},
};
use std::collections::{HashMap, HashSet};

/// Returns the answers of these records that differ from the wanted ones, by name and type. `source` holds the same records
/// for the rules, and `lines` are those of the file that each key is for.
pub(super) fn altered(
    source: &dyn RecordSource,
    serving: &Serving,
    records: &[KeyValue],
    wish: WantedRecords<'_>,
    told: &HashSet<usize>,
    lines: &HashMap<Box<[u8]>, usize>,
) -> Vec<NotCarried> {
    let said = FileAnswers::of(wish.records.iter().filter(|record| !told.contains(&record.line)));
    let said = said.with_names(wish.records.iter().map(|record| &record.owner));
    let names = names(serving, wish, records.iter().map(|record| &record.key), lines);
    unlike(&KnownAnswers::new(source, serving), &said, &names, wish.speech, &|key| lines.get(key).copied())
}

/// The names at which answers are compared, in the order of DNS: those of the wish, those of keys that it speaks of, and
/// those above them in their zone.
fn names<'k>(
    serving: &Serving,
    wish: WantedRecords<'_>,
    keys: impl Iterator<Item = &'k ScopedKey>,
    lines: &HashMap<Box<[u8]>, usize>,
) -> Vec<Name> {
    let zone_of = |name: &Name| {
        let covering = serving.zones.iter().filter(|zone| name.is_within(zone));
        covering.max_by_key(|zone| zone.labels().len())
    };
    // Keys and the file may spell a name differently: to CoreDNS, a/b and b.a are one.
    let of_keys = wish.records.iter().map(|record| essence(&serving.scope, record).0);
    let owners: HashSet<Name> =
        of_keys.chain(wish.records.iter().map(|record| record.owner.clone())).collect();
    let mut names: HashSet<Name> = HashSet::new();
    let mut add = |name: &Name| {
        let Some(zone) = zone_of(name) else { return };
        for name in
            std::iter::successors(Some(name.clone()), Name::parent).take_while(|name| name.is_within(zone))
        {
            if !names.insert(name) {
                break;
            }
        }
    };
    owners.iter().for_each(&mut add);
    if wish.speech == Speech::Zone {
        wish.zones.iter().for_each(&mut add);
    }
    for key in keys {
        let name = Name::of_key(&serving.scope, key);
        let Some(zone) = zone_of(&name) else { continue };
        let above = std::iter::successors(Some(name.clone()), Name::parent);
        let speaks = match wish.how {
            Treatment::Change { .. } => wish.zones.contains(zone),
            // A zone is above all of its names, and most of those have nothing to do with the new records.
            Treatment::Add => {
                let mut above = above.take_while(|name| name != zone);
                lines.contains_key(key.as_bytes())
                    || above.any(|above| owners.contains(&above) || is_for(&above, zone, &owners))
            }
        };
        if speaks {
            add(&name);
        }
    }
    let mut names: Vec<Name> = names.into_iter().collect();
    names.sort_by(|a, b| a.labels().rev().cmp(b.labels().rev()));
    names
}

/// Tells whether `CoreDNS` reads this name for a zone that the wish has records of.
fn is_for(name: &Name, zone: &Name, owners: &HashSet<Name>) -> bool {
    owners.contains(zone)
        && name.labels().next() == Some(b"dns")
        && name.parent().is_some_and(|above| above == *zone)
}
