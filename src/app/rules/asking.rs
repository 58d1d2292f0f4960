//! Times at which the rules are asked, and places for their answers.
use super::{AnswerPane, Answered, KnownImpact, Snapshot, TypedRecord};
use crate::{
    app::{Effect, Lease, Liveness, Model, RecordView, RequestId, WorkerTask, overlay::Overlay},
    dns::{LeaseLeft, Name, Serving, ZoneGuess, lint::Finding},
    keys::{LeaseId, ScopedKey},
};
use std::sync::Arc;

impl Model {
    /// The records as they are now.
    pub(in crate::app) fn snapshot(&self) -> Box<Snapshot> {
        let known = |lease: &Lease| match lease {
            Lease::Ends(_, left) => LeaseLeft::Seconds(i64::try_from(left.as_secs()).unwrap_or(i64::MAX)),
            Lease::Gone => LeaseLeft::Gone,
            Lease::Asked(_) | Lease::Unknown(_) => LeaseLeft::Unknown,
        };
        Box::new(Snapshot {
            records: self.index.records().clone(),
            serving: self.session.serving.clone(),
            every_top: self.session.every_top,
            circumstances: self.session.circumstances.clone(),
            leases: self.leases.iter().map(|(id, lease)| (*id, known(lease))).collect(),
        })
    }

    /// Returns a function that tells how the records are served. It may look at all keys, so it runs only on demand.
    pub(in crate::app) fn zones(&self) -> impl FnOnce() -> Serving + use<> {
        let (serving, every_top) = (self.session.serving.clone(), self.session.every_top);
        let records = self.index.records().clone();
        move || if every_top { ZoneGuess::of(&records, records.scope()).served(serving) } else { serving }
    }

    /// The name to ask about: that of the record if it is a host of its own, otherwise the one in the tree.
    #[must_use]
    pub fn asked_name(&self) -> Option<Name> {
        let scope = &self.session.scope;
        let host = self.records.selected().filter(|row| row.leaf != "@" && !row.is_leaf());
        let key = match (self.focus, host) {
            (crate::app::Pane::Tree, _) | (_, None) => self.selected_name()?,
            (_, Some(row)) => row.record.key.clone(),
        };
        Some(Name::of_key(scope, &key))
    }

    /// Shows the answers of `CoreDNS` for any name, be it in the scope or not.
    pub(in crate::app) fn ask_about(&mut self, name: Name) {
        let selected = self.asked_name();
        self.answers.ask_about(name, selected);
        self.show_answers();
    }

    /// Shows the answers of `CoreDNS`. If one pane is shown at a time, it is this one.
    pub(in crate::app) fn show_answers(&mut self) {
        self.record.view = RecordView::Answers;
        self.record.scroll = 0;
        if self.layout().is_some_and(|layout| layout.record.is_empty()) {
            self.focus = crate::app::Pane::Record;
        }
    }

    /// Asks for everything that is shown and not known. Nothing is worked out from a list that is not complete.
    pub(in crate::app) fn ask_the_rules(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        if !matches!(self.feed, Liveness::Loading { .. }) {
            let name = if self.record.view == RecordView::Answers {
                let selected = self.asked_name();
                self.answers.wanted(selected)
            } else {
                None
            };
            let request = self.request();
            if self.answers.turn_to(name, request)
                && let Some(name) = self.answers.name.clone()
            {
                effects.push(Effect::Worker(WorkerTask::Answer(request, self.snapshot(), name)));
            }
            let request = self.request();
            if self.findings.begin(request) {
                effects.push(Effect::Worker(WorkerTask::Lint(request, self.snapshot())));
            }
        }
        effects.extend(self.foresee());
        effects.extend(self.look_at_what_is_typed());
        effects
    }

    /// Has the consequences of an open plan worked out.
    fn foresee(&mut self) -> Option<Effect> {
        let impossible = match self.feed {
            Liveness::Live { .. } => None,
            Liveness::Loading { .. } => Some("the list of records is not complete yet"),
            Liveness::Stale { .. } => Some("the records may have changed since they were read last"),
        };
        let request = self.request();
        let open = self.overlays.iter_mut().rev().find_map(Overlay::change_mut)?;
        let plan = open.preview.shared()?;
        if !open.foresight.begin(request, impossible) {
            return None;
        }
        let intent = open.intent.clone();
        Some(Effect::Worker(WorkerTask::Foresee(request, self.snapshot(), intent, plan)))
    }

    /// Has the typed value looked at.
    fn look_at_what_is_typed(&mut self) -> Option<Effect> {
        let request = self.request();
        let scope = &self.session.scope;
        let open = self.overlays.last_mut()?;
        let (typed, value) = match open {
            Overlay::Form(form) => (form.entry(scope), &mut form.typed),
            Overlay::Json(editor) => {
                let (key, content) = editor.content();
                (Some(TypedRecord { key, content, moves: None }), &mut editor.typed)
            }
            _ => return None,
        };
        let entry = value.turn_to(typed, request)?;
        Some(Effect::Worker(WorkerTask::LintTyped(request, self.snapshot(), entry)))
    }

    pub(in crate::app) fn on_linted_typed(&mut self, request: RequestId, findings: Vec<Finding>) {
        match self.overlays.last_mut() {
            Some(Overlay::Form(form)) => form.typed.take(request, findings),
            Some(Overlay::Json(editor)) => editor.typed.take(request, findings),
            _ => {}
        }
    }

    /// Has everything that depends on these changed keys worked out again.
    pub(in crate::app) fn outdate_rules(&mut self, keys: &[ScopedKey]) {
        let values = self.index.records();
        let concerned = |reads: &super::Reads| {
            keys.iter().any(|key| {
                reads.concern(key.as_bytes())
                    || reads.searches()
                        && values.get(key.as_bytes()).is_some_and(|record| reads.mention(&record.value))
            })
        };
        self.answers.outdate(concerned);
        if !keys.is_empty() {
            self.findings.outdate();
        }
        for open in self.overlays.iter_mut().filter_map(Overlay::change_mut) {
            open.foresight.outdate(concerned);
        }
    }

    /// Has everything worked out again, because any key may have changed.
    pub(in crate::app) fn outdate_all_rules(&mut self) {
        self.answers.outdate(|_| true);
        self.findings.outdate();
        for open in self.overlays.iter_mut().filter_map(Overlay::change_mut) {
            open.foresight.outdate(|_| true);
        }
    }

    pub(in crate::app) fn on_answered(&mut self, request: RequestId, answered: Box<Answered>) -> Vec<Effect> {
        let leases = answered.reads.leases.clone();
        if !self.answers.take(request, answered) {
            return vec![];
        }
        leases.into_iter().filter_map(|lease| self.ask_for(lease)).collect()
    }

    pub(in crate::app) fn on_foreseen(
        &mut self,
        request: RequestId,
        foreseen: &Arc<KnownImpact>,
    ) -> Vec<Effect> {
        let mut taken = false;
        for open in self.overlays.iter_mut().filter_map(Overlay::change_mut) {
            taken |= open.foresight.take(request, foreseen);
        }
        if taken { self.offer(foreseen) } else { vec![] }
    }

    /// Asks how long a lease lives, once.
    pub(in crate::app) fn ask_for(&mut self, lease: LeaseId) -> Option<Effect> {
        if self.leases.contains_key(&lease) {
            return None;
        }
        let request = self.request();
        self.leases.insert(lease, Lease::Asked(request));
        Some(Effect::Worker(WorkerTask::Lease(request, lease)))
    }
}

impl AnswerPane {
    /// Takes in that a lease was asked for: the TTLs that come from it are known now.
    pub(in crate::app) fn lease_known(&mut self, lease: LeaseId) {
        self.outdate(|reads| reads.leases.contains(&lease));
    }
}
