use super::{
    recovery::UNNOTICED,
    seen::{AUDIT_AGAIN, SOON_AGAIN},
    *,
};
use crate::store::{
    Event,
    memory::{Memory, Traffic, WatchFault},
};
use std::time::Duration;
use tokio::time::{interval, timeout_at};

const AUDIT: Duration = Intervals::USUAL.audit;
const SILENCE: Duration = Intervals::USUAL.silence;
const MINUTE: Duration = Duration::from_secs(60);
/// The most requests that a deck may cost etcd in a minute, in any failure.
const MOST_A_MINUTE: u64 = 60;

fn breaks() -> Failure {
    Failure::ConnectionLost { endpoint: "https://10.0.0.1:2379".to_owned(), detail: "it broke".to_owned() }
}

/// Feed of a store in memory, and a deck that treats it as the real one does.
struct Fed {
    store: Memory,
    feed: FeedTask,
    replies: mpsc::Receiver<Msg>,
    index: Index,
    followed_to: Revision,
}

impl Fed {
    /// Starts a feed, and waits until it has listed everything.
    async fn on(store: Memory) -> Self {
        let scope = Scope::parse("/coredns").unwrap();
        let (msgs, replies) = mpsc::channel(64);
        let feed = start(store.reader(), scope.clone(), (None, false), msgs);
        let mut listed =
            Self { store, feed, replies, index: Index::new(scope), followed_to: Revision::default() };
        listed.hears(|msg| matches!(msg, FeedMsg::Listed { .. })).await;
        listed
    }

    async fn live() -> Self {
        let mut fed = Self::on(Memory::demo(&Scope::parse("/coredns").unwrap())).await;
        fed.is_confirmed(Evidence::Watch).await;
        fed
    }

    /// Returns the next message of the feed, as the deck takes it.
    async fn next(&mut self) -> FeedMsg {
        loop {
            let Msg::Feed(msg) = self.replies.recv().await.unwrap() else { continue };
            match &msg {
                FeedMsg::Page { batch, .. } => self.index.absorb(batch.clone()),
                FeedMsg::Listed { revision, .. } => {
                    self.index.listed();
                    self.followed_to = *revision;
                }
                FeedMsg::Changes { revision, events, .. } => {
                    self.followed_to = *revision;
                    for event in events {
                        match event {
                            Event::Put(record) => drop(self.index.put(record)),
                            Event::Delete { key, revision } => drop(self.index.delete(key, *revision)),
                        }
                    }
                }
                FeedMsg::Confirmed { revision, .. } => self.followed_to = *revision,
                FeedMsg::Relisted { index, revision, .. } => {
                    self.index = (**index).clone();
                    self.followed_to = *revision;
                }
                FeedMsg::Relisting => {
                    let (records, followed_to) = (self.index.records().clone(), Some(self.followed_to));
                    self.feed.compare(PresentPicture { records, followed_to });
                }
                FeedMsg::NotReadAgain { .. } | FeedMsg::PossiblyStale { .. } | FeedMsg::Lost { .. } => {}
            }
            return msg;
        }
    }

    async fn hears(&mut self, is_it: impl Fn(&FeedMsg) -> bool) -> FeedMsg {
        let end = Instant::now() + AUDIT * 4;
        loop {
            let msg = self.next().await;
            assert!(Instant::now() < end, "it never came");
            if is_it(&msg) {
                return msg;
            }
        }
    }

    async fn is_confirmed(&mut self, how: Evidence) -> Revision {
        let confirmed = self.hears(|msg| matches!(msg, FeedMsg::Confirmed { by, .. } if *by == how)).await;
        let FeedMsg::Confirmed { revision, .. } = confirmed else { panic!() };
        revision
    }

    async fn is_lost(&mut self) -> Failure {
        let FeedMsg::Lost { failure, .. } = self.hears(|msg| matches!(msg, FeedMsg::Lost { .. })).await
        else {
            panic!()
        };
        failure
    }

    /// Waits for a new list; returns the revision that had been seen, and whether etcd has gone back.
    async fn is_read_again(&mut self) -> (Option<Revision>, Option<RevisionWentBack>) {
        let FeedMsg::Relisted { seen, back, .. } =
            self.hears(|msg| matches!(msg, FeedMsg::Relisted { .. })).await
        else {
            panic!()
        };
        (seen, back)
    }

    /// Returns all messages of a period.
    async fn for_(&mut self, time: Duration) -> Vec<FeedMsg> {
        let end = Instant::now() + time;
        let mut heard = vec![];
        while let Ok(msg) = timeout_at(end, self.next()).await {
            heard.push(msg);
        }
        heard
    }

    /// Returns the highest cost to etcd of any of the next minutes, after the first one.
    async fn costs(&mut self, minutes: u32) -> Traffic {
        self.for_(MINUTE).await;
        let mut most = Traffic::default();
        for _ in 0..minutes {
            let before = self.store.traffic();
            self.for_(MINUTE).await;
            let now = self.store.traffic().since(before);
            assert!(now.all() <= MOST_A_MINUTE, "{now:?}");
            most = if now.all() > most.all() { now } else { most };
        }
        most
    }

    async fn shows(&mut self, key: &str) {
        let end = Instant::now() + AUDIT * 4;
        while self.index.get(key.as_bytes()).is_none() {
            self.next().await;
            assert!(Instant::now() < end, "{key} never came");
        }
    }
}

/// Returns the time from the first list to the next one, while something is done to the store every minute.
async fn next_list(each_minute: impl Fn(&Memory)) -> Duration {
    let mut fed = Fed::live().await;
    let listed = Instant::now();
    let mut minutes = interval(MINUTE);
    minutes.tick().await;
    while listed.elapsed() < AUDIT * 3 {
        tokio::select! {
            _ = minutes.tick() => each_minute(&fed.store),
            msg = fed.next() => if matches!(msg, FeedMsg::Relisted { .. }) {
                return listed.elapsed();
            }
        }
    }
    panic!("the scope was never read again");
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_breaks_every_minute_is_compared_with_a_list_as_soon_as_one_that_holds() {
    let holds = next_list(|_| ()).await;
    assert!(holds.abs_diff(AUDIT) <= UNNOTICED, "{holds:?}");
    let breaks = next_list(|store| {
        store.fail_everything(breaks());
        store.recover();
    })
    .await;
    assert!(breaks.abs_diff(AUDIT) <= UNNOTICED, "{breaks:?}");
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_for_a_list_that_fails_while_the_watch_holds_is_told_once_and_the_watch_goes_on() {
    let mut fed = Fed::live().await;
    fed.store.fail_next_read(breaks());
    fed.feed.read_again();
    let heard = fed.for_(AUDIT_AGAIN / 2).await;
    let told = |msg: &&FeedMsg| !matches!(msg, FeedMsg::Confirmed { .. });
    let heard: Vec<&FeedMsg> = heard.iter().filter(told).collect();
    assert!(matches!(&heard[..], [FeedMsg::NotReadAgain { failure }] if *failure == breaks()), "{heard:?}");
    fed.store.seed().put(b"/coredns/io/gcr/x9", "{}");
    assert!(matches!(fed.next().await, FeedMsg::Changes { .. }), "the watch goes on");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_fails_is_tried_again_after_a_while_and_not_at_once() {
    let mut fed = Fed::live().await;
    fed.store.fail_next_read(breaks());
    fed.feed.read_again();
    fed.hears(|msg| matches!(msg, FeedMsg::NotReadAgain { .. })).await;
    let failed = Instant::now();
    fed.is_read_again().await;
    let again = failed.elapsed();
    assert!(again.abs_diff(AUDIT_AGAIN) <= UNNOTICED, "{again:?}");
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_breaks_while_etcd_compacts_what_it_would_go_on_from_is_read_again() {
    let mut fed = Fed::live().await;
    let seen = fed.followed_to;
    fed.store.fail_everything(breaks());
    let others = fed.store.seed();
    let gone = "/coredns/io/gcr/x1";
    others.delete(gone);
    for _ in 0..5 {
        others.put("/registry/churn", "{}");
    }
    others.compact(others.put("/registry/churn", "{}"));
    fed.store.recover();
    let (told, back) = fed.is_read_again().await;
    assert_eq!((told, back), (Some(seen), None), "what differs happened behind what was seen");
    assert!(fed.index.get(gone.as_bytes()).is_none());
    fed.is_confirmed(Evidence::Watch).await;
    others.put("/coredns/io/gcr/x2", "{}");
    fed.shows("/coredns/io/gcr/x2").await;
    fed.costs(3).await;
}

#[tokio::test(start_paused = true)]
async fn a_compaction_that_a_watch_tells_of_later_is_read_again_and_asks_for_no_watch_from_there() {
    let mut fed = Fed::live().await;
    fed.store.watches_suffer(Some(WatchFault::Ends(Failure::Compacted { asked: fed.followed_to })));
    let watches = fed.store.traffic().watches;
    fed.is_read_again().await;
    fed.store.watches_suffer(None);
    fed.is_confirmed(Evidence::Watch).await;
    assert!(fed.store.traffic().watches <= watches + 3);
}

/// Faults that last as long as a test.
type Wrong = (&'static str, fn(&Memory));

const BROKEN_WORLDS: &[Wrong] = &[
    ("a watch that opens and breaks", |store| store.watches_suffer(Some(WatchFault::Ends(breaks())))),
    ("a watch that opens and is compacted", |store| {
        store.watches_suffer(Some(WatchFault::Ends(Failure::Compacted { asked: Revision(3) })));
    }),
    ("a watch that is never opened", |store| store.watches_suffer(Some(WatchFault::Refused(breaks())))),
    ("nobody answers", |store| store.fail_everything(breaks())),
    ("no leader", |store| {
        store.fail_everything(Failure::NoLeader { endpoint: "https://10.0.0.1:2379".to_owned() });
    }),
    ("not allowed any more", |store| {
        let (who, what) = ("dns".to_owned(), "/coredns/".to_owned());
        store.fail_everything(Failure::PermissionDenied { who, action: "list", what });
    }),
    ("no answer", |store| store.watches_suffer(Some(WatchFault::Unanswered))),
    ("silence", |store| store.watches_suffer(Some(WatchFault::Silent))),
    ("nothing", |_| ()),
];

#[tokio::test(start_paused = true)]
async fn no_world_however_broken_costs_etcd_more_than_a_request_a_second() {
    for (what, go_wrong) in BROKEN_WORLDS {
        let mut fed = Fed::live().await;
        go_wrong(&fed.store);
        let traffic = fed.costs(12).await;
        println!("{what}: {traffic:?} a minute at most");
        // The feed recovers as soon as the store does.
        fed.store.recover();
        fed.store.watches_suffer(None);
        fed.store.seed().put("/coredns/io/gcr/after", "{}");
        let mended = Instant::now();
        fed.shows("/coredns/io/gcr/after").await;
        assert!(mended.elapsed() <= Duration::from_secs(6), "{what}: {:?}", mended.elapsed());
        fed.is_confirmed(Evidence::Watch).await;
    }
}

/// A watch that breaks every two seconds, after it has answered.
#[tokio::test(start_paused = true)]
async fn a_watch_that_answers_and_breaks_again_and_again_is_opened_with_growing_pauses() {
    let mut fed = Fed::live().await;
    let minutes = 5;
    let before = fed.store.traffic();
    let end = Instant::now() + MINUTE * minutes;
    while Instant::now() < end {
        fed.for_(Duration::from_secs(2)).await;
        fed.store.fail_everything(breaks());
        fed.store.recover();
    }
    let traffic = fed.store.traffic().since(before);
    assert!(traffic.all() <= MOST_A_MINUTE * u64::from(minutes), "{traffic:?}");
    assert!(traffic.watches <= 15 * u64::from(minutes), "{traffic:?}");
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_falls_silent_is_called_stale_since_its_last_sign_of_life_and_read_in_its_place() {
    let mut fed = Fed::live().await;
    fed.store.watches_suffer(Some(WatchFault::Silent));
    let silent = Instant::now();
    fed.store.seed().put("/coredns/io/gcr/unseen", "{}");
    assert_eq!(fed.is_lost().await, Failure::WatchSilent { after: SILENCE });
    let told = silent.elapsed();
    assert!(told.abs_diff(SILENCE) <= MINUTE / 6, "{told:?}");
    // The next watch is silent as well: the scope is read instead.
    fed.shows("/coredns/io/gcr/unseen").await;
    let heard = fed.for_(MINUTE * 3).await;
    let is_live = |msg: &FeedMsg| matches!(msg, FeedMsg::Confirmed { by: Evidence::Watch, .. });
    assert!(!heard.iter().any(is_live), "nothing is called live that gives no sign of life");
    fed.store.seed().put("/coredns/io/gcr/later", "{}");
    let put = Instant::now();
    fed.shows("/coredns/io/gcr/later").await;
    assert!(put.elapsed() <= SILENCE + MINUTE / 6, "{:?}", put.elapsed());
    fed.store.watches_suffer(None);
    fed.is_confirmed(Evidence::Watch).await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_a_watch_that_is_behind_what_etcd_says_is_no_sign_of_life() {
    let mut fed = Fed::live().await;
    fed.store.watches_suffer(Some(WatchFault::Behind(fed.followed_to)));
    fed.store.seed().put("/coredns/io/gcr/unseen", "{}");
    assert_eq!(fed.is_lost().await, Failure::WatchSilent { after: SILENCE });
    fed.shows("/coredns/io/gcr/unseen").await;
    for msg in fed.for_(MINUTE).await {
        assert!(!matches!(msg, FeedMsg::Confirmed { by: Evidence::Watch, .. }), "{msg:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_no_watch_tells_because_none_holds_is_read_and_called_stale() {
    for fault in [WatchFault::Refused(breaks()), WatchFault::Ends(breaks())] {
        let mut fed = Fed::live().await;
        fed.store.watches_suffer(Some(fault));
        fed.for_(MINUTE * 2).await;
        fed.store.seed().put("/coredns/io/gcr/unseen", "{}");
        let put = Instant::now();
        fed.shows("/coredns/io/gcr/unseen").await;
        assert!(put.elapsed() <= SILENCE + MINUTE / 6, "{:?}", put.elapsed());
        assert_eq!(fed.is_lost().await, breaks());
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_answers_no_question_is_followed_and_never_called_live() {
    let store = Memory::demo(&Scope::parse("/coredns").unwrap());
    store.watches_suffer(Some(WatchFault::Unanswered));
    let mut fed = Fed::on(store).await;
    fed.is_confirmed(Evidence::Reading).await;
    let mut lists = 0;
    for number in 0..10 {
        fed.store.seed().put(format!("/coredns/io/gcr/n{number}"), "{}");
        assert!(matches!(fed.next().await, FeedMsg::Changes { .. }), "what happens is shown at once");
        // Nothing tells whether others' writes had one of this scope among them.
        fed.store.seed().put("/registry/churn", "{}");
        for msg in fed.for_(MINUTE).await {
            assert!(!matches!(msg, FeedMsg::Lost { .. } | FeedMsg::Confirmed { by: Evidence::Watch, .. }));
            lists += u32::from(matches!(msg, FeedMsg::Relisted { .. }));
        }
    }
    assert!((5..=25).contains(&lists), "{lists}");
}

#[tokio::test(start_paused = true)]
async fn the_deck_hears_of_a_quiet_watch_once_a_minute_and_of_a_revision_within_seconds() {
    let mut fed = Fed::live().await;
    let heard = fed.for_(MINUTE * 4).await;
    assert!((3..=5).contains(&heard.len()), "{heard:?}");
    let revision = fed.store.seed().put("/registry/churn", "{}");
    let put = Instant::now();
    assert_eq!(fed.is_confirmed(Evidence::Watch).await, revision);
    assert!(put.elapsed() <= Intervals::USUAL.ask);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_goes_back_under_an_open_watch_is_told_and_read_again() {
    let mut fed = Fed::live().await;
    let copy = fed.store.seed().copy();
    let to = fed.followed_to;
    let from = fed.store.seed().put("/coredns/io/gcr/lost", "{}");
    fed.shows("/coredns/io/gcr/lost").await;
    fed.is_confirmed(Evidence::Watch).await;
    fed.store.seed().go_back_to(&copy);
    let gone_back = Instant::now();
    let (seen, back) = fed.is_read_again().await;
    assert!(gone_back.elapsed() <= Intervals::USUAL.ask + UNNOTICED, "{:?}", gone_back.elapsed());
    assert_eq!(seen, Some(from));
    let back = back.expect("it is news");
    assert_eq!((back.from, back.to), (from, Some(to)));
    assert!(fed.index.get(b"/coredns/io/gcr/lost").is_none());
    fed.is_confirmed(Evidence::Watch).await;
    fed.store.seed().put("/coredns/io/gcr/anew", "{}");
    fed.shows("/coredns/io/gcr/anew").await;
    // It is told only once.
    for msg in fed.for_(AUDIT * 2).await {
        assert!(!matches!(msg, FeedMsg::Relisted { back: Some(_), .. }));
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_that_the_progress_of_a_broken_watch_has_overtaken_is_shown_and_no_sign_of_an_older_copy() {
    let mut fed = Fed::live().await;
    fed.store.seed().put("/coredns/io/gcr/late", "{}");
    fed.shows("/coredns/io/gcr/late").await;
    fed.store.watches_suffer(Some(WatchFault::Ahead));
    fed.store.seed().delete("/coredns/io/gcr/late");
    fed.is_confirmed(Evidence::Watch).await;
    fed.store.fail_everything(breaks());
    assert_eq!(fed.is_lost().await, breaks());
    fed.store.watches_suffer(None);
    fed.store.recover();
    for msg in fed.for_(MINUTE / 4).await {
        assert!(!matches!(msg, FeedMsg::Relisted { back: Some(_), .. }));
    }
    assert!(fed.index.get(b"/coredns/io/gcr/late").is_none());
}

#[tokio::test(start_paused = true)]
async fn a_store_that_went_back_and_has_come_further_again_before_it_answers_is_told_as_well() {
    let mut fed = Fed::live().await;
    let copy = fed.store.seed().copy();
    let from = fed.store.seed().put("/coredns/io/gcr/lost", "{}");
    fed.shows("/coredns/io/gcr/lost").await;
    fed.is_confirmed(Evidence::Watch).await;
    fed.store.fail_everything(breaks());
    fed.store.seed().go_back_to(&copy);
    for _ in 0..20 {
        fed.store.seed().put("/registry/churn", "{}");
    }
    fed.store.recover();
    let (seen, back) = fed.is_read_again().await;
    assert_eq!(seen, Some(from));
    let back = back.expect("it is news");
    assert_eq!((back.from, back.to), (from, None));
    assert!(fed.index.get(b"/coredns/io/gcr/lost").is_none());
}

/// A change that the new history has at a revision that was seen in the old one.
#[tokio::test(start_paused = true)]
async fn after_a_while_without_a_watch_the_scope_is_compared_soon() {
    let mut fed = Fed::live().await;
    fed.for_(SOON_AGAIN).await;
    fed.store.fail_everything(breaks());
    assert_eq!(fed.is_lost().await, breaks());
    fed.store.recover();
    let mended = Instant::now();
    fed.is_read_again().await;
    assert!(mended.elapsed() <= MINUTE / 4, "{:?}", mended.elapsed());
}
