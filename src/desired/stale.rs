//! Stale plans: finds keys that have changed since a plan was made.
use super::{PlanFile, PlannedKey};
use crate::keys::{KeyValue, Revision, spelling::spell};
use std::{collections::BTreeMap, fmt};

/// Keys that have changed since a plan was made; empty when the plan still holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stale {
    /// In key order.
    pub moved: Vec<Moved>,
    /// Least number of keys that are gone and can no longer be named.
    pub gone: u64,
}

/// A key that has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Spelled.
    pub key: String,
    /// Its last write when the plan was made; `None` where there was no such key or nobody can say.
    pub then: Option<Revision>,
    /// Its last write now; `None` where there is no such key.
    pub now: Option<Revision>,
}

impl Stale {
    /// Compares a plan with all that its target holds `now`, and with what it held `then`, while etcd still has that
    /// revision.
    #[must_use]
    pub fn of(plan: &PlanFile, now: &[KeyValue], then: Option<&[KeyValue]>) -> Self {
        let revisions = |records: &[KeyValue]| -> BTreeMap<String, Revision> {
            records.iter().map(|record| (spell(record.key.as_bytes()), record.mod_revision)).collect()
        };
        let planned = plan.keys().map(|planned: &PlannedKey| (planned.key.clone(), planned.then()));
        let is_complete = then.is_some();
        let mut before: BTreeMap<String, Option<Revision>> = planned.collect();
        let old = then.map(revisions).unwrap_or_default();
        before.extend(old.into_iter().map(|(key, revision)| (key, Some(revision))));
        let now = revisions(now);
        let mut moved: BTreeMap<String, Moved> = BTreeMap::new();
        let mut note = |key: &String, then: Option<Revision>, now: Option<Revision>| {
            moved.insert(key.clone(), Moved { key: key.clone(), then, now });
        };
        for (key, then) in &before {
            let is = now.get(key).copied();
            if is != *then {
                note(key, *then, is);
            }
        }
        for (key, is) in now.iter().filter(|(_, is)| **is > plan.revision) {
            note(key, before.get(key).copied().flatten(), Some(*is));
        }
        // A key that was written since may be a new one or not, so this is the least number.
        let old = now.values().filter(|is| **is <= plan.revision).count();
        let gone = match plan.keys {
            Some(keys) if !is_complete => keys.saturating_sub((old + moved.len()) as u64),
            _ => 0,
        };
        Self { moved: moved.into_values().collect(), gone }
    }

    /// Tells whether nothing has changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.moved.is_empty() && self.gone == 0
    }
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, then, now } = self;
        match (then, now) {
            (Some(then), Some(now)) => write!(f, "{key}: written at revision {now}, and at {then} before"),
            (None, Some(now)) => write!(f, "{key}: written at revision {now}"),
            (Some(then), None) => write!(f, "{key}: deleted; it was written at revision {then}"),
            (None, None) => write!(f, "{key}: not there"),
        }
    }
}
