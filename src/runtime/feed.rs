//! Keeps the deck's picture of the scope true: lists it at one revision, watches from the next, and reads it
//! again when the operator asks, and every few minutes, because etcd has lost watch events in several releases.
//!
//! A watch that breaks is gone on with on whichever member answers; only what has been compacted meanwhile is read
//! again. Where the cluster has no leader, the deck gets what one member has, marked as such, until there is one.
use crate::{
    app::{FeedMsg, Msg, Shown},
    failure::{Failure, Retry},
    index::{Batch, Differences, Index},
    keys::{KeyRange, KeyValue, Revision, Scope, ScopedKey},
    store::{Event, Lister, Reader, Watched},
};
use jiff::Timestamp;
use std::{convert::Infallible, time::Duration};
use tokio::{
    sync::{Mutex, mpsc},
    time::{Instant, sleep, sleep_until},
};
use tokio_util::task::AbortOnDropHandle;

#[cfg(test)]
mod tests;

/// Between two lists that are compared with what the watch has brought.
const AUDIT: Duration = Duration::from_secs(300);
/// After a list that failed: at once it would fail again.
const AUDIT_AGAIN: Duration = Duration::from_secs(30);
/// For how long nothing is said of a watch that broke: another member goes on with it in a few milliseconds.
const UNNOTICED: Duration = Duration::from_secs(1);
/// Between two tries to read a scope that cannot be read, at first and at most.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));
/// Changes that are handed on at once.
const MOST_EVENTS: usize = 2_000;

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
    let source = Source { reader, scope, first, leaderless, msgs, shown: Mutex::new(to_compare) };
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
}

/// The deck is gone.
struct Closed;

/// Up to where the deck has seen everything.
#[derive(Clone, Copy)]
struct Seen {
    revision: Revision,
    /// When the scope is read again in any case. A watch that is gone on with puts it off no further.
    audit: Instant,
}

impl Seen {
    /// By a list that is complete now.
    fn listed(revision: Revision) -> Self {
        Self { revision, audit: Instant::now() + AUDIT }
    }

    /// With a list that failed just now.
    fn not_listed(self) -> Self {
        Self { audit: Instant::now() + AUDIT_AGAIN, ..self }
    }
}

/// How far the deck has come, and the watch that brings what follows.
struct Followed {
    seen: Seen,
    watched: mpsc::Receiver<Watched>,
}

/// Why a watch is followed no longer.
enum End {
    /// Everything is to be read again; the operator has asked for it.
    ReadAgain {
        asked: bool,
    },
    Lost(Failure),
}

/// Nothing is followed.
struct Broken {
    /// `None` before the first list was complete.
    seen: Option<Seen>,
    failure: Failure,
}

impl<R: Reader> Source<R> {
    async fn run(self, mut orders: mpsc::Receiver<Order>) {
        // The deck is gone when this returns, and nobody is left to be told.
        let Err(Closed) = self.feed(&mut orders).await;
    }

    async fn feed(&self, orders: &mut mpsc::Receiver<Order>) -> Result<Infallible, Closed> {
        // The first list is shown while it is read; later ones replace the picture when they are complete.
        let first = match self.list(&self.reader, Some(orders)).await? {
            Ok((_, revision)) => {
                if self.leaderless {
                    self.tell_status().await?;
                }
                self.send(FeedMsg::Listed { revision, at: Timestamp::now() }).await?;
                self.follow_from(Seen::listed(revision)).await
            }
            Err(failure) => Err(Broken { seen: None, failure }),
        };
        let mut followed = match first {
            Ok(followed) => followed,
            Err(broken) => self.recover(broken, orders).await?,
        };
        loop {
            let next = match self.follow(&mut followed, orders).await? {
                End::Lost(failure) => Err(Broken { seen: Some(followed.seen), failure }),
                End::ReadAgain { asked } => self.read_again(Some(followed.seen), asked).await?,
            };
            followed = match next {
                Ok(followed) => followed,
                Err(broken) => self.recover(broken, orders).await?,
            };
        }
    }

    /// Watches what follows.
    async fn follow_from(&self, seen: Seen) -> Result<Followed, Broken> {
        match self.reader.watch(&self.scope.range(), Revision(seen.revision.0 + 1)).await {
            Ok(watched) => Ok(Followed { seen, watched }),
            Err(failure) => Err(Broken { seen: Some(seen), failure }),
        }
    }

    /// Goes on where a watch broke off, where that is possible.
    async fn go_on(&self, seen: Seen) -> Result<Followed, Broken> {
        let broken = |failure| Broken { seen: Some(seen), failure };
        // A cluster that was restored meanwhile may be behind what was seen, and a watch of its future would wait for it.
        let first = self.scope.range().start().to_vec();
        let one_key = self.scope.range().between(&first, &[&first[..], b"\0"].concat());
        let now = self.reader.count(&one_key).await.map_err(broken)?.revision;
        if now < seen.revision {
            return Err(broken(Failure::NotYet { asked: seen.revision }));
        }
        self.follow_from(seen).await
    }

    /// Reads everything again, and replaces the picture.
    async fn read_again(&self, seen: Option<Seen>, asked: bool) -> Result<Result<Followed, Broken>, Closed> {
        let (index, revision) = match self.list(&self.reader, None).await? {
            Ok(listed) => listed,
            Err(failure) => {
                // Whoever has asked waits for a word, also where the watch holds and nothing else is told.
                if asked {
                    self.send(FeedMsg::NotReadAgain { failure: failure.clone() }).await?;
                }
                return Ok(Err(Broken { seen: seen.map(Seen::not_listed), failure }));
            }
        };
        self.tell_status().await?;
        let (index, differences) = self.compared(index, revision).await?;
        self.send(FeedMsg::Relisted { index, revision, at: Timestamp::now(), asked, differences }).await?;
        Ok(self.follow_from(Seen::listed(revision)).await)
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

    /// Tries until the scope is followed again: from where it was, or from a new list.
    async fn recover(
        &self,
        mut broken: Broken,
        orders: &mut mpsc::Receiver<Order>,
    ) -> Result<Followed, Closed> {
        let since = Instant::now();
        let mut told = broken.seen.is_none();
        if told {
            self.tell(&broken).await?;
        }
        let mut pause = BACK_OFF.0;
        loop {
            let again = {
                let attempt = self.again(broken.seen);
                tokio::pin!(attempt);
                loop {
                    tokio::select! {
                        again = &mut attempt => break again?,
                        () = sleep_until(since + UNNOTICED), if !told => {
                            told = true;
                            self.tell(&broken).await?;
                        }
                    }
                }
            };
            match again {
                Ok(followed) => {
                    // A list has told already.
                    if told && broken.seen.is_some_and(|seen| seen.revision == followed.seen.revision) {
                        self.tell_status().await?;
                        let (revision, events) = (followed.seen.revision, vec![]);
                        self.send(FeedMsg::Changes { revision, events, at: Timestamp::now() }).await?;
                    }
                    return Ok(followed);
                }
                Err(again) => broken = again,
            }
            // What no other member would say otherwise is told at once.
            if told || !is_passing(&broken.failure) {
                told = true;
                self.tell(&broken).await?;
            }
            tokio::select! {
                () = sleep(pause) => {}
                order = orders.recv() => if order.is_none() { return Err(Closed) },
            }
            pause = (pause * 2).min(BACK_OFF.1);
        }
    }

    async fn again(&self, seen: Option<Seen>) -> Result<Result<Followed, Broken>, Closed> {
        if let Some(seen) = seen {
            match self.go_on(seen).await {
                // Compacted, or another's: the list tells.
                Err(Broken { failure, .. }) if !is_passing(&failure) => {
                    tracing::info!(%failure, "the watch cannot be gone on with");
                }
                followed => return Ok(followed),
            }
        }
        self.read_again(seen, false).await
    }

    /// Says that the picture is not kept true at the moment, and shows what a member has by itself where there is no
    /// leader and that is more than what is shown.
    async fn tell(&self, Broken { seen, failure }: &Broken) -> Result<(), Closed> {
        tracing::warn!(%failure, "the picture of the scope is not kept true");
        self.send(FeedMsg::Lost { failure: failure.clone(), at: Timestamp::now() }).await?;
        if !matches!(failure, Failure::NoLeader { .. }) {
            return Ok(());
        }
        let stale = self.reader.possibly_stale();
        let Ok(status) = stale.status().await else { return Ok(()) };
        if seen.is_some_and(|seen| status.revision <= seen.revision) {
            return Ok(());
        }
        let Ok((index, revision)) = self.list(&stale, None).await? else { return Ok(()) };
        let (index, endpoint) = (Box::new(index), status.endpoint);
        self.send(FeedMsg::PossiblyStale { index, revision, endpoint, at: Timestamp::now() }).await
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
    ) -> Result<Result<(Index, Revision), Failure>, Closed> {
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
            // The next pieces are read meanwhile.
            let batch = self.encode(listing.records).await;
            if show.is_some() {
                self.send(FeedMsg::Page { batch, total: lister.total() }).await?;
            } else {
                index.absorb(batch);
            }
        }
        index.listed();
        Ok(Ok((index, lister.revision().unwrap_or_default())))
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

    /// Hands on what changes, until there is a reason to do something else.
    async fn follow(
        &self,
        followed: &mut Followed,
        orders: &mut mpsc::Receiver<Order>,
    ) -> Result<End, Closed> {
        let audit = sleep_until(followed.seen.audit);
        tokio::pin!(audit);
        loop {
            tokio::select! {
                message = followed.watched.recv() => match message {
                    Some(Watched::Changes { revision, events }) => {
                        let (revision, events, end) = gather(&mut followed.watched, revision, events);
                        followed.seen.revision = revision;
                        self.send(FeedMsg::Changes { revision, events, at: Timestamp::now() }).await?;
                        if let Some(failure) = end {
                            return Ok(End::Lost(failure));
                        }
                    }
                    Some(Watched::Lost(failure)) => return Ok(End::Lost(failure)),
                    None => {
                        let detail = "the watch ended without a word".to_owned();
                        return Ok(End::Lost(Failure::Other { detail }));
                    }
                },
                order = orders.recv() => match order {
                    Some(Order::ReadAgain) => return Ok(End::ReadAgain { asked: true }),
                    Some(Order::Prefer(_)) => {}
                    None => return Err(Closed),
                },
                () = &mut audit => return Ok(End::ReadAgain { asked: false }),
            }
        }
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

/// Whether another member, or the same one a moment later, may say otherwise.
fn is_passing(failure: &Failure) -> bool {
    failure.retry() != Retry::Never
}

/// Takes what else has come already, so that a thousand changes a second are a few messages.
fn gather(
    watched: &mut mpsc::Receiver<Watched>,
    mut revision: Revision,
    mut events: Vec<Event>,
) -> (Revision, Vec<Event>, Option<Failure>) {
    while events.len() < MOST_EVENTS {
        match watched.try_recv() {
            Ok(Watched::Changes { revision: later, events: more }) => {
                revision = later;
                events.extend(more);
            }
            Ok(Watched::Lost(failure)) => return (revision, events, Some(failure)),
            Err(_) => break,
        }
    }
    (revision, events, None)
}
