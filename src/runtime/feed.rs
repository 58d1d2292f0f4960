//! Keeps the deck's picture of the scope true: lists it at one revision, watches from the next, and reads it
//! again when the operator asks, and every few minutes, because etcd has lost watch events in several releases.
//!
//! The picture is live as long as the watch gives signs of life and has told everything that etcd says that there is
//! (`following`). A watch that breaks is gone on with on whichever member answers (`recovery`); only what has been
//! compacted meanwhile, or is not what was seen any more, is read again. Where the cluster has no leader, the deck gets
//! what one member has, marked as such, until there is one.
use crate::{
    app::{Evidence, FeedMsg, Msg, Shown, WentBack},
    failure::Failure,
    index::{Batch, Differences, Index},
    keys::{KeyRange, KeyValue, Revision, Scope, ScopedKey},
    store::{Lister, Reader, Watch},
};
use intervals::Intervals;
use jiff::Timestamp;
use pauses::Pauses;
use seen::{Moment, Seen, Youngest};
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

/// The task that feeds the deck. It ends with the deck.
#[derive(Debug)]
pub(super) struct Feed {
    orders: mpsc::Sender<Order>,
    shown: mpsc::Sender<Shown>,
    _task: AbortOnDropHandle<()>,
}

#[derive(Debug)]
enum Order {
    ReadAgain,
    Prefer(KeyRange),
}

impl Feed {
    /// Reads the whole scope again, at once. A full queue holds that order already.
    pub(super) fn read_again(&self) {
        let _ = self.orders.try_send(Order::ReadAgain);
    }

    /// What is shown, as it was asked for: once for each list.
    pub(super) fn compare(&self, shown: Shown) {
        let _ = self.shown.try_send(shown);
    }

    pub(super) fn prefer(&self, range: KeyRange) {
        let _ = self.orders.try_send(Order::Prefer(range));
    }
}

/// Reads `first`, with what is below it, before everything else. `leaderless` is a deck that was opened while the cluster
/// had no leader.
pub(super) fn start<R: Reader>(
    reader: R,
    scope: Scope,
    (first, leaderless): (Option<ScopedKey>, bool),
    msgs: mpsc::Sender<Msg>,
) -> Feed {
    let (orders, queue) = mpsc::channel(8);
    let (shown, to_compare) = mpsc::channel(1);
    let shown_to = Mutex::new(to_compare);
    let intervals = Intervals::given();
    let source = Source { reader, scope, first, leaderless, msgs, shown: shown_to, intervals };
    Feed { orders, shown, _task: AbortOnDropHandle::new(tokio::spawn(source.run(queue))) }
}

struct Source<R> {
    reader: R,
    scope: Scope,
    first: Option<ScopedKey>,
    leaderless: bool,
    msgs: mpsc::Sender<Msg>,
    /// What the deck shows, when it is asked.
    shown: Mutex<mpsc::Receiver<Shown>>,
    intervals: Intervals,
}

/// The deck is gone.
struct Closed;

/// How far the deck has come, and the watch that brings what follows.
struct Followed {
    seen: Seen,
    watch: Watch,
    opened: Instant,
    /// When the watch gave a sign of life last.
    answered: Option<Instant>,
    /// What the deck was told last of how true its picture is, and when; `None` while it does not know of this watch.
    told: Option<(Evidence, Revision, Instant)>,
}

/// Why a watch is followed no longer.
enum End {
    /// Everything is to be read again.
    ReadAgain(Reason),
    Lost(Failure),
}

/// Why everything is read again.
#[derive(Clone, Copy)]
enum Reason {
    /// The operator has asked for it.
    Asked,
    /// Nobody has: the time has come, or the watch cannot be gone on with.
    Due,
    /// What was seen is not so any more: etcd has gone back to this revision, where that is known.
    Back(Option<Revision>),
}

/// Nothing is followed.
struct Broken {
    /// `None` before the first list was complete.
    seen: Option<Seen>,
    failure: Failure,
    /// What etcd says of the revision that was seen last is not what was seen.
    rewritten: bool,
    /// etcd answers what it is asked, and keeps no watch.
    only_watches: bool,
}

impl Broken {
    fn new(seen: Option<Seen>, failure: Failure) -> Self {
        Self { seen, failure, rewritten: false, only_watches: false }
    }
}

/// All of the scope at one revision.
struct Listed {
    index: Index,
    revision: Revision,
    seen: Seen,
}

impl<R: Reader> Source<R> {
    async fn run(self, mut orders: mpsc::Receiver<Order>) {
        // The deck is gone when this returns, and nobody is left to be told.
        let Err(Closed) = self.feed(&mut orders).await;
    }

    async fn feed(&self, orders: &mut mpsc::Receiver<Order>) -> Result<Infallible, Closed> {
        let mut pauses = Pauses::default();
        // The first list is shown while it is read; later ones replace the picture when they are complete.
        let mut next = match self.list(&self.reader, Some(orders)).await? {
            Ok(Listed { revision, seen, .. }) => {
                if self.leaderless {
                    self.tell_status().await?;
                }
                self.send(FeedMsg::Listed { revision, at: seen.true_at.at }).await?;
                self.follow_from(seen).await
            }
            Err(failure) => Err(Broken::new(None, failure)),
        };
        loop {
            let mut followed = match next {
                Ok(followed) => followed,
                Err(broken) => self.recover(broken, &mut pauses, orders).await?,
            };
            next = match self.follow(&mut followed, &mut pauses, orders).await? {
                End::Lost(failure) => {
                    let only_watches = followed.opened.elapsed() < self.intervals.silence;
                    Err(Broken { only_watches, ..Broken::new(Some(followed.seen), failure) })
                }
                End::ReadAgain(why) => self.read_again(Some(followed.seen), why).await?,
            };
        }
    }

    /// Watches what follows.
    async fn follow_from(&self, seen: Seen) -> Result<Followed, Broken> {
        match self.reader.watch(&self.scope.range(), Revision(seen.revision.0.saturating_add(1))).await {
            Ok(watch) => Ok(Followed { seen, watch, opened: Instant::now(), answered: None, told: None }),
            Err(failure) => Err(Broken::new(Some(seen), failure)),
        }
    }

    /// Reads everything again, and replaces the picture.
    async fn read_again(&self, seen: Option<Seen>, why: Reason) -> Result<Result<Followed, Broken>, Closed> {
        let asked = matches!(why, Reason::Asked);
        let Listed { index, revision, seen: listed } = match self.list(&self.reader, None).await? {
            Ok(listed) => listed,
            Err(failure) => {
                // Whoever has asked waits for a word, also where the watch holds and nothing else is told.
                if asked {
                    self.send(FeedMsg::NotReadAgain { failure: failure.clone() }).await?;
                }
                return Ok(Err(Broken::new(seen.map(Seen::not_listed), failure)));
            }
        };
        self.tell_status().await?;
        let (index, differences) = self.compared(index, revision).await?;
        let seen = seen.map(|seen| seen.revision);
        let back = seen.and_then(|from| {
            let to = match why {
                _ if revision < from => Some(revision),
                Reason::Back(to) => to,
                Reason::Asked | Reason::Due if differences.rewritten > 0 => None,
                Reason::Asked | Reason::Due => return None,
            };
            Some(WentBack { from, to, at: Timestamp::now() })
        });
        let at = listed.true_at.at;
        self.send(FeedMsg::Relisted { index, revision, at, asked, differences, seen, back }).await?;
        Ok(self.follow_from(listed).await)
    }

    /// Compares a list with what is shown, which stands still meanwhile: nothing is followed. A million records take 60 ms,
    /// which no key press shall wait for.
    async fn compared(&self, index: Index, revision: Revision) -> Result<(Box<Index>, Differences), Closed> {
        self.send(FeedMsg::Relisting).await?;
        let Shown { records, followed_to } = self.shown.lock().await.recv().await.ok_or(Closed)?;
        let compare = move || {
            let differences = records.differences(index.records(), revision, followed_to);
            (Box::new(index), differences)
        };
        Ok(beside(compare).await)
    }

    /// A cluster that was away may have come back as another one, or with a leader.
    async fn tell_status(&self) -> Result<(), Closed> {
        let status = self.reader.status().await;
        self.msgs.send(Msg::Status(status)).await.map_err(|_| Closed)
    }

    /// Reads the whole scope at one revision: into the deck page by page, in the order in which the deck wants it, or into
    /// an index of its own.
    async fn list(
        &self,
        reader: &R,
        mut show: Option<&mut mpsc::Receiver<Order>>,
    ) -> Result<Result<Listed, Failure>, Closed> {
        let begun = Moment::now();
        let mut youngest = None;
        let mut index = Index::new(self.scope.clone());
        let first = self.first.iter().filter(|_| show.is_some()).flat_map(|key| self.parts_of(key));
        let mut lister = Lister::new(reader.clone(), self.scope.range()).beginning_with(first);
        loop {
            while let Some(Ok(Order::Prefer(range))) = show.as_mut().map(|orders| orders.try_recv()) {
                lister.prefer(&range);
            }
            let listing = match lister.next().await {
                None => break,
                Some(Ok(listing)) => listing,
                Some(Err(failure)) => return Ok(Err(failure)),
            };
            youngest = Youngest::of(youngest, &listing.records);
            // The next pieces are read meanwhile.
            let batch = self.encode(listing.records).await;
            if show.is_some() {
                self.send(FeedMsg::Page { batch, total: lister.total() }).await?;
            } else {
                index.absorb(batch);
            }
        }
        index.listed();
        let revision = lister.revision().unwrap_or_default();
        let seen = Seen::listed(revision, youngest, begun, &self.intervals);
        Ok(Ok(Listed { index, revision, seen }))
    }

    /// A key, and what is below it.
    fn parts_of(&self, key: &ScopedKey) -> [KeyRange; 2] {
        let behind = [key.as_bytes(), b"\0"].concat();
        [self.scope.range().between(key.as_bytes(), &behind), self.scope.below_key(key)]
    }

    async fn encode(&self, records: Vec<KeyValue>) -> Batch {
        let scope = self.scope.clone();
        beside(move || Batch::encode(&scope, records)).await
    }

    async fn send(&self, msg: FeedMsg) -> Result<(), Closed> {
        self.msgs.send(Msg::Feed(msg)).await.map_err(|_| Closed)
    }
}

/// Computes something where it keeps nobody waiting.
async fn beside<T: Send + 'static>(compute: impl FnOnce() -> T + Send + 'static) -> T {
    let computed = tokio::task::spawn_blocking(compute).await;
    // Nothing that is computed panics; if it ever does, its panic goes on here.
    computed.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}
