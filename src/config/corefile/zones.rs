//! Zones that an address of a server block, or a list, stands for (plugin/normalize.go, plugin/pkg/cidr).
use crate::dns::{Name, NameError};
use std::{fmt::Write as _, net::IpAddr};

/// The schemes of server blocks with their ports (plugin/pkg/transport).
const SCHEMES: [(&str, u16); 7] = [
    ("tls://", 853),
    ("dns://", DNS_PORT),
    ("quic://", 853),
    ("grpc://", 443),
    ("https3://", 443),
    ("https://", 443),
    ("unix://", 0),
];
pub(super) const DNS_PORT: u16 = 53;

/// Parsed address of a server block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// The zones: more than one for a network that ends inside an octet or a nibble.
    pub(super) zones: Vec<Name>,
    pub(super) port: u16,
    /// True if it is asked with plain DNS, as `verify` asks.
    pub(super) is_dns: bool,
}

/// Takes `example.org`, `dns://example.org:1053`, `10.0.0.0/8`, `2001:db8::/32`, `.`.
///
/// # Errors
/// The reason why it is no address.
pub(super) fn address(text: &str) -> Result<Address, String> {
    let (scheme, rest) = SCHEMES
        .iter()
        .find_map(|(scheme, port)| Some(((*scheme, *port), text.strip_prefix(scheme)?)))
        .unwrap_or((("dns://", DNS_PORT), text));
    let mut name = rest;
    let mut port = None;
    if let Some((before, behind)) = rest.rsplit_once(':') {
        if behind.is_empty() {
            return Err("a port is missing behind the last colon".to_owned());
        }
        // Any other text behind the colon is a part of an IPv6 network.
        if let Ok(number) = behind.parse::<i64>() {
            port = Some(u16::try_from(number).map_err(|_| "its port is none".to_owned())?);
            name = before;
        }
    }
    Ok(Address {
        zones: zone_or_network(name)?,
        port: port.unwrap_or(scheme.1),
        is_dns: scheme.0 == "dns://",
    })
}

/// Returns the zones of a list as `etcd`, `fallthrough` and others take it, and apart the words that are no zone, which
/// `CoreDNS` leaves out.
pub(super) fn zones(list: &[&str]) -> (Vec<Name>, Vec<String>) {
    let mut zones = Vec::new();
    let mut left_out = Vec::new();
    for text in list {
        match address(text) {
            Ok(address) => zones.extend(address.zones),
            Err(_) => left_out.push((*text).to_owned()),
        }
    }
    (zones, left_out)
}

/// Returns the names of one zone as a person lists it: a name, or a network for its reverse zones.
///
/// # Errors
/// The reason why it is neither a name nor a network.
pub(in crate::config) fn zone_or_network(text: &str) -> Result<Vec<Name>, String> {
    match network(text) {
        Some(network) => reverse_zones(network),
        None => Ok(vec![zone(text).map_err(|error| error.to_string())?]),
    }
}

fn zone(text: &str) -> Result<Name, NameError> {
    Name::parse(text)
}

/// Returns an address and the length of its prefix, in bits.
fn network(text: &str) -> Option<(IpAddr, u32)> {
    let (address, bits) = text.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let bits = bits.parse().ok()?;
    (bits <= if address.is_ipv4() { 32 } else { 128 }).then_some((address, bits))
}

/// Returns the reverse zones that make up a network: one on an octet or a nibble, else all on the next boundary.
fn reverse_zones((address, bits): (IpAddr, u32)) -> Result<Vec<Name>, String> {
    let (value, width, digit, tree) = match address {
        IpAddr::V4(address) => (u128::from(u32::from(address)), 32, 8, "in-addr.arpa"),
        IpAddr::V6(address) => (u128::from(address), 128, 4, "ip6.arpa"),
    };
    let kept = bits.div_ceil(digit) * digit;
    let network = value >> (width - bits).min(127) >> u32::from(bits == 0 && width == 128);
    let count = 1_u128 << (kept - bits);
    (0..count)
        .map(|k| {
            let prefix = (network << (kept - bits)) | k;
            let mut name = String::new();
            for place in 0..kept / digit {
                let part = (prefix >> (place * digit)) & ((1 << digit) - 1);
                // Writing into a string cannot fail.
                let _ = if digit == 8 { write!(name, "{part}.") } else { write!(name, "{part:x}.") };
            }
            zone(&(name + tree)).map_err(|error| error.to_string())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        address(text).unwrap().zones.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_address_loses_its_scheme_and_its_port() {
        for (text, zone, port, is_dns) in [
            ("example.org", "example.org", 53, true),
            ("Example.ORG.:1053", "example.org", 1053, true),
            ("dns://example.org", "example.org", 53, true),
            ("tls://example.org", "example.org", 853, false),
            ("tls://.:5553", ".", 5553, false),
            (".", ".", 53, true),
            (".:1053", ".", 1053, true),
        ] {
            let address = address(text).unwrap();
            assert_eq!(address.zones, [Name::parse(zone).unwrap()], "{text}");
            assert_eq!((address.port, address.is_dns), (port, is_dns), "{text}");
        }
    }

    #[test]
    fn a_network_becomes_its_reverse_zones() {
        for (text, zones) in [
            ("192.0.2.0/24", &["2.0.192.in-addr.arpa"][..]),
            ("10.0.0.0/8:1053", &["10.in-addr.arpa"]),
            ("0.0.0.0/0", &["in-addr.arpa"]),
            ("192.0.2.7/32", &["7.2.0.192.in-addr.arpa"]),
            ("10.128.0.0/15", &["128.10.in-addr.arpa", "129.10.in-addr.arpa"]),
            ("2001:db8::/32", &["8.b.d.0.1.0.0.2.ip6.arpa"]),
            ("2001:db8::/31", &["8.b.d.0.1.0.0.2.ip6.arpa", "9.b.d.0.1.0.0.2.ip6.arpa"]),
            ("fd00::/8:53", &["d.f.ip6.arpa"]),
            ("10.1.2.3/16", &["1.10.in-addr.arpa"]),
        ] {
            assert_eq!(names(text), zones, "{text}");
        }
        assert_eq!(names("192.0.2.0/25").len(), 128);
        assert_eq!(names("192.0.2.128/25").first().unwrap(), "128.2.0.192.in-addr.arpa");
        assert_eq!(names("2000::/0"), ["ip6.arpa"]);
    }

    #[test]
    fn what_is_no_zone_is_left_out_of_a_list() {
        let (found, left_out) = zones(&["example.org", "a..b", "10.0.0.0/8", "x:"]);
        assert_eq!(found.len(), 2);
        assert_eq!(left_out, ["a..b", "x:"]);
    }
}
