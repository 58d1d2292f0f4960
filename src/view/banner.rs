//! The line below the header, for as long as others live in the same etcd.
use super::{canvas::Canvas, theme::Role};
use crate::app::Model;
use ratatui::{layout::Rect, text::Line};

pub(super) fn draw(canvas: &mut Canvas<'_>, row: Rect, model: &Model) {
    let Some(banner) = model.banner().filter(|_| !row.is_empty()) else { return };
    let line = vec![canvas.span(Role::Warning, "! "), canvas.foreign(Role::Standing, banner)];
    canvas.line(row, Line::from(line));
}
