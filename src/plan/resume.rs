//! Completion of an entry of the journal that was broken off or stopped: tells which of its changes were made, can
//! still be made, or were written over since.
use super::{
    Challenge, Change, EntryId, Intent, KeyEdit, LeaseGrant, MadeVerdict, Outcome, Past, PlanPurpose,
    undo::ChangeKnowledge,
};
use crate::{
    failure::Failure,
    keys::{KeyValue, Revision, ScopedKey},
};

/// State of each change of an entry, from which the completion is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume {
    entry: EntryId,
    grants: Vec<LeaseGrant>,
    /// Changes in the order of the entry.
    items: Vec<ResumeItem>,
}

/// One change of the entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResumeItem {
    pub change: Change,
    pub standing: ResumeState,
}

/// State of one change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResumeState {
    /// It was made, or its result is there anyway.
    Made,
    /// It was not made, and its keys are as they were: it can be made.
    Open,
    /// It was not made, and somebody has written there since.
    Overtaken,
    /// Its keys are neither as before nor as after it: somebody has written there since, and nobody knows whether it
    /// was made before that.
    Unclear,
}

impl ResumeState {
    /// Returns the word for it, stable.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Open => "not_made",
            Self::Overtaken => "overtaken",
            Self::Unclear => "unclear",
        }
    }

    fn of<'n>(
        change: &Change,
        known: ChangeKnowledge,
        now: impl Fn(&ScopedKey) -> Option<&'n KeyValue>,
    ) -> Self {
        match (known, change.verdict(now)) {
            (ChangeKnowledge::Made, _)
            | (ChangeKnowledge::NotMade | ChangeKnowledge::Unsure, MadeVerdict::Happened) => Self::Made,
            (ChangeKnowledge::NotMade | ChangeKnowledge::Unsure, MadeVerdict::DidNot) => Self::Open,
            (ChangeKnowledge::NotMade, MadeVerdict::Unclear) => Self::Overtaken,
            (ChangeKnowledge::Unsure, MadeVerdict::Unclear) => Self::Unclear,
        }
    }
}

impl Resume {
    /// Works out the state of each change of `past`. `grants` are the leases that were to be made for it; `now` gives a
    /// key as it is.
    #[must_use]
    pub fn of<'n>(
        past: &Past,
        grants: Vec<LeaseGrant>,
        now: impl Fn(&ScopedKey) -> Option<&'n KeyValue>,
    ) -> Self {
        let item = |change: &Change| ResumeItem {
            change: change.clone(),
            standing: ResumeState::of(change, past.made.of(change), &now),
        };
        Self { entry: past.entry.clone(), grants, items: past.changes.iter().map(item).collect() }
    }

    #[must_use]
    pub fn entry(&self) -> &EntryId {
        &self.entry
    }

    /// Returns every change of the entry, in its order.
    #[must_use]
    pub fn items(&self) -> &[ResumeItem] {
        &self.items
    }

    /// Counts the changes in this state.
    #[must_use]
    pub fn count(&self, standing: ResumeState) -> usize {
        self.items.iter().filter(|item| item.standing == standing).count()
    }

    /// Tells whether every change is known to be made, or can be made.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.count(ResumeState::Overtaken) + self.count(ResumeState::Unclear) == 0
    }

    /// Tells whether the rest of it needs a look at another etcd as well: `migrate --remove-old` deletes nothing here
    /// that is missing there. `kind` is the entry's.
    #[must_use]
    pub fn is_removal_of_a_move(&self, kind: &str) -> bool {
        let deletes = |item: &ResumeItem| matches!(item.change, Change::Delete { .. });
        kind == PlanPurpose::Migrate.word() && self.items.iter().any(deletes)
    }

    /// Returns the text to type for finishing it and for taking it back. `None` for an entry without changes.
    #[must_use]
    pub fn challenge(&self) -> Option<Challenge> {
        Challenge::covering(self.items.iter().flat_map(|item| item.change.keys()))
    }

    /// Returns the rest of the entry as an intent, for which the name of its keys has to be typed. `None` when nothing
    /// can be made any more.
    #[must_use]
    pub fn intent(&self) -> Option<Intent> {
        let open = self.items.iter().filter(|item| item.standing == ResumeState::Open);
        let wishes: Vec<KeyEdit> = open.map(|item| wish(&item.change)).collect();
        let challenge = self.challenge().filter(|_| !wishes.is_empty())?;
        Some(Intent::Bulk {
            listed: None,
            purpose: PlanPurpose::Finish(self.entry.clone()),
            challenge,
            grants: self.grants_for(&wishes),
            wishes,
        })
    }

    /// Returns it with all open changes made.
    #[must_use]
    pub fn finished(self) -> Self {
        let made = |item: ResumeItem| match item.standing {
            ResumeState::Open => ResumeItem { standing: ResumeState::Made, ..item },
            ResumeState::Made | ResumeState::Overtaken | ResumeState::Unclear => item,
        };
        Self { items: self.items.into_iter().map(made).collect(), ..self }
    }

    /// Returns the outcome for the journal, as it was found at this revision.
    #[must_use]
    pub fn outcome(&self, at: Revision) -> Outcome {
        let keys = |standing: ResumeState| -> Vec<ScopedKey> {
            let items = self.items.iter().filter(|item| item.standing == standing);
            items.map(|item| item.change.key().clone()).collect()
        };
        let (done, unsure) = (keys(ResumeState::Made), keys(ResumeState::Unclear));
        let (total, why) = (self.items.len(), Failure::BrokenOff);
        match (done.len(), unsure.len()) {
            (changed, 0) if changed == total => Outcome::Done { changed, revision: at },
            (0, 0) => Outcome::NothingChanged { why },
            (_, 0) => Outcome::Partly { done, total, why },
            (_, _) => Outcome::Unknown { done, unsure, total, why },
        }
    }

    fn grants_for(&self, wishes: &[KeyEdit]) -> Vec<LeaseGrant> {
        let attached = |grant: &&LeaseGrant| {
            wishes
                .iter()
                .any(|wish| matches!(wish, KeyEdit::Create { lease, .. } if *lease == Some(grant.lease)))
        };
        self.grants.iter().filter(attached).copied().collect()
    }
}

fn wish(change: &Change) -> KeyEdit {
    match change {
        Change::Create { key, value, lease } => {
            KeyEdit::Create { key: key.clone(), value: value.clone(), lease: *lease }
        }
        Change::Update { before, value } => {
            KeyEdit::Update { key: before.key.clone(), before: before.value.clone(), value: value.clone() }
        }
        Change::Delete { before } => {
            KeyEdit::Delete { key: before.key.clone(), before: before.value.clone() }
        }
        Change::Move { before, to } => KeyEdit::Move { from: before.key.clone(), to: to.clone() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        keys::{ClusterId, LeaseId, Scope},
        plan::MadeChanges,
    };
    use std::{
        collections::{BTreeMap, BTreeSet},
        time::Duration,
    };

    fn key(text: &str) -> ScopedKey {
        Scope::parse("/coredns").unwrap().key(format!("/coredns/{text}").as_bytes()).unwrap()
    }

    fn record(name: &str, value: &str, revision: i64) -> KeyValue {
        KeyValue {
            key: key(name),
            value: value.as_bytes().into(),
            create_revision: Revision(revision),
            mod_revision: Revision(revision),
            version: 1,
            lease: None,
        }
    }

    fn deletes(names: &[&str]) -> Vec<Change> {
        names.iter().map(|name| Change::Delete { before: record(name, "{}", 5) }).collect()
    }

    fn resume(changes: Vec<Change>, made: MadeChanges, now: &[KeyValue]) -> Resume {
        let past = Past {
            entry: EntryId("e".to_owned()),
            undoes: None,
            cluster: ClusterId(1),
            changes,
            made,
            leases: BTreeMap::new(),
        };
        let grant = LeaseGrant { lease: LeaseId::new(7).unwrap(), ttl: Duration::from_secs(60) };
        let now: BTreeMap<&ScopedKey, &KeyValue> = now.iter().map(|record| (&record.key, record)).collect();
        Resume::of(&past, vec![grant], |key| now.get(key).copied())
    }

    fn standings(resume: &Resume) -> Vec<ResumeState> {
        resume.items().iter().map(|item| item.standing).collect()
    }

    #[test]
    fn what_was_made_is_told_from_the_keys_and_only_the_rest_is_wished_for() {
        let now = [record("b", "{}", 5), record("c", "{}", 9)];
        let resume = resume(deletes(&["a", "b", "c"]), MadeChanges::Unknown, &now);
        assert_eq!(standings(&resume), [ResumeState::Made, ResumeState::Open, ResumeState::Unclear]);
        let Some(Intent::Bulk { purpose, challenge, wishes, grants, .. }) = resume.intent() else { panic!() };
        assert_eq!(wishes, [KeyEdit::Delete { key: key("b"), before: (*b"{}").into() }]);
        assert_eq!(
            (purpose, challenge.as_str()),
            (PlanPurpose::Finish(EntryId("e".to_owned())), "/coredns/")
        );
        assert!(grants.is_empty(), "no wish needs the lease");
        let why = Failure::BrokenOff;
        let (done, unsure) = (vec![key("a")], vec![key("c")]);
        assert_eq!(resume.outcome(Revision(12)), Outcome::Unknown { done, unsure, total: 3, why });
    }

    #[test]
    fn what_the_journal_knows_is_believed_whatever_came_after() {
        let made = MadeChanges::Some { done: BTreeSet::from([key("a")]), unsure: BTreeSet::new() };
        let now = [record("a", "new", 9), record("b", "{}", 5), record("c", "{}", 9)];
        let resume = resume(deletes(&["a", "b", "c"]), made, &now);
        assert_eq!(standings(&resume), [ResumeState::Made, ResumeState::Open, ResumeState::Overtaken]);
        assert!(!resume.is_clear());
        let outcome = resume.finished().outcome(Revision(12));
        let done = vec![key("a"), key("b")];
        assert_eq!(outcome, Outcome::Partly { done, total: 3, why: Failure::BrokenOff });
    }

    #[test]
    fn a_finished_entry_is_done_and_one_that_was_never_begun_has_changed_nothing() {
        let now = [record("a", "{}", 5), record("b", "{}", 5)];
        let never = resume(deletes(&["a", "b"]), MadeChanges::Unknown, &now);
        assert_eq!(never.outcome(Revision(6)), Outcome::NothingChanged { why: Failure::BrokenOff });
        let done = Outcome::Done { changed: 2, revision: Revision(7) };
        assert_eq!(never.finished().outcome(Revision(7)), done);
        let all = resume(deletes(&["a", "b"]), MadeChanges::Unknown, &[]);
        assert_eq!((all.intent(), all.outcome(Revision(7))), (None, done));
    }

    #[test]
    fn a_lease_that_was_to_be_made_is_made_with_what_is_left() {
        let lease = LeaseId::new(7);
        let create = |name: &str, lease| Change::Create { key: key(name), value: (*b"{}").into(), lease };
        let resume = resume(vec![create("a", None), create("b", lease)], MadeChanges::Unknown, &[]);
        let Some(Intent::Bulk { wishes, grants, .. }) = resume.intent() else { panic!() };
        assert_eq!((wishes.len(), grants.len()), (2, 1));
        assert_eq!(Some(grants[0].lease), lease);
    }

    #[test]
    fn updates_and_moves_are_finished_as_they_were_begun() {
        let update = Change::Update { before: record("a", "old", 5), value: (*b"new").into() };
        let moved = Change::Move { before: record("b", "{}", 5), to: key("b/x1") };
        let now = [record("a", "old", 5), record("b", "{}", 5)];
        let resume = resume(vec![update, moved], MadeChanges::Unknown, &now);
        let Some(Intent::Bulk { wishes, .. }) = resume.intent() else { panic!() };
        let update = KeyEdit::Update { key: key("a"), before: (*b"old").into(), value: (*b"new").into() };
        assert_eq!(wishes, [update, KeyEdit::Move { from: key("b"), to: key("b/x1") }]);
    }
}
