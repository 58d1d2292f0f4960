//! Relocation of a name with everything below it to another name.
use super::{BulkError, BulkPlan, LeftOut, Relocation};
use crate::{
    dns::{Name, Service, Value},
    index::{Needle, Records},
    keys::{KeyValue, Revision, ScopedKey},
    plan::{KeyEdit, ListedName},
};
use std::{collections::BTreeSet, sync::atomic::AtomicBool};

pub(super) fn work(
    records: &Records,
    how: Relocation,
    (from, to): (&ScopedKey, &ScopedKey),
    overwrite: bool,
    going_on: impl Fn() -> Result<(), BulkError>,
) -> Result<BulkPlan, BulkError> {
    let scope = records.scope();
    let below = scope.below_key(from);
    let is_within = |key: &ScopedKey| key == from || below.contains(key.as_bytes());
    if is_within(to) {
        return Err(BulkError::IntoItself { from: from.clone(), to: to.clone() });
    }
    let names = (Name::of_key(scope, from), Name::of_key(scope, to));
    let mut work = BulkPlan::default();
    let mut taken = Vec::new();
    let (mut leased, mut inner, mut replaced) = (0, 0, Replaced::default());
    let mut newest = Revision(0);
    for record in records.get(from.as_bytes()).into_iter().chain(records.range(&below)) {
        going_on()?;
        newest = newest.max(record.mod_revision);
        let behind = record.key.as_bytes().get(from.as_bytes().len()..).unwrap_or_default();
        let target = scope.key(&[to.as_bytes(), behind].concat())?;
        let renamed = renamed(&record, &names).and_then(|host| with_host(&record, &host));
        inner += usize::from(renamed.is_some());
        match records.get(target.as_bytes()) {
            Some(_) if !overwrite => taken.push(target),
            Some(there) => {
                let value = renamed.filter(|_| how == Relocation::Move { with_hosts: true });
                let value = value.unwrap_or_else(|| record.value.clone());
                replaced.take(&record, &there);
                if there.value == value {
                    work.same += usize::from(how == Relocation::Copy);
                } else {
                    work.wishes.push(KeyEdit::Update { key: target, before: there.value, value });
                }
                if let Relocation::Move { .. } = how {
                    work.wishes.push(KeyEdit::Delete { key: record.key, before: record.value });
                }
            }
            None => {
                leased += usize::from(record.lease.is_some());
                work.wishes.extend(moved(how, record, target, renamed));
            }
        }
    }
    match () {
        () if !taken.is_empty() => return Err(BulkError::Taken(taken)),
        () if work.wishes.is_empty() && work.same == 0 => return Err(BulkError::NotThere(from.clone())),
        () => {}
    }
    work.notes.extend(replaced.note());
    work.notes.extend(beside(records, to, is_within, &replaced.keys));
    match how {
        Relocation::Move { with_hosts } => {
            work.listed = Some(ListedName { name: from.clone(), newest });
            work.notes.extend(with_hosts.then(|| inner_note(inner)).flatten());
            pointing(records, &mut work, &names, with_hosts, is_within, going_on)?;
        }
        Relocation::Copy => {
            work.notes.extend(match leased {
                0 => None,
                1 => Some("1 copy shares the lease of its original, and ends with it.".to_owned()),
                _ => Some(format!("{leased} copies share the leases of their originals, and end with them.")),
            });
            work.notes.extend(match inner {
                0 => None,
                1 => Some("1 copy points to a name that was copied, as its original does.".to_owned()),
                _ => Some(format!("{inner} copies point to names that were copied, as their originals do.")),
            });
        }
    }
    Ok(work)
}

/// Keys of the target that get another value.
#[derive(Debug, Default)]
struct Replaced {
    keys: BTreeSet<ScopedKey>,
    /// Number of those whose lease differs from that of their replacement, or where one of the two has none.
    other_lease: usize,
}

impl Replaced {
    fn take(&mut self, record: &KeyValue, there: &KeyValue) {
        self.keys.insert(there.key.clone());
        self.other_lease += usize::from(record.lease != there.lease);
    }

    fn note(&self) -> Option<String> {
        match self.other_lease {
            0 => None,
            1 => Some("1 key that is overwritten keeps the lease that it has, or none.".to_owned()),
            keys => {
                Some(format!("{keys} keys that are overwritten keep the leases that they have, or none."))
            }
        }
    }
}

/// Returns the wishes for a record whose target is free. `renamed` is its value where its host moves with it.
fn moved(how: Relocation, record: KeyValue, target: ScopedKey, renamed: Option<Box<[u8]>>) -> Vec<KeyEdit> {
    let KeyValue { key, value: before, lease, .. } = record;
    match (how, renamed) {
        // A plain move takes the value as it is.
        (Relocation::Move { with_hosts: true }, Some(value)) => {
            vec![KeyEdit::Create { key: target, value, lease }, KeyEdit::Delete { key, before }]
        }
        (Relocation::Move { .. }, _) => vec![KeyEdit::Move { from: key, to: target }],
        (Relocation::Copy, _) => vec![KeyEdit::Create { key: target, value: before, lease }],
    }
}

/// Returns a note of the records that are at the target already: they answer together with those that come.
fn beside(
    records: &Records,
    to: &ScopedKey,
    comes: impl Fn(&ScopedKey) -> bool,
    replaced: &BTreeSet<ScopedKey>,
) -> Option<String> {
    let below = records.scope().below_key(to);
    let there = records.get(to.as_bytes()).into_iter().chain(records.range(&below));
    // A name may move to one above it; its records stand below the target even before.
    let stay = there.filter(|record| !comes(&record.key) && !replaced.contains(&record.key)).count();
    let there = if replaced.is_empty() { "" } else { " more" };
    match stay {
        0 => None,
        1 => Some(format!("1 record{there} is at or below {to} already, and stays.")),
        _ => Some(format!("{stay} records{there} are at or below {to} already, and stay.")),
    }
}

fn inner_note(inner: usize) -> Option<String> {
    match inner {
        0 => None,
        1 => Some("1 record that moves points to a name that moves, and is changed with it.".to_owned()),
        _ => Some(format!("{inner} records that move point to names that move, and are changed with them.")),
    }
}

/// Finds the records whose host is a name that moves.
fn pointing(
    records: &Records,
    work: &mut BulkPlan,
    names: &(Name, Name),
    with_hosts: bool,
    is_within: impl Fn(&ScopedKey) -> bool,
    going_on: impl Fn() -> Result<(), BulkError>,
) -> Result<(), BulkError> {
    let mentioned = Needle::new(&names.0.to_string())
        .and_then(|needle| needle.search(records, usize::MAX, &AtomicBool::new(false)));
    let (mut left, mut changed) = (0, 0);
    for found in mentioned.into_iter().flat_map(|found| found.matches) {
        going_on()?;
        let Some(record) = records.get(found.key.as_bytes()) else { continue };
        let Some(host) = renamed(&record, names) else { continue };
        if is_within(&record.key) {
            if with_hosts {
                continue;
            }
            let why = "it moves as it is, and its host is a name that moves: replace that host afterwards";
            work.left_out.push(LeftOut { key: record.key, why: why.to_owned() });
        } else if with_hosts {
            changed += 1;
            let value = with_host(&record, &host);
            work.wishes.extend(value.map(|value| KeyEdit::Update {
                key: record.key,
                before: record.value,
                value,
            }));
        } else {
            left += 1;
        }
    }
    work.notes.extend(match changed {
        0 => None,
        1 => Some("1 record elsewhere points to a name that moves, and is changed with it.".to_owned()),
        _ => {
            Some(format!("{changed} records elsewhere point to names that move, and are changed with them."))
        }
    });
    work.notes.extend(match left {
        0 => None,
        1 => Some("1 record elsewhere still points to a name that moves away.".to_owned()),
        _ => Some(format!("{left} records elsewhere still point to names that move away.")),
    });
    Ok(())
}

/// Returns the host that a record has once the name that it is in has moved.
fn renamed(record: &KeyValue, (from, to): &(Name, Name)) -> Option<String> {
    let host = Service::decode(&record.value).ok()?.host;
    let name = Name::parse(&host).ok()?;
    if !name.is_within(from) {
        return None;
    }
    let (open, dot) = host.strip_suffix('.').map_or((host.as_str(), ""), |open| (open, "."));
    let kept = open.len().checked_sub(from.to_string().len())?;
    let (kept, same) = open.split_at_checked(kept)?;
    same.eq_ignore_ascii_case(&from.to_string()).then(|| format!("{kept}{to}{dot}"))
}

/// Returns a record's value with another host.
fn with_host(record: &KeyValue, host: &str) -> Option<Box<[u8]>> {
    let mut value = Value::parse(&record.value).ok()?;
    value.set("host", &host.into());
    Some(value.to_bytes().into())
}
