//! Parts of pictures that overlays share. The picture of each lies beside its state, in
//! [`app::overlay`](crate::app::overlay).

pub(crate) mod changes;
pub(crate) mod list;

use super::{canvas::Canvas, theme::Role};
use crate::{
    app::{
        Model,
        overlay::{Working, whichever},
    },
    quantity::grouped,
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

/// Number of columns below which a dialog takes all of them.
const NARROW: u16 = 60;
/// Number of rows below which a dialog shows only the necessary lines.
pub(crate) const LOW: u16 = 12;

/// Picture of an overlay.
pub(crate) trait Picture {
    fn draw(&self, canvas: &mut Canvas<'_>, body: Rect, model: &Model);
}

/// Draws the uppermost overlay. The one below it comes back when it is closed.
pub(super) fn draw(canvas: &mut Canvas<'_>, body: Rect, model: &Model) {
    if let Some(overlay) = model.overlays.last() {
        whichever!(overlay, open => open.draw(canvas, body, model));
    }
}

/// A place in the middle of the screen; the whole body if it is small.
pub(crate) fn centred(body: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(body.width), height.min(body.height));
    Rect { x: body.x + (body.width - width) / 2, y: body.y + (body.height - height) / 2, width, height }
}

/// The width of a dialog: not wider than can be read well, and all of a small screen.
pub(crate) fn dialog_width(body: Rect, most: u16) -> u16 {
    let margin = if body.width < NARROW { 0 } else { 4 };
    body.width.saturating_sub(margin).min(most)
}

/// Number of columns inside a frame of so many columns.
pub(crate) fn inside(width: u16) -> u16 {
    width.saturating_sub(4)
}

/// Converts a length to a number of rows or columns.
pub(crate) fn short(number: usize) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

/// `1-8 of 3,400`; an empty text if all is in sight.
pub(crate) fn in_sight(canvas: &mut Canvas<'_>, first: usize, shown: usize, total: usize) -> String {
    if shown >= total {
        return String::new();
    }
    canvas.note_overflow();
    format!("{}-{} of {}", grouped(first as u64 + 1), grouped(first + shown), grouped(total))
}

/// Draws lines that may be more than there are rows; the frame's last line then tells which are in sight.
pub(crate) fn scrolled(canvas: &mut Canvas<'_>, inner: Rect, lines: Vec<Line<'_>>, scroll: u16) {
    let (total, height) = (lines.len(), usize::from(inner.height));
    let first = usize::from(scroll).min(total.saturating_sub(height));
    canvas.lines(inner, lines.into_iter().skip(first));
    canvas.note_scrolled(first);
    note_in_sight(canvas, inner, first, height, total);
}

/// Tells in the frame's last line which of all are in sight, if not all are.
pub(crate) fn note_in_sight(canvas: &mut Canvas<'_>, inner: Rect, first: usize, shown: usize, total: usize) {
    let words = in_sight(canvas, first, shown, total);
    if !words.is_empty() {
        let wide = short(words.len() + 2).min(inner.width);
        let at = Rect { x: inner.x + inner.width - wide, y: inner.y + inner.height, width: wide, height: 1 };
        canvas.line(at, canvas.span(Role::Quiet, format!(" {words} ")));
    }
}

/// Progress of a change.
pub(crate) fn progress<'t>(canvas: &Canvas<'_>, working: &Working) -> Line<'t> {
    Line::from(vec![
        canvas.span(Role::Warning, format!("{} of {} done", grouped(working.done), grouped(working.total))),
        canvas.span(Role::Quiet, "; it goes on whatever is pressed"),
    ])
}

/// A note below an empty line, if there is one.
pub(crate) fn noted<'t>(canvas: &Canvas<'_>, note: Option<&str>, columns: u16) -> Vec<Line<'t>> {
    let Some(note) = note else { return vec![] };
    [vec![Line::default()], complaint(canvas, note, columns)].concat()
}

/// Complaint, with its sign.
pub(crate) fn complaint<'t>(canvas: &Canvas<'_>, text: &str, columns: u16) -> Vec<Line<'t>> {
    let mut lines = canvas.wrapped(text, columns.saturating_sub(2), Role::Trouble);
    for (number, line) in lines.iter_mut().enumerate() {
        line.spans.insert(0, if number == 0 { canvas.span(Role::Trouble, "! ") } else { Span::raw("  ") });
    }
    lines
}
