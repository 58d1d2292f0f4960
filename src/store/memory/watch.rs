use super::{Shared, fault::WatchFault};
use crate::{
    failure::Failure,
    keys::{KeyRange, Revision},
    store::{Event, Watch, Watched, watch::Watching},
};
use std::sync::Arc;
use tokio::time::{Instant, sleep_until};

/// Follows a range from a revision on, until the watch is dropped or an outage ends it.
pub(super) fn follow(shared: Arc<Shared>, range: KeyRange, from: Revision) -> Watch {
    let (watch, Watching { tell, mut questions }) = Watch::new();
    // Both come before the task runs: this watch has to see the changes of that time too.
    let mut changed = shared.changed.subscribe();
    let began = shared.with(|state| state.faults.outages);
    tokio::spawn(async move {
        let mut next = from;
        let mut asked = false;
        loop {
            let (messages, ends) = match news(&shared, &range, next, (began, asked)) {
                Ok(News { silent: true, ends, .. }) => (vec![], ends),
                Ok(News { ahead: true, revision, answers, ends, .. }) => {
                    let progress = answers.then_some(Watched::Progress { revision, asked: true });
                    (progress.into_iter().collect(), ends)
                }
                Ok(News { revision, events, answers, ends, .. }) => {
                    // A watch may begin at a revision that is still to come.
                    next = next.max(Revision(revision.0.saturating_add(1)));
                    let brought = (!events.is_empty()).then_some(Watched::Changes { revision, events });
                    let progress = answers.then_some(Watched::Progress { revision, asked: true });
                    (brought.into_iter().chain(progress).collect(), ends)
                }
                Err(failure) => {
                    // Without a receiver there is nobody left to tell.
                    let _ = tell.send(Watched::Lost(failure)).await;
                    return;
                }
            };
            asked = false;
            for message in messages {
                if tell.send(message).await.is_err() {
                    return;
                }
            }
            tokio::select! {
                () = tell.closed() => return,
                told = changed.changed() => if told.is_err() { return },
                Some(()) = questions.recv() => asked = true,
                () = sleep_until(ends.unwrap_or_else(far_away)) => {}
            }
        }
    });
    watch
}

struct News {
    revision: Revision,
    events: Vec<Event>,
    /// The watch answers how far it is.
    answers: bool,
    /// Nothing is told at all.
    silent: bool,
    /// No change is told.
    ahead: bool,
    /// The end of the next lease, which nobody announces.
    ends: Option<Instant>,
}

fn news(
    shared: &Shared,
    range: &KeyRange,
    from: Revision,
    (began, asked): (u64, bool),
) -> Result<News, Failure> {
    shared.with(|state| {
        if state.faults.outages > began
            && let Some(failure) = &state.faults.last_outage
        {
            return Err(failure.clone());
        }
        if let Some(WatchFault::Ends(failure) | WatchFault::Refused(failure)) = &state.faults.watch {
            return Err(failure.clone());
        }
        state.faults.traffic.questions += u64::from(asked);
        let fault = state.faults.watch.as_ref();
        let revision = if let Some(WatchFault::Behind(revision)) = fault {
            *revision
        } else {
            state.keyspace.revision()
        };
        let events = state
            .keyspace
            .changes(range.start(), range.end(), from)?
            .filter(|change| change.at <= revision)
            .filter_map(|change| shared.event(&change))
            .collect();
        Ok(News {
            revision,
            events,
            answers: asked && fault != Some(&WatchFault::Unanswered),
            silent: fault == Some(&WatchFault::Silent),
            ahead: fault == Some(&WatchFault::Ahead),
            ends: state.keyspace.next_end(),
        })
    })
}

/// Returns a time one day from now: with nothing to wait for, looking again costs nothing.
fn far_away() -> Instant {
    Instant::now() + std::time::Duration::from_secs(86_400)
}
