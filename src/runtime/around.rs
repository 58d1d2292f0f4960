//! Looks at everybody's keys beside the loop: how many there are, who has lost some, and whether etcd still has what was
//! there before. It counts, and can do nothing else.
use crate::{
    app::{Looked, Msg, Noticed, Standing},
    counts::{Holder, Loss, is_loss},
    failure::Failure,
    keys::{Revision, Scope},
    known_clusters::KeptCounts,
    plan::{Outcome, Tally},
    store::{ForeignCounts, Reader, count_everybody, count_holder},
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

/// Between two looks at least, and this many times what the last one took: no more than a fiftieth of a member's time.
const LEAST: Duration = Duration::from_secs(10);
const TIMES: u32 = 50;
/// Where nothing beside the scope may be counted, or nobody answers.
const SELDOM: Duration = Duration::from_secs(60);
/// The counts are written down this often while nothing happens: each time is a flush of the disk.
const WRITTEN: Duration = Duration::from_secs(60);

/// The task that looks. It ends with the deck.
#[derive(Debug)]
pub(super) struct Around {
    wanted: watch::Sender<Wanted>,
    own: OwnChanges,
    _task: AbortOnDropHandle<()>,
}

#[derive(Clone, Debug, Default)]
struct Wanted {
    /// How often somebody has asked for a look.
    looks: u64,
    /// How often what the credential could do was asked for.
    powers: u64,
    /// How often somebody was content with what is lost.
    accepted: u64,
    /// The revision before an accident.
    before: Option<Revision>,
}

/// What this session itself changes: that is no loss, and nothing is looked at meanwhile.
#[derive(Clone, Debug)]
pub(super) struct OwnChanges {
    kept: Arc<Mutex<KeptCounts>>,
    scope: Holder,
    begun: Arc<AtomicU64>,
    ended: Arc<AtomicU64>,
    wanted: watch::Sender<Wanted>,
}

impl OwnChanges {
    pub(super) fn begin(&self) {
        self.begun.fetch_add(1, Ordering::SeqCst);
    }

    /// It has ended, and everybody is counted again.
    pub(super) fn end(&self, tally: Tally, outcome: &Outcome) {
        let changed = match outcome {
            Outcome::NothingChanged { .. } => None,
            Outcome::Done { .. } => Some((tally.deletes as u64, tally.creates as u64)),
            // What may have happened is taken for its own.
            Outcome::Partly { .. } | Outcome::Unknown { .. } => Some((tally.deletes as u64, 0)),
        };
        if let Some(changed) = changed {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = kept.own_change(&self.scope, changed, Timestamp::now()) {
                tracing::warn!(%error, "the counts were not kept");
            }
        }
        self.ended.fetch_add(1, Ordering::SeqCst);
        self.wanted.send_modify(|wanted| wanted.looks += 1);
    }

    /// How many have begun, while none is under way.
    fn at_rest(&self) -> Option<u64> {
        let ended = self.ended.load(Ordering::SeqCst);
        (self.begun.load(Ordering::SeqCst) == ended).then_some(ended)
    }
}

impl Around {
    pub(super) fn start<C: ForeignCounts, R: Reader>(
        counts: C,
        reader: R,
        scope: Scope,
        kept: KeptCounts,
        msgs: mpsc::Sender<Msg>,
    ) -> Self {
        let (wanted, orders) = watch::channel(Wanted { powers: 1, ..Wanted::default() });
        let own = OwnChanges {
            kept: Arc::new(Mutex::new(kept)),
            scope: Holder::scope(&scope),
            begun: Arc::default(),
            ended: Arc::default(),
            wanted: wanted.clone(),
        };
        let looking =
            Looking { counts, scope, own: own.clone(), lost: vec![], is_first: true, written: None };
        let task = tokio::spawn(looking.run(reader, orders, msgs));
        Self { wanted, own, _task: AbortOnDropHandle::new(task) }
    }

    pub(super) fn own(&self) -> OwnChanges {
        self.own.clone()
    }

    /// Looks at once, and from now on whether etcd still has this revision.
    pub(super) fn look(&self, before: Option<Revision>) {
        self.wanted.send_modify(|wanted| {
            wanted.looks += 1;
            wanted.before = before;
        });
    }

    /// Looks at once, at what the credential could do too.
    pub(super) fn look_anew(&self) {
        self.wanted.send_modify(|wanted| {
            wanted.looks += 1;
            wanted.powers += 1;
        });
    }

    /// Somebody is content with what is lost.
    pub(super) fn accept(&self, accepted: u64) {
        self.wanted.send_modify(|wanted| wanted.accepted = accepted);
    }
}

struct Looking<C> {
    counts: C,
    scope: Scope,
    own: OwnChanges,
    /// The losses of the last look, with the revisions before them.
    lost: Vec<Noticed>,
    is_first: bool,
    written: Option<Instant>,
}

impl<C: ForeignCounts> Looking<C> {
    async fn run<R: Reader>(
        mut self,
        reader: R,
        mut orders: watch::Receiver<Wanted>,
        msgs: mpsc::Sender<Msg>,
    ) {
        let mut last = Wanted::default();
        loop {
            let wanted = orders.borrow_and_update().clone();
            let accepts = wanted.accepted > last.accepted;
            let asks = wanted.powers > last.powers;
            let looked = async { self.look(&wanted, accepts).await };
            let (looked, power) =
                tokio::join!(looked, async { if asks { Some(reader.power().await) } else { None } });
            if let Some(power) = power {
                // Nobody waits any more when the deck is closed.
                let _ = msgs.send(Msg::Power(power)).await;
            }
            let rest = match looked {
                // A change of this session is being made; its end asks for a look.
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

    /// `None` while a change of this session is under way, or was in between: its own deletions would pass for others'.
    async fn look(&mut self, wanted: &Wanted, accepts: bool) -> Result<Option<Looked>, Failure> {
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
        Ok(Some(Looked { census, losses, is_news, standing, accepted: wanted.accepted }))
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

    /// The revision before each loss, found once.
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

    /// The last revision that has what was lost, as far as etcd can tell: counted at revisions in between.
    async fn revision_before(&self, loss: &Loss) -> Option<Revision> {
        let (mut has, mut lacks) = (loss.then.revision.0, loss.now.revision.0);
        if has >= lacks {
            // etcd was put back to an earlier state: its revisions are others now.
            return None;
        }
        while lacks - has > 1 {
            let middle = has + (lacks - has) / 2;
            match count_holder(&self.counts, &self.scope, &loss.whose, Revision(middle)).await {
                Ok(keys) if is_loss(&loss.whose, loss.then.keys, keys) => lacks = middle,
                // What is compacted is older than what is looked for, or nobody can tell it.
                Ok(_) | Err(Failure::Compacted { .. }) => has = middle,
                Err(_) => return Some(Revision(has)),
            }
        }
        Some(Revision(has))
    }

    /// Whether etcd still has that revision: a count of the scope there says so.
    async fn standing(&self, revision: Revision) -> Option<Standing> {
        let scope = Holder::scope(&self.scope);
        let is_there = match count_holder(&self.counts, &self.scope, &scope, revision).await {
            Ok(_) => true,
            Err(Failure::Compacted { .. }) => false,
            // Not known.
            Err(_) => return None,
        };
        Some(Standing { revision, is_there, at: Timestamp::now() })
    }
}
