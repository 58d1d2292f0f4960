//! Records that point to others: SRV, MX, NS, and CNAME and PTR by their exact key (`plugin/backend_lookup.go`).

use super::{
    QueryType, domain,
    engine::{Engine, LookupRecords, LookupResult, Query},
    lookup::LookupReach,
    read::FoundRecord,
    record::{Data, Raw},
    why::{Because, LookupError},
    wire,
};
use crate::dns::Class;
use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

impl Engine<'_> {
    /// Answers CNAME and PTR from the name's own key, if its host is no address. A text beside it does not matter here.
    pub(super) fn own(&mut self, query: &Query) -> Result<LookupResult, LookupError> {
        let LookupRecords { kept, unused } = self.select(&query.lower, LookupReach::Exact, query.kind)?;
        let mut given = LookupResult { unused, ..LookupResult::default() };
        for found in &kept {
            match found.service.class() {
                Class::V4(_) | Class::V6(_) => given.pass(found, Because::Address { text: false }),
                Class::Alias | Class::Text | Class::Nothing => {
                    let target = domain::closed(found.service.host.as_bytes());
                    let is_alias = query.kind == QueryType::CNAME;
                    let data = if is_alias { Data::Cname(target) } else { Data::Ptr(target) };
                    given.records.push(query.record(found, data));
                }
            }
        }
        Ok(given)
    }

    pub(super) fn srv(&mut self, zone: &[u8], query: &Query) -> Result<LookupResult, LookupError> {
        let LookupRecords { kept, unused } = self.select(&query.lower, LookupReach::Subtree, query.kind)?;
        let mut totals: HashMap<i64, i64> = HashMap::new();
        for service in kept.iter().map(|found| &found.service) {
            let total = totals.entry(service.effective_priority()).or_default();
            *total = total.wrapping_add(service.effective_weight());
        }
        let mut glue = Glue::new(unused);
        for found in &kept {
            let service = &found.service;
            let port = service.port.unwrap_or_default();
            if port == -1 {
                glue.given.pass(found, Because::NoPort);
                continue;
            }
            let priority = service.effective_priority();
            let total = totals.get(&priority).copied().unwrap_or_default();
            let (weight, port) = (share(service.effective_weight(), total), low_16(port));
            let data = |target| Data::Srv { priority: low_16(priority), weight, port, target };
            match service.class() {
                Class::Alias => {
                    let target = target(found, service.host.as_bytes());
                    glue.given.records.push(query.record(found, data(target.clone())));
                    self.resolve(zone, target, &mut glue).map_err(|failure| failure.by(&found.key))?;
                }
                Class::V4(_) | Class::V6(_) => {
                    let target = target(found, &domain::of_key(&found.key));
                    if glue.ports.insert((target.clone(), port)) {
                        glue.given.records.push(query.record(found, data(target.clone())));
                    }
                    glue.address(found, &target);
                }
                Class::Text | Class::Nothing => glue.given.pass(found, Because::Text),
            }
        }
        Ok(glue.given)
    }

    pub(super) fn mx(&mut self, zone: &[u8], query: &Query) -> Result<LookupResult, LookupError> {
        let LookupRecords { kept, unused } = self.select(&query.lower, LookupReach::Subtree, query.kind)?;
        let mut glue = Glue::new(unused);
        for found in &kept {
            let service = &found.service;
            if !service.mail {
                glue.given.pass(found, Because::NotMail);
                continue;
            }
            let preference = low_16(service.effective_priority());
            match service.class() {
                Class::Alias => {
                    let target = target(found, service.host.as_bytes());
                    let data = Data::Mx { preference, target: target.clone() };
                    glue.given.records.push(query.record(found, data));
                    self.resolve(zone, target, &mut glue).map_err(|failure| failure.by(&found.key))?;
                }
                Class::V4(_) | Class::V6(_) => {
                    let whole = domain::of_key(&found.key);
                    let target = target(found, &whole);
                    if glue.ports.insert((target.clone(), preference)) {
                        glue.given.records.push(query.record(found, Data::Mx { preference, target }));
                    }
                    // The address is not under the name that the MX points to, when labels are stripped.
                    glue.address(found, &whole);
                }
                Class::Text | Class::Nothing => glue.given.pass(found, Because::Text),
            }
        }
        Ok(glue.given)
    }

    /// Answers with the zone's name servers, which are the addresses in `dns/ns`.
    pub(super) fn ns(&mut self, zone: &[u8], query: &Query) -> Result<LookupResult, LookupError> {
        let place = domain::join("ns.dns", zone);
        let LookupRecords { kept, unused } = self.select(&place, LookupReach::Subtree, query.kind)?;
        let mut given = LookupResult { unused, ..LookupResult::default() };
        let mut seen = HashSet::new();
        for found in &kept {
            let service = &found.service;
            match service.class() {
                Class::Alias => {
                    let host = wire::shown(&domain::closed(service.host.as_bytes()));
                    return Err(LookupError::NameServerIsNoAddress { key: (*found.key).into(), host });
                }
                Class::V4(_) | Class::V6(_) => {
                    let target = target(found, &domain::of_key(&found.key));
                    given.additional.extend(address(found, &target));
                    if seen.insert(target.clone()) {
                        given.records.push(query.record(found, Data::Ns(target)));
                    }
                }
                Class::Text | Class::Nothing => given.pass(found, Because::Text),
            }
        }
        Ok(given)
    }

    /// Adds the addresses of a target, once each: in the zone the IPv4 ones, elsewhere both.
    fn resolve(&mut self, zone: &[u8], target: Vec<u8>, glue: &mut Glue) -> Result<(), LookupError> {
        if glue.resolved.contains(&target) {
            return Ok(());
        }
        if domain::is_within(zone, &target) {
            let query = Query::new(&target, QueryType::A);
            match self.chase(zone, &query, query.wanted(), &mut vec![]) {
                Ok(led) => glue.given.additional.extend(led.records),
                Err(failure) if failure.is_endless() => return Err(failure),
                Err(_) => {}
            }
        } else {
            glue.given.additional.extend(self.ask_again(&target, QueryType::A)?);
            // CoreDNS takes it that the aliases are there already.
            let led = self.ask_again(&target, QueryType::AAAA)?;
            glue.given.additional.extend(led.into_iter().filter(|raw| !matches!(raw.data, Data::Cname(_))));
        }
        glue.resolved.insert(target);
        Ok(())
    }
}

/// A reply with targets, and the targets that were already seen.
struct Glue {
    given: LookupResult,
    /// Targets that were made from keys, each with its port or preference.
    ports: HashSet<(Vec<u8>, u16)>,
    addresses: HashSet<(Vec<u8>, String)>,
    resolved: HashSet<Vec<u8>>,
}

impl Glue {
    fn new(unused: Vec<super::Unused>) -> Self {
        let given = LookupResult { unused, ..LookupResult::default() };
        Self { given, ports: HashSet::new(), addresses: HashSet::new(), resolved: HashSet::new() }
    }

    /// Adds the address of a record under this name, each spelling once.
    fn address(&mut self, found: &FoundRecord, owner: &[u8]) {
        if self.addresses.insert((owner.to_vec(), found.service.host.clone())) {
            self.given.additional.extend(address(found, owner));
        }
    }
}

/// Returns the address of a record under this name.
fn address(found: &FoundRecord, owner: &[u8]) -> Option<Raw> {
    let data = match found.service.class() {
        Class::V4(v4) => Data::A(v4),
        Class::V6(v6) => Data::Aaaa(v6),
        Class::Alias | Class::Text | Class::Nothing => return None,
    };
    Some(Raw { owner: Rc::from(owner), ttl: found.ttl, data, key: Some(found.key.clone()) })
}

/// Returns the target that a name becomes.
fn target(found: &FoundRecord, name: &[u8]) -> Vec<u8> {
    domain::stripped(domain::closed(name), found.service.target_strip.unwrap_or_default())
}

/// Returns the share of a weight in its priority's total, in per cent and at least 1. It is computed in doubles and in
/// this order; a number that does not fit is cut as Go's compiler cuts it on amd64.
fn share(weight: i64, total: i64) -> u16 {
    #[expect(clippy::cast_precision_loss, reason = "Go's float64() rounds as well")]
    let share = (100.0 / total as f64 * weight as f64).floor();
    let fits = (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&share);
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and fits")]
    let cut = if fits { low_16(share as i64) } else { 0 };
    cut.max(1)
}

/// Returns the low 16 bits, which are all of a number that the wire holds.
fn low_16(number: i64) -> u16 {
    let [.., high, low] = number.to_be_bytes();
    u16::from_be_bytes([high, low])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_rounded_as_doubles_are() {
        for (weight, total, served) in [
            (10, 110, 9),
            (100, 110, 90),
            (100, 100, 100),
            (97, 97, 99),
            (161, 161, 99),
            (1, 1000, 1),
            (-5, 10, 65486),
            (5, 0, 1),
            (1_000_000, 1, 57_600),
            (100_000_000, 1, 1),
            (-1_000_000_000, 1, 1),
        ] {
            assert_eq!(share(weight, total), served, "{weight} of {total}");
        }
    }

    #[test]
    fn numbers_are_cut_to_16_bits() {
        for (number, served) in [(70_000, 4464), (-1, 65_535), (65_536, 0), (80, 80), (i64::MIN, 0)] {
            assert_eq!(low_16(number), served, "{number}");
        }
    }
}
