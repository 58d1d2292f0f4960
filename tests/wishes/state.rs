//! State of a scope: its records, before and after a comparison is made true.

use crate::told::Told;
use coredeck::{
    desired::{Comparison, Treatment, WantedRecords, by_rrset},
    dns::{KeyContent, Name, ReadPart, Serving},
    exchange::{NotCarried, Origin, Speech, ZoneRecord, ZoneText, read_zone, zone_files},
    keys::{ClusterId, KeyValue, Revision, Scope},
};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State(pub BTreeMap<Vec<u8>, Vec<u8>>);

pub fn scope() -> Scope {
    Scope::parse("/coredns").unwrap()
}

pub fn serving(zone: &Name) -> Serving {
    Serving::new(scope(), vec![zone.clone()])
}

impl State {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn has(&self, key: &[u8]) -> bool {
        self.0.contains_key(key)
    }

    pub fn extend(&mut self, other: &Self) {
        self.0.extend(other.0.clone());
    }

    pub fn keys(&self) -> Vec<Vec<u8>> {
        self.0.keys().cloned().collect()
    }

    pub fn known(&self) -> ReadPart {
        let content = |value: &[u8]| KeyContent { value: value.into(), lease: None };
        ReadPart::everything(self.0.iter().map(|(key, value)| (key.clone().into(), content(value))))
    }

    pub fn stored(&self) -> Vec<KeyValue> {
        let record = |(key, value): (&Vec<u8>, &Vec<u8>)| KeyValue {
            key: scope().key(key).unwrap(),
            value: value.as_slice().into(),
            create_revision: Revision(1),
            mod_revision: Revision(2),
            version: 1,
            lease: None,
        };
        self.0.iter().map(record).collect()
    }

    pub fn shown(&self) -> String {
        let line = |(key, value): (&Vec<u8>, &Vec<u8>)| {
            format!("{} {}", String::from_utf8_lossy(key), String::from_utf8_lossy(value))
        };
        self.0.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    pub fn compare(
        &self,
        serving: &Serving,
        read: &ZoneText,
        how: Treatment,
    ) -> (Comparison, Vec<NotCarried>) {
        let zones = [read.zone.clone()];
        let wish = WantedRecords { records: &read.records, zones: &zones, how, speech: Speech::Zone };
        by_rrset(&self.known(), serving, &self.stored(), wish)
    }

    pub fn apply(&mut self, comparison: &Comparison) {
        for record in &comparison.deletes {
            assert!(self.0.remove(record.key.as_bytes()).is_some(), "{}", record.key);
        }
        for update in &comparison.updates {
            let key = update.before.key.as_bytes().to_vec();
            assert!(self.0.insert(key, update.value.to_vec()).is_some(), "{}", update.before.key);
        }
        for relocated in &comparison.moves {
            let was = self.0.remove(relocated.before.key.as_bytes());
            assert!(was.is_some_and(|was| was == *relocated.before.value), "{}", relocated.before.key);
            let before = self.0.insert(relocated.to.as_bytes().to_vec(), relocated.value.to_vec());
            assert!(before.is_none(), "{} goes where {before:?} is", relocated.before.key);
        }
        for record in &comparison.creates {
            let before = self.0.insert(record.key.to_vec(), record.value.to_vec());
            assert!(before.is_none(), "{:?} is made where {before:?} is", record.key);
        }
    }

    /// Returns the keys that a wish is about: where records are changed, all of its zone; else those at its names and
    /// below them.
    pub fn of_wish(&self, zone: &Name, records: &[ZoneRecord], how: Treatment) -> Vec<Vec<u8>> {
        if how != Treatment::Add {
            return self.keys();
        }
        let scope = scope();
        let own = |name: &Name| name.key(&scope).unwrap().as_bytes().to_vec();
        let is_at = |key: &[u8], own: &[u8]| {
            key.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
        };
        let names = records.iter().map(|record| &record.owner).filter(|owner| *owner != zone);
        let names: Vec<Vec<u8>> = names.map(own).collect();
        self.keys().into_iter().filter(|key| names.iter().any(|name| is_at(key, name))).collect()
    }
}

pub fn creates(comparison: &Comparison) -> String {
    let line = |record: &coredeck::exchange::FileRecord| {
        format!("{} {}", String::from_utf8_lossy(&record.key), String::from_utf8_lossy(&record.value))
    };
    comparison.creates.iter().map(line).collect::<Vec<_>>().join(", ")
}

/// Returns the names at which anything may be answered, if they can be asked for: those of the file and of these keys,
/// and those above them.
pub fn names(zone: &Name, records: &[ZoneRecord], keys: &[Vec<u8>]) -> Vec<Name> {
    let of_keys = keys.iter().map(|key| Name::of_key(&scope(), &scope().key(key).unwrap()));
    let of_file = records.iter().map(|record| record.owner.clone());
    let extra = ["no", "x1.no"].map(|label| Name::parse(&format!("{label}.{}", zone.fqdn())).unwrap());
    let mut names: BTreeMap<String, Name> = BTreeMap::new();
    for name in of_keys.chain(of_file).chain(extra) {
        let above = std::iter::successors(Some(name), Name::parent);
        for name in above.take_while(|name| name.is_within(zone)).filter(Name::is_served) {
            names.insert(name.to_string(), name);
        }
    }
    names.into_values().collect()
}

/// Exports a scope to a zone file and imports that into an empty scope: returns the file, the records, and everything
/// told on the way.
pub fn exported(serving: &Serving, before: &State) -> Option<(String, State, Told)> {
    let leases = BTreeMap::new();
    let origin = Origin { cluster: ClusterId(1), revision: Revision(7), leases: &leases };
    let (files, nowhere) = zone_files(&before.known(), serving, &before.stored(), origin);
    assert!(nowhere.is_empty() && files.len() <= 1, "{nowhere:?}");
    let file = files.into_iter().next()?;
    let read =
        read_zone(file.text.as_bytes(), None).unwrap_or_else(|unread| panic!("{unread:?}\n{}", file.text));
    let broken: BTreeSet<String> = read
        .not_carried
        .iter()
        .filter(|left| matches!(left, NotCarried::Broken { .. }))
        .map(ToString::to_string)
        .collect();
    assert!(broken.is_empty(), "{broken:?}\n{}", file.text);
    let mut after = State::default();
    let (comparison, altered) = after.compare(serving, &read, Treatment::Add);
    after.apply(&comparison);
    let told = Told::of(file.not_carried.iter().chain(&read.not_carried).chain(&altered));
    Some((file.text, after, told))
}
