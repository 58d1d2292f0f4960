//! Doubles: records of one name that say the same, or the same type with different TTLs.

use super::{
    Fix, Trap,
    findings::{FindingReport, FindingWords},
    fix::{FixStep, edit},
    node::{NodeAt, looks_like_a_leaf},
    place::Special,
    scene::{Scene, ShownText},
    values::deletion,
};
use crate::dns::{Class, DEFAULT_TTL, Service, external_dns};
use std::collections::BTreeMap;

/// Records of one name that are compared.
const READ: usize = 256;

/// One of several records of a name.
struct LeafRecord {
    key: Vec<u8>,
    service: Service,
    leased: bool,
    managed: bool,
}

/// Checks the records right below a name that are its own.
pub(super) fn check(scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) {
    if at.node.direct.leaves < 2 {
        return;
    }
    let is_special = matches!(at.node.place.special, Special::Apex | Special::Ns);
    let mut leaves = vec![];
    scene.some_below(at.path, READ, |record| {
        let segment = record.key.get(at.path.len() + 1..).unwrap_or_default();
        let is_leaf = !segment.contains(&b'/') && (is_special || looks_like_a_leaf(segment));
        let service = Service::decode(record.value).ok().filter(|_| is_leaf);
        // external-dns adds a note at each of its changes; those have a check of their own (E2).
        let is_note = |service: &Service| {
            service.host.is_empty() && external_dns::Heritage::parse(&service.text).is_some()
        };
        if let Some(service) = service.filter(|service| !is_note(service)) {
            let managed = external_dns::is_leaf(segment) && service.target_strip == Some(1);
            leaves.push(LeafRecord {
                key: record.key.to_vec(),
                service,
                leased: record.lease.is_some(),
                managed,
            });
        }
    });
    twice(scene, at, &leaves, report);
    if at.node.place.special != Special::Ns {
        times(scene, at, &leaves, report);
    }
}

/// Returns the part of a record that `CoreDNS` serves, except its TTL. Of two records with the same part, one is
/// useless.
fn said(service: &Service) -> Option<(String, String, String, bool, Option<i64>)> {
    let port = service.port.filter(|port| *port != 0);
    let (is_address, text) = match service.class() {
        Class::V4(_) | Class::V6(_) => (true, String::new()),
        Class::Alias => (false, String::new()),
        Class::Text => (false, service.text.clone()),
        Class::Nothing => return None,
    };
    // The target of an address is made of its key, so that two of them are two targets.
    if is_address && (port.is_some() || service.mail) {
        return None;
    }
    Some((service.host.to_ascii_lowercase(), text, service.group.clone(), service.mail, port))
}

/// T58: a person who deletes one of them still gets answers from the other.
fn twice(scene: &Scene<'_>, at: &NodeAt<'_>, leaves: &[LeafRecord], report: &mut FindingReport) {
    // A name server is made of its key.
    if at.node.place.special == Special::Ns {
        return;
    }
    let mut first = BTreeMap::new();
    for leaf in leaves {
        let Some(said) = said(&leaf.service) else { continue };
        let Some(same) = first.get(&said) else {
            first.insert(said, leaf);
            continue;
        };
        let same: &LeafRecord = same;
        // external-dns takes both for targets of one name, of which it wants one, and writes all of them anew at every
        // sync.
        let (are_both_its, is_one_its) = (leaf.managed && same.managed, leaf.managed != same.managed);
        let restless = if are_both_its { " external-dns comes to no rest while both are there." } else { "" };
        report.add_of_two(Trap::T58, Trap::T58.severity(), &leaf.key, &same.key, || FindingWords {
            names: vec![name(scene, at)],
            message: format!(
                "The record says the same as {}: one of them is enough, and who deletes one is still answered by the \
                 other.{restless}",
                ShownText(&same.key),
            ),
            fix: if leaf.managed && is_one_its {
                None
            } else {
                deletion(scene, &leaf.key, "Delete the second of them.")
            },
            ..FindingWords::default()
        });
    }
}

/// T59: all records of one name and type have the same TTL (RFC 2181, section 5.2).
fn times(scene: &Scene<'_>, at: &NodeAt<'_>, leaves: &[LeafRecord], report: &mut FindingReport) {
    let mut kinds: BTreeMap<&str, Vec<&LeafRecord>> = BTreeMap::new();
    // A TTL that comes from a lease goes down by itself.
    for leaf in leaves.iter().filter(|leaf| !leaf.leased) {
        let kind = match leaf.service.class() {
            Class::V4(_) => "A",
            Class::V6(_) => "AAAA",
            Class::Text => "TXT",
            // Several aliases are another trap.
            Class::Alias | Class::Nothing => continue,
        };
        kinds.entry(kind).or_default().push(leaf);
    }
    let ttl = |leaf: &LeafRecord| leaf.service.ttl.filter(|ttl| *ttl != 0).unwrap_or(DEFAULT_TTL);
    let lowest = |leaves: &[&LeafRecord]| leaves.iter().map(|leaf| ttl(leaf)).min().unwrap_or_default();
    kinds.retain(|_, leaves| leaves.iter().any(|leaf| ttl(leaf) != lowest(leaves)));
    if kinds.is_empty() {
        return;
    }
    report.add(Trap::T59, Trap::T59.severity(), at.path, || {
        let name = name(scene, at);
        let is_theirs = kinds.values().flatten().any(|leaf| leaf.managed);
        let mut steps: Vec<Option<FixStep>> = vec![];
        for leaves in kinds.values() {
            let lowest = lowest(leaves);
            let higher = leaves.iter().filter(|leaf| ttl(leaf) != lowest);
            steps.extend(higher.map(|leaf| edit(scene, &leaf.key, |value| value.set("ttl", &lowest.into()))));
        }
        let steps: Option<Vec<FixStep>> = steps.into_iter().collect();
        let told = kinds.iter().map(|(kind, leaves)| {
            let highest = leaves.iter().map(|leaf| ttl(leaf)).max().unwrap_or_default();
            format!("{kind} from {} to {highest}", lowest(leaves))
        });
        FindingWords {
            message: format!(
                "The records of {name} have different TTLs ({}); those of one answer must be equal, and resolvers differ in \
                 what they do.",
                told.collect::<Vec<_>>().join(", "),
            ),
            names: vec![name],
            fix: steps
                .filter(|_| !is_theirs)
                .map(|steps| Fix::new("Set the TTL of each to the lowest of its type.", steps)),
            ..FindingWords::default()
        }
    });
}

/// Returns the name that answers with them.
fn name(scene: &Scene<'_>, at: &NodeAt<'_>) -> crate::dns::Name {
    match at.node.place.zone.filter(|_| at.node.place.special == Special::Apex) {
        Some(zone) => scene.zone(zone),
        None => scene.name(at.path),
    }
}
