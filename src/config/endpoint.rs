//! Endpoints in etcdctl's form: a list with commas, with or without a scheme.
use super::{ConfigError, SettingSource};

/// The endpoint if nobody names one.
pub(super) const DEFAULT: &str = "127.0.0.1:2379";

const UNIX: &str = "this program speaks to etcd over TCP alone. Name another address that etcd listens at, or lead this \
                    socket to a port: socat TCP-LISTEN:12379,bind=127.0.0.1,fork UNIX-CONNECT:FILE, and then --endpoints \
                    http://127.0.0.1:12379 (https for unixs)";

/// Returns the endpoints of a list from this source.
pub(super) fn parsed(text: &str, from: &SettingSource, tls: bool) -> Result<Vec<String>, ConfigError> {
    parse_list(text, tls).map_err(|(text, reason)| ConfigError::BadValue {
        what: "the endpoint",
        text,
        from: from.clone(),
        reason,
    })
}

/// Returns the endpoints of a list, each with a scheme: its own, or https if TLS files are given, or http.
///
/// # Errors
/// The first word that is no endpoint, and the reason. An endpoint with a login in it is not repeated.
fn parse_list(text: &str, tls: bool) -> Result<Vec<String>, (String, String)> {
    // No refusal shows a text with a login in it, and a password may hold any sign, so this goes before all others.
    if text.contains('@') {
        return Err((String::from("…@…"), "a login does not belong into an endpoint".to_owned()));
    }
    let endpoints: Vec<String> = text
        .split(',')
        .map(str::trim)
        .filter(|endpoint| !endpoint.is_empty())
        .map(|endpoint| parse(endpoint, tls))
        .collect::<Result<_, _>>()?;
    if endpoints.is_empty() {
        return Err((text.to_owned(), "it names no endpoint".to_owned()));
    }
    Ok(endpoints)
}

fn parse(text: &str, tls: bool) -> Result<String, (String, String)> {
    let wrong = |reason: &str| Err((text.to_owned(), reason.to_owned()));
    if text.contains(';') {
        return wrong("endpoints are separated by commas");
    }
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("unix:") || lower.starts_with("unixs:") {
        return wrong(UNIX);
    }
    let (scheme, authority) = match text.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => (if tls { "https" } else { "http" }.to_owned(), text),
    };
    if scheme != "http" && scheme != "https" {
        return wrong("an endpoint begins with http:// or https://");
    }
    let authority = authority.strip_suffix('/').unwrap_or(authority);
    if authority.contains(['/', '?', '#', '\\'])
        || authority.chars().any(|c| c.is_whitespace() || c.is_control())
    {
        return wrong("an endpoint is a scheme, a host and a port, and nothing else");
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !host.ends_with(':') && (host.starts_with('[') || !host.contains(':')) => {
            (host, port)
        }
        _ if authority.starts_with('[') && authority.ends_with(']') => (authority, "2379"),
        Some(_) if authority.contains("::") || authority.matches(':').count() > 2 => {
            return wrong("an IPv6 address is written in brackets: [::1]:2379");
        }
        Some(_) => return wrong("it has two colons: an endpoint is a host and one port, as 10.0.0.1:2379"),
        None => (authority, "2379"),
    };
    if host.is_empty() || host == "[]" {
        return wrong("it has no host");
    }
    if port.parse::<u16>().is_ok_and(|port| port > 0) {
        Ok(format!("{scheme}://{host}:{port}"))
    } else {
        wrong("its port is not a number from 1 to 65535")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_without_a_scheme_gets_the_one_that_fits_the_files() {
        let list = |text, tls| parse_list(text, tls).unwrap();
        assert_eq!(list("10.0.0.1:2379, 10.0.0.2", false), ["http://10.0.0.1:2379", "http://10.0.0.2:2379"]);
        assert_eq!(list("a:1,https://b:2/,", true), ["https://a:1", "https://b:2"]);
        assert_eq!(list("http://a:1", true), ["http://a:1"]);
        assert_eq!(list("[::1]:2379,[::1]", false), ["http://[::1]:2379", "http://[::1]:2379"]);
    }

    #[test]
    fn what_is_no_endpoint_is_refused() {
        for text in [
            "",
            ",",
            "unix:///x",
            "unixs://x:1",
            "a:0",
            "a:x",
            "http://",
            "::1",
            "::1:2379",
            "a b:1",
            "a:1/v3",
            "[]:1",
            "a:",
        ] {
            assert!(parse_list(text, false).is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn the_reason_names_what_was_probably_meant() {
        for (text, reason) in [
            ("10.0.0.1:2379;10.0.0.2:2379", "separated by commas"),
            ("unix:/x", "socat"),
            ("UNIX:///x", "socat"),
            ("::1:2379", "IPv6"),
            ("fe80::1", "IPv6"),
            ("ipv4:10.0.0.1:2379", "two colons"),
            ("10.0.0.1:2379:2380", "two colons"),
        ] {
            let (_, told) = parse_list(text, false).unwrap_err();
            assert!(told.contains(reason), "{text}: {told}");
        }
    }

    #[test]
    fn a_login_in_an_endpoint_is_not_repeated() {
        for text in [
            "https://root:secret@a:1",
            "https://root:secret;x@a:1",
            "https://root:secret,x@a:1",
            "root:secret@a:1;root:secret@b:1",
            "unix://root:secret@a",
            "ftp://root:secret@a:1",
        ] {
            let (shown, reason) = parse_list(text, true).unwrap_err();
            assert!(!shown.contains("secret") && !reason.contains("secret"), "{text}");
        }
    }
}
