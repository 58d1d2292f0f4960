//! Feed that keeps the deck's picture of the scope true: it lists the scope at one revision, and watches from the
//! next. It reads the scope again if the operator asks, and every few minutes, because etcd has lost watch events in
//! several releases.
//!
//! The picture is live as long as the watch gives signs of life and has told everything that etcd says that there is
//! (`following`). A watch that breaks goes on with whichever member answers (`recovery`); the scope is read again
//! only if revisions were compacted meanwhile, or if etcd no longer has what was seen. If the cluster has no leader,
//! the deck gets the state of one member, marked as such, until there is one.
use crate::{
    app::{Evidence, FeedMsg, Msg, PresentPicture, RevisionWentBack},
    failure::Failure,
    index::{Batch, Differences, Index},
    keys::{KeyRange, KeyValue, Revision, Scope, ScopedKey},
    ops::Lister,
    store::{Reader, Watch},
};
use intervals::Intervals;
use jiff::Timestamp;
use pauses::Pauses;
use seen::{ClockMoment, SeenRevision, Youngest};
use std::convert::Infallible;
use tokio::{
    sync::{Mutex, mpsc},
    time::Instant,
};
use tokio_util::task::AbortOnDropHandle;

mod following;
mod intervals;
mod pauses;
mod recovery;
mod seen;
#[cfg(test)]
mod tests;

/// Task that feeds the deck. It ends with the deck.
#[derive(Debug)]
pub(super) struct FeedTask {
    orders: mpsc::Sender<FeedOrder>,
    shown: mpsc::Sender<PresentPicture>,
    _task: AbortOnDropHandle<()>,
}

#[derive(Debug)]
enum FeedOrder {
    ReadAgain,
    Prefer(KeyRange),
}

impl FeedTask {
    /// Reads the whole scope again, at once. A full queue has that order already.
    pub(super) fn read_again(&self) {
        let _ = self.orders.try_send(FeedOrder::ReadAgain);
    }

    /// Hands over the records that the deck shows, which the feed asks for once for each list.
    pub(super) fn compare(&self, shown: PresentPicture) {
        let _ = self.shown.try_send(shown);
    }

    pub(super) fn prefer(&self, range: KeyRange) {
        let _ = self.orders.try_send(FeedOrder::Prefer(range));
    }
}

/// Reads `first`, with the keys below it, before everything else. `leaderless` is a deck that was opened while the
/// cluster had no leader.
pub(super) fn start<R: Reader>(
    reader: R,
    scope: Scope,
    (first, leaderless): (Option<ScopedKey>, bool),
    msgs: mpsc::Sender<Msg>,
) -> FeedTask {
    let (orders, queue) = mpsc::channel(8);
    let (shown, to_compare) = mpsc::channel(1);
    let shown_to = Mutex::new(to_compare);
    let intervals = Intervals::given();
    let source = FeedSource { reader, scope, first, leaderless, msgs, shown: shown_to, intervals };
    FeedTask { orders, shown, _task: AbortOnDropHandle::new(tokio::spawn(source.run(queue))) }
}

struct FeedSource<R> {
    reader: R,
    scope: Scope,
    first: Option<ScopedKey>,
    leaderless: bool,
    msgs: mpsc::Sender<Msg>,
    /// The records that the deck shows, after the feed has asked for them.
    shown: Mutex<mpsc::Receiver<PresentPicture>>,
    intervals: Intervals,
}

/// The deck is gone.
struct DeckClosed;

/// Progress of the deck, and the watch that brings later changes.
struct Followed {
    seen: SeenRevision,
    watch: Watch,
    opened: Instant,
    /// The time of the watch's last sign of life.
    answered: Option<Instant>,
    /// The last evidence that the deck was told for its picture, and the time; `None` while it does not know of this
    /// watch.
    told: Option<(Evidence, Revision, Instant)>,
}

/// Reason why a watch is no longer followed.
enum FollowEnd {
    /// Everything has to be read again.
    ReadAgain(RelistReason),
    Lost(Failure),
}

/// Reason why everything is read again.
#[derive(Clone, Copy)]
enum RelistReason {
    /// The operator has asked for it.
    Asked,
    /// Nobody has asked: it is time, or the watch cannot go on.
    Due,
    /// The seen state is no longer true: etcd has gone back to this revision, if that is known.
    Back(Option<Revision>),
}

/// State in which nothing is followed.
struct FeedBroken {
    /// `None` before the first list was complete.
    seen: Option<SeenRevision>,
    failure: Failure,
    /// True if the last seen revision is not in etcd as it was seen.
    rewritten: bool,
    /// True if etcd answers requests, and keeps no watch.
    only_watches: bool,
}

impl FeedBroken {
    fn new(seen: Option<SeenRevision>, failure: Failure) -> Self {
        Self { seen, failure, rewritten: false, only_watches: false }
    }
}

/// Scope as it was at one revision.
struct ListedScope {
    index: Index,
    revision: Revision,
    seen: SeenRevision,
}

impl<R: Reader> FeedSource<R> {
    async fn run(self, mut orders: mpsc::Receiver<FeedOrder>) {
        // The deck is gone when this returns, so nobody can be told.
        let Err(DeckClosed) = self.feed(&mut orders).await;
    }

    async fn feed(&self, orders: &mut mpsc::Receiver<FeedOrder>) -> Result<Infallible, DeckClosed> {
        let mut pauses = Pauses::default();
        // The first list is shown while it is read; later ones replace the picture when they are complete.
        let mut next = match self.list(&self.reader, Some(orders)).await? {
            Ok(ListedScope { revision, seen, .. }) => {
                if self.leaderless {
                    self.tell_status().await?;
                }
                self.send(FeedMsg::Listed { revision, at: seen.true_at.at }).await?;
                self.follow_from(seen).await
            }
            Err(failure) => Err(FeedBroken::new(None, failure)),
        };
        loop {
            let mut followed = match next {
                Ok(followed) => followed,
                Err(broken) => self.recover(broken, &mut pauses, orders).await?,
            };
            next = match self.follow(&mut followed, &mut pauses, orders).await? {
                FollowEnd::Lost(failure) => {
                    let only_watches = followed.opened.elapsed() < self.intervals.silence;
                    Err(FeedBroken { only_watches, ..FeedBroken::new(Some(followed.seen), failure) })
                }
                FollowEnd::ReadAgain(why) => self.read_again(Some(followed.seen), why).await?,
            };
        }
    }

    /// Watches the changes after `seen`.
    async fn follow_from(&self, seen: SeenRevision) -> Result<Followed, FeedBroken> {
        match self.reader.watch(&self.scope.range(), Revision(seen.changed.0.saturating_add(1))).await {
            Ok(watch) => Ok(Followed { seen, watch, opened: Instant::now(), answered: None, told: None }),
            Err(failure) => Err(FeedBroken::new(Some(seen), failure)),
        }
    }

    /// Reads everything again, and replaces the picture.
    async fn read_again(
        &self,
        seen: Option<SeenRevision>,
        why: RelistReason,
    ) -> Result<Result<Followed, FeedBroken>, DeckClosed> {
        let asked = matches!(why, RelistReason::Asked);
        let ListedScope { index, revision, seen: listed } = match self.list(&self.reader, None).await? {
            Ok(listed) => listed,
            Err(failure) => {
                // A person who has asked waits for an answer, also if the watch holds and nothing else is told.
                if asked {
                    self.send(FeedMsg::NotReadAgain { failure: failure.clone() }).await?;
                }
                return Ok(Err(FeedBroken::new(seen.map(SeenRevision::not_listed), failure)));
            }
        };
        self.tell_status().await?;
        let (index, differences) = self.compared(index, revision).await?;
        let seen = seen.map(|seen| seen.revision);
        let back = seen.and_then(|from| {
            let to = match why {
                _ if revision < from => Some(revision),
                RelistReason::Back(to) => to,
                RelistReason::Asked | RelistReason::Due if differences.rewritten > 0 => None,
                RelistReason::Asked | RelistReason::Due => return None,
            };
            Some(RevisionWentBack { from, to, at: Timestamp::now() })
        });
        let at = listed.true_at.at;
        self.send(FeedMsg::Relisted { index, revision, at, asked, differences, seen, back }).await?;
        Ok(self.follow_from(listed).await)
    }

    /// Compares a list with the records that the deck shows; these do not change meanwhile, because nothing is
    /// followed. A million records take 60 ms, and no key press may wait so long.
    async fn compared(
        &self,
        index: Index,
        revision: Revision,
    ) -> Result<(Box<Index>, Differences), DeckClosed> {
        self.send(FeedMsg::Relisting).await?;
        let PresentPicture { records, followed_to } =
            self.shown.lock().await.recv().await.ok_or(DeckClosed)?;
        let compare = move || {
            let differences = records.differences(index.records(), revision, followed_to);
            (Box::new(index), differences)
        };
        Ok(beside(compare).await)
    }

    /// Tells the deck the status: a cluster that was away may come back as another one, or with a leader.
    async fn tell_status(&self) -> Result<(), DeckClosed> {
        let status = self.reader.status().await;
        self.msgs.send(Msg::Status(status)).await.map_err(|_| DeckClosed)
    }

    /// Reads the whole scope at one revision: into the deck page by page, in the order in which the deck wants it, or
    /// into an index of its own.
    async fn list(
        &self,
        reader: &R,
        mut show: Option<&mut mpsc::Receiver<FeedOrder>>,
    ) -> Result<Result<ListedScope, Failure>, DeckClosed> {
        let begun = ClockMoment::now();
        let mut youngest = None;
        let mut index = Index::new(self.scope.clone());
        let first = self.first.iter().filter(|_| show.is_some()).flat_map(|key| self.parts_of(key));
        let mut lister = Lister::new(reader.clone(), self.scope.range()).beginning_with(first);
        loop {
            while let Some(Ok(FeedOrder::Prefer(range))) = show.as_mut().map(|orders| orders.try_recv()) {
                lister.prefer(&range);
            }
            let listing = match lister.next().await {
                None => break,
                Some(Ok(listing)) => listing,
                Some(Err(failure)) => return Ok(Err(failure)),
            };
            youngest = Youngest::of(youngest, &listing.records);
            // The next pages are read meanwhile.
            let batch = self.encode(listing.records).await;
            if show.is_some() {
                self.send(FeedMsg::Page { batch, total: lister.total() }).await?;
            } else {
                index.absorb(batch);
            }
        }
        index.listed();
        let revision = lister.revision().unwrap_or_default();
        let seen = SeenRevision::listed(revision, youngest, begun, &self.intervals);
        Ok(Ok(ListedScope { index, revision, seen }))
    }

    /// Returns a key, and the range of the keys below it.
    fn parts_of(&self, key: &ScopedKey) -> [KeyRange; 2] {
        let behind = [key.as_bytes(), b"\0"].concat();
        [self.scope.range().between(key.as_bytes(), &behind), self.scope.below_key(key)]
    }

    async fn encode(&self, records: Vec<KeyValue>) -> Batch {
        let scope = self.scope.clone();
        beside(move || Batch::encode(&scope, records)).await
    }

    async fn send(&self, msg: FeedMsg) -> Result<(), DeckClosed> {
        self.msgs.send(Msg::Feed(msg)).await.map_err(|_| DeckClosed)
    }
}

/// Computes something on a thread where nobody waits for it.
async fn beside<T: Send + 'static>(compute: impl FnOnce() -> T + Send + 'static) -> T {
    let computed = tokio::task::spawn_blocking(compute).await;
    // Nothing that is computed panics; if it ever does, its panic goes on here.
    computed.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}
