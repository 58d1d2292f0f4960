//! Choice of a profile.
use crate::{
    app::{
        Model,
        overlay::{Chooser, ProfileRow},
    },
    view::{
        canvas::Canvas,
        overlay::{Picture, centred, dialog_width, inside, noted, short},
        theme::Role,
    },
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

/// Number of columns between two parts of a row.
const GAP: usize = 2;

impl Picture for Chooser {
    fn draw(&self, canvas: &mut Canvas<'_>, body: Rect, _: &Model) {
        self.draw_alone(canvas, body);
    }
}

impl Chooser {
    /// Draws it, be there a deck below it or not.
    pub(crate) fn draw_alone(&self, canvas: &mut Canvas<'_>, body: Rect) {
        let width = dialog_width(body, 100);
        let columns = inside(width);
        let last = noted(canvas, self.note.as_deref(), columns);
        let below = last.len();
        let height = short(self.rows.len() + below + 2);
        let frame = centred(body, width, height);
        let inner = canvas.frame(frame, Role::Accent, "Which cluster?");
        let room = usize::from(inner.height).saturating_sub(below).max(1);
        let first = (self.cursor + 1).saturating_sub(room);
        let widest = |width: fn(&ProfileRow) -> usize| self.rows.iter().map(width).max().unwrap_or(0);
        let (names, labels) = (widest(|row| name(row).len()), widest(|row| label(row).len()));
        let mut rows = inner.rows();
        for (number, profile) in self.rows.iter().enumerate().skip(first).take(room) {
            let Some(row) = rows.next() else { return };
            let chosen = number == self.cursor;
            if chosen {
                canvas.sign(row.x, row.y, canvas.look.marker(), Role::Accent);
            }
            let place = Rect { x: row.x + 2, width: row.width.saturating_sub(2), ..row };
            let mode = if profile.read_only { " READ-ONLY " } else { "" };
            let left = line(canvas, profile, (names, labels), chosen);
            canvas.both(place, left, canvas.span(Role::ReadOnly, mode));
        }
        let at = inner.height.saturating_sub(short(last.len()));
        canvas.lines(Rect { y: inner.y + at, height: inner.height - at, ..inner }, last);
    }
}

fn name(row: &ProfileRow) -> &str {
    row.name.as_deref().unwrap_or("(no profile)")
}

/// The label, with its colour in a word.
fn label(row: &ProfileRow) -> String {
    let colour = row.colour.as_ref().map(|colour| format!(" ({colour})")).unwrap_or_default();
    row.label.as_deref().unwrap_or_default().to_owned() + &colour
}

/// Name, label and endpoints; the first two have at least these widths.
fn line<'t>(
    canvas: &Canvas<'_>,
    row: &ProfileRow,
    (names, labels): (usize, usize),
    chosen: bool,
) -> Line<'t> {
    let (name, label) = (name(row), label(row));
    let role = if chosen { Role::Accent } else { Role::Plain };
    let gap = |wide: usize, text: &str| Span::raw(" ".repeat(wide.saturating_sub(text.len()) + GAP));
    let mut line = vec![canvas.foreign(role, name), gap(names, name)];
    if labels > 0 {
        line.extend([canvas.foreign(Role::Strong, &label), gap(labels, &label)]);
    }
    line.push(canvas.foreign(Role::Quiet, &row.endpoints));
    Line::from(line)
}
