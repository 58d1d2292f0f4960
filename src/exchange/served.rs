//! Resource records that each stored record serves at the name that it was made for, by the rules of the answer
//! engine.
use super::{NotCarried, Rdata, ZoneRecord};
use crate::{
    dns::{
        Answer, AnswerOutcome, Class, Name, QueryType, Question, RecordSource, Service, Serving, Why, answer,
        answers, is_pointer, leaf_of, owner,
    },
    keys::{KeyValue, ScopedKey, spelling::Spelled},
};
use std::{collections::HashMap, net::IpAddr};

/// A stored record, and the resource records that it serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServedRecord {
    pub key: ScopedKey,
    /// The name that it was made for.
    pub owner: Name,
    /// The zone that this name lies in.
    pub zone: Option<Name>,
    /// Resource records that questions for it find. None when it is not served.
    pub records: Vec<ZoneRecord>,
    /// Those of them that come along with others and cannot be left out: the address of a service under the service's
    /// own name.
    pub along: Vec<ZoneRecord>,
    /// Reason why there is nothing, or less than one would think.
    pub not_carried: Option<NotCarried>,
}

/// The answers to the questions that were asked so far.
pub struct KnownAnswers<'s> {
    source: &'s dyn RecordSource,
    serving: &'s Serving,
    known: HashMap<(Name, QueryType), KeyedAnswer>,
}

impl std::fmt::Debug for KnownAnswers<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answers").field("serving", self.serving).finish_non_exhaustive()
    }
}

/// One answer, as records.
#[derive(Debug)]
pub(super) struct AnswerRecords {
    pub(super) kind: QueryType,
    pub(super) outcome: AnswerOutcome,
    pub(super) zone: Option<Name>,
    /// The answer section, with the keys behind it.
    pub(super) answer: Vec<(Option<Box<[u8]>>, ZoneRecord)>,
    /// Records of the answer that no file could have.
    pub(super) odd: Vec<String>,
    /// True if an alias leads to a name that is asked elsewhere.
    pub(super) leads_out: bool,
}

/// One answer, by the key behind each of its records.
#[derive(Debug)]
struct KeyedAnswer {
    by_key: HashMap<Box<[u8]>, Vec<ZoneRecord>>,
    why: String,
}

/// Interpretation of a record: as one of this name, and an alias at its own key as a CNAME or as a PTR.
#[derive(Clone, Debug, PartialEq, Eq)]
struct RecordReading {
    owner: Name,
    is_pointer: bool,
}

impl<'s> KnownAnswers<'s> {
    #[must_use]
    pub fn new(source: &'s dyn RecordSource, serving: &'s Serving) -> Self {
        Self { source, serving, known: HashMap::new() }
    }

    /// Returns the resource records that a record serves at the name that it was made for; and at the name right
    /// above it, of which it is a leaf to `CoreDNS`, whatever it is called.
    pub fn served(&mut self, record: &KeyValue) -> ServedRecord {
        let (own, service) = match self.decoded(record) {
            Ok(decoded) => decoded,
            Err(served) => return *served,
        };
        let usual = self.usual_reading(&own, record, &service);
        let owner = usual.owner.clone();
        let mut served = self.read_as(record, &own, &service, usual);
        let is_plain = !service.mail && service.port.is_none() && service.class() != Class::Alias;
        let has_below = || self.source.count_below(&[record.key.as_bytes(), b"/"].concat()) > 0;
        if is_plain
            && owner == own
            && let Some(above) = leaf_of(&self.serving.zones, &own)
            && self.zone(&above) == served.zone
            && !has_below()
        {
            let reading = RecordReading { owner: above, is_pointer: false };
            let leaf = self.read_as(record, &own, &service, reading);
            if !leaf.records.is_empty() {
                served.not_carried = served.not_carried.filter(|_| !served.records.is_empty());
                served.records.extend(leaf.records);
            }
        }
        served
    }

    /// Returns the resource records that a record serves only at the name that it was made for.
    pub fn usual(&mut self, record: &KeyValue) -> ServedRecord {
        match self.decoded(record) {
            Err(served) => *served,
            Ok((own, service)) => {
                let usual = self.usual_reading(&own, record, &service);
                self.read_as(record, &own, &service, usual)
            }
        }
    }

    /// Returns the names that a record may be made for.
    #[must_use]
    pub fn may_be_for(&self, record: &KeyValue) -> Vec<Name> {
        let own = self.name_of(&record.key);
        let usual =
            self.decoded(record).ok().map(|(own, service)| self.usual_reading(&own, record, &service));
        let usual = usual.into_iter().flat_map(|usual| usual.owner.parent().into_iter().chain([usual.owner]));
        own.parent().into_iter().chain(usual).chain([own.clone()]).collect()
    }

    /// Returns all that a record may be meant to serve, the usual first: its writer may have called it anything.
    pub fn readings(&mut self, record: &KeyValue) -> Vec<ServedRecord> {
        let (own, service) = match self.decoded(record) {
            Ok(decoded) => decoded,
            Err(served) => return vec![*served],
        };
        let usual = self.usual_reading(&own, record, &service);
        let mut readings = vec![usual.clone()];
        if zone_of_name_server(&own).as_ref() != Some(&usual.owner) {
            let is_alias = service.class() == Class::Alias;
            let mut more = vec![RecordReading { owner: own.clone(), is_pointer: false }];
            more.extend(is_alias.then(|| RecordReading { owner: own.clone(), is_pointer: true }));
            let above = own.parent().filter(|above| self.zone(above) == self.zone(&own));
            more.extend(above.map(|owner| RecordReading { owner, is_pointer: false }));
            // A server may have leaves, and lies below its service.
            let of_server = usual.owner.parent().filter(|_| service.port.is_some());
            let of_server = of_server.filter(|above| self.zone(above) == self.zone(&own));
            more.extend(of_server.map(|owner| RecordReading { owner, is_pointer: false }));
            readings.extend(more.into_iter().filter(|reading| *reading != usual));
        }
        readings.into_iter().map(|reading| self.read_as(record, &own, &service, reading)).collect()
    }

    /// Returns the resource records that a record for this name serves.
    pub(crate) fn served_at(&mut self, record: &KeyValue, owner: &Name, kind: QueryType) -> Vec<ZoneRecord> {
        let Ok((own, service)) = self.decoded(record) else { return vec![] };
        let reading = RecordReading { owner: owner.clone(), is_pointer: kind == QueryType::PTR };
        self.read_as(record, &own, &service, reading).records
    }

    /// Returns the name and the value of a record; fails with the result for one that does not decode.
    fn decoded(&self, record: &KeyValue) -> Result<(Name, Service), Box<ServedRecord>> {
        let own = Name::of_key(&self.serving.scope, &record.key);
        match Service::decode(&record.value) {
            Ok(service) => Ok((own, service)),
            Err(error) => {
                let why = error.to_string();
                Err(Box::new(ServedRecord {
                    key: record.key.clone(),
                    zone: self.zone(&own),
                    owner: own,
                    records: vec![],
                    along: vec![],
                    not_carried: Some(NotCarried::NotServed { key: record.key.clone(), why }),
                }))
            }
        }
    }

    /// Returns the name that a record was made for.
    fn usual_reading(&self, own: &Name, record: &KeyValue, service: &Service) -> RecordReading {
        let owner = match zone_of_name_server(own) {
            Some(zone) if self.serving.zones.contains(&zone) => zone,
            _ => self.owner(own, record, service),
        };
        if is_pointer(own, service) {
            return RecordReading { owner: own.clone(), is_pointer: true };
        }
        RecordReading { owner, is_pointer: false }
    }

    fn read_as(
        &mut self,
        record: &KeyValue,
        own: &Name,
        service: &Service,
        reading: RecordReading,
    ) -> ServedRecord {
        let RecordReading { owner, is_pointer } = reading;
        let zone = self.zone(&owner);
        let mut served = ServedRecord {
            key: record.key.clone(),
            owner,
            zone,
            records: vec![],
            along: vec![],
            not_carried: None,
        };
        if served.zone.is_none() {
            served.not_carried = Some(NotCarried::NoZone { key: record.key.clone(), name: served.owner });
            served.owner = own.clone();
            return served;
        }
        if served.owner.labels().any(|label| matches!(label, b"*" | b"any")) {
            let why = "CoreDNS takes * and any for wildcards of a question".to_owned();
            served.not_carried = Some(NotCarried::NotServed { key: record.key.clone(), why });
            return served;
        }
        self.fill(&mut served, own, service, is_pointer);
        if served.records.is_empty() && served.not_carried.is_none() {
            let why = self.why(&served.owner, service);
            served.not_carried = Some(NotCarried::NotServed { key: record.key.clone(), why });
        }
        served
    }

    /// Returns the name that a record was made for. It adds to the rules of `dns` for all records: a mail server is
    /// named below the name whose mail it takes, and a server of a service below the service.
    fn owner(&self, own: &Name, record: &KeyValue, service: &Service) -> Name {
        let owner = owner(&self.serving.scope, &self.serving.zones, &record.key, service);
        let zone = self.zone(own);
        let same_zone =
            |name: &Name| zone.is_some() && Some(name) != zone.as_ref() && self.zone(name) == zone;
        let Some(above) = owner.parent().filter(|_| !own.is_reverse() && same_zone(&owner)) else {
            return owner;
        };
        let is_service = |name: &Name| name.labels().next().is_some_and(|label| label.starts_with(b"_"));
        let is_mail = service.mail && owner == *own && same_zone(&above);
        // Who names the target says by targetstrip which name has it.
        let is_said =
            service.class() == Class::Alias && owner != *own && service.target_strip.unwrap_or_default() > 0;
        let is_server = service.port.is_some() && is_service(&above) && !is_service(&owner) && !is_said;
        if is_mail || is_server { above } else { owner }
    }

    /// Returns the name of a key.
    pub(super) fn name_of(&self, key: &ScopedKey) -> Name {
        Name::of_key(&self.serving.scope, key)
    }

    /// Tells whether a name is one of the zones that are served.
    pub(super) fn is_zone(&self, name: &Name) -> bool {
        self.serving.zones.contains(name)
    }

    /// Returns the longest zone that covers a name.
    #[must_use]
    pub fn zone(&self, name: &Name) -> Option<Name> {
        let covering = self.serving.zones.iter().filter(|zone| name.is_within(zone));
        covering.max_by_key(|zone| zone.labels().len()).cloned()
    }

    fn fill(&mut self, served: &mut ServedRecord, own: &Name, service: &Service, is_pointer: bool) {
        let (key, owner) = (served.key.clone(), served.owner.clone());
        let mut all = |answers: &mut Self, kind: QueryType| {
            served.records.extend(answers.of_key(&owner, kind, &key).iter().cloned());
        };
        let has_port = service.port.is_some_and(|port| port != -1);
        let address = match service.class() {
            Class::V4(_) => Some(QueryType::A),
            Class::V6(_) => Some(QueryType::AAAA),
            Class::Alias | Class::Text | Class::Nothing => None,
        };
        match (address, service.class()) {
            _ if zone_of_name_server(own).as_ref() == Some(&owner) => all(self, QueryType::NS),
            (Some(kind), _) => {
                let is_service = service.mail || has_port;
                if has_port {
                    all(self, QueryType::SRV);
                }
                if service.mail {
                    all(self, QueryType::MX);
                }
                let own_address = self.of_key(&owner, kind, &key).to_vec();
                let place = if is_service { &mut served.along } else { &mut served.records };
                place.extend(own_address.into_iter().filter(|record| record.owner == owner));
            }
            (None, Class::Alias) if service.mail || has_port => {
                if has_port {
                    all(self, QueryType::SRV);
                }
                if service.mail {
                    all(self, QueryType::MX);
                }
            }
            (None, Class::Alias) if is_pointer => {
                served.records.extend(self.of_key(own, QueryType::PTR, &key).iter().cloned());
            }
            (None, Class::Alias) => self.alias(served, own),
            (None, Class::Text) => all(self, QueryType::TXT),
            (None, _) => {}
        }
        // Addresses that come along with a service need not be answers for the name itself.
        let all = std::mem::take(&mut served.records);
        served.records = all
            .into_iter()
            .filter(|record| {
                record.data.address().is_none()
                    || self.of_key(&record.owner, record.data.kind(), &key).contains(record)
            })
            .collect();
        served.records.sort_by(ZoneRecord::order);
        served.records.dedup();
        served.along.retain(|record| !served.records.contains(record));
    }

    /// Fills in an alias, which stands at its name's own key, or in a leaf, where it is met on the way to addresses
    /// and texts.
    fn alias(&mut self, served: &mut ServedRecord, own: &Name) {
        let key = served.key.clone();
        if served.owner == *own {
            served.records = self.of_key(own, QueryType::CNAME, &key).to_vec();
            return;
        }
        for kind in [QueryType::A, QueryType::AAAA, QueryType::TXT] {
            let found = self.of_key(&served.owner.clone(), kind, &key).iter();
            let alias = found.filter(|record| matches!(record.data, Rdata::Cname(_))).cloned();
            served.records = alias.collect();
            if !served.records.is_empty() {
                served.not_carried = Some(NotCarried::AliasInLeaf { key, name: served.owner.clone() });
                return;
            }
        }
    }

    /// Returns the records of an answer that come from a key.
    fn of_key(&mut self, name: &Name, kind: QueryType, key: &ScopedKey) -> &[ZoneRecord] {
        self.given(name, kind).by_key.get(key.as_bytes()).map_or(&[], Vec::as_slice)
    }

    /// Returns the records of a name and type, as they are answered, with the keys behind them.
    pub fn of_name(&mut self, name: &Name, kind: QueryType) -> Vec<(Box<[u8]>, ZoneRecord)> {
        let given = self.given(name, kind);
        let all = given.by_key.iter().flat_map(|(key, records)| records.iter().map(move |one| (key, one)));
        let own = all.filter(|(_, record)| record.owner == *name && record.data.kind() == kind);
        let mut own: Vec<_> = own.map(|(key, record)| (key.clone(), record.clone())).collect();
        own.sort_by(|(_, a), (_, b)| a.order(b));
        own
    }

    /// Returns the addresses that a client gets for a name in the end, once each.
    pub fn addresses(&mut self, name: &Name) -> Vec<IpAddr> {
        let mut all = vec![];
        for kind in [QueryType::A, QueryType::AAAA] {
            let records = self.given(name, kind).by_key.values().flatten();
            all.extend(records.filter_map(|record| record.data.address()));
        }
        all.sort();
        all.dedup();
        all
    }

    fn given(&mut self, name: &Name, kind: QueryType) -> &KeyedAnswer {
        let (source, serving) = (self.source, self.serving);
        self.known
            .entry((name.clone(), kind))
            .or_insert_with(|| KeyedAnswer::of(&answer(source, serving, &Question::of(name, kind))))
    }

    /// Returns the answers of a name to questions of all types. They are not kept: each name is asked only once.
    pub(super) fn all_of(&self, name: &Name) -> Vec<AnswerRecords> {
        answers(self.source, self.serving, name).iter().map(AnswerRecords::of).collect()
    }

    /// Tells why a record gives nothing.
    fn why(&mut self, owner: &Name, service: &Service) -> String {
        let kind = match service.class() {
            Class::V6(_) => QueryType::AAAA,
            Class::Text => QueryType::TXT,
            Class::V4(_) | Class::Alias | Class::Nothing => QueryType::A,
        };
        if service.class() == Class::Nothing {
            return "it has neither a host nor a text".to_owned();
        }
        self.given(owner, kind).why.clone()
    }
}

impl KeyedAnswer {
    fn of(answer: &Answer) -> Self {
        let mut by_key: HashMap<Box<[u8]>, Vec<ZoneRecord>> = HashMap::new();
        for rr in answer.answer.iter().chain(&answer.additional) {
            if let (Some(key), Some(record)) = (&rr.key, ZoneRecord::of_answer(rr)) {
                by_key.entry(key.clone()).or_default().push(record);
            }
        }
        let why = match (&answer.why, answer.outcome) {
            (Why::Records, _) => "other records of the name are given, and not this one".to_owned(),
            (Why::Undecodable { key, .. }, _) => {
                format!("the value of {} does not decode, which spoils the name", Spelled(key))
            }
            (why, AnswerOutcome::NoError | AnswerOutcome::NxDomain) => why.to_string(),
            (why, _) => format!("every question for the name fails: {why}"),
        };
        Self { by_key, why }
    }
}

impl AnswerRecords {
    fn of(answer: &Answer) -> Self {
        let (mut records, mut odd) = (vec![], vec![]);
        for rr in &answer.answer {
            match ZoneRecord::of_answer(rr) {
                Some(record) => records.push((rr.key.clone(), record)),
                None => odd.push(rr.to_string()),
            }
        }
        let leads_out = !answer.asks.is_empty();
        let (outcome, zone) = (answer.outcome, answer.zone.clone());
        Self { kind: answer.question.kind, outcome, zone, answer: records, odd, leads_out }
    }
}

/// Returns the zone of a name server's record: the name above `ns.dns`.
#[must_use]
pub(super) fn zone_of_name_server(name: &Name) -> Option<Name> {
    let labels: Vec<&[u8]> = name.labels().collect();
    let at = labels.windows(2).position(|pair| matches!(pair, [b"ns", b"dns"]))?;
    (0..at + 2).try_fold(name.clone(), |name, _| name.parent())
}
