//! Following of a watch: it hands on the changes, and asks whether the watch still brings all of them.
//!
//! Every few seconds it asks etcd for its revision, of which a quorum is sure, and then asks the watch for its
//! progress. A watch that has told everything up to there proves the picture as of the question. A watch that has
//! answered once and is silent from then on is lost. One that has never answered may stand behind a grpc-proxy, which
//! answers no such question: then the picture is read again instead, and is not called live.
use super::{
    DeckClosed, FeedOrder, FeedSource, FollowEnd, Followed, RelistReason, pauses::Pauses,
    recovery::is_passing, seen::ClockMoment,
};
use crate::{
    app::{Evidence, FeedMsg},
    failure::Failure,
    keys::{KeyRange, Revision},
    store::{CountAt, Event, Reader, Watch, Watched},
};
use jiff::Timestamp;
use std::{
    future::{Future, pending},
    pin::Pin,
    time::Duration,
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

/// Changes that are handed on in one message.
const MOST_EVENTS: usize = 2_000;
/// A watch that has held for so long and still answers is reliable.
const PROVED_AFTER: Duration = Duration::from_secs(10);
/// The deck is told this often that its picture is still true, if nothing changes.
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// A pending request for the present revision.
type Asking<'s> = Pin<Box<dyn Future<Output = (ClockMoment, Result<CountAt, Failure>)> + Send + 's>>;

/// Progress of the watch that makes the picture true as of a moment.
#[derive(Clone, Copy)]
struct AwaitedProgress {
    revision: Revision,
    asked: ClockMoment,
}

impl<R: Reader> FeedSource<R> {
    /// Hands on changes, until there is a reason to do something else.
    pub(super) async fn follow(
        &self,
        followed: &mut Followed,
        pauses: &mut Pauses,
        orders: &mut mpsc::Receiver<FeedOrder>,
    ) -> Result<FollowEnd, DeckClosed> {
        let mut ask_next = Instant::now();
        let mut asking: Option<Asking<'_>> = None;
        let mut asked_at = Instant::now();
        let mut wanted: Option<AwaitedProgress> = None;
        // The reason why etcd could not tell the present revision.
        let mut untold: Option<Failure> = None;
        loop {
            // The last question always has its full time for an answer.
            let silent_from = self.patience(followed).max(asked_at + self.intervals.first_answer());
            tokio::select! {
                biased;
                message = followed.watch.recv() => {
                    if let Some(end) = self.take(message, followed, &mut wanted, pauses).await? {
                        return Ok(end);
                    }
                }
                order = orders.recv() => match order {
                    Some(FeedOrder::ReadAgain) => return Ok(FollowEnd::ReadAgain(RelistReason::Asked)),
                    Some(FeedOrder::Prefer(_)) => {}
                    None => return Err(DeckClosed),
                },
                () = sleep_until(ask_next), if asking.is_none() => {
                    asked_at = Instant::now();
                    ask_next = asked_at + self.intervals.ask;
                    asking = Some(Box::pin(self.present()));
                }
                (asked, counted) = answer(&mut asking) => {
                    asking = None;
                    match counted {
                        Ok(CountAt { revision, .. }) if revision < followed.seen.revision => {
                            return Ok(FollowEnd::ReadAgain(RelistReason::Back(Some(revision))));
                        }
                        Ok(CountAt { revision, .. }) => {
                            untold = None;
                            self.ask(followed, AwaitedProgress { revision, asked }, &mut wanted).await?;
                        }
                        // The watch itself reports a broken connection.
                        Err(failure) if is_passing(&failure) => {
                            tracing::debug!(%failure, "the present revision was not told");
                            untold = Some(failure);
                        }
                        Err(failure) => return Ok(FollowEnd::Lost(failure)),
                    }
                }
                () = sleep_until(followed.seen.audit) => return Ok(FollowEnd::ReadAgain(RelistReason::Due)),
                () = sleep_until(silent_from) => {
                    let after = self.intervals.silence;
                    return Ok(match (followed.answered, untold) {
                        (Some(_), Some(failure)) => FollowEnd::Lost(failure),
                        (Some(_), None) => FollowEnd::Lost(Failure::WatchSilent { after }),
                        (None, _) => FollowEnd::ReadAgain(RelistReason::Due),
                    });
                }
            }
        }
    }

    /// Returns the time from which the watch has been silent for too long.
    fn patience(&self, followed: &Followed) -> Instant {
        let silence = self.intervals.silence;
        if let Some(answered) = followed.answered {
            return answered + silence;
        }
        let good_until = followed.seen.true_at.when + followed.seen.good_for(silence);
        good_until.max(followed.opened + self.intervals.first_answer())
    }

    /// Asks for the present revision, by a count of one key that need not be there.
    async fn present(&self) -> (ClockMoment, Result<CountAt, Failure>) {
        let asked = ClockMoment::now();
        (asked, self.reader.count(&self.first_key()).await)
    }

    /// Returns the range of the first key that the scope could have.
    pub(super) fn first_key(&self) -> KeyRange {
        let first = self.scope.range().start().to_vec();
        self.scope.range().between(&first, &[&first[..], b"\0"].concat())
    }

    /// Asks the watch whether it has told everything up to a revision. If nothing has happened since its last
    /// message, the picture is true in any case.
    async fn ask(
        &self,
        followed: &mut Followed,
        now: AwaitedProgress,
        wanted: &mut Option<AwaitedProgress>,
    ) -> Result<(), DeckClosed> {
        followed.watch.ask();
        let was_unanswered = wanted.replace(now).is_some();
        if now.revision > followed.seen.revision {
            return Ok(());
        }
        followed.seen.true_at = now.asked;
        if was_unanswered && followed.answered.is_none() {
            return self.confirm(followed, Evidence::Reading).await;
        }
        Ok(())
    }

    /// Takes a message of the watch, and all others that have come already.
    async fn take(
        &self,
        message: Option<Watched>,
        followed: &mut Followed,
        wanted: &mut Option<AwaitedProgress>,
        pauses: &mut Pauses,
    ) -> Result<Option<FollowEnd>, DeckClosed> {
        let mut message = message;
        loop {
            match message {
                Some(Watched::Changes { revision, events }) => {
                    let (revision, events, behind) = gather(&mut followed.watch, revision, events);
                    followed.seen.take(revision, &events);
                    self.send(FeedMsg::Changes { revision, events, at: Timestamp::now() }).await?;
                    self.has_told(revision, followed, wanted.as_ref()).await?;
                    match behind {
                        Some(behind) => message = Some(behind),
                        None => return Ok(None),
                    }
                }
                Some(Watched::Progress { revision, asked: false }) => {
                    followed.seen.take(revision, &[]);
                    self.has_told(revision, followed, wanted.as_ref()).await?;
                    return Ok(None);
                }
                Some(Watched::Progress { revision, asked: true }) => {
                    followed.seen.take(revision, &[]);
                    let Some(AwaitedProgress { asked, .. }) =
                        wanted.take_if(|wanted| wanted.revision <= revision)
                    else {
                        return Ok(None);
                    };
                    followed.answered = Some(asked.when);
                    followed.seen.true_at = asked;
                    if followed.opened.elapsed() >= PROVED_AFTER {
                        pauses.begin_again();
                    }
                    self.confirm(followed, Evidence::Watch).await?;
                    return Ok(None);
                }
                Some(Watched::Lost(failure)) => return Ok(Some(FollowEnd::Lost(failure))),
                None => {
                    let detail = "the watch ended without a word".to_owned();
                    return Ok(Some(FollowEnd::Lost(Failure::Other { detail })));
                }
            }
        }
    }

    /// Takes the news that the watch has told everything up to a revision, without being asked.
    async fn has_told(
        &self,
        revision: Revision,
        followed: &mut Followed,
        wanted: Option<&AwaitedProgress>,
    ) -> Result<(), DeckClosed> {
        let Some(wanted) = wanted.filter(|wanted| wanted.revision <= revision) else { return Ok(()) };
        followed.seen.true_at = wanted.asked;
        let by = if followed.answered.is_some() { Evidence::Watch } else { Evidence::Reading };
        self.confirm(followed, by).await
    }

    /// Tells the deck that its picture is true, if the deck has to know.
    async fn confirm(&self, followed: &mut Followed, by: Evidence) -> Result<(), DeckClosed> {
        let (revision, at) = (followed.seen.revision, followed.seen.true_at.at);
        let is_news = followed
            .told
            .is_none_or(|(told, known, when)| told != by || known < revision || when.elapsed() >= TOLD_EVERY);
        if !is_news {
            return Ok(());
        }
        followed.told = Some((by, revision, Instant::now()));
        self.send(FeedMsg::Confirmed { revision, at, by }).await
    }
}

/// Returns the present revision when etcd tells it; waits for ever if nobody asked.
async fn answer(asking: &mut Option<Asking<'_>>) -> (ClockMoment, Result<CountAt, Failure>) {
    match asking {
        Some(asking) => asking.await,
        None => pending().await,
    }
}

/// Takes the messages that have come already, so that a thousand changes a second are a few messages. Returns the
/// changes, and a message behind them that is none.
fn gather(
    watch: &mut Watch,
    mut revision: Revision,
    mut events: Vec<Event>,
) -> (Revision, Vec<Event>, Option<Watched>) {
    while events.len() < MOST_EVENTS {
        match watch.try_recv() {
            Some(Watched::Changes { revision: later, events: more }) => {
                revision = later;
                events.extend(more);
            }
            Some(behind @ (Watched::Progress { .. } | Watched::Lost(_))) => {
                return (revision, events, Some(behind));
            }
            None => break,
        }
    }
    (revision, events, None)
}
