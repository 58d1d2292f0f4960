//! Timeline of one scope: its counts in the order of revisions, and the last one before a loss.
use super::{OwnDeletion, OwnDeletions};
use crate::{
    counts::{Held, Holder, is_back, is_loss},
    keys::Revision,
};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Number of keys of a scope at a revision, with its witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    pub keys: u64,
    pub revision: Revision,
    /// The time, if the witness knows it: etcd keeps no times.
    pub at: Option<Timestamp>,
    pub witness: Witness,
}

/// Witness of a number of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Witness {
    /// The counts that this program has kept.
    Counts,
    Backup,
    Rescue,
    /// This machine's journal wrote them: there were at least this many.
    Journal,
    /// etcd's own history: there were at least this many.
    History,
}

impl Witness {
    /// Tells whether there may have been more.
    fn is_at_least(self) -> bool {
        matches!(self, Self::Journal | Self::History)
    }
}

/// Returns the last point before a loss that is not over. Its keys are adjusted by the later changes of this program,
/// which a person had agreed to. Points up to `settled` do not count, because their losses were accepted.
#[must_use]
pub fn before_a_loss(
    mut points: Vec<Point>,
    now: Held,
    settled: Option<Revision>,
    own: &OwnDeletions,
    scope: &Holder,
) -> Option<Point> {
    // A store that went back counts its revisions anew: then `settled` means nothing.
    let settled = settled.filter(|settled| *settled <= now.revision);
    // The kept counts know themselves which losses were accepted.
    points.retain(|point| {
        point.witness == Witness::Counts || settled.is_none_or(|settled| point.revision > settled)
    });
    points.sort_by_key(|point| point.revision);
    let is_lost = |before: u64, keys: u64, was_lost: bool| {
        is_loss(scope, before, keys) || (was_lost && !is_back(before, keys))
    };
    let (mut before, mut lost): (Option<Point>, bool) = (None, false);
    for point in points {
        let Some(known) = &before else {
            before = Some(point);
            continue;
        };
        let keys = own.expected(known, point.revision);
        if point.witness.is_at_least() && point.keys <= keys {
            continue;
        }
        lost = !point.witness.is_at_least() && is_lost(keys, point.keys, lost);
        if !lost {
            before = Some(point);
        }
    }
    let before = before?;
    let keys = own.expected(&before, now.revision.max(before.revision));
    is_lost(keys, now.keys, lost).then_some(Point { keys, ..before })
}

impl OwnDeletion {
    fn is_after(&self, point: &Point) -> bool {
        match (point.witness, point.at) {
            // The kept counts take in this program's changes at once, and learn the revision at the next look.
            (Witness::Counts, Some(at)) => self.time > at,
            _ => self.until > point.revision,
        }
    }
}

impl OwnDeletions {
    /// Returns the number of a point's keys at a revision, if only this program had changed it since. Keys that it
    /// created anew and deleted again do not count; keys that it brought back do.
    fn expected(&self, point: &Point, at: Revision) -> u64 {
        let Self(own) = self;
        let (mut keys, mut new) = (point.keys, BTreeSet::new());
        for plan in own.iter().filter(|plan| plan.until <= at && plan.is_after(point)) {
            if plan.is_return {
                keys = (keys + plan.made.len() as u64).min(point.keys);
            } else {
                new.extend(&plan.made);
            }
            let of_point = plan.keys.iter().filter(|key| !new.remove(key)).count();
            keys = keys.saturating_sub(of_point as u64);
        }
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Scope;

    fn point(witness: Witness, revision: i64, keys: u64) -> Point {
        Point { keys, revision: Revision(revision), at: None, witness }
    }

    /// Makes plans from their last revision, the number of keys that they deleted, and the number that they made
    /// before that.
    fn own(plans: &[(i64, usize, usize)]) -> OwnDeletions {
        let scope = Scope::parse("/coredns").unwrap();
        let key = |number: usize| scope.spelled_key(&format!("/coredns/{number}")).unwrap();
        let plan = |(until, deleted, made): &(i64, usize, usize)| OwnDeletion {
            from: Revision(until - 1),
            until: Revision(*until),
            time: Timestamp::UNIX_EPOCH,
            keys: (0..*deleted).map(key).collect::<BTreeSet<_>>(),
            made: (0..*made).map(key).collect(),
            is_return: until % 2 == 1,
        };
        OwnDeletions(plans.iter().map(plan).collect())
    }

    /// Returns the number of keys from before a loss, at revision 100 with `now` keys.
    fn lost(points: &[Point], now: u64, settled: Option<i64>, plans: &[(i64, usize, usize)]) -> Option<u64> {
        let now = Held { keys: now, at: Timestamp::UNIX_EPOCH, revision: Revision(100) };
        let scope = Holder::Scope("/coredns/".to_owned());
        before_a_loss(points.to_vec(), now, settled.map(Revision), &own(plans), &scope)
            .map(|point| point.keys)
    }

    #[test]
    fn each_witness_alone_is_enough_and_none_is_no_loss() {
        use Witness::{Backup, Counts, History, Journal, Rescue};
        for witness in [Counts, Backup, Rescue, Journal, History] {
            assert_eq!(lost(&[point(witness, 9, 40)], 0, None, &[]), Some(40), "{witness:?}");
            assert_eq!(
                lost(&[point(witness, 9, 1)], 0, None, &[]),
                Some(1),
                "an emptied scope, however small"
            );
            assert_eq!(lost(&[point(witness, 9, 40)], 26, None, &[]), Some(40), "more than a third");
            assert_eq!(lost(&[point(witness, 9, 40)], 27, None, &[]), None, "less than a third");
        }
        assert_eq!(lost(&[], 0, None, &[]), None, "a really new scope");
        assert_eq!(lost(&[point(Backup, 9, 0)], 0, None, &[]), None);
    }

    #[test]
    fn backups_of_an_emptied_scope_do_not_make_the_loss_forgotten() {
        use Witness::{Backup, Counts, History, Journal};
        let points = [point(Backup, 9, 40), point(Backup, 50, 0), point(Counts, 60, 2), point(Journal, 8, 3)];
        assert_eq!(lost(&points, 2, None, &[]), Some(40));
        assert_eq!(lost(&points, 37, None, &[]), None, "they are back");
        for some in [Journal, History] {
            let points = [point(Backup, 9, 40), point(some, 50, 30)];
            assert_eq!(lost(&points, 26, None, &[]), Some(40), "{some:?} knows of some keys only");
        }
        // A scope that shrinks little by little has had no accident.
        let slowly: Vec<Point> =
            (0..10).map(|n| point(Backup, 10 + n, 40 - 4 * u64::try_from(n).unwrap())).collect();
        assert_eq!(lost(&slowly[..6], 19, None, &[]), None);
    }

    #[test]
    fn what_this_program_has_deleted_and_what_was_accepted_is_no_loss() {
        let points = [point(Witness::Backup, 9, 40), point(Witness::History, 10, 40)];
        assert_eq!(lost(&points, 0, None, &[(20, 40, 0)]), None);
        assert_eq!(lost(&points, 0, None, &[(20, 30, 0)]), Some(10), "besides those 30");
        assert_eq!(lost(&points, 0, None, &[(5, 40, 0)]), Some(40), "before it was seen");
        assert_eq!(lost(&points, 0, None, &[(20, 40, 40)]), Some(40), "made anew and deleted again");
        assert_eq!(
            lost(&points, 0, None, &[(21, 0, 40), (22, 40, 0)]),
            None,
            "brought back, and then deleted"
        );
        assert_eq!(lost(&points, 40, None, &[(21, 0, 40)]), None, "brought back");
        assert_eq!(lost(&points, 0, Some(50), &[]), None);
        let since = [&points[..], &[point(Witness::Counts, 50, 6)]].concat();
        assert_eq!(lost(&since, 0, Some(50), &[]), Some(6), "what is lost after it is another loss");
        assert_eq!(lost(&points, 0, Some(500), &[]), Some(40), "a store that went back");
    }
}
