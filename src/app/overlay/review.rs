use super::{Overlay, Preview, Working};
use crate::{
    app::{
        Effect, Key, Model, RequestId,
        changing::set_working,
        keymap::Command,
        rules::{CompanionOffer, PlanImpact},
    },
    health::Preflight,
    keys::ScopedKey,
    plan::{Intent, Plan},
};
use crossterm::event::KeyCode;
use std::sync::Arc;

/// Review of the change of a form or an editor, before it is saved. Another key than the one that opened it agrees.
#[derive(Debug)]
pub struct Review {
    /// The intent, to plan it again if somebody else changes its keys.
    pub intent: Intent,
    pub preview: Preview,
    pub foresight: PlanImpact,
    pub offer: CompanionOffer,
    pub scroll: u16,
    /// Set while the change is being made.
    pub working: Option<Working>,
}

impl Review {
    /// A review of a plan that is being made.
    #[must_use]
    pub fn of(intent: Intent, request: RequestId) -> Self {
        Self {
            intent,
            preview: Preview::asked(request),
            foresight: PlanImpact::default(),
            offer: CompanionOffer::default(),
            scroll: 0,
            working: None,
        }
    }

    /// Takes the plan that was asked for.
    pub(in crate::app) fn planned(&mut self, plan: Plan) {
        self.preview = Preview::Known(Arc::new(plan));
        self.foresight.renew(true);
    }

    /// Tells whether a change of `key` may change the plan.
    #[must_use]
    pub fn concerns(&self, key: &ScopedKey) -> bool {
        self.preview.plan().is_some_and(|plan| plan.keys().any(|changed| changed == key))
    }
}

pub(in crate::app) fn on_key(model: &mut Model, command: Option<Command>, key: Key) -> Vec<Effect> {
    let health = model.health.as_ref();
    let obstacle = model.obstacle().or(model.unseen());
    let Some(Overlay::Review(review)) = model.overlays.last_mut() else { return vec![] };
    match command {
        Some(Command::Save) if obstacle.is_some() => {
            model.complain(obstacle.unwrap_or_default());
            vec![]
        }
        Some(Command::Back) => {
            model.overlays.pop();
            vec![]
        }
        Some(Command::WithPtr) => model.toggle_ptr(),
        // The choice of the session is a part of the plan that is agreed to.
        Some(Command::Save)
            if model.with_ptr && review.offer.found.is_none() && review.foresight.is_open() =>
        {
            model.say("whether a PTR record goes with it is being worked out: press y again");
            vec![]
        }
        Some(Command::Save) if key.in_burst => {
            model.complain(
                "this y came together with other keys, as in a paste: nothing was sent; press y again",
            );
            vec![]
        }
        Some(Command::Save) => {
            let Some(plan) = review.preview.plan() else { return vec![] };
            if let Some(why) = Preflight::of(plan, health).refusal {
                model.complain(format!("refused before anything was sent: {why}"));
                return vec![Effect::CheckHealth];
            }
            let total = plan.changes().len();
            match plan.clone().agree() {
                Ok(confirmed) => {
                    let request = model.request();
                    set_working(model, Working { request, done: 0, total });
                    vec![Effect::Apply(request, confirmed)]
                }
                Err(unconfirmed) => {
                    model.complain(unconfirmed.mismatch.to_string());
                    vec![]
                }
            }
        }
        None if key.event.code == KeyCode::Enter => {
            model.say("press y to save this, Esc to go back");
            vec![]
        }
        command => {
            super::scroll(&mut review.scroll, command);
            vec![]
        }
    }
}
