use super::{ConfigError, SettingSource};
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

/// Server that is asked with plain DNS. It is an address and not a name: a tool that repairs DNS must not need DNS to
/// find its server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DnsServer(pub SocketAddr);

impl FromStr for DnsServer {
    type Err = String;

    /// Takes `10.0.0.10`, `10.0.0.10:1053`, `::1`, `[::1]:1053`.
    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(address) = text.parse::<SocketAddr>() {
            return if address.port() == 0 { Err("its port is 0".to_owned()) } else { Ok(Self(address)) };
        }
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        bare.parse::<IpAddr>().map(|address| Self(SocketAddr::new(address, 53))).map_err(|_| {
            "a server is an address with or without a port: 10.0.0.10, 10.0.0.10:1053, [::1]:53".to_owned()
        })
    }
}

impl fmt::Display for DnsServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

pub(super) fn parse_list(list: &[String], from: &SettingSource) -> Result<Vec<DnsServer>, ConfigError> {
    list.iter()
        .map(|text| {
            text.parse().map_err(|reason| ConfigError::BadValue {
                what: "the DNS server",
                text: text.clone(),
                from: from.clone(),
                reason,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_an_address_with_port_53_unless_another_is_given() {
        for (text, wanted) in [
            ("10.0.0.10", "10.0.0.10:53"),
            ("10.0.0.10:1053", "10.0.0.10:1053"),
            ("::1", "[::1]:53"),
            ("[::1]", "[::1]:53"),
            ("[::1]:5353", "[::1]:5353"),
        ] {
            assert_eq!(text.parse::<DnsServer>().unwrap().to_string(), wanted);
        }
        for text in ["", "ns1.example.org", "10.0.0.1:0", "10.0.0.1:x", "10.0.0.256", "1.2.3"] {
            assert!(text.parse::<DnsServer>().is_err(), "{text:?} was accepted");
        }
    }
}
