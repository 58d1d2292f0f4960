//! Hosts: finds those that are almost an address, cannot be sent, or can be no host.

use super::{
    Fix, Trap,
    findings::{FindingReport, FindingWords},
    fix::edited,
    node::NodeAt,
    own_record::{OwnValue, is_target},
    place::{AddressTree, Special},
    repair,
    scene::{Scene, ShownText},
    targetstrip::is_kept_apart,
};
use crate::dns::{
    Class, Service, address,
    answer::{
        domain,
        lookup::looked_up,
        wire::{self, Flaw},
    },
    host::{
        HostParts, host_of_url, is_almost_an_address, meant_address, meant_addresses, no_host, port_behind,
        punycode,
    },
};

pub(super) fn check(scene: &Scene<'_>, at: &NodeAt<'_>, own: &OwnValue, report: &mut FindingReport) {
    let Some(service) = own.service() else { return };
    // A text beside the host does not make it a better one.
    if service.host.is_empty() || address(&service.host).is_some() {
        return;
    }
    if is_almost_an_address(&service.host) {
        almost_an_address(scene, at, service, report);
    } else if let Some(flaw) = flaw(&service.host) {
        not_encodable(scene, at, service, flaw, report);
    } else if let Some(why) = no_host(&service.host).filter(|_| !is_within_a_zone(scene, &service.host)) {
        no_host_at_all(scene, at, service, why, report);
    } else if service.class() == Class::Alias {
        short(scene, at, service, report);
        stripped(scene, at, own, service, report);
    }
}

/// Tells whether this check reports the host already, since it cannot be followed.
pub(super) fn is_told(scene: &Scene<'_>, host: &str) -> bool {
    is_almost_an_address(host)
        || flaw(host).is_some()
        || no_host(host).is_some() && !is_within_a_zone(scene, host)
}

/// Tells whether a host has a flaw, so that nobody would choose it.
pub(super) fn is_flawed(host: &str) -> bool {
    is_almost_an_address(host) || flaw(host).is_some() || no_host(host).is_some()
}

/// Tells whether a host lies in a zone, where it is looked up as it is written, whatever it looks like.
fn is_within_a_zone(scene: &Scene<'_>, host: &str) -> bool {
    let name = looked_up(&domain::closed(host.as_bytes()));
    scene.zones.of_name(&name).is_some()
}

/// T15: Go's parser does not take it for an address, so it is a name (plugin/etcd/msg/type.go:18).
fn almost_an_address(scene: &Scene<'_>, at: &NodeAt<'_>, service: &Service, report: &mut FindingReport) {
    report.add(Trap::T15, Trap::T15.severity(), at.path, || {
        let host = &service.host;
        let fix = match (meant_address(host), meant_addresses(host)) {
            (Some(meant), _) => set_to(scene, at, service, meant),
            (None, Some(hosts)) => repair::with_each(scene, at, &hosts),
            (None, None) => None,
        };
        FindingWords {
            names: scene.asked(at),
            message: format!(
                "\"{}\" looks like an address and is none, so it is served as an alias to a host of that name.",
                ShownText(host.as_bytes()),
            ),
            fix, ..FindingWords::default()
        }
    });
}

/// T55: it is served as it is written, and leads nowhere.
fn no_host_at_all(
    scene: &Scene<'_>,
    at: &NodeAt<'_>,
    service: &Service,
    why: &str,
    report: &mut FindingReport,
) {
    report.add(Trap::T55, Trap::T55.severity(), at.path, || {
        let host = service.host.as_str();
        let meant = host_of_url(host).or_else(|| port_behind(host));
        let fix = match meant {
            Some(meant) => set_to(scene, at, service, meant),
            None => punycode(host).and_then(|host| set_to(scene, at, service, HostParts { host: &host, port: None })),
        };
        FindingWords {
            names: scene.asked(at),
            message: format!(
                "\"{}\" can be no host: {why}. CoreDNS serves it as an alias to a host of that name, which nobody has.",
                ShownText(host.as_bytes()),
            ),
            fix,
            ..FindingWords::default()
        }
    });
}

/// Sets the host that is meant, and the port behind it if the record has none.
pub(super) fn set_to(
    scene: &Scene<'_>,
    at: &NodeAt<'_>,
    service: &Service,
    meant: HostParts<'_>,
) -> Option<Fix> {
    let HostParts { host, port } = meant;
    let port = port.filter(|port| *port != 0 && service.port.unwrap_or(0) == 0);
    let what = match port {
        Some(port) => format!("Set the host to {host} and the port to {port}."),
        None => format!("Set the host to {host}."),
    };
    edited(scene, at.path, what, |value| {
        value.set("host", &host.into());
        if let Some(port) = port {
            value.set("port", &port.into());
        }
    })
}

/// Returns the reason why a host cannot be in a reply.
fn flaw(host: &str) -> Option<Flaw> {
    wire::flaw(&domain::closed(host.as_bytes()))
}

/// T16: the reply that holds it is never sent (handler.go:77).
fn not_encodable(
    scene: &Scene<'_>,
    at: &NodeAt<'_>,
    service: &Service,
    flaw: Flaw,
    report: &mut FindingReport,
) {
    report.add(Trap::T16, Trap::T16.severity(), at.path, || {
        let host = ShownText(service.host.as_bytes());
        let message = match flaw {
            Flaw::NotEncodable(reason) => format!(
                "The host \"{host}\" {reason} and cannot be encoded: no reply is sent at all for this name and those above \
                 it, and clients time out."
            ),
            Flaw::TooLong => format!(
                "The host \"{host}\" is longer than the 255 bytes of a name: clients reject each reply that holds it."
            ),
        };
        let fix = whole(&service.host).and_then(|host| {
            set_to(scene, at, service, HostParts { host: &host, port: None })
        });
        FindingWords { names: scene.readers(at), message, fix, ..FindingWords::default() }
    });
}

/// Returns a host without its empty labels, if that is a host.
fn whole(host: &str) -> Option<String> {
    let labels: Vec<&str> = host.split('.').filter(|label| !label.is_empty()).collect();
    let whole = labels.join(".");
    (labels.len() > 1 && !host.contains('\\') && !is_flawed(&whole) && address(&whole).is_none())
        .then_some(whole)
}

/// T28. A PTR's host may well be the short name of a machine, but it is an accident there too.
fn short(scene: &Scene<'_>, at: &NodeAt<'_>, service: &Service, report: &mut FindingReport) {
    let host = service.host.trim_end_matches('.');
    if host.contains('.') || host.is_empty() || service.host.ends_with('.') || host == "localhost" {
        return;
    }
    report.add(Trap::T28, Trap::T28.severity(), at.path, || FindingWords {
        names: scene.asked(at),
        message: format!(
            "The host {0} is the full name {0}. to CoreDNS: a host is never relative to the zone.",
            ShownText(host.as_bytes()),
        ),
        ..FindingWords::default()
    });
}

/// T13: targets of SRV, MX and NS lose labels of a name that exists (plugin/etcd/msg/service.go:42).
fn stripped(
    scene: &Scene<'_>,
    at: &NodeAt<'_>,
    own: &OwnValue,
    service: &Service,
    report: &mut FindingReport,
) {
    let Some(strip) = service.target_strip.and_then(|strip| usize::try_from(strip).ok()) else { return };
    let host = service.host.trim_end_matches('.');
    let Some((_, served)) = strip
        .checked_sub(1)
        .and_then(|more| host.match_indices('.').nth(more))
        .map(|(dot, _)| host.split_at(dot + 1))
    else {
        return;
    };
    let is_served = is_target(service) || at.node.place.service || at.node.place.special == Special::Ns;
    // external-dns writes it with each alias and has no use for it; nobody asks for SRV there.
    if (own.is_managed(at.segment()) && !is_served)
        || matches!(at.node.place.tree, AddressTree::V4 | AddressTree::V6)
    {
        return;
    }
    if is_kept_apart(scene, service) {
        return;
    }
    report.add(Trap::T13, Trap::T13.severity(), at.path, || FindingWords {
        names: scene.asked(at),
        message: format!(
            "targetstrip {strip} cuts the host too: SRV and MX answers lead to {} instead of {}.",
            ShownText(served.as_bytes()),
            ShownText(host.as_bytes()),
        ),
        fix: (!own.is_managed(at.segment()))
            .then(|| edited(scene, at.path, "Remove the targetstrip.", |value| value.remove("targetstrip")))
            .flatten(),
        ..FindingWords::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_encoded_is_known() {
        let label = "a".repeat(63);
        let long = [label.as_str(); 4].join(".");
        for host in ["a..b", ".a", "..", "a\\", &format!("{label}a.b"), &long] {
            assert!(flaw(host).is_some(), "{host:?}");
        }
        for host in ["a.b.", "a.b", ".", "\\.a", "a\\046b", &format!("{label}.b"), "a b", "a@b"] {
            assert!(flaw(host).is_none(), "{host:?}");
        }
    }
}
