//! Replies that never came. The store in memory can lose one on purpose and wind time forward.
use crate::{
    rig::{InMemory, Rig, in_memory},
    support::journal::MemoryJournal,
};
use coredeck::{
    failure::Failure,
    ops::carry_out,
    plan::{Intent, Outcome},
    store::memory::CallFault,
};
use std::time::Duration;

fn lost() -> Failure {
    Failure::TimedOut { endpoint: "in memory".into(), after: Duration::from_secs(8) }
}

fn create(rig: &InMemory, value: &str) -> Intent {
    Intent::Create { key: rig.key("a"), value: value.as_bytes().into(), lease: None }
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_is_resolved_by_reading_and_never_by_sending_again() {
    let rig = in_memory();
    rig.memory.fail_next(CallFault::ReplyLost(lost()));
    assert!(matches!(rig.make(create(&rig, "1")).await, Outcome::Done { changed: 1, .. }));
    assert_eq!(rig.memory.committed().len(), 1);
    assert_eq!(rig.get("a").await.unwrap().version, 1);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_still_at_work_is_waited_for() {
    let rig = in_memory();
    rig.memory.fail_next(CallFault::Late(lost(), Duration::from_secs(5)));
    assert!(matches!(rig.make(create(&rig, "1")).await, Outcome::Done { changed: 1, .. }));
}

#[tokio::test(start_paused = true)]
async fn what_never_shows_stays_an_unknown_because_a_member_that_hangs_may_still_make_it() {
    let rig = in_memory();
    let began = tokio::time::Instant::now();
    rig.memory.fail_next(CallFault::Fails(lost()));
    let expected = Outcome::Unknown { done: vec![], unsure: vec![rig.key("a")], total: 1, why: lost() };
    assert_eq!(rig.make(create(&rig, "1")).await, expected);
    assert!(began.elapsed() >= Duration::from_secs(8), "{:?}", began.elapsed());
    assert_eq!(rig.memory.committed(), []);
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_and_somebody_elses_write_are_an_unknown() {
    let rig = in_memory();
    rig.put("a", "0").await;
    let base = rig.get("a").await.unwrap();
    let plan = rig.prepare(Intent::Edit { base, value: (*b"1").into() }).await.unwrap();
    rig.put("a", "theirs").await;
    rig.memory.fail_next(CallFault::Fails(lost()));
    let outcome = rig.carry_out(plan).await;
    let expected = Outcome::Unknown { done: vec![], unsure: vec![rig.key("a")], total: 1, why: lost() };
    assert_eq!(outcome, expected);
}

#[tokio::test(start_paused = true)]
async fn a_put_that_is_refused_for_want_of_space_was_made_or_not_and_one_look_tells() {
    for (fault, kept) in
        [(CallFault::ReplyLost(Failure::NoSpace), true), (CallFault::Fails(Failure::NoSpace), false)]
    {
        let rig = in_memory();
        let began = tokio::time::Instant::now();
        rig.memory.fail_next(fault);
        let outcome = rig.make(create(&rig, "1")).await;
        if kept {
            assert!(matches!(outcome, Outcome::Done { changed: 1, .. }), "{outcome}");
        } else {
            assert_eq!(outcome, Outcome::NothingChanged { why: Failure::NoSpace });
        }
        assert_eq!(rig.get("a").await.is_some(), kept);
        assert_eq!(
            began.elapsed(),
            Duration::ZERO,
            "etcd has finished with it: there is nothing to wait for"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_that_nobody_can_look_up_is_an_unknown_and_never_nothing() {
    let rig = in_memory();
    let plan = rig.prepare(create(&rig, "1")).await.unwrap();
    rig.memory.fail_next(CallFault::LastReplyLost(lost()));
    assert!(matches!(rig.carry_out(plan).await, Outcome::Unknown { .. }));
}

#[tokio::test(start_paused = true)]
async fn an_unknown_in_a_later_step_says_what_is_certain() {
    let rig = in_memory();
    for number in 0..200 {
        rig.put(&format!("io/{number:03}"), "{}").await;
    }
    let plan = rig.prepare(Intent::DeleteSubtree { name: rig.key("io") }).await.unwrap();
    let mut journal = MemoryJournal::default();
    let outage = rig.memory.clone();
    let report = carry_out(crate::rig::confirmed(plan), &mut journal, rig.writer(), rig.reader(), |_| {
        outage.fail_next(CallFault::LastReplyLost(lost()));
    })
    .await;
    let Outcome::Unknown { done, unsure, total, .. } = report.outcome else { panic!("{}", report.outcome) };
    assert_eq!((done.len() + unsure.len(), total), (200, 200));
    assert!(!done.is_empty() && !unsure.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_was_certain_is_not_made_uncertain_by_a_failed_look() {
    let rig = in_memory();
    let plan = rig.prepare(create(&rig, "1")).await.unwrap();
    rig.put("a", "theirs").await;
    rig.memory.fail_next(CallFault::LastReply(lost()));
    let outcome = rig.carry_out(plan).await;
    assert!(matches!(&outcome, Outcome::NothingChanged { why: Failure::Conflict { .. } }), "{outcome}");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_looked_at_before_is_not_sent() {
    let rig = in_memory();
    let plan = rig.prepare(create(&rig, "1")).await.unwrap();
    rig.memory.fail_next_read(lost());
    let outcome = rig.carry_out(plan).await;
    assert_eq!(outcome, Outcome::NothingChanged { why: lost() });
    assert_eq!(rig.memory.committed(), []);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_has_gone_back_under_a_plan_is_not_changed() {
    let rig = in_memory();
    let copied = rig.memory.seed().copy();
    rig.put("b", "somebody").await;
    let plan = rig.prepare(create(&rig, "1")).await.unwrap();
    rig.memory.seed().go_back_to(&copied);
    let outcome = rig.carry_out(plan).await;
    assert!(matches!(&outcome, Outcome::NothingChanged { why: Failure::WentBack { .. } }), "{outcome}");
    assert_eq!(rig.get("a").await, None);
}

#[tokio::test(start_paused = true)]
async fn a_record_that_only_has_the_revision_that_was_shown_is_not_changed() {
    let rig = in_memory();
    let copied = rig.memory.seed().copy();
    rig.put("a", "shown").await;
    let plan = rig.prepare(Intent::Delete { key: rig.key("a") }).await.unwrap();
    rig.memory.seed().go_back_to(&copied);
    rig.put("a", "another").await;
    let outcome = rig.carry_out(plan).await;
    let Outcome::NothingChanged { why: Failure::Conflict { change, .. } } = &outcome else {
        panic!("{outcome}")
    };
    assert!(change.contains("built anew"), "{change}");
    assert_eq!(*rig.get("a").await.unwrap().value, *b"another");
}

/// So many keys leave the transaction no room to compare their values: they are compared before it.
#[tokio::test(start_paused = true)]
async fn many_records_that_only_have_the_revisions_that_were_shown_are_not_changed() {
    let rig = in_memory();
    let copied = rig.memory.seed().copy();
    let write = async |value: &'static str| {
        for number in 0..200 {
            rig.put(&format!("io/{number:03}"), value).await;
        }
    };
    write("shown").await;
    let plan = rig.prepare(Intent::DeleteSubtree { name: rig.key("io") }).await.unwrap();
    rig.memory.seed().go_back_to(&copied);
    write("another").await;
    let outcome = rig.carry_out(plan).await;
    let Outcome::NothingChanged { why: Failure::Conflict { change, .. } } = &outcome else {
        panic!("{outcome}")
    };
    assert!(change.contains("built anew"), "{change}");
    assert_eq!(rig.memory.committed(), []);
}

#[tokio::test]
async fn an_outage_ends_every_watch() {
    use coredeck::store::{Reader, Watched};
    let rig = in_memory();
    let mut watch = rig.reader().watch(&rig.scope().range(), rig.revision().await).await.unwrap();
    rig.memory.fail_everything(lost());
    rig.memory.recover();
    assert_eq!(watch.recv().await, Some(Watched::Lost(lost())));
    assert_eq!(watch.recv().await, None);
}
