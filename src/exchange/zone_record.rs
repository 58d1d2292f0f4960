use crate::dns::{Name, QueryType, Rr};
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// One resource record of a zone: the question, and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ZoneRecord {
    pub owner: Name,
    /// In seconds.
    pub ttl: u32,
    pub data: Rdata,
    /// The line of the file that it begins in, from 1; 0 for a record that is from no file.
    pub line: usize,
}

/// The data of the types that records of a scope can serve. Names are in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rdata {
    A(Ipv4Addr),
    Aaaa(Ipv6Addr),
    /// The target of it.
    Cname(TargetName),
    /// The text in its strings, each of up to 255 bytes.
    Txt(Vec<Vec<u8>>),
    Mx {
        preference: u16,
        target: TargetName,
    },
    Srv {
        priority: u16,
        weight: u16,
        port: u16,
        target: TargetName,
    },
    Ptr(TargetName),
    Ns(TargetName),
    /// Server, mailbox and five numbers, as they are written.
    Soa(String),
}

/// A name that a record leads to, ordered by its text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TargetName(pub Name);

impl PartialOrd for TargetName {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for TargetName {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.labels().rev().cmp(other.0.labels().rev())
    }
}

impl Rdata {
    #[must_use]
    pub fn kind(&self) -> QueryType {
        match self {
            Self::A(_) => QueryType::A,
            Self::Aaaa(_) => QueryType::AAAA,
            Self::Cname(_) => QueryType::CNAME,
            Self::Txt(_) => QueryType::TXT,
            Self::Mx { .. } => QueryType::MX,
            Self::Srv { .. } => QueryType::SRV,
            Self::Ptr(_) => QueryType::PTR,
            Self::Ns(_) => QueryType::NS,
            Self::Soa(_) => QueryType::SOA,
        }
    }

    /// Makes the record of an address.
    #[must_use]
    pub fn of_address(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::A(address),
            IpAddr::V6(address) => Self::Aaaa(address),
        }
    }

    /// Returns the address that it is.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        if let Self::A(address) = self {
            Some(IpAddr::V4(*address))
        } else if let Self::Aaaa(address) = self {
            Some(IpAddr::V6(*address))
        } else {
            None
        }
    }

    /// Returns the port of a service.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        if let Self::Srv { port, .. } = self { Some(*port) } else { None }
    }

    /// Returns the name that it leads to.
    #[must_use]
    pub fn target(&self) -> Option<&Name> {
        match self {
            Self::Cname(target)
            | Self::Ptr(target)
            | Self::Ns(target)
            | Self::Mx { target, .. }
            | Self::Srv { target, .. } => Some(&target.0),
            Self::A(_) | Self::Aaaa(_) | Self::Txt(_) | Self::Soa(_) => None,
        }
    }
}

impl ZoneRecord {
    /// Reads a record of an answer; `None` for one of another type, or with a name that no file can hold.
    #[must_use]
    pub fn of_answer(rr: &Rr) -> Option<Self> {
        // Names come last, and a blank in one has a backslash before it.
        let fields = match rr.kind {
            QueryType::MX => 2,
            QueryType::SRV => 4,
            _ => 1,
        };
        let fields: Vec<&str> = rr.data.splitn(fields, ' ').collect();
        let name = |text: &str| Name::parse(text).ok().map(TargetName);
        let data = match (rr.kind, &fields[..]) {
            (QueryType::SOA, _) => Rdata::Soa(rr.data.to_string()),
            (QueryType::TXT, _) => Rdata::Txt(strings(&rr.data)?),
            (QueryType::A, [address]) => Rdata::A(address.parse().ok()?),
            (QueryType::AAAA, [address]) => Rdata::Aaaa(address.parse().ok()?),
            (QueryType::CNAME, [target]) => Rdata::Cname(name(target)?),
            (QueryType::PTR, [target]) => Rdata::Ptr(name(target)?),
            (QueryType::NS, [target]) => Rdata::Ns(name(target)?),
            (QueryType::MX, [preference, target]) => {
                Rdata::Mx { preference: preference.parse().ok()?, target: name(target)? }
            }
            (QueryType::SRV, [priority, weight, port, target]) => Rdata::Srv {
                priority: priority.parse().ok()?,
                weight: weight.parse().ok()?,
                port: port.parse().ok()?,
                target: name(target)?,
            },
            _ => return None,
        };
        Some(Self { owner: Name::parse(&rr.owner).ok()?, ttl: rr.ttl, data, line: 0 })
    }

    /// Compares by the order of a zone file: as DNSSEC orders names (RFC 4034, section 6.1), then by type.
    #[must_use]
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        let names = self.owner.labels().rev().cmp(other.owner.labels().rev());
        names.then_with(|| self.data.cmp(&other.data)).then_with(|| self.ttl.cmp(&other.ttl))
    }
}

/// Reads the strings of a TXT record in presentation form.
fn strings(text: &str) -> Option<Vec<Vec<u8>>> {
    let mut strings = vec![];
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b' ' => {}
            b'"' => {
                let mut string = vec![];
                loop {
                    match bytes.next()? {
                        b'"' => break,
                        b'\\' => match bytes.next()? {
                            digit @ b'0'..=b'9' => {
                                let digits = [digit, bytes.next()?, bytes.next()?];
                                string.push(std::str::from_utf8(&digits).ok()?.parse().ok()?);
                            }
                            other => string.push(other),
                        },
                        other => string.push(other),
                    }
                }
                strings.push(string);
            }
            _ => return None,
        }
    }
    Some(strings)
}

/// Writes one string of a text in quotes, in presentation form (RFC 1035, section 5.1).
fn quoted(f: &mut fmt::Formatter<'_>, string: &[u8]) -> fmt::Result {
    use fmt::Write as _;
    f.write_char('"')?;
    for &byte in string {
        match byte {
            b'"' | b'\\' => write!(f, "\\{}", char::from(byte))?,
            b' '..=b'~' => f.write_char(char::from(byte))?,
            _ => write!(f, "\\{byte:03}")?,
        }
    }
    f.write_char('"')
}

impl fmt::Display for Rdata {
    /// Writes it in presentation form, with absolute names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::A(address) => address.fmt(f),
            Self::Aaaa(address) => address.fmt(f),
            Self::Cname(target) | Self::Ptr(target) | Self::Ns(target) => f.write_str(&absolute(&target.0)),
            Self::Mx { preference, target } => write!(f, "{preference} {}", absolute(&target.0)),
            Self::Srv { priority, weight, port, target } => {
                write!(f, "{priority} {weight} {port} {}", absolute(&target.0))
            }
            Self::Txt(strings) => strings.iter().enumerate().try_for_each(|(at, string)| {
                if at > 0 {
                    f.write_str(" ")?;
                }
                quoted(f, string)
            }),
            Self::Soa(text) => f.write_str(text),
        }
    }
}

/// Writes a name so that any reader of zone files takes it: each byte of a label that is more than a letter, digit,
/// hyphen, underscore, asterisk or slash is `\DDD` (RFC 1035, section 5.1), whatever a key spells.
#[must_use]
pub fn absolute(name: &Name) -> String {
    use fmt::Write as _;
    let mut text = String::new();
    for label in name.labels() {
        let mut bytes = label.iter().copied();
        while let Some(byte) = bytes.next() {
            let byte = match byte {
                b'\\' => match bytes.next() {
                    Some(digit @ b'0'..=b'9') => {
                        let digits = [digit, bytes.next().unwrap_or(b'0'), bytes.next().unwrap_or(b'0')];
                        std::str::from_utf8(&digits).ok().and_then(|text| text.parse().ok()).unwrap_or(b'?')
                    }
                    Some(other) => other,
                    None => b'\\',
                },
                byte => byte,
            };
            // A String takes every write.
            let _ = match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'*' | b'/' => {
                    text.write_char(char::from(byte))
                }
                _ => write!(text, "\\{byte:03}"),
            };
        }
        text.push('.');
    }
    if text.is_empty() { ".".to_owned() } else { text }
}

/// Writes a name as it stands in the file of its zone: without the zone, `@` for the zone itself.
#[must_use]
pub fn relative(name: &Name, zone: &Name) -> String {
    let (whole, tail) = (absolute(name), absolute(zone));
    if name == zone {
        return "@".to_owned();
    }
    let is_inside = name.is_within(zone) && !zone.is_root();
    match whole.strip_suffix(&tail).and_then(|rest| rest.strip_suffix('.')) {
        Some(rest) if is_inside => rest.to_owned(),
        _ => whole,
    }
}
