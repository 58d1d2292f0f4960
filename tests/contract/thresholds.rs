//! Thresholds beyond which the exact number is asked for, however a plan comes in.
use crate::rig::Rig;
use coredeck::plan::{Challenge, Intent, KeyEdit, OwnRecord, Plan, PlanPurpose, RecordPlace, Threshold};

fn update(rig: &impl Rig, tail: &str) -> KeyEdit {
    KeyEdit::Update { key: rig.key(tail), before: (*b"1").into(), value: (*b"2").into() }
}

fn delete(rig: &impl Rig, tail: &str) -> KeyEdit {
    KeyEdit::Delete { key: rig.key(tail), before: (*b"1").into() }
}

fn bulk(rig: &impl Rig, wishes: Vec<KeyEdit>) -> Intent {
    let challenge = Challenge::scope(rig.scope());
    Intent::Bulk { purpose: PlanPurpose::Restore, challenge, wishes, grants: vec![], listed: None }
}

/// Checks that neither a key press agrees to it, nor the text alone, nor another number.
fn asks_for(plan: &Plan, number: u64) {
    let challenge = plan.challenge();
    assert_eq!(plan.threshold().map(Threshold::number), Some(number), "{:?}", plan.changes());
    assert!(plan.clone().agree().is_err());
    for wrong in [None, Some(number - 1), Some(number + 1)] {
        assert!(plan.clone().confirm(challenge, wrong).is_err(), "{wrong:?}");
    }
    assert!(plan.clone().confirm(challenge, Some(number)).is_ok());
}

pub async fn updates_and_deletions_count_together_on_every_way_in(rig: &impl Rig) {
    for number in 0..10 {
        rig.put(&format!("org/{number}"), "1").await;
    }
    // Two of each are more than 30 % of ten, and either kind alone is not.
    let both =
        || vec![update(rig, "org/0"), update(rig, "org/1"), delete(rig, "org/2"), delete(rig, "org/3")];
    let base = rig.get("org/4").await.unwrap();
    let edit = Intent::Edit { base, value: (*b"2").into() };
    let remove = Intent::Delete { key: rig.key("org/5") };
    let add = Intent::Add {
        name: rig.key("org/new"),
        place: RecordPlace::NextLeaf,
        own: OwnRecord::Leave,
        value: (*b"2").into(),
        lease: None,
    };
    let with = |main: &Intent, companions| Intent::With { main: Box::new(main.clone()), companions };
    asks_for(&rig.prepare(bulk(rig, both())).await.unwrap(), 4);
    asks_for(&rig.prepare(Intent::Several { wishes: both() }).await.unwrap(), 4);
    asks_for(&rig.prepare(with(&edit, both())).await.unwrap(), 5);
    asks_for(&rig.prepare(with(&remove, both())).await.unwrap(), 5);
    asks_for(&rig.prepare(with(&add, both())).await.unwrap(), 4);
    asks_for(&rig.prepare(Intent::DeleteSubtree { name: rig.key("org") }).await.unwrap(), 10);
    for few in [both()[..2].to_vec(), both()[2..].to_vec()] {
        assert_eq!(rig.prepare(bulk(rig, few.clone())).await.unwrap().threshold(), None);
        assert!(rig.prepare(bulk(rig, few)).await.unwrap().agree().is_err(), "the text is asked for always");
    }
    for plain in [edit, remove, add] {
        assert_eq!(rig.prepare(plain).await.unwrap().threshold(), None);
    }
}

pub async fn a_hundred_updates_need_no_number_and_one_more_does(rig: &impl Rig) {
    for number in 0..340 {
        rig.put(&format!("org/{number}"), "1").await;
    }
    let updates = |many: usize| (0..many).map(|number| update(rig, &format!("org/{number}"))).collect();
    assert_eq!(rig.prepare(bulk(rig, updates(100))).await.unwrap().threshold(), None);
    asks_for(&rig.prepare(bulk(rig, updates(101))).await.unwrap(), 101);
}

pub async fn what_is_moved_out_of_a_zone_empties_it(rig: &impl Rig) {
    for tail in ["org/a", "io/a", "io/b"] {
        rig.put(tail, "1").await;
    }
    let away = |from: &str, to: &str| KeyEdit::Move { from: rig.key(from), to: rig.key(to) };
    let plan = rig.prepare(bulk(rig, vec![away("org/a", "io/c")])).await.unwrap();
    assert_eq!(plan.threshold(), Some(&Threshold::EmptiesZone { zone: "org".into(), keys: 1 }));
    let within = rig.prepare(bulk(rig, vec![away("org/a", "org/b")])).await.unwrap();
    assert_eq!(within.threshold(), None);
}
