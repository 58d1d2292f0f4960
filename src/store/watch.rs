//! Watch that a store has taken up: the changes that it brings, and its progress.
use crate::{
    failure::Failure,
    keys::{KeyValue, Revision, ScopedKey},
};
use tokio::sync::mpsc;

/// Most messages that wait for the reader; then the store waits too.
const WAITING: usize = 64;

/// A watch that the store keeps: its first revision can still be read. It ends when it is dropped.
#[derive(Debug)]
pub struct Watch {
    told: mpsc::Receiver<Watched>,
    questions: mpsc::Sender<()>,
}

/// The store's end of a watch.
#[derive(Debug)]
pub(super) struct Watching {
    pub(super) tell: mpsc::Sender<Watched>,
    pub(super) questions: mpsc::Receiver<()>,
}

/// A message of a watch, in the order of revisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watched {
    /// Tells all changes up to `revision`.
    Changes { revision: Revision, events: Vec<Event> },
    /// Says that the watch is alive, and has told all changes up to `revision`: because it was asked, or by itself.
    Progress { revision: Revision, asked: bool },
    /// Ends the watch. With [`Failure::Compacted`] there are changes that nobody can tell any more.
    Lost(Failure),
}

/// One change that somebody made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Put(KeyValue),
    Delete { key: ScopedKey, revision: Revision },
}

impl Watch {
    pub(super) fn new() -> (Self, Watching) {
        let (tell, told) = mpsc::channel(WAITING);
        // One question that waits is as good as many.
        let (ask, questions) = mpsc::channel(1);
        (Self { told, questions: ask }, Watching { tell, questions })
    }

    /// Returns the next message; `None` after [`Watched::Lost`].
    pub async fn recv(&mut self) -> Option<Watched> {
        self.told.recv().await
    }

    /// Returns a message that is there already.
    pub fn try_recv(&mut self) -> Option<Watched> {
        self.told.try_recv().ok()
    }

    /// Asks how far the watch has come. The answer is a [`Watched::Progress`]. Some never answer: etcd's grpc-proxy
    /// does not (etcd-io/etcd#19710), and a watch that etcd has lost does not either.
    pub fn ask(&self) {
        // A question that waits already is asked for this one too.
        let _ = self.questions.try_send(());
    }
}

impl Event {
    /// Returns the key that was changed.
    #[must_use]
    pub fn key(&self) -> &ScopedKey {
        match self {
            Self::Put(record) => &record.key,
            Self::Delete { key, .. } => key,
        }
    }

    /// Returns the revision that the change made.
    #[must_use]
    pub fn revision(&self) -> Revision {
        match self {
            Self::Put(record) => record.mod_revision,
            Self::Delete { revision, .. } => *revision,
        }
    }
}
