//! Reasons for an answer, in words for the person who has to correct it.

use super::{QueryType, lookup::LookupReach, wire::EncodeError};
use crate::{dns::ValueError, keys::spelling::Spelled};
use std::fmt;

/// Reason for an answer. The text of a [`ValueError`] in it may hold anything: show it escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Records give the answer.
    Records,
    /// `CoreDNS` makes the SOA up, for any name of the zone, without reading etcd.
    MadeUp,
    /// No zone covers the name.
    NoZone,
    /// There is no key of the name, and none below.
    NoKey { key: Box<[u8]> },
    /// CNAME and PTR read the name's own key only, and there is none.
    NoKeyOfItsOwn { key: Box<[u8]> },
    /// The zone has no `dns/ns`.
    NoNameServers { key: Box<[u8]> },
    /// A value that was read does not decode.
    Undecodable { key: Box<[u8]>, error: ValueError },
    /// A host name lies where `CoreDNS` takes only addresses.
    NameServerIsNoAddress { key: Box<[u8]>, host: Box<str> },
    /// Keys were read, and none of them gives a record of this type.
    NoData { kind: QueryType, unused: Vec<Unused> },
    /// The reply holds a text that is no name.
    NotEncodable { key: Option<Box<[u8]>>, name: Box<str>, reason: EncodeError },
    /// The reply holds a name of more than 255 bytes, which clients refuse.
    TooLong { key: Option<Box<[u8]>>, name: Box<str> },
    /// An alias comes back to a question that is still open in another zone.
    Loop { through: Vec<Box<str>> },
    /// Aliases lead on and on; this program follows them no further.
    TooManyLookups { lookups: usize },
    /// Aliases lead to more records than any reply holds; this program follows them no further.
    TooManyRecords { records: usize },
    /// Aliases lead from zone to zone; this program follows them no further.
    TooManyCrossings { crossings: usize },
    /// There is no such name here, so the next plugin answers.
    HandedOn(Box<Why>),
}

/// A key that was read and gives nothing to an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unused {
    pub key: Box<[u8]>,
    pub because: Because,
}

/// Reason why a record gives nothing. Targets are in presentation form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    NoHost,
    /// A wildcard in the question does not match it.
    Unmatched,
    OtherGroup {
        group: Box<str>,
    },
    /// An address, where an address of the other family, or a name, is wanted.
    Address {
        text: bool,
    },
    /// A text without an address beside it is no alias and no target.
    Text,
    NotMail,
    /// Port -1 says that there is none.
    NoPort,
    /// `CoreDNS` never answers this type from etcd.
    NeverAnswered,
    TargetIsItself {
        target: Box<str>,
    },
    /// The target was met before in the chain.
    TargetAgain {
        target: Box<str>,
    },
    ChainTooLong {
        target: Box<str>,
    },
    /// The target gives nothing.
    Target {
        target: Box<str>,
        why: Box<Why>,
    },
}

/// Failure that ends a lookup without records: each error of `CoreDNS`, and the endless lookups that have no error
/// there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LookupError {
    NoSuchName {
        key: Box<[u8]>,
        reach: LookupReach,
    },
    Undecodable {
        key: Box<[u8]>,
        error: ValueError,
    },
    NameServerIsNoAddress {
        key: Box<[u8]>,
        host: Box<str>,
    },
    /// `aliases` are the keys that lead round, the last first.
    Loop {
        through: Vec<Box<str>>,
        aliases: Vec<Box<[u8]>>,
    },
    TooManyLookups {
        lookups: usize,
    },
    TooManyRecords {
        records: usize,
    },
    TooManyCrossings {
        crossings: usize,
        aliases: Vec<Box<[u8]>>,
    },
}

impl LookupError {
    /// Returns the same failure with one more alias that led to it.
    pub(super) fn by(mut self, alias: &[u8]) -> Self {
        if let Self::Loop { aliases, .. } | Self::TooManyCrossings { aliases, .. } = &mut self {
            aliases.push(alias.into());
        }
        self
    }

    /// Tells whether `CoreDNS` itself never comes to an end, or to none that it could send.
    pub(super) fn is_endless(&self) -> bool {
        match self {
            Self::Loop { .. }
            | Self::TooManyLookups { .. }
            | Self::TooManyRecords { .. }
            | Self::TooManyCrossings { .. } => true,
            Self::NoSuchName { .. } | Self::Undecodable { .. } | Self::NameServerIsNoAddress { .. } => false,
        }
    }

    /// Returns the keys that cause the failure.
    pub(super) fn keys(&self) -> Vec<Box<[u8]>> {
        match self {
            Self::Undecodable { key, .. } | Self::NameServerIsNoAddress { key, .. } => vec![key.clone()],
            Self::Loop { aliases, .. } | Self::TooManyCrossings { aliases, .. } => {
                aliases.iter().rev().cloned().collect()
            }
            Self::NoSuchName { .. } | Self::TooManyLookups { .. } | Self::TooManyRecords { .. } => vec![],
        }
    }
}

impl From<LookupError> for Why {
    fn from(failure: LookupError) -> Self {
        match failure {
            LookupError::NoSuchName { key, reach: LookupReach::Subtree } => Self::NoKey { key },
            LookupError::NoSuchName { key, reach: LookupReach::Exact } => Self::NoKeyOfItsOwn { key },
            LookupError::Undecodable { key, error } => Self::Undecodable { key, error },
            LookupError::NameServerIsNoAddress { key, host } => Self::NameServerIsNoAddress { key, host },
            LookupError::Loop { through, .. } => Self::Loop { through },
            LookupError::TooManyLookups { lookups } => Self::TooManyLookups { lookups },
            LookupError::TooManyRecords { records } => Self::TooManyRecords { records },
            LookupError::TooManyCrossings { crossings, .. } => Self::TooManyCrossings { crossings },
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = |key: &Option<Box<[u8]>>| {
            key.as_ref().map(|key| format!(" (from {})", Spelled(key))).unwrap_or_default()
        };
        match self {
            Self::Records => f.write_str("records answer"),
            Self::MadeUp => f.write_str("CoreDNS makes the SOA up, whatever the records are"),
            Self::NoZone => f.write_str("no zone covers the name"),
            Self::NoKey { key } => write!(f, "no key at or below {}", Spelled(key)),
            Self::NoKeyOfItsOwn { key } => {
                write!(f, "no key {}; CNAME and PTR look at no key below", Spelled(key))
            }
            Self::NoNameServers { key } => {
                write!(f, "no key at or below {}, so CoreDNS says that the zone does not exist", Spelled(key))
            }
            Self::Undecodable { key, error } => {
                write!(f, "the value of {} does not decode: {error}", Spelled(key))
            }
            Self::NameServerIsNoAddress { key, host } => {
                write!(f, "{} names {host}, and a name server must be an address", Spelled(key))
            }
            Self::NoData { kind, unused } => no_data(f, *kind, unused),
            Self::NotEncodable { key, name, reason } => {
                write!(f, "no reply can be sent: the name {name} {reason}{}", from(key))
            }
            Self::TooLong { key, name } => {
                write!(f, "no client can read the reply: {name} is longer than 255 bytes{}", from(key))
            }
            Self::Loop { through } => {
                write!(f, "an alias goes round through several zones: {}", through.join(" -> "))
            }
            Self::TooManyLookups { lookups } => {
                write!(f, "aliases lead on and on: more than {lookups} lookups for one question")
            }
            Self::TooManyRecords { records } => {
                write!(f, "aliases lead on and on: to more than {records} records, which no reply holds")
            }
            Self::TooManyCrossings { crossings } => {
                write!(f, "aliases lead on and on: more than {crossings} times from one zone to another")
            }
            Self::HandedOn(why) => write!(f, "{why}; the next plugin answers"),
        }
    }
}

/// Writes the reason of the first key that gives nothing, and the number of others; one sentence where all have one
/// reason.
fn no_data(f: &mut fmt::Formatter<'_>, kind: QueryType, unused: &[Unused]) -> fmt::Result {
    let Some(first) = unused.first() else { return write!(f, "no record of type {kind}") };
    let all = |is: fn(&Because) -> bool| unused.iter().all(|unused| is(&unused.because));
    if all(|because| matches!(because, Because::NeverAnswered)) {
        return write!(f, "CoreDNS answers no {kind} from etcd; the name exists");
    }
    if all(|because| matches!(because, Because::Address { text: false })) {
        return match kind {
            QueryType::A => f.write_str("only IPv6 addresses"),
            QueryType::AAAA => f.write_str("only IPv4 addresses"),
            _ => write!(f, "only addresses, and no {kind}"),
        };
    }
    write!(f, "{}", first.because)?;
    match unused.len() {
        1 => Ok(()),
        2 => f.write_str("; another key gives nothing either"),
        many => write!(f, "; {} other keys give nothing either", many - 1),
    }
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHost => f.write_str("the value has no host"),
            Self::Unmatched => f.write_str("the wildcard in the name matches no key"),
            Self::OtherGroup { .. } => f.write_str("the value is of another group than the first"),
            Self::Address { text: false } => f.write_str("the host is an address of no use here"),
            Self::Address { text: true } => f.write_str("a text beside an address is never served"),
            Self::Text => f.write_str("the value has a text, which makes it a TXT record only"),
            Self::NotMail => f.write_str("the value does not say mail: true"),
            Self::NoPort => f.write_str("port -1 says that there is none"),
            Self::NeverAnswered => f.write_str("CoreDNS answers no such type from etcd"),
            Self::TargetIsItself { target } => {
                write!(
                    f,
                    "the alias's target {target} is the name itself or below it, which is taken for a loop"
                )
            }
            Self::TargetAgain { target } => write!(f, "the chain of aliases comes back to {target}"),
            Self::ChainTooLong { target } => {
                write!(f, "the chain of aliases is too long: {target} is not followed")
            }
            Self::Target { target, why } => {
                write!(f, "the alias's target {target} ")?;
                if matches!(**why, Why::NoKey { .. }) {
                    f.write_str("does not exist")
                } else if let Why::NoData { kind, unused } = &**why
                    && unused.iter().all(|unused| unused.because.is_plain())
                {
                    write!(f, "has no {kind}")
                } else {
                    write!(f, "gives nothing: {why}")
                }
            }
        }
    }
}

impl Because {
    /// Tells whether the record is simply of another type.
    fn is_plain(&self) -> bool {
        matches!(self, Self::NoHost | Self::Address { .. } | Self::Text | Self::NeverAnswered)
    }
}
