//! What a value's host is: an address, almost an address, a name that can be served, or none.

use super::{
    Trap,
    findings::{Report, Told},
    fix::edited,
    node::At,
    own::{Own, is_target},
    place::{Special, Tree},
    scene::{Scene, Shown},
};
use crate::dns::{
    Class, Service, address,
    answer::{
        domain,
        wire::{self, Flaw},
    },
};

pub(super) fn check(scene: &Scene<'_>, at: &At<'_>, own: &Own, report: &mut Report) {
    let Some(service) = own.service() else { return };
    // What text goes with the host does not make it a better one.
    if service.host.is_empty() || address(&service.host).is_some() {
        return;
    }
    if is_almost_an_address(&service.host) {
        almost_an_address(scene, at, service, report);
    } else if let Some(flaw) = flaw(&service.host) {
        not_encodable(scene, at, service, flaw, report);
    } else if service.class() == Class::Alias {
        short(scene, at, service, report);
        stripped(scene, at, own, service, report);
    }
}

/// Whether a host is told of here already: it cannot be followed.
pub(super) fn is_flawed(host: &str) -> bool {
    is_almost_an_address(host) || flaw(host).is_some()
}

/// T15: Go's parser takes it for no address, so it is a name (plugin/etcd/msg/type.go:18).
fn almost_an_address(scene: &Scene<'_>, at: &At<'_>, service: &Service, report: &mut Report) {
    report.add(Trap::T15, Trap::T15.severity(), at.path, || {
        let host = &service.host;
        let meant = meant_address(host);
        let fix = meant.and_then(|meant| {
            edited(scene, at.path, format!("Set the host to {meant}."), |value| value.set("host", &meant.into()))
        });
        Told {
            names: scene.asked(at),
            message: format!(
                "\"{}\" looks like an address and is none, so it is served as an alias to a host of that name.",
                Shown(host.as_bytes()),
            ),
            fix,
        }
    });
}

/// Whether a host was meant as an address: digits and dots, or colons, with perhaps something around.
pub(super) fn is_almost_an_address(host: &str) -> bool {
    let core = host.trim().trim_start_matches('[');
    let digits_and_dots = |text: &str| {
        text.contains('.') && text.split('.').all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let v4 = core.split(['/', ':', '%', ',', ';', ' ', ']']).next().unwrap_or_default();
    let v6 = core.split(['/', '%', ',', ';', ' ', ']']).next().unwrap_or_default();
    let is_v6 = v6.matches(':').count() >= 2
        && v6.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'));
    let is_hex = core
        .strip_prefix("0x")
        .is_some_and(|rest| rest.len() == 8 && rest.bytes().all(|b| b.is_ascii_hexdigit()));
    (digits_and_dots(v4) && v4.starts_with(|c: char| c.is_ascii_digit())) || is_v6 || is_hex
}

/// The one address that can be meant. A network is none, and neither is a list.
fn meant_address(host: &str) -> Option<&str> {
    let host = host.trim();
    let bare = match host.split_once('/') {
        // A single host may be written as the network that holds nothing else.
        Some((bare, "32" | "128")) => bare,
        Some((bare, width)) => {
            let width = width.parse::<u8>().ok()?;
            // `192.0.2.0/24` is the network; `192.0.2.7/24` is a host with the width of its network.
            match bare.parse::<std::net::Ipv4Addr>().ok()? {
                v4 if width < 32 && v4.to_bits().trailing_zeros() < u32::from(32 - width) => bare,
                _ => return None,
            }
        }
        None => host,
    };
    let inside = bare.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let bare = match inside {
        Some((inside, "")) => inside,
        Some((inside, port)) if port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok()) => {
            inside
        }
        Some(_) => return None,
        None => match bare.split_once(':') {
            Some((v4, port)) if !port.contains(':') && port.parse::<u16>().is_ok() => v4,
            _ => bare,
        },
    };
    // An interface means nothing to others.
    let bare = bare.split_once('%').map_or(bare, |(bare, _)| bare);
    let bare = bare.strip_suffix('.').unwrap_or(bare);
    address(bare).map(|_| bare)
}

/// Why a host cannot be in a reply.
fn flaw(host: &str) -> Option<Flaw> {
    wire::flaw(&domain::closed(host.as_bytes()))
}

/// T16: the reply that holds it is never sent (handler.go:77).
fn not_encodable(scene: &Scene<'_>, at: &At<'_>, service: &Service, flaw: Flaw, report: &mut Report) {
    report.add(Trap::T16, Trap::T16.severity(), at.path, || {
        let host = Shown(service.host.as_bytes());
        let message = match flaw {
            Flaw::NotEncodable(reason) => format!(
                "The host \"{host}\" {reason} and cannot be encoded: no reply is sent at all for this name and those above \
                 it, and clients time out."
            ),
            Flaw::TooLong => format!(
                "The host \"{host}\" is longer than the 255 bytes of a name: clients reject each reply that holds it."
            ),
        };
        Told { names: scene.readers(at), message, fix: None }
    });
}

/// T28. A PTR's host may well be the short name of a machine; there it is as much of an accident.
fn short(scene: &Scene<'_>, at: &At<'_>, service: &Service, report: &mut Report) {
    let host = service.host.trim_end_matches('.');
    if host.contains('.') || host.is_empty() || service.host.ends_with('.') || host == "localhost" {
        return;
    }
    report.add(Trap::T28, Trap::T28.severity(), at.path, || Told {
        names: scene.asked(at),
        message: format!(
            "The host {0} is the full name {0}. to CoreDNS: a host is never relative to the zone.",
            Shown(host.as_bytes()),
        ),
        fix: None,
    });
}

/// T13: targets of SRV, MX and NS lose labels of a name that exists (plugin/etcd/msg/service.go:42).
fn stripped(scene: &Scene<'_>, at: &At<'_>, own: &Own, service: &Service, report: &mut Report) {
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
    if (own.is_managed(at.segment()) && !is_served) || matches!(at.node.place.tree, Tree::V4 | Tree::V6) {
        return;
    }
    report.add(Trap::T13, Trap::T13.severity(), at.path, || Told {
        names: scene.asked(at),
        message: format!(
            "targetstrip {strip} cuts the host too: SRV and MX answers lead to {} instead of {}.",
            Shown(served.as_bytes()),
            Shown(host.as_bytes()),
        ),
        fix: (!own.is_managed(at.segment()))
            .then(|| edited(scene, at.path, "Remove the targetstrip.", |value| value.remove("targetstrip")))
            .flatten(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_almost_an_address_is_told_from_a_name() {
        for (host, meant) in [
            ("192.0.2.1 ", Some("192.0.2.1")),
            (" 192.0.2.1\n", Some("192.0.2.1")),
            ("192.0.2.1/32", Some("192.0.2.1")),
            ("192.0.2.7/24", Some("192.0.2.7")),
            ("192.0.2.0/24", None),
            ("192.0.2.1:80", Some("192.0.2.1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("[2001:db8::1]:53", Some("2001:db8::1")),
            ("fe80::1%eth0", Some("fe80::1")),
            ("192.0.2.1.", Some("192.0.2.1")),
            ("2001:db8::1/128", Some("2001:db8::1")),
            ("192.0.2.01", None),
            ("127.1", None),
            ("0x7f000001", None),
            ("192.0.2.1,192.0.2.2", None),
            ("256.0.0.1", None),
            ("::1::2", None),
        ] {
            assert!(is_almost_an_address(host), "{host:?}");
            assert_eq!(meant_address(host), meant, "{host:?}");
        }
        for host in [
            "gcr.io",
            "a.b",
            "1and1.com",
            "10.example.org",
            "a:b",
            "x",
            "add.cab",
            "3com.net",
            "1.0.0.127.in-addr.arpa",
        ] {
            assert!(!is_almost_an_address(host), "{host:?}");
        }
    }

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
