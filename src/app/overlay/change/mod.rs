//! Change dialog: everything that a plan would change, and the consent that it asks for.
mod by_hand;
mod consent;
mod preview;
mod view;

pub use by_hand::{ByHand, Digits};
pub use consent::{ConsentBy, ConsentLine, TypedConsent};
pub use preview::Preview;

use super::{KeyHandler, Overlay, OverlayState};
use crate::{
    app::{
        Effect, Key, Message, Model, RequestId, WorkerTask,
        keymap::{Command, KeyContext},
        rules::{CompanionOffer, PlanImpact},
    },
    bulk::{BulkEdit, BulkPlan, LeftOut},
    health::Preflight,
    index::{Index, Records},
    keys::{Scope, ScopedKey},
    ops::PrepareError,
    plan::{Confirmed, Intent, Plan},
};
use crossterm::event::KeyCode;
use std::sync::Arc;

/// The dialog before a change: what would be changed, its consequences, and the consent of a person.
#[derive(Debug)]
pub struct ChangeDialog {
    /// The intent, to plan it again if somebody else changes its keys.
    pub intent: Intent,
    /// The order that the intent is worked out from, with every change of what it is about.
    pub ordered: Option<Ordered>,
    pub preview: Preview,
    pub foresight: PlanImpact,
    pub offer: CompanionOffer,
    /// Follows from the plan, and from the intent as long as there is none.
    pub consent: ConsentBy,
    /// The first line in sight; in a list of keys, the first key.
    pub scroll: usize,
    /// Set while the change is being made.
    pub working: Option<Working>,
}

/// An order, with the parts of its result that are not in the intent.
#[derive(Debug)]
pub struct Ordered {
    pub order: BulkEdit,
    pub left_out: Vec<LeftOut>,
    pub same: usize,
    pub notes: Vec<String>,
}

/// A change that is being made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Working {
    pub request: RequestId,
    /// Keys that are done.
    pub done: usize,
    pub total: usize,
}

/// Opens the dialog of an intent, and has its plan made.
pub(in crate::app) fn open(model: &mut Model, intent: Intent) -> Vec<Effect> {
    let request = model.request();
    let dialog = ChangeDialog::of(intent.clone(), request);
    model.overlays.push(Overlay::Change(Box::new(dialog)));
    vec![Effect::Worker(WorkerTask::Plan(request, intent))]
}

/// Opens the dialog of an order, and has the order worked out.
pub(in crate::app) fn open_order(model: &mut Model, order: BulkEdit) -> Vec<Effect> {
    let request = model.request();
    let dialog = ChangeDialog::of_order(&model.session.scope, order.clone(), request);
    model.overlays.push(Overlay::Change(Box::new(dialog)));
    vec![Effect::Worker(WorkerTask::Work(request, Box::new(order), model.index.records().clone()))]
}

impl ChangeDialog {
    /// A dialog whose plan is being made.
    #[must_use]
    pub fn of(intent: Intent, request: RequestId) -> Self {
        Self {
            consent: ConsentBy::asked(intent.asks_for_typing()),
            intent,
            ordered: None,
            preview: Preview::asked(request),
            foresight: PlanImpact::default(),
            offer: CompanionOffer::default(),
            scroll: 0,
            working: None,
        }
    }

    /// A dialog whose order is being worked out.
    fn of_order(scope: &Scope, order: BulkEdit, request: RequestId) -> Self {
        let intent = order.intent(scope, vec![]);
        let ordered = Ordered { order, left_out: vec![], same: 0, notes: vec![] };
        Self { ordered: Some(ordered), ..Self::of(intent, request) }
    }

    /// Words for the key that makes the change, once the text is exact.
    fn once_exact(&self) -> &'static str {
        match self.preview.shown().map_or("change", |plan| plan.tally().verb()) {
            "delete" => "delete, once exact",
            "move" => "move, once exact",
            "create" => "create, once exact",
            _ => "change, once exact",
        }
    }

    /// Takes the result of the order. `None` if it changes nothing.
    pub(in crate::app) fn worked(&mut self, scope: &Scope, work: BulkPlan) -> Option<Intent> {
        let ordered = self.ordered.as_mut()?;
        let BulkPlan { wishes, left_out, same, notes, listed } = work;
        (ordered.left_out, ordered.same, ordered.notes) = (left_out, same, notes);
        if wishes.is_empty() {
            return None;
        }
        self.intent = ordered.order.intent(scope, wishes).of_listed(listed);
        Some(self.intent.clone())
    }

    /// Tells whether a change of `key` may change the plan.
    #[must_use]
    pub fn concerns(&self, scope: &Scope, key: &ScopedKey) -> bool {
        self.ordered
            .as_ref()
            .map_or_else(|| self.intent.deletes(scope, key), |it| it.order.concerns(scope, key))
            || self.preview.plan().is_some_and(|plan| plan.keys().any(|changed| changed == key))
    }

    /// Asks for its plan once more.
    pub(in crate::app) fn ask(&self, request: RequestId, records: &Records) -> Effect {
        match &self.ordered {
            Some(ordered) => {
                Effect::Worker(WorkerTask::Work(request, Box::new(ordered.order.clone()), records.clone()))
            }
            None => Effect::Worker(WorkerTask::Plan(request, self.intent.clone())),
        }
    }

    /// Takes the plan that was asked for, and with it the consent that it asks for: what was typed for another set of
    /// keys agrees to nothing. Returns a message if the dialog has no place for it.
    pub(in crate::app) fn planned(&mut self, plan: Plan) -> Option<Message> {
        let shown = self.preview.last().filter(|last| last.changes() != plan.changes());
        let (was, is) = (shown.map(|last| last.changes().len()), plan.changes().len());
        let mut told = None;
        if self.consent.is_typed() != plan.asks_for_typing() {
            self.consent = ConsentBy::asked(plan.asks_for_typing());
            self.scroll = 0;
        } else if let Some(was) = was {
            self.consent.forget();
            told = self.note(Message::trouble(match self.consent {
                ConsentBy::Key => "this has changed while you looked at it: look again".to_owned(),
                ConsentBy::Text(_) if was == is => {
                    "changed while you were typing: look again, and type it again".to_owned()
                }
                ConsentBy::Text(_) => format!(
                    "changed while you were typing: {was} keys were shown, now it is {is}; type it again"
                ),
            }));
        }
        self.preview = Preview::Known(Arc::new(plan));
        self.foresight.renew(true);
        told
    }

    /// Asks for another plan, because the person has changed it: the typed text agrees to nothing.
    pub(in crate::app) fn plan_anew(&mut self, request: RequestId) {
        if let ConsentBy::Text(text) = &mut self.consent
            && !text.typed.value().is_empty()
        {
            text.note = Some("the plan is another one now: type the key again".to_owned());
        }
        self.consent.forget();
        self.preview = Preview::asked(request);
        self.foresight = PlanImpact::default();
    }

    /// Takes a failure: there is no plan to agree to, and the typed text was meant for another one.
    pub(in crate::app) fn fail(&mut self, refused: PrepareError) {
        self.consent.forget();
        self.preview = Preview::Failed(refused);
        self.foresight.renew(false);
    }

    /// Shows a message in the dialog, or hands it back where the dialog has no place for it.
    fn note(&mut self, message: Message) -> Option<Message> {
        match &mut self.consent {
            ConsentBy::Key => Some(message),
            ConsentBy::Text(text) => {
                text.note = Some(message.text);
                None
            }
        }
    }

    fn run(&mut self, command: Option<Command>, key: Key) {
        match (command, &mut self.consent) {
            (Some(Command::ScrollDown), _) => self.scroll = self.scroll.saturating_add(1),
            (Some(Command::ScrollUp), _) => self.scroll = self.scroll.saturating_sub(1),
            (Some(Command::HalfPageDown), _) => self.scroll = self.scroll.saturating_add(10),
            (Some(Command::HalfPageUp), _) => self.scroll = self.scroll.saturating_sub(10),
            (Some(Command::First), _) => self.scroll = 0,
            (Some(Command::Last), _) => self.scroll = usize::MAX,
            (command, ConsentBy::Text(text)) => text.run(command, key, &self.preview),
            (_, ConsentBy::Key) => {}
        }
        // The picture tells where a scrolled text ends; a list ends with its last item.
        if self.consent.is_typed() {
            self.scroll = self.scroll.min(self.items().saturating_sub(1));
        }
    }

    /// Number of items in the list of keys, at most.
    fn items(&self) -> usize {
        let keys = self.preview.plan().map_or(0, |plan| plan.changes().len());
        let answers = self.foresight.shown().map_or(0, |foreseen| foreseen.impact.shifts.len() * 2);
        let left_out = self.ordered.as_ref().map_or(0, |ordered| ordered.left_out.len() * 2 + 1);
        keys + left_out + answers
    }

    /// Returns the confirmed plan, if the person agrees to all of it; otherwise tells what is missing.
    fn confirmed(
        &mut self,
        in_burst: bool,
        with_ptr: bool,
        digits: &mut Digits,
    ) -> Result<Confirmed, Message> {
        match (&mut self.consent, &self.preview) {
            (ConsentBy::Text(text), preview) => {
                text.confirmed(preview, in_burst, digits).map_err(Message::trouble)
            }
            // The choice of the session is a part of the plan that is agreed to.
            (ConsentBy::Key, _) if with_ptr && self.offer.found.is_none() && self.foresight.is_open() => {
                Err(Message::fine("whether a PTR record goes with it is being worked out: press y again"))
            }
            (ConsentBy::Key, _) if in_burst => Err(Message::trouble(
                "this y came together with other keys, as in a paste: nothing was sent; press y again",
            )),
            (ConsentBy::Key, Preview::Known(plan)) => {
                let confirmed = plan.as_ref().clone().agree();
                confirmed.map_err(|unconfirmed| Message::trouble(unconfirmed.mismatch.to_string()))
            }
            (ConsentBy::Key, Preview::Counting { .. } | Preview::Failed(_)) => {
                Err(Message::fine("what would change is not known yet"))
            }
        }
    }
}

impl OverlayState for ChangeDialog {
    fn place(&self) -> KeyContext {
        match &self.consent {
            _ if self.working.is_some() => KeyContext::Working,
            ConsentBy::Key => KeyContext::Review,
            ConsentBy::Text(_) => KeyContext::Confirm,
        }
    }

    fn handler(&self) -> KeyHandler {
        if self.working.is_some() { |_, _, _| vec![] } else { on_key }
    }

    fn has_use_for(&self, command: Command) -> bool {
        match command {
            Command::NextField => self.preview.asks_for_number(),
            Command::Accept | Command::Save | Command::ScrollDown => self.preview.plan().is_some(),
            _ => true,
        }
    }

    fn words(&self, command: Command) -> Option<&'static str> {
        match command {
            Command::Back if self.consent.is_typed() => Some("keep everything"),
            Command::Accept => Some(self.once_exact()),
            _ => None,
        }
    }

    fn type_text(&mut self, _: &Index, text: &str) {
        if let ConsentBy::Text(consent) = &mut self.consent {
            consent.type_text(text);
        }
    }

    fn paste(&mut self, _: &Index, pasted: &str) {
        if let ConsentBy::Text(consent) = &mut self.consent
            && self.working.is_none()
        {
            consent.paste(pasted);
        }
    }

    fn scrolled_to(&mut self, line: u16) {
        self.scroll = usize::from(line);
    }
}

fn on_key(model: &mut Model, command: Option<Command>, key: Key) -> Vec<Effect> {
    let Some(Overlay::Change(dialog)) = model.overlays.last_mut() else { return vec![] };
    match (command, dialog.consent.is_typed()) {
        (Some(Command::Back), typed) => {
            model.overlays.pop();
            if typed {
                model.say("nothing was changed");
            }
        }
        (Some(Command::WithPtr), _) => return model.toggle_ptr(),
        (Some(Command::Save | Command::Accept), _) => return agree(model, key.in_burst),
        (None, false) if key.event.code == KeyCode::Enter => {
            model.say("press y to save this, Esc to go back");
        }
        (command, _) => dialog.run(command, key),
    }
    vec![]
}

/// Makes the change, if nothing stands against it and the person agrees to all of it.
fn agree(model: &mut Model, in_burst: bool) -> Vec<Effect> {
    let (request, obstacle, unseen) = (model.request(), model.obstacle(), model.unseen());
    let Some(Overlay::Change(dialog)) = model.overlays.last_mut() else { return vec![] };
    if let Some(why) = obstacle {
        model.message = dialog.note(Message::trouble(why));
        return vec![];
    }
    // The question has no room, and a note in the dialog would have none either.
    if let Some(why) = unseen {
        model.complain(why);
        return vec![];
    }
    let health = model.health.as_ref();
    if let Some(why) = dialog.preview.plan().and_then(|plan| Preflight::of(plan, health).refusal) {
        model.complain(format!("refused before anything was sent: {why}"));
        return vec![Effect::Worker(WorkerTask::CheckHealth)];
    }
    match dialog.confirmed(in_burst, model.with_ptr, &mut model.digits) {
        Ok(confirmed) => {
            let total = confirmed.plan().changes().len();
            dialog.working = Some(Working { request, done: 0, total });
            vec![Effect::Worker(WorkerTask::Apply(request, confirmed))]
        }
        Err(missing) => {
            model.message = dialog.note(missing);
            vec![]
        }
    }
}
