//! Change dialog: a picture for each way in which a person agrees.
mod brief;
mod by_key;
mod by_text;
mod count;
mod fields;
mod list;
mod ordered;

use crate::{
    app::{
        Model,
        overlay::{ChangeDialog, ConsentBy},
    },
    view::{canvas::Canvas, text::shown, theme::Role},
};
use ratatui::{layout::Rect, text::Line};

/// Number of columns for the labels.
const LABEL: usize = 9;

pub(super) fn draw(canvas: &mut Canvas<'_>, body: Rect, model: &Model, dialog: &ChangeDialog) {
    match &dialog.consent {
        ConsentBy::Key => by_key::draw(canvas, body, model, dialog),
        ConsentBy::Text(consent) => by_text::draw(canvas, body, model, dialog, consent),
    }
}

fn fact<'t>(canvas: &Canvas<'_>, label: &str, text: &str) -> Line<'t> {
    Line::from(vec![
        canvas.span(Role::Quiet, format!("{label:<LABEL$}")),
        canvas.span(Role::Plain, shown(text, canvas.look)),
    ])
}
