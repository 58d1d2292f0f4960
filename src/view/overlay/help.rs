//! All keys, by the place in which they work.
use super::{bindings, centred, inside, scrolled, short};
use crate::{
    app::{Model, keymap::Place, overlay::Help},
    view::{canvas::Canvas, text, theme::Role},
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

/// Columns of one list of keys.
const COLUMN: u16 = 66;
/// Columns of the keys themselves.
const KEYS: usize = 15;

pub(super) fn draw(canvas: &mut Canvas<'_>, body: Rect, model: &Model, help: &Help) {
    let two = inside(body.width) >= 2 * COLUMN;
    let width = if two { 2 * COLUMN + 6 } else { COLUMN + 6 }.min(body.width);
    let groups: Vec<Vec<Line<'_>>> = Place::ALL
        .into_iter()
        .map(|place| group(canvas, place, model.session.writable(), inside(width).min(COLUMN)))
        .filter(|lines| lines.len() > 2)
        .collect();
    let lines: Vec<Line<'_>> = if two { side_by_side(groups) } else { groups.concat() };
    let frame = centred(body, width, short(lines.len() + 2));
    let inner = canvas.frame(frame, Role::Accent, "Keys");
    scrolled(canvas, inner, lines, help.scroll);
}

/// The keys of one place below its name, and an empty line.
fn group<'t>(canvas: &Canvas<'_>, place: Place, writable: bool, columns: u16) -> Vec<Line<'t>> {
    let mut lines = vec![Line::from(canvas.span(Role::Strong, place.title()))];
    for binding in bindings(place, writable) {
        let keys = binding.keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let room = columns.saturating_sub(short(KEYS + 1)).max(12);
        for (number, line) in text::wrap(binding.help, usize::from(room)).into_iter().enumerate() {
            let keys = if number == 0 { keys.as_str() } else { "" };
            lines.push(Line::from(vec![
                canvas.span(Role::Accent, text::pad(keys, KEYS)),
                Span::raw(" "),
                canvas.span(Role::Plain, line),
            ]));
        }
    }
    lines.push(Line::default());
    lines
}

/// Groups in two columns of about the same height.
fn side_by_side<'t>(groups: Vec<Vec<Line<'t>>>) -> Vec<Line<'t>> {
    let half = groups.iter().map(Vec::len).sum::<usize>().div_ceil(2);
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for group in groups {
        if left.len() < half && right.is_empty() {
            left.extend(group);
        } else {
            right.extend(group);
        }
    }
    let rows = left.len().max(right.len());
    left.resize(rows, Line::default());
    right.resize(rows, Line::default());
    left.into_iter()
        .zip(right)
        .map(|(mut line, right)| {
            let gap = usize::from(COLUMN).saturating_sub(line.width()) + 2;
            line.spans.push(Span::raw(" ".repeat(gap)));
            line.spans.extend(right.spans);
            line
        })
        .collect()
}
