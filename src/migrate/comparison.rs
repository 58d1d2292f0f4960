//! Comparison of two scopes' records, key by key.
use crate::keys::{KeyValue, OutsideScopeError, Scope, ScopedKey};
use std::cmp::Ordering;

/// Differences between the old scope and the new one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeComparison {
    /// Records of the old scope, each with its key in the new one, where no record is.
    pub missing: Vec<(KeyValue, ScopedKey)>,
    pub differing: Vec<Differing>,
    /// Records of the new scope that the old one lacks.
    pub beyond: Vec<KeyValue>,
    /// Records of the old scope whose value stands in the new one as well.
    pub same: Vec<KeyValue>,
}

/// One key with two values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differing {
    pub old: KeyValue,
    pub new: KeyValue,
}

impl ScopeComparison {
    /// Compares the records of two scopes; both lists are in the order of their keys. Leases are not compared: one
    /// etcd knows nothing of the leases of another.
    ///
    /// # Errors
    /// A key of the old scope is none in the new one. It cannot happen while both lists are of their scopes.
    pub fn of(
        old: Vec<KeyValue>,
        new: Vec<KeyValue>,
        (from, to): (&Scope, &Scope),
    ) -> Result<Self, OutsideScopeError> {
        let mut comparison = Self::default();
        let mut new = new.into_iter().peekable();
        for record in old {
            let key = relocated(&record.key, from, to)?;
            while let Some(beyond) = new.next_if(|other| other.key < key) {
                comparison.beyond.push(beyond);
            }
            match new.peek().map(|other| other.key.cmp(&key)) {
                Some(Ordering::Equal) => {
                    let Some(other) = new.next() else { continue };
                    if other.value == record.value {
                        comparison.same.push(record);
                    } else {
                        comparison.differing.push(Differing { old: record, new: other });
                    }
                }
                Some(Ordering::Less | Ordering::Greater) | None => comparison.missing.push((record, key)),
            }
        }
        comparison.beyond.extend(new);
        Ok(comparison)
    }

    /// Tells whether everything of the old scope stands in the new one.
    #[must_use]
    pub fn is_copied(&self) -> bool {
        self.missing.is_empty() && self.differing.is_empty()
    }

    /// Returns the number of records in the old scope.
    #[must_use]
    pub fn old(&self) -> usize {
        self.missing.len() + self.differing.len() + self.same.len()
    }
}

/// Returns the key at the same place of another scope.
///
/// # Errors
/// The key is not one of `from`.
pub fn relocated(key: &ScopedKey, from: &Scope, to: &Scope) -> Result<ScopedKey, OutsideScopeError> {
    let Some(tail) = key.as_bytes().strip_prefix(from.as_str().as_bytes()) else {
        return to.key(key.as_bytes());
    };
    to.key(&[to.as_str().as_bytes(), tail].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Revision;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    type Map = BTreeMap<u8, u8>;

    fn scope(path: &str) -> Scope {
        Scope::parse(path).unwrap()
    }

    fn records(scope: &Scope, map: &Map) -> Vec<KeyValue> {
        let record = |(key, value): (&u8, &u8)| KeyValue {
            key: scope.key(format!("{}k{key:03}", scope.as_str()).as_bytes()).unwrap(),
            value: [*value].into(),
            create_revision: Revision(1),
            mod_revision: Revision(1),
            version: 1,
            lease: None,
        };
        map.iter().map(record).collect()
    }

    proptest! {
        #[test]
        fn every_key_of_both_scopes_is_in_exactly_one_part(
            old in proptest::collection::btree_map(0..20_u8, 0..3_u8, 0..12),
            new in proptest::collection::btree_map(0..20_u8, 0..3_u8, 0..12),
        ) {
            let (from, to) = (scope("/coredns"), scope("/dns/prod"));
            let found = ScopeComparison::of(records(&from, &old), records(&to, &new), (&from, &to)).unwrap();
            let both = |same: bool| old.iter().filter(|(key, value)| new.get(key).is_some_and(|other| (other == *value) == same)).count();
            prop_assert_eq!(found.same.len(), both(true));
            prop_assert_eq!(found.differing.len(), both(false));
            prop_assert_eq!(found.missing.len(), old.keys().filter(|key| !new.contains_key(key)).count());
            prop_assert_eq!(found.beyond.len(), new.keys().filter(|key| !old.contains_key(key)).count());
            prop_assert_eq!(found.is_copied(), old.iter().all(|(key, value)| new.get(key) == Some(value)));
            prop_assert_eq!(found.old(), old.len());
            for (record, key) in &found.missing {
                prop_assert_eq!(relocated(key, &to, &from).unwrap(), record.key.clone());
            }
        }
    }

    #[test]
    fn a_key_keeps_its_place_in_another_scope() {
        let (from, to) = (scope("/coredns"), scope("/dns/prod"));
        let key = from.key(b"/coredns/io/coredns/x1").unwrap();
        assert_eq!(relocated(&key, &from, &to).unwrap().spelled(), "/dns/prod/io/coredns/x1");
    }
}
