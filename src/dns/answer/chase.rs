//! Addresses and texts, and the aliases that lead to them (`A`, `AAAA` and `TXT` of `plugin/backend_lookup.go`).

use super::{
    QueryType, domain,
    engine::{Engine, LookupRecords, LookupResult, Query},
    lookup::LookupReach,
    read::FoundRecord,
    record::{Data, Raw},
    why::{Because, LookupError, Unused, Why},
    wire,
};
use crate::dns::{Class, CoreDnsVersion};
use std::collections::HashSet;

/// The records that are wanted. They may be of another type than the question: other types than these are looked up as
/// `A`, to tell whether the name exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WantedType {
    V4,
    V6,
    Text,
}

/// Returns the number of aliases that a server of this version follows to an address within a zone
/// (`backend_lookup.go:39`).
pub(in crate::dns) fn longest_chain(version: CoreDnsVersion) -> usize {
    /// The first version that follows more than eight.
    const LONG_CHAINS: CoreDnsVersion = CoreDnsVersion { major: 1, minor: 12, patch: 1 };
    if version < LONG_CHAINS { 8 } else { 11 }
}

/// Most records of a target that are named when it gives nothing.
const TOLD: usize = 8;

impl Engine<'_> {
    /// Finds the records of a name in a zone. `before` holds the targets of the aliases that led here.
    pub(super) fn chase(
        &mut self,
        zone: &[u8],
        query: &Query,
        wanted: WantedType,
        before: &mut Vec<Vec<u8>>,
    ) -> Result<LookupResult, LookupError> {
        let LookupRecords { kept, unused } = match wanted {
            WantedType::V4 | WantedType::V6 => self.select_address(zone, query)?,
            WantedType::Text => self.select(&query.lower, LookupReach::Subtree, query.kind)?,
        };
        let mut given = LookupResult { unused, ..LookupResult::default() };
        let mut seen = HashSet::new();
        for found in &kept {
            let service = &found.service;
            let data = match (service.class(), wanted) {
                (Class::Alias, _) => {
                    self.follow(zone, query, wanted, found, before, &mut given)?;
                    continue;
                }
                (Class::V4(address), WantedType::V4) => (service.host.as_str(), Data::A(address)),
                (Class::V6(address), WantedType::V6) => (service.host.as_str(), Data::Aaaa(address)),
                (Class::Text, WantedType::Text) => (service.text.as_str(), Data::Txt(service.text.clone())),
                (Class::V4(_) | Class::V6(_), _) => {
                    let text = wanted == WantedType::Text && !service.text.is_empty();
                    given.pass(found, Because::Address { text });
                    continue;
                }
                (Class::Text | Class::Nothing, _) => {
                    given.pass(found, Because::Text);
                    continue;
                }
            };
            // Only the same spelling counts as seen: an IPv6 address in two spellings is given twice.
            if seen.insert(data.0) {
                given.records.push(query.record(found, data.1));
            }
        }
        Ok(given)
    }

    /// Selects the records for an address of the name. A zone's own are in `dns/apex`; without that, all of the zone.
    /// Up to 1.14.7 a value there that does not decode led to all of the zone too (coredns#8465), where it is read
    /// again.
    fn select_address(&mut self, zone: &[u8], query: &Query) -> Result<LookupRecords, LookupError> {
        if query.lower != zone {
            return self.select(&query.lower, LookupReach::Subtree, query.kind);
        }
        match self.select(&domain::join("apex.dns", zone), LookupReach::Subtree, query.kind) {
            Err(LookupError::NoSuchName { .. }) if !self.serving.no_apex_fallback => {}
            decided => return decided,
        }
        self.select(&query.lower, LookupReach::Subtree, query.kind)
    }

    /// Adds an alias and the records that it leads to. In the zone, an alias that leads to nothing is left out.
    fn follow(
        &mut self,
        zone: &[u8],
        query: &Query,
        wanted: WantedType,
        found: &FoundRecord,
        before: &mut Vec<Vec<u8>>,
        given: &mut LookupResult,
    ) -> Result<(), LookupError> {
        let target = domain::closed(found.service.host.as_bytes());
        let shown = || wire::shown(&target);
        if domain::is_within(&query.lower, &target) {
            given.pass(found, Because::TargetIsItself { target: shown() });
        } else if before.len() >= longest_chain(self.serving.version) {
            given.pass(found, Because::ChainTooLong { target: shown() });
        } else if before.contains(&target) {
            given.pass(found, Because::TargetAgain { target: shown() });
        } else if domain::is_within(zone, &target) {
            before.push(target.clone());
            let led = self.chase(zone, &Query::new(&target, query.kind), wanted, before);
            before.pop();
            let why = match led {
                Err(failure) if failure.is_endless() => return Err(failure.by(&found.key)),
                Err(failure) => failure.into(),
                Ok(led) if led.records.is_empty() => {
                    Why::NoData { kind: query.kind, unused: led.unused.into_iter().take(TOLD).collect() }
                }
                Ok(led) => {
                    given.records.push(query.record(found, Data::Cname(target)));
                    given.records.extend(led.records);
                    return Ok(());
                }
            };
            given.pass(found, Because::Target { target: shown(), why: Box::new(why) });
        } else {
            // The alias is given, whatever the target gives.
            let led = self.ask_again(&target, query.kind).map_err(|failure| failure.by(&found.key))?;
            given.records.push(query.record(found, Data::Cname(target)));
            given.records.extend(led);
        }
        Ok(())
    }
}

impl LookupResult {
    /// Notes that a record gives nothing.
    pub(super) fn pass(&mut self, found: &FoundRecord, because: Because) {
        self.unused.push(Unused { key: (*found.key).into(), because });
    }
}

impl Query {
    /// Makes a record of the name that was asked for.
    pub(super) fn record(&self, found: &FoundRecord, data: Data) -> Raw {
        Raw { owner: self.name.clone(), ttl: found.ttl, data, key: Some(found.key.clone()) }
    }

    /// Returns which records answer a question that is looked up with this type.
    pub(super) fn wanted(&self) -> WantedType {
        match self.kind {
            QueryType::AAAA => WantedType::V6,
            QueryType::TXT => WantedType::Text,
            _ => WantedType::V4,
        }
    }
}
