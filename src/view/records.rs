//! Table of the selected name's records.
use super::{canvas::Canvas, findings, text, theme::Role, tree};
use crate::{
    app::{
        Liveness, Model, Pane, RecordRow, RowManager, RowMark,
        keymap::{KeyContext, May},
    },
    dns::{Name, RecordType, lint::Severity},
    quantity::grouped,
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model) {
    let focused =
        model.place() == KeyContext::Records || (model.focus == Pane::Records && !model.overlays.is_empty());
    let mut places = area.rows();
    if let Some(title) = places.next() {
        draw_title(canvas, title, model, focused);
    }
    let pane = &model.records;
    if pane.rows.is_empty() {
        let columns = area.width.saturating_sub(2);
        let mut lines: Vec<Line<'_>> =
            why_empty(model).iter().flat_map(|words| canvas.wrapped(words, columns, Role::Quiet)).collect();
        let places: Vec<Rect> = places.skip(1).collect();
        if lines.len() > places.len() {
            lines.truncate(places.len().saturating_sub(1));
            lines.extend(canvas.wrapped("and more, on a larger screen", columns, Role::Quiet));
        }
        for (place, line) in places.into_iter().zip(lines) {
            canvas.line(indented(place), line);
        }
        return;
    }
    let height = usize::from(area.height.saturating_sub(2));
    let visible: Vec<&RecordRow> = pane.rows.iter().skip(pane.top).take(height).collect();
    let columns = Columns::of(canvas, model, area.width, &visible);
    if let Some(heads) = places.next() {
        let heads_at = columns.heads();
        canvas.line(indented(heads), canvas.span(Role::Quiet, heads_at));
    }
    let whole = !pane.before && !pane.after;
    for (number, (place, row)) in places.zip(&visible).enumerate() {
        let selected = pane.top + number == pane.cursor;
        if selected {
            let role = if focused { Role::Selected } else { Role::Plain };
            canvas.sign(place.x, place.y, canvas.look.marker(), role);
        }
        let first = number == 0 || row.first_of.is_some() || !whole;
        let mark = model.mark_of_record(pane.top + number, &row.record.key);
        let line = columns.row(canvas, model, row, (first, selected && focused), mark);
        canvas.line(indented(place), line);
    }
}

fn indented(place: Rect) -> Rect {
    Rect { x: place.x + 1, width: place.width.saturating_sub(1), ..place }
}

fn draw_title(canvas: &mut Canvas<'_>, row: Rect, model: &Model, focused: bool) {
    let name = model.selected_name().map_or_else(
        || model.session.scope.to_string(),
        |key| Name::of_key(&model.session.scope, &key).to_string(),
    );
    let node = model.index.tree().node(model.selected_node());
    let below = node.map_or(0, |node| node.below - node.leaves);
    let pane = &model.records;
    let here = counted(pane.total, "record", "records");
    let (of, height) = (pane.rows.len(), usize::from(row.width));
    let mut words = here;
    if below > 0 && height > 44 {
        words = format!("{words}, {} further below", grouped(below));
    }
    if of > 1 && height > 44 {
        let at = if pane.before || pane.after { String::new() } else { format!("{} of ", pane.cursor + 1) };
        words = format!("{at}{words}");
    }
    // The title of the tree tells the marks if the tree is in sight.
    let marks = model.marks.told();
    if row.x == 0 && !marks.is_empty() {
        words = marks;
    }
    canvas.title(row, focused, &text::shown(name, canvas.look), &words);
}

/// A number with its noun.
fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// Reason why the table is empty, with the next act.
fn why_empty(model: &Model) -> Vec<String> {
    let node = model.index.tree().node(model.selected_node());
    let below = node.map_or(0, |node| node.below);
    if below > 0 {
        let mut lines = vec![format!("no records directly here, {} further below", grouped(below))];
        if !model.tree.unfolded.is_open(model.selected_node()) {
            lines.push("press l to unfold the name".to_owned());
        }
        return lines;
    }
    let why = match model.feed {
        _ if !model.index.is_empty() => "no records here",
        Liveness::Loading { .. } => "reading the scope",
        Liveness::Live { .. } | Liveness::Stale { revision: Some(_), .. } => return empty_scope(model),
        Liveness::Stale { revision: None, .. } => "the scope could not be read yet",
    };
    let add = matches!(model.feed, Liveness::Live { .. }) && model.may() == May::Change;
    std::iter::once(why).chain(add.then_some("press a to add a record")).map(str::to_owned).collect()
}

/// Lines about a scope without a record.
fn empty_scope(model: &Model) -> Vec<String> {
    let mut lines = if model.then.is_some() {
        vec!["nothing was in this scope at this revision".to_owned()]
    } else {
        model.why_scope_is_empty()
    };
    if model.may() == May::Change && !model.is_emptied() {
        lines.push("press a to add a record".to_owned());
    }
    lines
}

/// Widths of the columns. A column without room has the width zero.
#[derive(Debug, Default)]
struct Columns {
    kind: usize,
    leaf: usize,
    value: usize,
    ttl: usize,
    flags: usize,
    revision: usize,
    version: usize,
    key: usize,
}

impl Columns {
    fn of(canvas: &Canvas<'_>, model: &Model, width: u16, rows: &[&RecordRow]) -> Self {
        let look = canvas.look;
        let room = usize::from(width).saturating_sub(1);
        let widest = |least: usize, of: &dyn Fn(&RecordRow) -> usize| {
            rows.iter().map(|row| of(row)).max().unwrap_or(0).max(least)
        };
        let kind = widest(4, &|row| text::width(&kind_of(row, true, look.times())));
        let leaf = widest(4, &|row| text::width(&text::shown(&row.leaf, look))).min((room / 4).max(8));
        let ttl = widest(3, &|row| ttl_of(row).len());
        let flags = widest(0, &|row| text::width(&flags_of(model, row, room >= 60)));
        let mut columns = Self { kind, leaf, ttl, flags, ..Self::default() };
        if room >= 80 {
            columns.revision = widest(3, &|row| row.record.mod_revision.to_string().len());
        }
        if room >= 110 {
            columns.version = widest(7, &|row| row.record.version.to_string().len());
            columns.key = widest(3, &|row| row.record.key.spelled().len()).min(room * 2 / 5);
        }
        let gaps = |width: usize| if width > 0 { width + 2 } else { 0 };
        let fixed = kind
            + gaps(leaf)
            + gaps(ttl)
            + gaps(flags)
            + gaps(columns.revision)
            + gaps(columns.version)
            + gaps(columns.key);
        columns.value = room.saturating_sub(fixed + 2);
        if columns.value < 12 {
            // The value is the most important column of a narrow screen.
            columns.value += gaps(std::mem::take(&mut columns.ttl));
        }
        if columns.key > 0 {
            let needed = widest(5, &|row| text::width(&text::shown(text::start(&row.read.data), look)));
            columns.value = columns.value.min(needed.max(24));
        }
        columns
    }

    fn heads(&self) -> String {
        let left = [("TYPE", self.kind), ("NAME", self.leaf), ("VALUE", self.value)];
        let right = [("TTL", self.ttl), ("REV", self.revision), ("VERSION", self.version)];
        let left = left.map(|(head, width)| text::pad(head, width));
        let right =
            right.iter().filter(|(_, width)| *width > 0).map(|(head, width)| format!("{head:>width$}"));
        let key = (self.key > 0).then(|| text::pad("KEY", self.key));
        left.into_iter().chain(right).chain(key).collect::<Vec<_>>().join("  ")
    }

    fn row<'t>(
        &self,
        canvas: &Canvas<'_>,
        model: &Model,
        row: &RecordRow,
        (first, accent): (bool, bool),
        mark: Option<RowMark>,
    ) -> Line<'t> {
        let look = canvas.look;
        let trouble = row.read.kind == RecordType::Opaque;
        let kind = kind_of(row, first, look.times());
        let leaf = text::fit(&text::shown(&row.leaf, look), self.leaf, look);
        let value = text::fit(&text::shown(text::start(&row.read.data), look), self.value, look);
        let main = if accent { Role::Selected } else { Role::Plain };
        let value_role = match (trouble, row.hidden.is_some()) {
            (true, _) => Role::Warning,
            (false, true) => Role::Quiet,
            (false, false) => Role::Plain,
        };
        let mut spans = vec![
            canvas.span(if trouble { Role::Warning } else { Role::Strong }, text::pad(&kind, self.kind)),
            Span::raw(" "),
            tree::mark(canvas, mark),
            canvas.span(main, leaf.clone()),
            Span::raw(text::pad("", self.leaf.saturating_sub(text::width(&leaf)) + 2)),
            canvas.span(value_role, text::pad(&value, self.value)),
        ];
        let mut right = |text: String, width: usize| {
            if width > 0 {
                spans.push(canvas.span(Role::Quiet, format!("  {text:>width$}")));
            }
        };
        right(ttl_of(row), self.ttl);
        right(row.record.mod_revision.to_string(), self.revision);
        right(row.record.version.to_string(), self.version);
        if self.key > 0 {
            let key = text::fit_end(&row.record.key.spelled(), self.key, look);
            spans.push(canvas.span(Role::Quiet, format!("  {}", text::pad(&key, self.key))));
        }
        let flags = flags_of(model, row, self.flags > 8 || model.size.0 >= 100);
        if self.flags > 0 && !flags.is_empty() {
            spans.push(canvas.span(
                if trouble || row.hidden.is_some() { Role::Warning } else { Role::Quiet },
                format!("  {flags}"),
            ));
        }
        Line::from(spans)
    }
}

/// The type, with the number of records of an rrset; only the first of them shows it.
fn kind_of(row: &RecordRow, first: bool, times: &str) -> String {
    match row.first_of {
        Some(several @ 2..) => format!("{} {times}{several}", row.read.kind),
        _ if first => row.read.kind.to_string(),
        _ => String::new(),
    }
}

fn ttl_of(row: &RecordRow) -> String {
    row.read.ttl.map_or_else(|| "-".to_owned(), |ttl| ttl.to_string())
}

/// The worst finding about a record.
fn worst(model: &Model, row: &RecordRow) -> Option<Severity> {
    model.findings.known.as_ref()?.within(row.record.key.as_bytes()).worst()
}

/// Special facts about a record, in words and signs.
fn flags_of(model: &Model, row: &RecordRow, long: bool) -> String {
    let mut flags = Vec::new();
    match worst(model, row) {
        Some(severity) if severity > Severity::Info => flags.push(findings::sign(severity).0),
        _ if row.read.kind == RecordType::Opaque => flags.push("!"),
        _ => {}
    }
    if row.hidden.is_some() {
        flags.push("hidden");
    }
    if row.read.apex {
        flags.push("apex");
    }
    if let RowManager::By(_) = row.managed {
        flags.push("xd");
    }
    if row.record.lease.is_some() {
        flags.push(if long { "lease" } else { "L" });
    }
    flags.join(" ")
}
