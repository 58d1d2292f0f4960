//! Checks of the cluster's health: from time to time, and at once if somebody needs one.
use crate::{app::Msg, store::Reader};
use std::time::Duration;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};
use tokio_util::task::AbortOnDropHandle;

/// The time limit for all members together. Nobody waits for it: the earlier picture is shown meanwhile.
const WITHIN: Duration = Duration::from_secs(4);

/// The time that a picture is good for, until the deck has set it.
const AT_FIRST: Duration = Duration::from_secs(60);

/// Task that checks. It ends with the deck.
#[derive(Debug)]
pub(super) struct HealthPoll {
    now: mpsc::Sender<()>,
    /// The time that a picture is good for.
    lasts: watch::Sender<Duration>,
    _task: AbortOnDropHandle<()>,
}

impl HealthPoll {
    pub(super) fn start<R: Reader>(reader: R, msgs: mpsc::Sender<Msg>) -> Self {
        let (now, orders) = mpsc::channel(1);
        let (lasts, lasting) = watch::channel(AT_FIRST);
        let task = tokio::spawn(ask(reader, orders, lasting, msgs));
        Self { now, lasts, _task: AbortOnDropHandle::new(task) }
    }

    /// Checks at once, or again after the check under way. A full queue has that order already.
    pub(super) fn check(&self) {
        let _ = self.now.try_send(());
    }

    /// Sets the time that a picture is good for.
    pub(super) fn lasts(&self, lasts: Duration) {
        self.lasts.send_if_modified(|is| std::mem::replace(is, lasts) != lasts);
    }
}

async fn ask<R: Reader>(
    reader: R,
    mut orders: mpsc::Receiver<()>,
    mut lasting: watch::Receiver<Duration>,
    msgs: mpsc::Sender<Msg>,
) {
    loop {
        let asked = Instant::now();
        let health = reader.health(WITHIN).await;
        // Nobody waits any more when the deck is closed.
        if msgs.send(Msg::Health(Box::new(health))).await.is_err() {
            return;
        }
        loop {
            let due = asked + *lasting.borrow_and_update();
            tokio::select! {
                () = sleep_until(due) => break,
                order = orders.recv() => match order {
                    Some(()) => break,
                    None => return,
                },
                changed = lasting.changed() => if changed.is_err() { return },
            }
        }
    }
}
