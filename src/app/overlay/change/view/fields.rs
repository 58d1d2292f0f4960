//! Fields of the dialog, each with a verdict on its text.
use crate::{
    app::overlay::{ConsentLine, Preview, TypedConsent},
    dns::half_width,
    plan::{Mismatch, Plan, Threshold},
    view::{canvas::Canvas, overlay::short, text, theme::Role},
};
use ratatui::layout::Rect;
use tui_input::Input;

/// Number of columns from which the verdict is a whole sentence.
const WIDE: u16 = 60;

/// A field behind its label.
struct Prompt<'a> {
    words: &'a str,
    input: &'a Input,
    focused: bool,
}

/// The field for the key, with a verdict on its text.
pub(super) fn typed(canvas: &mut Canvas<'_>, row: Rect, preview: &Preview, consent: &TypedConsent) {
    let Preview::Known(plan) = preview else { return };
    let text = consent.typed.value();
    let (role, words) = match plan.mismatch(text, plan.threshold().map(Threshold::number)) {
        None => (Role::Added, "matches".to_owned()),
        Some(_) if text.is_empty() => (Role::Quiet, String::new()),
        Some(_) if half_width(text) != text => (Role::Trouble, "input method is on".to_owned()),
        // A right beginning is no mistake.
        Some(Mismatch::Text { at }) if at == text.chars().count() => (Role::Quiet, "not yet".to_owned()),
        Some(Mismatch::Text { at }) if row.width < WIDE => (Role::Trouble, format!("differs at {}", at + 1)),
        Some(Mismatch::Text { at }) => (Role::Trouble, format!("differs from character {}", at + 1)),
        Some(mismatch) => (Role::Trouble, mismatch.to_string()),
    };
    let prompt = if plan.threshold().is_some() { "key    > " } else { "> " };
    Prompt { words: prompt, input: &consent.typed, focused: consent.on == ConsentLine::Text }
        .draw(canvas, row, role, &words);
}

/// The field for the number, if one is asked for.
pub(super) fn number(canvas: &mut Canvas<'_>, row: Rect, preview: &Preview, consent: &TypedConsent) {
    let Some(threshold) = preview.plan().and_then(Plan::threshold) else { return };
    let text = consent.number.value().trim().replace(',', "");
    let right = text.parse() == Ok(threshold.number());
    let (role, words) = match (right, text.is_empty()) {
        (true, _) => (Role::Added, "matches"),
        (false, true) => (Role::Quiet, ""),
        (false, false) if threshold.number().to_string().starts_with(&text) => (Role::Quiet, "not yet"),
        (false, false) => (Role::Trouble, "differs"),
    };
    let prompt =
        Prompt { words: "number > ", input: &consent.number, focused: consent.on == ConsentLine::Number };
    prompt.draw(canvas, row, role, words);
}

/// The field for the digits that prove a person, if they are asked for.
pub(super) fn digits(canvas: &mut Canvas<'_>, row: Rect, consent: &TypedConsent) {
    let Some(asked) = consent.by_hand.asked() else { return };
    let text = consent.by_hand.typed.value().trim();
    let (role, words) = match (consent.by_hand.is_right(), text.is_empty()) {
        (true, _) => (Role::Added, "matches"),
        (false, true) => (Role::Quiet, ""),
        (false, false) if asked.starts_with(text) => (Role::Quiet, "not yet"),
        (false, false) => (Role::Trouble, "differs"),
    };
    let words_before = format!("type {asked} > ");
    let focused = consent.on == ConsentLine::Digits;
    Prompt { words: &words_before, input: &consent.by_hand.typed, focused }.draw(canvas, row, role, words);
}

impl Prompt<'_> {
    /// Draws the field with its verdict at the right.
    fn draw(&self, canvas: &mut Canvas<'_>, row: Rect, role: Role, verdict: &str) {
        let before = short(self.words.len());
        let wide = short(text::width(verdict)).min(row.width.saturating_sub(before + 1));
        canvas.line(
            row,
            canvas.span(if self.focused { Role::Accent } else { Role::Quiet }, self.words.to_owned()),
        );
        let width = row.width.saturating_sub(before + wide + u16::from(wide > 0));
        canvas.input(Rect { x: row.x + before, width, ..row }, self.input, Role::Plain, self.focused);
        canvas.line(Rect { x: row.x + row.width - wide, width: wide, ..row }, canvas.span(role, verdict));
    }
}
