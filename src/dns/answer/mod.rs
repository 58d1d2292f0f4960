//! What `CoreDNS` answers from the records: the etcd plugin's rules, from a question to the sections of its reply.

use super::{Name, NameError, Serving, Source};
use std::fmt;

/// A question as a client asks it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    pub name: Name,
    /// The name as it was written, with its capitals and a closing dot: a reply repeats it so.
    pub spelled: Box<str>,
    pub kind: QueryType,
}

/// The type that is asked for; any 16-bit number is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueryType(pub u16);

/// A reply, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub question: Question,
    /// The zone that the name belongs to; `None` when no zone covers it.
    pub zone: Option<Name>,
    pub outcome: Outcome,
    pub answer: Vec<Rr>,
    pub authority: Vec<Rr>,
    pub additional: Vec<Rr>,
    /// Why the answer is what it is.
    pub why: Why,
    /// The keys that are to be blamed or thanked: behind the records of the reply, or behind its failure. In the
    /// order of the reply, each once.
    pub keys: Vec<Box<[u8]>>,
    /// What `CoreDNS` asks elsewhere, and what is therefore not known here.
    pub asks: Vec<Ask>,
}

/// What the client sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// NOERROR; without an answer it is NODATA (RFC 2308, section 2.2).
    NoError,
    NxDomain,
    ServFail,
    Refused,
    /// Something behind the plugin answers; see [`Answer::asks`].
    Elsewhere,
    /// The reply cannot be encoded: nothing is sent, and the client times out.
    Silence,
    /// An alias goes round through several zones, without an end: `CoreDNS` may crash.
    Endless,
}

/// Why an answer is what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Records answer.
    Records,
}

/// A record of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rr {
    /// The owner in presentation form with a closing dot, as the reply spells it.
    pub owner: Box<str>,
    pub ttl: u32,
    pub kind: QueryType,
    /// The data in presentation form (RFC 1035, section 5.1), single blanks between.
    pub data: Box<str>,
    /// The key that it came from; `None` for what `CoreDNS` makes up, as the SOA.
    pub key: Option<Box<[u8]>>,
}

/// A question that `CoreDNS` asks of something else than etcd.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ask {
    /// In presentation form with a closing dot.
    pub name: Box<str>,
    pub kind: QueryType,
}

impl QueryType {
    pub const A: Self = Self(1);
    pub const NS: Self = Self(2);
    pub const CNAME: Self = Self(5);
    pub const SOA: Self = Self(6);
    pub const PTR: Self = Self(12);
    pub const MX: Self = Self(15);
    pub const TXT: Self = Self(16);
    pub const AAAA: Self = Self(28);
    pub const SRV: Self = Self(33);
    pub const ANY: Self = Self(255);

    /// The types that records of a scope can answer, in the order in which they are shown.
    pub const ANSWERED: [Self; 9] =
        [Self::A, Self::AAAA, Self::CNAME, Self::TXT, Self::MX, Self::SRV, Self::PTR, Self::NS, Self::SOA];
}

impl Question {
    /// A question for a name as a person writes it.
    ///
    /// # Errors
    /// [`NameError`] for what is no name.
    pub fn new(name: &str, kind: QueryType) -> Result<Self, NameError> {
        let spelled = if name.ends_with('.') { name.to_owned() } else { format!("{name}.") };
        Ok(Self { name: Name::parse(name)?, spelled: spelled.into(), kind })
    }

    /// A question for a name, in lower case.
    #[must_use]
    pub fn of(name: &Name, kind: QueryType) -> Self {
        let spelled = if name.is_root() { ".".to_owned() } else { format!("{name}.") };
        Self { name: name.clone(), spelled: spelled.into(), kind }
    }
}

impl fmt::Display for Rr {
    /// `owner ttl IN TYPE data`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} IN {} {}", self.owner, self.ttl, self.kind.0, self.data)
    }
}

/// What `CoreDNS` answers. It reads from `source` what `CoreDNS` would read from etcd, and nothing else.
#[must_use]
pub fn answer(_source: &dyn Source, _serving: &Serving, _question: &Question) -> Answer {
    todo!()
}
