//! What each stored record serves at the name that it was made for, by the rules of the answer engine.
use super::{NotCarried, Rdata, ZoneRecord};
use crate::{
    dns::{Answer, Class, Name, Outcome, QueryType, Question, Service, Serving, Source, Why, answer, owner},
    keys::{KeyValue, ScopedKey, spelling::Spelled},
};
use std::{collections::HashMap, net::IpAddr};

/// A stored record, and what it serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    pub key: ScopedKey,
    /// The name that it was made for.
    pub owner: Name,
    /// The zone that this name lies in.
    pub zone: Option<Name>,
    /// What questions for it find. Nothing when it is not served.
    pub records: Vec<ZoneRecord>,
    /// What of that comes along with the rest and cannot be left out: the address of a service under the service's own
    /// name.
    pub along: Vec<ZoneRecord>,
    /// Why there is nothing, or less than one would think.
    pub not_carried: Option<NotCarried>,
}

/// The answers to the questions that were asked so far.
pub struct Answers<'s> {
    source: &'s dyn Source,
    serving: &'s Serving,
    known: HashMap<(Name, QueryType), Given>,
}

impl std::fmt::Debug for Answers<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answers").field("serving", self.serving).finish_non_exhaustive()
    }
}

/// One answer, by the key behind each of its records.
#[derive(Debug)]
struct Given {
    by_key: HashMap<Box<[u8]>, Vec<ZoneRecord>>,
    why: String,
}

impl<'s> Answers<'s> {
    #[must_use]
    pub fn new(source: &'s dyn Source, serving: &'s Serving) -> Self {
        Self { source, serving, known: HashMap::new() }
    }

    /// What a record serves at the name that it was made for.
    pub fn served(&mut self, record: &KeyValue) -> Served {
        self.served_for(record, |_, _| false)
    }

    /// The same. A leaf of any name counts for the name above it when that `is_wanted` with its type and its own is not:
    /// whoever wrote it may have called it anything.
    pub fn served_for(&mut self, record: &KeyValue, is_wanted: impl Fn(&Name, QueryType) -> bool) -> Served {
        let scope = &self.serving.scope;
        let own = Name::of_key(scope, &record.key);
        let not_served = |why: String| Some(NotCarried::NotServed { key: record.key.clone(), why });
        let mut served = Served {
            key: record.key.clone(),
            owner: own.clone(),
            zone: None,
            records: vec![],
            along: vec![],
            not_carried: None,
        };
        let service = match Service::decode(&record.value) {
            Ok(service) => service,
            Err(error) => {
                served.zone = self.zone(&own);
                served.not_carried = not_served(error.to_string());
                return served;
            }
        };
        served.owner = match zone_of_name_server(&own) {
            Some(zone) if self.serving.zones.contains(&zone) => zone,
            _ => self.owner(&own, record, &service, is_wanted),
        };
        served.zone = self.zone(&served.owner);
        if served.zone.is_none() {
            served.not_carried = Some(NotCarried::NoZone { key: record.key.clone(), name: served.owner });
            served.owner = own;
            return served;
        }
        self.fill(&mut served, &own, &service);
        if served.records.is_empty() && served.not_carried.is_none() {
            let why = self.why(&served.owner, &service);
            served.not_carried = not_served(why);
        }
        served
    }

    /// The name that a record was made for. Beside what `dns` says of all records: a mail server is named below the
    /// name whose mail it takes, and a server of a service below the service.
    fn owner(
        &self,
        own: &Name,
        record: &KeyValue,
        service: &Service,
        is_wanted: impl Fn(&Name, QueryType) -> bool,
    ) -> Name {
        let owner = owner(&self.serving.scope, &self.serving.zones, &record.key, service);
        let zone = self.zone(own);
        let same_zone =
            |name: &Name| zone.is_some() && Some(name) != zone.as_ref() && self.zone(name) == zone;
        let Some(above) = owner.parent().filter(|_| !own.is_reverse() && same_zone(&owner)) else {
            return owner;
        };
        let kind = match service.class() {
            _ if service.mail => QueryType::MX,
            _ if service.port.is_some() => QueryType::SRV,
            Class::V4(_) => QueryType::A,
            Class::V6(_) => QueryType::AAAA,
            Class::Text => QueryType::TXT,
            Class::Alias | Class::Nothing => QueryType::CNAME,
        };
        let is_service = |name: &Name| name.labels().next().is_some_and(|label| label.starts_with(b"_"));
        let is_mail = service.mail && owner == *own && same_zone(&above);
        let is_server = service.port.is_some() && is_service(&above) && !is_service(&owner);
        let is_leaf = !is_wanted(&owner, kind) && is_wanted(&above, kind);
        if is_mail || is_server || is_leaf { above } else { owner }
    }

    /// The longest zone that covers a name.
    #[must_use]
    pub fn zone(&self, name: &Name) -> Option<Name> {
        let covering = self.serving.zones.iter().filter(|zone| name.is_within(zone));
        covering.max_by_key(|zone| zone.labels().len()).cloned()
    }

    fn fill(&mut self, served: &mut Served, own: &Name, service: &Service) {
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
            (None, Class::Alias) if own.is_reverse() => {
                served.records.extend(self.of_key(own, QueryType::PTR, &key).iter().cloned());
                served.owner = own.clone();
            }
            (None, Class::Alias) => self.alias(served, own),
            (None, Class::Text) => all(self, QueryType::TXT),
            (None, _) => {}
        }
        // What comes along with a service may be none of the answers for the name itself.
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

    /// An alias stands at its name's own key, or in a leaf, where it is met on the way to addresses and texts.
    fn alias(&mut self, served: &mut Served, own: &Name) {
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

    /// What of an answer comes from a key.
    fn of_key(&mut self, name: &Name, kind: QueryType, key: &ScopedKey) -> &[ZoneRecord] {
        self.given(name, kind).by_key.get(key.as_bytes()).map_or(&[], Vec::as_slice)
    }

    /// The records of a name and type, as they are answered, with the keys behind them.
    pub fn of_name(&mut self, name: &Name, kind: QueryType) -> Vec<(Box<[u8]>, ZoneRecord)> {
        let given = self.given(name, kind);
        let all = given.by_key.iter().flat_map(|(key, records)| records.iter().map(move |one| (key, one)));
        let own = all.filter(|(_, record)| record.owner == *name && record.data.kind() == kind);
        let mut own: Vec<_> = own.map(|(key, record)| (key.clone(), record.clone())).collect();
        own.sort_by(|(_, a), (_, b)| a.order(b));
        own
    }

    /// The addresses that whoever asks for a name gets in the end, once each.
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

    fn given(&mut self, name: &Name, kind: QueryType) -> &Given {
        let (source, serving) = (self.source, self.serving);
        self.known
            .entry((name.clone(), kind))
            .or_insert_with(|| Given::of(&answer(source, serving, &Question::of(name, kind))))
    }

    /// Why a record gives nothing.
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

impl Given {
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
            (why, Outcome::NoError | Outcome::NxDomain) => why.to_string(),
            (why, _) => format!("every question for the name fails: {why}"),
        };
        Self { by_key, why }
    }
}

/// The zone of a name server's record: what lies above `ns.dns`.
#[must_use]
pub(super) fn zone_of_name_server(name: &Name) -> Option<Name> {
    let labels: Vec<&[u8]> = name.labels().collect();
    let at = labels.windows(2).position(|pair| matches!(pair, [b"ns", b"dns"]))?;
    (0..at + 2).try_fold(name.clone(), |name, _| name.parent())
}
