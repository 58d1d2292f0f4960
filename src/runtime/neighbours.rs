//! Census of everybody's keys, beside the loop: their number, who has lost some, and whether etcd still has an
//! earlier state. It counts keys, and can do nothing else.
use crate::{
    app::{CountCheck, Msg, Noticed, RevisionCheck},
    counts::{Holder, Loss, is_loss},
    failure::Failure,
    keys::{Revision, Scope},
    known_clusters::KeptCounts,
    ops::{count_everybody, count_holder},
    plan::{ChangeTally, Outcome},
    store::{ForeignCounts, Reader},
};
use jiff::Timestamp;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep},
};
use tokio_util::task::AbortOnDropHandle;

/// The shortest pause between two looks, and the factor for the duration of the last look: the looks take at most a
/// fiftieth of a member's time.
const LEAST: Duration = Duration::from_secs(10);
const TIMES: u32 = 50;
/// The pause if nothing beside the scope may be counted, or if nobody answers.
const SELDOM: Duration = Duration::from_secs(60);
/// The counts are written to disk this often while nothing happens: each time flushes the disk.
const WRITTEN: Duration = Duration::from_secs(60);

/// Task that looks. It ends with the deck.
#[derive(Debug)]
pub(super) struct NeighbourWatch {
    wanted: watch::Sender<NeighbourRequests>,
    own: OwnChanges,
    _task: AbortOnDropHandle<()>,
}

#[derive(Clone, Debug, Default)]
struct NeighbourRequests {
    /// The number of looks that were asked for.
    looks: u64,
    /// The number of times that the credential's power was asked for.
    powers: u64,
    /// The number of times that somebody accepted the losses.
    accepted: u64,
    /// The revision before an accident.
    before: Option<Revision>,
}

/// Changes of this session itself: they are no loss, and nothing is looked at meanwhile.
#[derive(Clone, Debug)]
pub(super) struct OwnChanges {
    kept: Arc<Mutex<KeptCounts>>,
    scope: Holder,
    begun: Arc<AtomicU64>,
    ended: Arc<AtomicU64>,
    wanted: watch::Sender<NeighbourRequests>,
}

impl OwnChanges {
    pub(super) fn begin(&self) {
        self.begun.fetch_add(1, Ordering::SeqCst);
    }

    /// Ends a change, and asks for a new count of everybody's keys.
    pub(super) fn end(&self, tally: ChangeTally, outcome: &Outcome) {
        if let Some(changed) = tally.came_and_went(outcome) {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = kept.own_change(&self.scope, changed, Timestamp::now()) {
                tracing::warn!(%error, "the counts were not kept");
            }
        }
        self.ended.fetch_add(1, Ordering::SeqCst);
        self.wanted.send_modify(|wanted| wanted.looks += 1);
    }

    /// Returns the number of changes so far; `None` while one is under way.
    fn at_rest(&self) -> Option<u64> {
        let ended = self.ended.load(Ordering::SeqCst);
        (self.begun.load(Ordering::SeqCst) == ended).then_some(ended)
    }
}

impl NeighbourWatch {
    pub(super) fn start<C: ForeignCounts, R: Reader>(
        counts: C,
        reader: R,
        scope: Scope,
        kept: KeptCounts,
        msgs: mpsc::Sender<Msg>,
    ) -> Self {
        let (wanted, orders) =
            watch::channel(NeighbourRequests { powers: 1, ..NeighbourRequests::default() });
        let own = OwnChanges {
            kept: Arc::new(Mutex::new(kept)),
            scope: Holder::scope(&scope),
            begun: Arc::default(),
            ended: Arc::default(),
            wanted: wanted.clone(),
        };
        let looking =
            NeighbourLooks { counts, scope, own: own.clone(), lost: vec![], is_first: true, written: None };
        let task = tokio::spawn(looking.run(reader, orders, msgs));
        Self { wanted, own, _task: AbortOnDropHandle::new(task) }
    }

    pub(super) fn own(&self) -> OwnChanges {
        self.own.clone()
    }

    /// Looks at once, and checks from now on whether etcd still has this revision.
    pub(super) fn look(&self, before: Option<Revision>) {
        self.wanted.send_modify(|wanted| {
            wanted.looks += 1;
            wanted.before = before;
        });
    }

    /// Looks at once, and asks for the credential's power too.
    pub(super) fn look_anew(&self) {
        self.wanted.send_modify(|wanted| {
            wanted.looks += 1;
            wanted.powers += 1;
        });
    }

    /// Accepts the losses.
    pub(super) fn accept(&self, accepted: u64) {
        self.wanted.send_modify(|wanted| wanted.accepted = accepted);
    }
}

struct NeighbourLooks<C> {
    counts: C,
    scope: Scope,
    own: OwnChanges,
    /// The losses of the last look, with the revision before each.
    lost: Vec<Noticed>,
    is_first: bool,
    written: Option<Instant>,
}

impl<C: ForeignCounts> NeighbourLooks<C> {
    async fn run<R: Reader>(
        mut self,
        reader: R,
        mut orders: watch::Receiver<NeighbourRequests>,
        msgs: mpsc::Sender<Msg>,
    ) {
        let mut last = NeighbourRequests::default();
        let mut judged: Option<Instant> = None;
        loop {
            let wanted = orders.borrow_and_update().clone();
            let accepts = wanted.accepted > last.accepted;
            // Others turn authentication on, and grant and revoke, while a deck is open.
            let asks = wanted.powers > last.powers || judged.is_none_or(|judged| judged.elapsed() >= SELDOM);
            let looked = async { self.look(&wanted, accepts).await };
            let (looked, power) =
                tokio::join!(looked, async { if asks { Some(reader.power().await) } else { None } });
            if let Some(power) = power {
                judged = Some(Instant::now());
                // Nobody waits any more when the deck is closed.
                let _ = msgs.send(Msg::Power(power)).await;
            }
            let rest = match looked {
                // A change of this session is under way; its end asks for a look.
                Ok(None) => SELDOM,
                Ok(Some(looked)) => {
                    let rest = if looked.census.looks_beside() {
                        LEAST.max(looked.census.took.saturating_mul(TIMES))
                    } else {
                        SELDOM
                    };
                    if msgs.send(Msg::Looked(Box::new(looked))).await.is_err() {
                        return;
                    }
                    rest
                }
                Err(failure) => {
                    tracing::debug!(%failure, "everybody's keys were not counted");
                    SELDOM
                }
            };
            last = wanted;
            tokio::select! {
                () = sleep(rest) => {}
                changed = orders.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Returns `None` if a change of this session is under way, or was meanwhile: its deletions would count as
    /// others'.
    async fn look(
        &mut self,
        wanted: &NeighbourRequests,
        accepts: bool,
    ) -> Result<Option<CountCheck>, Failure> {
        let Some(own) = self.own.at_rest() else { return Ok(None) };
        let census = count_everybody(&self.counts, &self.scope).await?;
        let (news, pending) = {
            let mut kept = self.own.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if self.own.at_rest() != Some(own) {
                return Ok(None);
            }
            let news = kept.look(&census.counts);
            if accepts {
                kept.accept(Timestamp::now());
            }
            (news, kept.losses())
        };
        let is_news = !news.is_empty() || (self.is_first && !pending.is_empty());
        let is_over = pending.len() < self.lost.len();
        let is_due = self.written.is_none_or(|written| written.elapsed() >= WRITTEN);
        if is_news || is_over || accepts || is_due {
            self.keep().await;
        }
        self.is_first = false;
        self.lost = self.with_revisions(pending).await;
        let before = self.lost.iter().filter_map(|noticed| noticed.before).chain(wanted.before).min();
        let standing = match before {
            Some(before) => self.standing(before).await,
            None => None,
        };
        let losses = self.lost.clone();
        Ok(Some(CountCheck { census, losses, is_news, standing, accepted: wanted.accepted }))
    }

    async fn keep(&mut self) {
        self.written = Some(Instant::now());
        let kept = Arc::clone(&self.own.kept);
        let written =
            tokio::task::spawn_blocking(move || kept.lock().unwrap_or_else(PoisonError::into_inner).keep());
        if let Ok(Err(error)) = written.await {
            tracing::warn!(%error, "the counts were not kept");
        }
    }

    /// Adds the revision before each loss, which is looked for once.
    async fn with_revisions(&self, losses: Vec<Loss>) -> Vec<Noticed> {
        let mut noticed = Vec::new();
        for loss in losses {
            let known = self.lost.iter().find(|is| is.loss.whose == loss.whose && is.loss.then == loss.then);
            let before = match known {
                Some(known) => known.before,
                None => self.revision_before(&loss).await,
            };
            noticed.push(Noticed { loss, before });
        }
        noticed
    }

    /// Returns the last revision that has the lost keys, as far as etcd can tell. It counts at revisions in between.
    async fn revision_before(&self, loss: &Loss) -> Option<Revision> {
        let (mut has, mut lacks) = (loss.then.revision.0, loss.now.revision.0);
        if has >= lacks {
            // etcd was put back to an earlier state: its revisions have another meaning now.
            return None;
        }
        while lacks - has > 1 {
            let middle = has + (lacks - has) / 2;
            match count_holder(&self.counts, &self.scope, &loss.whose, Revision(middle)).await {
                Ok(keys) if is_loss(&loss.whose, loss.then.keys, keys) => lacks = middle,
                // A compacted revision is older than the one that is looked for, or nobody can tell it.
                Ok(_) | Err(Failure::Compacted { .. }) => has = middle,
                Err(_) => return Some(Revision(has)),
            }
        }
        Some(Revision(has))
    }

    /// Tells whether etcd still has that revision, by a count of the scope there.
    async fn standing(&self, revision: Revision) -> Option<RevisionCheck> {
        let scope = Holder::scope(&self.scope);
        let is_there = match count_holder(&self.counts, &self.scope, &scope, revision).await {
            Ok(_) => true,
            Err(Failure::Compacted { .. }) => false,
            // Nobody knows.
            Err(_) => return None,
        };
        Some(RevisionCheck { revision, is_there, at: Timestamp::now() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        keys::{ClusterId, ForeignRange},
        power::{Authentication, Extent, Power},
        store::{CountAt, memory::Memory},
    };
    use std::path::Path;

    const CLUSTER: ClusterId = ClusterId(7);

    fn scope() -> Scope {
        Scope::parse("/coredns").unwrap()
    }

    /// Counts that each take so long.
    #[derive(Clone)]
    struct Slow<C>(C, Duration, Arc<AtomicU64>);

    impl<C: ForeignCounts> ForeignCounts for Slow<C> {
        async fn count_foreign(
            &self,
            range: &ForeignRange,
            at: Option<Revision>,
        ) -> Result<CountAt, Failure> {
            self.2.fetch_add(1, Ordering::SeqCst);
            sleep(self.1).await;
            self.0.count_foreign(range, at).await
        }

        fn possibly_stale(&self) -> Self {
            self.clone()
        }

        fn is_possibly_stale(&self) -> bool {
            false
        }
    }

    /// Store with records and a Kubernetes, and the task beside it.
    struct Scene {
        store: Memory,
        around: NeighbourWatch,
        replies: mpsc::Receiver<Msg>,
        asked: Arc<AtomicU64>,
    }

    fn store() -> Memory {
        let store = Memory::new(&scope());
        for number in 0..9 {
            store.seed().put(format!("/coredns/io/gcr/x{number}"), "{}");
            store.seed().put(format!("/registry/pods/{number}"), "{}");
        }
        store
    }

    impl Scene {
        fn of(store: &Memory, kept: KeptCounts, takes: Duration) -> Self {
            let (msgs, replies) = mpsc::channel(64);
            let asked = Arc::new(AtomicU64::new(0));
            let counts = Slow(store.counts(), takes, Arc::clone(&asked));
            let around = NeighbourWatch::start(counts, store.reader(), scope(), kept, msgs);
            Self { store: store.clone(), around, replies, asked }
        }

        fn new() -> Self {
            Self::of(&store(), KeptCounts::in_memory(CLUSTER), Duration::ZERO)
        }

        async fn looked(&mut self) -> CountCheck {
            loop {
                if let Msg::Looked(looked) = self.replies.recv().await.unwrap() {
                    return *looked;
                }
            }
        }

        fn delete(&self, prefix: &str) {
            for number in 0..9 {
                self.store.seed().delete(format!("{prefix}{number}"));
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_takes_no_more_than_a_fiftieth_of_the_time_and_comes_every_ten_seconds_where_it_is_cheap()
    {
        for takes in [Duration::ZERO, Duration::from_millis(10), Duration::from_millis(200)] {
            let mut scene = Scene::of(&store(), KeptCounts::in_memory(CLUSTER), takes);
            let took = scene.looked().await.census.took;
            let began = Instant::now();
            scene.looked().await;
            let rest = began.elapsed().saturating_sub(took);
            assert!(rest >= took * TIMES && rest >= LEAST, "{rest:?} after {took:?}");
            if takes.is_zero() {
                assert!(rest <= Duration::from_secs(15), "{rest:?}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_credential_may_do_is_looked_at_again_while_nobody_asks_for_it() {
        let mut scene = Scene::new();
        let told = async |scene: &mut Scene| loop {
            if let Msg::Power(power) = scene.replies.recv().await.unwrap() {
                return power;
            }
        };
        let first = told(&mut scene).await;
        // Somebody has turned authentication off.
        let other = Power { authentication: Authentication::Off, reach: Extent::Everything, ..first.clone() };
        assert_ne!(first, other);
        scene.store.set_power(other.clone());
        let began = Instant::now();
        assert_eq!(told(&mut scene).await, other);
        assert!(began.elapsed() <= SELDOM + LEAST * 2, "{:?}", began.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_cluster_that_does_not_answer_is_asked_once_a_minute() {
        let scene = Scene::new();
        scene.store.fail_everything(Failure::NoSpace);
        sleep(Duration::from_secs(600)).await;
        let asked = scene.asked.load(Ordering::SeqCst);
        assert!(asked <= 40, "{asked} requests in ten minutes");
    }

    #[tokio::test(start_paused = true)]
    async fn the_revision_before_a_loss_is_found_by_counting_and_looked_after() {
        let mut scene = Scene::new();
        let seen = scene.looked().await.census.counts.revision;
        // Others write before the deletion and after it.
        for _ in 0..40 {
            scene.store.seed().put("/somebody/x", "{}");
        }
        let before = Revision(seen.0 + 40);
        scene.delete("/registry/pods/");
        for _ in 0..40 {
            scene.store.seed().put("/somebody/x", "{}");
        }
        let looked = scene.looked().await;
        let [noticed] = &looked.losses[..] else { panic!("{looked:?}") };
        // A third of nine is three: the second deletion makes no loss yet.
        assert_eq!((noticed.before, looked.is_news), (Some(Revision(before.0 + 2)), true));
        let standing = looked.standing.unwrap();
        assert_eq!((Some(standing.revision), standing.is_there), (noticed.before, true));
        scene.store.seed().compact(Revision(before.0 + 20));
        let looked = scene.looked().await;
        assert_eq!((looked.standing.unwrap().is_there, looked.is_news), (false, false));
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_looked_at_while_this_session_changes_something_and_its_end_asks_for_a_look() {
        let mut scene = Scene::new();
        scene.looked().await;
        let own = scene.around.own();
        own.begin();
        scene.delete("/coredns/io/gcr/x");
        scene.around.look(None);
        sleep(Duration::from_secs(30)).await;
        assert!(scene.replies.try_recv().is_err(), "its own deletions would pass for others'");
        let began = Instant::now();
        own.end(
            ChangeTally { deletes: 9, ..ChangeTally::default() },
            &Outcome::Done { changed: 9, revision: Revision(9) },
        );
        let looked = scene.looked().await;
        assert_eq!((looked.census.in_scope, looked.losses.len()), (0, 0));
        assert!(began.elapsed() < Duration::from_secs(1), "at once");
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_session_has_not_made_is_lost_whatever_its_plan_was() {
        let mut scene = Scene::new();
        scene.looked().await;
        let own = scene.around.own();
        own.begin();
        scene.delete("/coredns/io/gcr/x");
        let why = Failure::Other { detail: "refused".into() };
        own.end(ChangeTally { deletes: 9, ..ChangeTally::default() }, &Outcome::NothingChanged { why });
        assert_eq!(scene.looked().await.losses.len(), 1);
    }

    fn kept(state: &Path) -> KeptCounts {
        KeptCounts::load(state, CLUSTER).unwrap()
    }

    #[tokio::test]
    async fn the_next_session_knows_of_a_loss_until_somebody_is_content() {
        let state = tempfile::tempdir().unwrap();
        let store = store();
        let mut first = Scene::of(&store, kept(state.path()), Duration::ZERO);
        first.looked().await;
        drop(first.around);
        first.store.seed().delete("/registry/pods/0");
        for number in 1..9 {
            store.seed().delete(format!("/registry/pods/{number}"));
        }
        for _ in 0..2 {
            let mut next = Scene::of(&store, kept(state.path()), Duration::ZERO);
            let looked = next.looked().await;
            assert!(looked.is_news && looked.losses.len() == 1, "{looked:?}");
            next.around.look(None);
            assert!(!next.looked().await.is_news, "it is told once in a session");
        }
        let mut third = Scene::of(&store, kept(state.path()), Duration::ZERO);
        third.looked().await;
        third.around.accept(1);
        let looked = third.looked().await;
        assert_eq!((looked.accepted, looked.losses.len()), (1, 0));
        assert_eq!(kept(state.path()).losses(), []);
    }
}
