//! Counts of the last look, and those from before a loss, until the keys are back or somebody has accepted the loss.
use super::{
    Counts, Held, Holder, Loss,
    loss::{is_back, is_loss},
};
use crate::keys::Revision;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Two sessions, and two looks of one, overlap by less. If the kept counts are further ahead, another clock wrote
/// them.
const OVERLAP: SignedDuration = SignedDuration::from_mins(1);

/// Last counts of one cluster. Several scopes of it have a line each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastCounts {
    lines: Vec<CountLine>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct CountLine {
    whose: Holder,
    last: Held,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lost: Option<OpenLoss>,
    /// The time at which its last loss was over: the keys were back, or somebody had accepted the loss.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    settled: Option<Timestamp>,
    /// The revision of the look at which it was over: earlier losses are no news.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    settled_at: Option<Revision>,
}

/// Loss that is not over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct OpenLoss {
    then: Held,
    /// The time at which it was noticed.
    noticed: Timestamp,
}

impl LastCounts {
    /// Compares a look with the last one, and keeps it. Returns the losses since the last look;
    /// [`losses`](Self::losses) has the earlier ones as well. Call [`own_change`](Self::own_change) first for keys
    /// that this program has deleted.
    pub fn look(&mut self, counts: &Counts) -> Vec<Loss> {
        let mut found = Vec::new();
        for holder in counts.keys.keys() {
            let Some(now) = counts.held(holder) else { continue };
            let Some(line) = self.lines.iter_mut().find(|line| line.whose == *holder) else {
                self.lines.push(CountLine::new(holder, now));
                continue;
            };
            // Counted before a newer fact, such as an own change, which it would undo.
            if now.at < line.last.at && line.last.at.duration_since(now.at) < OVERLAP {
                continue;
            }
            let before = std::mem::replace(&mut line.last, now);
            if is_loss(holder, before.keys, now.keys) {
                let lost = line.lost.get_or_insert(OpenLoss { then: before, noticed: now.at });
                found.push(Loss { whose: holder.clone(), then: lost.then, now, noticed: lost.noticed });
            } else if line.lost.is_some_and(|lost| is_back(lost.then.keys, now.keys)) {
                line.settle(now.at);
            }
        }
        found
    }

    /// Returns the losses that are not back.
    #[must_use]
    pub fn losses(&self) -> Vec<Loss> {
        let lost = self.lines.iter().filter_map(|line| Some((line, line.lost?)));
        lost.map(|(line, lost)| Loss {
            whose: line.whose.clone(),
            then: lost.then,
            now: line.last,
            noticed: lost.noticed,
        })
        .collect()
    }

    /// Returns the keys that a holder had at the last look.
    #[must_use]
    pub fn last(&self, holder: &Holder) -> Option<Held> {
        self.lines.iter().find(|line| line.whose == *holder).map(|line| line.last)
    }

    /// Returns the count at the highest revision, whoever's it is.
    #[must_use]
    pub fn newest(&self) -> Option<Held> {
        self.lines.iter().map(|line| line.last).max_by_key(|held| held.revision)
    }

    /// Settles all losses, because somebody knows of them and accepts them.
    pub fn accept(&mut self, at: Timestamp) {
        self.lines.iter_mut().filter(|line| line.lost.is_some()).for_each(|line| line.settle(at));
    }

    /// Returns the revision up to which somebody knows of all losses of a holder.
    #[must_use]
    pub fn settled_at(&self, holder: &Holder) -> Option<Revision> {
        self.lines.iter().find(|line| line.whose == *holder)?.settled_at
    }

    /// Settles everybody's keys as they are now, whoever has reported a loss, because somebody accepts them.
    pub fn accept_all(&mut self, counts: &Counts) {
        for holder in counts.keys.keys() {
            let Some(now) = counts.held(holder) else { continue };
            let line = if let Some(line) = self.lines.iter_mut().find(|line| line.whose == *holder) {
                line
            } else {
                self.lines.push(CountLine::new(holder, now));
                let Some(line) = self.lines.last_mut() else { continue };
                line
            };
            line.last = now;
            line.settle(now.at);
        }
    }

    /// Takes in a change of this program itself, which has deleted and made so many records of a scope: that is no
    /// loss.
    pub fn own_change(&mut self, scope: &Holder, (deleted, made): (u64, u64), at: Timestamp) {
        if let Some(line) = self.lines.iter_mut().find(|line| line.whose == *scope) {
            line.last.keys = line.last.keys.saturating_sub(deleted).saturating_add(made);
            line.last.at = line.last.at.max(at);
        }
    }

    /// Takes in the counts of another session of the same cluster: its later looks, holders that only it has seen,
    /// and losses that are over there.
    pub fn join(&mut self, other: Self) {
        for theirs in other.lines {
            let Some(ours) = self.lines.iter_mut().find(|line| line.whose == theirs.whose) else {
                self.lines.push(theirs);
                continue;
            };
            if theirs.last.at > ours.last.at {
                ours.last = theirs.last;
            }
            if theirs.settled > ours.settled {
                (ours.settled, ours.settled_at) = (theirs.settled, theirs.settled_at);
            }
            let settled = ours.settled;
            let lost = [ours.lost, theirs.lost].into_iter().flatten();
            // The older one has the keys from before both.
            ours.lost = lost
                .filter(|lost| settled.is_none_or(|settled| lost.noticed > settled))
                .min_by_key(|lost| lost.noticed);
        }
    }
}

impl CountLine {
    fn new(whose: &Holder, last: Held) -> Self {
        Self { whose: whose.clone(), last, lost: None, settled: None, settled_at: None }
    }

    fn settle(&mut self, at: Timestamp) {
        self.lost = None;
        self.settled_at = Some(self.last.revision);
        self.settled = self.settled.max(Some(at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn scope() -> Holder {
        Holder::Scope("/coredns/".to_owned())
    }

    fn kubernetes() -> Holder {
        Holder::Tenant("/registry/".to_owned())
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// Returns a look in that second, at that revision.
    fn counts<const N: usize>(second: i64, keys: [(Holder, u64); N]) -> Counts {
        Counts { at: at(second), revision: Revision(second), keys: BTreeMap::from(keys) }
    }

    fn told(losses: &[Loss]) -> Vec<(u64, u64)> {
        losses.iter().map(|loss| (loss.then.keys, loss.now.keys)).collect()
    }

    #[test]
    fn a_loss_is_told_once_and_kept_until_the_keys_are_back() {
        let mut last = LastCounts::default();
        assert!(last.look(&counts(1, [(scope(), 9), (kubernetes(), 312)])).is_empty(), "a first look");
        let found = last.look(&counts(2, [(scope(), 9), (kubernetes(), 0)]));
        assert_eq!(told(&found), [(312, 0)]);
        assert_eq!((found[0].then.at, found[0].now.at), (at(1), at(2)), "with both times");
        assert!(last.look(&counts(3, [(scope(), 9), (kubernetes(), 0)])).is_empty(), "it is told once");
        // An API server makes some of them again.
        assert!(last.look(&counts(4, [(kubernetes(), 200)])).is_empty());
        assert_eq!(told(&last.losses()), [(312, 200)]);
        assert!(last.look(&counts(5, [(kubernetes(), 310)])).is_empty());
        assert_eq!(last.losses(), []);
    }

    #[test]
    fn a_loss_that_goes_on_is_told_again_with_what_was_there_before_it_began() {
        let mut last = LastCounts::default();
        last.look(&counts(1, [(kubernetes(), 312)]));
        assert_eq!(told(&last.look(&counts(2, [(kubernetes(), 100)]))), [(312, 100)]);
        assert_eq!(told(&last.look(&counts(3, [(kubernetes(), 0)]))), [(312, 0)]);
    }

    #[test]
    fn what_is_not_known_is_no_zero_and_takes_the_place_of_nothing() {
        let mut last = LastCounts::default();
        last.look(&counts(1, [(scope(), 9), (kubernetes(), 312)]));
        assert!(last.look(&counts(2, [(scope(), 9)])).is_empty());
        assert_eq!(last.last(&kubernetes()).unwrap().keys, 312);
        assert_eq!(told(&last.look(&counts(3, [(kubernetes(), 0)]))), [(312, 0)]);
    }

    #[test]
    fn what_the_program_itself_deletes_is_no_loss() {
        let mut last = LastCounts::default();
        last.look(&counts(1, [(scope(), 9)]));
        last.own_change(&scope(), (9, 0), at(2));
        assert!(last.look(&counts(3, [(scope(), 0)])).is_empty());
        last.look(&counts(4, [(scope(), 20), (kubernetes(), 20)]));
        last.own_change(&scope(), (7, 2), at(5));
        let found = last.look(&counts(6, [(scope(), 5), (kubernetes(), 5)]));
        assert_eq!(told(&found), [(15, 5), (20, 5)], "besides its own, and others' keys it never deletes");
    }

    #[test]
    fn a_look_from_before_an_own_change_undoes_nothing_of_it() {
        let mut last = LastCounts::default();
        last.look(&counts(1, [(scope(), 9)]));
        last.own_change(&scope(), (0, 90), at(3));
        assert!(last.look(&counts(2, [(scope(), 9)])).is_empty());
        assert_eq!(last.last(&scope()).unwrap().keys, 99);
        // A clock that was put back does not hide a loss.
        last.own_change(&scope(), (0, 0), at(4000));
        assert_eq!(told(&last.look(&counts(5, [(scope(), 0)]))), [(99, 0)]);
    }

    #[test]
    fn scopes_of_one_cluster_stand_beside_one_another() {
        let other = Holder::Scope("/skydns/".to_owned());
        let mut last = LastCounts::default();
        last.look(&counts(1, [(scope(), 9)]));
        last.look(&counts(2, [(other.clone(), 40)]));
        assert_eq!(last.last(&scope()).unwrap().keys, 9);
        assert_eq!(told(&last.look(&counts(3, [(other, 0)]))), [(40, 0)]);
    }

    #[test]
    fn an_accepted_loss_is_over_and_what_is_left_is_what_there_is() {
        let mut last = LastCounts::default();
        last.look(&counts(1, [(scope(), 9), (kubernetes(), 312)]));
        last.look(&counts(2, [(scope(), 3), (kubernetes(), 0)]));
        last.accept(at(2));
        assert_eq!(last.losses(), []);
        assert!(last.look(&counts(3, [(scope(), 3), (kubernetes(), 0)])).is_empty());
        assert_eq!(told(&last.look(&counts(4, [(scope(), 0)]))), [(3, 0)]);
    }

    #[test]
    fn what_was_accepted_is_known_with_its_revision_also_where_no_loss_was_counted() {
        let mut last = LastCounts::default();
        assert_eq!(last.settled_at(&scope()), None);
        last.accept_all(&counts(7, [(scope(), 0)]));
        assert_eq!((last.settled_at(&scope()), last.last(&scope()).unwrap().keys), (Some(Revision(7)), 0));
        let mut older = LastCounts::default();
        older.look(&counts(3, [(scope(), 9)]));
        older.join(last);
        assert_eq!(older.settled_at(&scope()), Some(Revision(7)));
    }

    #[test]
    fn two_sessions_lose_nothing_of_one_another() {
        let mut ours = LastCounts::default();
        ours.look(&counts(1, [(scope(), 9), (kubernetes(), 312)]));
        let mut theirs = ours.clone();
        theirs.look(&counts(2, [(kubernetes(), 0), (Holder::Scope("/skydns/".into()), 4)]));
        let mut joined = ours.clone();
        joined.join(theirs.clone());
        assert_eq!(told(&joined.losses()), [(312, 0)]);
        assert_eq!(joined.lines.len(), 3);
        // A loss that is accepted in one of them is accepted in both.
        ours.look(&counts(3, [(kubernetes(), 0)]));
        theirs.accept(at(4));
        ours.join(theirs.clone());
        assert_eq!(ours.losses(), []);
        // A loss after that is another one.
        theirs.look(&counts(5, [(kubernetes(), 300)]));
        theirs.look(&counts(6, [(kubernetes(), 0)]));
        ours.join(theirs);
        assert_eq!(told(&ours.losses()), [(300, 0)]);
    }
}
