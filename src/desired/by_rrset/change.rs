//! Changes of stored records: each gets another value, so that it becomes a wanted record.
use super::{
    WantedRecords,
    draft::Values,
    made::MadeRecord,
    plain::{KeyPosition, host},
    text::text,
};
use crate::{
    desired::LeftAlone,
    dns::{DEFAULT_TTL, Name, QueryType, Service, Value},
    exchange::{Rdata, ServedRecord, TargetName, ZoneRecord},
    keys::KeyValue,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The TTL that a value is served with; `None` for one that does not decode.
pub(super) fn ttl(value: &[u8]) -> Option<u32> {
    Some(Service::decode(value).ok()?.ttl.filter(|ttl| *ttl > 0).unwrap_or(DEFAULT_TTL))
}

/// The value with another TTL; `None` when it is served with that already.
pub(super) fn with_ttl(value: &[u8], ttl: u32) -> Option<Box<[u8]>> {
    if self::ttl(value)? == ttl.max(1) {
        return None;
    }
    let mut value = Value::parse(value).ok()?;
    value.set("ttl", &ttl.max(1).into());
    Some(value.to_bytes().into())
}

/// Returns the only record that a value serves, if another record can take its place.
pub(super) fn replaceable(served: &ServedRecord) -> Option<&ZoneRecord> {
    let [said] = &served.records[..] else { return None };
    let is_plain = served.along.is_empty()
        && matches!(
            said.data,
            Rdata::A(_) | Rdata::Aaaa(_) | Rdata::Txt(_) | Rdata::Cname(_) | Rdata::Ptr(_)
        )
        && served.not_carried.is_none();
    is_plain.then_some(said)
}

/// Replaces records that nobody wants with wanted ones of the same name and type. So they keep their key, their lease,
/// and the fields that this program does not know.
pub(super) fn replace(
    wish: WantedRecords<'_>,
    missing: &mut BTreeMap<usize, Vec<MadeRecord>>,
    spare: &mut Vec<(ServedRecord, &KeyValue)>,
    owner_of: &impl Fn(&KeyValue) -> Option<LeftAlone>,
    values: &mut Values,
) {
    let mut places: HashMap<(Name, QueryType), BTreeSet<usize>> = HashMap::new();
    for (number, all) in missing.iter() {
        if let [made] = &all[..]
            && matches!(made.place, KeyPosition::Leaf(_) | KeyPosition::Own(_))
        {
            places.entry((made.owner.clone(), made.kind)).or_default().insert(*number);
        }
    }
    spare.retain(|(served, stored)| {
        let Some(said) = replaceable(served).filter(|_| owner_of(stored).is_none()) else { return true };
        let place = places.get_mut(&(said.owner.clone(), said.data.kind()));
        let Some(number) = place.and_then(BTreeSet::pop_first) else { return true };
        let wanted = missing.get(&number).and_then(|all| all.first()).and_then(|made| made.numbers.first());
        let Some(record) = wanted.and_then(|number| wish.records.get(*number)) else { return true };
        let Some(mut value) = Value::parse(&stored.value).ok() else { return true };
        match &record.data {
            Rdata::A(address) => value.set("host", &address.to_string().into()),
            Rdata::Aaaa(address) => value.set("host", &address.to_string().into()),
            Rdata::Cname(TargetName(name)) | Rdata::Ptr(TargetName(name)) => {
                value.set("host", &host(name).into());
            }
            Rdata::Txt(strings) => value.set("text", &text(strings).into()),
            Rdata::Mx { .. } | Rdata::Srv { .. } | Rdata::Ns(_) | Rdata::Soa(_) => return true,
        }
        missing.remove(&number);
        let bytes: Box<[u8]> = value.to_bytes().into();
        let bytes = with_ttl(&bytes, record.ttl).unwrap_or(bytes);
        values.insert(stored.key.clone(), ((*stored).clone(), bytes));
        false
    });
}
