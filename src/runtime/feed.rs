//! Keeps the deck's picture of the scope true: lists it at one revision, watches from the next, and reads it
//! again when the watch is lost, when the operator asks, and every few minutes, because etcd has lost watch
//! events in several releases.
use crate::{
    app::{FeedMsg, Msg},
    failure::Failure,
    index::{Batch, Index},
    keys::{KeyRange, KeyValue, Revision, Scope, ScopedKey},
    store::{Event, Lister, Reader, Watched},
};
use jiff::Timestamp;
use std::{convert::Infallible, time::Duration};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, sleep_until},
};
use tokio_util::task::AbortOnDropHandle;

/// Between two lists that are compared with what the watch has brought.
const AUDIT: Duration = Duration::from_secs(300);
/// Between two tries to read a scope that cannot be read, at first and at most.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(10));
/// Changes that are handed on at once.
const MOST_EVENTS: usize = 2_000;

/// The task that feeds the deck. It ends with the deck.
#[derive(Debug)]
pub(super) struct Feed {
    orders: mpsc::Sender<Order>,
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

    pub(super) fn prefer(&self, range: KeyRange) {
        let _ = self.orders.try_send(Order::Prefer(range));
    }
}

/// Reads `first`, with what is below it, before everything else.
pub(super) fn start<R: Reader>(
    reader: R,
    scope: Scope,
    first: Option<ScopedKey>,
    msgs: mpsc::Sender<Msg>,
) -> Feed {
    let (orders, queue) = mpsc::channel(8);
    let source = Source { reader, scope, first, msgs };
    Feed { orders, _task: AbortOnDropHandle::new(tokio::spawn(source.run(queue))) }
}

struct Source<R> {
    reader: R,
    scope: Scope,
    first: Option<ScopedKey>,
    msgs: mpsc::Sender<Msg>,
}

/// The deck is gone.
struct Closed;

impl<R: Reader> Source<R> {
    async fn run(self, mut orders: mpsc::Receiver<Order>) {
        // The deck is gone when this returns, and nobody is left to be told.
        let Err(Closed) = self.feed(&mut orders).await;
    }

    async fn feed(&self, orders: &mut mpsc::Receiver<Order>) -> Result<Infallible, Closed> {
        // The first list is shown while it is read; later ones replace the picture when they are complete.
        let mut listed = match self.list(orders, true).await? {
            Ok((_, revision)) => {
                self.send(FeedMsg::Listed { revision, at: Timestamp::now() }).await?;
                revision
            }
            Err(failure) => {
                self.lost(failure, orders).await?;
                self.relist(orders, false).await?
            }
        };
        loop {
            listed = match self.watch(listed, orders).await? {
                Ok(revision) => revision,
                Err(failure) => {
                    self.lost(failure, orders).await?;
                    self.relist(orders, false).await?
                }
            };
        }
    }

    /// Reads everything again until it works, and replaces the picture.
    async fn relist(&self, orders: &mut mpsc::Receiver<Order>, asked: bool) -> Result<Revision, Closed> {
        loop {
            match self.list(orders, false).await? {
                Ok((index, revision)) => {
                    // A cluster that was away may have come back as another one.
                    let status = self.reader.status().await;
                    self.msgs.send(Msg::Status(status)).await.map_err(|_| Closed)?;
                    let index = Box::new(index);
                    self.send(FeedMsg::Relisted { index, revision, at: Timestamp::now(), asked }).await?;
                    return Ok(revision);
                }
                Err(failure) => self.lost(failure, orders).await?,
            }
        }
    }

    /// Reads the whole scope at one revision: into the deck page by page, or into an index of its own.
    async fn list(
        &self,
        orders: &mut mpsc::Receiver<Order>,
        show: bool,
    ) -> Result<Result<(Index, Revision), Failure>, Closed> {
        let mut index = Index::new(self.scope.clone());
        let first = self.first.iter().filter(|_| show).flat_map(|key| self.parts_of(key));
        let mut lister = Lister::new(self.reader.clone(), self.scope.range()).beginning_with(first);
        loop {
            while let Ok(Order::Prefer(range)) = orders.try_recv() {
                lister.prefer(&range);
            }
            let listing = match lister.next().await {
                None => break,
                Some(Ok(listing)) => listing,
                Some(Err(failure)) => return Ok(Err(failure)),
            };
            // The next pieces are read meanwhile.
            let batch = self.encode(listing.records).await;
            if show {
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
        let encoded = tokio::task::spawn_blocking(move || Batch::encode(&scope, records)).await;
        // Encoding does not panic; if it ever does, its panic goes on here.
        encoded.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
    }

    /// Hands on what changes, until the scope has been read again, which gives the revision to watch from, or the
    /// watch is lost.
    async fn watch(
        &self,
        from: Revision,
        orders: &mut mpsc::Receiver<Order>,
    ) -> Result<Result<Revision, Failure>, Closed> {
        let mut watched = match self.reader.watch(&self.scope.range(), Revision(from.0 + 1)).await {
            Ok(watched) => watched,
            Err(failure) => return Ok(Err(failure)),
        };
        let audit = sleep_until(Instant::now() + AUDIT);
        tokio::pin!(audit);
        let asked = loop {
            tokio::select! {
                message = watched.recv() => match message {
                    Some(Watched::Changes { revision, events }) => {
                        let (revision, events, end) = gather(&mut watched, revision, events);
                        self.send(FeedMsg::Changes { revision, events, at: Timestamp::now() }).await?;
                        if let Some(failure) = end {
                            return Ok(Err(failure));
                        }
                    }
                    Some(Watched::Lost(failure)) => return Ok(Err(failure)),
                    None => {
                        let detail = "the watch ended without a word".to_owned();
                        return Ok(Err(Failure::Other { detail }));
                    }
                },
                order = orders.recv() => match order {
                    Some(Order::ReadAgain) => break true,
                    Some(Order::Prefer(_)) => {}
                    None => return Err(Closed),
                },
                () = &mut audit => break false,
            }
        };
        Ok(Ok(self.relist(orders, asked).await?))
    }

    /// Says that the picture is not kept true, and waits before it is tried again.
    async fn lost(&self, failure: Failure, orders: &mut mpsc::Receiver<Order>) -> Result<(), Closed> {
        tracing::warn!(%failure, "the picture of the scope is not kept true");
        self.send(FeedMsg::Lost { failure, at: Timestamp::now() }).await?;
        let mut pause = BACK_OFF.0;
        loop {
            tokio::select! {
                () = sleep(pause) => {}
                order = orders.recv() => if order.is_none() { return Err(Closed) },
            }
            // A count is the cheapest proof that reading works again.
            match self.reader.count(&self.scope.range()).await {
                Ok(_) => return Ok(()),
                Err(failure) => {
                    self.send(FeedMsg::Lost { failure, at: Timestamp::now() }).await?;
                    pause = (pause * 2).min(BACK_OFF.1);
                }
            }
        }
    }

    async fn send(&self, msg: FeedMsg) -> Result<(), Closed> {
        self.msgs.send(Msg::Feed(msg)).await.map_err(|_| Closed)
    }
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
