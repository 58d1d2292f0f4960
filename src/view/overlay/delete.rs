//! The dialog before a deletion: how many keys, which ones, and the text to type.
//!
//! What is needed to decide comes first and is never cut: the number, the exact keys, the text to type. What there is
//! no room for is left out from the least important on.
use super::{centred, complaint, inside, keys, progress, short};
use crate::{
    app::{
        Model, grouped,
        overlay::{Delete, Preview},
    },
    keys::KeyValue,
    plan::{Mismatch, Plan, Threshold},
    view::{
        canvas::Canvas,
        text::{self, shown},
        theme::Role,
    },
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

/// Rows that the list of keys gets at least, where the screen has them.
const LIST: usize = 4;
/// Columns of the labels.
const LABEL: usize = 9;

/// A row of the dialog. The fewer the rank, the longer it stays when there is no room.
struct Row<'t> {
    rank: u8,
    what: What<'t>,
}

enum What<'t> {
    Line(Line<'t>),
    Typed,
    Number,
    List,
}

pub(super) fn draw(canvas: &mut Canvas<'_>, body: Rect, model: &Model, delete: &Delete) {
    let width = body.width.saturating_sub(4).clamp(36, 100).min(body.width);
    let columns = inside(width);
    let plan = shown_plan(delete);
    let records: Vec<&KeyValue> = plan
        .map(|plan| plan.changes().iter().filter_map(|change| change.before()).collect())
        .unwrap_or_default();

    let mut rows = Vec::new();
    let mut add = |rank: u8, line: Line<'static>| rows.push(Row { rank, what: What::Line(line) });
    for line in count(canvas, delete, columns) {
        add(0, line);
    }
    if let Some(plan) = plan {
        add(4, fact(canvas, "cluster", &format!("{}, at revision {}", plan.cluster(), plan.read_at())));
    } else {
        add(4, fact(canvas, "cluster", &model.session.status.cluster.to_string()));
    }
    add(6, fact(canvas, "backup", &model.session.journal));
    if !records.is_empty() {
        add(8, Line::default());
    }
    rows.push(Row { rank: 1, what: What::List });
    let mut add = |rank: u8, line: Line<'static>| rows.push(Row { rank, what: What::Line(line) });
    if !records.is_empty() {
        add(7, Line::default());
    }
    if let Some(working) = &delete.working {
        add(0, progress(canvas, working));
    } else {
        if let Preview::Known(plan) = &delete.preview {
            add(3, Line::from(canvas.span(Role::Plain, "To delete, type exactly this:")));
            for line in canvas.exact(plan.challenge(), columns.saturating_sub(2), Role::Strong) {
                add(0, indented(line));
            }
            rows.push(Row { rank: 0, what: What::Typed });
            if let Some(threshold) = plan.threshold() {
                rows.push(Row { rank: 3, what: What::Line(number_asked(canvas, threshold)) });
                rows.push(Row { rank: 0, what: What::Number });
            }
        }
        if let Some(note) = &delete.note {
            for line in complaint(canvas, note, columns) {
                rows.push(Row { rank: 2, what: What::Line(line) });
            }
        }
        rows.push(Row { rank: 7, what: What::Line(Line::default()) });
        let pairs: &[_] = if delete.preview.plan().is_some() {
            &[("Enter", "delete, once exact"), ("Esc", "keep everything"), ("Up/Down", "scroll")]
        } else {
            &[("Esc", "keep everything")]
        };
        rows.push(Row { rank: 5, what: What::Line(keys(canvas, pairs)) });
    }

    let list = List::of(canvas, &records, columns);
    let room = usize::from(body.height.saturating_sub(2));
    let (rows, list_height) = fitted(rows, list.height(room), room);
    let frame = centred(body, width, short(rows.len() - 1 + list_height + 2));
    let inner = canvas.frame(frame, Role::Trouble, &title(model));
    draw_rows(canvas, inner, &rows, list_height, &list, delete);
}

/// The plan that the keys are shown of: while it is counted again, the last one.
fn shown_plan(delete: &Delete) -> Option<&Plan> {
    match &delete.preview {
        Preview::Known(plan) => Some(plan),
        Preview::Counting { last, .. } => last.as_deref(),
        Preview::Failed(_) => None,
    }
}

fn title(model: &Model) -> String {
    format!("Delete in {} of {}", model.session.scope, model.session.label)
}

/// Leaves out rows until all fit, and gives the list what is left.
fn fitted<'t>(mut rows: Vec<Row<'t>>, wanted: usize, room: usize) -> (Vec<Row<'t>>, usize) {
    let least = wanted.min(LIST);
    // Besides the list's own row.
    while rows.len() - 1 + least > room
        && let Some(rank) = rows.iter().map(|row| row.rank).max().filter(|rank| *rank > 2)
        && let Some(at) = rows.iter().position(|row| row.rank == rank)
    {
        rows.remove(at);
    }
    let height = wanted.min((room + 1).saturating_sub(rows.len())).max(usize::from(wanted > 0));
    // On the smallest screens the text to type and its field stay, and the beginning goes.
    while rows.len() - 1 + height > room
        && let Some(at) = rows.iter().rposition(|row| row.rank == 2)
    {
        rows.remove(at);
    }
    (rows, height)
}

fn draw_rows(
    canvas: &mut Canvas<'_>,
    inner: Rect,
    rows: &[Row<'_>],
    list_height: usize,
    list: &List<'_>,
    delete: &Delete,
) {
    let mut y = inner.y;
    for row in rows {
        let place = Rect { y, height: 1, ..inner }.intersection(inner);
        match &row.what {
            What::Line(line) => canvas.line(place, line.clone()),
            What::Typed => typed(canvas, place, delete),
            What::Number => number(canvas, place, delete),
            What::List => {
                let place = Rect { y, height: short(list_height), ..inner }.intersection(inner);
                list.draw(canvas, place, delete.scroll);
                y += short(list_height);
                continue;
            }
        }
        y += 1;
    }
}

/// How many keys, and how.
fn count<'t>(canvas: &Canvas<'_>, delete: &Delete, columns: u16) -> Vec<Line<'t>> {
    match &delete.preview {
        Preview::Counting { last, .. } => {
            let was = last.as_ref().map_or_else(String::new, |last| {
                format!(" again; it was {}", grouped(last.deletes() as u64))
            });
            vec![Line::from(canvas.span(Role::Warning, format!("counting{was}{}", canvas.look.ellipsis())))]
        }
        Preview::Failed(refused) => {
            let why = shown(refused.to_string(), canvas.look);
            let mut lines = canvas.wrapped(&format!("number of keys unknown: {why}"), columns, Role::Trouble);
            lines.extend(canvas.wrapped(&refused.remedy(), columns, Role::Plain));
            lines
        }
        Preview::Known(plan) => {
            let deletes = plan.deletes();
            let keys = if deletes == 1 { "key" } else { "keys" };
            let how = match (deletes, plan.transactions()) {
                (1, _) => String::new(),
                (_, 0 | 1) => ", all of them or none".to_owned(),
                (_, steps) => format!(", in {} steps that stop at the first refusal", grouped(steps as u64)),
            };
            vec![Line::from(vec![
                canvas.span(Role::Trouble, format!("{} {keys}", grouped(deletes as u64))),
                canvas.span(Role::Plain, " will be deleted"),
                canvas.span(Role::Plain, how),
            ])]
        }
    }
}

fn number_asked<'t>(canvas: &Canvas<'_>, threshold: &Threshold) -> Line<'t> {
    Line::from(vec![
        canvas.span(Role::Plain, "and the number of keys: "),
        canvas.foreign(Role::Warning, threshold.to_string()),
    ])
}

fn indented<'t>(mut line: Line<'t>) -> Line<'t> {
    line.spans.insert(0, Span::raw("  "));
    line
}

fn fact<'t>(canvas: &Canvas<'_>, label: &str, text: &str) -> Line<'t> {
    Line::from(vec![
        canvas.span(Role::Quiet, format!("{label:<LABEL$}")),
        canvas.span(Role::Plain, shown(text, canvas.look)),
    ])
}

/// The field for the key, and how far what stands in it is right.
fn typed(canvas: &mut Canvas<'_>, row: Rect, delete: &Delete) {
    let Preview::Known(plan) = &delete.preview else { return };
    let text = delete.typed.value();
    let (role, words) = match plan.mismatch(text, plan.threshold().map(Threshold::number)) {
        None => (Role::Added, "matches".to_owned()),
        Some(_) if text.is_empty() => (Role::Quiet, String::new()),
        // A right beginning is no mistake yet.
        Some(Mismatch::Text { at }) if at == text.chars().count() => (Role::Quiet, "not yet".to_owned()),
        Some(Mismatch::Text { at }) => (Role::Trouble, format!("differs from character {}", at + 1)),
        Some(mismatch) => (Role::Trouble, mismatch.to_string()),
    };
    field(canvas, row, &delete.typed, !delete.on_number, role, words);
}

fn number(canvas: &mut Canvas<'_>, row: Rect, delete: &Delete) {
    let Some(threshold) = delete.preview.plan().and_then(Plan::threshold) else { return };
    let text = delete.number.value().trim().replace(',', "");
    let right = text.parse() == Ok(threshold.number());
    let (role, words) = match (right, text.is_empty()) {
        (true, _) => (Role::Added, "matches"),
        (false, true) => (Role::Quiet, ""),
        (false, false) if threshold.number().to_string().starts_with(&text) => (Role::Quiet, "not yet"),
        (false, false) => (Role::Trouble, "differs"),
    };
    field(canvas, row, &delete.number, delete.on_number, role, words.to_owned());
}

fn field(
    canvas: &mut Canvas<'_>,
    row: Rect,
    input: &tui_input::Input,
    focused: bool,
    role: Role,
    words: String,
) {
    let words = if text::width(&words) + 14 > usize::from(row.width) { String::new() } else { words };
    let wide = short(text::width(&words));
    canvas.line(row, canvas.span(if focused { Role::Accent } else { Role::Quiet }, "> "));
    let place = Rect { x: row.x + 2, width: row.width.saturating_sub(wide + 3), ..row };
    canvas.input(place, input, Role::Plain, focused);
    canvas.line(Rect { x: row.x + row.width - wide, width: wide, ..row }, canvas.span(role, words));
}

/// The keys with their old values. A key is never cut; a value is, because the backup has it whole.
struct List<'r> {
    records: &'r [&'r KeyValue],
    columns: u16,
    /// Columns of the keys when every value stands beside its key.
    beside: Option<usize>,
}

impl<'r> List<'r> {
    fn of(canvas: &Canvas<'_>, records: &'r [&'r KeyValue], columns: u16) -> Self {
        // A long list is laid out by its first keys.
        let widest = records.iter().take(200).map(|record| record.key.spelled().len()).max().unwrap_or(0);
        let least = if canvas.look.ascii { 14 } else { 12 };
        let beside = (widest + 2 + least <= usize::from(columns)).then_some(widest);
        Self { records, columns, beside }
    }

    /// Rows for all records, as far as they are fewer than `room`.
    fn height(&self, room: usize) -> usize {
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

    /// From the record at `scroll` on; never so far that rows stay empty.
    fn draw(&self, canvas: &mut Canvas<'_>, area: Rect, scroll: usize) {
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
        let words = super::in_sight(first, seen, self.records.len());
        if !words.is_empty() {
            let wide = short(words.len() + 1);
            // On the line below the list, which is empty or a label.
            let below = Rect {
                x: area.x + area.width.saturating_sub(wide),
                y: area.bottom(),
                width: wide,
                height: 1,
            };
            canvas.line(below, canvas.span(Role::Strong, format!(" {words}")));
        }
    }
}
