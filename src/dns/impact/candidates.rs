//! Candidates: the names whose answers a key can change. `CoreDNS` answers for a name with what is below it, so these
//! are the key's own name and those above it.

use crate::dns::{Name, RecordSource, Service, Serving, owner};
use std::{collections::BTreeMap, ops::ControlFlow};

/// A name whose answers may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) name: Name,
    /// Number of labels that it is above the name that the record was made for; aliases are further away than all of
    /// those.
    pub(super) near: usize,
    /// Nobody asks for it: it is a leaf of that name, or only `CoreDNS` itself reads it.
    pub(super) unasked: bool,
}

/// Returns the candidates of these keys, each once, the nearest first.
pub(super) fn of_keys(
    before: &dyn RecordSource,
    after: &dyn RecordSource,
    serving: &Serving,
    keys: &[&[u8]],
    away: usize,
) -> Vec<Candidate> {
    let mut names: BTreeMap<String, Candidate> = BTreeMap::new();
    for key in keys {
        for candidate in of_key(before, after, serving, key, away) {
            let place = names.entry(candidate.name.to_string()).or_insert_with(|| candidate.clone());
            place.near = place.near.min(candidate.near);
            place.unasked &= candidate.unasked;
        }
    }
    let mut names: Vec<_> = names.into_values().collect();
    names.sort_by_key(|candidate| (candidate.unasked, candidate.near, candidate.name.labels().len()));
    names
}

fn of_key(
    before: &dyn RecordSource,
    after: &dyn RecordSource,
    serving: &Serving,
    key: &[u8],
    away: usize,
) -> Vec<Candidate> {
    let Ok(scoped) = serving.scope.key(key) else { return vec![] };
    let mut service = None;
    for source in [before, after] {
        source.at(key, &mut |record| {
            service = Service::decode(record.value).ok().or(service.take());
            ControlFlow::Break(())
        });
    }
    let own = Name::of_key(&serving.scope, &scoped);
    let made_for = owner(&serving.scope, &serving.zones, &scoped, &service.unwrap_or_default());
    let leaf_labels = own.labels().len() - made_for.labels().len().min(own.labels().len());
    std::iter::successors(Some(own), Name::parent)
        .take_while(|name| serving.zones.iter().any(|zone| name.is_within(zone)))
        .enumerate()
        .filter(|(_, name)| name.is_served())
        .map(|(above, name)| Candidate {
            near: away + above.saturating_sub(leaf_labels),
            unasked: above < leaf_labels || is_bookkeeping(serving, &name),
            name,
        })
        .collect()
}

/// Tells whether a name is `dns.Z`, `apex.dns.Z` or `ns.dns.Z` of a zone, where `CoreDNS` looks for the zone's own
/// addresses and servers.
fn is_bookkeeping(serving: &Serving, name: &Name) -> bool {
    let labels: Vec<&[u8]> = name.labels().take(2).collect();
    let above = match labels[..] {
        [b"dns", ..] => 1,
        [b"apex" | b"ns", b"dns"] => 2,
        _ => return false,
    };
    let zone = std::iter::successors(Some(name.clone()), Name::parent).nth(above);
    zone.is_some_and(|zone| serving.zones.contains(&zone))
}
