//! History of a range, told by a watch that begins as early as etcd still knows.
//!
//! etcd says nothing when such a watch has caught up, so it is asked for its progress. Before 3.4.25 and 3.5.8 it
//! answers too early (etcd-io/etcd#15220): therefore a few answers in a row have to say the same, over more time than
//! etcd takes between two rounds of catching up, and the newest key of the range must have been heard of.
use super::{
    call::{CallCircumstances, EtcdCall},
    classify::classify,
    endpoint::Endpoint,
    pool::Pool,
    reader::{heading, kv},
    watch::{self, OpenedWatch},
};
use crate::{
    failure::Failure,
    keys::{KeyRange, Revision},
    store::{PastChanges, newest::Newest},
};
use etcd_client::{Client, Error, GetOptions, SortOrder, SortTarget};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::{sleep, timeout};
use tonic::Status;

/// Time between two questions for the watch's progress, at first and at most. etcd catches watches up every 100 ms.
const ASKED_EVERY: (Duration, Duration) = (Duration::from_millis(120), Duration::from_secs(2));
/// Answers in a row that have to say that there is no more.
const ANSWERS: u32 = 3;
/// Time after which a server that has answered no question, and sent no change, never will: a grpc-proxy does not
/// pass such questions on (3.4 to 3.7), and asked too early, 3.4.25 to 3.4.30 and 3.5.8 to 3.5.12 keep their answers
/// back (etcd-io/etcd#17507). It is thirty rounds of etcd's catching up.
pub(super) const UNANSWERED: Duration = Duration::from_secs(3);
/// Most times that the reading is begun when history is compacted meanwhile.
const BEGINNINGS: u32 = 3;

/// End of a watch of the past.
enum PastEnd {
    Everything(PastChanges),
    /// It began too early; this is the oldest revision that can be read.
    Compacted(Revision),
}

/// Point that the watch must have reached before a past is complete.
#[derive(Clone, Copy)]
struct PastMark {
    /// The last revision that is asked for.
    until: Revision,
    /// The last write of the keys that are still there; 0 without any.
    newest: Revision,
}

pub(super) async fn past(pool: &Arc<Pool>, range: &KeyRange, most: usize) -> Result<PastChanges, Failure> {
    let mark = mark(pool, range).await?;
    let mut oldest = Revision(1);
    let mut beginnings = 0;
    loop {
        let from = Revision(if beginnings == 0 { 1 } else { oldest.0.saturating_add(1) });
        // Nothing has happened from there on, and etcd 3.7 does not tell the progress of a watch that begins in the
        // future.
        if from > mark.until {
            return Ok(Newest::new(most).past(oldest, mark.until));
        }
        let asked = EtcdCall { revision: from, ..EtcdCall::new("watch", range) };
        let (opened, endpoint) =
            pool.read_from(&asked, pool.timeouts().read, |client| watch::create(client, range, from)).await?;
        let began = Instant::now();
        let told = follow(pool, &endpoint, opened, mark, Newest::new(most), oldest).await;
        match told.map_err(|error| error.explained(pool, &endpoint, &asked, began))? {
            PastEnd::Everything(past) => return Ok(past),
            PastEnd::Compacted(_) if beginnings == BEGINNINGS => {
                return Err(Failure::Compacted { asked: from });
            }
            PastEnd::Compacted(revision) => oldest = revision,
        }
        beginnings += 1;
    }
}

/// Reads the point that the past has to reach.
async fn mark(pool: &Pool, range: &KeyRange) -> Result<PastMark, Failure> {
    let options = GetOptions::new()
        .with_range(range.end())
        .with_sort(SortTarget::Mod, SortOrder::Descend)
        .with_limit(1)
        .with_keys_only();
    let call = |client: Client| {
        let options = options.clone();
        async move { kv(&client).get(range.start(), Some(options)).await }
    };
    let reply = pool.read_range(&EtcdCall::new("list", range), call).await?;
    let (_, until) = heading(reply.header());
    let newest = reply.kvs().first().map_or(0, etcd_client::KeyValue::mod_revision);
    Ok(PastMark { until, newest: Revision(newest) })
}

/// Reason why a watch of the past was given up.
enum PastWatchError {
    Error(Error),
    /// Nothing came for this time.
    Silent(Duration),
}

impl PastWatchError {
    fn explained(self, pool: &Pool, endpoint: &Endpoint, asked: &EtcdCall, began: Instant) -> Failure {
        match self {
            Self::Silent(after) => Failure::TimedOut { endpoint: endpoint.to_string(), after },
            Self::Error(error) => classify(
                &error,
                CallCircumstances {
                    endpoint,
                    identity: pool.identity(),
                    asked,
                    dial: pool.timeouts().dial,
                    after: began.elapsed(),
                },
            ),
        }
    }
}

async fn follow(
    pool: &Pool,
    endpoint: &Endpoint,
    opened: OpenedWatch,
    mark: PastMark,
    mut newest: Newest,
    oldest: Revision,
) -> Result<PastEnd, PastWatchError> {
    let patience = pool.timeouts().listing;
    let (mut questions, mut responses) = opened.stream.split();
    let asking = async {
        let mut pause = ASKED_EVERY.0;
        loop {
            sleep(pause).await;
            // A server that answers has done so a few times by then; a grpc-proxy never does.
            pause = (pause * 5 / 4).min(ASKED_EVERY.1);
            if let Err(error) = questions.request_progress().await {
                return error;
            }
        }
    };
    let mut asking = std::pin::pin!(asking);
    let mut heard = oldest;
    let (mut answers, mut is_answered) = (0, false);
    loop {
        // All keys that still exist have been heard of, so that only deletions could come after.
        let may_end = !is_answered && heard >= mark.newest;
        let longest = if may_end { UNANSWERED.min(patience) } else { patience };
        let response = tokio::select! {
            response = timeout(longest, responses.message()) => response,
            error = &mut asking => return Err(PastWatchError::Error(error)),
        };
        let response = match response {
            Ok(response) => response,
            Err(_) if may_end => {
                tracing::info!(%endpoint, "nobody says how far the watch is");
                let past = newest.past(oldest, mark.until);
                return Ok(PastEnd::Everything(PastChanges { vouched: false, ..past }));
            }
            Err(_) => return Err(PastWatchError::Silent(patience)),
        };
        let response = response
            .map_err(PastWatchError::Error)?
            .ok_or_else(|| PastWatchError::Error(Status::unavailable(watch::ENDED).into()))?;
        if response.compact_revision() > 0 {
            return Ok(PastEnd::Compacted(Revision(response.compact_revision())));
        }
        if let Some(why) = watch::cancellation(&response) {
            return Err(PastWatchError::Error(why.into()));
        }
        if response.events().is_empty() {
            is_answered |= response.watch_id() == watch::ANSWER;
            answers = if heading(response.header()).1 >= mark.until { answers + 1 } else { 0 };
        } else {
            answers = 0;
            heard = heard.max(watch::last_revision(&response).unwrap_or_default());
            let events = response.events().iter().filter_map(|event| watch::change(pool.scope(), event));
            newest.extend(events.filter(|event| event.revision() <= mark.until));
        }
        let caught_up = heard >= mark.newest && answers >= ANSWERS;
        // Events come in the order of revisions.
        if caught_up || heard > mark.until {
            tracing::debug!(%endpoint, %oldest, until = %mark.until, "the past was read");
            return Ok(PastEnd::Everything(newest.past(oldest, mark.until)));
        }
    }
}
