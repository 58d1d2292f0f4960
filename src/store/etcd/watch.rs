//! Watch, from its creation to its end. The library hands over the server's messages and no more: creation,
//! cancellation and compaction are handled here, and nothing is resumed behind the caller's back.
//!
//! etcd takes every watch up, also one from a compacted revision: that one it cancels in a second message, up to 100 ms
//! later or whenever it next catches watches up. So a read at its first revision tells whether etcd will keep it.
use super::{
    call::{CallCircumstances, EtcdCall},
    classify::{classify, is_of_an_older_revision},
    endpoint::Endpoint,
    pool::{Headed, Pool},
    reader::{heading, kv, record},
};
use crate::{
    failure::Failure,
    keys::{KeyRange, Revision, Scope},
    store::{Event, Watch, Watched, watch::Watching},
};
use etcd_client::{Client, Error, GetOptions, ResponseHeader, WatchOptions, WatchResponse, WatchStream};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep_until};
use tonic::{Code, Status};

/// Reason of a watch that ends without one.
pub(super) const ENDED: &str = "the server ended the watch";
/// Time for which a watch that begins in the past is not asked for its progress. etcd 3.4.25 to 3.4.30 and 3.5.8 to
/// 3.5.12, asked before they have caught up with it, answer no question again until something happens in its range
/// (etcd-io/etcd#17507). They catch up every 100 ms.
const CATCHING_UP: Duration = Duration::from_millis(300);
/// The watch's id in an answer about its progress. A message that etcd sends by itself has the watch's own.
pub(super) const ANSWER: i64 = -1;

/// A watch whose creation etcd has confirmed.
pub(super) struct OpenedWatch {
    pub(super) stream: WatchStream,
    first: WatchResponse,
    /// The first moment at which it may be asked for its progress.
    ask_from: Instant,
}

impl OpenedWatch {
    /// Returns the store's revision when it was made; `None` where that is not said (a grpc-proxy before 3.7).
    fn made_at(&self) -> Option<Revision> {
        let (_, revision) = heading(self.first.header());
        (revision > Revision(0)).then_some(revision)
    }
}

impl Headed for OpenedWatch {
    fn header(&self) -> Option<&ResponseHeader> {
        self.first.header()
    }
}

/// Watches a range. Returns when etcd keeps the watch, or fails with the reason why it does not.
pub(super) async fn open(pool: &Arc<Pool>, range: &KeyRange, from: Revision) -> Result<Watch, Failure> {
    let asked = EtcdCall { revision: from, ..EtcdCall::new("watch", range) };
    let (opened, endpoint) =
        pool.read_from(&asked, pool.timeouts().read, |client| keep(client, range, from)).await?;
    let watcher = Watcher { pool: Arc::clone(pool), endpoint, asked, opened: Instant::now() };
    let (watch, watching) = Watch::new();
    tokio::spawn(watcher.forward(opened, watching));
    Ok(watch)
}

/// Makes a watch that etcd keeps.
async fn keep(client: Client, range: &KeyRange, from: Revision) -> Result<OpenedWatch, Error> {
    let opened = create(client.clone(), range, from).await?;
    // etcd since 3.5.22 and 3.6.2 does not tell the progress of a watch that begins in the future (etcd-io/etcd#20229).
    // When nothing has happened since the revision before, one that begins now is the same.
    let opened = if opened.made_at().is_some_and(|made| made < from) {
        let now = create(client.clone(), range, Revision(0)).await?;
        if now.made_at().is_some_and(|made| made < from) {
            return Ok(OpenedWatch { ask_from: Instant::now(), ..now });
        }
        create(client.clone(), range, from).await?
    } else {
        opened
    };
    can_be_read(&client, range, from).await?;
    Ok(opened)
}

/// Asks the member that a watch stands on whether it still has the watch's first revision.
async fn can_be_read(client: &Client, range: &KeyRange, from: Revision) -> Result<(), Error> {
    let options = GetOptions::new().with_count_only().with_serializable().with_revision(from.0);
    match kv(client).get(range.start(), Some(options)).await {
        // A grpc-proxy does not say when a watch begins in the future.
        Err(Error::GRpcStatus(status))
            if status.code() == Code::OutOfRange && status.message().contains("future revision") =>
        {
            Ok(())
        }
        read => read.map(drop),
    }
}

/// Creates a watch without fragments: the server measures them in quadratic time (100,000 events: 14 s). So a response
/// may be large.
pub(super) async fn create(client: Client, range: &KeyRange, from: Revision) -> Result<OpenedWatch, Error> {
    let options =
        WatchOptions::new().with_range(range.end()).with_start_revision(from.0).with_progress_notify();
    let mut watch = client.clone().watch_client().max_decoding_message_size(usize::MAX);
    let mut stream = watch.watch(range.start(), Some(options)).await?;
    let first = stream.message().await?;
    let first = first.ok_or_else(|| Error::from(Status::unavailable(ENDED)))?;
    match cancellation(&first) {
        // Returned as an error, so that an old login is renewed and another member asked, as with any other call.
        Some(why) => Err(refused(&client, range.start(), why).await),
        // Changes that come before it, which no etcd sends, would be lost with it.
        None if !first.created() => Err(Status::unavailable("the watch was not said to be made").into()),
        None => Ok(OpenedWatch { stream, first, ask_from: Instant::now() + CATCHING_UP }),
    }
}

/// Tells why a watch was refused. Before 3.4.22 and 3.5.6 a login from before a change of users or roles is called
/// forbidden as well (`isWatchPermitted`): reading the first key tells the two apart.
pub(super) async fn refused(client: &Client, start: &[u8], why: Status) -> Error {
    if why.code() == Code::PermissionDenied {
        let options = GetOptions::new().with_count_only().with_serializable();
        if let Err(error) = kv(client).get(start, Some(options)).await {
            return error;
        }
    }
    why.into()
}

/// Tells why the server ended the watch, if it did. The server says it in a response, and in words; here it gets the
/// code that any other call would get.
pub(super) fn cancellation(response: &WatchResponse) -> Option<Status> {
    if !response.canceled() {
        return None;
    }
    let reason = response.cancel_reason();
    // A watch from a compacted revision gives no reason, only the revision that is left.
    let code = if response.compact_revision() > 0 {
        return Some(Status::out_of_range("required revision has been compacted"));
    } else if reason.contains("permission denied") {
        Code::PermissionDenied
    } else if is_of_an_older_revision(reason) || reason.contains("user name is empty") {
        Code::InvalidArgument
    } else if reason.contains("invalid auth token") {
        Code::Unauthenticated
    } else {
        Code::Unavailable
    };
    Some(Status::new(code, if reason.is_empty() { ENDED } else { reason }))
}

struct Watcher {
    pool: Arc<Pool>,
    endpoint: Endpoint,
    asked: EtcdCall,
    opened: Instant,
}

impl Watcher {
    async fn forward(self, opened: OpenedWatch, watching: Watching) {
        let OpenedWatch { stream, ask_from, .. } = opened;
        let Watching { tell, mut questions } = watching;
        let (mut asking, mut responses) = stream.split();
        let mut may_ask = false;
        // The first of two answers to a question.
        let mut first: Option<Revision> = None;
        let lost: Error = loop {
            let response = tokio::select! {
                () = tell.closed() => return,
                () = sleep_until(ask_from), if !may_ask => {
                    may_ask = true;
                    continue;
                }
                Some(()) = questions.recv(), if may_ask => {
                    first = None;
                    match asking.request_progress().await {
                        Ok(()) => continue,
                        Err(error) => break error,
                    }
                }
                response = responses.message() => response,
            };
            let response = match response {
                Ok(Some(response)) => response,
                Ok(None) => break Status::unavailable(ENDED).into(),
                Err(error) => break error,
            };
            if let Some(why) = cancellation(&response) {
                break why.into();
            }
            let Some(watched) = brought(self.pool.scope(), &response, self.asked.revision) else { continue };
            let watched = match (watched, first) {
                // Before 3.4.25 and 3.5.8 an answer may overtake changes that wait to be sent (etcd-io/etcd#15220).
                // They are sent before the answer to a question that is asked after it.
                (Watched::Progress { revision, asked: true }, None) => {
                    first = Some(revision);
                    match asking.request_progress().await {
                        Ok(()) => continue,
                        Err(error) => break error,
                    }
                }
                (Watched::Progress { asked: true, .. }, Some(revision)) => {
                    first = None;
                    Watched::Progress { revision, asked: true }
                }
                (watched, _) => watched,
            };
            if tell.send(watched).await.is_err() {
                return;
            }
        };
        // Nobody is left to tell when this fails.
        let _ = tell.send(Watched::Lost(self.classified(&lost))).await;
    }

    fn classified(&self, error: &Error) -> Failure {
        classify(
            error,
            CallCircumstances {
                endpoint: &self.endpoint,
                identity: self.pool.identity(),
                asked: &self.asked,
                dial: self.pool.timeouts().dial,
                after: self.opened.elapsed(),
            },
        )
    }
}

/// Returns the changes in a response from a revision on.
fn brought(scope: &Scope, response: &WatchResponse, from: Revision) -> Option<Watched> {
    // The header of a catching-up watch is ahead of its events.
    let Some(revision) = last_revision(response) else {
        let (_, revision) = heading(response.header());
        let progress = Watched::Progress { revision, asked: response.watch_id() == ANSWER };
        return Some(progress).filter(|_| revision > Revision(0));
    };
    // A watch that begins at the store's present may have begun earlier, where the member lags behind.
    let events: Vec<Event> = response
        .events()
        .iter()
        .filter_map(|event| change(scope, event))
        .filter(|event| event.revision() >= from)
        .collect();
    Some(Watched::Changes { revision, events }).filter(|_| revision >= from)
}

/// Returns the revision of the last event, for any key.
pub(super) fn last_revision(response: &WatchResponse) -> Option<Revision> {
    let of = |event: &etcd_client::Event| event.kv().map(etcd_client::KeyValue::mod_revision);
    response.events().iter().filter_map(of).max().map(Revision)
}

pub(super) fn change(scope: &Scope, event: &etcd_client::Event) -> Option<Event> {
    let found = event.kv()?;
    // A deleted key has no version. That tells it, because the library panics on a kind that it does not know.
    if found.version() == 0 {
        let key = scope.key(found.key()).ok()?;
        return Some(Event::Delete { key, revision: Revision(found.mod_revision()) });
    }
    record(scope, found.clone()).map(Event::Put)
}
