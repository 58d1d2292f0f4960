//! Answers that will not be what is wanted, once everything is done.
use super::{How, Wish, essence::essence};
use crate::{
    dns::{Name, Serving, Source},
    exchange::{Answers, NotCarried, Said, Speech, unlike},
    keys::{KeyValue, ScopedKey},
};
use std::collections::{HashMap, HashSet};

/// What is answered otherwise than it is wanted from these records, name by name and type by type. `source` is the same
/// for the rules, and `lines` are those of the file that each key is for.
pub(super) fn altered(
    source: &dyn Source,
    serving: &Serving,
    records: &[KeyValue],
    wish: Wish<'_>,
    told: &HashSet<usize>,
    lines: &HashMap<Box<[u8]>, usize>,
) -> Vec<NotCarried> {
    let said = Said::of(wish.records.iter().filter(|record| !told.contains(&record.line)));
    let said = said.with_names(wish.records.iter().map(|record| &record.owner));
    let names = names(serving, wish, records.iter().map(|record| &record.key), lines);
    unlike(&Answers::new(source, serving), &said, &names, wish.speech, &|key| lines.get(key).copied())
}

/// The names at which answers are compared, in the order of DNS: those of the wish, those of keys that it speaks of, and
/// those above them in their zone.
fn names<'k>(
    serving: &Serving,
    wish: Wish<'_>,
    keys: impl Iterator<Item = &'k ScopedKey>,
    lines: &HashMap<Box<[u8]>, usize>,
) -> Vec<Name> {
    let zone_of = |name: &Name| {
        let covering = serving.zones.iter().filter(|zone| name.is_within(zone));
        covering.max_by_key(|zone| zone.labels().len())
    };
    // As keys have them, and as the file has: a/b and b.a are one to CoreDNS.
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
            How::Change { .. } => wish.zones.contains(zone),
            // A zone is above all that is in it, and most of that has nothing to do with what is added.
            How::Add => {
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

/// Whether `CoreDNS` reads what lies here for a zone that something is wanted of.
fn is_for(name: &Name, zone: &Name, owners: &HashSet<Name>) -> bool {
    owners.contains(zone)
        && name.labels().next() == Some(b"dns")
        && name.parent().is_some_and(|above| above == *zone)
}
