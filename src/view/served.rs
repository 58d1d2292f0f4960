//! Line below the message: the answers of live servers after a change.
use super::{canvas::Canvas, theme::Role};
use crate::app::Model;
use ratatui::{layout::Rect, text::Line};

pub(super) fn draw(canvas: &mut Canvas<'_>, row: Rect, model: &Model) {
    let Some(served) = model.served.as_ref().filter(|_| !row.is_empty()) else { return };
    if served.is_trouble() {
        let line = vec![canvas.span(Role::Warning, "! "), canvas.foreign(Role::Warning, served.told())];
        canvas.line(row, Line::from(line));
    } else {
        canvas.line(row, canvas.foreign(Role::Quiet, served.told()));
    }
}
