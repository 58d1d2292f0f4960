use super::*;
use crate::{index::Records, store::memory::Memory};
use tokio::time::{interval, timeout_at};

/// How long after the first list the next one comes, while something is done to the store every minute.
async fn next_list(each_minute: impl Fn(&Memory, u64)) -> Duration {
    let scope = Scope::parse("/coredns").unwrap();
    let store = Memory::demo(&scope);
    let (msgs, mut replies) = mpsc::channel(64);
    let feed = start(store.reader(), scope.clone(), (None, false), msgs);
    while !matches!(replies.recv().await, Some(Msg::Feed(FeedMsg::Listed { .. }))) {}
    let listed = Instant::now();
    let mut minutes = interval(Duration::from_secs(60));
    minutes.tick().await;
    while listed.elapsed() < AUDIT * 3 {
        tokio::select! {
            _ = minutes.tick() => each_minute(&store, listed.elapsed().as_secs() / 60),
            reply = replies.recv() => match reply {
                Some(Msg::Feed(FeedMsg::Relisting)) => {
                    feed.compare(Shown { records: Records::new(scope.clone()), followed_to: None });
                }
                Some(Msg::Feed(FeedMsg::Relisted { .. })) => return listed.elapsed(),
                _ => {}
            }
        }
    }
    panic!("the scope was never read again");
}

fn breaks() -> Failure {
    Failure::ConnectionLost { endpoint: "https://10.0.0.1:2379".to_owned(), detail: "it broke".to_owned() }
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_breaks_every_minute_is_compared_with_a_list_as_soon_as_one_that_holds() {
    let holds = next_list(|_, _| ()).await;
    assert!((AUDIT..AUDIT + UNNOTICED).contains(&holds), "{holds:?}");
    let breaks = next_list(|store, _| {
        store.fail_everything(breaks());
        store.recover();
    })
    .await;
    assert!((AUDIT..AUDIT + UNNOTICED).contains(&breaks), "{breaks:?}");
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_for_a_list_that_fails_while_the_watch_holds_is_told_once_and_the_watch_goes_on() {
    let scope = Scope::parse("/coredns").unwrap();
    let store = Memory::demo(&scope);
    let (msgs, mut replies) = mpsc::channel(64);
    let feed = start(store.reader(), scope, (None, false), msgs);
    while !matches!(replies.recv().await, Some(Msg::Feed(FeedMsg::Listed { .. }))) {}
    store.fail_next_read(breaks());
    feed.read_again();
    let told = Instant::now() + AUDIT_AGAIN / 2;
    let mut heard = Vec::new();
    while let Ok(Some(reply)) = timeout_at(told, replies.recv()).await {
        let Msg::Feed(reply) = reply else { continue };
        heard.push(reply);
    }
    assert!(matches!(&heard[..], [FeedMsg::NotReadAgain { failure }] if *failure == breaks()), "{heard:?}");
    let revision = store.seed().put(b"/coredns/io/gcr/x9", "{}");
    let is_it =
        |reply| matches!(reply, Some(Msg::Feed(FeedMsg::Changes { revision: to, .. })) if to == revision);
    assert!(is_it(replies.recv().await), "the watch goes on");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_fails_is_tried_again_after_a_while_and_not_at_once() {
    let again = next_list(|store, minute| {
        if minute == AUDIT.as_secs() / 60 - 1 {
            store.fail_next_read(breaks());
        }
    })
    .await;
    assert!((AUDIT + AUDIT_AGAIN..AUDIT + AUDIT_AGAIN + UNNOTICED).contains(&again), "{again:?}");
}
