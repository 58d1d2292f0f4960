//! Keys that would be changed, with their old values and the new ones.
use super::brief;
use crate::{
    plan::Change,
    view::{
        canvas::Canvas,
        overlay::{changes, in_sight, short},
        text,
        theme::Role,
    },
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

/// Item of the list.
#[derive(Debug)]
pub(super) enum Item<'r> {
    Change(&'r Change),
    /// A line behind the keys.
    Line(Line<'r>),
}

/// The keys with their old values. A key is never cut; a value is, because the backup has it whole.
pub(super) struct PlannedKeyList<'r> {
    items: &'r [Item<'r>],
    columns: u16,
    /// Number of columns for the keys, if every value stands beside its key.
    beside: Option<usize>,
    /// Each change in few lines, because there are many.
    brief: bool,
}

/// Number of changes other than deletions that are shown with their whole values.
const WHOLE: usize = 3;

impl<'r> PlannedKeyList<'r> {
    pub(super) fn of(canvas: &Canvas<'_>, items: &'r [Item<'r>], columns: u16) -> Self {
        // A long list is laid out by its first keys.
        let long = |item: &Item<'_>| match item {
            Item::Change(change) => change.key().spelled().len(),
            Item::Line(_) => 0,
        };
        let widest = items.iter().take(200).map(long).max().unwrap_or(0);
        let least = if canvas.look.ascii { 14 } else { 12 };
        let beside = (widest + 2 + least <= usize::from(columns)).then_some(widest);
        let puts = |item: &&Item<'_>| matches!(item, Item::Change(change) if !change.destroys());
        let brief = items.iter().filter(puts).nth(WHOLE).is_some();
        Self { items, columns, beside, brief }
    }

    /// Number of rows for all items, at most `room`.
    pub(super) fn height(&self, canvas: &Canvas<'_>, room: usize) -> usize {
        let mut height = 0;
        for item in self.items {
            height += self.rows_of(canvas, item);
            if height >= room {
                return room;
            }
        }
        height
    }

    fn rows_of(&self, canvas: &Canvas<'_>, item: &Item<'_>) -> usize {
        match item {
            Item::Line(_) => 1,
            Item::Change(change) if self.brief => brief::lines(canvas, change, self.columns).len(),
            Item::Change(Change::Delete { before }) => {
                let long = before.key.spelled().len();
                match self.beside {
                    Some(widest) if long <= widest => 1,
                    _ => text::chunks(&before.key.spelled(), usize::from(self.columns)).len() + 1,
                }
            }
            Item::Change(change) => changes::lines(canvas, change, self.columns).len(),
        }
    }

    fn lines(&self, canvas: &Canvas<'_>, item: &'r Item<'r>) -> Vec<Line<'r>> {
        let record = match item {
            Item::Line(line) => return vec![line.clone()],
            Item::Change(change) if self.brief => return brief::lines(canvas, change, self.columns),
            Item::Change(Change::Delete { before }) => before,
            // A value that is put is shown as a whole, beside a deletion.
            Item::Change(change) => return changes::lines(canvas, change, self.columns),
        };
        let key = record.key.spelled();
        // More than a line's worth of a value is not needed, and it may be a megabyte.
        let value = record.value.get(..1_000).unwrap_or(&record.value);
        let value = canvas.foreign(Role::Quiet, value);
        match self.beside {
            Some(widest) if key.len() <= widest => {
                vec![Line::from(vec![canvas.span(Role::Plain, format!("{key:<widest$}  ")), value])]
            }
            _ => {
                let mut lines = canvas.exact(&key, self.columns, Role::Plain);
                lines.push(Line::from(vec![Span::raw("    "), value]));
                lines
            }
        }
    }

    /// Draws the items from `scroll` on, never so far that rows stay empty. Returns words for the items in sight.
    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, area: Rect, scroll: usize) -> String {
        let height = usize::from(area.height);
        let mut rows = 0;
        let fit_at_end = self
            .items
            .iter()
            .rev()
            .take_while(|item| {
                rows += self.rows_of(canvas, item);
                rows <= height
            })
            .count()
            .max(1);
        let first = scroll.min(self.items.len().saturating_sub(fit_at_end));
        let mut y = area.y;
        let mut seen = 0;
        for item in self.items.iter().skip(first) {
            let rows = short(self.rows_of(canvas, item));
            if y + rows > area.bottom() && seen > 0 {
                break;
            }
            canvas
                .lines(Rect { y, height: area.bottom().saturating_sub(y), ..area }, self.lines(canvas, item));
            y += rows;
            seen += 1;
            if y >= area.bottom() {
                break;
            }
        }
        in_sight(canvas, first, seen, self.items.len())
    }
}
