//! Places for new records: leaves with no other record at, below or above them.
use crate::{
    dns::{Name, Serving},
    exchange::ZoneRecord,
    keys::{KeyValue, Scope, ScopedKey},
};
use std::{collections::BTreeSet, ops::Bound};

/// The keys that are taken.
#[derive(Debug)]
pub(super) struct TakenKeys<'s> {
    scope: &'s Scope,
    /// Keys of records, and of names that are wanted.
    taken: BTreeSet<Box<[u8]>>,
    /// Keys of records alone.
    stored: BTreeSet<Box<[u8]>>,
}

impl<'s> TakenKeys<'s> {
    /// A wanted name is no free leaf either, since a record there would answer for that name as well. Nor are the places
    /// of a zone itself, which new records may go to.
    pub(super) fn new(serving: &'s Serving, existing: &[KeyValue], wanted: &[ZoneRecord]) -> Self {
        let scope = &serving.scope;
        let stored: BTreeSet<Box<[u8]>> =
            existing.iter().map(|record| record.key.as_bytes().into()).collect();
        let names = wanted.iter().flat_map(|record| [Some(&record.owner), record.data.target()]).flatten();
        let names = names.filter_map(|name| Some(name.key(scope).ok()?.as_bytes().into()));
        let zones = serving.zones.iter().filter_map(|zone| zone.key(scope).ok());
        let places = zones.flat_map(|zone| {
            [b"/dns/apex".as_slice(), b"/dns/ns"].map(|place| [zone.as_bytes(), place].concat().into())
        });
        Self { scope, taken: stored.iter().cloned().chain(names).chain(places).collect(), stored }
    }

    /// Notes that a record has left its key for another.
    pub(super) fn relocate(&mut self, from: &ScopedKey, to: &ScopedKey) {
        self.stored.remove(from.as_bytes());
        self.taken.insert(to.as_bytes().into());
        self.stored.insert(to.as_bytes().into());
    }

    /// Returns the first free key of `x1`, `x2`, … below a name.
    pub(super) fn leaf(&mut self, name: &Name) -> Option<ScopedKey> {
        let own = name.key(self.scope).ok()?;
        (1_u32..).find_map(|number| {
            let key = [own.as_bytes(), format!("/x{number}").as_bytes()].concat();
            if self.is_taken(&key) {
                return None;
            }
            self.taken.insert(key.clone().into());
            self.scope.key(&key).ok()
        })
    }

    /// Returns the name's own key, if no record is there yet.
    pub(super) fn own(&mut self, name: &Name) -> Option<ScopedKey> {
        let own = name.key(self.scope).ok()?;
        self.taken.insert(own.as_bytes().into());
        self.stored.insert(own.as_bytes().into()).then_some(own)
    }

    /// Returns a name below this one that has no record at it or below it: `_mx` for a mail server, `_srv` for others.
    pub(super) fn apart(&self, name: &Name, label: &str) -> Option<Name> {
        (1_u32..).find_map(|number| {
            let number = if number == 1 { String::new() } else { number.to_string() };
            let apart = Name::parse(&format!("_{label}{number}.{}", name.fqdn()));
            match apart.map(|apart| (apart.key(self.scope), apart)) {
                Ok((Ok(key), _)) if self.is_taken(key.as_bytes()) => None,
                Ok((Ok(_), apart)) => Some(Some(apart)),
                // The name would be too long.
                _ => Some(None),
            }
        })?
    }

    /// Tells whether a record is at the name's own key.
    pub(super) fn has_own(&self, name: &Name) -> bool {
        name.key(self.scope).is_ok_and(|own| self.stored.contains(own.as_bytes()))
    }

    /// Tells whether a record lies below the name's own key, or will, where it hides a record at that key.
    pub(super) fn has_below(&self, name: &Name) -> bool {
        name.key(self.scope).is_ok_and(|own| is_below(&self.taken, own.as_bytes()))
    }

    /// Notes a new record.
    pub(super) fn note(&mut self, key: &ScopedKey) {
        self.stored.insert(key.as_bytes().into());
    }

    fn is_taken(&self, key: &[u8]) -> bool {
        self.taken.contains(key) || is_below(&self.taken, key)
    }
}

fn is_below(keys: &BTreeSet<Box<[u8]>>, key: &[u8]) -> bool {
    let below = [key, b"/"].concat();
    let from: (Bound<&[u8]>, Bound<&[u8]>) = (Bound::Included(&below), Bound::Unbounded);
    keys.range::<[u8], _>(from).next().is_some_and(|next| next.starts_with(&below))
}
