//! Counts what explained lines hit, beside the loop.
use crate::{
    app::{Msg, RequestId},
    etcdctl::Explanation,
    keys::Scope,
    store::{ForeignCounts, count_hits},
};
use std::future::pending;
use tokio::sync::{mpsc, watch};
use tokio_util::task::AbortOnDropHandle;

/// The task that counts. It ends with the deck.
#[derive(Debug)]
pub(super) struct Counting {
    wanted: watch::Sender<Option<(RequestId, Vec<Explanation>)>>,
    _task: AbortOnDropHandle<()>,
}

impl Counting {
    pub(super) fn start<C: ForeignCounts>(counts: C, scope: Scope, msgs: mpsc::Sender<Msg>) -> Self {
        let (wanted, orders) = watch::channel(None);
        let task = tokio::spawn(count(counts, scope, orders, msgs));
        Self { wanted, _task: AbortOnDropHandle::new(task) }
    }

    /// Counts what these lines hit, in place of any that were asked for before.
    pub(super) fn count(&self, request: RequestId, lines: Vec<Explanation>) {
        self.wanted.send_replace(Some((request, lines)));
    }

    /// Nobody looks any more.
    pub(super) fn stop(&self) {
        self.wanted.send_replace(None);
    }
}

async fn count<C: ForeignCounts>(
    counts: C,
    scope: Scope,
    mut orders: watch::Receiver<Option<(RequestId, Vec<Explanation>)>>,
    msgs: mpsc::Sender<Msg>,
) {
    loop {
        let order = orders.borrow_and_update().clone();
        let counted = async {
            if let Some((request, lines)) = order {
                for (number, line) in lines.iter().enumerate() {
                    if line.span.is_some() {
                        let hits = count_hits(&counts, line, &scope).await;
                        // Nobody waits any more when the deck is closed.
                        let _ = msgs.send(Msg::Counted(request, number, hits)).await;
                    }
                }
            }
            pending::<()>().await;
        };
        tokio::select! {
            () = counted => {}
            changed = orders.changed() => if changed.is_err() { return },
        }
    }
}
