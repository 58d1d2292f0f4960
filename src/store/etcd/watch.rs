//! One watch, from its creation to its end. The library hands over what the server says and no more: creation,
//! cancellation and compaction are looked for here, and nothing is resumed behind the caller's back.
use super::{
    asked::{Asked, Circumstances},
    classify::classify,
    endpoint::Endpoint,
    pool::{Headed, Pool},
    reader::record,
};
use crate::{
    failure::Failure,
    keys::{KeyRange, Revision, Scope},
    store::{Event, Watched},
};
use etcd_client::{Client, Error, ResponseHeader, WatchOptions, WatchResponse, WatchStream};
use std::{sync::Arc, time::Instant};
use tokio::sync::mpsc;
use tonic::{Code, Status};

/// What is said of a watch that ends without a reason.
pub(super) const ENDED: &str = "the server ended the watch";
/// Responses that may wait for the reader; then etcd waits too.
const WAITING: usize = 64;

/// A watch that etcd has said that it does.
pub(super) struct Opened {
    pub(super) stream: WatchStream,
    first: WatchResponse,
}

impl Headed for Opened {
    fn header(&self) -> Option<&ResponseHeader> {
        self.first.header()
    }
}

/// Watches a range. Returns when etcd has said that it does, or why it does not.
pub(super) async fn open(
    pool: &Arc<Pool>,
    range: &KeyRange,
    from: Revision,
) -> Result<mpsc::Receiver<Watched>, Failure> {
    let asked = Asked { revision: from, ..Asked::new("watch", range) };
    let (opened, endpoint) =
        pool.read_from(&asked, pool.timeouts().read, |client| create(client, range, from)).await?;
    let watcher = Watcher { pool: Arc::clone(pool), endpoint, asked, opened: Instant::now() };
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(watcher.forward(opened.stream, sender));
    Ok(receiver)
}

/// No fragments: the server measures them in quadratic time (100,000 events: 14 s). So a response may be large.
pub(super) async fn create(client: Client, range: &KeyRange, from: Revision) -> Result<Opened, Error> {
    let options =
        WatchOptions::new().with_range(range.end()).with_start_revision(from.0).with_progress_notify();
    let mut watch = client.watch_client().max_decoding_message_size(usize::MAX);
    let mut stream = watch.watch(range.start(), Some(options)).await?;
    let first = stream.message().await?;
    let first = first.ok_or_else(|| Error::from(Status::unavailable(ENDED)))?;
    match cancellation(&first) {
        // As an error, so that an old login is renewed and another member asked, as with any other call.
        Some(why) => Err(why.into()),
        None => Ok(Opened { stream, first }),
    }
}

/// Why the server ended the watch, if it did. It says so in a response, and in words; here it gets the code that
/// any other call would get.
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
    } else if reason.contains("auth store is old") {
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
    asked: Asked,
    opened: Instant,
}

impl Watcher {
    async fn forward(self, mut stream: WatchStream, changes: mpsc::Sender<Watched>) {
        loop {
            let response = tokio::select! {
                () = changes.closed() => return,
                response = stream.message() => response,
            };
            let lost: Error = match response {
                Ok(Some(response)) => match cancellation(&response) {
                    None => {
                        let Some(watched) = brought(self.pool.scope(), &response) else { continue };
                        if changes.send(watched).await.is_err() {
                            return;
                        }
                        continue;
                    }
                    Some(why) => why.into(),
                },
                Ok(None) => Status::unavailable(ENDED).into(),
                Err(error) => error,
            };
            let lost = self.classified(&lost);
            // Nobody is left to tell when this fails.
            let _ = changes.send(Watched::Lost(lost)).await;
            return;
        }
    }

    fn classified(&self, error: &Error) -> Failure {
        classify(
            error,
            Circumstances {
                endpoint: &self.endpoint,
                identity: self.pool.identity(),
                asked: &self.asked,
                dial: self.pool.timeouts().dial,
                after: self.opened.elapsed(),
            },
        )
    }
}

/// What a response brings. Without events it says only that nothing happened up to its revision.
fn brought(scope: &Scope, response: &WatchResponse) -> Option<Watched> {
    let revision = Revision(response.header()?.revision());
    let events: Vec<Event> = response.events().iter().filter_map(|event| change(scope, event)).collect();
    // The header of a catching-up watch is ahead of its events.
    let last = events.iter().map(|event| match event {
        Event::Put(record) => record.mod_revision,
        Event::Delete { revision, .. } => *revision,
    });
    let revision = last.max().unwrap_or(revision);
    Some(Watched::Changes { revision, events })
}

pub(super) fn change(scope: &Scope, event: &etcd_client::Event) -> Option<Event> {
    let found = event.kv()?;
    // A deleted key has no version. Told by that, because the library panics on a kind that it does not know.
    if found.version() == 0 {
        let key = scope.key(found.key()).ok()?;
        return Some(Event::Delete { key, revision: Revision(found.mod_revision()) });
    }
    record(scope, found.clone()).map(Event::Put)
}
