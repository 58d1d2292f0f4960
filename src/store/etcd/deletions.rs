//! Deletions of the past, told by a watch that begins as early as etcd still knows, and that leaves writes out.
//!
//! etcd says nothing when such a watch has caught up, and before 3.4.25 and 3.5.8 it answers too early when it is asked
//! (etcd-io/etcd#15220). Therefore a few answers in a row have to say the same, and the watch must have told at least
//! as many deletions as there are fewer keys than at the beginning: writes only raise that number.
use super::{
    call::{CallCircumstances, EtcdCall},
    classify::classify,
    counts,
    endpoint::Endpoint,
    foreign::EtcdForeign,
    history::UNANSWERED,
    pool::{Headed, Pool},
    reader::heading,
    watch::{self, ENDED},
};
use crate::{
    failure::Failure,
    keys::{ForeignRange, Interval as _, Revision},
    store::{DeletionsHeard, ForeignDeletions},
};
use etcd_client::{Client, Error, ResponseHeader, WatchFilterType, WatchOptions, WatchResponse, WatchStream};
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};
use tonic::Status;

/// Time between two questions for the watch's progress. etcd catches watches up every 100 ms.
const ASKED_EVERY: Duration = Duration::from_millis(120);
/// Answers in a row that have to say that there is no more.
const ANSWERS: u32 = 3;
/// Most times that the reading is begun when etcd compacts before anything was heard.
const BEGINNINGS: u32 = 3;

/// A watch that etcd has created, or has refused because it begins too early.
struct OpenedDeletions {
    stream: WatchStream,
    first: WatchResponse,
}

impl Headed for OpenedDeletions {
    fn header(&self) -> Option<&ResponseHeader> {
        self.first.header()
    }
}

/// Result of a watch.
enum Came {
    /// Everything was heard; `vouched` is false where etcd did not say so.
    Whole { vouched: bool },
    /// It began too early: this is the oldest revision that can be read.
    Compacted(Revision),
}

/// Deletions that must have been heard.
struct AwaitedDeletions {
    oldest: Revision,
    until: Revision,
    /// Least number of deletions.
    deletions: u64,
}

impl AwaitedDeletions {
    /// Tells whether everything has been heard. Answers alone prove nothing: before 3.4.25 and 3.5.8 they may overtake
    /// deletions.
    fn is_heard(&self, deletions: u64, answers: u32) -> bool {
        deletions >= self.deletions && answers >= ANSWERS
    }
}

impl ForeignDeletions for EtcdForeign {
    async fn deletions(
        &self,
        range: &ForeignRange,
        mut each: impl FnMut(Revision, &[u8]) + Send,
    ) -> Result<DeletionsHeard, Failure> {
        let pool = self.pool();
        let now = counts::count(pool, range, None).await?;
        let mut oldest = Revision(1);
        for beginning in 0..=BEGINNINGS {
            let from = Revision(if beginning == 0 { 1 } else { oldest.0.saturating_add(1) });
            if from > now.revision {
                return Ok(DeletionsHeard { oldest, until: now.revision, vouched: true });
            }
            let then = match counts::count(pool, range, Some(oldest)).await {
                Ok(then) => then.keys,
                // The watch tells the oldest one.
                Err(Failure::Compacted { .. }) => 0,
                Err(failure) => return Err(failure),
            };
            let deletions = then.saturating_sub(now.keys);
            let wanted = AwaitedDeletions { oldest, until: now.revision, deletions };
            let mut heard = 0;
            let count = |revision: Revision, key: &[u8]| {
                heard += 1;
                each(revision, key);
            };
            match watch(pool, range, from, &wanted, count).await? {
                Came::Whole { vouched } => {
                    return Ok(DeletionsHeard { oldest, until: now.revision, vouched });
                }
                // Deletions that were handed over cannot be taken back.
                Came::Compacted(_) if heard > 0 => return Err(Failure::Compacted { asked: from }),
                Came::Compacted(revision) => oldest = revision,
            }
        }
        Err(Failure::Compacted { asked: oldest })
    }
}

async fn watch(
    pool: &Pool,
    range: &ForeignRange,
    from: Revision,
    wanted: &AwaitedDeletions,
    each: impl FnMut(Revision, &[u8]) + Send,
) -> Result<Came, Failure> {
    let asked = EtcdCall { revision: from, ..EtcdCall::new("watch", range) };
    let call = |client: Client| create(client, range, from);
    let (opened, endpoint) = pool.read_from(&asked, pool.timeouts().read, call).await?;
    let began = Instant::now();
    follow(pool, opened, wanted, each)
        .await
        .map_err(|broken| broken.explained(pool, &endpoint, &asked, began))
}

/// Creates a watch without writes, and without the values of deleted keys.
async fn create(client: Client, range: &ForeignRange, from: Revision) -> Result<OpenedDeletions, Error> {
    let options = WatchOptions::new()
        .with_range(range.end())
        .with_start_revision(from.0)
        .with_filters([WatchFilterType::NoPut])
        .with_progress_notify();
    let mut watch = client.clone().watch_client().max_decoding_message_size(usize::MAX);
    let mut stream = watch.watch(range.start(), Some(options)).await?;
    let first = stream.message().await?;
    let first = first.ok_or_else(|| Error::from(Status::unavailable(ENDED)))?;
    match watch::cancellation(&first) {
        // "Begins too early" is an answer, and no other member would give another one.
        Some(why) if first.compact_revision() == 0 => Err(watch::refused(&client, range.start(), why).await),
        _ => Ok(OpenedDeletions { stream, first }),
    }
}

/// Reason why a watch was given up.
enum DeletionWatchError {
    Error(Error),
    /// Nothing came for this time.
    Silent(Duration),
}

impl DeletionWatchError {
    fn explained(self, pool: &Pool, endpoint: &Endpoint, asked: &EtcdCall, began: Instant) -> Failure {
        let error = match self {
            Self::Silent(after) => return Failure::TimedOut { endpoint: endpoint.to_string(), after },
            Self::Error(error) => error,
        };
        let (dial, after) = (pool.timeouts().dial, began.elapsed());
        classify(&error, CallCircumstances { endpoint, identity: pool.identity(), asked, dial, after })
    }
}

async fn follow(
    pool: &Pool,
    opened: OpenedDeletions,
    wanted: &AwaitedDeletions,
    mut each: impl FnMut(Revision, &[u8]) + Send,
) -> Result<Came, DeletionWatchError> {
    if opened.first.compact_revision() > 0 {
        return Ok(Came::Compacted(Revision(opened.first.compact_revision())));
    }
    let patience = pool.timeouts().listing;
    let (mut questions, mut responses) = opened.stream.split();
    let asking = async {
        loop {
            sleep(ASKED_EVERY).await;
            if let Err(error) = questions.request_progress().await {
                return error;
            }
        }
    };
    let mut asking = std::pin::pin!(asking);
    let (mut heard, mut answers) = (0, 0);
    let mut is_answered = false;
    let mut came = Instant::now();
    loop {
        // Answers that say nothing new must not keep a lost watch waiting for ever.
        if came.elapsed() > patience {
            return Err(DeletionWatchError::Silent(patience));
        }
        let may_end = !is_answered && heard >= wanted.deletions;
        let longest = if may_end { UNANSWERED.min(patience) } else { patience };
        let response = tokio::select! {
            response = timeout(longest, responses.message()) => response,
            error = &mut asking => return Err(DeletionWatchError::Error(error)),
        };
        let response = match response {
            Ok(response) => response,
            Err(_) if may_end => return Ok(Came::Whole { vouched: false }),
            Err(_) => return Err(DeletionWatchError::Silent(patience)),
        };
        let response = response
            .map_err(DeletionWatchError::Error)?
            .ok_or_else(|| DeletionWatchError::Error(Status::unavailable(ENDED).into()))?;
        if response.compact_revision() > 0 {
            return Ok(Came::Compacted(Revision(response.compact_revision())));
        }
        if let Some(why) = watch::cancellation(&response) {
            return Err(DeletionWatchError::Error(why.into()));
        }
        if response.events().is_empty() {
            is_answered |= response.watch_id() == watch::ANSWER;
            answers = if heading(response.header()).1 >= wanted.until { answers + 1 } else { 0 };
        } else {
            (answers, came) = (0, Instant::now());
            for deleted in response.events().iter().filter_map(etcd_client::Event::kv) {
                let revision = Revision(deleted.mod_revision());
                // A deleted key has no version; an old server may not know the filter.
                if deleted.version() == 0 && wanted.oldest < revision && revision <= wanted.until {
                    heard += 1;
                    each(revision, deleted.key());
                }
            }
        }
        if wanted.is_heard(heard, answers) {
            return Ok(Came::Whole { vouched: true });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_answers_nor_deletions_alone_prove_that_all_was_heard() {
        let wanted = AwaitedDeletions { oldest: Revision(1), until: Revision(9), deletions: 3 };
        for (deletions, answers, is_heard) in
            [(3, ANSWERS, true), (4, ANSWERS + 1, true), (2, ANSWERS, false), (3, ANSWERS - 1, false)]
        {
            assert_eq!(
                wanted.is_heard(deletions, answers),
                is_heard,
                "{deletions} deletions, {answers} answers"
            );
        }
    }
}
