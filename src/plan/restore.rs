//! Restore of saved keys: compares them with the present ones, and brings the missing ones back. It never replaces
//! keys unasked.
use super::{Challenge, Intent, KeyEdit, LeaseChoice, LeaseGrant, PlanPurpose};
use crate::{
    keys::{KeyValue, LeaseId, ScopedKey},
    remedy::Remedy,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// A key as it was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedKey {
    pub key: ScopedKey,
    pub value: Box<[u8]>,
    pub lease: Option<LeaseId>,
}

/// Saved keys, compared with those that exist now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restore {
    missing: Vec<SavedKey>,
    differing: Vec<(KeyValue, Box<[u8]>)>,
    beside: Vec<ScopedKey>,
    same: usize,
    /// Remaining time of each lease when it was saved; `None` where it had ended by then.
    remained: BTreeMap<LeaseId, Option<Duration>>,
    living: BTreeSet<LeaseId>,
}

/// Reason why there is nothing to plan yet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    #[error("{keys} of the keys hung on a lease that has ended")]
    LeaseGone { keys: usize },
    #[error(
        "lease {0} had ended already when this was saved, so nobody knows how long a new one should live"
    )]
    RemainderUnknown(LeaseId),
}

impl Remedy for RestoreError {
    fn remedy(&self) -> String {
        match self {
            Self::LeaseGone { .. } => {
                "Say with --lease what they get: new (one that lives for what remained when it was saved), \
                 permanent (none), or leave-out (they stay away)."
            }
            Self::RemainderUnknown(_) => "Give --lease permanent or --lease leave-out.",
        }
        .to_owned()
    }
}

impl Restore {
    /// Compares two lists, both in key order and of the same part of the scope.
    #[must_use]
    pub fn of(saved: Vec<SavedKey>, now: Vec<KeyValue>) -> Self {
        let mut restore = Self::default();
        let mut now = now.into_iter().peekable();
        for saved in saved {
            while let Some(beside) = now.next_if(|is| is.key < saved.key) {
                restore.beside.push(beside.key);
            }
            match now.next_if(|is| is.key == saved.key) {
                None => restore.missing.push(saved),
                Some(is) if is.value == saved.value => restore.same += 1,
                Some(is) => restore.differing.push((is, saved.value)),
            }
        }
        restore.beside.extend(now.map(|is| is.key));
        restore
    }

    /// Adds facts about leases: the remaining times when they were saved, and which of them live.
    #[must_use]
    pub fn with_leases(
        self,
        remained: BTreeMap<LeaseId, Option<Duration>>,
        living: BTreeSet<LeaseId>,
    ) -> Self {
        Self { remained, living, ..self }
    }

    /// Returns the keys that were saved and do not exist.
    #[must_use]
    pub fn missing(&self) -> &[SavedKey] {
        &self.missing
    }

    /// Returns the records that have another value now, each with its saved value.
    #[must_use]
    pub fn differing(&self) -> &[(KeyValue, Box<[u8]>)] {
        &self.differing
    }

    /// Returns the keys that exist and were not saved. They are left as they are.
    #[must_use]
    pub fn beside(&self) -> &[ScopedKey] {
        &self.beside
    }

    /// Returns the number of keys that were saved.
    #[must_use]
    pub fn saved(&self) -> usize {
        self.missing.len() + self.differing.len() + self.same
    }

    /// Returns the number of keys that are as they were saved.
    #[must_use]
    pub fn same(&self) -> usize {
        self.same
    }

    /// Counts the missing keys of each lease that is gone.
    #[must_use]
    pub fn gone(&self) -> BTreeMap<LeaseId, usize> {
        let mut gone = BTreeMap::new();
        for lease in self.missing.iter().filter_map(|saved| saved.lease) {
            if !self.living.contains(&lease) {
                *gone.entry(lease).or_default() += 1;
            }
        }
        gone
    }

    /// Returns the leases of the missing keys.
    #[must_use]
    pub fn leases(&self) -> BTreeSet<LeaseId> {
        self.missing.iter().filter_map(|saved| saved.lease).collect()
    }

    /// Returns the intent that creates the missing keys, and with `differing` gives the others their saved value.
    /// `None` when there is nothing to do.
    ///
    /// # Errors
    /// [`RestoreError`] while a person has to decide about keys whose lease is gone.
    pub fn intent(
        self,
        challenge: Challenge,
        lease: Option<LeaseChoice>,
        differing: bool,
    ) -> Result<Option<Intent>, RestoreError> {
        let gone = |saved: &SavedKey| saved.lease.filter(|lease| !self.living.contains(lease));
        let keys = self.missing.iter().filter_map(gone).count();
        if keys > 0 && lease.is_none() {
            return Err(RestoreError::LeaseGone { keys });
        }
        let mut instead: BTreeMap<LeaseId, LeaseGrant> = BTreeMap::new();
        if lease == Some(LeaseChoice::New) {
            for gone in self.missing.iter().filter_map(gone) {
                let remained = self.remained.get(&gone).copied().flatten();
                let ttl = remained.ok_or(RestoreError::RemainderUnknown(gone))?;
                instead.entry(gone).or_insert_with(|| LeaseGrant::new(ttl));
            }
        }
        let mut wishes = Vec::with_capacity(self.missing.len());
        for saved in self.missing {
            let lease = match saved.lease {
                Some(ended) if !self.living.contains(&ended) => {
                    if lease == Some(LeaseChoice::LeaveOut) {
                        continue;
                    }
                    instead.get(&ended).map(|grant| grant.lease)
                }
                living => living,
            };
            wishes.push(KeyEdit::Create { key: saved.key, value: saved.value, lease });
        }
        if differing {
            let update =
                |(is, value): (KeyValue, Box<[u8]>)| KeyEdit::Update { key: is.key, before: is.value, value };
            wishes.extend(self.differing.into_iter().map(update));
        }
        let grants = instead.into_values().collect();
        let bulk = (!wishes.is_empty()).then_some(wishes);
        Ok(bulk.map(|wishes| Intent::Bulk {
            purpose: PlanPurpose::Restore,
            challenge,
            wishes,
            grants,
            listed: None,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{Revision, Scope};
    use proptest::prelude::*;

    fn key(name: u8) -> ScopedKey {
        Scope::parse("/coredns").unwrap().key(&[b"/coredns/", &[name][..]].concat()).unwrap()
    }

    fn saved(name: u8, value: u8, lease: i64) -> SavedKey {
        SavedKey { key: key(name), value: [value].into(), lease: LeaseId::new(lease) }
    }

    fn is(name: u8, value: u8) -> KeyValue {
        let (create_revision, mod_revision) = (Revision(2), Revision(2));
        KeyValue {
            key: key(name),
            value: [value].into(),
            create_revision,
            mod_revision,
            version: 1,
            lease: None,
        }
    }

    fn challenge() -> Challenge {
        Challenge::scope(&Scope::parse("/coredns").unwrap())
    }

    fn wishes(
        restore: Restore,
        lease: Option<LeaseChoice>,
        differing: bool,
    ) -> (Vec<KeyEdit>, Vec<LeaseGrant>) {
        match restore.intent(challenge(), lease, differing).unwrap() {
            Some(Intent::Bulk { wishes, grants, .. }) => (wishes, grants),
            None => (vec![], vec![]),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_missing_is_created_and_what_differs_is_left_unless_it_is_asked_for() {
        let restore = Restore::of(
            vec![saved(1, 1, 0), saved(2, 2, 0), saved(4, 4, 0)],
            vec![is(2, 2), is(3, 3), is(4, 5)],
        );
        assert_eq!((restore.missing(), restore.beside()), (&[saved(1, 1, 0)][..], &[key(3)][..]));
        assert_eq!((restore.same(), restore.differing().len()), (1, 1));
        let create = KeyEdit::Create { key: key(1), value: [1].into(), lease: None };
        assert_eq!(wishes(restore.clone(), None, false).0, vec![create.clone()]);
        let update = KeyEdit::Update { key: key(4), before: [5].into(), value: [4].into() };
        assert_eq!(wishes(restore, None, true).0, [create, update]);
        let nothing = Restore::of(vec![saved(1, 1, 0)], vec![is(1, 1)]);
        assert_eq!(nothing.intent(challenge(), None, true), Ok(None));
    }

    #[test]
    fn keys_whose_lease_has_ended_come_back_as_somebody_has_said() {
        let lease = |id| LeaseId::new(id).unwrap();
        let remained = BTreeMap::from([(lease(7), Some(Duration::from_secs(60))), (lease(8), None)]);
        let restore = |keys: Vec<SavedKey>, living: &[i64]| {
            let living = living.iter().map(|id| lease(*id)).collect();
            Restore::of(keys, vec![]).with_leases(remained.clone(), living)
        };
        let two = || restore(vec![saved(1, 1, 7), saved(2, 2, 7), saved(3, 3, 0)], &[]);
        assert_eq!(two().intent(challenge(), None, false), Err(RestoreError::LeaseGone { keys: 2 }));
        let (some, grants) = wishes(two(), Some(LeaseChoice::New), false);
        let [grant] = grants[..] else { panic!("one for both: {grants:?}") };
        assert_eq!(grant.ttl, Duration::from_secs(60));
        let leases: Vec<_> = some
            .iter()
            .map(|wish| if let KeyEdit::Create { lease, .. } = wish { *lease } else { None })
            .collect();
        assert_eq!(leases, [Some(grant.lease), Some(grant.lease), None]);
        assert_eq!(wishes(two(), Some(LeaseChoice::LeaveOut), false).0.len(), 1);
        assert_eq!(wishes(two(), Some(LeaseChoice::Permanent), false).0.len(), 3);
        let unknown = restore(vec![saved(1, 1, 8)], &[]);
        assert_eq!(
            unknown.intent(challenge(), Some(LeaseChoice::New), false),
            Err(RestoreError::RemainderUnknown(lease(8)))
        );
        let (living, _) = wishes(restore(vec![saved(1, 1, 8)], &[8]), None, false);
        assert_eq!(living, [KeyEdit::Create { key: key(1), value: [1].into(), lease: LeaseId::new(8) }]);
    }

    proptest! {
        #[test]
        fn every_key_is_told_once_and_nothing_that_is_there_is_created_or_deleted(
            before in prop::collection::btree_map(0u8..20, 0u8..3, 0..12),
            now in prop::collection::btree_map(0u8..20, 0u8..3, 0..12),
            differing in any::<bool>(),
        ) {
            let restore = Restore::of(
                before.iter().map(|(name, value)| saved(*name, *value, 0)).collect(),
                now.iter().map(|(name, value)| is(*name, *value)).collect(),
            );
            let told = restore.missing().len() + restore.differing().len() + restore.same();
            prop_assert_eq!(told, before.len());
            prop_assert_eq!(told - restore.missing().len() + restore.beside().len(), now.len());
            let mut after = now.clone();
            for wish in wishes(restore, None, differing).0 {
                let name = wish.key().as_bytes()[9];
                match wish {
                    KeyEdit::Create { value, .. } => prop_assert!(after.insert(name, value[0]).is_none()),
                    KeyEdit::Update { before, value, .. } => {
                        prop_assert_eq!(after.insert(name, value[0]), Some(before[0]));
                    }
                    KeyEdit::Delete { .. } | KeyEdit::Move { .. } => prop_assert!(false),
                }
            }
            for (name, value) in &before {
                prop_assert_eq!(after[name] == *value, differing || now.get(name).is_none_or(|is| is == value));
            }
        }
    }
}
