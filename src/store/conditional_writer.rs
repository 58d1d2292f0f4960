//! Conditional writing: changes one etcd only while another stays as it was found.
use super::{Commit, Event, Reader, Watch, Watched, Writer};
use crate::{
    failure::Failure,
    keys::{KeyRange, Revision},
    plan::Step,
};
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch as latest, time::timeout};
use tokio_util::task::AbortOnDropHandle;

/// Longest time that the watch of the other etcd may take to say that it has brought everything.
const CATCHES_UP_WITHIN: Duration = Duration::from_secs(10);
/// Time between two questions for the watch's progress: a member that lags behind, or has yet to catch up, says less or
/// nothing.
const ASKED_EVERY: Duration = Duration::from_millis(250);

/// Watches a range of another etcd from the revision at which it was read, and knows whether it is still as it was.
#[derive(Clone, Debug)]
pub struct Unchanged<R> {
    reader: R,
    range: KeyRange,
    keys: u64,
    seen: latest::Receiver<WatchedState>,
    ask: Arc<tokio::sync::Notify>,
    _watching: Arc<AbortOnDropHandle<()>>,
}

/// State that the watch has told.
#[derive(Clone, Debug, Default)]
struct WatchedState {
    /// Nothing has changed up to this revision.
    until: Revision,
    broken: Option<Failure>,
}

impl<R: Reader> Unchanged<R> {
    /// Begins to watch `range`, which held `keys` keys at revision `at`.
    ///
    /// # Errors
    /// The store's failure to watch the range.
    pub async fn since(reader: R, range: KeyRange, at: Revision, keys: u64) -> Result<Self, Failure> {
        let watch = reader.watch(&range, Revision(at.0.saturating_add(1))).await?;
        let (tell, seen) = latest::channel(WatchedState { until: at, broken: None });
        let ask = Arc::new(tokio::sync::Notify::new());
        let watching = Arc::new(AbortOnDropHandle::new(tokio::spawn(follow(watch, tell, Arc::clone(&ask)))));
        Ok(Self { reader, range, keys, seen, ask, _watching: watching })
    }

    /// Asks the other etcd, so that a lost one is noticed as well, and waits for the watch to say that it has brought
    /// everything up to then.
    ///
    /// # Errors
    /// The change there, or the reason why it cannot be asked.
    pub async fn check(&self) -> Result<(), Failure> {
        let counted = self.reader.count(&self.range).await.map_err(unsent)?;
        self.nothing_until(counted.revision).await.map_err(unsent)?;
        if counted.keys == self.keys {
            return Ok(());
        }
        let change = format!("the other etcd had {} keys there, and has {}", self.keys, counted.keys);
        Err(Failure::Conflict { key: self.range.to_string(), change })
    }

    /// Returns when the watch has told that nothing has changed up to `revision`; fails with the change otherwise.
    async fn nothing_until(&self, revision: Revision) -> Result<(), Failure> {
        let mut seen = self.seen.clone();
        let told = async {
            loop {
                self.ask.notify_one();
                let enough = seen.wait_for(|seen| seen.broken.is_some() || seen.until >= revision);
                if let Ok(enough) = timeout(ASKED_EVERY, enough).await {
                    return enough.ok().and_then(|seen| seen.broken.clone());
                }
            }
        };
        match timeout(CATCHES_UP_WITHIN, told).await {
            Ok(broken) => broken.map_or(Ok(()), Err),
            Err(_) => Err(Failure::WatchSilent { after: CATCHES_UP_WITHIN }),
        }
    }
}

/// Follows the other etcd until something changes there, or the watch ends.
async fn follow(mut watch: Watch, tell: latest::Sender<WatchedState>, ask: Arc<tokio::sync::Notify>) {
    loop {
        let watched = tokio::select! {
            () = ask.notified() => {
                watch.ask();
                continue;
            }
            watched = watch.recv() => watched,
        };
        let why = match watched {
            Some(Watched::Progress { revision, .. }) => {
                tell.send_modify(|seen| seen.until = seen.until.max(revision));
                continue;
            }
            Some(Watched::Changes { events, .. }) => match events.first() {
                Some(event) => changed(event),
                None => continue,
            },
            Some(Watched::Lost(failure)) => failure,
            None => Failure::Other { detail: "the watch ended without a word".to_owned() },
        };
        tell.send_modify(|seen| seen.broken = Some(why));
        return;
    }
}

fn changed(event: &Event) -> Failure {
    let (key, change) = match event {
        Event::Put(record) => {
            (&record.key, format!("the other etcd has it anew at revision {}", record.mod_revision))
        }
        Event::Delete { key, revision } => (key, format!("the other etcd lost it at revision {revision}")),
    };
    Failure::Conflict { key: key.spelled(), change }
}

/// Turns a failure to read the other etcd into a conflict: nothing was sent to this one.
fn unsent(why: Failure) -> Failure {
    if matches!(why, Failure::Conflict { .. }) {
        return why;
    }
    let change = format!("whether it still holds the records is not known: {why}");
    Failure::Conflict { key: "the other etcd".to_owned(), change }
}

/// A writer that looks at the other etcd before each transaction, and makes it only while that etcd is unchanged.
#[derive(Debug)]
pub struct WhileUnchanged<W, R> {
    writer: W,
    other: Unchanged<R>,
}

impl<W, R> WhileUnchanged<W, R> {
    pub fn new(writer: W, other: Unchanged<R>) -> Self {
        Self { writer, other }
    }
}

impl<W: Writer, R: Reader> Writer for WhileUnchanged<W, R> {
    async fn commit(&self, step: &Step) -> Result<Commit, Failure> {
        self.other.check().await?;
        self.writer.commit(step).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        journal::{Author, MemoryJournal},
        keys::Scope,
        ops::{carry_out, prepare},
        plan::{Challenge, Confirmed, Intent, KeyEdit, Outcome, PlanPurpose},
        store::memory::{Memory, WatchFault},
    };

    fn scope() -> Scope {
        Scope::parse("/coredns").unwrap()
    }

    fn key(number: usize) -> String {
        format!("/coredns/io/k{number:03}")
    }

    /// Makes a store with this number of records.
    fn filled(records: usize) -> Memory {
        let store = Memory::new(&scope());
        for number in 0..records {
            store.seed().put(key(number).as_bytes(), b"{}");
        }
        store
    }

    async fn deletion_of(store: &Memory, records: usize) -> Confirmed {
        let wish = |number| KeyEdit::Delete {
            key: scope().key(key(number).as_bytes()).unwrap(),
            before: b"{}".as_slice().into(),
        };
        let intent = Intent::Bulk {
            listed: None,
            purpose: PlanPurpose::Migrate,
            challenge: Challenge::scope(&scope()),
            wishes: (0..records).map(wish).collect(),
            grants: vec![],
        };
        let plan = prepare(&store.reader(), &scope(), &[], intent).await.unwrap();
        let number = plan.threshold().map(crate::plan::Threshold::number);
        plan.confirm("/coredns/", number).unwrap()
    }

    /// Removes everything from one store while `meanwhile` happens to the other, after the first of two steps.
    async fn remove_while(meanwhile: impl Fn(&Memory) + Send + Sync) -> (Outcome, u64) {
        let (old, new) = (filled(200), filled(200));
        let confirmed = deletion_of(&old, 200).await;
        let reader = new.reader();
        let (at, keys) = (reader.status().await.unwrap().revision, 200);
        let other = Unchanged::since(reader, scope().range(), at, keys).await.unwrap();
        let writer = WhileUnchanged::new(old.writer(), other);
        let mut journal = MemoryJournal::new(scope(), Author::default());
        let report = carry_out(confirmed, &mut journal, &writer, &old.reader(), |_| meanwhile(&new)).await;
        (report.outcome, old.reader().count(&scope().range()).await.unwrap().keys)
    }

    #[tokio::test]
    async fn everything_goes_while_the_other_stays_as_it_was() {
        let (outcome, left) = remove_while(|_| {}).await;
        assert!(matches!(outcome, Outcome::Done { changed: 200, .. }), "{outcome}");
        assert_eq!(left, 0);
    }

    #[tokio::test]
    async fn nothing_more_goes_once_the_other_has_lost_a_key() {
        let (outcome, left) = remove_while(|new| {
            new.seed().delete(key(199).as_bytes());
        })
        .await;
        let Outcome::Partly { done, why, .. } = outcome else { panic!("{outcome}") };
        assert_eq!(done.len() as u64, 200 - left);
        assert!(left > 0 && why.effect() == crate::failure::WriteEffect::Nothing, "{why}");
    }

    #[tokio::test]
    async fn an_other_that_cannot_be_asked_stops_it_before_anything_is_sent() {
        let new = filled(3);
        let reader = new.reader();
        let at = reader.status().await.unwrap().revision;
        let other = Unchanged::since(reader, scope().range(), at, 3).await.unwrap();
        new.fail_next_read(Failure::NoSpace);
        let why = other.check().await.unwrap_err();
        assert!(why.to_string().contains("whether it still holds the records is not known"), "{why}");
        assert!(other.check().await.is_ok());
    }

    #[tokio::test]
    async fn a_changed_value_is_seen_although_no_key_is_more_or_less() {
        let new = filled(3);
        let reader = new.reader();
        let at = reader.status().await.unwrap().revision;
        let other = Unchanged::since(reader, scope().range(), at, 3).await.unwrap();
        assert!(other.check().await.is_ok());
        new.seed().put(key(1).as_bytes(), b"{}{}");
        assert!(other.check().await.unwrap_err().to_string().contains(&key(1)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_watch_that_does_not_say_that_it_has_brought_everything_stops_it() {
        let new = filled(3);
        let reader = new.reader();
        let at = reader.status().await.unwrap().revision;
        let other = Unchanged::since(reader, scope().range(), at, 3).await.unwrap();
        new.watches_suffer(Some(WatchFault::Silent));
        new.seed().put(key(1).as_bytes(), b"{}{}");
        let why = other.check().await.unwrap_err().to_string();
        assert!(why.contains("whether it still holds the records is not known"), "{why}");
    }

    #[tokio::test]
    async fn what_was_compacted_since_it_was_read_cannot_be_watched() {
        let new = filled(3);
        let reader = new.reader();
        let at = reader.status().await.unwrap().revision;
        new.seed().put(key(1).as_bytes(), b"{}{}");
        new.seed().compact(new.seed().put(key(1).as_bytes(), b"{}"));
        let why = Unchanged::since(reader, scope().range(), at, 3).await.unwrap_err();
        assert_eq!(why, Failure::Compacted { asked: Revision(at.0 + 1) });
    }
}
