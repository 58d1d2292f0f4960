//! Weights: `CoreDNS` serves the share of a weight in its priority, in per cent, rounded down and at least 1. So a
//! file's weights can be served only if they could be shares, and the stored weights of a priority depend on each
//! other.
use super::{Treatment, WantedRecords, draft::Values, found::KeptRecord, made::MadeRecord};
use crate::{
    dns::{Name, Service, Value},
    exchange::{FileRecord, Rdata},
};
use std::collections::HashMap;

/// Returns the weight to store for a wanted one: 0 would count as 100.
pub(super) fn stored(weight: u16) -> u16 {
    weight.max(1)
}

/// Returns weights that `CoreDNS` serves as these shares, if there are any. All shares are of one priority, in any
/// order.
fn stored_for(shares: &[u16]) -> Vec<u32> {
    let count = u32::try_from(shares.len()).unwrap_or(u32::MAX);
    let sum: u32 = shares.iter().map(|share| u32::from(*share)).sum();
    match 100_u32.checked_sub(sum) {
        // Rounding takes less than 1 % from each share, and this gives it back.
        Some(rest) if 0 < rest && rest < count => {
            shares.iter().map(|share| u32::from(*share) * count + rest).collect()
        }
        _ => shares.iter().map(|share| u32::from(stored(*share))).collect(),
    }
}

/// Groups the services by priority: the number of each among those that are made, and its wanted weight.
fn groups(wish: WantedRecords<'_>, made: &[MadeRecord]) -> Vec<Vec<(usize, u16)>> {
    let mut groups: HashMap<(&Name, u16), Vec<(usize, u16)>> = HashMap::new();
    for (number, made) in made.iter().enumerate() {
        let records = made.numbers.iter().filter_map(|number| wish.records.get(*number));
        for record in records {
            if let Rdata::Srv { priority, weight, .. } = &record.data {
                // CoreDNS takes a priority of 0 for none, and it is stored as 1.
                groups.entry((&record.owner, (*priority).max(1))).or_default().push((number, *weight));
            }
        }
    }
    groups.into_values().collect()
}

/// Returns the weight that is stored for each, where all of them are new.
pub(super) fn wanted(wish: WantedRecords<'_>, made: &[MadeRecord]) -> HashMap<usize, u32> {
    let stored = groups(wish, made).into_iter().flat_map(|group| {
        let shares: Vec<u16> = group.iter().map(|(_, weight)| *weight).collect();
        group.into_iter().map(|(number, _)| number).zip(stored_for(&shares))
    });
    stored.collect()
}

/// Sets the weights of new records, and of kept ones beside them, so that they are served as they are wanted.
pub(super) fn settle(
    wish: WantedRecords<'_>,
    made: &[MadeRecord],
    kept: &[KeptRecord<'_>],
    creates: &mut [(usize, FileRecord)],
    values: &mut Values,
) {
    // Where a service was made as two records, the one with its server's address has no weight.
    let mut holders: HashMap<usize, &KeptRecord<'_>> = HashMap::new();
    for kept in kept.iter().filter(|kept| kept.weight.is_some()) {
        holders.extend(kept.made.iter().map(|number| (*number, kept)));
    }
    for group in groups(wish, made) {
        let is_served = |(number, weight): &(usize, u16)| {
            holders.get(number).is_some_and(|kept| kept.weight == Some(*weight))
        };
        if group.iter().all(is_served) {
            continue;
        }
        let shares: Vec<u16> = group.iter().map(|(_, weight)| *weight).collect();
        for ((number, _), weight) in group.iter().zip(stored_for(&shares)) {
            match (holders.get(number), wish.how) {
                (None, _) => {
                    // An address that was made apart from its service has no weight.
                    let is_service =
                        |value: &[u8]| Service::decode(value).is_ok_and(|service| service.port.is_some());
                    let own = creates
                        .iter_mut()
                        .filter(|(made, create)| made == number && is_service(&create.value));
                    for (_, create) in own {
                        create.value = with_weight(&create.value, weight).unwrap_or(create.value.clone());
                    }
                }
                (Some(kept), Treatment::Change { .. }) => {
                    let now = values.get(&kept.record.key).map_or(&kept.record.value, |(_, value)| value);
                    if let Some(value) = with_weight(now, weight) {
                        values.insert(kept.record.key.clone(), (kept.record.clone(), value));
                    }
                }
                (Some(_), Treatment::Add) => {}
            }
        }
    }
}

/// Returns the value with another weight; `None` when it has that already.
fn with_weight(value: &[u8], weight: u32) -> Option<Box<[u8]>> {
    if Service::decode(value).ok()?.effective_weight() == i64::from(weight) {
        return None;
    }
    let mut value = Value::parse(value).ok()?;
    value.set("weight", &weight.into());
    Some(value.to_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_that_were_rounded_come_out_again() {
        for (shares, stored) in [
            (&[100][..], &[100][..]),
            (&[60, 40], &[60, 40]),
            (&[33, 33, 33], &[100, 100, 100]),
            (&[90, 9], &[181, 19]),
            (&[99], &[99]),
            (&[5, 10], &[5, 10]),
            (&[0, 0], &[1, 1]),
        ] {
            assert_eq!(stored_for(shares), stored, "{shares:?}");
        }
    }
}
