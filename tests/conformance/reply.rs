//! Replies in one form, from the wire and from the engine.

use crate::presentation;
use coredeck::dns::{Answer, AnswerOutcome, Rr};
use hickory_proto::{
    op::{Message, ResponseCode},
    rr::{RData, Record},
};
use std::fmt;

/// Reply that a client gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    Message(Box<Sections>),
    /// Nothing was sent.
    Silence,
    /// A message that a client refuses to read, because a name in it is too long; the rcode is that of its header.
    Unreadable {
        rcode: String,
    },
    /// The engine's answer if something behind the plugin answers.
    Elsewhere,
    /// The engine's answer for an alias without an end.
    Endless,
    /// The engine wrote a record that is not in presentation form.
    Malformed(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sections {
    pub rcode: String,
    pub answer: Vec<Line>,
    pub authority: Vec<Line>,
    pub additional: Vec<Line>,
}

/// Record, with its owner and data in the spelling of [`presentation`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    pub owner: String,
    pub ttl: u32,
    pub kind: u16,
    pub data: String,
}

impl Reply {
    /// Reads a reply from the wire.
    pub fn received(wire: Option<&[u8]>) -> Self {
        let Some(wire) = wire else { return Self::Silence };
        let Ok(message) = Message::from_vec(wire) else {
            return Self::Unreadable { rcode: rcode(ResponseCode::from_low(wire[3] & 15)) };
        };
        let lines = |records: &[Record]| records.iter().map(Line::received).collect();
        Self::Message(Box::new(Sections {
            rcode: rcode(message.metadata.response_code),
            answer: lines(&message.answers),
            authority: lines(&message.authorities),
            additional: lines(&message.additionals),
        }))
    }

    /// Its sections, if it is a message.
    pub fn sections(&self) -> Option<&Sections> {
        if let Self::Message(sections) = self { Some(sections) } else { None }
    }

    /// Converts the engine's answer.
    pub fn computed(answer: &Answer) -> Self {
        let rcode = match answer.outcome {
            AnswerOutcome::NoError => "NOERROR",
            AnswerOutcome::NxDomain => "NXDOMAIN",
            AnswerOutcome::ServFail => "SERVFAIL",
            AnswerOutcome::Refused => "REFUSED",
            AnswerOutcome::Elsewhere => return Self::Elsewhere,
            AnswerOutcome::Silence => return Self::Silence,
            AnswerOutcome::Endless => return Self::Endless,
        };
        let lines = |records: &[Rr]| records.iter().map(Line::computed).collect::<Result<_, _>>();
        let sections = || {
            Ok(Sections {
                rcode: rcode.to_owned(),
                answer: lines(&answer.answer)?,
                authority: lines(&answer.authority)?,
                additional: lines(&answer.additional)?,
            })
        };
        match sections() {
            Err(malformed) => Self::Malformed(malformed),
            Ok(sections) if sections.lines().any(Line::is_too_long) => {
                Self::Unreadable { rcode: sections.rcode }
            }
            Ok(sections) => Self::Message(Box::new(sections)),
        }
    }
}

fn rcode(code: ResponseCode) -> String {
    match u16::from(code) {
        0 => "NOERROR".to_owned(),
        2 => "SERVFAIL".to_owned(),
        3 => "NXDOMAIN".to_owned(),
        5 => "REFUSED".to_owned(),
        other => format!("RCODE{other}"),
    }
}

impl Line {
    #[expect(clippy::wildcard_enum_match_arm, reason = "hickory knows many more types than CoreDNS's etcd")]
    fn received(record: &Record) -> Self {
        let name = |name: &hickory_proto::rr::Name| presentation::name(name.iter());
        let data = match &record.data {
            RData::A(address) => address.0.to_string(),
            RData::AAAA(address) => address.0.to_string(),
            RData::NS(target) => name(&target.0),
            RData::CNAME(target) => name(&target.0),
            RData::PTR(target) => name(&target.0),
            RData::MX(mx) => format!("{} {}", mx.preference, name(&mx.exchange)),
            RData::SRV(srv) => {
                format!("{} {} {} {}", srv.priority, srv.weight, srv.port, name(&srv.target))
            }
            RData::TXT(txt) => presentation::strings(txt.txt_data.iter().map(AsRef::as_ref)),
            RData::SOA(soa) => {
                let timers = format!("{} {} {} {}", soa.refresh, soa.retry, soa.expire, soa.minimum);
                format!("{} {} SERIAL {timers}", name(&soa.mname), name(&soa.rname))
            }
            other => panic!("the comparison does not know this type: {other:?}"),
        };
        let kind = u16::from(record.record_type());
        Self { owner: name(&record.name), ttl: record.ttl, kind, data }
    }

    fn computed(record: &Rr) -> Result<Self, String> {
        let malformed = || format!("{record:?}");
        let owner = presentation::labels(&record.owner).ok_or_else(malformed)?;
        Ok(Self {
            owner: presentation::name(owner.iter().map(Vec::as_slice)),
            ttl: record.ttl,
            kind: record.kind.0,
            data: presentation::data(record.kind.0, &record.data).ok_or_else(malformed)?,
        })
    }

    /// `owner ttl IN TYPE data`, as [`fmt::Display`] writes it.
    pub fn parse(text: &str) -> Option<Self> {
        // A blank inside an owner has a backslash before it.
        let end = text
            .match_indices(' ')
            .map(|(at, _)| at)
            .find(|at| text[..*at].bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 0)?;
        let mut rest = text[end + 1..].splitn(4, ' ');
        let (ttl, class, kind, data) = (rest.next()?, rest.next()?, rest.next()?, rest.next()?);
        (class == "IN").then_some(())?;
        let kind = presentation::kind_number(kind)?;
        Some(Self { owner: text[..end].to_owned(), ttl: ttl.parse().ok()?, kind, data: data.to_owned() })
    }

    /// Tells whether the owner is this name or below it.
    pub fn is_within(&self, zone: &str) -> bool {
        let owner = self.owner.to_ascii_lowercase();
        owner == zone || owner.ends_with(&format!(".{zone}"))
    }
}

impl Sections {
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.answer.iter().chain(&self.authority).chain(&self.additional)
    }
}

impl Line {
    /// Tells whether it has a name of more than 255 bytes, which the server sends and readers refuse.
    fn is_too_long(&self) -> bool {
        let target = self.data.rsplit(' ').next().unwrap_or_default();
        let too_long = |name: &str| {
            presentation::labels(name).is_some_and(|labels| presentation::wire_length(&labels) > 255)
        };
        too_long(&self.owner) || (self.kind != 16 && too_long(target))
    }

    pub fn in_lower_case(mut self) -> Self {
        self.owner.make_ascii_lowercase();
        self
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} IN {} {}", self.owner, self.ttl, presentation::kind(self.kind), self.data)
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(sections) => {
                write!(f, "{}", sections.rcode)?;
                let all = [
                    ("answer", &sections.answer),
                    ("authority", &sections.authority),
                    ("additional", &sections.additional),
                ];
                for (section, lines) in all {
                    for line in lines {
                        write!(f, "\n    {section:<10} {line}")?;
                    }
                }
                Ok(())
            }
            Self::Silence => write!(f, "no reply at all"),
            Self::Unreadable { rcode } => write!(f, "{rcode}, which nobody can read"),
            Self::Elsewhere => write!(f, "answered elsewhere"),
            Self::Endless => write!(f, "without an end"),
            Self::Malformed(what) => write!(f, "not in presentation form: {what}"),
        }
    }
}

#[test]
fn a_line_is_read_as_it_is_written() {
    let line = Line { owner: r"a\ b.org.".to_owned(), ttl: 30, kind: 16, data: r#""x y" """#.to_owned() };
    assert_eq!(Line::parse(&line.to_string()), Some(line));
}
