//! Differences between a list that was read again and the watch.
use super::Records;
use crate::keys::{KeyValue, Revision};

/// Differences between the shown records and a fresh list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Number of changes that the watch must have missed.
    pub missed: usize,
    /// Records that the list no longer has, for any reason, in key order.
    pub gone: Vec<KeyValue>,
    /// Number of records that the list has in an older version than the shown one: etcd has gone back.
    pub rewritten: usize,
}

impl Records {
    /// Compares these records with `listed`, which is all of the scope at revision `at`. `followed_to` is the revision
    /// up to which a watch has brought everything; where nothing was followed, nothing was missed.
    ///
    /// Changes that are still on their way do not count: a record counts only when it was written at `followed_to` or
    /// before; a key that is gone counts only when the watch has come as far as the list, and the key is not younger
    /// than the list.
    #[must_use]
    pub fn differences(&self, listed: &Self, at: Revision, followed_to: Option<Revision>) -> Differences {
        let mut found = Differences::default();
        let (mut ours, mut theirs) = (self.cursor(), listed.cursor());
        loop {
            let (mine, other) = (ours.record(), theirs.record());
            let order = match (&mine, &other) {
                (None, None) => return found,
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some(mine), Some(other)) => mine.key.cmp(other.key),
            };
            if let Some(mine) = mine.filter(|_| order.is_lt()) {
                let is_due = followed_to.is_some_and(|followed_to| followed_to >= at);
                found.missed += usize::from(is_due && mine.mod_revision <= at);
                found.gone.extend(self.owned(mine));
            } else {
                let had = mine.filter(|_| order.is_eq()).map(|record| record.mod_revision);
                let is_older = |other: &super::IndexedRecord<'_>| had > Some(other.mod_revision);
                found.rewritten += usize::from(other.as_ref().is_some_and(is_older));
                let followed_to = followed_to.unwrap_or_default();
                let is_missed = |other: &super::IndexedRecord<'_>| {
                    other.mod_revision <= followed_to && had < Some(other.mod_revision)
                };
                found.missed += usize::from(other.as_ref().is_some_and(is_missed));
            }
            if order.is_le() {
                ours.advance();
            }
            if order.is_ge() {
                theirs.advance();
            }
        }
    }
}
