//! Fields of a record's value, and the rules for their texts, which are checked while they are typed.
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use super::{
    Name, RecordType,
    host::{is_almost_an_address, no_host},
};

/// A field of the value (plugin/etcd/msg/service.go).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    Host,
    Port,
    Priority,
    Weight,
    Text,
    Ttl,
    TargetStrip,
    Group,
}

/// Error in a field's text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct FieldError {
    what: String,
}

/// The largest TTL (RFC 2181, section 8). etcd's value would take twice as much, and resolvers take that for 0.
const MAX_TTL: u32 = 2_147_483_647;
/// More would not fit into a DNS message over TCP beside its name.
const MAX_TEXT: usize = 60_000;

impl Field {
    /// Returns the fields that a type has, in the order of a form.
    #[must_use]
    pub fn of(kind: RecordType) -> &'static [Self] {
        use Field::{Group, Host, Port, Priority, TargetStrip, Text, Ttl, Weight};
        match kind {
            RecordType::A | RecordType::Aaaa => &[Host, Ttl, TargetStrip, Group],
            RecordType::Cname | RecordType::Ptr => &[Host, Ttl, Group],
            RecordType::Srv => &[Host, Port, Priority, Weight, Ttl, TargetStrip, Group],
            RecordType::Mx => &[Host, Priority, Ttl, TargetStrip, Group],
            RecordType::Txt => &[Text, Ttl, Group],
            RecordType::Ns => &[Host, Ttl, TargetStrip],
            RecordType::Opaque => &[],
        }
    }

    /// Returns the field's name in the JSON value.
    #[must_use]
    pub fn json(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Port => "port",
            Self::Priority => "priority",
            Self::Weight => "weight",
            Self::Text => "text",
            Self::Ttl => "ttl",
            Self::TargetStrip => "targetstrip",
            Self::Group => "group",
        }
    }

    /// Returns the field's label for a type: an A record's host is its address.
    #[must_use]
    pub fn label(self, kind: RecordType) -> &'static str {
        match (self, kind) {
            (Self::Host, RecordType::A | RecordType::Aaaa | RecordType::Ns) => "address",
            (Self::Host, RecordType::Mx) => "mail host",
            (Self::Host, _) => "target",
            (Self::Priority, RecordType::Mx) => "preference",
            _ => self.json(),
        }
    }

    /// Returns one line that explains the selected field.
    #[must_use]
    pub fn hint(self, kind: RecordType) -> &'static str {
        match self {
            Self::Host => match kind {
                RecordType::A => "IPv4 address, as 192.0.2.10",
                RecordType::Aaaa => "IPv6 address, as 2001:db8::10",
                RecordType::Ns => "IP address of the name server; CoreDNS makes its name from the key",
                RecordType::Cname
                | RecordType::Srv
                | RecordType::Mx
                | RecordType::Txt
                | RecordType::Ptr
                | RecordType::Opaque => "full host name; it is not relative to the zone",
            },
            Self::Port => "0 to 65535",
            Self::Priority => "0 to 65535; CoreDNS serves 0 or nothing as 10",
            Self::Weight => "0 to 65535, shared out among one priority; 0 or nothing counts as 100",
            Self::Text => "any text; from 255 bytes on it is cut into several strings",
            Self::Ttl => "seconds, 0 to 2147483647; 0 or nothing means the default, 300",
            Self::TargetStrip => "labels to cut from the left of SRV, MX and NS targets; 0 is none",
            Self::Group => "only records of one group answer together; usually empty",
        }
    }

    /// Checks a typed text and returns it as JSON; `None` for an empty field that may be empty.
    ///
    /// # Errors
    /// [`FieldError`] that says which text would be right.
    pub fn check(self, kind: RecordType, text: &str) -> Result<Option<serde_json::Value>, FieldError> {
        let wrong = |what: String| Err(FieldError { what });
        if text.is_empty() {
            let needed = match self {
                Self::Host => kind != RecordType::Txt,
                Self::Text => kind == RecordType::Txt,
                Self::Port => kind == RecordType::Srv,
                Self::Priority | Self::Weight | Self::Ttl | Self::TargetStrip | Self::Group => false,
            };
            return if needed { wrong(format!("{} is needed", self.label(kind))) } else { Ok(None) };
        }
        match self {
            Self::Host => check_host(kind, text).map(|()| Some(text.into())),
            Self::Port | Self::Priority | Self::Weight => whole(self, kind, text, u32::from(u16::MAX)),
            Self::Ttl => whole(self, kind, text, MAX_TTL),
            // Beyond a name's labels it has no effect, and very large ones keep CoreDNS busy.
            Self::TargetStrip => whole(self, kind, text, 127),
            Self::Text if text.len() > MAX_TEXT => wrong(format!("the text is longer than {MAX_TEXT} bytes")),
            Self::Text | Self::Group => Ok(Some(text.into())),
        }
    }
}

fn whole(
    field: Field,
    kind: RecordType,
    text: &str,
    max: u32,
) -> Result<Option<serde_json::Value>, FieldError> {
    match text.parse::<u32>() {
        Ok(number) if number <= max && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Ok(Some(number.into()))
        }
        _ => Err(FieldError { what: format!("{} is a whole number from 0 to {max}", field.label(kind)) }),
    }
}

fn check_host(kind: RecordType, text: &str) -> Result<(), FieldError> {
    let wrong = |what: &str| Err(FieldError { what: what.to_owned() });
    match kind {
        RecordType::A if text.parse::<Ipv4Addr>().is_err() => {
            wrong("not an IPv4 address: four numbers from 0 to 255, without leading zeros")
        }
        RecordType::Aaaa if text.parse::<Ipv6Addr>().is_err() => wrong("not an IPv6 address"),
        RecordType::Ns if text.parse::<IpAddr>().is_err() => {
            wrong("CoreDNS takes only an IP address here; a name would turn every NS answer into SERVFAIL")
        }
        RecordType::A | RecordType::Aaaa | RecordType::Ns => Ok(()),
        // A service or mail server may be given by its address: CoreDNS makes a target from the key.
        RecordType::Srv | RecordType::Mx if text.parse::<IpAddr>().is_ok() => Ok(()),
        RecordType::Cname
        | RecordType::Srv
        | RecordType::Mx
        | RecordType::Txt
        | RecordType::Ptr
        | RecordType::Opaque => host_name(text),
    }
}

fn host_name(text: &str) -> Result<(), FieldError> {
    let wrong = |what: &str| Err(FieldError { what: what.to_owned() });
    if text.parse::<IpAddr>().is_ok() {
        return wrong("this is an address, and a host name is needed");
    }
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b':' | b'/'));
    if is_number || is_almost_an_address(text) {
        return wrong("this looks like an address but is none; CoreDNS would serve it as a name");
    }
    if let Some(why) = no_host(text) {
        return wrong(why);
    }
    let name = Name::parse(text).map_err(|error| FieldError { what: error.to_string() })?;
    let fine = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'*' | b'/');
    match name.labels().find(|label| !label.iter().all(fine)) {
        Some(_) => wrong("a host name has letters, digits, hyphens and dots"),
        None if name.is_root() => wrong("the root is no host"),
        None => Ok(()),
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.json())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_coredns_would_serve_as_an_alias_is_refused() {
        for text in
            ["1.2.3", "192.0.2.01", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4/24", "1.2.3.4:80", "256.1.1.1", "::1"]
        {
            assert!(Field::Host.check(RecordType::A, text).is_err(), "{text:?}");
            if text != "::1" {
                assert!(Field::Host.check(RecordType::Cname, text).is_err(), "{text:?} as an alias");
            }
        }
        assert!(Field::Host.check(RecordType::A, "192.0.2.1").is_ok());
        assert!(Field::Host.check(RecordType::Aaaa, "2001:db8::1").is_ok());
    }

    #[test]
    fn numbers_stay_in_their_range() {
        for (field, good, bad) in [
            (Field::Port, "65535", "65536"),
            (Field::Priority, "0", "-1"),
            (Field::Weight, "1", "1.0"),
            (Field::Ttl, "2147483647", "2147483648"),
            (Field::Ttl, "0", "+5"),
            (Field::TargetStrip, "1", "128"),
        ] {
            assert!(field.check(RecordType::Srv, good).is_ok(), "{field} {good}");
            assert!(field.check(RecordType::Srv, bad).is_err(), "{field} {bad}");
        }
    }

    #[test]
    fn a_name_server_must_be_an_address() {
        assert!(Field::Host.check(RecordType::Ns, "ns1.example.org").is_err());
    }
}
