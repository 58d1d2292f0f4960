//! Selection of records: some keys, some names with everything below them, or all of the scope.
use crate::{
    index::{Index, Records},
    keys::{KeyValue, Scope, ScopedKey},
};
use std::collections::BTreeSet;

/// Records that were chosen, by their keys, and names that stand for all that is at or below them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    records: BTreeSet<ScopedKey>,
    names: BTreeSet<ScopedKey>,
}

/// Records that an order is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Among {
    /// Every record of the scope.
    Scope,
    These(Selection),
}

impl Selection {
    /// Chooses one name, with everything at and below it.
    #[must_use]
    pub fn name(name: ScopedKey) -> Self {
        Self { records: BTreeSet::new(), names: BTreeSet::from([name]) }
    }

    /// Chooses one record.
    #[must_use]
    pub fn record(key: ScopedKey) -> Self {
        Self { records: BTreeSet::from([key]), names: BTreeSet::new() }
    }

    /// Tells whether nothing is chosen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && self.names.is_empty()
    }

    /// Returns the numbers of chosen names and of single chosen records.
    #[must_use]
    pub fn len(&self) -> (usize, usize) {
        (self.names.len(), self.records.len())
    }

    /// Returns the name, when nothing but one is chosen.
    #[must_use]
    pub fn only_name(&self) -> Option<&ScopedKey> {
        self.names.first().filter(|_| self.len() == (1, 0))
    }

    /// Tells whether a record is chosen itself.
    #[must_use]
    pub fn has_record(&self, key: &ScopedKey) -> bool {
        self.records.contains(key)
    }

    /// Tells whether a name is chosen itself.
    #[must_use]
    pub fn has_name(&self, name: &ScopedKey) -> bool {
        self.names.contains(name)
    }

    /// Tells whether a key lies at or below a chosen name.
    #[must_use]
    pub fn covers(&self, scope: &Scope, key: &ScopedKey) -> bool {
        !self.names.is_empty() && above(scope, key).any(|name| self.names.contains(&name))
    }

    /// Chooses a record; false when it was chosen already.
    pub fn add_record(&mut self, key: ScopedKey) -> bool {
        self.records.insert(key)
    }

    /// Chooses a name; false when it was chosen already.
    pub fn add_name(&mut self, name: ScopedKey) -> bool {
        self.names.insert(name)
    }

    /// Removes a record from the selection; false when it was not chosen.
    pub fn remove_record(&mut self, key: &ScopedKey) -> bool {
        self.records.remove(key)
    }

    /// Removes a name from the selection; false when it was not chosen.
    pub fn remove_name(&mut self, name: &ScopedKey) -> bool {
        self.names.remove(name)
    }

    /// Drops the chosen records and names that are gone after a record was deleted. Returns their number.
    pub fn forget(&mut self, index: &Index, key: &ScopedKey) -> usize {
        let mut gone = usize::from(!index.records().contains(key.as_bytes()) && self.records.remove(key));
        if !self.names.is_empty() {
            for name in above(index.records().scope(), key) {
                gone += usize::from(is_gone(index, &name) && self.names.remove(&name));
            }
        }
        gone
    }

    /// Drops all that are gone, after everything was read again.
    pub fn forget_all(&mut self, index: &Index) -> usize {
        let before = self.records.len() + self.names.len();
        self.records.retain(|key| index.records().contains(key.as_bytes()));
        self.names.retain(|name| !is_gone(index, name));
        before - self.records.len() - self.names.len()
    }

    /// Counts the chosen records, each once.
    #[must_use]
    pub fn count(&self, records: &Records) -> usize {
        let scope = records.scope();
        let below = |name: &ScopedKey| {
            usize::from(records.contains(name.as_bytes())) + records.count(&scope.below_key(name))
        };
        let single = |key: &&ScopedKey| !self.covers(scope, key) && records.contains(key.as_bytes());
        self.uppermost(scope).map(below).sum::<usize>() + self.records.iter().filter(single).count()
    }

    /// Returns the chosen names that lie below no other.
    fn uppermost<'s>(&'s self, scope: &'s Scope) -> impl Iterator<Item = &'s ScopedKey> {
        self.names.iter().filter(|name| !above(scope, name).skip(1).any(|above| self.names.contains(&above)))
    }
}

impl Among {
    /// Tells whether somebody chose the records one by one or by their names.
    #[must_use]
    pub fn is_chosen(&self) -> bool {
        matches!(self, Self::These(_))
    }

    /// Tells whether a record at this key is meant, or would be.
    #[must_use]
    pub fn holds(&self, scope: &Scope, key: &ScopedKey) -> bool {
        match self {
            Self::Scope => true,
            Self::These(chosen) => chosen.has_record(key) || chosen.covers(scope, key),
        }
    }

    /// Counts the records that are meant.
    #[must_use]
    pub fn count(&self, records: &Records) -> usize {
        match self {
            Self::Scope => records.len(),
            Self::These(chosen) => chosen.count(records),
        }
    }

    /// Visits each record that is meant, once. Stops at the first error.
    pub(super) fn visit<E>(
        &self,
        records: &Records,
        mut visit: impl FnMut(KeyValue) -> Result<(), E>,
    ) -> Result<(), E> {
        let scope = records.scope();
        match self {
            Self::Scope => records.range(&scope.range()).try_for_each(visit),
            Self::These(chosen) => {
                for name in chosen.uppermost(scope) {
                    records.get(name.as_bytes()).map_or(Ok(()), &mut visit)?;
                    records.range(&scope.below_key(name)).try_for_each(&mut visit)?;
                }
                let single = chosen.records.iter().filter(|key| !chosen.covers(scope, key));
                single.filter_map(|key| records.get(key.as_bytes())).try_for_each(visit)
            }
        }
    }
}

fn is_gone(index: &Index, name: &ScopedKey) -> bool {
    let records = index.records();
    !records.contains(name.as_bytes()) && records.count(&records.scope().below_key(name)) == 0
}

/// Returns a key and the keys of all names above it, upwards.
fn above<'k>(scope: &'k Scope, key: &'k ScopedKey) -> impl Iterator<Item = ScopedKey> + 'k {
    let bytes = key.as_bytes();
    let first = scope.as_str().len();
    let cuts = (first..bytes.len()).rev().filter(move |at| bytes.get(*at) == Some(&b'/'));
    std::iter::once(bytes.len())
        .chain(cuts)
        .filter_map(move |cut| scope.key(bytes.get(..cut).unwrap_or_default()).ok())
}
