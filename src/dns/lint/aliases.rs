//! Aliases and targets: finds those that lead nowhere, back to themselves, round through several zones, or out of all
//! of them.

mod follow;
mod target;

use super::{
    Severity, Trap,
    findings::{FindingReport, FindingWords},
    hosts,
    node::NodeAt,
    own_record::{OwnValue, is_target},
    place::{AddressTree, Special},
    scene::{Scene, ShownText},
    targetstrip::{has_an_address, is_kept_apart},
};
use crate::dns::{
    Class, OtherPlugins, Service,
    answer::{
        chase,
        lookup::{Lookup, looked_up},
    },
    host::{HostParts, punycode},
    is_pointer,
};
pub(super) use follow::AliasReading;
use follow::{AliasWanted, Reached, Trail};
use target::AliasTarget;

/// Checks a record whose host is a name, and tells whether that name lies outside every zone.
pub(super) fn check(scene: &Scene<'_>, at: &NodeAt<'_>, own: &OwnValue, report: &mut FindingReport) -> bool {
    let place = &at.node.place;
    let Some(service) = own.service().filter(|service| service.class() == Class::Alias) else { return false };
    // CoreDNS does not follow a PTR's name, and a name server must not be a name at all.
    if matches!(place.tree, AddressTree::V4 | AddressTree::V6)
        || place.special == Special::Ns
        || hosts::is_told(scene, &service.host)
    {
        return false;
    }
    let Some(zone) = place.zone else { return false };
    let own_name = scene.name(at.path);
    if is_pointer(&own_name, service) {
        return false;
    }
    let target = AliasTarget::of(&service.host);
    let Some(target_zone) = target.zone(scene) else {
        leads_out(scene, at, service, report);
        return true;
    };
    if Lookup::of(&scene.serving.scope, &target.lower).has_wildcard() {
        wildcard(scene, at, service, report);
        return false;
    }
    // A name within the zone of the question is looked up in that zone, even where a longer one covers it.
    let within = target.is_within(scene.zones.name(zone));
    // CoreDNS answers a target as a target, so nobody misses its alias.
    let is_alias = !is_target(service);
    if within && is_alias && place.special == Special::Apex {
        loops(scene, at, service, "everything in the zone counts as below its name", report);
        return false;
    }
    let name = looked_up(own_name.fqdn().as_bytes());
    if within && is_alias && target.is_within(&name) {
        loops(scene, at, service, "the target is the name itself or lies below it", report);
        return false;
    }
    let follow = |wanted| {
        let trail = Trail::new(scene, &name, wanted);
        if within { trail.within(&target, zone) } else { trail.afresh(&target, target_zone) }
    };
    let mut reached = follow(if is_target(service) { AliasWanted::Both } else { AliasWanted::Address });
    if !is_target(service) && !reached.gives() {
        // A query for texts reads other keys of a zone than a query for its addresses.
        let texts = follow(AliasWanted::Text);
        reached.text = texts.text;
        reached.unknown |= texts.unknown;
    }
    tell(scene, at, service, &reached, within, report);
    false
}

fn tell(
    scene: &Scene<'_>,
    at: &NodeAt<'_>,
    service: &Service,
    reached: &Reached,
    within: bool,
    report: &mut FindingReport,
) {
    let limit = chase::longest_chain(scene.serving.version);
    if reached.endless {
        endless(scene, at, service, report);
    } else if let Some(chain) = reached.nearest.filter(|chain| *chain > limit && !reached.unknown) {
        too_long(scene, at, chain, limit, report);
    } else if reached.nearest.is_some() && is_target(service) && reached.v6 && !reached.v4 && !reached.unknown
    {
        // A client that gets no address with the answer asks for it; that costs a query and breaks nothing.
        report.add(Trap::T39, Severity::Info, at.path, || FindingWords {
            names: scene.asked(at),
            message: format!(
                "The target {} has only IPv6 addresses, which CoreDNS does not send along with SRV and MX: clients ask once more.",
                ShownText(service.host.as_bytes()),
            ),
            ..FindingWords::default()
        });
    } else if reached.gives() {
    } else if reached.looped && within {
        loops(scene, at, service, "its target leads back into the chain of aliases", report);
    } else if !is_kept_apart(scene, service) {
        dangles(scene, at, service, reached, within, report);
    }
}

/// T26. Without a Corefile nobody knows which plugins follow, so it is reported once for the zone.
fn leads_out(scene: &Scene<'_>, at: &NodeAt<'_>, service: &Service, report: &mut FindingReport) {
    if !scene.circumstances.corefile || scene.serving.behind == OtherPlugins::Something {
        return;
    }
    report.add(Trap::T26, Trap::T26.severity(), at.path, || FindingWords {
        names: scene.asked(at),
        message: format!(
            "{} is outside every zone, and the Corefile has nothing that would resolve it: clients get the alias without an \
             address. Add a forward plugin.",
            ShownText(service.host.as_bytes()),
        ),
        ..FindingWords::default()
    });
}

/// T29: path.go:46.
fn wildcard(scene: &Scene<'_>, at: &NodeAt<'_>, service: &Service, report: &mut FindingReport) {
    report.add(Trap::T29, Trap::T29.severity(), at.path, || FindingWords {
        names: scene.asked(at),
        message: format!(
            "CoreDNS takes a label \"any\" or \"*\" in {} for a wildcard: the alias answers with every name that fits.",
            ShownText(service.host.as_bytes()),
        ),
        ..FindingWords::default()
    });
}

/// T23: `backend_lookup.go:32`.
fn loops(scene: &Scene<'_>, at: &NodeAt<'_>, service: &Service, why: &str, report: &mut FindingReport) {
    report.add(Trap::T23, Trap::T23.severity(), at.path, || FindingWords {
        names: scene.asked(at),
        message: format!(
            "CoreDNS drops the alias of {} to {} as a loop: {why}. Without another record the answer is empty.",
            scene.subject(at),
            ShownText(service.host.as_bytes()),
        ),
        ..FindingWords::default()
    });
}

/// T25: each hop between zones is a query of its own that knows nothing of the others (upstream.go:24).
fn endless(scene: &Scene<'_>, at: &NodeAt<'_>, service: &Service, report: &mut FindingReport) {
    report.add(Trap::T25, Trap::T25.severity(), at.path, || FindingWords {
        names: scene.asked(at),
        message: format!(
            "The alias to {} comes back here through another zone. CoreDNS does not count the hops between zones: one query \
             goes round until the process runs out of stack and dies. Break the loop now.",
            ShownText(service.host.as_bytes()),
        ),
        ..FindingWords::default()
    });
}

/// T24.
fn too_long(scene: &Scene<'_>, at: &NodeAt<'_>, chain: usize, limit: usize, report: &mut FindingReport) {
    report.add(Trap::T24, Trap::T24.severity(), at.path, || FindingWords {
        names: scene.asked(at),
        message: format!(
            "A chain of {chain} aliases lies between {} and an address. CoreDNS follows at most {limit}, and answers with \
             nothing.",
            scene.subject(at),
        ),
        ..FindingWords::default()
    });
}

/// T22: within a zone an alias is only served together with what it leads to (`backend_lookup.go:46`).
fn dangles(
    scene: &Scene<'_>,
    at: &NodeAt<'_>,
    service: &Service,
    reached: &Reached,
    within: bool,
    report: &mut FindingReport,
) {
    report.add(Trap::T22, Trap::T22.severity(), at.path, || {
        let (subject, host) = (scene.subject(at), ShownText(service.host.as_bytes()));
        let lacks = if reached.exists { "has no address" } else { "does not exist" };
        FindingWords {
            names: scene.asked(at),
            message: if is_target(service) {
                format!("{subject} leads to {host}, which {lacks}: clients find the service and cannot reach it.")
            } else if within {
                format!(
                    "The alias of {subject} leads to {host}, which {lacks}: CoreDNS leaves the alias out of its \
                     answer."
                )
            } else {
                format!(
                    "The alias of {subject} leads to {host} in another zone, which {lacks}: clients get the alias \
                     and no address."
                )
            },
            fix: punycode(&service.host)
                .filter(|host| has_an_address(scene, host))
                .and_then(|host| hosts::set_to(scene, at, service, HostParts { host: &host, port: None })),
            ..FindingWords::default()
        }
    });
}
