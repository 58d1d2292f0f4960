use crate::rig::Rig;
use coredeck::{
    failure::Failure,
    keys::{KeyRange, Revision},
    store::{Event, Reader, Watch, Watched},
};
use std::time::Duration;
use tokio::time::timeout;

/// Longer than any store needs; a test waits so long only if a rule is broken.
const PATIENCE: Duration = Duration::from_secs(120);

async fn watch(rig: &impl Rig, range: &KeyRange, from: Revision) -> Watch {
    rig.reader().watch(range, from).await.unwrap()
}

/// Returns the next `count` events, as `+key=value` and `-key`, with their revisions.
pub async fn heard(rig: &impl Rig, watch: &mut Watch, count: usize) -> Vec<(String, Revision)> {
    let mut heard = vec![];
    let skip = rig.scope().as_str().len();
    while heard.len() < count {
        match timeout(PATIENCE, watch.recv()).await.expect("an event comes").expect("the watch goes on") {
            Watched::Changes { revision, events } => {
                heard.extend(events.into_iter().map(|event| match event {
                    Event::Put(record) => {
                        assert!(record.mod_revision <= revision);
                        let value = String::from_utf8_lossy(&record.value);
                        (format!("+{}={value}", &record.key.spelled()[skip..]), record.mod_revision)
                    }
                    Event::Delete { key, revision: at } => {
                        assert!(at <= revision);
                        (format!("-{}", &key.spelled()[skip..]), at)
                    }
                }));
            }
            Watched::Progress { .. } => {}
            Watched::Lost(failure) => panic!("the watch was lost: {failure}"),
        }
    }
    heard
}

pub async fn a_watch_tells_every_change_in_the_order_of_revisions(rig: &impl Rig) {
    let now = rig.put("a", "0").await;
    let mut changes = watch(rig, &rig.scope().range(), Revision(now.0 + 1)).await;
    let first = rig.put("a", "1").await;
    let second = rig.put("b", "2").await;
    let third = rig.delete("a").await;
    let fourth = rig.put("a", "3").await;
    let heard = heard(rig, &mut changes, 4).await;
    let expected = [("+a=1", first), ("+b=2", second), ("-a", third), ("+a=3", fourth)];
    assert_eq!(heard, expected.map(|(event, revision)| (event.to_owned(), revision)));
}

pub async fn a_watch_begins_in_the_past(rig: &impl Rig) {
    let first = rig.put("a", "1").await;
    let second = rig.delete("a").await;
    rig.put("b", "2").await;
    let mut changes = watch(rig, &rig.scope().range(), first).await;
    let events = heard(rig, &mut changes, 3).await;
    assert_eq!(events[..2], [("+a=1".to_owned(), first), ("-a".to_owned(), second)]);
    assert_eq!(events[2].0, "+b=2");
}

pub async fn a_watch_of_a_subtree_hears_nothing_from_beside_it(rig: &impl Rig) {
    let now = rig.put("io/gcr", "0").await;
    let mut changes = watch(rig, &rig.below("io/gcr"), now).await;
    for tail in ["io/gcr", "io/gcr-old/x1", "io/gcr0", "io"] {
        rig.put(tail, "beside").await;
    }
    rig.put("io/gcr/x1", "below").await;
    assert_eq!(heard(rig, &mut changes, 1).await[0].0, "+io/gcr/x1=below");
}

pub async fn one_transaction_is_heard_whole(rig: &impl Rig) {
    let now = rig.put("z", "0").await;
    let mut changes = watch(rig, &rig.scope().range(), Revision(now.0 + 1)).await;
    rig.commit(vec![rig.creation("a", "1"), rig.creation("b", "2")]).await.unwrap();
    loop {
        match timeout(PATIENCE, changes.recv()).await.expect("an event comes").unwrap() {
            Watched::Progress { .. } => {}
            Watched::Changes { events, .. } => break assert_eq!(events.len(), 2, "both in one message"),
            Watched::Lost(failure) => panic!("{failure}"),
        }
    }
}

/// Asks until the watch has told everything up to a revision; returns its events meanwhile.
async fn told_until(watch: &mut Watch, until: Revision) -> Vec<Event> {
    let mut told = vec![];
    timeout(PATIENCE, async {
        loop {
            watch.ask();
            match timeout(Duration::from_millis(500), watch.recv()).await {
                Ok(Some(Watched::Progress { revision, asked: true })) if revision >= until => return,
                Ok(Some(Watched::Changes { events, .. })) => told.extend(events),
                Ok(Some(Watched::Progress { .. })) | Err(_) => {}
                Ok(ended @ (Some(Watched::Lost(_)) | None)) => panic!("{ended:?}"),
            }
        }
    })
    .await
    .expect("the watch answers");
    told
}

/// Nothing has happened yet, much has before the watch began, or everything was beside the watched range.
pub async fn a_watch_that_is_asked_says_that_it_has_told_everything(rig: &impl Rig) {
    let now = rig.put("a", "0").await;
    let mut quiet = watch(rig, &rig.scope().range(), Revision(now.0 + 1)).await;
    assert_eq!(told_until(&mut quiet, now).await, []);
    let mut last = now;
    for number in 0..50 {
        last = rig.put("a", &number.to_string()).await;
    }
    assert_eq!(told_until(&mut quiet, last).await.len(), 50);
    let mut late = watch(rig, &rig.scope().range(), Revision(now.0 + 1)).await;
    assert_eq!(told_until(&mut late, last).await.len(), 50);
    let mut beside = watch(rig, &rig.below("io/gcr"), Revision(now.0 + 1)).await;
    assert_eq!(told_until(&mut beside, last).await, []);
    let after = rig.put("io/gcr/x1", "1").await;
    assert_eq!(told_until(&mut beside, after).await.len(), 1);
}

pub async fn a_compacted_revision_can_be_neither_listed_nor_watched(rig: &impl Rig) {
    let first = rig.put("a", "1").await;
    rig.put("a", "2").await;
    let kept = rig.put("a", "3").await;
    rig.compact(kept).await;
    let scope = rig.scope().range();
    let gone = Failure::Compacted { asked: first };
    assert_eq!(rig.reader().list(&scope, 0, Some(first)).await, Err(gone.clone()));
    assert_eq!(rig.reader().watch(&scope, first).await.unwrap_err(), gone);
    assert_eq!(rig.reader().list(&scope, 0, Some(kept)).await.unwrap().total, 1, "that one is still there");
}
