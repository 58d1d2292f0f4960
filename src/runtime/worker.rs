//! Worker that carries out tasks. Reads run side by side; changes are made one plan at a time, in order, and are
//! never cut off half-way.
use super::{
    background::Background,
    backups::Backups,
    counting::Counting,
    feed::FeedTask,
    health_poll::HealthPoll,
    history_worker::HistoryWorker,
    neighbours::{NeighbourWatch, OwnChanges},
    recovering::{Job, Recovering},
    rescuing::Rescue,
    rescuing_all::RescuingAll,
    serving, verifying,
};
use crate::{
    app::{Applied, FormerCluster, Msg, RequestId, WorkerTask},
    dns::Name,
    failure::Failure,
    index::{Needle, Records, SearchResult},
    journal::Ledger,
    keys::{ClusterId, Scope},
    known_clusters::KnownCluster,
    ops::{carry_out, prepare},
    plan::{Confirmed, Journal, Outcome},
    session::ClusterPin,
    store::{Reader, Writer},
};
use jiff::Timestamp;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{sync::mpsc, task::JoinHandle};

/// The most matches that can be stepped through. The number of all of them is known beyond that.
const MOST_MATCHES: usize = 10_000;

#[derive(Debug)]
pub(super) struct Worker<R> {
    reader: R,
    scope: Scope,
    zones: Vec<Name>,
    rescue: Rescue,
    feed: FeedTask,
    checking: HealthPoll,
    counting: Counting,
    around: NeighbourWatch,
    recovering: Recovering,
    rescuing_all: RescuingAll,
    backups: Backups,
    acquaintance: Option<ClusterPin>,
    msgs: mpsc::Sender<Msg>,
    changes: mpsc::Sender<(RequestId, Confirmed)>,
    changing: JoinHandle<()>,
    thinking: Background,
    past: HistoryWorker<R>,
    /// The switch that stops the search under way.
    stop_search: Arc<AtomicBool>,
    /// The task that asks servers after a change.
    asking_after: Option<JoinHandle<()>>,
}

impl<R: Reader> Worker<R> {
    pub(super) fn start<W, J>(
        reader: R,
        writer: Option<W>,
        (journal, ledger): (J, Ledger),
        zones: Vec<Name>,
        (feed, counting, around, recovering): (FeedTask, Counting, NeighbourWatch, Recovering),
        (backups, rescue, rescuing_all, acquaintance): (Backups, Rescue, RescuingAll, Option<ClusterPin>),
        msgs: mpsc::Sender<Msg>,
    ) -> Self
    where
        W: Writer,
        J: Journal + Send + 'static,
    {
        let (changes, queue) = mpsc::channel(1);
        let doors = (reader.clone(), writer, around.own());
        let changing = tokio::spawn(make_changes(doors, journal, queue, msgs.clone()));
        let worker = Self {
            reader: reader.clone(),
            checking: HealthPoll::start(reader.clone(), msgs.clone()),
            past: HistoryWorker::new(reader, ledger, backups.scope.clone(), msgs.clone()),
            scope: backups.scope.clone(),
            zones,
            rescue,
            feed,
            counting,
            around,
            recovering,
            rescuing_all,
            backups,
            acquaintance,
            thinking: Background::new(msgs.clone()),
            msgs,
            changes,
            changing,
            stop_search: Arc::new(AtomicBool::new(false)),
            asking_after: None,
        };
        worker.past.look_for_broken_off(worker.backups.cluster);
        worker
    }

    /// Starts the work that a task asks for, and returns at once.
    pub(super) fn perform(&mut self, task: WorkerTask) {
        let (reader, msgs) = (self.reader.clone(), self.msgs.clone());
        match task {
            WorkerTask::Plan(request, intent) => {
                let (scope, zones) = (self.scope.clone(), self.zones.clone());
                tokio::spawn(async move {
                    let planned = prepare(&reader, &scope, &zones, intent).await;
                    // Nobody waits any more when the deck is closed.
                    let _ = msgs.send(Msg::Planned(request, planned)).await;
                });
            }
            WorkerTask::Apply(request, confirmed) => {
                // One plan is made at a time, and the deck waits for it before it offers another.
                if let Err(error) = self.changes.try_send((request, confirmed)) {
                    tracing::error!(%error, "a change was refused by its queue");
                    let why = Failure::Other { detail: "another change is still being made".to_owned() };
                    let outcome = Outcome::NothingChanged { why };
                    self.reply(Msg::Applied(
                        request,
                        Applied { outcome, entry: None, journal_trouble: None },
                    ));
                }
            }
            WorkerTask::Rescue(request, at, lost) => {
                let rescue = self.rescue.clone();
                tokio::spawn(async move {
                    let saved = rescue.save(&reader, at, *lost).await;
                    let _ = msgs.send(Msg::Rescued(request, saved)).await;
                });
            }
            WorkerTask::RescueAll(request, at) => self.rescuing_all.save(request, at),
            WorkerTask::LookAround(before) => self.around.look(before),
            WorkerTask::AcceptLosses(accepted) => self.around.accept(accepted),
            WorkerTask::Work(request, order, records) => self.thinking.work(request, order, records),
            WorkerTask::Find(request, records, text) => self.find(request, records, &text),
            WorkerTask::Lease(request, lease) => {
                tokio::spawn(async move {
                    let left = reader.lease(lease).await;
                    let _ = msgs.send(Msg::Lease(request, lease, left, Timestamp::now())).await;
                });
            }
            WorkerTask::Answer(request, snapshot, name) => self.thinking.answer(request, snapshot, name),
            WorkerTask::Foresee(request, snapshot, intent, plan) => {
                self.thinking.foresee(request, snapshot, intent, plan);
            }
            WorkerTask::Lint(request, snapshot) => self.thinking.lint(request, snapshot),
            WorkerTask::LintTyped(request, snapshot, entry) => {
                self.thinking.lint_typed(request, snapshot, entry);
            }
            WorkerTask::Verify(request, snapshot, name, servers) => {
                tokio::spawn(verifying::ask(request, snapshot, name, servers, msgs));
            }
            WorkerTask::AskAfter(request, impact, servers) => {
                // Only the effect of the last change is asked for.
                let asking = tokio::spawn(serving::ask(request, impact, servers, msgs));
                if let Some(before) = self.asking_after.replace(asking) {
                    before.abort();
                }
            }
            WorkerTask::Backup => {
                tokio::spawn(self.backups.clone().make(reader, msgs));
            }
            WorkerTask::LookForBackup(request) => self.backups.look(request, msgs),
            WorkerTask::LookForLosses(request) => self.recovering.ask(Job::Losses(request)),
            WorkerTask::Saved(request, reach, records) => {
                self.recovering.ask(Job::Saved(request, reach, records));
            }
            WorkerTask::Restore(request, place, reach) => {
                self.recovering.ask(Job::Restore(request, place, reach));
            }
            WorkerTask::Remember { cluster, label, members } => self.remember((cluster, members), label),
            WorkerTask::Journal(request) => self.past.journal(request),
            WorkerTask::Entry(request, entry) => self.past.entry(request, entry),
            WorkerTask::LookBack(request, entry) => self.past.look_back(request, entry),
            WorkerTask::History(request, reach) => self.past.history(request, reach),
            WorkerTask::PutBack(request, reach, at, was) => self.past.put_back(request, reach, at, was),
            WorkerTask::Leases(request, leases) => self.past.leases(request, leases),
            WorkerTask::AsOf(request, revision) => self.past.as_of(request, revision),
            WorkerTask::Prefer(range) => self.feed.prefer(range),
            WorkerTask::Count(request, lines) => self.counting.count(request, lines),
            WorkerTask::CountNoMore => self.counting.stop(),
            WorkerTask::CheckHealth => self.checking.check(),
            WorkerTask::ReadAgain => {
                self.feed.read_again();
                self.around.look_anew();
            }
            WorkerTask::Compare(shown) => self.feed.compare(shown),
        }
    }

    /// Sets the time that a picture of the cluster is good for.
    pub(super) fn health_lasts(&self, lasts: Duration) {
        self.checking.lasts(lasts);
    }

    fn remember(&self, (cluster, members): (ClusterId, Vec<String>), label: String) {
        let Some(ClusterPin { clusters, name }) = self.acquaintance.clone() else { return };
        let msgs = self.msgs.clone();
        tokio::task::spawn_blocking(move || {
            let known = KnownCluster { name, cluster, label, since: Timestamp::now(), members };
            let written = clusters.remember(&known).map_err(|error| {
                format!("{} cannot be written: {error}", clusters.path(&known.name).display())
            });
            let _ = msgs.blocking_send(Msg::Remembered(written.map(|()| FormerCluster {
                cluster: known.cluster,
                label: known.label,
                since: known.since,
            })));
        });
    }

    /// Sends a message to the deck without waiting for it.
    pub(super) fn reply(&self, msg: Msg) {
        let msgs = self.msgs.clone();
        tokio::spawn(async move {
            let _ = msgs.send(msg).await;
        });
    }

    /// Waits until the change under way is made and journalled.
    pub(super) async fn finish(self) {
        let Self { changes, changing, msgs, thinking, asking_after, .. } = self;
        if let Some(asking) = asking_after {
            asking.abort();
        }
        thinking.stop();
        drop(thinking);
        drop(changes);
        drop(msgs);
        if let Err(error) = changing.await {
            tracing::error!(%error, "the task that makes changes has failed");
        }
    }

    fn find(&mut self, request: RequestId, records: Records, text: &str) {
        self.stop_search.store(true, Ordering::Relaxed);
        let Some(needle) = Needle::new(text) else {
            return self.reply(Msg::Found(request, SearchResult::default()));
        };
        let stop = Arc::new(AtomicBool::new(false));
        self.stop_search = Arc::clone(&stop);
        let msgs = self.msgs.clone();
        tokio::task::spawn_blocking(move || {
            if let Some(found) = needle.search(&records, MOST_MATCHES, &stop) {
                let _ = msgs.blocking_send(Msg::Found(request, found));
            }
        });
    }
}

async fn make_changes<R: Reader, W: Writer, J: Journal>(
    (reader, writer, own): (R, Option<W>, OwnChanges),
    mut journal: J,
    mut queue: mpsc::Receiver<(RequestId, Confirmed)>,
    msgs: mpsc::Sender<Msg>,
) {
    while let Some((request, confirmed)) = queue.recv().await {
        let Some(writer) = &writer else {
            let why = "it was opened without a writer".to_owned();
            let why = Failure::ReadOnly { why, remedy: "Open another one.".to_owned() };
            let outcome = Outcome::NothingChanged { why };
            let refused = Applied { outcome, entry: None, journal_trouble: None };
            let _ = msgs.send(Msg::Applied(request, refused)).await;
            continue;
        };
        let progress = |done| {
            // If a report finds the queue full, a later one follows.
            let _ = msgs.try_send(Msg::Progress(request, done));
        };
        let tally = confirmed.plan().tally();
        own.begin();
        let report = carry_out(confirmed, &mut journal, writer, &reader, progress).await;
        own.end(tally, &report.outcome);
        let applied = Applied {
            outcome: report.outcome,
            entry: report.entry.map(|entry| entry.0),
            journal_trouble: report.journal_trouble,
        };
        // If the deck is gone, the journal has the outcome; the other changes of the queue are still made.
        let _ = msgs.send(Msg::Applied(request, applied)).await;
    }
}
