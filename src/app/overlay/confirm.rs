use super::{ByHand, Digits, Overlay, Preview, Working};
use crate::{
    app::{
        Effect, Key, Model, RequestId,
        changing::set_working,
        keymap::Command,
        rules::{CompanionOffer, PlanImpact},
        text,
    },
    bulk::{BulkEdit, BulkPlan, LeftOut},
    dns::half_width,
    health::Preflight,
    keys::{Scope, ScopedKey},
    ops::PrepareError,
    plan::{Confirmed, Intent, Mismatch, Plan},
};
use crossterm::event::{KeyCode, KeyModifiers};
use std::sync::Arc;
use tui_input::Input;

/// Note about full-width letters: the text that agrees has to be exact, so they do not stand for narrow ones here.
const INPUT_METHOD: &str =
    "these are full-width letters: switch the input method off, and type it as it stands above";

/// The dialog before a change that is agreed to by typing: what would be changed, how many keys that is now, and the
/// field for the exact text. Enter does nothing until the text is exact and the count is known.
#[derive(Debug)]
pub struct Confirm {
    pub intent: Intent,
    /// The order that the intent is worked out from, with every change of what it is about.
    pub ordered: Option<Ordered>,
    pub preview: Preview,
    pub foresight: PlanImpact,
    pub offer: CompanionOffer,
    pub typed: Input,
    /// The number of keys, where it is asked for.
    pub number: Input,
    /// The line that the cursor is on.
    pub on: ConfirmLine,
    pub by_hand: ByHand,
    pub scroll: usize,
    /// Note about the last Enter, or about a change of the plan while the dialog was open.
    pub note: Option<String>,
    /// Set while the change is being made.
    pub working: Option<Working>,
}

/// A line that is typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConfirmLine {
    #[default]
    Text,
    Number,
    /// The digits that prove a person.
    Digits,
}

/// An order, with the parts of its result that are not in the intent.
#[derive(Debug)]
pub struct Ordered {
    pub order: BulkEdit,
    pub left_out: Vec<LeftOut>,
    pub same: usize,
    pub notes: Vec<String>,
}

impl Confirm {
    /// A dialog whose plan is being made.
    #[must_use]
    pub fn of(intent: Intent, request: RequestId) -> Self {
        Self {
            intent,
            ordered: None,
            preview: Preview::asked(request),
            foresight: PlanImpact::default(),
            offer: CompanionOffer::default(),
            typed: Input::default(),
            number: Input::default(),
            on: ConfirmLine::Text,
            by_hand: ByHand::default(),
            scroll: 0,
            note: None,
            working: None,
        }
    }

    /// A dialog whose order is being worked out.
    #[must_use]
    pub fn of_order(scope: &Scope, order: BulkEdit, request: RequestId) -> Self {
        let intent = order.intent(scope, vec![]);
        let ordered = Ordered { order, left_out: vec![], same: 0, notes: vec![] };
        Self { ordered: Some(ordered), ..Self::of(intent, request) }
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

    /// Tells whether the number of keys has to be typed as well.
    #[must_use]
    pub fn asks_for_number(&self) -> bool {
        self.preview.plan().is_some_and(|plan| plan.threshold().is_some())
    }

    /// Words for the key that makes the change.
    #[must_use]
    pub fn once_exact(&self) -> &'static str {
        match self.preview.shown().map_or("change", |plan| plan.tally().verb()) {
            "delete" => "delete, once exact",
            "move" => "move, once exact",
            "create" => "create, once exact",
            _ => "change, once exact",
        }
    }

    /// Tells whether a change of `key` may change the plan.
    #[must_use]
    pub fn concerns(&self, scope: &Scope, key: &ScopedKey) -> bool {
        self.ordered
            .as_ref()
            .map_or_else(|| self.intent.deletes(scope, key), |it| it.order.concerns(scope, key))
            || self.preview.plan().is_some_and(|plan| plan.keys().any(|changed| changed == key))
    }

    /// Takes the plan that was asked for. Another set of keys than the one shown clears what was typed.
    pub(in crate::app) fn planned(&mut self, plan: Plan) {
        if let Some(last) = self.preview.last()
            && last.changes() != plan.changes()
        {
            let (was, is) = (last.changes().len(), plan.changes().len());
            self.clear();
            self.note = Some(if was == is {
                "changed while you were typing: look again, and type it again".to_owned()
            } else {
                format!("changed while you were typing: {was} keys were shown, now it is {is}; type it again")
            });
        }
        self.preview = Preview::Known(Arc::new(plan));
        self.foresight.renew(true);
    }

    /// Asks for another plan, because the person has changed it: the typed text agrees to nothing.
    pub(in crate::app) fn plan_anew(&mut self, request: RequestId) {
        if !self.typed.value().is_empty() {
            self.note = Some("the plan is another one now: type the key again".to_owned());
        }
        self.clear();
        self.preview = Preview::asked(request);
        self.foresight = PlanImpact::default();
    }

    /// Takes a failure: there is no plan to confirm, and the typed text was meant for another one.
    pub(in crate::app) fn fail(&mut self, refused: PrepareError) {
        self.clear();
        self.preview = Preview::Failed(refused);
        self.foresight.renew(false);
    }

    fn clear(&mut self) {
        self.typed.reset();
        self.number.reset();
        self.by_hand.forget();
        self.on = ConfirmLine::Text;
    }

    /// The lines that are typed, from the top.
    fn lines(&self) -> impl DoubleEndedIterator<Item = ConfirmLine> + use<> {
        let number = self.asks_for_number().then_some(ConfirmLine::Number);
        let digits = self.by_hand.asked().map(|_| ConfirmLine::Digits);
        [Some(ConfirmLine::Text), number, digits].into_iter().flatten()
    }

    fn input(&mut self) -> &mut Input {
        match self.on {
            ConfirmLine::Text => &mut self.typed,
            ConfirmLine::Number => &mut self.number,
            ConfirmLine::Digits => &mut self.by_hand.typed,
        }
    }

    pub(in crate::app) fn run(&mut self, command: Option<Command>, key: Key) {
        match command {
            Some(Command::NextField) => {
                self.on = self.lines().find(|line| *line > self.on).unwrap_or(self.on);
            }
            Some(Command::PreviousField) => {
                self.on = self.lines().rfind(|line| *line < self.on).unwrap_or(self.on);
            }
            Some(Command::ScrollDown) => self.scroll = self.scroll.saturating_add(1),
            Some(Command::ScrollUp) => self.scroll = self.scroll.saturating_sub(1),
            Some(Command::HalfPageDown) => self.scroll = self.scroll.saturating_add(10),
            Some(Command::HalfPageUp) => self.scroll = self.scroll.saturating_sub(10),
            Some(Command::First) => self.scroll = 0,
            Some(Command::Last) => self.scroll = usize::MAX,
            _ => {
                self.note = None;
                text::type_into(self.input(), key.event);
                let types = matches!(key.event.code, KeyCode::Char(_))
                    && !key.event.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
                self.has_typed(types && key.in_burst);
            }
        }
        let keys = self.preview.plan().map_or(0, |plan| plan.changes().len());
        let answers = self.foresight.shown().map_or(0, |foreseen| foreseen.impact.shifts.len() * 2);
        let left_out = self.ordered.as_ref().map_or(0, |ordered| ordered.left_out.len() * 2 + 1);
        self.scroll = self.scroll.min((keys + left_out + answers).saturating_sub(1));
    }

    /// Puts characters that came in one piece into the line that the cursor is on.
    pub(in crate::app) fn type_text(&mut self, text: &str) {
        self.note = None;
        text::insert(self.input(), text.chars());
        self.has_typed(true);
    }

    fn has_typed(&mut self, in_burst: bool) {
        // Digits that were drawn a moment ago cannot be in a paste.
        if in_burst && self.on != ConfirmLine::Digits {
            self.by_hand.doubt();
        }
        if self.typed.value().is_empty() && self.number.value().is_empty() {
            self.by_hand.forget();
            self.on = self.on.min(ConfirmLine::Number);
        }
    }

    pub(in crate::app) fn paste(&mut self, pasted: &str) {
        let whole = text::paste_into(self.input(), pasted);
        if self.on != ConfirmLine::Digits {
            self.by_hand.doubt();
        }
        self.note = (!whole)
            .then(|| "only the first line of the paste was taken, and it confirms nothing".to_owned());
    }

    /// Returns the confirmed plan if the text is exact and the count is known; otherwise a note says what is missing.
    pub(in crate::app) fn accept(&mut self, in_burst: bool, digits: &mut Digits) -> Option<Confirmed> {
        if in_burst {
            self.by_hand.doubt();
        }
        let Preview::Known(plan) = &self.preview else {
            self.note = Some("the number of keys is not known yet".to_owned());
            return None;
        };
        let number = self.number.value().trim().replace(',', "").parse().ok();
        // The check comes first, so that a large plan is not copied for a wrong key.
        if let Some(mismatch) = plan.mismatch(self.typed.value(), number) {
            self.on = if matches!(mismatch, Mismatch::Number { .. }) {
                ConfirmLine::Number
            } else {
                ConfirmLine::Text
            };
            let widened = half_width(self.typed.value()) != self.typed.value();
            self.note = Some(if widened { INPUT_METHOD.to_owned() } else { mismatch.to_string() });
            return None;
        }
        if let Some(missing) = self.by_hand.missing(digits) {
            self.on = ConfirmLine::Digits;
            self.note = Some(missing);
            return None;
        }
        match plan.as_ref().clone().confirm(self.typed.value(), number) {
            Ok(confirmed) => Some(confirmed),
            Err(unconfirmed) => {
                self.note = Some(unconfirmed.mismatch.to_string());
                None
            }
        }
    }
}

pub(in crate::app) fn on_key(model: &mut Model, command: Option<Command>, key: Key) -> Vec<Effect> {
    let health = model.health.as_ref();
    let (obstacle, unseen) = (model.obstacle(), model.unseen());
    let Some(Overlay::Confirm(confirm)) = model.overlays.last_mut() else { return vec![] };
    match command {
        Some(Command::Accept) if obstacle.is_some() => {
            confirm.note = obstacle.map(str::to_owned);
            vec![]
        }
        // The question has no room, and a note in the dialog would have none either.
        Some(Command::Accept) if unseen.is_some() => {
            model.complain(unseen.unwrap_or_default());
            vec![]
        }
        Some(Command::Back) => {
            model.overlays.pop();
            model.say("nothing was changed");
            vec![]
        }
        Some(Command::WithPtr) => model.toggle_ptr(),
        Some(Command::Accept) => {
            if let Some(why) = confirm.preview.plan().and_then(|plan| Preflight::of(plan, health).refusal) {
                model.complain(format!("refused before anything was sent: {why}"));
                return vec![Effect::CheckHealth];
            }
            let total = confirm.preview.plan().map_or(0, |plan| plan.changes().len());
            let Some(confirmed) = confirm.accept(key.in_burst, &mut model.digits) else { return vec![] };
            let request = model.request();
            set_working(model, Working { request, done: 0, total });
            vec![Effect::Apply(request, confirmed)]
        }
        command => {
            confirm.run(command, key);
            vec![]
        }
    }
}
