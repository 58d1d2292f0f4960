//! Reserved names: finds records where `CoreDNS` looks for a zone's own addresses and servers, and records that people
//! put where it does not look.

use super::{
    Severity, Trap,
    findings::{FindingReport, FindingWords},
    node::NodeAt,
    own_record::{OwnValue, is_target},
    place::Special,
    scene::{Scene, ShownText},
};
use crate::dns::{Class, Name, Value};

pub(super) fn check(scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) {
    let place = &at.node.place;
    match place.special {
        Special::Ns => {
            if at.node.own.as_ref().is_some_and(|own| own.class() == Class::Alias) {
                named_server(scene, at, report);
            }
            host_as_server(scene, at, report);
        }
        Special::Apex => host_as_server(scene, at, report),
        Special::Dns => host_called_dns(scene, at, report),
        Special::None if at.path.ends_with(b"/dns/ns") => delegation(scene, at, report),
        Special::None => {}
    }
    if let Some(own) = &at.node.own {
        start_of_authority(scene, at, own, report);
    }
}

/// T8: `backend_lookup.go:452`.
fn named_server(scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) {
    report.add(Trap::T8, Trap::T8.severity(), at.path, || {
        let host = at.node.own.as_ref().and_then(OwnValue::service).map(|service| service.host.clone()).unwrap_or_default();
        let names: Vec<_> = at.node.place.zone.map(|zone| scene.zone(zone)).into_iter().collect();
        let zone = names.first().map(ToString::to_string).unwrap_or_default();
        FindingWords {
            names,
            message: format!(
                "NS queries for {zone} get SERVFAIL: below dns/ns stands the host name {}, and CoreDNS takes only addresses \
                 there.",
                ShownText(host.as_bytes()),
            ),
            ..FindingWords::default()
        }
    });
}

/// T49: a service or a mail server below `dns/ns` or `dns/apex` becomes a name server, or the zone's address. An alias
/// within the zone does not: `CoreDNS` drops it (`backend_lookup.go:32`).
fn host_as_server(scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) {
    let service = at.node.own.as_ref().and_then(OwnValue::service).filter(|service| is_target(service));
    let Some(service) = service else { return };
    let is_dropped = || {
        let zone = at.node.place.zone.map(|zone| scene.zone(zone));
        let host = Name::parse(&service.host).ok();
        service.class() == Class::Alias && host.zip(zone).is_some_and(|(host, zone)| host.is_within(&zone))
    };
    if service.class() == Class::Text || (at.node.place.special == Special::Apex && is_dropped()) {
        return;
    }
    let becomes = if at.node.place.special == Special::Ns {
        "a name server"
    } else {
        "an address of the zone's own name"
    };
    report.add(Trap::T49, Trap::T49.severity(), at.path, || FindingWords {
        names: scene.asked(at),
        message: format!("The record has a port or is a mail server, and lies where CoreDNS takes it for {becomes} as well."),
        ..FindingWords::default()
    });
}

/// T49: a host called `dns`, although `CoreDNS` reads other names below it. Until there are such names, this is only a
/// danger.
fn host_called_dns(scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) {
    let direct = &at.node.direct;
    if at.node.own.is_none() && direct.reserved == 0 {
        return;
    }
    let taken = direct.has_apex || direct.has_ns;
    let severity = if taken { Trap::T49.severity() } else { Severity::Info };
    report.add(Trap::T49, severity, at.path, || {
        let name = scene.name(at.path);
        FindingWords {
            message: if taken {
                format!(
                    "CoreDNS keeps the zone's own addresses and servers below {name}, so as a host it answers with those too. \
                     Call the host otherwise."
                )
            } else {
                format!(
                    "CoreDNS reads the zone's own addresses and servers below {name} (apex and ns). Once there are any, a host \
                     of this name answers with them."
                )
            },
            names: vec![name],
            ..FindingWords::default()
        }
    });
}

/// T53: `dns/ns` below a name that is no zone was meant as a delegation, and is none.
fn delegation(scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) {
    report.add(Trap::T53, Trap::T53.severity(), at.path, || {
        let sub = scene.name(at.path.strip_suffix(b"/dns/ns").unwrap_or(at.path));
        FindingWords {
            message: format!(
                "CoreDNS does not delegate: {sub} is no zone of its own, so these are ordinary names, and {sub} answers with \
                 their addresses."
            ),
            names: vec![sub],
            ..FindingWords::default()
        }
    });
}

/// T53: fields of an SOA record, which `CoreDNS` always makes up (`backend_lookup.go:470`).
fn start_of_authority(scene: &Scene<'_>, at: &NodeAt<'_>, own: &OwnValue, report: &mut FindingReport) {
    const FIELDS: [&str; 7] = ["soa", "mname", "rname", "serial", "refresh", "expire", "minttl"];
    let has_field = own.unknown
        && scene
            .content(at.path)
            .and_then(|content| Value::parse(&content.value).ok())
            .is_some_and(|value| value.names().any(|name| FIELDS.contains(&&*name.to_ascii_lowercase())));
    let is_called_so =
        at.segment() == b"soa" && at.parent.is_some_and(|parent| parent.place.special == Special::Dns);
    if has_field || is_called_so {
        report.add(Trap::T53, Trap::T53.severity(), at.path, || FindingWords {
            names: at.node.place.zone.map(|zone| scene.zone(zone)).into_iter().collect(),
            message: "An SOA record cannot be stored: CoreDNS makes up its own for each zone, with the time as its serial \
                      number."
                .to_owned(),
            ..FindingWords::default()
        });
    }
}
