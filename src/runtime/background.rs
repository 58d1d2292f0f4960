//! Work with `CoreDNS`'s rules, beside the loop. Of each kind of question one is worked out at a time: a newer one
//! stops an older one, and nobody waits for the older answer any more.
use crate::{
    app::{
        Msg, RequestId,
        rules::{Answered, KnownImpact, Linting, Snapshot, TypedFindings, TypedRecord},
    },
    bulk::{BulkEdit, BulkError},
    dns::Name,
    index::Records,
    plan::{Intent, Plan},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep},
};

/// The shortest pause between two looks at all records, also in durations of the last look: a busy scope keeps one
/// core busy for a fifth of the time.
const PAUSE: (Duration, u32) = (Duration::from_millis(250), 4);

#[derive(Debug)]
pub(super) struct Background {
    msgs: mpsc::Sender<Msg>,
    answer: StopSwitch,
    foresee: StopSwitch,
    typed: StopSwitch,
    work: StopSwitch,
    lint: StopSwitch,
    /// The next look.
    looks: watch::Sender<Option<(RequestId, Box<Snapshot>)>>,
}

/// Switch that stops the work on a question.
#[derive(Debug, Default)]
struct StopSwitch(Arc<AtomicBool>);

impl StopSwitch {
    fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Stops the work before, and returns the switch for the next.
    fn renew(&mut self) -> Arc<AtomicBool> {
        self.stop();
        *self = Self::default();
        Arc::clone(&self.0)
    }
}

impl Background {
    pub(super) fn new(msgs: mpsc::Sender<Msg>) -> Self {
        let (looks, wanted) = watch::channel(None);
        let lint = StopSwitch::default();
        tokio::spawn(look_at_all(wanted, Arc::clone(&lint.0), msgs.clone()));
        Self {
            msgs,
            answer: StopSwitch::default(),
            foresee: StopSwitch::default(),
            typed: StopSwitch::default(),
            work: StopSwitch::default(),
            lint,
            looks,
        }
    }

    pub(super) fn answer(&mut self, request: RequestId, snapshot: Box<Snapshot>, name: Name) {
        let stop = self.answer.renew();
        self.think(move || {
            let answered = Answered::of(&snapshot, &name, &stop)?;
            Some(Msg::Answered(request, Box::new(answered)))
        });
    }

    pub(super) fn foresee(
        &mut self,
        request: RequestId,
        snapshot: Box<Snapshot>,
        intent: Intent,
        plan: Arc<Plan>,
    ) {
        let stop = self.foresee.renew();
        self.think(move || {
            let foreseen = KnownImpact::of(&snapshot, (&intent, &plan), &stop)?;
            Some(Msg::Foreseen(request, Arc::new(foreseen)))
        });
    }

    pub(super) fn lint_typed(&mut self, request: RequestId, snapshot: Box<Snapshot>, entry: TypedRecord) {
        let stop = self.typed.renew();
        self.think(move || {
            let findings = TypedFindings::look(&snapshot, &entry, &stop)?;
            Some(Msg::LintedTyped(request, findings))
        });
    }

    pub(super) fn work(&mut self, request: RequestId, order: Box<BulkEdit>, records: Records) {
        let stop = self.work.renew();
        self.think(move || match order.work(&records, &stop) {
            // Nobody waits for the answer any more.
            Err(BulkError::Stopped) => None,
            worked => Some(Msg::Worked(request, worked)),
        });
    }

    /// Looks at all records, in place of any look that has not begun yet.
    pub(super) fn lint(&self, request: RequestId, snapshot: Box<Snapshot>) {
        self.looks.send_replace(Some((request, snapshot)));
    }

    /// Stops all work, because nobody waits for it any more.
    pub(super) fn stop(&self) {
        for slot in [&self.answer, &self.foresee, &self.typed, &self.work, &self.lint] {
            slot.stop();
        }
    }

    fn think(&self, work: impl FnOnce() -> Option<Msg> + Send + 'static) {
        let msgs = self.msgs.clone();
        tokio::task::spawn_blocking(move || {
            if let Some(msg) = work() {
                // Nobody waits any more when the deck is closed.
                let _ = msgs.blocking_send(msg);
            }
        });
    }
}

/// Looks at all records each time that it is asked to, one look after the other and with a pause between them. The
/// loop wakes only when there are findings.
async fn look_at_all(
    mut wanted: watch::Receiver<Option<(RequestId, Box<Snapshot>)>>,
    stop: Arc<AtomicBool>,
    msgs: mpsc::Sender<Msg>,
) {
    // The task ends with the deck.
    while wanted.changed().await.is_ok() {
        let Some((request, snapshot)) = wanted.borrow_and_update().clone() else { continue };
        let (began, stop) = (Instant::now(), Arc::clone(&stop));
        let look = tokio::task::spawn_blocking(move || Linting::look(&snapshot, &stop));
        let Ok(Some(findings)) = look.await else { continue };
        if msgs.send(Msg::Linted(request, Arc::new(findings))).await.is_err() {
            return;
        }
        sleep((began.elapsed() * PAUSE.1).max(PAUSE.0)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        dns::{Serving, lint::Circumstances},
        index::Index,
        keys::Scope,
    };
    use std::collections::HashMap;

    fn snapshot() -> Box<Snapshot> {
        let scope = Scope::parse("/coredns").unwrap();
        let records = Index::new(scope.clone()).records().clone();
        Box::new(Snapshot {
            records,
            serving: Serving::new(scope, vec![]),
            every_top: true,
            circumstances: Circumstances::default(),
            leases: HashMap::new(),
        })
    }

    #[tokio::test]
    async fn a_newer_question_stops_the_one_before_and_no_other() {
        let (msgs, _replies) = mpsc::channel(8);
        let mut thinking = Background::new(msgs);
        let (first, other) = (Arc::clone(&thinking.answer.0), Arc::clone(&thinking.foresee.0));
        thinking.answer(RequestId(1), snapshot(), Name::parse("gcr.io").unwrap());
        let second = Arc::clone(&thinking.answer.0);
        thinking.answer(RequestId(2), snapshot(), Name::parse("gcr.io").unwrap());
        assert!(first.load(Ordering::Relaxed) && second.load(Ordering::Relaxed));
        assert!(!thinking.answer.0.load(Ordering::Relaxed) && !other.load(Ordering::Relaxed));
    }

    #[tokio::test(start_paused = true)]
    async fn all_records_are_looked_at_as_often_as_asked_but_with_a_pause() {
        let (msgs, mut replies) = mpsc::channel(8);
        let thinking = Background::new(msgs);
        let began = Instant::now();
        for request in 1..=3 {
            thinking.lint(RequestId(request), snapshot());
            let Some(Msg::Linted(told, findings)) = replies.recv().await else { panic!("no findings") };
            assert_eq!((told, findings.list.len()), (RequestId(request), 0));
        }
        assert!(began.elapsed() >= 2 * PAUSE.0, "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn a_closed_deck_leaves_nobody_thinking() {
        let (msgs, _replies) = mpsc::channel(8);
        let thinking = Background::new(msgs);
        thinking.stop();
        for slot in [&thinking.answer, &thinking.foresee, &thinking.typed, &thinking.lint] {
            assert!(slot.0.load(Ordering::Relaxed));
        }
    }
}
