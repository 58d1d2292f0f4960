//! PTR records that go with a change: offered, taken into the same plan or left out. The choice holds for the session,
//! until it is made again.
use super::KnownImpact;
use crate::{
    app::{Effect, Model, WorkerTask, overlay::Overlay},
    dns::{Companion, Companions},
    ops::wishes,
    plan::Intent,
};

/// Steps that can go with the change of an open dialog.
#[derive(Debug, Default)]
pub struct CompanionOffer {
    /// Steps that were found for the change alone; `None` while they are not known.
    pub found: Option<Companions>,
}

impl CompanionOffer {
    /// Tells whether there is something to choose.
    #[must_use]
    pub fn is_choice(&self) -> bool {
        self.steps().next().is_some()
    }

    fn steps(&self) -> impl Iterator<Item = &Companion> {
        self.found.iter().flat_map(|found| &found.list).filter(|companion| !companion.steps.is_empty())
    }
}

impl Model {
    /// Offers the PTR records that go with the change alone, as they were foreseen; plans them with it if that was
    /// chosen before.
    pub(in crate::app) fn offer(&mut self, foreseen: &KnownImpact) -> Vec<Effect> {
        let with_ptr = self.with_ptr;
        // Nothing is added to a change that is being made: the shown plan stays the one that was agreed to.
        let open = self.overlays.iter_mut().rev().find_map(Overlay::change_mut);
        let Some(open) = open.filter(|open| open.working.is_none()) else { return vec![] };
        if matches!(open.intent, Intent::With { .. }) {
            return vec![];
        }
        open.offer.found = Some(foreseen.companions.clone());
        if with_ptr && open.offer.is_choice() { self.plan_with(true) } else { vec![] }
    }

    /// Takes the PTR records into the plan, or leaves them out.
    pub(in crate::app) fn toggle_ptr(&mut self) -> Vec<Effect> {
        let open = self.overlays.last().and_then(Overlay::change);
        if !open.is_some_and(|open| open.offer.is_choice()) {
            self.say("no PTR record of this scope goes with this change");
            return vec![];
        }
        self.with_ptr = !self.with_ptr;
        // The next dialog begins with this choice, and its reader has to know.
        self.say(if self.with_ptr {
            "PTR records go along from now on"
        } else {
            "PTR records are left out from now on"
        });
        self.plan_with(self.with_ptr)
    }

    fn plan_with(&mut self, with: bool) -> Vec<Effect> {
        let request = self.request();
        let scope = self.session.scope.clone();
        let Some(open) = self.overlays.last_mut().and_then(Overlay::change_mut) else { return vec![] };
        let main = open.intent.main().clone();
        open.intent = if with {
            let steps: Vec<_> = open.offer.steps().flat_map(|companion| companion.steps.clone()).collect();
            match wishes(&scope, &steps) {
                Ok(companions) => Intent::With { main: Box::new(main), companions },
                Err(outside) => {
                    self.complain(outside.to_string());
                    return vec![];
                }
            }
        } else {
            main
        };
        let intent = open.intent.clone();
        open.plan_anew(request);
        vec![Effect::Worker(WorkerTask::Plan(request, intent))]
    }
}
