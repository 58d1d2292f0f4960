use super::Shared;
use crate::{
    failure::Failure,
    keys::{KeyRange, Revision},
    store::{Event, Watched},
};
use std::sync::Arc;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

/// Messages that wait for a slow receiver; then the watch waits too.
const WAITING: usize = 64;

/// Follows a range from a revision on, until the receiver is dropped or an outage ends it.
pub(super) fn follow(shared: Arc<Shared>, range: KeyRange, from: Revision) -> mpsc::Receiver<Watched> {
    let (messages, receiver) = mpsc::channel(WAITING);
    // Both before the task runs: what happens meanwhile concerns this watch.
    let mut changed = shared.changed.subscribe();
    let began = shared.with(|state| state.faults.outages);
    tokio::spawn(async move {
        let mut next = from;
        loop {
            let (message, ends) = match news(&shared, &range, next, began) {
                Ok(News { revision, events, ends }) => {
                    // A watch may begin at a revision that is still to come.
                    next = next.max(Revision(revision.0.saturating_add(1)));
                    let message = (!events.is_empty()).then_some(Watched::Changes { revision, events });
                    (message, ends)
                }
                Err(failure) => {
                    // Without a receiver there is nobody left to tell.
                    let _ = messages.send(Watched::Lost(failure)).await;
                    return;
                }
            };
            if let Some(message) = message
                && messages.send(message).await.is_err()
            {
                return;
            }
            tokio::select! {
                () = messages.closed() => return,
                told = changed.changed() => if told.is_err() { return },
                () = sleep_until(ends.unwrap_or_else(far_away)) => {}
            }
        }
    });
    receiver
}

struct News {
    revision: Revision,
    events: Vec<Event>,
    /// When the next lease ends, which nobody announces.
    ends: Option<Instant>,
}

fn news(shared: &Shared, range: &KeyRange, from: Revision, began: u64) -> Result<News, Failure> {
    shared.with(|state| {
        if state.faults.outages > began
            && let Some(failure) = &state.faults.last_outage
        {
            return Err(failure.clone());
        }
        let events = state
            .keyspace
            .changes(range.start(), range.end(), from)?
            .filter_map(|change| shared.event(&change))
            .collect();
        Ok(News { revision: state.keyspace.revision(), events, ends: state.keyspace.next_end() })
    })
}

/// A day: with nothing to wait for, looking again costs nothing.
fn far_away() -> Instant {
    Instant::now() + std::time::Duration::from_secs(86_400)
}
