use super::{ValueError, json, value};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A value as `CoreDNS` uses it (plugin/etcd/msg/service.go). A field that is absent or `null` is `None` or empty; the
/// methods return the default that `CoreDNS` takes for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    pub host: String,
    pub text: String,
    /// Case matters.
    pub group: String,
    pub port: Option<i64>,
    pub priority: Option<i64>,
    pub weight: Option<i64>,
    /// In seconds.
    pub ttl: Option<u32>,
    /// Number of labels that are cut from the left of a target.
    pub target_strip: Option<i64>,
    pub mail: bool,
}

/// Class of a value, by its host and text (plugin/etcd/msg/type.go). Every answer depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// An address; a text beside it is never served. An IPv4 address in an IPv6 one is an IPv4 address.
    V4(Ipv4Addr),
    V6(Ipv6Addr),
    /// A name without a text: an alias, or a target.
    Alias,
    /// A text, with or without a name beside it: no alias any more.
    Text,
    /// Neither a host nor a text.
    Nothing,
}

/// The TTL of a record without one, in seconds (plugin/etcd/etcd.go).
pub const DEFAULT_TTL: u32 = 300;
/// The priority of a record without one, or with 0.
pub const DEFAULT_PRIORITY: i64 = 10;
/// The weight of a record without one, or with 0.
pub const DEFAULT_WEIGHT: i64 = 100;

impl Service {
    /// Decodes a stored value by the rules of Go's `encoding/json`: names without regard to case, the last of
    /// several wins, `null` changes nothing, and one field of a wrong type spoils the whole value.
    ///
    /// # Errors
    /// [`ValueError`] for a value that makes `CoreDNS` answer SERVFAIL: the error of the JSON first, else the first
    /// field of a wrong type.
    pub fn decode(bytes: &[u8]) -> Result<Self, ValueError> {
        let mut service = Self::default();
        let mut wrong = None;
        value::members(bytes, |member| {
            let error = service.take(&json::unquote(member.name), member.value).err();
            wrong = wrong.take().or(error);
        })?;
        wrong.map_or(Ok(service), Err)
    }

    fn take(&mut self, name: &str, raw: &[u8]) -> Result<(), ValueError> {
        const WHOLE: &str = "a whole number";
        let Some(field) = FIELDS.iter().find(|field| value::folds_to(name, field)) else { return Ok(()) };
        if raw == b"null" {
            return Ok(());
        }
        let number = || -> Option<i64> { std::str::from_utf8(raw).ok()?.parse().ok() };
        let text = || raw.starts_with(b"\"").then(|| json::unquote(raw).into_owned());
        let wanted = match *field {
            "host" => text().map(|text| self.host = text).ok_or("a string"),
            "text" => text().map(|text| self.text = text).ok_or("a string"),
            "group" => text().map(|text| self.group = text).ok_or("a string"),
            "port" => number().map(|number| self.port = Some(number)).ok_or(WHOLE),
            "priority" => number().map(|number| self.priority = Some(number)).ok_or(WHOLE),
            "weight" => number().map(|number| self.weight = Some(number)).ok_or(WHOLE),
            "targetstrip" => number().map(|number| self.target_strip = Some(number)).ok_or(WHOLE),
            // Go takes no sign for a number that cannot have one, not even in -0.
            "ttl" => number()
                .filter(|_| !raw.starts_with(b"-"))
                .and_then(|number| u32::try_from(number).ok())
                .map(|number| self.ttl = Some(number))
                .ok_or("a whole number from 0 to 4294967295"),
            _ => match raw {
                b"true" | b"false" => {
                    self.mail = raw == b"true";
                    Ok(())
                }
                _ => Err("true or false"),
            },
        };
        wanted.map_err(|wanted| ValueError::WrongType { field, found: shortened(raw), wanted })
    }

    /// Returns the class of the value.
    #[must_use]
    pub fn class(&self) -> Class {
        match address(&self.host) {
            Some(IpAddr::V4(v4)) => Class::V4(v4),
            Some(IpAddr::V6(v6)) => Class::V6(v6),
            None if !self.text.is_empty() => Class::Text,
            None if !self.host.is_empty() => Class::Alias,
            None => Class::Nothing,
        }
    }

    /// Returns the priority: 10 when there is none, or 0.
    #[must_use]
    pub fn effective_priority(&self) -> i64 {
        self.priority.filter(|priority| *priority != 0).unwrap_or(DEFAULT_PRIORITY)
    }

    /// Returns the weight: 100 when there is none, or 0.
    #[must_use]
    pub fn effective_weight(&self) -> i64 {
        self.weight.filter(|weight| *weight != 0).unwrap_or(DEFAULT_WEIGHT)
    }
}

/// Every field that `CoreDNS` knows.
pub(super) const FIELDS: [&str; 9] =
    ["host", "port", "priority", "weight", "text", "mail", "ttl", "targetstrip", "group"];

/// Parses an address as Go's `net.ParseIP` does: no zone, no leading zeros, nothing around it; `::ffff:a.b.c.d` is an
/// IPv4 address.
#[must_use]
pub fn address(host: &str) -> Option<IpAddr> {
    match host.parse().ok()? {
        IpAddr::V6(v6) => Some(v6.to_ipv4_mapped().map_or(IpAddr::V6(v6), IpAddr::V4)),
        v4 @ IpAddr::V4(_) => Some(v4),
    }
}

/// Returns the start of a JSON text, for a message.
fn shortened(raw: &[u8]) -> String {
    const SHOWN: usize = 60;
    let text = json::lossy(raw);
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(json: &str) -> Service {
        Service::decode(json.as_bytes()).unwrap_or_else(|error| panic!("{json}: {error}"))
    }

    #[test]
    fn every_field_is_read() {
        let json = r#"{"host":"a","port":-1,"priority":70000,"weight":-9223372036854775808,"text":"t","mail":true,"ttl":4294967295,"targetstrip":2,"group":"G"}"#;
        let expected = Service {
            host: "a".into(),
            text: "t".into(),
            group: "G".into(),
            port: Some(-1),
            priority: Some(70_000),
            weight: Some(i64::MIN),
            ttl: Some(u32::MAX),
            target_strip: Some(2),
            mail: true,
        };
        assert_eq!(decode(json), expected);
        for nothing in ["null", "{}", r#"{"hosts":"a","host ":5,"key":[],"owner":"x"}"#, r#"{"host":null}"#] {
            assert_eq!(decode(nothing), Service::default(), "{nothing}");
        }
    }

    #[test]
    fn the_last_spelling_of_a_field_wins_and_null_changes_nothing() {
        for (json, host) in [
            (r#"{"host":"a","HOST":"b","hoſt":"c"}"#, "c"),
            (r#"{"hoſt":"a","host":"b"}"#, "b"),
            (r#"{"host":"a","host":"b"}"#, "b"),
            (r#"{"h\u006fst":"e"}"#, "e"),
            (r#"{"host":"a","HOST":null}"#, "a"),
            (r#"{"host":"a","HOST":""}"#, ""),
        ] {
            assert_eq!(decode(json).host, host, "{json}");
        }
    }

    #[test]
    fn strings_hold_what_go_makes_of_them() {
        for (json, host) in [
            (&b"{\"host\":\"a\xe2\x82b\"}"[..], "a\u{fffd}\u{fffd}b"),
            (br#"{"host":"\ud83d\u0041"}"#, "\u{fffd}A"),
            (br#"{"host":"\ud83d\ud83d\ude00"}"#, "\u{fffd}😀"),
            (br#"{"host":"\ude00\ud83d"}"#, "\u{fffd}\u{fffd}"),
            (br#"{"host":"\ud83d\ude00\u0000\b\f\n\r\t\/\\\""}"#, "😀\0\u{8}\u{c}\n\r\t/\\\""),
            (br#"{"host":"\ud83dx"}"#, "\u{fffd}x"),
        ] {
            assert_eq!(Service::decode(json).unwrap().host, host);
        }
    }

    #[test]
    fn one_field_of_a_wrong_type_spoils_the_value() {
        for (json, reason) in [
            (r#"{"port":"80"}"#, r#"port is "80", and must be a whole number"#),
            (r#"{"port":80.0}"#, "port is 80.0, and must be a whole number"),
            (r#"{"port":8e1}"#, "port is 8e1, and must be a whole number"),
            (r#"{"port":9223372036854775808}"#, "port is 9223372036854775808, and must be a whole number"),
            (r#"{"ttl":-1}"#, "ttl is -1, and must be a whole number from 0 to 4294967295"),
            (r#"{"ttl":-0}"#, "ttl is -0, and must be a whole number from 0 to 4294967295"),
            (r#"{"ttl":4294967296}"#, "ttl is 4294967296, and must be a whole number from 0 to 4294967295"),
            (r#"{"mail":"true"}"#, r#"mail is "true", and must be true or false"#),
            (r#"{"mail":1}"#, "mail is 1, and must be true or false"),
            (r#"{"text":5}"#, "text is 5, and must be a string"),
            (r#"{"host":["a","b"]}"#, r#"host is ["a","b"], and must be a string"#),
            (r#"{"Port":"80","port":80}"#, r#"port is "80", and must be a whole number"#),
            (r#"{"host":5,"port":"80"}"#, "host is 5, and must be a string"),
        ] {
            assert_eq!(Service::decode(json.as_bytes()).unwrap_err().to_string(), reason, "{json}");
        }
        assert_eq!(decode(r#"{"port":-0}"#).port, Some(0));
        let broken = br#"{"port":"80""#;
        assert!(matches!(Service::decode(broken), Err(ValueError::NotJson { .. })), "syntax comes first");
    }

    #[test]
    fn a_host_is_an_address_only_as_go_reads_it() {
        let class = |host: &str, text: &str| {
            Service { host: host.into(), text: text.into(), ..Service::default() }.class()
        };
        for host in ["10.0.0.1", "::ffff:10.0.0.1", "::ffff:a00:1", "0:0:0:0:0:FFFF:10.0.0.1"] {
            assert_eq!(class(host, "any"), Class::V4(Ipv4Addr::new(10, 0, 0, 1)), "{host}");
        }
        for host in ["::", "::1.2.3.4", "1:2:3:4:5:6:7::", "1:2:3:4:5:6:1.2.3.4", "2001:DB8::0001"] {
            assert!(matches!(class(host, ""), Class::V6(_)), "{host}");
        }
        for host in [
            "10.0.0.1 ",
            " 10.0.0.1",
            "10.0.0.1\n",
            "10.0.0.0/24",
            "10.0.0.1:80",
            "[::1]",
            "fe80::1%eth0",
            "10.0.0.1%eth0",
            "127.1",
            "0x7f000001",
            "192.0.2.01",
            "::ffff:10.0.0.01",
            "10.0.0.1.",
            "10.0.0.1,10.0.0.2",
            "256.0.0.1",
            "::1:2:3:4:5:6:7:8",
            "00001::",
            "1::2::3",
            "1:2:3:4:5:6:7:1.2.3.4",
            "gcr.io",
        ] {
            assert_eq!(class(host, ""), Class::Alias, "{host:?}");
            assert_eq!(class(host, "t"), Class::Text, "{host:?}");
        }
        assert_eq!(class("", "t"), Class::Text);
        assert_eq!(class("", ""), Class::Nothing);
    }
}
