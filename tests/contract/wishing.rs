//! Plans of several changes that were worked out from the stored records: the steps of a fix, or a record with its
//! PTR.
use crate::rig::Rig;
use coredeck::{
    failure::Failure,
    ops::PrepareError,
    plan::{Challenge, Intent, KeyEdit, ListedName, Outcome, PlanError, PlanPurpose, Threshold},
};
use std::time::Duration;

fn create(rig: &impl Rig, tail: &str) -> KeyEdit {
    KeyEdit::Create { key: rig.key(tail), value: (*b"new").into(), lease: None }
}

fn update(rig: &impl Rig, tail: &str, before: &str) -> KeyEdit {
    KeyEdit::Update { key: rig.key(tail), before: before.as_bytes().into(), value: (*b"new").into() }
}

fn delete(rig: &impl Rig, tail: &str, before: &str) -> KeyEdit {
    KeyEdit::Delete { key: rig.key(tail), before: before.as_bytes().into() }
}

fn refusal(refused: PrepareError) -> PlanError {
    let PrepareError::Nothing(nothing) = refused else { panic!("{refused}") };
    nothing
}

pub async fn several_changes_are_made_in_one_transaction(rig: &impl Rig) {
    let lease = rig.grant(Duration::from_secs(600)).await;
    rig.put_leased("updated", "1", lease).await;
    rig.put_leased("moved", "2", lease).await;
    rig.put("deleted", "3").await;
    let moved = KeyEdit::Move { from: rig.key("moved"), to: rig.key("moved/x1") };
    let wishes =
        vec![create(rig, "created"), update(rig, "updated", "1"), moved, delete(rig, "deleted", "3")];
    let plan = rig.prepare(Intent::Several { wishes }).await.unwrap();
    assert_eq!(plan.challenge(), rig.key("deleted").spelled(), "what is lost is what has to be typed");
    let outcome = rig.carry_out(plan).await;
    assert!(matches!(outcome, Outcome::Done { changed: 4, .. }), "{outcome}");
    let all = rig.all().await;
    assert_eq!(rig.tails().await, ["created", "moved/x1", "updated"]);
    assert!(all.iter().all(|record| record.mod_revision == all[0].mod_revision), "{all:?}");
    assert_eq!(all.iter().map(|record| record.lease).collect::<Vec<_>>(), [None, Some(lease), Some(lease)]);
}

pub async fn a_wish_holds_only_for_the_value_that_it_came_from(rig: &impl Rig) {
    rig.put("a", "1").await;
    let wishes = || vec![create(rig, "b"), update(rig, "a", "1")];
    assert!(rig.prepare(Intent::Several { wishes: wishes() }).await.is_ok());
    rig.put("a", "theirs").await;
    let outdated = rig.prepare(Intent::Several { wishes: wishes() }).await.unwrap_err();
    assert_eq!(refusal(outdated), PlanError::Outdated(rig.key("a")));
    rig.put("b", "theirs").await;
    let main = Box::new(Intent::Delete { key: rig.key("a") });
    let exists = rig.prepare(Intent::With { main, companions: wishes() }).await.unwrap_err();
    assert_eq!(refusal(exists), PlanError::Exists(rig.key("b")));
}

pub async fn an_intruder_at_a_companion_stops_the_whole_change(rig: &impl Rig) {
    rig.put("io/gcr/x1", "{}").await;
    rig.put("arpa/ptr", "gcr").await;
    let main = Box::new(Intent::Delete { key: rig.key("io/gcr/x1") });
    let intent = Intent::With { main, companions: vec![delete(rig, "arpa/ptr", "gcr")] };
    let plan = rig.prepare(intent.clone()).await.unwrap();
    assert_eq!((plan.challenge(), plan.deletes()), (&*rig.key("io/gcr/x1").spelled(), 2));
    rig.put("arpa/ptr", "gcr").await;
    let outcome = rig.carry_out(plan).await;
    let Outcome::NothingChanged { why: Failure::Conflict { key, .. } } = &outcome else {
        panic!("{outcome}")
    };
    assert_eq!(*key, rig.key("arpa/ptr").spelled());
    assert_eq!(rig.tails().await.len(), 2, "the record itself is untouched as well");
    let outcome = rig.make(intent).await;
    assert!(matches!(outcome, Outcome::Done { changed: 2, .. }), "{outcome}");
    assert!(rig.tails().await.is_empty());
}

pub async fn more_wishes_than_a_transaction_takes_are_read_and_made(rig: &impl Rig) {
    rig.put("name/x1", "{}").await;
    let tails: Vec<String> = (0..300).map(|number| format!("many/{number:03}")).collect();
    for tail in &tails {
        rig.put(tail, tail).await;
    }
    let companions: Vec<KeyEdit> = tails.iter().map(|tail| update(rig, tail, tail)).collect();
    let main = Box::new(Intent::DeleteSubtree { name: rig.key("name") });
    let outcome = rig.make(Intent::With { main, companions }).await;
    assert!(matches!(outcome, Outcome::Done { changed: 301, .. }), "{outcome}");
    let all = rig.all().await;
    assert!(all.len() == 300 && all.iter().all(|record| *record.value == *b"new"), "{}", all.len());
}

pub async fn wished_deletions_count_towards_the_threshold(rig: &impl Rig) {
    for tail in ["io/gcr/x1", "org/a", "org/b"] {
        rig.put(tail, "1").await;
    }
    let main = || Box::new(Intent::Delete { key: rig.key("org/a") });
    let plan = rig.prepare(*main()).await.unwrap();
    assert_eq!(plan.threshold(), None, "org has another key");
    let companions = vec![delete(rig, "org/b", "1")];
    let plan = rig.prepare(Intent::With { main: main(), companions }).await.unwrap();
    let emptied = Threshold::EmptiesZone { zone: "org".into(), keys: 2 };
    assert_eq!(plan.threshold(), Some(&emptied));
}

pub async fn many_keys_are_read_in_ranges_as_they_are(rig: &impl Rig) {
    // These are more than a plan reads by name, with others between them that must not come along.
    let tails: Vec<String> = (0..700).map(|number| format!("many/{number:04}")).collect();
    for tail in &tails {
        rig.put(tail, tail).await;
    }
    let wishes = |tails: &[String]| tails.iter().map(|tail| delete(rig, tail, tail)).collect();
    let bulk = |wishes| Intent::Bulk {
        listed: None,
        purpose: PlanPurpose::Bulk,
        challenge: Challenge::scope(rig.scope()),
        wishes,
        grants: vec![],
    };
    let some: Vec<String> = tails.iter().filter(|tail| !tail.ends_with('7')).cloned().collect();
    let plan = rig.prepare(bulk(wishes(&some))).await.unwrap();
    assert_eq!((plan.deletes(), plan.threshold().map(Threshold::number)), (630, Some(630)));
    rig.put("many/0300", "theirs").await;
    let outdated = rig.prepare(bulk(wishes(&some))).await.unwrap_err();
    assert_eq!(outdated, PrepareError::Nothing(PlanError::Outdated(rig.key("many/0300"))));
    let outcome = rig.carry_out(plan).await;
    let Outcome::Partly { why: Failure::Conflict { key, .. }, .. } = &outcome else { panic!("{outcome}") };
    assert_eq!(*key, rig.key("many/0300").spelled());
    let creations: Vec<KeyEdit> = (0..700).map(|number| create(rig, &format!("new/{number}"))).collect();
    let outcome = rig.make(bulk(creations)).await;
    assert!(matches!(outcome, Outcome::Done { changed: 700, .. }), "{outcome}");
}

pub async fn what_comes_to_a_name_that_moves_stops_the_move(rig: &impl Rig) {
    for tail in ["io/gcr/x1", "io/gcr/x2"] {
        rig.put(tail, "1").await;
    }
    let newest = rig.all().await.iter().map(|record| record.mod_revision).max().unwrap();
    let bulk = |tails: &[&str]| {
        let wish = |tail: &&str| KeyEdit::Move {
            from: rig.key(&format!("io/gcr/{tail}")),
            to: rig.key(&format!("org/{tail}")),
        };
        Intent::Bulk {
            purpose: PlanPurpose::Bulk,
            challenge: Challenge::subtree(&rig.key("io/gcr")),
            wishes: tails.iter().map(wish).collect(),
            grants: vec![],
            listed: Some(ListedName { name: rig.key("io/gcr"), newest }),
        }
    };
    // It comes between the list and the plan, or after the plan: it would stay behind at a name that is gone.
    for (tail, is_before) in [("io/gcr/deep/x1", true), ("io/gcr/x3", false), ("io/gcr", false)] {
        if is_before {
            rig.put(tail, "theirs").await;
        }
        let plan = rig.prepare(bulk(&["x1", "x2"])).await.unwrap();
        if !is_before {
            rig.put(tail, "theirs").await;
        }
        let outcome = rig.carry_out(plan).await;
        let Outcome::NothingChanged { why: Failure::Conflict { key, .. } } = &outcome else {
            panic!("{tail}: {outcome}")
        };
        assert_eq!(*key, rig.key(tail).spelled());
        rig.delete(tail).await;
    }
    let outcome = rig.make(bulk(&["x1", "x2"])).await;
    assert!(matches!(outcome, Outcome::Done { changed: 2, .. }), "{outcome}");
    assert_eq!(rig.tails().await, ["org/x1", "org/x2"]);
}
