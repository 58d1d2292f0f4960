//! A name with everything below it, to another name.
use super::{LeftOut, Relocation, Stuck, Work};
use crate::{
    dns::{Name, Service, Value},
    index::{Needle, Records},
    keys::{KeyValue, ScopedKey},
    plan::Wish,
};
use std::sync::atomic::AtomicBool;

pub(super) fn work(
    records: &Records,
    how: Relocation,
    from: &ScopedKey,
    to: &ScopedKey,
    going_on: impl Fn() -> Result<(), Stuck>,
) -> Result<Work, Stuck> {
    let scope = records.scope();
    let below = scope.below_key(from);
    let is_within = |key: &ScopedKey| key == from || below.contains(key.as_bytes());
    if is_within(to) {
        return Err(Stuck::IntoItself { from: from.clone(), to: to.clone() });
    }
    let mut work = Work::default();
    let mut taken = Vec::new();
    let mut leased = 0;
    for record in records.get(from.as_bytes()).into_iter().chain(records.range(&below)) {
        going_on()?;
        let behind = record.key.as_bytes().get(from.as_bytes().len()..).unwrap_or_default();
        let target = scope.key(&[to.as_bytes(), behind].concat())?;
        if records.contains(target.as_bytes()) {
            taken.push(target);
            continue;
        }
        leased += usize::from(record.lease.is_some());
        work.wishes.push(match how {
            Relocation::Move { .. } => Wish::Move { from: record.key, to: target },
            Relocation::Copy => Wish::Create { key: target, value: record.value, lease: record.lease },
        });
    }
    match () {
        () if !taken.is_empty() => return Err(Stuck::Taken(taken)),
        () if work.wishes.is_empty() => return Err(Stuck::NotThere(from.clone())),
        () => {}
    }
    match how {
        Relocation::Move { with_hosts } => {
            pointing(records, &mut work, (from, to), with_hosts, is_within, going_on)?;
        }
        Relocation::Copy => work.notes.extend(match leased {
            0 => None,
            1 => Some("1 copy shares the lease of its original, and ends with it.".to_owned()),
            _ => Some(format!("{leased} copies share the leases of their originals, and end with them.")),
        }),
    }
    Ok(work)
}

/// The records whose host is a name that moves.
fn pointing(
    records: &Records,
    work: &mut Work,
    (from, to): (&ScopedKey, &ScopedKey),
    with_hosts: bool,
    is_within: impl Fn(&ScopedKey) -> bool,
    going_on: impl Fn() -> Result<(), Stuck>,
) -> Result<(), Stuck> {
    let scope = records.scope();
    let names = (Name::of_key(scope, from), Name::of_key(scope, to));
    let mentioned = Needle::new(&names.0.to_string())
        .and_then(|needle| needle.search(records, usize::MAX, &AtomicBool::new(false)));
    let (mut left, mut changed) = (0, 0);
    for found in mentioned.into_iter().flat_map(|found| found.matches) {
        going_on()?;
        let Some(record) = records.get(found.key.as_bytes()) else { continue };
        let Some(host) = renamed(&record, &names) else { continue };
        if is_within(&record.key) {
            // A move takes the value as it is.
            let why = "it moves as it is, and its host is a name that moves: replace that host afterwards";
            work.left_out.push(LeftOut { key: record.key, why: why.to_owned() });
        } else if with_hosts {
            changed += 1;
            work.wishes.extend(pointed_elsewhere(record, &host));
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

/// The host that a record has once the name that it is in has moved.
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

fn pointed_elsewhere(record: KeyValue, host: &str) -> Option<Wish> {
    let mut value = Value::parse(&record.value).ok()?;
    value.set("host", &host.into());
    Some(Wish::Update { key: record.key, before: record.value, value: value.to_bytes().into() })
}
