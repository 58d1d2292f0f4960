//! Change dialog: a picture for each way in which a person agrees.
mod brief;
mod by_key;
mod by_text;
mod count;
mod fields;
mod impact;
mod list;
mod ordered;
mod preflight;

use crate::{
    app::{
        Model,
        overlay::{ChangeDialog, ConsentBy},
    },
    view::{canvas::Canvas, overlay::Picture, text::shown, theme::Role},
};
use ratatui::{layout::Rect, text::Line};

/// Number of columns for the labels.
const LABEL: usize = 9;

impl Picture for ChangeDialog {
    fn draw(&self, canvas: &mut Canvas<'_>, body: Rect, model: &Model) {
        match &self.consent {
            ConsentBy::Key => by_key::draw(canvas, body, model, self),
            ConsentBy::Text(consent) => by_text::draw(canvas, body, model, self, consent),
        }
    }
}

fn fact<'t>(canvas: &Canvas<'_>, label: &str, text: &str) -> Line<'t> {
    Line::from(vec![
        canvas.span(Role::Quiet, format!("{label:<LABEL$}")),
        canvas.span(Role::Plain, shown(text, canvas.look)),
    ])
}
