use crate::{rig::Rig, watching::heard};
use coredeck::{
    failure::Failure,
    keys::Revision,
    plan::Change,
    store::{Commit, Reader},
};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(600);

pub async fn an_edit_keeps_the_lease(rig: &impl Rig) {
    let lease = rig.grant(LONG).await;
    rig.put_leased("a", "1", lease).await;
    let before = rig.get("a").await.unwrap();
    assert_eq!(before.lease, Some(lease));
    rig.commit(vec![Change::Update { before, value: (*b"2").into() }]).await.unwrap();
    let is = rig.get("a").await.unwrap();
    assert_eq!((&*is.value, is.lease), (&b"2"[..], Some(lease)));
    rig.revoke(lease).await;
    assert_eq!(rig.get("a").await, None, "it is the lease's key still");
}

pub async fn a_new_key_can_be_put_under_a_lease(rig: &impl Rig) {
    let lease = rig.grant(LONG).await;
    let change = Change::Create { key: rig.key("a"), value: (*b"1").into(), lease: Some(lease) };
    rig.commit(vec![change]).await.unwrap();
    assert_eq!(rig.get("a").await.unwrap().lease, Some(lease));
    let left = rig.reader().lease(lease).await.unwrap().unwrap();
    assert!(left <= LONG && left > LONG / 2, "{left:?}");
}

pub async fn a_move_takes_the_lease_along(rig: &impl Rig) {
    let lease = rig.grant(LONG).await;
    rig.put_leased("a", "1", lease).await;
    let before = rig.get("a").await.unwrap();
    rig.commit(vec![Change::Move { before, to: rig.key("a/x1") }]).await.unwrap();
    assert_eq!(rig.tails().await, ["a/x1"]);
    let moved = rig.get("a/x1").await.unwrap();
    assert_eq!((&*moved.value, moved.lease), (&b"1"[..], Some(lease)));
}

pub async fn a_lease_that_is_gone_puts_nothing(rig: &impl Rig) {
    let lease = rig.grant(LONG).await;
    rig.revoke(lease).await;
    assert_eq!(rig.reader().lease(lease).await.unwrap(), None);
    let leased = Change::Create { key: rig.key("a"), value: (*b"1").into(), lease: Some(lease) };
    let result = rig.commit(vec![rig.creation("b", "1"), leased]).await;
    // etcd does not say which lease it misses.
    assert!(matches!(&result, Err(Failure::LeaseGone(_))), "{result:?}");
    assert_eq!(rig.all().await, []);
}

pub async fn the_end_of_a_lease_deletes_its_keys(rig: &impl Rig) {
    let lease = rig.grant(Duration::from_secs(2)).await;
    rig.put_leased("a", "1", lease).await;
    let at = rig.put_leased("b", "1", lease).await;
    let shown = rig.get("a").await.unwrap();
    let mut changes = rig.reader().watch(&rig.scope().range(), Revision(at.0 + 1)).await.unwrap();
    let events = heard(rig, &mut changes, 2).await;
    assert_eq!(events, [("-a".to_owned(), events[0].1), ("-b".to_owned(), events[0].1)], "at one revision");
    assert!(events[0].1 > at);
    assert_eq!(rig.all().await, []);
    assert_eq!(rig.reader().lease(lease).await.unwrap(), None);
    let late = rig.commit(vec![Change::Update { before: shown, value: (*b"2").into() }]).await;
    assert!(matches!(late, Ok(Commit::Refused(_))), "{late:?}");
}
