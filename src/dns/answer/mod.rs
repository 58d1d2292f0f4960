//! Answers of `CoreDNS` from the records: the etcd plugin's rules, from a question to the sections of its reply.

pub(super) mod chase;
pub(super) mod domain;
mod engine;
pub(super) mod group;
pub(super) mod lookup;
mod query_type;
pub(super) mod read;
mod record;
mod targets;
#[cfg(test)]
mod tests;
mod why;
pub(super) mod wire;
pub(super) mod words;

use super::{Name, NameError, Rcode, RecordSource, Serving};
use engine::{DraftReply, Engine, Query};
use record::{Raw, SendError};
use std::{collections::HashSet, fmt};

pub use query_type::{QueryType, QueryTypeError};
pub use why::{Because, Unused, Why};
pub use wire::EncodeError;

/// A question as a client asks it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    pub name: Name,
    /// The name as it was written, with its capitals and a closing dot: a reply repeats it so.
    pub spelled: Box<str>,
    pub kind: QueryType,
}

/// A reply, with the reason for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub question: Question,
    /// The zone that the name belongs to; `None` when no zone covers it.
    pub zone: Option<Name>,
    pub outcome: AnswerOutcome,
    pub answer: Vec<Rr>,
    pub authority: Vec<Rr>,
    pub additional: Vec<Rr>,
    /// Reason for the answer.
    pub why: Why,
    /// The keys that cause the reply: those behind its records, or behind its failure. In the order of the reply, each
    /// once.
    pub keys: Vec<Box<[u8]>>,
    /// Questions that `CoreDNS` asks elsewhere, so that their answers are not known here.
    pub asks: Vec<Ask>,
}

/// Outcome of a question, as the client sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnswerOutcome {
    /// NOERROR; without an answer it is NODATA (RFC 2308, section 2.2).
    NoError,
    NxDomain,
    ServFail,
    Refused,
    /// Something behind the plugin answers; see [`Answer::asks`].
    Elsewhere,
    /// The reply cannot be encoded: nothing is sent, and the client times out.
    Silence,
    /// An alias goes round through several zones without an end, and `CoreDNS` may crash. Or aliases lead further than
    /// this program follows them; [`Answer::why`] tells which.
    Endless,
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
    /// The key that it came from; `None` for a record that `CoreDNS` makes up, such as the SOA.
    pub key: Option<Box<[u8]>>,
}

/// A question that `CoreDNS` asks of a server other than etcd.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ask {
    /// In presentation form with a closing dot.
    pub name: Box<str>,
    pub kind: QueryType,
}

impl Question {
    /// Makes a question for a name as a person writes it.
    ///
    /// # Errors
    /// [`NameError`] for a text that is no name.
    pub fn new(name: &str, kind: QueryType) -> Result<Self, NameError> {
        let spelled = if name.ends_with('.') { name.to_owned() } else { format!("{name}.") };
        Ok(Self { name: Name::parse(name)?, spelled: spelled.into(), kind })
    }

    /// Makes a question for a name, in lower case.
    #[must_use]
    pub fn of(name: &Name, kind: QueryType) -> Self {
        Self { name: name.clone(), spelled: name.fqdn().into(), kind }
    }
}

impl AnswerOutcome {
    /// Returns the response code that the client gets; `None` where no reply comes, and where another plugin or server
    /// replies.
    #[must_use]
    pub fn rcode(self) -> Option<Rcode> {
        match self {
            Self::NoError => Some(Rcode::NOERROR),
            Self::NxDomain => Some(Rcode::NXDOMAIN),
            Self::ServFail => Some(Rcode::SERVFAIL),
            Self::Refused => Some(Rcode::REFUSED),
            Self::Elsewhere | Self::Silence | Self::Endless => None,
        }
    }
}

impl fmt::Display for Rr {
    /// `owner ttl IN TYPE data`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} IN {} {}", self.owner, self.ttl, self.kind, self.data)
    }
}

/// Returns the answer of `CoreDNS`. It reads from `source` what `CoreDNS` would read from etcd, and nothing else.
///
/// The reply is whole: it includes the part that a transport cuts off (512 bytes over UDP without EDNS, 65535 over
/// TCP).
#[must_use]
pub fn answer(source: &dyn RecordSource, serving: &Serving, question: &Question) -> Answer {
    Engine::new(source, serving).answer(question)
}

/// Returns the answers of `CoreDNS` for a name, one for each type that records can answer. Each key is read once.
#[must_use]
pub fn answers(source: &dyn RecordSource, serving: &Serving, name: &Name) -> Vec<Answer> {
    let mut engine = Engine::new(source, serving);
    QueryType::ANSWERED.iter().map(|kind| engine.answer(&Question::of(name, *kind))).collect()
}

impl Engine<'_> {
    fn answer(&mut self, question: &Question) -> Answer {
        let served = self.ask(&Query::of(question));
        let mut answer = Answer {
            question: question.clone(),
            zone: None,
            outcome: AnswerOutcome::Endless,
            answer: vec![],
            authority: vec![],
            additional: vec![],
            why: Why::NoZone,
            keys: vec![],
            asks: std::mem::take(&mut self.asks),
        };
        match served {
            Ok(served) => answer.fill(served),
            Err(failure) => {
                answer.keys = failure.keys();
                answer.why = failure.into();
            }
        }
        let mut seen = HashSet::new();
        answer.keys.retain(|key| seen.insert(key.clone()));
        answer
    }
}

impl Answer {
    fn fill(&mut self, served: DraftReply<'_>) {
        self.zone = served.zone.cloned();
        self.outcome = served.outcome;
        self.why = served.why;
        let raws = served.answer.iter().chain(&served.authority).chain(&served.additional);
        self.keys = served.keys;
        self.keys.extend(raws.filter_map(|raw| raw.key.as_deref().map(Box::from)));
        if let Err(SendError { key, why }) = self.encode([served.answer, served.authority, served.additional])
        {
            (self.answer, self.authority, self.additional) = (vec![], vec![], vec![]);
            self.keys = key.into_iter().collect();
            (self.outcome, self.why) = (AnswerOutcome::Silence, why);
        }
    }

    /// Fills the sections with records as a client sees them.
    fn encode(&mut self, sections: [Vec<Raw>; 3]) -> Result<(), SendError> {
        for (raws, section) in
            sections.into_iter().zip([&mut self.answer, &mut self.authority, &mut self.additional])
        {
            for raw in raws {
                let (record, too_long) = raw.encode()?;
                section.push(record);
                if let Some(why) = too_long {
                    self.why = why;
                }
            }
        }
        Ok(())
    }
}
