//! Records at a name's own key that new ones would hide: `CoreDNS` ignores a key that has others below it. They move to
//! leaves of their names, where they go on to answer beside the new ones, as they do for a single new record.
use super::draft::Drafter;
use crate::{
    dns::{Name, Service},
    keys::KeyValue,
};
use std::collections::HashSet;

/// Returns the records that new ones at these keys would hide. Left out are records that are hidden already, values
/// that fail every question once they are read, the PTR record of an address, which is found at its own key alone, and
/// records outside the zones of the wish.
pub(super) fn hidden<'d, 'k>(
    drafter: &Drafter<'d>,
    creates: impl Iterator<Item = &'k [u8]>,
) -> Vec<&'d KeyValue> {
    let Drafter { source, serving, existing, wish, .. } = *drafter;
    let above: HashSet<&[u8]> = creates.flat_map(keys_above).collect();
    let is_read_there = |record: &KeyValue| {
        let name = Name::of_key(&serving.scope, &record.key);
        !name.is_reverse() && wish.zones.iter().any(|zone| name.is_within(zone))
    };
    let would_be = |record: &&KeyValue| {
        let key = record.key.as_bytes();
        above.contains(key)
            && source.count_below(&[key, b"/"].concat()) == 0
            && Service::decode(&record.value).is_ok()
            && is_read_there(record)
    };
    existing.iter().filter(would_be).collect()
}

/// Returns the keys above this one, the nearest first.
fn keys_above(key: &[u8]) -> impl Iterator<Item = &[u8]> {
    let slashes = key.iter().enumerate().rev().filter(|(_, byte)| **byte == b'/');
    slashes.filter_map(|(slash, _)| key.get(..slash))
}
