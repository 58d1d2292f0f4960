//! Records of a zone beside what is stored: which stored record serves which of them, and what is missing. Where a
//! record lies does not matter, only what it serves at the name that it was made for.

mod fresh;
mod places;
mod weights;

use super::{Comparison, LeftAlone, Untouched, Update};
use crate::{
    dns::{
        Changed, Content, DEFAULT_TTL, Name, QueryType, Service, Serving, Source, Value,
        external_dns::managed,
    },
    exchange::{Answers, NotCarried, Rdata, Served, Target, ZoneRecord},
    keys::{KeyValue, ScopedKey},
};
use fresh::fresh;
use places::Places;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

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
}

/// What a record says whatever its TTL, its share of a weight and the strings of its text are.
type Essence = (Name, Rdata);

/// Compares. `existing` is all of the scope in key order, and `source` the same for the rules.
///
/// Beside the comparison: what will be answered otherwise than it is wanted.
#[must_use]
pub fn by_rrset(
    source: &dyn Source,
    serving: &Serving,
    existing: &[KeyValue],
    wish: Wish<'_>,
) -> (Comparison, Vec<NotCarried>) {
    let mut answers = Answers::new(source, serving);
    let mut wanted: BTreeMap<usize, &ZoneRecord> = BTreeMap::new();
    let mut index: HashMap<Essence, usize> = HashMap::new();
    for (number, record) in wish.records.iter().enumerate() {
        if index.insert(essence(record), number).is_none() {
            wanted.insert(number, record);
        }
    }
    let mut comparison = Comparison::default();
    let mut spare: Vec<(Served, &KeyValue)> = vec![];
    let mut kept: Vec<Kept<'_>> = vec![];
    let names: HashSet<&Name> = wish.records.iter().map(|record| &record.owner).collect();
    let sets: HashSet<(Name, QueryType)> =
        wish.records.iter().map(|record| (record.owner.clone(), record.data.kind())).collect();
    for record in existing {
        let served = answers.served_for(record, |name, kind| sets.contains(&(name.clone(), kind)));
        let speaks = |zone: &Name| wish.zones.contains(zone);
        let untouched = |why| Untouched { record: record.clone(), why };
        if !served.zone.as_ref().is_some_and(speaks) {
            comparison.untouched.push(untouched(LeftAlone::Elsewhere));
        } else if served.records.is_empty() {
            comparison.untouched.push(untouched(LeftAlone::NotServed));
        } else if let Some(numbers) = numbers(&index, &needed(&served.records, &names)) {
            for said in served.records.iter().chain(&served.along) {
                index.get(&essence(said)).map(|number| wanted.remove(number));
            }
            let weight = served
                .records
                .iter()
                .find_map(|said| if let Rdata::Srv { weight, .. } = said.data { Some(weight) } else { None });
            kept.push(Kept { record, wanted: numbers, weight });
        } else {
            spare.push((served, record));
        }
    }
    // Another record may give it already: CoreDNS gives an address once, whichever key it comes from.
    let goes: HashSet<&[u8]> = spare.iter().map(|(_, record)| record.key.as_bytes()).collect();
    wanted.retain(|_, record| {
        let given = answers.of_name(&record.owner, record.data.kind());
        !given.iter().any(|(key, other)| !goes.contains(&**key) && essence(other) == essence(record))
    });
    let owner_of = |record: &KeyValue| {
        let managed = managed(source, &serving.scope, record.key.as_bytes(), &record.value)?;
        Some(LeftAlone::Managed(managed.to_string()))
    };
    let mut values: BTreeMap<ScopedKey, (KeyValue, Box<[u8]>)> = BTreeMap::new();
    if let How::Change { .. } = wish.how {
        for Kept { record, wanted, .. } in &kept {
            let ttl =
                wanted.iter().filter_map(|number| wish.records.get(*number)).map(|record| record.ttl).min();
            if let Some(value) = ttl.and_then(|ttl| with_ttl(&record.value, ttl)) {
                values.insert(record.key.clone(), ((*record).clone(), value));
            }
        }
        replace(&mut wanted, &mut spare, &owner_of, &mut values);
    }
    let mut places = Places::new(&serving.scope, existing, wish.records);
    let (creates, mut not_carried) = fresh(serving, wish.records, &wanted, &mut places);
    comparison.creates = creates;
    weights::settle(wish, &kept, &mut comparison.creates, &mut values);

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
    let told: HashSet<usize> = not_carried
        .iter()
        .filter_map(|left| if let NotCarried::Line { line, .. } = left { Some(*line) } else { None })
        .collect();
    not_carried.extend(altered(source, serving, &comparison, wish, &told));
    (comparison, not_carried)
}

/// A stored record that says only what is wanted.
struct Kept<'r> {
    record: &'r KeyValue,
    /// Which of the wanted ones it says.
    wanted: Vec<usize>,
    /// The share that is served of its weight.
    weight: Option<u16>,
}

/// What two records have in common that say the same.
fn essence(record: &ZoneRecord) -> Essence {
    let mut data = record.data.clone();
    if let Rdata::Srv { weight, .. } = &mut data {
        *weight = 0;
    } else if let Rdata::Txt(strings) = &mut data {
        *strings = vec![strings.concat()];
    }
    (record.owner.clone(), data)
}

/// What of a stored record has to be wanted: all, but the address of a service at a name that nothing else is said of.
fn needed(records: &[ZoneRecord], names: &HashSet<&Name>) -> Vec<ZoneRecord> {
    let is_address = |record: &ZoneRecord| record.data.address().is_some();
    let is_service = records.iter().any(|record| !is_address(record));
    let needed = |record: &&ZoneRecord| !is_service || !is_address(record) || names.contains(&record.owner);
    records.iter().filter(needed).cloned().collect()
}

/// The numbers of these records among those that are wanted; `None` when one of them is not.
fn numbers(index: &HashMap<Essence, usize>, records: &[ZoneRecord]) -> Option<Vec<usize>> {
    records.iter().map(|record| index.get(&essence(record)).copied()).collect()
}

/// The value with another TTL; `None` when it is served with that already.
fn with_ttl(value: &[u8], ttl: u32) -> Option<Box<[u8]>> {
    let own = Service::decode(value).ok()?.ttl.filter(|ttl| *ttl > 0).unwrap_or(DEFAULT_TTL);
    if own == ttl.max(1) {
        return None;
    }
    let mut value = Value::parse(value).ok()?;
    value.set("ttl", &ttl.max(1).into());
    Some(value.to_bytes().into())
}

/// Gives records that nobody wants a wanted record of the same name and type instead, so that they keep their place,
/// their lease, and what this program does not know of them.
fn replace(
    wanted: &mut BTreeMap<usize, &ZoneRecord>,
    spare: &mut Vec<(Served, &KeyValue)>,
    owner_of: &impl Fn(&KeyValue) -> Option<LeftAlone>,
    values: &mut BTreeMap<ScopedKey, (KeyValue, Box<[u8]>)>,
) {
    let mut missing: HashMap<(Name, QueryType), BTreeSet<usize>> = HashMap::new();
    for (number, record) in wanted.iter() {
        missing.entry((record.owner.clone(), record.data.kind())).or_default().insert(*number);
    }
    spare.retain(|(served, stored)| {
        let [said] = &served.records[..] else { return true };
        let is_plain = served.along.is_empty()
            && matches!(
                said.data,
                Rdata::A(_) | Rdata::Aaaa(_) | Rdata::Txt(_) | Rdata::Cname(_) | Rdata::Ptr(_)
            )
            && served.not_carried.is_none();
        if !is_plain || owner_of(stored).is_some() {
            return true;
        }
        let place = missing.get_mut(&(said.owner.clone(), said.data.kind()));
        let Some(number) = place.and_then(BTreeSet::pop_first) else { return true };
        let Some(record) = wanted.remove(&number) else { return true };
        let Some(mut value) = Value::parse(&stored.value).ok() else { return true };
        match &record.data {
            Rdata::A(address) => value.set("host", &address.to_string().into()),
            Rdata::Aaaa(address) => value.set("host", &address.to_string().into()),
            Rdata::Cname(Target(name)) | Rdata::Ptr(Target(name)) => {
                value.set("host", &name.to_string().into());
            }
            Rdata::Txt(strings) => value.set("text", &fresh::text(strings).into()),
            Rdata::Mx { .. } | Rdata::Srv { .. } | Rdata::Ns(_) | Rdata::Soa(_) => return true,
        }
        let bytes: Box<[u8]> = value.to_bytes().into();
        let bytes = with_ttl(&bytes, record.ttl).unwrap_or(bytes);
        values.insert(stored.key.clone(), ((*stored).clone(), bytes));
        false
    });
}

/// What will be answered otherwise than it is wanted, name by name and type by type.
fn altered(
    source: &dyn Source,
    serving: &Serving,
    comparison: &Comparison,
    wish: Wish<'_>,
    told: &HashSet<usize>,
) -> Vec<NotCarried> {
    let content = |value: &[u8], lease| Some(Content { value: value.into(), lease });
    let creates = comparison.creates.iter().map(|record| (record.key.clone(), content(&record.value, None)));
    let updates = comparison
        .updates
        .iter()
        .map(|update| (update.before.key.as_bytes().into(), content(&update.value, update.before.lease)));
    let deletes = comparison.deletes.iter().map(|record| (record.key.as_bytes().into(), None));
    let after = Changed::new(source, creates.chain(updates).chain(deletes));
    let mut answers = Answers::new(&after, serving);
    let mut sorted: Vec<&ZoneRecord> =
        wish.records.iter().filter(|record| !told.contains(&record.line)).collect();
    sorted.sort_by(|a, b| a.order(b));
    let mut altered = vec![];
    for set in sorted.chunk_by(|a, b| a.owner == b.owner && a.data.kind() == b.data.kind()) {
        let Some(first) = set.first() else { continue };
        let (name, kind) = (first.owner.clone(), first.data.kind());
        let line = set.iter().map(|record| record.line).min().unwrap_or_default();
        let shown = |record: &ZoneRecord| format!("{} {}", record.ttl, record.data);
        let mut wanted: Vec<String> = set.iter().map(|record| shown(record)).collect();
        let mut served: Vec<String> =
            answers.of_name(&name, kind).iter().map(|(_, record)| shown(record)).collect();
        for list in [&mut wanted, &mut served] {
            list.sort();
            list.dedup();
        }
        if wanted != served {
            altered.push(NotCarried::Altered { line, name, kind, wanted, served });
        }
    }
    altered
}

#[cfg(test)]
mod tests;
