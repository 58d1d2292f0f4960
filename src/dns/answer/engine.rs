//! Engine of the answers: takes a question to its reply in the plugin's own steps (plugin/etcd/handler.go), within the
//! server block around it.

use super::{
    AnswerOutcome, Ask, QueryType, Question, domain, group,
    lookup::{self, LookupReach},
    read::{FoundRecord, Readings},
    record::{Data, Raw},
    why::{Because, LookupError, Unused, Why},
    wire::{self, EncodeError},
};
use crate::dns::{CoreDnsVersion, Fallthrough, Name, OtherPlugins, RecordSource, Serving};
use std::rc::Rc;

/// The first version that puts the question's name back when reading `dns/ns` fails.
const NAME_PUT_BACK: CoreDnsVersion = CoreDnsVersion { major: 1, minor: 12, patch: 2 };
/// Most names that may be looked up for one question. Ten aliases at each of ten names that lead to each other are more
/// than any server can follow.
const MAX_LOOKUPS: usize = 10_000;
/// Most records that aliases may lead to, counted each time. A reply of 64 KiB holds some thousands of them.
const MAX_RECORDS: usize = 200_000;
/// Most steps of aliases from zone to zone.
const MAX_CROSSINGS: usize = 16;

/// An engine that answers questions, and keeps the records that it has read for them.
pub(super) struct Engine<'e> {
    pub(super) source: &'e dyn RecordSource,
    pub(super) serving: &'e Serving,
    zones: Vec<(Vec<u8>, &'e Name)>,
    pub(super) readings: Readings,
    pub(super) asks: Vec<Ask>,
    /// The questions that wait for others, the client's first. Each further one came from an alias.
    open: Vec<(Vec<u8>, QueryType)>,
    lookups: usize,
    /// The records that aliases led to so far.
    led_to: usize,
}

/// A question on its way to a reply.
#[derive(Clone, Debug)]
pub(super) struct Query {
    /// In the spelling of the question, which owners repeat.
    pub(super) name: Rc<[u8]>,
    pub(super) lower: Vec<u8>,
    pub(super) kind: QueryType,
}

/// The records of one lookup that count.
#[derive(Debug)]
pub(super) struct LookupRecords {
    pub(super) kept: Vec<Rc<FoundRecord>>,
    pub(super) unused: Vec<Unused>,
}

/// Result of a lookup.
#[derive(Debug, Default)]
pub(super) struct LookupResult {
    pub(super) records: Vec<Raw>,
    pub(super) additional: Vec<Raw>,
    pub(super) unused: Vec<Unused>,
}

/// A reply before it is encoded.
#[derive(Debug)]
pub(super) struct DraftReply<'e> {
    pub(super) zone: Option<&'e Name>,
    pub(super) outcome: AnswerOutcome,
    pub(super) answer: Vec<Raw>,
    pub(super) authority: Vec<Raw>,
    pub(super) additional: Vec<Raw>,
    pub(super) why: Why,
    /// The keys behind a reply without records.
    pub(super) keys: Vec<Box<[u8]>>,
}

impl Query {
    /// Makes the question for a name as an alias has it.
    pub(super) fn new(name: &[u8], kind: QueryType) -> Self {
        Self { name: domain::canonical(name).into(), lower: lookup::looked_up(name), kind }
    }

    /// Makes the question as it comes from the wire, where each byte of a name has one spelling.
    pub(super) fn of(question: &Question) -> Self {
        let mut name = vec![];
        let mut rest = question.spelled.as_bytes();
        while let (Some(&first), Some((byte, length))) = (rest.first(), domain::byte_at(rest)) {
            rest = rest.get(length..).unwrap_or_default();
            if first == b'.' { name.push(b'.') } else { domain::escape(byte, &mut name) }
        }
        Self::new(&domain::closed(&name), question.kind)
    }
}

impl<'e> Engine<'e> {
    pub(super) fn new(source: &'e dyn RecordSource, serving: &'e Serving) -> Self {
        let zones = serving.zones.iter().map(|zone| (text(zone), zone)).collect();
        let readings = Readings::new();
        Self { source, serving, zones, readings, asks: vec![], open: vec![], lookups: 0, led_to: 0 }
    }

    /// Answers a client's question.
    pub(super) fn ask(&mut self, query: &Query) -> Result<DraftReply<'e>, LookupError> {
        (self.lookups, self.led_to) = (0, 0);
        (self.asks, self.open) = (vec![], vec![(query.lower.clone(), query.kind)]);
        let served = self.serve(query)?;
        if matches!(served.outcome, AnswerOutcome::Refused | AnswerOutcome::Elsewhere) {
            self.note(query);
        }
        Ok(served)
    }

    /// Asks the server itself for an alias's target, as if a client did (plugin/pkg/upstream), and returns the answer's
    /// records. A target that no zone covers is asked elsewhere.
    pub(super) fn ask_again(&mut self, target: &[u8], kind: QueryType) -> Result<Vec<Raw>, LookupError> {
        let query = Query::new(target, kind);
        if !self.zones.iter().any(|(zone, _)| domain::is_within(zone, target)) {
            self.note(&query);
            return Ok(vec![]);
        }
        let place = (query.lower.clone(), kind);
        if let Some(start) = self.open.iter().position(|open| *open == place) {
            let round = self.open.iter().skip(start).chain([&place]);
            let through = round.map(|(name, _)| wire::shown(name)).collect();
            return Err(LookupError::Loop { through, aliases: vec![] });
        }
        if self.open.len() > MAX_CROSSINGS {
            return Err(LookupError::TooManyCrossings { crossings: MAX_CROSSINGS, aliases: vec![] });
        }
        self.open.push(place);
        let served = self.serve(&query);
        self.open.pop();
        let served = served?;
        if matches!(served.outcome, AnswerOutcome::Refused | AnswerOutcome::Elsewhere) {
            self.note(&query);
        }
        Ok(served.answer)
    }

    /// Notes a question that is asked elsewhere, once. A text that is no name is never sent.
    fn note(&mut self, query: &Query) {
        if let Ok(name) = wire::name(&query.name) {
            let ask = Ask { name: name.text, kind: query.kind };
            if !self.asks.contains(&ask) {
                self.asks.push(ask);
            }
        }
    }

    fn serve(&mut self, query: &Query) -> Result<DraftReply<'e>, LookupError> {
        let covering = self.zones.iter().filter(|(zone, _)| domain::is_within(zone, &query.lower));
        let Some((zone, name)) = covering.max_by_key(|(zone, _)| zone.len()).cloned() else {
            let outcome = match self.serving.behind {
                OtherPlugins::Nothing => AnswerOutcome::Refused,
                OtherPlugins::Nobody => AnswerOutcome::ServFail,
                OtherPlugins::Something => AnswerOutcome::Elsewhere,
            };
            return Ok(DraftReply::new(None, outcome, Why::NoZone));
        };
        let mut served = match self.look_up(&zone, query) {
            Err(failure) if failure.is_endless() => return Err(failure),
            Err(failure) if self.forgets_the_name(&zone, query, &failure) => {
                let (keys, name_of_reply) = (failure.keys(), wire::shown(&domain::join("ns.dns.", &zone)));
                let (key, reason) = (keys.first().cloned(), EncodeError::EmptyLabel);
                let why = Why::NotEncodable { key, name: name_of_reply, reason };
                return Ok(DraftReply { keys, ..DraftReply::new(Some(name), AnswerOutcome::Silence, why) });
            }
            Err(LookupError::NoSuchName { key, reach }) => {
                let is_ns = query.kind == QueryType::NS && query.lower == zone;
                let why = if is_ns {
                    Why::NoNameServers { key }
                } else {
                    LookupError::NoSuchName { key, reach }.into()
                };
                self.no_such_name(name, query, why)
            }
            Err(failure) => {
                let keys = failure.keys();
                DraftReply { keys, ..DraftReply::new(Some(name), AnswerOutcome::ServFail, failure.into()) }
            }
            Ok(given) if given.records.is_empty() => {
                let keys = given.unused.iter().map(|unused| unused.key.clone()).collect();
                let why = Why::NoData { kind: query.kind, unused: given.unused };
                DraftReply { keys, ..DraftReply::new(Some(name), AnswerOutcome::NoError, why) }
            }
            Ok(given) => {
                let why = if query.kind == QueryType::SOA { Why::MadeUp } else { Why::Records };
                let (answer, additional) = (given.records, given.additional);
                DraftReply { answer, additional, ..DraftReply::new(Some(name), AnswerOutcome::NoError, why) }
            }
        };
        if served.answer.is_empty() && !matches!(served.why, Why::HandedOn(_)) {
            served.authority.push(self.soa(&zone));
        }
        Ok(served)
    }

    /// Tells whether the reply is about another name than was asked for, and cannot be sent. Up to 1.12.1 a zone's
    /// `ns.dns.` with a dot too many stayed in the question when reading it failed (`backend_lookup.go:437`).
    fn forgets_the_name(&self, zone: &[u8], query: &Query, failure: &LookupError) -> bool {
        let read = matches!(failure, LookupError::NoSuchName { .. } | LookupError::Undecodable { .. });
        let is_ns = query.kind == QueryType::NS && query.lower == zone;
        self.serving.version < NAME_PUT_BACK && is_ns && read
    }

    /// Replies for a name that does not exist here, and may exist behind the plugin.
    fn no_such_name(&self, name: &'e Name, query: &Query, why: Why) -> DraftReply<'e> {
        let falls = match &self.serving.fallthrough {
            Fallthrough::Never => false,
            Fallthrough::Always => true,
            Fallthrough::For(zones) => zones.iter().any(|zone| domain::is_within(&text(zone), &query.lower)),
        };
        let outcome = match (falls, self.serving.behind) {
            (false, _) => return DraftReply::new(Some(name), AnswerOutcome::NxDomain, why),
            (true, OtherPlugins::Nothing | OtherPlugins::Nobody) => AnswerOutcome::ServFail,
            (true, OtherPlugins::Something) => AnswerOutcome::Elsewhere,
        };
        DraftReply::new(Some(name), outcome, Why::HandedOn(Box::new(why)))
    }

    fn look_up(&mut self, zone: &[u8], query: &Query) -> Result<LookupResult, LookupError> {
        match query.kind {
            QueryType::A | QueryType::AAAA | QueryType::TXT => {
                self.chase(zone, query, query.wanted(), &mut vec![])
            }
            QueryType::CNAME | QueryType::PTR => self.own(query),
            QueryType::SRV => self.srv(zone, query),
            QueryType::MX => self.mx(zone, query),
            QueryType::SOA => Ok(LookupResult { records: vec![self.soa(zone)], ..LookupResult::default() }),
            QueryType::NS if query.lower == zone => self.ns(zone, query),
            _ => self.exists(zone, query),
        }
    }

    /// Looks for addresses only to tell whether the name exists, and drops them.
    fn exists(&mut self, zone: &[u8], query: &Query) -> Result<LookupResult, LookupError> {
        let asks = self.asks.len();
        let mut given = self.chase(zone, query, query.wanted(), &mut vec![])?;
        self.asks.truncate(asks);
        let mut unused = vec![];
        let keys = given.records.drain(..).filter_map(|record| record.key);
        for key in keys.map(|key| Box::from(&*key)).chain(given.unused.into_iter().map(|unused| unused.key)) {
            unused.push(Unused { key, because: Because::NeverAnswered });
        }
        Ok(LookupResult { unused, ..LookupResult::default() })
    }

    /// Selects the records of a name in lower case that are of use for a type, without those of other groups.
    pub(super) fn select(
        &mut self,
        name: &[u8],
        reach: LookupReach,
        kind: QueryType,
    ) -> Result<LookupRecords, LookupError> {
        let reading = self.read(name, reach)?;
        let note = |key: &[u8], because| Unused { key: key.into(), because };
        let mut unused: Vec<Unused> =
            reading.unmatched.iter().map(|key| note(key, Because::Unmatched)).collect();
        let mut kept = Vec::with_capacity(reading.found.len());
        for found in &reading.found {
            let service = &found.service;
            if !service.host.is_empty() || (kind == QueryType::TXT && !service.text.is_empty()) {
                kept.push(found.clone());
            } else {
                unused.push(note(&found.key, Because::NoHost));
            }
        }
        let (kept, others) = group::choose(kept);
        for other in others {
            let group = other.service.group.as_str().into();
            unused.push(note(&other.key, Because::OtherGroup { group }));
        }
        Ok(LookupRecords { kept, unused })
    }

    pub(super) fn count_lookup(&mut self) -> Result<(), LookupError> {
        self.lookups += 1;
        if self.lookups > MAX_LOOKUPS {
            return Err(LookupError::TooManyLookups { lookups: MAX_LOOKUPS });
        }
        Ok(())
    }

    /// Counts the records that were read, except for the question itself: its own records are read once, however many.
    pub(super) fn count_records(&mut self, records: usize) -> Result<(), LookupError> {
        if self.lookups > 1 {
            self.led_to = self.led_to.saturating_add(records);
        }
        if self.led_to > MAX_RECORDS {
            return Err(LookupError::TooManyRecords { records: MAX_RECORDS });
        }
        Ok(())
    }

    /// Makes the SOA that `CoreDNS` makes up without asking etcd.
    fn soa(&self, zone: &[u8]) -> Raw {
        let (server, mailbox) = (domain::join("ns.dns", zone), domain::join("hostmaster", zone));
        let data = Data::Soa { server, mailbox, serial: self.serving.serial };
        Raw { owner: zone.into(), ttl: 30, data, key: None }
    }
}

impl<'e> DraftReply<'e> {
    fn new(zone: Option<&'e Name>, outcome: AnswerOutcome, why: Why) -> Self {
        let (answer, authority, additional, keys) = (vec![], vec![], vec![], vec![]);
        Self { zone, outcome, answer, authority, additional, why, keys }
    }
}

/// Returns a name as a text with its closing dot.
fn text(name: &Name) -> Vec<u8> {
    name.fqdn().into_bytes()
}
