//! Made records: the records of etcd that a file's records become, before their keys are known. A wish is compared with
//! these by what `CoreDNS` answers from them, and not by the words of the file, so that a second run finds its own
//! records.
use super::{
    essence::{Essence, essence},
    plain::{KeyPosition, is_mapped, is_ordinary, plain, service_fields},
};
use crate::{
    dns::{KeyContent, Name, QueryType, ReadPart, Serving, Value},
    exchange::{KnownAnswers, NotCarried, Rdata, TargetName, ZoneRecord},
    keys::{KeyValue, Revision, ScopedKey},
};
use std::collections::{HashMap, HashSet};

/// A record made from the file, still without a key.
#[derive(Clone, Debug)]
pub(super) struct MadeRecord {
    /// The records of the file that it carries.
    pub(super) numbers: Vec<usize>,
    /// The first of their lines.
    pub(super) line: usize,
    /// The name and the type that it is for.
    pub(super) owner: Name,
    pub(super) kind: QueryType,
    pub(super) ttl: u32,
    pub(super) place: KeyPosition,
    /// Without TTL.
    pub(super) value: Value,
    /// The target, where the value has to hold a name below it that has no records; `targetstrip` takes that label off.
    pub(super) apart: Option<Name>,
    /// Records that `CoreDNS` answers from it.
    pub(super) essences: Vec<Essence>,
}

/// Makes these records, and returns those that cannot be made as well.
pub(super) fn made(serving: &Serving, records: &[ZoneRecord]) -> (Vec<MadeRecord>, Vec<NotCarried>) {
    let mut maker = Maker {
        serving,
        all: records,
        by_owner: HashMap::new(),
        pointers: HashMap::new(),
        done: HashSet::new(),
        labels: HashMap::new(),
        made: vec![],
        not_carried: vec![],
    };
    for (number, record) in records.iter().enumerate() {
        maker.by_owner.entry(&record.owner).or_default().push(number);
        if let Some(target) = record.data.target() {
            *maker.pointers.entry(target).or_default() += 1;
        }
    }
    // Servers and services go first: they take the addresses of targets with them that only they need.
    for (number, record) in records.iter().enumerate() {
        if let Rdata::Ns(TargetName(target)) = &record.data {
            maker.name_server(number, record, target);
        }
    }
    for (number, record) in records.iter().enumerate() {
        if let Rdata::Srv { target: TargetName(target), .. } = &record.data {
            maker.service(number, record, target);
        }
    }
    for (number, record) in records.iter().enumerate() {
        if maker.done.insert(number) {
            maker.plain(number, record);
        }
    }
    (maker.made, maker.not_carried)
}

struct Maker<'m> {
    serving: &'m Serving,
    all: &'m [ZoneRecord],
    by_owner: HashMap<&'m Name, Vec<usize>>,
    /// Number of records that lead to each name.
    pointers: HashMap<&'m Name, usize>,
    /// Records that need nothing more.
    done: HashSet<usize>,
    /// Names below `ns.dns`, each with the server that it was given to.
    labels: HashMap<Name, &'m Name>,
    made: Vec<MadeRecord>,
    not_carried: Vec<NotCarried>,
}

impl<'m> Maker<'m> {
    /// The addresses of a name in the file, with their numbers.
    fn addresses(&self, name: &Name) -> Vec<(usize, &'m ZoneRecord)> {
        let numbers = self.by_owner.get(name).into_iter().flatten();
        let record = |number: &usize| Some((*number, self.all.get(*number)?));
        numbers.filter_map(record).filter(|(_, record)| record.data.address().is_some()).collect()
    }

    /// Makes a name server: an address in the zone's `dns/ns`, whose key gives the server its name.
    fn name_server(&mut self, number: usize, record: &'m ZoneRecord, target: &'m Name) {
        self.done.insert(number);
        let addresses = self.addresses(target);
        if addresses.is_empty() {
            let why = "the file has no address for it, and CoreDNS takes only addresses for name servers";
            return self.leave(record, why);
        }
        let Some(name) = self.name_of_server(&record.owner, target) else {
            return self.leave(record, "its name makes no key");
        };
        let is_alone = addresses.len() == 1;
        for (other, address) in addresses {
            let mut numbers = vec![number];
            if name == *target {
                self.done.insert(other);
                numbers.push(other);
            }
            let mut value = Value::default();
            value.set("host", &address.data.to_string().into());
            let place = KeyPosition::Target { name: name.clone(), is_alone };
            self.push(numbers, record, place, value, None);
        }
    }

    /// Returns the name that a server gets: its own if that lies in `ns.dns`; else one with its first label, or with
    /// all its labels if another server has that name.
    fn name_of_server(&mut self, zone: &Name, target: &'m Name) -> Option<Name> {
        let place = Name::parse(&format!("ns.dns.{}", zone.fqdn())).ok()?;
        if target.is_within(&place) && *target != place {
            self.labels.insert(target.clone(), target);
            return Some(target.clone());
        }
        let label = |labels: &[&[u8]]| String::from_utf8_lossy(&labels.join(&b"-"[..])).into_owned();
        let labels: Vec<&[u8]> = target.labels().collect();
        let names = [label(labels.get(..1)?), label(&labels)];
        names.iter().find_map(|label| {
            let name = Name::parse(&format!("{label}.{}", place.fqdn())).ok()?;
            let is_free = self.labels.get(&name).is_none_or(|other| *other == target)
                && !self.by_owner.contains_key(&name);
            is_free.then(|| self.labels.insert(name.clone(), target));
            is_free.then_some(name)
        })
    }

    /// Makes one record of a service and its server's address where the server's name lies right below the service's
    /// name: `CoreDNS` makes up such targets itself. As two records, the address would be a second service, with port
    /// 0.
    fn service(&mut self, number: usize, record: &'m ZoneRecord, target: &'m Name) {
        let addresses = self.addresses(target);
        let only_addresses =
            self.by_owner.get(target).is_some_and(|numbers| numbers.len() == addresses.len());
        let is_made_up = target.parent().as_ref() == Some(&record.owner)
            && !addresses.is_empty()
            && only_addresses
            && self.pointers.get(target) == Some(&1)
            && is_ordinary(self.serving, target)
            && addresses
                .iter()
                .all(|(number, address)| !self.done.contains(number) && !is_mapped(&address.data));
        if !is_made_up {
            return;
        }
        self.done.insert(number);
        let is_alone = addresses.len() == 1;
        for (other, address) in addresses {
            self.done.insert(other);
            let mut numbers = vec![number, other];
            // The record also carries the same address under the name of the service.
            for along in self.by_owner.get(&record.owner).cloned().unwrap_or_default() {
                if self.all.get(along).is_some_and(|along| along.data == address.data) {
                    self.done.insert(along);
                    numbers.push(along);
                }
            }
            let mut value = Value::default();
            value.set("host", &address.data.to_string().into());
            service_fields(&mut value, &record.data);
            let place = KeyPosition::Target { name: target.clone(), is_alone };
            self.push(numbers, record, place, value, None);
        }
    }

    /// Makes a record of its own.
    fn plain(&mut self, number: usize, record: &'m ZoneRecord) {
        if !is_ordinary(self.serving, &record.owner) {
            let why = "CoreDNS reads this place for the addresses and servers of the zone itself";
            return self.leave(record, why);
        }
        if is_mapped(&record.data) {
            return self.leave(record, "CoreDNS takes an IPv4 address in an IPv6 one for the IPv4 address");
        }
        let Some((place, value, apart)) = plain(self.serving, record) else { return };
        self.push(vec![number], record, place, value, apart);
    }

    fn push(
        &mut self,
        numbers: Vec<usize>,
        record: &ZoneRecord,
        place: KeyPosition,
        value: Value,
        apart: Option<Name>,
    ) {
        let ttls = numbers.iter().filter_map(|number| Some(self.all.get(*number)?.ttl.max(1)));
        let made = MadeRecord {
            ttl: ttls.min().unwrap_or(record.ttl.max(1)),
            line: record.line,
            owner: record.owner.clone(),
            kind: record.data.kind(),
            numbers,
            place,
            value,
            apart,
            essences: vec![],
        };
        match made.judged(self.serving) {
            Some(made) => self.made.push(made),
            None if !self.serving.zones.iter().any(|zone| record.owner.is_within(zone)) => {
                self.leave(record, "CoreDNS serves no zone that it lies in");
            }
            None => self.leave(record, "CoreDNS would answer nothing from it"),
        }
    }

    fn leave(&mut self, record: &ZoneRecord, why: &'static str) {
        self.not_carried.push(left(record, why));
    }
}

/// Makes one record alone, as if the file had no other that goes with it.
pub(super) fn by_itself(serving: &Serving, number: usize, record: &ZoneRecord) -> Option<MadeRecord> {
    let (place, value, apart) = plain(serving, record)?;
    let made = MadeRecord {
        numbers: vec![number],
        owner: record.owner.clone(),
        kind: record.data.kind(),
        ttl: record.ttl.max(1),
        line: record.line,
        place,
        value,
        apart,
        essences: vec![],
    };
    made.judged(serving)
}

impl MadeRecord {
    /// Returns it with the answers that it gives when nothing else is stored.
    fn judged(mut self, serving: &Serving) -> Option<Self> {
        let scope = &serving.scope;
        let own = |name: &Name| name.key(scope).ok();
        let below = |name: &Name| scope.key(&[own(name)?.as_bytes(), b"/x1"].concat()).ok();
        let mut value = self.value.clone();
        let key = match &self.place {
            KeyPosition::Own(name) | KeyPosition::Target { name, is_alone: true } => own(name),
            KeyPosition::Leaf(name) => below(name),
            KeyPosition::Target { name, is_alone: false } => {
                value.set("targetstrip", &1.into());
                below(name)
            }
        }?;
        let record = alone(key, value.to_bytes().into());
        let known = known(&record);
        let served = KnownAnswers::new(&known, serving).served_at(&record, &self.owner, self.kind);
        self.essences = served.iter().map(|record| essence(scope, record)).collect();
        Some(self).filter(|made| !made.essences.is_empty())
    }
}

/// Builds a stored record that is in no store yet.
pub(super) fn alone(key: ScopedKey, value: Box<[u8]>) -> KeyValue {
    let revision = Revision(0);
    KeyValue { key, value, create_revision: revision, mod_revision: revision, version: 0, lease: None }
}

/// Builds a scope that holds this record alone.
pub(super) fn known(record: &KeyValue) -> ReadPart {
    let content = KeyContent { value: record.value.clone(), lease: None };
    ReadPart::everything([(record.key.as_bytes().into(), content)])
}

/// Returns the line of a record that is not made, and the reason.
pub(super) fn left(record: &ZoneRecord, why: &'static str) -> NotCarried {
    let (name, kind) = (record.owner.to_string(), record.data.kind().to_string());
    NotCarried::Line { line: record.line, name, kind, why }
}
