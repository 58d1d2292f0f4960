use super::Index;
use crate::keys::{KeyValue, Revision};

/// How far an index that a watch kept and a fresh list are apart, in changes that the watch must have missed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Keys that the list has and we had not, or had older.
    pub puts: usize,
    /// Keys that we had and the list has no more.
    pub deletes: usize,
}

impl Differences {
    /// How many changes were missed.
    #[must_use]
    pub fn total(self) -> usize {
        self.puts + self.deletes
    }
}

impl Index {
    /// The records that are not in `newer`, whatever the reason, in key order.
    #[must_use]
    pub fn missing_in(&self, newer: &Self) -> Vec<KeyValue> {
        let mut missing = Vec::new();
        let (mut ours, mut theirs) = (self.records.cursor(), newer.records.cursor());
        while let Some(mine) = ours.record() {
            while theirs.key().is_some_and(|key| key < mine.key) {
                theirs.advance();
            }
            if theirs.key() != Some(mine.key) {
                missing.extend(self.records.owned(mine));
            }
            ours.advance();
        }
        missing
    }

    /// Compares this index, which has seen every watched change up to revision `watched_to`, with `newer`, which
    /// was listed at revision `listed_at`, and counts what the watch should have brought and has not.
    ///
    /// Changes that are on their way are none: a record counts only when it was written at `watched_to` or
    /// before; a key that is gone counts only when the watch has come as far as the list, and the key is not
    /// younger than the list. Call [`listing`](Self::listing) before the list is read, so that a key that the
    /// watch took away after the list was made is known to be gone rightly.
    #[must_use]
    pub fn differences(&self, newer: &Self, listed_at: Revision, watched_to: Revision) -> Differences {
        let mut found = Differences::default();
        let (mut ours, mut theirs) = (self.records.cursor(), newer.records.cursor());
        loop {
            let (mine, other) = (ours.record(), theirs.record());
            let order = match (&mine, &other) {
                (None, None) => return found,
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some(mine), Some(other)) => mine.key.cmp(other.key),
            };
            if order.is_lt() {
                let due = watched_to >= listed_at;
                found.deletes +=
                    usize::from(due && mine.is_some_and(|record| record.mod_revision <= listed_at));
            } else {
                let had = mine.filter(|_| order.is_eq()).map(|record| record.mod_revision);
                found.puts += usize::from(other.is_some_and(|record| {
                    record.mod_revision <= watched_to
                        && had < Some(record.mod_revision)
                        && !self.deleted_after(record.key, listed_at)
                }));
            }
            if order.is_le() {
                ours.advance();
            }
            if order.is_ge() {
                theirs.advance();
            }
        }
    }

    fn deleted_after(&self, key: &[u8], revision: Revision) -> bool {
        self.deleted.as_ref().and_then(|deleted| deleted.get(key)).is_some_and(|deleted| *deleted > revision)
    }
}
