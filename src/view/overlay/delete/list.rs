//! The keys that would be deleted, with their old values.
use crate::{
    keys::KeyValue,
    view::{
        canvas::Canvas,
        overlay::{in_sight, short},
        text,
        theme::Role,
    },
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

/// The keys with their old values. A key is never cut; a value is, because the backup has it whole.
pub(super) struct List<'r> {
    records: &'r [&'r KeyValue],
    columns: u16,
    /// Columns of the keys when every value stands beside its key.
    beside: Option<usize>,
}

impl<'r> List<'r> {
    pub(super) fn of(canvas: &Canvas<'_>, records: &'r [&'r KeyValue], columns: u16) -> Self {
        // A long list is laid out by its first keys.
        let widest = records.iter().take(200).map(|record| record.key.spelled().len()).max().unwrap_or(0);
        let least = if canvas.look.ascii { 14 } else { 12 };
        let beside = (widest + 2 + least <= usize::from(columns)).then_some(widest);
        Self { records, columns, beside }
    }

    /// Rows for all records, as far as they are fewer than `room`.
    pub(super) fn height(&self, room: usize) -> usize {
        let mut height = 0;
        for record in self.records {
            height += self.rows_of(record);
            if height >= room {
                return room;
            }
        }
        height
    }

    fn rows_of(&self, record: &KeyValue) -> usize {
        let long = record.key.spelled().len();
        match self.beside {
            Some(widest) if long <= widest => 1,
            _ => text::chunks(&record.key.spelled(), usize::from(self.columns)).len() + 1,
        }
    }

    fn lines<'t>(&self, canvas: &Canvas<'_>, record: &KeyValue) -> Vec<Line<'t>> {
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

    /// From the record at `scroll` on; never so far that rows stay empty. Gives which records are in sight.
    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, area: Rect, scroll: usize) -> String {
        let height = usize::from(area.height);
        let mut rows = 0;
        let fit_at_end = self
            .records
            .iter()
            .rev()
            .take_while(|record| {
                rows += self.rows_of(record);
                rows <= height
            })
            .count()
            .max(1);
        let first = scroll.min(self.records.len().saturating_sub(fit_at_end));
        let mut y = area.y;
        let mut seen = 0;
        for record in self.records.iter().skip(first) {
            let rows = short(self.rows_of(record));
            if y + rows > area.bottom() && seen > 0 {
                break;
            }
            canvas.lines(
                Rect { y, height: area.bottom().saturating_sub(y), ..area },
                self.lines(canvas, record),
            );
            y += rows;
            seen += 1;
            if y >= area.bottom() {
                break;
            }
        }
        in_sight(first, seen, self.records.len())
    }
}
