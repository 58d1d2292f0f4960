use super::{Class, Name, Service, ValueError};
use crate::keys::{Scope, ScopedKey};
use std::fmt;

/// What a value is shown and edited as. A key in etcd has no type of its own: `CoreDNS` projects one value into
/// several types, whichever is asked for. This is the one that its author will have meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordType {
    A,
    Aaaa,
    Cname,
    Srv,
    Mx,
    Txt,
    Ptr,
    Ns,
    /// Not a value that `CoreDNS` can use, or one that says nothing.
    Opaque,
}

/// One key's value, understood as far as it can be.
#[derive(Clone, Debug)]
pub struct Record {
    pub kind: RecordType,
    /// The record lies in a zone's `dns/apex`, and answers for the zone's own name.
    pub apex: bool,
    /// The TTL in the value in seconds; `CoreDNS` takes 0 and an absent one for 300.
    pub ttl: Option<u32>,
    /// The rdata as a zone file would have it, or why there is none. May hold anything: show it escaped.
    pub data: String,
}

impl RecordType {
    /// Every type that can be made, in the order in which forms offer them.
    pub const ALL: [Self; 8] =
        [Self::A, Self::Aaaa, Self::Cname, Self::Srv, Self::Mx, Self::Txt, Self::Ptr, Self::Ns];

    /// The type's mnemonic (RFC 1035, section 3.2.2), or `opaque`.
    #[must_use]
    pub fn mnemonic(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Cname => "CNAME",
            Self::Srv => "SRV",
            Self::Mx => "MX",
            Self::Txt => "TXT",
            Self::Ptr => "PTR",
            Self::Ns => "NS",
            Self::Opaque => "opaque",
        }
    }

    /// The type of a mnemonic, in any case.
    #[must_use]
    pub fn of_mnemonic(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.mnemonic().eq_ignore_ascii_case(text))
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.mnemonic())
    }
}

impl Record {
    /// Reads the value of `key`.
    #[must_use]
    pub fn read(scope: &Scope, key: &ScopedKey, value: &[u8]) -> Self {
        Self::check(scope, key, value).unwrap_or_else(|error| {
            let apex = Name::of_key(scope, key).is_special(b"apex");
            Self { kind: RecordType::Opaque, apex, ttl: None, data: error.to_string() }
        })
    }

    /// Reads the value of `key` where these zones are served, as far as they are named: `dns/ns` holds the name servers of
    /// a zone, and is an ordinary name below any other.
    #[must_use]
    pub fn read_among(zones: &[Name], scope: &Scope, key: &ScopedKey, value: &[u8]) -> Self {
        let read = Self::read(scope, key, value);
        if read.kind != RecordType::Ns || zones.is_empty() {
            return read;
        }
        let name = Name::of_key(scope, key);
        if zones.iter().any(|zone| name.is_name_server_of(zone)) {
            return read;
        }
        let kind = match Service::decode(value).map(|service| service.class()) {
            Ok(Class::V4(_)) => RecordType::A,
            Ok(Class::V6(_)) => RecordType::Aaaa,
            Ok(Class::Alias) => RecordType::Cname,
            Ok(Class::Text | Class::Nothing) | Err(_) => read.kind,
        };
        Self { kind, ..read }
    }

    /// Reads the value of `key` as `CoreDNS` would have to.
    ///
    /// # Errors
    /// [`ValueError`] for a value with which `CoreDNS` answers SERVFAIL.
    pub fn check(scope: &Scope, key: &ScopedKey, value: &[u8]) -> Result<Self, ValueError> {
        let name = Name::of_key(scope, key);
        let (kind, ttl, data) = Self::understand(&name, value)?;
        Ok(Self { kind, apex: name.is_special(b"apex"), ttl, data })
    }

    fn understand(name: &Name, bytes: &[u8]) -> Result<(RecordType, Option<u32>, String), ValueError> {
        let service = Service::decode(bytes)?;
        let (class, host) = (service.class(), service.host.clone());
        let priority = service.effective_priority();
        let (kind, data) = if name.is_special(b"ns") && !host.is_empty() {
            (RecordType::Ns, host)
        } else if service.mail && !host.is_empty() {
            (RecordType::Mx, format!("{priority} {host}"))
        } else if let Some(port) = service.port.filter(|_| !host.is_empty()) {
            (RecordType::Srv, format!("{priority} {} {port} {host}", service.effective_weight()))
        } else {
            match class {
                Class::V4(_) => (RecordType::A, host),
                Class::V6(_) => (RecordType::Aaaa, host),
                Class::Text => (RecordType::Txt, format!("{:?}", service.text)),
                Class::Nothing => (RecordType::Opaque, "no host and no text".to_owned()),
                Class::Alias if name.is_reverse() => (RecordType::Ptr, host),
                Class::Alias => (RecordType::Cname, host),
            }
        };
        let ttl = service.ttl;
        Ok((kind, ttl, data))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(key: &str, value: &str) -> (RecordType, String) {
        let scope = Scope::parse("/coredns").unwrap();
        let record = Record::read(&scope, &scope.key(key.as_bytes()).unwrap(), value.as_bytes());
        (record.kind, record.data)
    }

    #[test]
    fn a_name_server_is_one_of_a_zone_and_anything_else_an_ordinary_name() {
        let scope = Scope::parse("/coredns").unwrap();
        let kind = |key: &str, value: &str, zones: &[&str]| {
            let zones: Vec<Name> = zones.iter().map(|zone| Name::parse(zone).unwrap()).collect();
            Record::read_among(&zones, &scope, &scope.key(key.as_bytes()).unwrap(), value.as_bytes()).kind
        };
        let (key, address) = ("/coredns/org/example/sub/dns/ns/a/x1", r#"{"host":"192.0.2.1"}"#);
        assert_eq!(kind(key, address, &["example.org"]), RecordType::A);
        assert_eq!(kind(key, r#"{"host":"ns.test"}"#, &["example.org"]), RecordType::Cname);
        assert_eq!(kind(key, address, &["example.org", "sub.example.org"]), RecordType::Ns);
        assert_eq!(kind(key, address, &[]), RecordType::Ns, "nobody has named a zone");
    }

    #[test]
    fn each_value_is_shown_as_its_author_meant_it() {
        use RecordType::*;
        for (key, value, kind, data) in [
            ("/coredns/io/gcr/x1", r#"{"host":"172.25.52.217","ttl":60}"#, A, "172.25.52.217"),
            ("/coredns/io/gcr/x1", r#"{"host":"::ffff:10.0.0.1"}"#, A, "::ffff:10.0.0.1"),
            ("/coredns/io/gcr/x1", r#"{"host":"2001:db8::1"}"#, Aaaa, "2001:db8::1"),
            ("/coredns/io/www", r#"{"host":"gcr.io"}"#, Cname, "gcr.io"),
            ("/coredns/io/www", r#"{"host":"10.0.0.1 "}"#, Cname, "10.0.0.1 "),
            ("/coredns/io/_tcp/x", r#"{"host":"a.io","port":80}"#, Srv, "10 100 80 a.io"),
            ("/coredns/io/mx1", r#"{"host":"a.io","mail":true,"priority":5}"#, Mx, "5 a.io"),
            ("/coredns/io/t", r#"{"text":"v=spf1 -all"}"#, Txt, "\"v=spf1 -all\""),
            ("/coredns/arpa/in-addr/10/0/0/1", r#"{"host":"a.io"}"#, Ptr, "a.io"),
            ("/coredns/io/dns/ns/a", r#"{"host":"10.0.0.2"}"#, Ns, "10.0.0.2"),
            ("/coredns/io/x", "{}", Opaque, "no host and no text"),
            ("/coredns/io/x", "", Opaque, "the value is empty"),
            (
                "/coredns/io/x",
                r#"{"host":"a","port":"80"}"#,
                Opaque,
                "port is \"80\", and must be a whole number",
            ),
        ] {
            assert_eq!(read(key, value), (kind, data.to_owned()), "{key} {value}");
        }
    }
}
