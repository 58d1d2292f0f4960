use crate::rig::{Rig, steps};
use coredeck::{
    failure::{Failure, WriteEffect},
    keys::{ClusterId, KeyValue, Revision},
    plan::{Change, Fence, Plan, Surroundings},
    store::{Commit, Writer},
};

fn update(before: KeyValue, value: &str) -> Change {
    Change::Update { before, value: value.as_bytes().into() }
}

fn refused(result: &Result<Commit, Failure>) -> bool {
    matches!(result, Ok(Commit::Refused(_)))
}

pub async fn a_creation_never_overwrites(rig: &impl Rig) {
    let Ok(Commit::Applied(at)) = rig.commit(vec![rig.creation("a", "1")]).await else {
        panic!("nothing stands in the way")
    };
    assert_eq!(rig.get("a").await.unwrap().mod_revision, at);
    assert!(refused(&rig.commit(vec![rig.creation("a", "2")]).await));
    assert_eq!(*rig.get("a").await.unwrap().value, *b"1");
}

pub async fn an_update_of_what_somebody_changed_is_refused(rig: &impl Rig) {
    rig.put("a", "1").await;
    let shown = rig.get("a").await.unwrap();
    assert!(matches!(rig.commit(vec![update(shown.clone(), "2")]).await, Ok(Commit::Applied(_))));
    assert!(refused(&rig.commit(vec![update(shown, "3")]).await), "it has changed since");
    let is = rig.get("a").await.unwrap();
    assert_eq!((&*is.value, is.version), (&b"2"[..], 2));
}

pub async fn a_deletion_of_what_somebody_changed_is_refused(rig: &impl Rig) {
    rig.put("a", "1").await;
    let before = rig.get("a").await.unwrap();
    rig.put("a", "1").await;
    assert!(refused(&rig.commit(vec![Change::Delete { before }]).await), "the same value, written again");
    let before = rig.get("a").await.unwrap();
    assert!(matches!(
        rig.commit(vec![Change::Delete { before: before.clone() }]).await,
        Ok(Commit::Applied(_))
    ));
    assert_eq!(rig.get("a").await, None);
    assert!(refused(&rig.commit(vec![Change::Delete { before }]).await), "it is gone");
}

pub async fn a_key_made_again_with_the_same_value_is_another_key(rig: &impl Rig) {
    rig.put("a", "1").await;
    let shown = rig.get("a").await.unwrap();
    rig.delete("a").await;
    rig.put("a", "1").await;
    assert!(refused(&rig.commit(vec![Change::Delete { before: shown.clone() }]).await));
    assert!(refused(&rig.commit(vec![update(shown, "2")]).await));
    assert_eq!(rig.get("a").await.unwrap().version, 1);
}

/// Deletes the first key below `io`, with a fence around all of `io`.
async fn delete_first_fenced(rig: &impl Rig, shown: &[KeyValue], at: Revision) -> Result<Commit, Failure> {
    let fence = Fence { range: rig.below("io"), listed_at: at, absent: Some(rig.key("io")) };
    let changes = vec![Change::Delete { before: shown[0].clone() }];
    let around = Surroundings::default();
    let plan = Plan::for_subtree(&rig.key("io"), changes, Some(fence), &around, ClusterId(0), at).unwrap();
    rig.writer().commit(&steps(plan)[0]).await
}

pub async fn a_fence_stops_a_newcomer(rig: &impl Rig) {
    rig.put("io/a", "1").await;
    let at = rig.put("io/b", "1").await;
    let shown = rig.all().await;
    rig.put("io/new", "1").await;
    assert!(refused(&delete_first_fenced(rig, &shown, at).await));
    rig.delete("io/new").await;
    rig.put("io", "1").await;
    assert!(refused(&delete_first_fenced(rig, &shown, at).await), "the name's own key is fenced as well");
    rig.delete("io").await;
    assert!(matches!(delete_first_fenced(rig, &shown, at).await, Ok(Commit::Applied(_))));
}

pub async fn a_fence_stops_a_changed_key_that_no_guard_names(rig: &impl Rig) {
    rig.put("io/a", "1").await;
    let at = rig.put("io/b", "1").await;
    let shown = rig.all().await;
    rig.put("io/b", "1").await;
    assert!(refused(&delete_first_fenced(rig, &shown, at).await));
    assert_eq!(rig.tails().await, ["io/a", "io/b"]);
}

pub async fn a_fence_does_not_mind_what_happens_beside_it(rig: &impl Rig) {
    rig.put("io/a", "1").await;
    let at = rig.put("io/b", "1").await;
    let shown = rig.all().await;
    rig.put("io-old/x", "1").await;
    rig.put("io0", "1").await;
    rig.delete("io/b").await;
    assert!(matches!(delete_first_fenced(rig, &shown, at).await, Ok(Commit::Applied(_))));
    assert_eq!(rig.tails().await, ["io-old/x", "io0"]);
}

pub async fn a_transaction_is_all_or_nothing(rig: &impl Rig) {
    rig.put("b", "1").await;
    let before = rig.get("b").await.unwrap();
    let changes =
        |before: KeyValue| vec![rig.creation("a", "1"), update(before, "2"), rig.creation("c", "1")];
    rig.put("c", "in the way").await;
    assert!(refused(&rig.commit(changes(before.clone())).await));
    assert_eq!((rig.get("a").await, rig.get("b").await.as_ref()), (None, Some(&before)));
    rig.delete("c").await;
    let Ok(Commit::Applied(at)) = rig.commit(changes(before)).await else { panic!("nothing is in the way") };
    for record in rig.all().await {
        assert_eq!(record.mod_revision, at, "all at one revision");
    }
}

pub async fn an_update_of_a_key_that_never_was_puts_nothing(rig: &impl Rig) {
    // etcd compares a missing key's revisions and version as 0, and a value with no key as different.
    let before = KeyValue {
        key: rig.key("a"),
        value: (*b"1").into(),
        create_revision: Revision(0),
        mod_revision: Revision(0),
        version: 0,
        lease: None,
    };
    assert!(refused(&rig.commit(vec![rig.creation("b", "1"), update(before.clone(), "2")]).await));
    // The value does not fit into the transaction any more, so only the kept lease can stop this.
    let many = (0..127).map(|number| rig.creation(&format!("c{number}"), "1"));
    let failure = rig.commit(many.chain([update(before, "2")]).collect()).await.unwrap_err();
    assert!(matches!(failure, Failure::Conflict { .. }), "{failure}");
    assert_eq!(rig.all().await, []);
}

pub async fn a_request_that_is_too_large_puts_nothing(rig: &impl Rig) {
    for length in [1_572_864, 3_000_000] {
        let failure = rig.commit(vec![rig.creation("a", &"x".repeat(length))]).await.unwrap_err();
        assert!(matches!(failure, Failure::TooLarge { .. }), "{failure}");
        assert_eq!(failure.effect(), WriteEffect::Nothing);
    }
    assert_eq!(rig.all().await, []);
    let Ok(Commit::Applied(_)) = rig.commit(vec![rig.creation("a", &"x".repeat(1_500_000))]).await else {
        panic!("that much is allowed")
    };
}

pub async fn a_refused_transaction_takes_no_revision(rig: &impl Rig) {
    let at = rig.put("a", "1").await;
    assert!(refused(&rig.commit(vec![rig.creation("a", "2")]).await));
    let is = rig.get("a").await.unwrap();
    assert_eq!((is.mod_revision, is.version), (at, 1));
}
