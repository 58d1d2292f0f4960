//! Names with several keys: finds values that hide others, records that leak into other answers, and records that do
//! not go together.

use super::{
    Fix, Severity, Trap, doubles,
    findings::{FindingReport, FindingWords},
    fix::{FixStep, edit, free_leaves, shift},
    hosts,
    isolate::isolate,
    node::{NodeAt, looks_like_a_leaf},
    own_record::OwnValue,
    place::{AddressTree, Special},
    scene::{Scene, ShownText},
};
use crate::{
    dns::{
        Class, Hidden, Service, address,
        answer::{group, read::FoundRecord},
    },
    quantity::counted,
};
use std::{collections::HashMap, net::IpAddr, rc::Rc};

/// Number of keys from which on each query that reads them all costs `CoreDNS` and etcd milliseconds.
pub(super) const MANY: usize = 1_000;
/// Most records that are read again for the details of a finding.
const READ: usize = 4_096;

pub(super) fn check(scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) {
    let place = &at.node.place;
    if let Some(own) = &at.node.own
        && at.node.sum.records > 0
    {
        hidden(scene, at, own, report);
    }
    if !place.is_unreachable() && !matches!(place.tree, AddressTree::V4 | AddressTree::V6) {
        doubles::check(scene, at, report);
    }
    // The zone's own name reads the whole zone, which the check of zones reports; an unreachable name answers nothing.
    if place.apex || place.is_unreachable() || matches!(place.tree, AddressTree::V4 | AddressTree::V6) {
        return;
    }
    if place.special == Special::None {
        leaks(scene, at, report);
        alias_by_leaf(scene, at, report);
        crowded(scene, at, report);
    }
    mixed(scene, at, report);
    spelled_twice(scene, at, report);
}

/// T4: with a key below a name, no question for the name reads its own key but CNAME and PTR (etcd.go:94). A key below
/// hides it, whatever its value; names above, and questions with a wildcard, still read it.
fn hidden(scene: &Scene<'_>, at: &NodeAt<'_>, own: &OwnValue, report: &mut FindingReport) {
    let Some(service) = own.service() else { return };
    let name = scene.name(at.path);
    // Nobody asks for a key in no zone, and that has a finding of its own.
    let Some(hidden) = Hidden::of(&name, service).filter(|_| at.node.place.zone.is_some()) else { return };
    report.add(Trap::T4, Trap::T4.severity(), at.path, || {
        let mut first = vec![];
        scene.some_below(at.path, 1, |record| first = record.key.to_vec());
        let (lost, still) = match hidden {
            Hidden::Wholly => ("no query", ""),
            Hidden::ButForAliases => {
                ("no A, AAAA, TXT, SRV or MX query", " Only CNAME and PTR queries see it.")
            }
        };
        FindingWords {
            message: format!(
                "The value at {name} is in the answer to {lost} for it, because {} lies below it: CoreDNS reads the keys below \
                 a name, and its own only when there are none.{still}",
                ShownText(&first),
            ),
            fix: unhidden(scene, at, service),
            names: vec![name],
            ..FindingWords::default()
        }
    });
}

/// Moves a hidden value to a leaf of its name, where it is read with the others. No move where groups would keep it out
/// of the answer, or where it would bring other records into the answer or take them out.
fn unhidden(scene: &Scene<'_>, at: &NodeAt<'_>, service: &Service) -> Option<Fix> {
    // external-dns deletes leaves that it did not write from a name that it manages.
    if at.node.direct.managed > 0 {
        return None;
    }
    // A hidden value does no harm, and a host that cannot be sent would keep the whole answer from being sent.
    if service.class() == Class::Alias && hosts::is_flawed(&service.host) {
        return None;
    }
    let to = match (at.node.place.apex, service.class()) {
        // The zone's own name is answered from there.
        (true, Class::V4(_) | Class::V6(_)) => [at.path, b"/dns/apex"].concat(),
        (true, Class::Alias | Class::Nothing) => return None,
        _ => at.path.to_vec(),
    };
    let [leaf] = free_leaves(scene, &to)?;
    joins(scene, &to, &leaf, service)
        .then(|| Fix::new(format!("Move the value to {}.", ShownText(&leaf)), vec![shift(at.path, &leaf)]))
}

/// Tells whether a name answers with one more record at this leaf, and with all others as before.
fn joins(scene: &Scene<'_>, path: &[u8], leaf: &[u8], service: &Service) -> bool {
    let found = found_below(scene, path);
    let new = Rc::new(FoundRecord { key: leaf.into(), service: service.clone(), ttl: 0 });
    // Records without a host count only for a TXT answer.
    [false, true].into_iter().all(|with_texts| {
        let is_meant = |found: &&Rc<FoundRecord>| with_texts || !found.service.host.is_empty();
        let before: Vec<Rc<FoundRecord>> = found.iter().filter(is_meant).cloned().collect();
        let mut after = before.clone();
        if is_meant(&&new) {
            after.push(Rc::clone(&new));
            after.sort_by(|a, b| a.key.cmp(&b.key));
        }
        let keys = |kept: &[Rc<FoundRecord>]| -> Vec<Rc<[u8]>> {
            kept.iter().map(|found| Rc::clone(&found.key)).filter(|key| **key != *leaf).collect()
        };
        let (was, is) = (group::choose(before).0, group::choose(after).0);
        let is_in = !is_meant(&&new) || is.iter().any(|found| *found.key == *leaf);
        is_in && keys(&was) == keys(&is)
    })
}

/// Returns the records below a name, as `CoreDNS` reads them before groups choose among them.
fn found_below(scene: &Scene<'_>, path: &[u8]) -> Vec<Rc<FoundRecord>> {
    let mut found = vec![];
    scene.some_below(path, READ, |record| {
        let service = Service::decode(record.value).ok();
        // CoreDNS leaves out records with neither host nor text before it compares groups.
        if let Some(service) = service.filter(|service| !service.host.is_empty() || !service.text.is_empty())
        {
            found.push(Rc::new(FoundRecord { key: record.key.into(), service, ttl: 0 }));
        }
    });
    found
}

/// T5: everything below a name answers for it (etcd.go:94), unless groups keep it apart. If nothing below the name is
/// clearly its own, perhaps nobody asks for it.
fn leaks(scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) {
    let direct = &at.node.direct;
    let own = if direct.leaves > 0 { direct.all } else { direct.named };
    if direct.leaves + direct.named == 0 || at.node.sum.records <= own {
        return;
    }
    let Some(others) = served_of_others(scene, at) else { return };
    let severity = if direct.leaves > 0 { Trap::T5.severity() } else { Severity::Info };
    report.add(Trap::T5, severity, at.path, || {
        let name = scene.name(at.path);
        let mut subs: Vec<String> = vec![];
        for key in &others {
            let sub = scene.name(key).to_string();
            if !subs.contains(&sub) {
                subs.push(sub);
            }
        }
        if subs.len() > 3 {
            subs.truncate(3);
            subs.push("others".to_owned());
        }
        FindingWords {
            message: format!(
                "{name} has records of its own, and answers with those of names below it too: {}. Groups keep them apart, as long as every \
                 writer knows them.",
                subs.join(", "),
            ),
            fix: isolate(scene.source, scene.serving, &name).ok(),
            names: vec![name],
            ..FindingWords::default()
        }
    });
}

/// Returns the keys of the names right below a name whose records it answers with; `None` where groups keep all of them
/// away.
fn served_of_others(scene: &Scene<'_>, at: &NodeAt<'_>) -> Option<Vec<Vec<u8>>> {
    let found = found_below(scene, at.path);
    let hosts = found.iter().filter(|found| !found.service.host.is_empty()).cloned().collect();
    let mut keys: Vec<Vec<u8>> = vec![];
    for kept in [group::choose(hosts).0, group::choose(found).0] {
        for found in kept.iter().filter(|found| found.service.class() != Class::Nothing) {
            let behind = found.key.get(at.path.len() + 1..).unwrap_or_default();
            let end = behind.iter().position(|byte| *byte == b'/');
            let key = found.key.get(..at.path.len() + 1 + end.unwrap_or(behind.len())).unwrap_or_default();
            if (end.is_some() || !looks_like_a_leaf(behind)) && !keys.iter().any(|other| other == key) {
                keys.push(key.to_vec());
            }
        }
    }
    (!keys.is_empty()).then_some(keys)
}

/// T9: a CNAME query reads the exact key (`backend_lookup.go:331`). Only reported for aliases: clients ask a host for
/// its CNAME only to follow one.
fn alias_by_leaf(scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) {
    let direct = &at.node.direct;
    if direct.aliases != 1 || at.node.own.is_some() || is_mixed(at) || at.node.place.service {
        return;
    }
    // external-dns has no other place for an alias, so nobody can do anything about it.
    let severity = if direct.managed > 0 { Severity::Info } else { Trap::T9.severity() };
    report.add(Trap::T9, severity, at.path, || {
        let name = scene.name(at.path);
        let mut only = None;
        if at.node.sum.records == 1 && direct.managed == 0 {
            scene.some_below(at.path, 1, |record| only = Some(record.key.to_vec()));
        }
        FindingWords {
            message: format!(
                "CNAME queries for {name} get NXDOMAIN, which resolvers may remember for all types: the alias lies below \
                 the name, and CNAME is read at the name itself."
            ),
            names: vec![name],
            fix: only.map(|only| {
                Fix::new(format!("Move the alias to {}.", ShownText(at.path)), vec![shift(&only, at.path)])
            }), ..FindingWords::default()
        }
    });
}

fn is_mixed(at: &NodeAt<'_>) -> bool {
    let direct = &at.node.direct;
    direct.aliases > 1
        || (direct.aliases > 0 && direct.addresses > 0)
        // An alias within the zone goes into a TXT answer only where its target has a text.
        || (direct.outside_aliases > 0 && direct.texts > 0)
}

/// T27: a name with an alias has nothing else (RFC 1034, section 3.6.2).
fn mixed(scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) {
    // SRV is there for several targets of a service.
    if !is_mixed(at) || at.node.place.service {
        return;
    }
    report.add(Trap::T27, Trap::T27.severity(), at.path, || {
        let direct = &at.node.direct;
        let names = match at.node.place.zone.filter(|_| at.node.place.special == Special::Apex) {
            Some(zone) => vec![scene.zone(zone)],
            None => vec![scene.name(at.path)],
        };
        let mut held = vec![match direct.aliases {
            1 => "1 alias".to_owned(),
            more => format!("{more} aliases"),
        }];
        if direct.addresses > 0 {
            held.push(match direct.addresses {
                1 => "1 address".to_owned(),
                more => format!("{more} addresses"),
            });
        }
        if direct.texts > 0 {
            held.push(counted(direct.texts, "text"));
        }
        let name = names.first().map(ToString::to_string).unwrap_or_default();
        FindingWords {
            names,
            message: format!(
                "{name} has {}. CoreDNS puts them all into one answer; a CNAME must stand alone, and resolvers differ in what \
                 they take.",
                held.join(" and "),
            ),
            ..FindingWords::default()
        }
    });
}

/// T44: addresses are compared as they are written (`backend_lookup.go:156`).
fn spelled_twice(scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) {
    if at.node.direct.odd_v6 == 0 || at.node.direct.v6 < 2 {
        return;
    }
    let mut first: HashMap<IpAddr, String> = HashMap::new();
    let mut twice = vec![];
    scene.some_below(at.path, READ, |record| {
        let behind = record.key.get(at.path.len() + 1..).unwrap_or_default();
        let Ok(service) = Service::decode(record.value) else { return };
        let Some(ip @ IpAddr::V6(_)) = address(&service.host).filter(|_| !behind.contains(&b'/')) else {
            return;
        };
        match first.get(&ip) {
            Some(spelling) if *spelling != service.host => {
                twice.push((record.key.to_vec(), spelling.clone()));
            }
            Some(_) => {}
            None => drop(first.insert(ip, service.host)),
        }
    });
    if twice.is_empty() {
        return;
    }
    report.add(Trap::T44, Trap::T44.severity(), at.path, || {
        let name = scene.name(at.path);
        let update = |(key, spelling): &(Vec<u8>, String)| -> Option<FixStep> {
            edit(scene, key, |value| value.set("host", &spelling.as_str().into()))
        };
        let steps: Option<Vec<FixStep>> = twice.iter().map(update).collect();
        let spelling = twice.first().map(|(_, spelling)| spelling.as_str()).unwrap_or_default();
        FindingWords {
            message: format!(
                "{name} answers with {} more than once, because it is written in more than one way.",
                ShownText(spelling.as_bytes()),
            ),
            names: vec![name],
            fix: steps.map(|steps| Fix::new("Write the address in one way; it is then served once.", steps)),
            ..FindingWords::default()
        }
    });
}

/// T52: every query reads all keys below its name.
fn crowded(scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) {
    // Nobody asks for a name without records of its own, and its zone has a check of its own.
    if at.node.sum.records < MANY || at.node.direct.leaves == 0 {
        return;
    }
    report.add(Trap::T52, Trap::T52.severity(), at.path, || {
        let name = scene.name(at.path);
        FindingWords {
            message: format!(
                "Each query for {name} reads all {} keys below it from etcd.",
                at.node.sum.records,
            ),
            names: vec![name],
            ..FindingWords::default()
        }
    });
}
