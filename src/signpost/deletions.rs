//! Deletions in etcd's own history: those by this program, and those that took a great part of a scope.
use crate::{
    counts::{Holder, is_back, is_loss},
    keys::{Revision, ScopedKey},
    store::Event,
};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Deletions by this program itself, by plans that a person had agreed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnDeletions(pub Vec<OwnDeletion>);

/// Deletions of one plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnDeletion {
    /// The revision that the plan started from.
    pub from: Revision,
    /// The last revision that it wrote.
    pub until: Revision,
    /// The time at which it was done.
    pub time: Timestamp,
    /// The keys that it has deleted.
    pub keys: BTreeSet<ScopedKey>,
    /// The keys that it has created.
    pub made: BTreeSet<ScopedKey>,
    /// True if it was to bring back earlier keys.
    pub is_return: bool,
}

impl OwnDeletions {
    fn made(&self, key: &ScopedKey, at: Revision) -> bool {
        let Self(own) = self;
        own.iter().any(|plan| plan.from < at && at <= plan.until && plan.keys.contains(key))
    }

    /// Tells whether this program has deleted a key since a revision.
    #[must_use]
    pub fn since(&self, revision: Revision, key: &ScopedKey) -> bool {
        let Self(own) = self;
        own.iter().any(|plan| plan.until > revision && plan.keys.contains(key))
    }
}

/// Run of deletions by others, between which nothing was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MassDeletion {
    /// The revision before its first deletion.
    pub before: Revision,
    /// The number of keys at that revision.
    pub keys: u64,
    /// The number of keys that it took.
    pub gone: u64,
}

/// Returns the largest run of deletions by others whose keys are not back. `events` are all changes of the scope
/// since history begins, in the order of revisions, and `now` is the number of keys after them.
#[must_use]
pub fn mass_deletion(events: &[Event], now: u64, own: &OwnDeletions, scope: &Holder) -> Option<MassDeletion> {
    let mut largest: Option<MassDeletion> = None;
    let mut run: Option<MassDeletion> = None;
    let mut keys = now;
    // Goes backwards, because only the present number is known.
    for event in events.iter().rev() {
        match event {
            Event::Delete { key, revision } if !own.made(key, *revision) => {
                keys += 1;
                let gone = run.map_or(0, |run| run.gone) + 1;
                run = Some(MassDeletion { before: Revision(revision.0 - 1), keys, gone });
            }
            Event::Delete { .. } => {
                keys += 1;
                largest = larger(largest, run.take(), now, scope);
            }
            Event::Put(record) => {
                keys = keys.saturating_sub(u64::from(record.version == 1));
                largest = larger(largest, run.take(), now, scope);
            }
        }
    }
    larger(largest, run, now, scope)
}

fn larger(
    largest: Option<MassDeletion>,
    run: Option<MassDeletion>,
    now: u64,
    scope: &Holder,
) -> Option<MassDeletion> {
    let counts = |run: &MassDeletion| {
        is_loss(scope, run.keys, run.keys.saturating_sub(run.gone)) && !is_back(run.keys, now)
    };
    let run = run.filter(counts);
    match (largest, run) {
        (Some(largest), Some(run)) if run.gone <= largest.gone => Some(largest),
        (largest, run) => run.or(largest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{KeyValue, Scope};

    fn key(number: u8) -> ScopedKey {
        Scope::parse("/coredns").unwrap().spelled_key(&format!("/coredns/{number}")).unwrap()
    }

    fn gone(number: u8, revision: i64) -> Event {
        Event::Delete { key: key(number), revision: Revision(revision) }
    }

    fn put(number: u8, revision: i64, version: i64) -> Event {
        let (create_revision, mod_revision) = (Revision(revision), Revision(revision));
        Event::Put(KeyValue {
            key: key(number),
            value: (*b"{}").into(),
            create_revision,
            mod_revision,
            version,
            lease: None,
        })
    }

    fn found(events: &[Event], now: u64, own: &OwnDeletions) -> Option<(i64, u64, u64)> {
        let scope = Holder::Scope("/coredns/".to_owned());
        mass_deletion(events, now, own, &scope).map(|run| (run.before.0, run.keys, run.gone))
    }

    #[test]
    fn a_history_that_begins_with_the_deletion_tells_it() {
        let none = OwnDeletions::default();
        let at_once: Vec<Event> = (0..9).map(|number| gone(number, 20)).collect();
        assert_eq!(found(&at_once, 0, &none), Some((19, 9, 9)));
        let one_by_one: Vec<Event> = (0..9).map(|number| gone(number, 20 + i64::from(number))).collect();
        assert_eq!(found(&one_by_one, 0, &none), Some((19, 9, 9)));
        assert_eq!(found(&one_by_one, 300, &none), None, "nine of three hundred");
        assert_eq!(found(&[], 0, &none), None);
        // A record is made and deleted again, as external-dns does, and others are there all the time.
        assert_eq!(found(&[put(1, 5, 1), gone(1, 6), put(2, 7, 1)], 40, &none), None);
        // All keys are back already.
        let back: Vec<Event> = (0..9).map(|number| put(number, 30, 1)).collect();
        assert_eq!(found(&[at_once, back].concat(), 9, &none), None);
    }

    #[test]
    fn what_came_before_and_after_is_counted_and_this_programs_own_hand_is_left_out() {
        let accident: Vec<Event> = (0..9).map(|number| gone(number, 20)).collect();
        let events = [vec![put(9, 10, 1), put(9, 11, 2)], accident.clone(), vec![put(50, 21, 1)]].concat();
        assert_eq!(found(&events, 2, &OwnDeletions::default()), Some((19, 10, 9)));
        let keys = (0..9).map(key).collect();
        let own = OwnDeletions(vec![OwnDeletion {
            from: Revision(19),
            until: Revision(20),
            time: Timestamp::UNIX_EPOCH,
            keys,
            made: [].into(),
            is_return: false,
        }]);
        assert_eq!(found(&accident, 0, &own), None);
        let elsewhen = OwnDeletion { from: Revision(3), until: Revision(4), ..own.0[0].clone() };
        assert_eq!(found(&accident, 0, &OwnDeletions(vec![elsewhen])), Some((19, 9, 9)));
    }
}
