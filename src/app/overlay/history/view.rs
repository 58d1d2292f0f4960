//! History: a list of versions, those of one revision as one line, with the one under the cursor below it.
use crate::{
    app::{
        Model,
        overlay::{HistoryList, HistoryMoment, HistoryRow},
    },
    plan::KeySelection,
    quantity::{counted, grouped},
    store::Event,
    view::{
        canvas::Canvas,
        history,
        overlay::{
            LOW, Picture, dialog_width, inside,
            list::{self, List},
        },
        text,
        theme::Role,
    },
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

/// Number of rows for the version below the list, at most.
const VERSION: usize = 12;

impl Picture for HistoryList {
    fn draw(&self, canvas: &mut Canvas<'_>, body: Rect, _: &Model) {
        let width = dialog_width(body, 110);
        let columns = inside(width);
        let below = below(canvas, self, columns, body.height);
        let title = text::shown(title(&self.reach), canvas.look);
        let (versions, all) = (self.versions(), self.rows());
        let (len, cursor) = (all.len(), self.cursor);
        let rows = list::draw(canvas, body, width, List { title: &title, len, cursor, below });
        let several = self.reach.below.is_some();
        rows.each(
            canvas,
            all.get(rows.shown.start..).unwrap_or_default().iter(),
            |canvas, place, row, chosen| {
                let of_row = versions.get(row.versions()).unwrap_or_default();
                draw_row(canvas, place, (row, of_row), several, chosen);
            },
        );
    }
}

fn title(reach: &KeySelection) -> String {
    match &reach.below {
        None => format!("History of {}", reach.challenge),
        Some(_) => format!("History of {} and all below", reach.challenge),
    }
}

fn draw_row(
    canvas: &mut Canvas<'_>,
    place: Rect,
    (row, versions): (&HistoryRow, &[&Event]),
    several: bool,
    chosen: bool,
) {
    let role = if chosen { Role::Accent } else { Role::Plain };
    let deletes = versions.iter().filter(|event| matches!(event, Event::Delete { .. })).count();
    let created = |event: &&Event| matches!(event, Event::Put(record) if record.version == 1);
    let (sign, sign_role) = if deletes == versions.len() {
        ("-", Role::Removed)
    } else if versions.iter().all(created) {
        ("+", Role::Added)
    } else {
        ("~", Role::Warning)
    };
    let revision = if row.is_part() { String::new() } else { row.revision().to_string() };
    let mut line =
        vec![canvas.span(role, format!("{revision:>9}")), canvas.span(sign_role, format!("  {sign} "))];
    let [event] = versions else {
        let fold = if row.is_folded() { canvas.look.folded() } else { canvas.look.unfolded() };
        line.push(canvas.span(Role::Quiet, fold));
        line.push(canvas.span(role, format!(" {}", together(versions))));
        return canvas.line(place, Line::from(line));
    };
    if several {
        let room = usize::from(place.width) / 2;
        let key = text::fit_end(&event.key().spelled(), room, canvas.look);
        line.push(canvas.span(role, text::pad(&key, room)));
        line.push(Span::raw("  "));
    }
    line.push(canvas.span(Role::Quiet, history::what(event, None)));
    canvas.line(place, Line::from(line));
}

/// Several keys of one revision: `9 keys deleted`, `3 keys: 1 created, 2 changed`.
fn together(versions: &[&Event]) -> String {
    let (mut created, mut changed, mut deleted) = (0, 0, 0);
    for event in versions {
        match event {
            Event::Put(record) if record.version == 1 => created += 1,
            Event::Put(_) => changed += 1,
            Event::Delete { .. } => deleted += 1,
        }
    }
    let keys = counted(versions.len(), "key");
    let parts: Vec<(usize, &str)> = [(created, "created"), (changed, "changed"), (deleted, "deleted")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .collect();
    match &parts[..] {
        [(_, only)] => format!("{keys} {only}"),
        parts => {
            let parts: Vec<String> =
                parts.iter().map(|(number, what)| format!("{} {what}", grouped(*number))).collect();
            format!("{keys}: {}", parts.join(", "))
        }
    }
}

/// The version under the cursor, and the beginning of the history.
fn below<'t>(canvas: &Canvas<'_>, list: &HistoryList, columns: u16, height: u16) -> Vec<Line<'t>> {
    let Some(known) = &list.known else {
        return canvas.wrapped(&format!("reading{}", canvas.look.ellipsis()), columns, Role::Warning);
    };
    let begins = canvas.wrapped(&history::beginning(known), columns, Role::Quiet);
    if list.is_empty() {
        let mut lines =
            canvas.wrapped("Nothing was there, as far as etcd still knows.", columns, Role::Plain);
        lines.extend(begins);
        return lines;
    }
    if height < LOW {
        return vec![];
    }
    let mut lines = match list.selected() {
        Some(event) => version(canvas, list, event, columns),
        None => keys_of_revision(canvas, &list.chosen(), columns),
    };
    lines.extend(back(canvas, list, columns));
    lines.extend(begins);
    lines
}

/// The way back from the row under the cursor, if it is not the row's own revision.
fn back<'t>(canvas: &Canvas<'_>, list: &HistoryList, columns: u16) -> Vec<Line<'t>> {
    let Some(HistoryMoment { revision, before_deletion: true }) = list.moment() else { return vec![] };
    let keys = if list.selected().is_some() { "p and P go" } else { "P goes" };
    let text = format!("{keys} back to revision {revision}, before this deletion.");
    canvas.wrapped(&text, columns, Role::Strong)
}

fn keys_of_revision<'t>(canvas: &Canvas<'_>, versions: &[&Event], columns: u16) -> Vec<Line<'t>> {
    let head = versions.first().map(|event| format!("revision {}: {}", event.revision(), together(versions)));
    let mut lines = canvas.wrapped(&head.unwrap_or_default(), columns, Role::Strong);
    for event in versions.iter().take(VERSION) {
        let sign = if matches!(event, Event::Delete { .. }) { "- " } else { "+ " };
        let room = usize::from(columns).saturating_sub(sign.len());
        let key = text::fit_end(&event.key().spelled(), room, canvas.look);
        lines.push(Line::from(canvas.span(Role::Plain, format!("{sign}{key}"))));
    }
    if let Some(more @ 1..) = versions.len().checked_sub(VERSION) {
        lines.push(Line::from(canvas.span(Role::Quiet, format!("  and {} more", grouped(more)))));
    }
    lines
}

fn version<'t>(canvas: &Canvas<'_>, list: &HistoryList, event: &Event, columns: u16) -> Vec<Line<'t>> {
    let before = list.before();
    let head = format!("revision {}: {}", event.revision(), history::what(event, before));
    let mut lines = canvas.wrapped(&head, columns, Role::Strong);
    let shown = history::difference(canvas, event, before, columns);
    let more = shown.len().saturating_sub(VERSION);
    lines.extend(shown.into_iter().take(VERSION));
    if more > 0 {
        lines.push(Line::from(canvas.span(Role::Quiet, format!("  and {more} more lines"))));
    }
    lines
}
