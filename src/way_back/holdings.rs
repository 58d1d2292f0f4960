//! Holdings of a rescued file: whose keys it has, by the prefix below which each program keeps its own.
use crate::keys::{
    ClusterId, ForeignKeyValue, Revision, TENANTS, Tenant,
    spelling::{Spelled, spell},
};
use std::collections::BTreeMap;

/// Keys that begin with no path: `compact_rev_key`.
pub(super) const OTHER: &str = "other";

/// All keys of a file, by prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holdings {
    pub cluster: ClusterId,
    /// The revision at which all keys were read.
    pub revision: Revision,
    /// The scope of the session that has saved them: `/coredns/`.
    pub scope: String,
    /// In key order, those without a prefix at the end.
    parts: BTreeMap<(bool, String), Holding>,
}

/// The keys below one prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Spelled: `/registry/`, or `other` for all keys that begin with no path.
    pub prefix: String,
    /// Owner of the keys, where it is known.
    pub tenant: Option<&'static Tenant>,
    /// Keys without a lease: those that can be put back.
    pub keys: u64,
    /// Bytes of those keys and their values.
    pub bytes: u64,
    /// Keys with a lease, by the prefix one level below: `/registry/events/`. A lease that has ended cannot be revived.
    pub leased: BTreeMap<String, u64>,
}

impl Holdings {
    #[must_use]
    pub fn new(cluster: ClusterId, revision: Revision, scope: &str) -> Self {
        Self { cluster, revision, scope: scope.to_owned(), parts: BTreeMap::new() }
    }

    /// Adds a key of the file.
    pub fn add(&mut self, record: &ForeignKeyValue) {
        let prefix = prefix_of(&record.key, &self.scope);
        let rest = record.key.get(prefix.map_or(0, <[u8]>::len)..).unwrap_or_default();
        let (is_other, spelled) = prefix.map_or_else(|| (true, OTHER.to_owned()), |it| (false, spell(it)));
        let part =
            self.parts.entry((is_other, spelled)).or_insert_with_key(|(_, prefix)| Holding::of(prefix));
        if record.lease.is_none() {
            part.keys += 1;
            part.bytes += (record.key.len() + record.value.len()) as u64;
            return;
        }
        let below =
            rest.iter().position(|byte| *byte == b'/').and_then(|at| rest.get(..=at)).unwrap_or_default();
        let prefix = if part.prefix == OTHER { "" } else { &part.prefix };
        *part.leased.entry(format!("{prefix}{}", Spelled(below))).or_default() += 1;
    }

    /// Returns the name of the holding that a key belongs to.
    #[must_use]
    pub fn name_of(&self, key: &[u8]) -> String {
        prefix_of(key, &self.scope).map_or_else(|| OTHER.to_owned(), spell)
    }

    /// Returns the holdings in key order, the keys without a prefix at the end.
    pub fn iter(&self) -> impl Iterator<Item = &Holding> {
        self.parts.values()
    }

    /// Returns the scope's own keys: `coredeck restore` brings them back.
    #[must_use]
    pub fn own(&self) -> Option<&Holding> {
        self.iter().find(|holding| self.is_own(holding))
    }

    #[must_use]
    pub fn is_own(&self, holding: &Holding) -> bool {
        holding.prefix == self.scope
    }

    /// Returns those of others, the largest first.
    #[must_use]
    pub fn of_others(&self) -> Vec<&Holding> {
        let mut others: Vec<_> = self.iter().filter(|holding| !self.is_own(holding)).collect();
        others.sort_by_key(|holding| std::cmp::Reverse(holding.keys));
        others
    }

    /// Returns the holding that is put back where nobody names one: the largest of somebody else. `None` without a key
    /// of others that can be put back.
    #[must_use]
    pub fn largest(&self) -> Option<&Holding> {
        self.of_others().into_iter().find(|holding| holding.keys > 0)
    }

    /// Returns the one of Kubernetes, if it is there.
    #[must_use]
    pub fn of_kubernetes(&self) -> Option<&Holding> {
        self.iter().find(|holding| holding.is_of_kubernetes())
    }
}

/// Returns the scope, or the first part of the path, with its slash.
pub(super) fn prefix_of<'k>(key: &'k [u8], scope: &str) -> Option<&'k [u8]> {
    if key.starts_with(scope.as_bytes()) {
        return key.get(..scope.len());
    }
    let behind_first = usize::from(key.first() == Some(&b'/'));
    let slash = key.get(behind_first..)?.iter().position(|byte| *byte == b'/')?;
    key.get(..=behind_first + slash)
}

impl Holding {
    fn of(prefix: &str) -> Self {
        let tenant = TENANTS.iter().find(|tenant| prefix.strip_suffix('/') == Some(tenant.prefix));
        Self { prefix: prefix.to_owned(), tenant, keys: 0, bytes: 0, leased: BTreeMap::new() }
    }

    /// Tells whether an API server of Kubernetes keeps these keys, and makes those with a lease anew.
    #[must_use]
    pub fn is_of_kubernetes(&self) -> bool {
        matches!(&*self.prefix, "/registry/" | "/kubernetes.io/")
    }

    /// Returns `Kubernetes`, or the empty text where nobody knows.
    #[must_use]
    pub fn owner(&self) -> &'static str {
        self.tenant.map_or("", |tenant| tenant.owner)
    }

    /// Returns the number of keys with a lease.
    #[must_use]
    pub fn leased_keys(&self) -> u64 {
        self.leased.values().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::LeaseId;

    fn holdings(keys: &[(&str, i64)]) -> Holdings {
        let mut holdings = Holdings::new(ClusterId(7), Revision(9), "/dns/prod/");
        for (key, lease) in keys {
            holdings.add(&ForeignKeyValue {
                key: key.as_bytes().into(),
                value: b"v"[..].into(),
                create_revision: Revision(1),
                mod_revision: Revision(2),
                version: 1,
                lease: LeaseId::new(*lease),
            });
        }
        holdings
    }

    #[test]
    fn keys_are_told_apart_by_the_first_part_of_their_path_and_the_scope_by_all_of_its() {
        let held = holdings(&[
            ("/registry/pods/a", 0),
            ("/registry/events/default/x", 5),
            ("/registry/events/kube-system/y", 5),
            ("/registry/masterleases/10.0.0.1", 6),
            ("/dns/prod/io/x1", 0),
            ("/dns/test/io/x1", 0),
            ("calico/x", 0),
            ("compact_rev_key", 0),
            ("/alone", 0),
        ]);
        let shown: Vec<_> =
            held.iter().map(|part| (part.prefix.as_str(), part.keys, part.leased_keys())).collect();
        assert_eq!(
            shown,
            [("/dns/", 1, 0), ("/dns/prod/", 1, 0), ("/registry/", 1, 3), ("calico/", 1, 0), ("other", 2, 0)]
        );
        let kubernetes = held.of_kubernetes().unwrap();
        let leased: Vec<_> =
            kubernetes.leased.iter().map(|(prefix, keys)| (prefix.as_str(), *keys)).collect();
        assert_eq!(leased, [("/registry/events/", 2), ("/registry/masterleases/", 1)]);
        assert_eq!(held.own().map(|own| own.keys), Some(1));
        assert_eq!(held.largest().map(|part| &*part.prefix), Some("other"));
        assert_eq!(held.name_of(b"/registry/x"), "/registry/");
    }

    #[test]
    fn keys_that_only_have_leases_are_nothing_that_can_be_put_back() {
        let held = holdings(&[("/registry/events/x", 5), ("/dns/prod/io/x1", 0)]);
        assert_eq!(held.largest(), None);
        assert_eq!(held.of_kubernetes().map(Holding::leased_keys), Some(1));
    }
}
