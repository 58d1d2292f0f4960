//! New records: made for what is wanted and not there.
use super::{
    WantedRecords,
    essence::{Essence, essence},
    found::SortedRecords,
    made::{MadeRecord, by_itself, left},
    places::TakenKeys,
    plain::{KeyPosition, host},
};
use crate::{
    dns::{QueryType, Serving},
    exchange::{FileRecord, KnownAnswers, NotCarried},
};
use std::collections::{BTreeMap, HashSet};

/// The made records that are not there, by their numbers: whole, or the part that another record lacks.
pub(super) struct MissingRecords {
    pub(super) missing: BTreeMap<usize, Vec<MadeRecord>>,
    /// Records that are not missing, because stored records give them.
    pub(super) leaned_on: Vec<Essence>,
}

/// Finds the missing records. `found` holds the records that stay, `goes` the keys of those that may be deleted or
/// replaced, and `lost` what other records will not give any more.
pub(super) fn missing(
    serving: &Serving,
    wish: WantedRecords<'_>,
    all: &[MadeRecord],
    answers: &mut KnownAnswers<'_>,
    found: &SortedRecords<'_>,
    goes: &HashSet<&[u8]>,
    lost: &HashSet<Essence>,
) -> MissingRecords {
    let mut leaned_on = vec![];
    // Another record may give it already: CoreDNS gives an address once, whichever key it comes from.
    let mut is_there = |wanted: &Essence| {
        let is_there = !lost.contains(wanted)
            && (found.covered.contains_key(wanted) || is_given(answers, serving, wanted, goes));
        if is_there {
            leaned_on.push(wanted.clone());
        }
        is_there
    };
    let mut missing: BTreeMap<usize, Vec<MadeRecord>> = BTreeMap::new();
    for (number, made) in all.iter().enumerate() {
        let lacks: Vec<bool> = made.essences.iter().map(|wanted| !is_there(wanted)).collect();
        if lacks.iter().all(|lacks| *lacks) || (made.kind == QueryType::NS && lacks.contains(&true)) {
            missing.insert(number, vec![made.clone()]);
        } else if lacks.contains(&true) {
            // Only the rest is missing: a service without its server's address, or the address without the service.
            let parts = made.numbers.iter().filter_map(|number| {
                let record = wish.records.get(*number)?;
                let wanted = essence(&serving.scope, record);
                if is_there(&wanted) { None } else { by_itself(serving, *number, record) }
            });
            missing.insert(number, parts.collect());
        }
    }
    MissingRecords { missing, leaned_on }
}

/// Tells whether `CoreDNS` gives a record from other keys than these.
pub(super) fn is_given(
    answers: &mut KnownAnswers<'_>,
    serving: &Serving,
    wanted: &Essence,
    goes: &HashSet<&[u8]>,
) -> bool {
    let given = answers.of_name(&wanted.0, wanted.1.kind());
    given.iter().any(|(key, record)| !goes.contains(&**key) && essence(&serving.scope, record) == *wanted)
}

/// Returns the new records, each with the number of its made record, and the records that have no place.
pub(super) fn created(
    serving: &Serving,
    wish: WantedRecords<'_>,
    missing: &BTreeMap<usize, Vec<MadeRecord>>,
    places: &mut TakenKeys<'_>,
) -> (Vec<(usize, FileRecord)>, Vec<NotCarried>) {
    let mut not_carried = vec![];
    let mut creates: Vec<(usize, FileRecord)> = vec![];
    let mut create = |number: usize, made: &MadeRecord| {
        if let Some(record) = place(made, places) {
            creates.push((number, record));
            return true;
        }
        false
    };
    for (number, made) in missing.iter().flat_map(|(number, all)| all.iter().map(move |made| (*number, made)))
    {
        if create(number, made) {
            continue;
        }
        // Where a target has a record of its own, service and address become two records.
        let is_service = matches!(made.place, KeyPosition::Target { .. }) && made.kind != QueryType::NS;
        for wanted in &made.numbers {
            let Some(record) = wish.records.get(*wanted) else { continue };
            let part = by_itself(serving, *wanted, record).filter(|_| is_service);
            if !part.is_some_and(|part| create(number, &part)) {
                let left = left(record, "its place in etcd is taken by another record");
                // A server with several addresses makes several records in etcd and has one line.
                if !not_carried.contains(&left) {
                    not_carried.push(left);
                }
            }
        }
    }
    (creates, not_carried)
}

/// Returns the new record; `None` when its place is taken.
fn place(made: &MadeRecord, places: &mut TakenKeys<'_>) -> Option<FileRecord> {
    let mut value = made.value.clone();
    let key = match &made.place {
        KeyPosition::Own(name) => places.own(name),
        KeyPosition::Leaf(name) => places.leaf(name),
        KeyPosition::Target { name, is_alone: true } if !places.has_below(name) => places.own(name),
        // A leaf would hide the record at the name's own key.
        KeyPosition::Target { name, .. } if places.has_own(name) => None,
        KeyPosition::Target { name, .. } => {
            value.set("targetstrip", &1.into());
            places.leaf(name)
        }
    }?;
    let label = if made.kind == QueryType::MX { "mx" } else { "srv" };
    if let Some(apart) = made.apart.as_ref().and_then(|target| places.apart(target, label)) {
        value.set("host", &host(&apart).into());
        value.set("targetstrip", &1.into());
    }
    value.set("ttl", &made.ttl.into());
    places.note(&key);
    let value = value.to_bytes().into();
    Some(FileRecord { key: key.as_bytes().into(), value, lease: None, line: made.line })
}
