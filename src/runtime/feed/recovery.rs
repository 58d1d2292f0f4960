//! Recovery after a watch has broken: it goes on where the watch broke off, or reads everything again, with pauses
//! that grow until a watch has held.
use super::{
    DeckClosed, FeedBroken, FeedOrder, FeedSource, Followed, ListedScope, RelistReason, pauses::Pauses,
    seen::SeenRevision,
};
use crate::{
    app::FeedMsg,
    failure::{Failure, Retry},
    store::Reader,
};
use jiff::Timestamp;
use std::time::Duration;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

/// The time for which the deck is not told of a broken watch: another member goes on with it in a few milliseconds.
pub(super) const UNNOTICED: Duration = Duration::from_secs(1);

/// State of the message to the deck about a watch that broke.
struct Telling {
    since: Instant,
    done: bool,
}

impl<R: Reader> FeedSource<R> {
    /// Tries until the scope is followed again: from the last seen revision, or from a new list.
    pub(super) async fn recover(
        &self,
        mut broken: FeedBroken,
        pauses: &mut Pauses,
        orders: &mut mpsc::Receiver<FeedOrder>,
    ) -> Result<Followed, DeckClosed> {
        let mut telling = Telling { since: Instant::now(), done: false };
        // A watch that was silent has had its time already.
        if broken.seen.is_none() || matches!(broken.failure, Failure::WatchSilent { .. }) {
            telling.done = true;
            self.tell(&broken).await?;
        }
        loop {
            self.pause(pauses.next(), &mut telling, &broken, orders).await?;
            let again = {
                let attempt = self.again(&broken);
                tokio::pin!(attempt);
                loop {
                    tokio::select! {
                        again = &mut attempt => break again?,
                        () = sleep_until(telling.since + UNNOTICED), if !telling.done => {
                            telling.done = true;
                            self.tell(&broken).await?;
                        }
                    }
                }
            };
            match again {
                Ok(mut followed) => {
                    // A new list has told the deck already.
                    let has_gone_on = broken.seen.is_some_and(|seen| seen.revision == followed.seen.revision);
                    if telling.done && has_gone_on {
                        self.tell_status().await?;
                        // The cluster was away for long enough to have been put back to an older copy of its data.
                        followed.seen.audit_soon();
                    }
                    return Ok(followed);
                }
                Err(again) => broken = again,
            }
            // A failure that every other member would report as well is told at once.
            if telling.done || !is_passing(&broken.failure) {
                telling.done = true;
                self.tell(&broken).await?;
            }
        }
    }

    /// Waits before the next attempt. The operator may have it made at once.
    async fn pause(
        &self,
        pause: Duration,
        telling: &mut Telling,
        broken: &FeedBroken,
        orders: &mut mpsc::Receiver<FeedOrder>,
    ) -> Result<(), DeckClosed> {
        if pause.is_zero() {
            return Ok(());
        }
        let end = Instant::now() + pause;
        loop {
            tokio::select! {
                () = sleep_until(end) => return Ok(()),
                () = sleep_until(telling.since + UNNOTICED), if !telling.done => {
                    telling.done = true;
                    self.tell(broken).await?;
                }
                order = orders.recv() => match order {
                    Some(FeedOrder::ReadAgain) => return Ok(()),
                    Some(FeedOrder::Prefer(_)) => {}
                    None => return Err(DeckClosed),
                },
            }
        }
    }

    /// Goes on where the watch broke off, unless the scope has to be read again: changes are lost, or it is time.
    async fn again(&self, broken: &FeedBroken) -> Result<Result<Followed, FeedBroken>, DeckClosed> {
        let Some(seen) = broken.seen.clone() else { return self.read_again(None, RelistReason::Due).await };
        let now = Instant::now();
        // If no watch works, the scope is read again instead.
        let is_old = now >= seen.true_at.when + seen.good_for(self.intervals.silence);
        let mut rewritten = broken.rewritten;
        let can_go_on = is_passing(&broken.failure) && !(broken.only_watches && is_old);
        if !rewritten && can_go_on && now < seen.audit {
            match self.go_on(seen.clone()).await {
                // Compacted, or another history: the list shows which.
                Err(again)
                    if again.rewritten || !is_passing(&again.failure) || (again.only_watches && is_old) =>
                {
                    tracing::info!(failure = %again.failure, "the watch cannot be gone on with");
                    rewritten = again.rewritten;
                }
                followed => return Ok(followed),
            }
        }
        let why = if rewritten { RelistReason::Back(None) } else { RelistReason::Due };
        let read = self.read_again(Some(seen), why).await?;
        Ok(read.map_err(|again| FeedBroken { rewritten, ..again }))
    }

    /// Goes on where a watch broke off, if that is possible.
    async fn go_on(&self, seen: SeenRevision) -> Result<Followed, FeedBroken> {
        // A cluster that was restored meanwhile may be behind the seen revision, and a watch would wait for its
        // future. Or it has reached that revision with other changes.
        let youngest = seen.youngest.as_ref();
        let one_key = youngest.map_or_else(|| self.first_key(), |youngest| self.scope.only(&youngest.key));
        // Nobody answers who is behind what was seen, and the youngest change is as it was when it was told.
        let is_there = match self.reader.list(&one_key, 1, Some(seen.revision)).await {
            Ok(_) if seen.changed < seen.revision => self.reader.list(&one_key, 1, Some(seen.changed)).await,
            read => read,
        };
        match is_there {
            Ok(listing) if youngest.is_none_or(|youngest| youngest.is_in(&listing.records)) => {
                let followed = self.follow_from(seen).await;
                followed.map_err(|broken| FeedBroken { only_watches: true, ..broken })
            }
            Ok(_) => {
                let failure = Failure::NotYet { asked: seen.revision };
                Err(FeedBroken { rewritten: true, ..FeedBroken::new(Some(seen), failure) })
            }
            Err(failure) => Err(FeedBroken::new(Some(seen), failure)),
        }
    }

    /// Tells the deck that its picture is not kept true at the moment. If there is no leader, it shows the state of
    /// one member, if that is newer than the picture.
    async fn tell(&self, FeedBroken { seen, failure, .. }: &FeedBroken) -> Result<(), DeckClosed> {
        tracing::warn!(%failure, "the picture of the scope is not kept true");
        let at = seen.as_ref().map_or_else(Timestamp::now, |seen| seen.true_at.at);
        self.send(FeedMsg::Lost { failure: failure.clone(), at }).await?;
        if !matches!(failure, Failure::NoLeader { .. }) {
            return Ok(());
        }
        let stale = self.reader.possibly_stale();
        let Ok(status) = stale.status().await else { return Ok(()) };
        if seen.as_ref().is_some_and(|seen| status.revision <= seen.revision) {
            return Ok(());
        }
        let Ok(ListedScope { index, revision, .. }) = self.list(&stale, None).await? else { return Ok(()) };
        let (index, endpoint) = (Box::new(index), status.endpoint);
        self.send(FeedMsg::PossiblyStale { index, revision, endpoint, at: Timestamp::now() }).await
    }
}

/// Tells whether another member, or the same one a moment later, may answer differently.
pub(super) fn is_passing(failure: &Failure) -> bool {
    failure.retry() != Retry::Never
}
