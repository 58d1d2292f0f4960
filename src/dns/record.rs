use super::{Class, Name, Service, ValueError, is_pointer};
use crate::keys::{Scope, ScopedKey};
use std::fmt;

/// The type that a value is shown and edited as. A key in etcd has no type of its own: `CoreDNS` makes records of
/// several types from one value, depending on the question. This is the type that its author most likely meant.
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
    /// A value that `CoreDNS` cannot use, or one that says nothing.
    Opaque,
}

/// The value of one key, understood as far as possible.
#[derive(Clone, Debug)]
pub struct Record {
    pub kind: RecordType,
    /// The record lies in a zone's `dns/apex`, and answers for the zone's own name.
    pub apex: bool,
    /// `CoreDNS` cannot decode the value, and answers SERVFAIL wherever it reads it.
    pub is_broken: bool,
    /// The TTL in the value in seconds; `CoreDNS` takes 0 and an absent one for 300.
    pub ttl: Option<u32>,
    /// The rdata as a zone file has it, or the reason why there is none. May hold anything: show it escaped.
    pub data: String,
}

impl RecordType {
    /// Every type that can be made, in the order in which forms offer them.
    pub const ALL: [Self; 8] =
        [Self::A, Self::Aaaa, Self::Cname, Self::Srv, Self::Mx, Self::Txt, Self::Ptr, Self::Ns];

    /// Returns the type's mnemonic (RFC 1035, section 3.2.2), or `opaque`.
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

    /// Returns the type of a mnemonic, in any case.
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
    /// Reads the value of `key`. `zones` are those that `CoreDNS` is known to serve, and none where nobody has named
    /// any: a zone's `dns/ns` holds its name servers and `dns/apex` its own addresses; below any other name, both are
    /// ordinary names.
    #[must_use]
    pub fn read(zones: &[Name], scope: &Scope, key: &ScopedKey, value: &[u8]) -> Self {
        Self::check(zones, scope, key, value).unwrap_or_else(|error| {
            let apex = Name::of_key(scope, key).is_kept_for(zones, b"apex");
            Self { kind: RecordType::Opaque, apex, is_broken: true, ttl: None, data: error.to_string() }
        })
    }

    /// Reads the value of `key` as `CoreDNS` would have to.
    ///
    /// # Errors
    /// [`ValueError`] for a value with which `CoreDNS` answers SERVFAIL.
    fn check(zones: &[Name], scope: &Scope, key: &ScopedKey, value: &[u8]) -> Result<Self, ValueError> {
        let name = Name::of_key(scope, key);
        let service = Service::decode(value)?;
        let (kind, data) = Self::understand(zones, &name, &service);
        Ok(Self { kind, apex: name.is_kept_for(zones, b"apex"), is_broken: false, ttl: service.ttl, data })
    }

    fn understand(zones: &[Name], name: &Name, service: &Service) -> (RecordType, String) {
        let host = service.host.clone();
        let priority = service.effective_priority();
        // A text decides the type, whatever stands beside it but an address. A port of -1 takes part in no SRV answer.
        match service.class() {
            Class::Text => (RecordType::Txt, format!("{:?}", service.text)),
            Class::Nothing => (RecordType::Opaque, "no host and no text".to_owned()),
            _ if name.is_kept_for(zones, b"ns") => (RecordType::Ns, host),
            _ if service.mail => (RecordType::Mx, format!("{priority} {host}")),
            class @ (Class::V4(_) | Class::V6(_) | Class::Alias) => {
                match (service.port.filter(|port| *port != -1), class) {
                    (Some(port), _) => {
                        (RecordType::Srv, format!("{priority} {} {port} {host}", service.effective_weight()))
                    }
                    (None, Class::V4(_)) => (RecordType::A, host),
                    (None, Class::V6(_)) => (RecordType::Aaaa, host),
                    (None, _) if is_pointer(name, service) => (RecordType::Ptr, host),
                    (None, _) => (RecordType::Cname, host),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(key: &str, value: &str) -> (RecordType, String) {
        let record = among(key, value, &[]);
        (record.kind, record.data)
    }

    fn among(key: &str, value: &str, zones: &[&str]) -> Record {
        let scope = Scope::parse("/coredns").unwrap();
        let zones: Vec<Name> = zones.iter().map(|zone| Name::parse(zone).unwrap()).collect();
        Record::read(&zones, &scope, &scope.key(key.as_bytes()).unwrap(), value.as_bytes())
    }

    #[test]
    fn a_name_server_is_one_of_a_zone_and_anything_else_an_ordinary_name() {
        let kind = |key: &str, value: &str, zones: &[&str]| among(key, value, zones).kind;
        let (key, address) = ("/coredns/org/example/sub/dns/ns/a/x1", r#"{"host":"192.0.2.1"}"#);
        assert_eq!(kind(key, address, &["example.org"]), RecordType::A);
        assert_eq!(kind(key, r#"{"host":"192.0.2.1","port":53}"#, &["example.org"]), RecordType::Srv);
        assert_eq!(kind(key, r#"{"host":"ns.test","mail":true}"#, &["example.org"]), RecordType::Mx);
        assert_eq!(kind(key, r#"{"host":"ns.test"}"#, &["example.org"]), RecordType::Cname);
        assert_eq!(kind(key, address, &["example.org", "sub.example.org"]), RecordType::Ns);
        assert_eq!(kind(key, address, &[]), RecordType::Ns, "nobody has named a zone, and this proves one");
        let odd = "/coredns/org/Example/dns/ns/a";
        assert_eq!(kind(odd, address, &[]), RecordType::A, "nobody can ask for such a zone");
    }

    #[test]
    fn an_own_address_is_one_of_a_zone_and_anything_else_an_ordinary_name() {
        let (key, address) = ("/coredns/org/example/sub/dns/apex/x1", r#"{"host":"192.0.2.1"}"#);
        assert!(!among(key, address, &["example.org"]).apex);
        assert!(among(key, address, &["example.org", "sub.example.org"]).apex);
        assert!(among(key, address, &[]).apex);
        assert!(!among(key, "{", &["example.org"]).apex);
    }

    #[test]
    fn only_a_value_that_does_not_decode_is_broken() {
        for (value, is_broken) in [("{}", false), ("null", false), ("", true), ("{", true)] {
            let record = among("/coredns/io/x", value, &[]);
            assert_eq!((record.kind, record.is_broken), (RecordType::Opaque, is_broken), "{value}");
        }
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
            ("/coredns/io/_tcp/_ipp", r#"{"host":"a._ipp._tcp.io"}"#, Ptr, "a._ipp._tcp.io"),
            ("/coredns/io/dns/ns/a", r#"{"host":"10.0.0.2"}"#, Ns, "10.0.0.2"),
            ("/coredns/io/t", r#"{"host":"a.io","text":"t","port":80}"#, Txt, "\"t\""),
            ("/coredns/io/t", r#"{"host":"a.io","text":"t","mail":true}"#, Txt, "\"t\""),
            ("/coredns/io/t", r#"{"host":"10.0.0.1","text":"t"}"#, A, "10.0.0.1"),
            ("/coredns/io/dns/ns/a", r#"{"host":"a.io","text":"t"}"#, Txt, "\"t\""),
            ("/coredns/io/x", r#"{"host":"10.0.0.1","port":-1}"#, A, "10.0.0.1"),
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
