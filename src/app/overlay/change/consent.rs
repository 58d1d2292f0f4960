//! Consent to a change: a key, or the exact text where something is deleted or much is changed.
use super::{ByHand, Digits, Preview};
use crate::{
    app::{Key, keymap::Command, text},
    dns::half_width,
    plan::{Confirmed, Mismatch},
};
use crossterm::event::{KeyCode, KeyModifiers};
use tui_input::Input;

/// Note about full-width letters: the text that agrees has to be exact, so they do not stand for narrow ones here.
const INPUT_METHOD: &str =
    "these are full-width letters: switch the input method off, and type it as it stands above";

/// Way in which a person agrees to a plan.
#[derive(Debug)]
pub enum ConsentBy {
    /// Another key than the one that opened the dialog.
    Key,
    Text(Box<TypedConsent>),
}

/// Fields for the text that agrees. Enter does nothing until the text is exact and the count is known.
#[derive(Debug, Default)]
pub struct TypedConsent {
    pub typed: Input,
    /// The number of keys, where it is asked for.
    pub number: Input,
    /// The line that the cursor is on.
    pub on: ConsentLine,
    pub by_hand: ByHand,
    /// Note about the last Enter, or about a change of the plan while the dialog was open.
    pub note: Option<String>,
}

/// A line that is typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConsentLine {
    #[default]
    Text,
    Number,
    /// The digits that prove a person.
    Digits,
}

impl ConsentBy {
    /// Returns the consent to a plan that has to be typed for, or not.
    pub(super) fn asked(typing: bool) -> Self {
        if typing { Self::Text(Box::default()) } else { Self::Key }
    }

    /// Tells whether a text has to be typed.
    #[must_use]
    pub fn is_typed(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    /// Forgets what was typed: it was meant for another plan.
    pub(super) fn forget(&mut self) {
        if let Self::Text(text) = self {
            text.forget();
        }
    }
}

impl TypedConsent {
    fn forget(&mut self) {
        self.typed.reset();
        self.number.reset();
        self.by_hand.forget();
        self.on = ConsentLine::Text;
    }

    /// The lines that are typed, from the top.
    fn lines(&self, preview: &Preview) -> impl DoubleEndedIterator<Item = ConsentLine> + use<> {
        let number = preview.asks_for_number().then_some(ConsentLine::Number);
        let digits = self.by_hand.asked().map(|_| ConsentLine::Digits);
        [Some(ConsentLine::Text), number, digits].into_iter().flatten()
    }

    fn input(&mut self) -> &mut Input {
        match self.on {
            ConsentLine::Text => &mut self.typed,
            ConsentLine::Number => &mut self.number,
            ConsentLine::Digits => &mut self.by_hand.typed,
        }
    }

    /// Goes to another line, or types into the one that the cursor is on.
    pub(super) fn run(&mut self, command: Option<Command>, key: Key, preview: &Preview) {
        match command {
            Some(Command::NextField) => {
                self.on = self.lines(preview).find(|line| *line > self.on).unwrap_or(self.on);
            }
            Some(Command::PreviousField) => {
                self.on = self.lines(preview).rfind(|line| *line < self.on).unwrap_or(self.on);
            }
            _ => {
                self.note = None;
                text::type_into(self.input(), key.event);
                let types = matches!(key.event.code, KeyCode::Char(_))
                    && !key.event.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
                self.has_typed(types && key.in_burst);
            }
        }
    }

    /// Puts characters that came in one piece into the line that the cursor is on.
    pub(super) fn type_text(&mut self, text: &str) {
        self.note = None;
        text::insert(self.input(), text.chars());
        self.has_typed(true);
    }

    fn has_typed(&mut self, in_burst: bool) {
        // Digits that were drawn a moment ago cannot be in a paste.
        if in_burst && self.on != ConsentLine::Digits {
            self.by_hand.doubt();
        }
        if self.typed.value().is_empty() && self.number.value().is_empty() {
            self.by_hand.forget();
            self.on = self.on.min(ConsentLine::Number);
        }
    }

    pub(super) fn paste(&mut self, pasted: &str) {
        let whole = text::paste_into(self.input(), pasted);
        if self.on != ConsentLine::Digits {
            self.by_hand.doubt();
        }
        self.note = (!whole)
            .then(|| "only the first line of the paste was taken, and it confirms nothing".to_owned());
    }

    /// Returns the confirmed plan if the text is exact and the count is known; otherwise tells what is missing.
    pub(super) fn confirmed(
        &mut self,
        preview: &Preview,
        in_burst: bool,
        digits: &mut Digits,
    ) -> Result<Confirmed, String> {
        if in_burst {
            self.by_hand.doubt();
        }
        let Preview::Known(plan) = preview else {
            return Err("the number of keys is not known yet".to_owned());
        };
        let number = self.number.value().trim().replace(',', "").parse().ok();
        // The check comes first, so that a large plan is not copied for a wrong key.
        if let Some(mismatch) = plan.mismatch(self.typed.value(), number) {
            self.on = if matches!(mismatch, Mismatch::Number { .. }) {
                ConsentLine::Number
            } else {
                ConsentLine::Text
            };
            let widened = half_width(self.typed.value()) != self.typed.value();
            return Err(if widened { INPUT_METHOD.to_owned() } else { mismatch.to_string() });
        }
        if let Some(missing) = self.by_hand.missing(digits) {
            self.on = ConsentLine::Digits;
            return Err(missing);
        }
        let confirmed = plan.as_ref().clone().confirm(self.typed.value(), number);
        confirmed.map_err(|unconfirmed| unconfirmed.mismatch.to_string())
    }
}
