//! Intents from their first read to their outcome, alone and with another writer in between.
use crate::{
    rig::{Rig, confirmed, steps},
    support::journal::MemoryJournal,
};
use coredeck::{
    failure::Failure,
    ops::{PrepareError, carry_out},
    plan::{Intent, Outcome, OwnRecord, PlanError, RecordPlace},
    store::{Commit, Writer as _},
};

fn add(rig: &impl Rig, name: &str, place: RecordPlace, own: OwnRecord) -> Intent {
    Intent::Add { name: rig.key(name), place, own, value: (*b"new").into(), lease: None }
}

fn done(outcome: &Outcome, keys: usize) -> bool {
    matches!(outcome, Outcome::Done { changed, .. } if *changed == keys)
}

/// Returns the conflict that an outcome names which changed nothing.
fn conflict(outcome: &Outcome) -> (&str, &str) {
    let Outcome::NothingChanged { why: Failure::Conflict { key, change } } = outcome else {
        panic!("{outcome}")
    };
    (key, change)
}

pub async fn a_record_is_added_at_the_next_free_leaf(rig: &impl Rig) {
    for tail in ["io/gcr/x1", "io/gcr/x2/below", "io/gcr/y"] {
        rig.put(tail, "old").await;
    }
    let outcome = rig.make(add(rig, "io/gcr", RecordPlace::NextLeaf, OwnRecord::MoveToLeaf)).await;
    assert!(done(&outcome, 1), "{outcome}");
    assert_eq!(*rig.get("io/gcr/x3").await.unwrap().value, *b"new");
    let outcome = rig.make(add(rig, "io/quay", RecordPlace::Own, OwnRecord::Leave)).await;
    assert!(done(&outcome, 1), "{outcome}");
    assert_eq!(rig.get("io/quay").await.unwrap().version, 1);
}

pub async fn the_first_leaf_takes_the_names_own_record_along(rig: &impl Rig) {
    let lease = rig.grant(std::time::Duration::from_secs(600)).await;
    rig.put_leased("io/gcr", "own", lease).await;
    let outcome = rig.make(add(rig, "io/gcr", RecordPlace::NextLeaf, OwnRecord::MoveToLeaf)).await;
    assert!(done(&outcome, 2), "{outcome}");
    assert_eq!(rig.tails().await, ["io/gcr/x1", "io/gcr/x2"]);
    let moved = rig.get("io/gcr/x1").await.unwrap();
    assert_eq!((&*moved.value, moved.lease), (&b"own"[..], Some(lease)));
    assert_eq!(moved.mod_revision, rig.get("io/gcr/x2").await.unwrap().mod_revision, "in one transaction");
}

pub async fn a_leaf_that_exists_is_never_planned_over(rig: &impl Rig) {
    for leaf in ["x1", "www", "048b0377"] {
        rig.put(&format!("io/gcr/{leaf}"), "old").await;
        let place = RecordPlace::Leaf(leaf.as_bytes().into());
        let refused = rig.prepare(add(rig, "io/gcr", place, OwnRecord::Leave)).await.unwrap_err();
        assert_eq!(refused, PrepareError::Nothing(PlanError::Exists(rig.key(&format!("io/gcr/{leaf}")))));
    }
}

pub async fn a_key_is_created_and_then_edited(rig: &impl Rig) {
    let create = || Intent::Create { key: rig.key("a"), value: (*b"1").into(), lease: None };
    assert!(done(&rig.make(create()).await, 1));
    assert_eq!(
        rig.prepare(create()).await.unwrap_err(),
        PrepareError::Nothing(PlanError::Exists(rig.key("a")))
    );
    let base = rig.get("a").await.unwrap();
    assert!(done(&rig.make(Intent::Edit { base, value: (*b"2").into() }).await, 1));
    let base = rig.get("a").await.unwrap();
    assert_eq!((&*base.value, base.version), (&b"2"[..], 2));
    let same = rig.prepare(Intent::Edit { base, value: (*b"2").into() }).await.unwrap_err();
    assert_eq!(same, PrepareError::Nothing(PlanError::SameValue(rig.key("a"))));
}

pub async fn an_edit_of_what_somebody_changed_becomes_no_plan(rig: &impl Rig) {
    rig.put("a", "base").await;
    let base = rig.get("a").await.unwrap();
    let edit = || Intent::Edit { base: base.clone(), value: (*b"yours").into() };
    assert!(rig.prepare(edit()).await.is_ok());
    rig.put("a", "theirs").await;
    let PrepareError::Nothing(PlanError::Changed(conflict)) = rig.prepare(edit()).await.unwrap_err() else {
        panic!("all three values are handed back")
    };
    let values = [&*conflict.base.value, &*conflict.theirs.value, &*conflict.yours];
    assert_eq!(values, [&b"base"[..], b"theirs", b"yours"]);
    rig.delete("a").await;
    assert!(matches!(
        rig.prepare(edit()).await.unwrap_err(),
        PrepareError::Nothing(PlanError::Vanished(gone)) if *gone == base
    ));
}

pub async fn a_record_is_deleted(rig: &impl Rig) {
    rig.put("io/gcr/x1", "{}").await;
    rig.put("io/gcr/x1/below", "{}").await;
    rig.put("io/gcr/x10", "{}").await;
    let outcome = rig.make(Intent::Delete { key: rig.key("io/gcr/x1") }).await;
    assert!(done(&outcome, 1), "{outcome}");
    assert_eq!(rig.tails().await, ["io/gcr/x1/below", "io/gcr/x10"]);
    let again = rig.prepare(Intent::Delete { key: rig.key("io/gcr/x1") }).await.unwrap_err();
    assert_eq!(again, PrepareError::Nothing(PlanError::NotThere(rig.key("io/gcr/x1"))));
}

pub async fn a_subtree_is_deleted_with_its_own_record(rig: &impl Rig) {
    for tail in ["io/gcr", "io/gcr/", "io/gcr/x1", "io/gcr/a/b", "io/gcr-old/x1", "io/gcr0", "io"] {
        rig.put(tail, "{}").await;
    }
    let plan = rig.prepare(Intent::DeleteSubtree { name: rig.key("io/gcr") }).await.unwrap();
    assert_eq!(plan.challenge(), format!("{}/", rig.key("io/gcr")));
    let outcome = rig.carry_out(plan).await;
    assert!(done(&outcome, 4), "{outcome}");
    assert_eq!(rig.tails().await, ["io", "io/gcr-old/x1", "io/gcr0"]);
}

/// Makes more keys than two transactions take.
async fn many(rig: &impl Rig) -> usize {
    for number in 0..300 {
        rig.put(&format!("io/many/{number:03}"), "{}").await;
    }
    300
}

pub async fn a_subtree_of_many_steps_is_deleted(rig: &impl Rig) {
    let keys = many(rig).await;
    rig.put("io/other", "{}").await;
    let outcome = rig.make(Intent::DeleteSubtree { name: rig.key("io/many") }).await;
    assert!(done(&outcome, keys), "{outcome}");
    assert_eq!(rig.tails().await, ["io/other"]);
}

pub async fn an_intruder_between_preview_and_confirmation_is_named(rig: &impl Rig) {
    let spelled = |tail: &str| rig.key(tail).spelled();
    // One is changed, one removed, and one made at the place of a new record.
    for tail in ["a/x1", "b/x1", "b/x2"] {
        rig.put(tail, "{}").await;
    }
    let changed = rig.prepare(Intent::Delete { key: rig.key("a/x1") }).await.unwrap();
    let removed = rig.prepare(Intent::DeleteSubtree { name: rig.key("b") }).await.unwrap();
    let made = rig.prepare(add(rig, "c", RecordPlace::NextLeaf, OwnRecord::Leave)).await.unwrap();
    rig.put("a/x1", "{}").await;
    rig.delete("b/x1").await;
    rig.put("c/x1", "theirs").await;

    let outcome = rig.carry_out(changed).await;
    let (key, change) = conflict(&outcome);
    assert!(key == spelled("a/x1") && change.contains("written again"), "{outcome}");
    let outcome = rig.carry_out(removed).await;
    let (key, change) = conflict(&outcome);
    assert!(key == spelled("b/x1") && change.contains("deleted"), "{outcome}");
    let outcome = rig.carry_out(made).await;
    let (key, change) = conflict(&outcome);
    assert!(key == spelled("c/x1") && change.contains("created"), "{outcome}");
    assert_eq!(rig.tails().await, ["a/x1", "b/x2", "c/x1"]);
}

pub async fn a_write_that_is_sent_twice_on_its_way_is_never_told_as_nothing(rig: &impl Rig) {
    rig.put("a/x1", "{}").await;
    rig.put("b/x1", "{}").await;
    rig.put("b/x2", "{}").await;
    let base = rig.get("a/x1").await.unwrap();
    for intent in [
        add(rig, "c", RecordPlace::NextLeaf, OwnRecord::Leave),
        Intent::Edit { base, value: (*b"1").into() },
        Intent::DeleteSubtree { name: rig.key("b") },
    ] {
        let plan = rig.prepare(intent).await.unwrap();
        for step in steps(plan.clone()) {
            assert!(matches!(rig.writer().commit(&step).await, Ok(Commit::Applied(_))));
        }
        let keys: Vec<_> = plan.changes().iter().map(|change| change.key().clone()).collect();
        let after = rig.all().await;
        let outcome = rig.carry_out(plan).await;
        let Outcome::Unknown { done, unsure, why: Failure::RefusedAsMade { .. }, .. } = &outcome else {
            panic!("{outcome}")
        };
        assert_eq!((done.len(), unsure), (0, &keys), "{outcome}");
        assert_eq!(rig.all().await, after, "it was made once");
    }
}

pub async fn a_newcomer_below_a_subtree_is_named(rig: &impl Rig) {
    rig.put("io/gcr/x1", "{}").await;
    for newcomer in ["io/gcr/x2", "io/gcr", "io/gcr/x1/below"] {
        let plan = rig.prepare(Intent::DeleteSubtree { name: rig.key("io/gcr") }).await.unwrap();
        rig.put(newcomer, "theirs").await;
        let outcome = rig.carry_out(plan).await;
        assert_eq!(conflict(&outcome).0, rig.key(newcomer).spelled(), "{outcome}");
        assert_eq!(rig.tails().await.len(), 2, "nothing was deleted");
        rig.delete(newcomer).await;
    }
}

pub async fn an_intruder_in_a_later_step_stops_it_there(rig: &impl Rig) {
    let total = many(rig).await;
    let plan = rig.prepare(Intent::DeleteSubtree { name: rig.key("io/many") }).await.unwrap();
    rig.delete("io/many/280").await;
    let outcome = rig.carry_out(plan).await;
    let Outcome::Partly { done, total: of, why: Failure::Conflict { key, .. } } = &outcome else {
        panic!("{outcome}")
    };
    assert_eq!((*of, key), (total, &rig.key("io/many/280").spelled()));
    assert!(!done.is_empty() && done.len() < 280, "{} of the keys before it", done.len());
    let left = rig.tails().await;
    assert_eq!(left.len(), total - 1 - done.len(), "the steps before it were made, and nothing else");
    assert!(done.iter().all(|key| !left.iter().any(|tail| rig.key(tail) == *key)));
    // The rest can be planned again.
    let outcome = rig.make(Intent::DeleteSubtree { name: rig.key("io/many") }).await;
    assert!(matches!(outcome, Outcome::Done { changed, .. } if changed == left.len()), "{outcome}");
}

pub async fn what_is_not_in_the_journal_is_not_sent(rig: &impl Rig) {
    let at = rig.put("a", "{}").await;
    let plan = rig.prepare(Intent::Delete { key: rig.key("a") }).await.unwrap();
    let mut journal = MemoryJournal { full: true, ..MemoryJournal::default() };
    let report = carry_out(confirmed(plan), &mut journal, rig.writer(), rig.reader(), |_| {}).await;
    assert!(matches!(report.outcome, Outcome::NothingChanged { why: Failure::JournalUnwritable { .. } }));
    assert_eq!(rig.get("a").await.unwrap().mod_revision, at);
}
