//! What a record or a name was: a list of versions, and the one under the cursor below it.
use super::{
    LOW, dialog_width, inside,
    list::{self, List},
};
use crate::{
    app::overlay::HistoryList,
    plan::Reach,
    store::Event,
    view::{canvas::Canvas, history, text, theme::Role},
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

/// Rows of the version below the list, at most.
const VERSION: usize = 12;

pub(super) fn draw(canvas: &mut Canvas<'_>, body: Rect, list: &HistoryList) {
    let width = dialog_width(body, 110);
    let columns = inside(width);
    let below = below(canvas, list, columns, body.height);
    let title = text::shown(title(&list.reach), canvas.look);
    let (len, cursor) = (list.len(), list.cursor);
    let rows = list::draw(canvas, body, width, List { title: &title, len, cursor, below });
    let several = list.reach.below.is_some();
    rows.each(canvas, list.from(rows.shown.start), |canvas, place, event, chosen| {
        draw_row(canvas, place, event, several, chosen);
    });
}

fn title(reach: &Reach) -> String {
    match &reach.below {
        None => format!("History of {}", reach.challenge),
        Some(_) => format!("History of {} and all below", reach.challenge),
    }
}

fn draw_row(canvas: &mut Canvas<'_>, place: Rect, event: &Event, several: bool, chosen: bool) {
    let role = if chosen { Role::Accent } else { Role::Plain };
    let (sign, sign_role) = match event {
        Event::Put(record) if record.version == 1 => ("+", Role::Added),
        Event::Put(_) => ("~", Role::Warning),
        Event::Delete { .. } => ("-", Role::Removed),
    };
    let mut line = vec![
        canvas.span(role, format!("{:>9}", event.revision().to_string())),
        canvas.span(sign_role, format!("  {sign} ")),
    ];
    if several {
        let room = usize::from(place.width) / 2;
        let key = text::fit_end(&event.key().spelled(), room, canvas.look);
        line.push(canvas.span(role, text::pad(&key, room)));
        line.push(Span::raw("  "));
    }
    line.push(canvas.span(Role::Quiet, history::what(event, None)));
    canvas.line(place, Line::from(line));
}

/// The version under the cursor, and where history begins.
fn below<'t>(canvas: &Canvas<'_>, list: &HistoryList, columns: u16, height: u16) -> Vec<Line<'t>> {
    let Some(known) = &list.known else {
        return canvas.wrapped(&format!("reading{}", canvas.look.ellipsis()), columns, Role::Warning);
    };
    let begins = canvas.wrapped(&history::beginning(known), columns, Role::Quiet);
    let Some(event) = list.selected() else {
        let mut lines =
            canvas.wrapped("Nothing was there, as far as etcd still knows.", columns, Role::Plain);
        lines.extend(begins);
        return lines;
    };
    if height < LOW {
        return vec![];
    }
    let before = list.before();
    let head = format!("revision {}: {}", event.revision(), history::what(event, before));
    let mut lines = canvas.wrapped(&head, columns, Role::Strong);
    let version = history::difference(canvas, event, before, columns);
    let more = version.len().saturating_sub(VERSION);
    lines.extend(version.into_iter().take(VERSION));
    if more > 0 {
        lines.push(Line::from(canvas.span(Role::Quiet, format!("  and {more} more lines"))));
    }
    lines.extend(begins);
    lines
}
