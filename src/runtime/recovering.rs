//! Recovery in the deck, beside the loop: it looks for losses, for what is saved, and for what could be put back.
use crate::{
    app::{DeckError, LookedAt, Msg, RequestId, overlay::TakeBackPlan},
    failure::Failure,
    index::Records,
    keys::{ClusterId, KeyValue, LeaseId, Scope},
    ops::{listing_of, living},
    plan::{KeySelection, Restore, SavedKey},
    recovery::{JournalKnowledge, KnowledgePlaces, Offers, aftermath, offers, reaches, read},
    remedy::Remedy,
    signpost::{Aftermath, SavedIn},
    store::{ForeignCounts, Reader},
};
use jiff::Timestamp;
use std::{collections::BTreeMap, time::Duration};
use tokio::{sync::mpsc, task::spawn_blocking};

/// Question to look at.
#[derive(Debug)]
pub(super) enum Job {
    /// Has anybody lost keys?
    Losses(RequestId),
    /// The saved files, compared with these records.
    Saved(RequestId, Option<KeySelection>, Records),
    /// The effect of putting a saved file back.
    Restore(RequestId, SavedIn, KeySelection),
}

/// Queue that takes jobs.
#[derive(Clone, Debug)]
pub(super) struct Recovering(mpsc::UnboundedSender<Job>);

#[derive(Clone, Debug)]
struct Desk<R, C> {
    places: KnowledgePlaces,
    reader: R,
    counts: C,
    scope: Scope,
    cluster: ClusterId,
    msgs: mpsc::Sender<Msg>,
}

type LeaseLives = BTreeMap<LeaseId, Option<Duration>>;

impl Recovering {
    pub(super) fn start<R: Reader, C: ForeignCounts>(
        (places, reader, counts): (KnowledgePlaces, R, C),
        (scope, cluster): (Scope, ClusterId),
        msgs: mpsc::Sender<Msg>,
    ) -> Self {
        let (jobs, mut asked) = mpsc::unbounded_channel();
        let desk = Desk { places, reader, counts, scope, cluster, msgs };
        tokio::spawn(async move {
            while let Some(job) = asked.recv().await {
                tokio::spawn(desk.clone().carry_out(job));
            }
        });
        Self(jobs)
    }

    pub(super) fn ask(&self, job: Job) {
        // It ends only when the deck does.
        let _ = self.0.send(job);
    }
}

impl<R: Reader, C: ForeignCounts> Desk<R, C> {
    async fn carry_out(self, job: Job) {
        let msg = match job {
            Job::Losses(request) => {
                // A demo has no earlier state.
                let found = if self.places.state.is_none() {
                    Ok(Aftermath::default())
                } else {
                    let doors = (&self.reader, &self.counts);
                    aftermath(&self.places, doors, &self.scope, self.cluster).await
                };
                Msg::Aftermath(request, Box::new(found))
            }
            Job::Saved(request, reach, records) => {
                let (places, cluster) = (self.places.clone(), self.cluster);
                let looked = spawn_blocking(move || {
                    offers(&places, &records, cluster, reach.as_ref(), Timestamp::now())
                });
                let Ok(Offers { list, unread }) = looked.await else { return };
                Msg::Offers(request, list, unread)
            }
            Job::Restore(request, place, reach) => {
                let seen: LookedAt =
                    self.restore(place, &reach).await.map(|restore| TakeBackPlan::Saved(Box::new(restore)));
                Msg::LookedAt(request, seen)
            }
        };
        // Nobody waits any more when the deck is closed.
        let _ = self.msgs.send(msg).await;
    }

    async fn restore(&self, place: SavedIn, reach: &KeySelection) -> Result<Restore, DeckError> {
        let failed = |failure: Failure| DeckError {
            remedy: failure.remedy(),
            what: failure.to_string(),
            compacted: None,
        };
        let (ledger, scope, cluster) = (self.places.ledger.clone(), self.scope.clone(), self.cluster);
        let wanted = reach.clone();
        let saved = spawn_blocking(move || -> Result<(Vec<SavedKey>, LeaseLives), DeckError> {
            match place {
                SavedIn::Backup(file) | SavedIn::Rescue(file) => {
                    let from =
                        read(&file, &scope, |key| reaches(Some(&wanted), key)).map_err(|not_taken| {
                            DeckError {
                                remedy: not_taken.remedy(),
                                what: not_taken.to_string(),
                                compacted: None,
                            }
                        })?;
                    Ok((from.keys, from.leases))
                }
                SavedIn::Journal | SavedIn::Entry(_) => {
                    let written = JournalKnowledge::of(&ledger, cluster, &scope).map_err(failed)?;
                    Ok((written.saved(Some(&wanted)), LeaseLives::new()))
                }
            }
        });
        let (saved, leases) =
            saved.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))?;
        let mut now: Vec<KeyValue> = Vec::new();
        for range in reach.own.iter().map(|own| self.scope.only(own)).chain(reach.below.clone()) {
            now.extend(listing_of(&self.reader, &range, None).await.map_err(failed)?.records);
        }
        let restore = Restore::of(saved, now);
        let living = living(&self.reader, restore.leases()).await.map_err(failed)?;
        Ok(restore.with_leases(leases, living))
    }
}
