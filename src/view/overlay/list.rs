//! List in a frame, with lines about the item under the cursor below it.
use super::{centred, note_in_sight, short};
use crate::view::{canvas::Canvas, theme::Role};
use ratatui::{layout::Rect, text::Line};
use std::ops::Range;

/// Parts of a list beside its rows.
pub(crate) struct List<'l, 't> {
    pub title: &'l str,
    pub len: usize,
    pub cursor: usize,
    pub below: Vec<Line<'t>>,
}

/// The rows of a list that are in sight.
pub(crate) struct VisibleRows {
    inner: Rect,
    cursor: usize,
    /// The items in these rows.
    pub shown: Range<usize>,
}

/// Draws all but the rows. The cursor stays in the middle if the list is longer than the screen.
pub(crate) fn draw(canvas: &mut Canvas<'_>, body: Rect, width: u16, list: List<'_, '_>) -> VisibleRows {
    let List { title, len, cursor, below } = list;
    let gap = usize::from(len > 0 && !below.is_empty());
    let frame = centred(body, width, short(len + gap + below.len() + 2));
    let inner = canvas.frame(frame, Role::Accent, title);
    let rows = usize::from(inner.height).saturating_sub(below.len() + gap).min(len);
    let first = cursor.saturating_sub(rows / 2).min(len.saturating_sub(rows));
    let used = short(rows + gap);
    let rest = Rect { y: inner.y + used, height: inner.height.saturating_sub(used), ..inner };
    canvas.lines(rest, below);
    note_in_sight(canvas, inner, first, rows, len);
    VisibleRows { inner, cursor, shown: first..first + rows }
}

impl VisibleRows {
    /// Each item with its place behind the sign of the cursor, and whether the cursor is on it.
    pub(crate) fn each<T>(
        &self,
        canvas: &mut Canvas<'_>,
        items: impl Iterator<Item = T>,
        mut draw: impl FnMut(&mut Canvas<'_>, Rect, T, bool),
    ) {
        for ((number, place), item) in self.shown.clone().zip(self.inner.rows()).zip(items) {
            let chosen = number == self.cursor;
            if chosen {
                canvas.sign(place.x, place.y, canvas.look.marker(), Role::Accent);
            }
            let place = Rect { x: place.x + 2, width: place.width.saturating_sub(2), ..place };
            draw(canvas, place, item, chosen);
        }
    }
}
