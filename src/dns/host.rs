//! Hosts that are no address: nearly an address, a name, or no host at all. A form refuses by these rules what lint
//! would find.

use super::{Name, address};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Words that programs write where they have no value.
const NO_VALUE: [&str; 12] = [
    "none",
    "null",
    "nil",
    "undefined",
    "nan",
    "unknown",
    "pending",
    "todo",
    "tbd",
    "changeme",
    "empty",
    "n/a",
];

/// An address or a name, with the port behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HostParts<'h> {
    pub(super) host: &'h str,
    pub(super) port: Option<u16>,
}

/// Tells whether a host was meant as an address: digits and dots, or colons, perhaps with other characters around them.
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

/// Returns the address if only one can be meant; `None` for a network or a list.
pub(super) fn meant_address(host: &str) -> Option<HostParts<'_>> {
    let host = host.trim();
    let bare = match host.split_once('/') {
        // `192.0.2.0/24` is the network; `192.0.2.7/24` is a host with the width of its network.
        Some((bare, width)) => is_host_of_a_network(bare, width.parse().ok()?).then_some(bare)?,
        None => host,
    };
    let port = |text: &str| text.parse::<u16>().ok();
    let inside = bare.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let (bare, port) = match inside {
        Some((inside, "")) => (inside, None),
        Some((inside, behind)) => (inside, Some(port(behind.strip_prefix(':')?)?)),
        None => match bare.split_once(':') {
            Some((v4, behind)) if !behind.contains(':') => (v4, Some(port(behind)?)),
            _ => (bare, None),
        },
    };
    // An interface has no meaning on other machines.
    let bare = bare.split_once('%').map_or(bare, |(bare, _)| bare);
    let bare = bare.strip_suffix('.').unwrap_or(bare);
    address(bare).map(|_| HostParts { host: bare, port })
}

fn is_host_of_a_network(bare: &str, width: u32) -> bool {
    match bare.parse() {
        // A single host may be written as the network that holds nothing else.
        Ok(IpAddr::V4(v4)) => {
            width == Ipv4Addr::BITS || width < 32 && v4.to_bits().trailing_zeros() < Ipv4Addr::BITS - width
        }
        Ok(IpAddr::V6(v6)) => {
            width == Ipv6Addr::BITS || width < 128 && v6.to_bits().trailing_zeros() < Ipv6Addr::BITS - width
        }
        Err(_) => false,
    }
}

/// Returns the addresses of a list; `None` for a list of fewer than two.
pub(super) fn meant_addresses(list: &str) -> Option<Vec<&str>> {
    let parts = list.split([',', ';', ' ', '\t', '\n']).map(str::trim).filter(|part| !part.is_empty());
    let mut addresses: Vec<&str> = vec![];
    for part in parts {
        let HostParts { host, port: None } = meant_address(part)? else { return None };
        if !addresses.contains(&host) {
            addresses.push(host);
        }
    }
    (addresses.len() > 1).then_some(addresses)
}

/// Returns the reason why a host that is no address cannot be a host name either.
pub(super) fn no_host(host: &str) -> Option<&'static str> {
    let bare = host.trim_end_matches('.');
    let is_word = |word: &str| bare.eq_ignore_ascii_case(word);
    if bare.contains("://") {
        Some("it is a URL, and a host is a name or an address alone")
    } else if bare.contains(['$', '{', '}', '<', '>']) {
        Some("it is a placeholder that nothing has filled in")
    } else if NO_VALUE.iter().any(|word| is_word(word)) {
        Some("it is a word for no value")
    } else if port_behind(bare).is_some() {
        Some("it has a port, which is a field of its own")
    } else if bare.contains(',') || bare.trim().contains(char::is_whitespace) && !bare.contains('\\') {
        Some("it is a list, and each host is a record of its own")
    } else if !bare.is_ascii() {
        Some("it is not ASCII (internationalised names are written in their xn-- form)")
    } else {
        None
    }
}

/// Returns a host's name and the port behind it.
pub(super) fn port_behind(host: &str) -> Option<HostParts<'_>> {
    let (name, port) = host.rsplit_once(':')?;
    let port = port.parse().ok()?;
    let is_name = Name::parse(name).is_ok() && no_host(name).is_none();
    is_name.then_some(HostParts { host: name, port: Some(port) })
}

/// Returns the host of a URL, and its port if it names one.
pub(super) fn host_of_url(url: &str) -> Option<HostParts<'_>> {
    let (_, rest) = url.trim().split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return None;
    }
    meant_address(authority).or_else(|| port_behind(authority)).or_else(|| {
        let is_name = Name::parse(authority).is_ok() && no_host(authority).is_none();
        is_name.then_some(HostParts { host: authority, port: None })
    })
}

/// Returns the xn-- form of an internationalised name (RFC 5890, by the mapping of UTS 46); `None` where there is none,
/// or nothing to change.
pub(super) fn punycode(name: &str) -> Option<String> {
    if name.is_ascii() {
        return None;
    }
    let ascii = idna::domain_to_ascii(name).ok()?;
    Name::parse(&ascii).is_ok().then_some(ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_almost_an_address_is_told_from_a_name() {
        for (host, meant) in [
            ("192.0.2.1 ", Some(("192.0.2.1", None))),
            (" 192.0.2.1\n", Some(("192.0.2.1", None))),
            ("192.0.2.1/32", Some(("192.0.2.1", None))),
            ("192.0.2.7/24", Some(("192.0.2.7", None))),
            ("192.0.2.0/24", None),
            ("192.0.2.1:80", Some(("192.0.2.1", Some(80)))),
            ("[2001:db8::1]", Some(("2001:db8::1", None))),
            ("[2001:db8::1]:53", Some(("2001:db8::1", Some(53)))),
            ("fe80::1%eth0", Some(("fe80::1", None))),
            ("192.0.2.1.", Some(("192.0.2.1", None))),
            ("2001:db8::1/128", Some(("2001:db8::1", None))),
            ("2001:db8::1/64", Some(("2001:db8::1", None))),
            ("2001:db8::/64", None),
            ("2001:db8::1/129", None),
            ("192.0.2.01", None),
            ("127.1", None),
            ("0x7f000001", None),
            ("192.0.2.1,192.0.2.2", None),
            ("256.0.0.1", None),
            ("::1::2", None),
        ] {
            assert!(is_almost_an_address(host), "{host:?}");
            assert_eq!(meant_address(host).map(|meant| (meant.host, meant.port)), meant, "{host:?}");
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
    fn a_list_of_addresses_is_told_from_one() {
        assert_eq!(meant_addresses("10.0.0.1,10.0.0.2"), Some(vec!["10.0.0.1", "10.0.0.2"]));
        assert_eq!(meant_addresses("10.0.0.1; ::1/128  10.0.0.1"), Some(vec!["10.0.0.1", "::1"]));
        for none in ["10.0.0.1", "10.0.0.1,", "10.0.0.1,a.b", "10.0.0.1:80,10.0.0.2:80", ""] {
            assert_eq!(meant_addresses(none), None, "{none:?}");
        }
    }

    #[test]
    fn what_can_be_no_host_is_told_with_the_reason() {
        for (host, why) in [
            ("${COREOS_PRIVATE_IPV4}", "placeholder"),
            ("{{ .Node.IP }}", "placeholder"),
            ("<pending>", "placeholder"),
            ("$IP", "placeholder"),
            ("None", "no value"),
            ("null.", "no value"),
            ("N/A", "no value"),
            ("http://10.0.0.1:8080", "URL"),
            ("lb.example.com:443", "port"),
            ("a.example.com,b.example.com", "list"),
            ("a.example.com b.example.com", "list"),
            ("b\u{fc}cher.example", "xn--"),
        ] {
            let found = no_host(host).unwrap_or_else(|| panic!("{host}"));
            assert!(found.contains(why), "{host}: {found}");
        }
        for host in [
            "lb.example.com",
            "localhost",
            "a_b.example",
            "none.example.com",
            "*.example.com",
            r"a\ b.c",
            "x.",
        ] {
            assert_eq!(no_host(host), None, "{host}");
        }
    }

    #[test]
    fn the_host_of_a_url_is_found_with_its_port() {
        for (url, host, port) in [
            ("http://10.0.0.1:8080", "10.0.0.1", Some(8080)),
            ("https://lb.example.com/path?x", "lb.example.com", None),
            ("https://lb.example.com:8443/", "lb.example.com", Some(8443)),
            ("tcp://[2001:db8::1]:53", "2001:db8::1", Some(53)),
        ] {
            assert_eq!(host_of_url(url), Some(HostParts { host, port }), "{url}");
        }
        for none in ["http://", "http://${IP}:80", "http://user@host/", "lb.example.com"] {
            assert_eq!(host_of_url(none), None, "{none}");
        }
    }

    #[test]
    fn an_internationalised_name_has_one_form_in_ascii() {
        assert_eq!(punycode("b\u{fc}cher.example").as_deref(), Some("xn--bcher-kva.example"));
        assert_eq!(
            punycode("BU\u{308}CHER.example").as_deref(),
            Some("xn--bcher-kva.example"),
            "decomposed, in capitals"
        );
        assert_eq!(punycode("example.org"), None);
    }
}
