//! Undo of a change, on a store.
use crate::rig::{Rig, steps};
use coredeck::{
    keys::{ClusterId, LeaseId},
    ops::{UndoReadError, look_back},
    plan::{
        Change, EntryId, Intent, KeyEdit, LeaseChoice, MadeChanges, Outcome, OwnRecord, Past, Plan,
        RecordPlace, Since, UndoChoices, UndoError,
    },
    store::{Commit, Reader, Writer},
};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(600);
const REST: UndoChoices = UndoChoices { leave_conflicts: true, lease: None, ttl: None };

/// Returns a plan as a journal has it after it was made.
fn past(plan: &Plan, made: MadeChanges) -> Past {
    Past {
        entry: EntryId("an entry".to_owned()),
        undoes: None,
        cluster: plan.cluster(),
        changes: plan.changes().to_vec(),
        made,
        leases: plan.leases().clone(),
    }
}

async fn done(rig: &impl Rig, intent: Intent) -> Past {
    let plan = rig.prepare(intent).await.unwrap();
    let Outcome::Done { revision, .. } = rig.carry_out(plan.clone()).await else { panic!("{plan:?}") };
    past(&plan, MadeChanges::All { last: revision })
}

async fn take_back(rig: &impl Rig, past: &Past, choices: UndoChoices) -> Result<Plan, UndoError> {
    let undo = look_back(rig.reader(), rig.scope(), past, &[]).await.unwrap();
    let plan = rig.prepare(undo.intent(choices)?).await.unwrap();
    let outcome = rig.carry_out(plan.clone()).await;
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome}");
    Ok(plan)
}

/// Returns the keys with value and lease.
async fn contents(rig: &impl Rig) -> Vec<(String, String, Option<LeaseId>)> {
    let content = |record: coredeck::keys::KeyValue| {
        (record.key.spelled(), String::from_utf8_lossy(&record.value).into_owned(), record.lease)
    };
    rig.all().await.into_iter().map(content).collect()
}

pub async fn every_kind_of_change_is_taken_back(rig: &impl Rig) {
    let lease = rig.grant(LONG).await;
    rig.put_leased("io/gcr", "own", lease).await;
    rig.put_leased("io/sub/x1", "1", lease).await;
    for tail in ["io/sub", "io/sub/x2", "io/edit", "io/gone"] {
        rig.put(tail, "1").await;
    }
    let before = contents(rig).await;
    let base = rig.get("io/edit").await.unwrap();
    let value = || Box::from(*b"new");
    let (name, place, own) = (rig.key("io/gcr"), RecordPlace::NextLeaf, OwnRecord::MoveToLeaf);
    for intent in [
        Intent::Create { key: rig.key("io/new"), value: value(), lease: None },
        Intent::Edit { base, value: value() },
        Intent::Delete { key: rig.key("io/gone") },
        Intent::DeleteSubtree { name: rig.key("io/sub") },
        // The record at the name moves to a leaf, and moves back with its lease.
        Intent::Add { name, place, own, value: value(), lease: None },
    ] {
        let past = done(rig, intent).await;
        assert_ne!(contents(rig).await, before);
        take_back(rig, &past, UndoChoices::default()).await.unwrap();
        assert_eq!(contents(rig).await, before);
        assert_eq!(
            take_back(rig, &past, UndoChoices::default()).await,
            Err(UndoError::NothingLeft(past.entry.clone()))
        );
    }
}

pub async fn what_others_wrote_since_is_left_alone(rig: &impl Rig) {
    for tail in ["io/gcr/x1", "io/gcr/x2", "io/gcr/x3"] {
        rig.put(tail, "1").await;
    }
    let past = done(rig, Intent::DeleteSubtree { name: rig.key("io/gcr") }).await;
    rig.put("io/gcr/x2", "theirs").await;
    let at = rig.get("io/gcr/x2").await.unwrap().mod_revision;
    assert_eq!(take_back(rig, &past, UndoChoices::default()).await, Err(UndoError::Conflicts(1)));
    let undo = look_back(rig.reader(), rig.scope(), &past, &[]).await.unwrap();
    let clashes: Vec<_> = undo.conflicts().collect();
    assert_eq!((&clashes[0].key, clashes[0].why), (&rig.key("io/gcr/x2"), Since::Recreated(at)));
    // A write between the look and the transaction stops it.
    let plan = rig.prepare(undo.intent(REST).unwrap()).await.unwrap();
    rig.put("io/gcr/x1", "theirs too").await;
    let outcome = rig.carry_out(plan).await;
    assert!(matches!(outcome, Outcome::NothingChanged { .. }), "{outcome}");
    take_back(rig, &past, REST).await.unwrap();
    let values: Vec<String> = contents(rig).await.into_iter().map(|(_, value, _)| value).collect();
    assert_eq!(values, ["theirs too", "theirs", "1"]);
}

pub async fn a_new_lease_is_made_once_for_all_keys_of_the_old(rig: &impl Rig) {
    let lease = rig.grant(LONG).await;
    for tail in ["io/gcr/x1", "io/gcr/x2"] {
        rig.put_leased(tail, "1", lease).await;
    }
    let past = done(rig, Intent::DeleteSubtree { name: rig.key("io/gcr") }).await;
    rig.revoke(lease).await;
    assert_eq!(take_back(rig, &past, UndoChoices::default()).await, Err(UndoError::LeaseGone(2)));
    let undo = look_back(rig.reader(), rig.scope(), &past, &[]).await.unwrap();
    let remained = undo.gone()[0].remained.unwrap();
    assert!(remained <= LONG && remained > LONG / 2, "{remained:?} of it remained when it was planned");
    let choices = UndoChoices { lease: Some(LeaseChoice::New), ttl: Some(LONG / 2), ..REST };
    let plan = rig.prepare(undo.intent(choices).unwrap()).await.unwrap();
    let new = plan.grants()[0].lease;
    let steps = steps(plan);
    assert!(matches!(rig.writer().commit(&steps[0]).await, Ok(Commit::Applied(_))));
    // The same step again makes no lease, and puts nothing.
    let left = rig.reader().lease(new).await.unwrap().unwrap();
    assert!(left <= LONG / 2 && left > LONG / 4, "{left:?}");
    assert!(matches!(rig.writer().commit(&steps[0]).await, Ok(Commit::Refused(_))));
    let leases: Vec<_> = contents(rig).await.into_iter().map(|(_, _, lease)| lease).collect();
    assert_eq!(leases, [Some(new), Some(new)]);
    rig.revoke(new).await;
    assert_eq!(rig.all().await, [], "both end with it");
}

pub async fn an_entry_that_was_broken_off_is_taken_back_as_far_as_it_was_made(rig: &impl Rig) {
    for tail in ["a", "b", "c"] {
        rig.put(tail, "1").await;
    }
    let before = contents(rig).await;
    let delete = |tail: &str| KeyEdit::Delete { key: rig.key(tail), before: (*b"1").into() };
    let plan = rig.prepare(Intent::Several { wishes: ["a", "b", "c"].map(delete).to_vec() }).await.unwrap();
    let first: Vec<Change> = plan.changes()[..1].to_vec();
    rig.commit(first).await.unwrap();
    let past = past(&plan, MadeChanges::Unknown);
    let back = take_back(rig, &past, UndoChoices::default()).await.unwrap();
    assert_eq!(back.changes().len(), 1);
    let values =
        |contents: Vec<(String, String, _)>| contents.into_iter().map(|(key, value, _)| (key, value));
    assert!(values(contents(rig).await).eq(values(before)));
}

pub async fn an_entry_of_another_cluster_is_refused(rig: &impl Rig) {
    rig.put("a", "1").await;
    let mut past = done(rig, Intent::Delete { key: rig.key("a") }).await;
    let here = std::mem::replace(&mut past.cluster, ClusterId(0xabc));
    let refused = look_back(rig.reader(), rig.scope(), &past, &[]).await.unwrap_err();
    assert_eq!(refused, UndoReadError::OtherCluster { done_in: ClusterId(0xabc), here });
}
