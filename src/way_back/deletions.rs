//! Largest deletion of a past: the one in which one hand took most keys.
//!
//! A hand takes them in one revision, as `del` with a range does, in batches, or one by one, as `xargs etcdctl del` and
//! Kubernetes itself do. So revisions that lie close together and delete in the same way are one deletion. Keys that
//! come and go by themselves count only where nothing else was deleted.
use super::holdings::{OTHER, prefix_of};
use crate::keys::{Revision, spelling::spell};
use std::collections::BTreeMap;

/// Keys that Kubernetes deletes by itself, often many at a time: one lease may end under a thousand events.
pub const PASSING: &[&str] = &["/registry/events/", "/registry/leases/", "/registry/masterleases/"];

/// Most revisions between two batches of one deletion, from writes of others meanwhile.
const BETWEEN_BATCHES: i64 = 16;
/// Most revisions between two keys that are deleted one by one.
const BETWEEN_KEYS: i64 = 4;
/// Number of deletions that are remembered, the largest ones.
const KEPT: usize = 4;

/// One deletion, by any hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletionRun {
    pub first: Revision,
    pub last: Revision,
    /// Number of keys that it took, by top-level prefix, without those that come and go by themselves.
    pub keys: BTreeMap<String, u64>,
    /// Number of keys that it took that come and go by themselves.
    pub passing: u64,
}

/// Deletions, in the order of revisions.
#[derive(Debug, Default)]
pub struct DeletionLog {
    scope: String,
    now: Option<DeletionRun>,
    /// Deletions that go on: of several keys at a time, of single ones, and of passing ones.
    open: [Option<DeletionRun>; 3],
    largest: Vec<DeletionRun>,
}

impl DeletionRun {
    /// Returns the revision at which everything was still there.
    #[must_use]
    pub fn before(&self) -> Revision {
        Revision(self.first.0.saturating_sub(1))
    }

    /// Returns the number of keys that it took, without those that come and go by themselves.
    #[must_use]
    pub fn lasting(&self) -> u64 {
        self.keys.values().sum()
    }

    /// Returns the number of all keys that it took.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.lasting() + self.passing
    }

    fn at(revision: Revision) -> Self {
        Self { first: revision, last: revision, keys: BTreeMap::new(), passing: 0 }
    }

    fn join(&mut self, later: Self) {
        self.last = later.last;
        self.passing += later.passing;
        for (prefix, keys) in later.keys {
            *self.keys.entry(prefix).or_default() += keys;
        }
    }

    /// Returns the order of deletions by size; of equal ones the later is larger.
    fn size(&self) -> (u64, u64, Revision) {
        (self.lasting(), self.passing, self.first)
    }
}

impl DeletionLog {
    /// Begins a log. The scope's own keys are counted as its.
    #[must_use]
    pub fn new(scope: &str) -> Self {
        Self { scope: scope.to_owned(), ..Self::default() }
    }

    /// Adds the deletion of a key. Revisions come in their order.
    pub fn add(&mut self, revision: Revision, key: &[u8]) {
        if self.now.as_ref().is_none_or(|now| now.first != revision) {
            self.close();
        }
        let now = self.now.get_or_insert_with(|| DeletionRun::at(revision));
        if PASSING.iter().any(|prefix| key.starts_with(prefix.as_bytes())) {
            now.passing += 1;
            return;
        }
        let prefix = prefix_of(key, &self.scope).map_or_else(|| OTHER.to_owned(), spell);
        *now.keys.entry(prefix).or_default() += 1;
    }

    /// Returns the deletions, the largest first; none where nothing was deleted.
    #[must_use]
    pub fn largest(mut self) -> Vec<DeletionRun> {
        self.close();
        let open = std::mem::take(&mut self.open);
        open.into_iter().flatten().for_each(|deletion| self.keep(deletion));
        self.largest
    }

    /// Closes a revision: its keys are all there.
    fn close(&mut self) {
        let Some(now) = self.now.take() else { return };
        let (kind, between) = match now.lasting() {
            0 => (2, 0),
            1 => (1, BETWEEN_KEYS),
            _ => (0, BETWEEN_BATCHES),
        };
        let Some(open) = self.open.get_mut(kind) else { return };
        let done = match open {
            Some(open) if now.first.0 - open.last.0 <= between => {
                open.join(now);
                None
            }
            open => open.replace(now),
        };
        if let Some(done) = done {
            self.keep(done);
        }
    }

    fn keep(&mut self, deletion: DeletionRun) {
        let at = self.largest.partition_point(|kept| kept.size() > deletion.size());
        self.largest.insert(at, deletion);
        self.largest.truncate(KEPT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn largest(deletions: &[(i64, &str, u64)]) -> Vec<DeletionRun> {
        let mut log = DeletionLog::new("/coredns/");
        for (revision, prefix, keys) in deletions {
            for number in 0..*keys {
                log.add(Revision(*revision), format!("{prefix}{number}").as_bytes());
            }
        }
        log.largest()
    }

    #[test]
    fn most_keys_in_one_revision_are_the_largest_and_are_counted_by_whose_they_are() {
        let found = largest(&[
            (100, "/registry/pods/a/", 1),
            (318, "/registry/pods/", 267),
            (318, "/coredns/io/", 32),
            (318, "0root", 1),
            (400, "/registry/secrets/", 20),
        ]);
        let first = &found[0];
        assert_eq!((first.before(), first.last, first.total()), (Revision(317), Revision(318), 300));
        let keys: Vec<_> = first.keys.iter().map(|(prefix, keys)| (prefix.as_str(), *keys)).collect();
        assert_eq!(keys, [("/coredns/", 32), ("/registry/", 267), ("other", 1)]);
        assert_eq!(found.iter().map(DeletionRun::total).collect::<Vec<_>>(), [300, 20, 1]);
    }

    #[test]
    fn batches_of_one_hand_are_one_deletion_from_before_the_first() {
        let found = largest(&[
            (200, "/registry/a/", 100),
            (203, "/registry/b/", 100),
            (209, "/registry/c/", 7),
            (500, "/registry/d/", 150),
        ]);
        assert_eq!((found[0].before(), found[0].last, found[0].total()), (Revision(199), Revision(209), 207));
    }

    #[test]
    fn keys_that_went_one_by_one_are_one_deletion_and_no_part_of_a_batch_beside_them() {
        let one_by_one: Vec<_> = (0..50).map(|number| (1000 + number * 3, "/registry/x/", 1)).collect();
        let mut all = vec![(990, "/registry/pods/", 2)];
        all.extend(one_by_one);
        let found = largest(&all);
        assert_eq!((found[0].before(), found[0].total()), (Revision(999), 50));
        // Kubernetes' own daily deletions lie further apart.
        let apart: Vec<_> = (0..50).map(|number| (1000 + number * 9, "/registry/x/", 1)).collect();
        assert_eq!(largest(&apart)[0].total(), 1);
    }

    #[test]
    fn a_thousand_events_whose_lease_ends_are_no_accident_where_anything_else_was_deleted() {
        let found = largest(&[
            (10, "/registry/events/", 1000),
            (20, "/registry/masterleases/", 1),
            (30, "/coredns/x", 9),
        ]);
        assert_eq!((found[0].before(), found[0].total()), (Revision(29), 9));
        let alone = largest(&[(10, "/registry/events/", 1000), (20, "/registry/masterleases/", 1)]);
        assert_eq!((alone[0].before(), alone[0].total(), alone[0].lasting()), (Revision(9), 1000, 0));
        assert!(largest(&[]).is_empty());
        // They are told with the accident that took them too.
        let both = largest(&[(10, "/registry/events/", 5), (10, "/registry/pods/", 3)]);
        assert_eq!((both[0].lasting(), both[0].passing), (3, 5));
    }

    #[test]
    fn of_two_that_are_as_large_the_later_is_taken() {
        assert_eq!(largest(&[(10, "/a/", 5), (90, "/a/", 5)])[0].first, Revision(90));
    }

    proptest! {
        #[test]
        fn no_revision_takes_more_keys_than_the_largest(revisions in prop::collection::vec((1_i64..40, 1_u64..9), 1..30)) {
            let mut at = 0;
            let deletions: Vec<_> = revisions.iter().map(|(gap, keys)| { at += gap; (at, "/registry/pods/", *keys) }).collect();
            let found = largest(&deletions);
            let most = deletions.iter().map(|(_, _, keys)| *keys).max().unwrap();
            prop_assert!(found[0].total() >= most);
            let sum: u64 = deletions.iter().filter(|(at, ..)| found[0].first.0 <= *at && *at <= found[0].last.0).map(|(_, _, keys)| *keys).sum();
            // Deletions of another kind by others may lie between.
            prop_assert!(found[0].total() <= sum);
        }
    }
}
