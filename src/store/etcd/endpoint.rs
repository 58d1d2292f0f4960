//! Endpoints as operators write them, in the one form that is used for connecting.
use crate::{failure::Failure, foreign_text::ForeignText};
use std::{fmt, net::Ipv6Addr};

/// etcd's port for clients.
const CLIENT_PORT: u16 = 2379;

/// Address at which one member listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub tls: bool,
    /// A name, an IPv4 address, or an IPv6 address without its brackets.
    pub host: String,
    pub port: u16,
}

impl Endpoint {
    /// Reads `host:port`, `[ip6]:port` or a URL of these. Without a scheme it is https when there are TLS files,
    /// as with etcdctl; without a port it is 2379.
    pub(super) fn parse(text: &str, tls_files: bool) -> Result<Self, Failure> {
        let bad = |reason: &str| Failure::BadSetting {
            setting: "--endpoints",
            value: ForeignText::from(text).to_string(),
            reason: reason.to_owned(),
        };
        let trimmed = text.trim();
        let (tls, rest) = match trimmed.split_once("://") {
            None => (tls_files, trimmed),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (true, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (false, rest),
            Some(_) => return Err(bad("the scheme has to be http or https")),
        };
        let rest = rest.trim_end_matches('/');
        if rest.is_empty() {
            return Err(bad("there is no host in it"));
        }
        if rest.contains(['/', '?', '#']) {
            return Err(bad("an endpoint has no path"));
        }
        if rest.contains('@') {
            return Err(bad("a user is given with --user, a password with ETCDCTL_PASSWORD"));
        }
        let (host, port) = if let Some(rest) = rest.strip_prefix('[') {
            let (host, port) = rest.split_once(']').ok_or_else(|| bad("the bracket is not closed"))?;
            host.parse::<Ipv6Addr>().map_err(|_| bad("no IPv6 address is in the brackets"))?;
            let port = match port {
                "" => None,
                port => Some(port.strip_prefix(':').ok_or_else(|| bad("a colon has to follow the bracket"))?),
            };
            (host, port)
        } else if rest.matches(':').count() > 1 {
            return Err(bad("an IPv6 address has to stand in brackets: [::1]:2379"));
        } else {
            match rest.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (rest, None),
            }
        };
        let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
        if host.is_empty() || !host.chars().all(named) {
            return Err(bad("its host is neither a name nor an address"));
        }
        let port = match port {
            None => CLIENT_PORT,
            Some(port) if port.bytes().all(|digit| digit.is_ascii_digit()) => {
                port.parse().ok().filter(|port| *port != 0).ok_or_else(|| bad("a port is 1 to 65535"))?
            }
            Some(_) => return Err(bad("a port is 1 to 65535")),
        };
        Ok(Self { tls, host: host.to_owned(), port })
    }
}

/// Writes it as a URL: `https://[::1]:2379`.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{scheme}://{open}{}{close}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_taken_as_etcdctl_takes_them() {
        for (written, tls_files, url) in [
            ("127.0.0.1:2379", false, "http://127.0.0.1:2379"),
            ("127.0.0.1:2379", true, "https://127.0.0.1:2379"),
            ("http://127.0.0.1:2379", true, "http://127.0.0.1:2379"),
            ("HTTPS://etcd-0.etcd:2379/", false, "https://etcd-0.etcd:2379"),
            (" master ", true, "https://master:2379"),
            ("[::1]:2379", false, "http://[::1]:2379"),
            ("https://[fe80::1]", false, "https://[fe80::1]:2379"),
        ] {
            assert_eq!(Endpoint::parse(written, tls_files).unwrap().to_string(), url, "{written}");
        }
    }

    #[test]
    fn nonsense_is_no_endpoint() {
        for written in [
            "",
            " ",
            "http://",
            "https:///",
            "unix:///run/etcd.sock",
            "ftp://a:1",
            "::1:2379",
            "[::1:2379",
            "[::1]2379",
            "[localhost]:1",
            "a:0",
            "a:65536",
            "a:+1",
            "a:",
            "a:b",
            "a/v3",
            "root:secret@a:2379",
            "a,b",
            "a b:1",
            ":2379",
            "\u{1b}[2J",
        ] {
            let refused = Endpoint::parse(written, false).unwrap_err();
            assert!(matches!(refused, Failure::BadSetting { setting: "--endpoints", .. }), "{written:?}");
            assert!(!refused.to_string().contains('\u{1b}'));
        }
    }
}
