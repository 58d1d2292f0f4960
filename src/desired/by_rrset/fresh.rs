//! New records for what is wanted and not there.
use super::{places::Places, weights};
use crate::{
    dns::{Name, QueryType, Serving, Value},
    exchange::{FileRecord, NotCarried, Rdata, Target, ZoneRecord},
    keys::ScopedKey,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What is made of the records of these numbers, and what cannot be made.
pub(super) fn fresh(
    serving: &Serving,
    all: &[ZoneRecord],
    missing: &BTreeMap<usize, &ZoneRecord>,
    places: &mut Places<'_>,
) -> (Vec<FileRecord>, Vec<NotCarried>) {
    let mut maker = Maker {
        serving,
        all,
        places,
        left: missing.keys().copied().collect(),
        by_owner: HashMap::new(),
        pointers: HashMap::new(),
        made: vec![],
        not_carried: vec![],
    };
    for (number, record) in all.iter().enumerate() {
        maker.by_owner.entry(&record.owner).or_default().push(number);
        if let Some(target) = record.data.target() {
            *maker.pointers.entry(target).or_default() += 1;
        }
    }
    // Servers and services first: they take the addresses of targets along that only they need.
    for (number, record) in missing {
        if let Rdata::Ns(Target(target)) = &record.data {
            maker.name_server(*number, record, target);
        } else if let Rdata::Srv { target: Target(target), .. } | Rdata::Mx { target: Target(target), .. } =
            &record.data
        {
            maker.service(*number, record, target);
        }
    }
    for (number, record) in missing {
        if maker.left.remove(number) {
            maker.plain(record);
        }
    }
    (maker.made, maker.not_carried)
}

struct Maker<'m, 's> {
    serving: &'m Serving,
    all: &'m [ZoneRecord],
    places: &'m mut Places<'s>,
    left: BTreeSet<usize>,
    by_owner: HashMap<&'m Name, Vec<usize>>,
    /// How many records lead to a name.
    pointers: HashMap<&'m Name, usize>,
    made: Vec<FileRecord>,
    not_carried: Vec<NotCarried>,
}

impl<'m> Maker<'m, '_> {
    /// The addresses of a name in the file, with their numbers.
    fn addresses(&self, name: &Name) -> Vec<(usize, String)> {
        let numbers = self.by_owner.get(name).into_iter().flatten();
        let address = |number: &usize| Some((*number, self.all.get(*number)?.data.address()?.to_string()));
        numbers.filter_map(address).collect()
    }

    /// Name servers are addresses in the zone's `dns/ns`, and get their names from there.
    fn name_server(&mut self, number: usize, record: &'m ZoneRecord, target: &Name) {
        self.left.remove(&number);
        let addresses = self.addresses(target);
        if addresses.is_empty() {
            self.leave(
                record,
                "the file has no address for it, and CoreDNS takes only addresses for name servers",
            );
            return;
        }
        let place = Name::parse(&format!("ns.dns.{}", record.owner.fqdn())).ok();
        let is_ours = place.as_ref().is_some_and(|place| target.is_within(place) && target != place);
        let name = if is_ours {
            Some(target.clone())
        } else {
            let label = target.labels().next().map(|label| String::from_utf8_lossy(label).into_owned());
            label.and_then(|label| Name::parse(&format!("{label}.ns.dns.{}", record.owner.fqdn())).ok())
        };
        let Some(name) = name else {
            self.leave(record, "its name makes no key");
            return;
        };
        let one = addresses.len() == 1;
        for (number, address) in addresses {
            if is_ours {
                self.left.remove(&number);
            }
            let mut value = Value::default();
            value.set("host", &address.into());
            self.put_at(&name, one, value, record);
        }
    }

    /// A service or mail server whose target is a name of its own is one record with it, as `CoreDNS` makes targets up.
    fn service(&mut self, number: usize, record: &'m ZoneRecord, target: &Name) {
        let addresses = self.addresses(target);
        let only_addresses =
            self.by_owner.get(target).is_some_and(|numbers| numbers.len() == addresses.len());
        let is_made_up = target.is_within(&record.owner)
            && *target != record.owner
            && only_addresses
            && self.pointers.get(target) == Some(&1)
            && addresses.iter().all(|(number, _)| self.left.contains(number));
        let one = addresses.len() == 1;
        // Without its own key it would need a leaf, which would hide the record that has it.
        if !is_made_up || addresses.is_empty() || (one && self.places.has_own(target)) {
            return;
        }
        self.left.remove(&number);
        for (number, address) in addresses {
            self.left.remove(&number);
            // Its own address under the name of the service comes along.
            for other in self.by_owner.get(&record.owner).cloned().unwrap_or_default() {
                let same =
                    self.all.get(other).zip(self.all.get(number)).is_some_and(|(a, b)| a.data == b.data);
                if same {
                    self.left.remove(&other);
                }
            }
            let mut value = Value::default();
            value.set("host", &address.into());
            service_fields(&mut value, &record.data);
            self.put_at(target, one, value, record);
        }
    }

    /// A record at a name that targets are made up from: at its own key, or in leaves that are stripped.
    fn put_at(&mut self, name: &Name, one: bool, mut value: Value, record: &'m ZoneRecord) {
        let own = if one { self.places.own(name) } else { None };
        let key = own.or_else(|| {
            value.set("targetstrip", &1.into());
            self.places.leaf(name)
        });
        self.put(key, value, record);
    }

    fn plain(&mut self, record: &'m ZoneRecord) {
        let mut value = Value::default();
        let owner = &record.owner;
        let is_zone = self.serving.zones.contains(owner);
        let key = match &record.data {
            Rdata::A(_) | Rdata::Aaaa(_) => {
                value.set("host", &record.data.to_string().into());
                // What lies in dns/apex answers for the zone itself, and nothing else does then.
                let apex = Name::parse(&format!("apex.dns.{}", owner.fqdn())).ok().filter(|_| is_zone);
                self.places.leaf(apex.as_ref().unwrap_or(owner))
            }
            Rdata::Txt(strings) => {
                value.set("text", &text(strings).into());
                self.places.leaf(owner)
            }
            Rdata::Mx { target, .. } | Rdata::Srv { target, .. } => {
                value.set("host", &target.0.to_string().into());
                service_fields(&mut value, &record.data);
                self.places.leaf(owner)
            }
            Rdata::Cname(target) | Rdata::Ptr(target) => {
                value.set("host", &target.0.to_string().into());
                self.places.own(owner)
            }
            Rdata::Ns(_) | Rdata::Soa(_) => None,
        };
        self.put(key, value, record);
    }

    fn put(&mut self, key: Option<ScopedKey>, mut value: Value, record: &'m ZoneRecord) {
        let Some(key) = key else {
            self.leave(record, "its place in etcd is taken by another record");
            return;
        };
        value.set("ttl", &record.ttl.max(1).into());
        self.made.push(FileRecord {
            key: key.as_bytes().into(),
            value: value.to_bytes().into(),
            lease: None,
            line: record.line,
        });
    }

    fn leave(&mut self, record: &ZoneRecord, why: &'static str) {
        let kind: QueryType = record.data.kind();
        self.not_carried.push(NotCarried::Line {
            line: record.line,
            name: record.owner.to_string(),
            kind: kind.to_string(),
            why,
        });
    }
}

/// Port, priority and weight. `CoreDNS` takes 0 for nothing, so 1 is the nearest.
fn service_fields(value: &mut Value, data: &Rdata) {
    if let Rdata::Srv { priority, weight, port, .. } = data {
        value.set("port", &(*port).into());
        value.set("priority", &(*priority).max(1).into());
        value.set("weight", &weights::stored(*weight).into());
    } else if let Rdata::Mx { preference, .. } = data {
        value.set("mail", &true.into());
        value.set("priority", &(*preference).max(1).into());
    }
}

/// A text as a value holds it: a backslash is an escape there, and so is what is no UTF-8.
pub(super) fn text(strings: &[Vec<u8>]) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for chunk in strings.concat().utf8_chunks() {
        text.push_str(&chunk.valid().replace('\\', "\\\\"));
        for byte in chunk.invalid() {
            // A String takes every write.
            let _ = write!(text, "\\{byte:03}");
        }
    }
    text
}
