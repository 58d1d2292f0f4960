//! Histories of random changes through every step of a change and its journal: if all are taken back from the last
//! entry to the first, the earlier records are there.
use crate::rig::{Rig, confirmed};
use coredeck::{
    journal::{Author, MemoryJournal},
    keys::{KeyValue, LeaseId, ScopedKey},
    ops::{carry_out, look_back},
    plan::{
        Challenge, Intent, KeyEdit, LeaseChoice, LeaseGrant, Outcome, OwnRecord, Plan, PlanPurpose,
        RecordPlace, UndoChoices, UndoError,
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

const HISTORIES: u64 = 12;
const TAILS: [&str; 6] = ["io/gcr", "io/gcr/x1", "io/gcr/a/b", "io/quay", "org/www/x1", "org/www/x2"];

/// Random numbers, the same in every run (Marsaglia's xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }
}

fn any_intent(rig: &impl Rig, dice: &mut Dice, now: &BTreeMap<ScopedKey, KeyValue>) -> Option<Intent> {
    let at = rig.key(TAILS[dice.below(TAILS.len())]);
    let value = Box::from(format!("v{}", dice.below(3)).into_bytes());
    let stands = now.get(&at).cloned();
    Some(match dice.below(7) {
        0 => Intent::Add {
            name: at,
            place: RecordPlace::NextLeaf,
            own: OwnRecord::MoveToLeaf,
            value,
            lease: stands.and_then(|record| record.lease).map(|_| LeaseGrant::new(Duration::from_secs(600))),
        },
        1 => Intent::Create { key: at, value, lease: None },
        2 => Intent::Edit { base: stands?, value },
        3 => Intent::Delete { key: at },
        4 => Intent::DeleteSubtree { name: at },
        5 => Intent::Several { wishes: vec![KeyEdit::Move { from: at, to: rig.key("io/moved") }] },
        _ => {
            let wishes = now.values().map(|record| {
                let (key, before) = (record.key.clone(), record.value.clone());
                if dice.below(2) == 0 {
                    KeyEdit::Delete { key, before }
                } else {
                    KeyEdit::Update { key, before, value: Box::from(*b"bulk") }
                }
            });
            let wishes: Vec<KeyEdit> = wishes.collect();
            let challenge = Challenge::scope(rig.scope());
            Intent::Bulk { purpose: PlanPurpose::Bulk, challenge, wishes, grants: vec![], listed: None }
        }
    })
}

async fn now(rig: &impl Rig) -> BTreeMap<ScopedKey, KeyValue> {
    rig.all().await.into_iter().map(|record| (record.key.clone(), record)).collect()
}

async fn make(rig: &impl Rig, journal: &mut MemoryJournal, plan: Plan) {
    let report = carry_out(confirmed(plan), journal, rig.writer(), rig.reader(), |_| {}).await;
    assert!(matches!(report.outcome, Outcome::Done { .. }), "{}", report.outcome);
}

pub async fn any_history_taken_back_in_the_opposite_order_was_never(rig: &impl Rig) {
    for seed in 1..=HISTORIES {
        history(rig, &mut Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))).await;
        for record in rig.all().await {
            rig.delete_raw(record.key.as_bytes()).await;
        }
    }
}

async fn history(rig: &impl Rig, dice: &mut Dice) {
    let lease = rig.grant(Duration::from_secs(600)).await;
    for tail in TAILS.iter().take(1 + dice.below(TAILS.len())) {
        match dice.below(3) {
            0 => rig.put_leased(tail, "first", lease).await,
            _ => rig.put(tail, "first").await,
        };
    }
    let there = now(rig).await;
    let mut journal = MemoryJournal::new(rig.scope().clone(), Author::default());
    let mut ended: BTreeSet<LeaseId> = BTreeSet::new();
    for _ in 0..8 {
        let stands = now(rig).await;
        if let Some(intent) = any_intent(rig, dice, &stands)
            && let Ok(plan) = rig.prepare(intent).await
        {
            make(rig, &mut journal, plan).await;
        }
        // A lease ends only if no key would go with it: that would be a change by others.
        let idle = now(rig).await.values().all(|record| record.lease != Some(lease));
        if idle && dice.below(2) == 0 && ended.insert(lease) {
            rig.revoke(lease).await;
        }
    }
    let ledger = journal.ledger();
    let entries = ledger.contents().unwrap().headings().len();
    for number in (0..entries).rev() {
        let contents = ledger.contents().unwrap();
        let past = contents.entry(number).unwrap().unwrap().past(rig.scope()).unwrap();
        let later = contents.later(number, &past, rig.scope()).unwrap();
        let undo = look_back(rig.reader(), rig.scope(), &past, &later).await.unwrap();
        if !undo.gone().is_empty() {
            assert!(matches!(undo.intent(UndoChoices::default()), Err(UndoError::LeaseGone(_))));
        }
        let choices = UndoChoices { lease: Some(LeaseChoice::New), ..UndoChoices::default() };
        let plan = rig.prepare(undo.intent(choices).unwrap()).await.unwrap();
        make(rig, &mut journal, plan).await;
    }
    let is = now(rig).await;
    let values = |records: &BTreeMap<ScopedKey, KeyValue>| {
        records.values().map(|record| (record.key.clone(), record.value.clone())).collect::<Vec<_>>()
    };
    assert_eq!(values(&is), values(&there));
    for (was, is) in there.values().zip(is.values()) {
        match was.lease {
            Some(lease) if ended.contains(&lease) => {
                assert!(is.lease.is_some_and(|new| new != lease), "{} has a new lease", is.key);
            }
            kept => assert_eq!(is.lease, kept, "{}", is.key),
        }
    }
}
