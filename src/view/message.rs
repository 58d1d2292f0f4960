//! Line of the last result, or of the search.
use super::{canvas::Canvas, matches, text, theme::Role};
use crate::{
    app::{Liveness, Matches, Message, Model, Search, Tone},
    quantity::grouped,
};
use ratatui::{layout::Rect, text::Line};

pub(super) fn draw(canvas: &mut Canvas<'_>, row: Rect, model: &Model) {
    if let Some(search) = model.search.as_ref().filter(|search| search.open) {
        finding(canvas, row, model, search);
        return;
    }
    if let Some(message) = &model.message {
        match message.tone {
            Tone::Fine => canvas.line(row, canvas.foreign(Role::Plain, &message.text)),
            Tone::Trouble => trouble(canvas, row, &message.text),
        }
        return;
    }
    match (&model.feed, &model.session.read_only) {
        (Liveness::Stale { failure, .. }, _) => {
            let room = usize::from(row.width);
            let long = format!("{failure}; trying again");
            let text = if text::width(&long) + 2 > room { failure.to_string() } else { long };
            trouble(canvas, row, &text);
        }
        (Liveness::Loading { .. } | Liveness::Live { .. }, Some(why)) => {
            canvas.line(row, canvas.foreign(Role::Quiet, format!("read-only: {why}")));
        }
        (Liveness::Loading { .. } | Liveness::Live { .. }, None) => {}
    }
}

fn trouble(canvas: &mut Canvas<'_>, row: Rect, text: &str) {
    let line = vec![canvas.span(Role::Trouble, "! "), canvas.foreign(Role::Trouble, text)];
    canvas.line(row, Line::from(line));
}

fn finding(canvas: &mut Canvas<'_>, row: Rect, model: &Model, search: &Search) {
    // A key that the list has not reached yet cannot be found.
    let of = match model.feed {
        Liveness::Loading { read, .. } => format!(" in the {} keys read so far", grouped(read)),
        Liveness::Live { .. } | Liveness::Stale { .. } => String::new(),
    };
    let right = match &search.matches {
        Matches::None => String::new(),
        Matches::Looking(_) => format!("searching{}", canvas.look.ellipsis()),
        Matches::Found(found) if found.total == 0 => format!("no match{of}"),
        Matches::Found(_) => format!("{} matches{of}", matches::count(search)),
    };
    let room = usize::from(row.width);
    let right = if text::width(&right) + 12 > room { matches::count(search) } else { right };
    // The result of a key press stays until the next key press.
    let (right, role) = match &model.message {
        Some(Message { tone: Tone::Fine, text }) => (text.clone(), Role::Plain),
        Some(Message { tone: Tone::Trouble, text }) => (format!("! {text}"), Role::Trouble),
        None => (right, Role::Quiet),
    };
    let right = text::fit(&text::shown(&right, canvas.look), room.saturating_sub(12), canvas.look);
    let wide = u16::try_from(text::width(&right)).unwrap_or(u16::MAX).min(row.width);
    canvas.line(row, canvas.span(Role::Accent, "/"));
    let field = Rect { x: row.x + 1, width: row.width.saturating_sub(wide + 2), ..row };
    canvas.input(field, &search.input, Role::Plain, true);
    canvas.line(Rect { x: row.x + row.width - wide, width: wide, ..row }, canvas.span(role, right));
}
