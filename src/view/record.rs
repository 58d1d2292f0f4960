//! Selected record: its fields with their meaning, or its JSON.
use super::{
    answers,
    canvas::Canvas,
    findings, history, json,
    text::{shown, start},
    theme::Role,
};
use crate::{
    app::{Lease, Model, Pane, RecordRow, RecordView, RowManager, keymap::KeyContext},
    dns::{
        Field, Name, RecordType, Value,
        external_dns::{self, Certainty},
    },
    keys::LeaseId,
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

/// Number of columns for the labels.
const LABEL: usize = 9;
/// Number of columns from which the JSON stands beside the fields.
const BESIDE: u16 = 84;
/// Number of bytes of a value that are shown in one piece; the JSON view has more of it.
const MOST: usize = 4_000;
/// Default of CoreDNS, for a TTL of 0 and for none.
const DEFAULT_TTL: u32 = 300;

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model) {
    let focused =
        model.place() == KeyContext::Record || (model.focus == Pane::Record && !model.overlays.is_empty());
    let mut places = area.rows();
    let Some(title) = places.next() else { return };
    let body = Rect {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(1),
    };
    let of_name = match model.record.view {
        RecordView::Answers => Some(answers::lines(canvas, model, body.width)),
        RecordView::Findings => {
            Some(("Findings".to_owned(), findings::of_selected(canvas, model, body.width)))
        }
        RecordView::History => Some(("History".to_owned(), history::of_selected(canvas, model, body.width))),
        RecordView::Fields | RecordView::Json => None,
    };
    if let Some((name, lines)) = of_name {
        let scroll = scrolled(canvas, title, focused, &name, model.record.scroll, lines.len(), body.height);
        canvas.lines(body, lines.into_iter().skip(scroll));
        return;
    }
    let Some(row) = model.records.selected() else {
        canvas.title(title, focused, "Record", "");
        if let Some(place) = places.nth(1) {
            let place = Rect { x: place.x + 1, width: place.width.saturating_sub(1), ..place };
            canvas.line(place, canvas.span(Role::Quiet, "no record is selected"));
        }
        return;
    };
    let stored = |canvas: &Canvas<'_>, columns: u16| -> Vec<Line<'static>> {
        let lines = json::lines(&row.record.value, canvas.look);
        lines.iter().flat_map(|line| canvas.exact(line, columns, Role::Plain)).collect()
    };
    if body.width >= BESIDE && model.record.view == RecordView::Fields {
        let left = Rect { width: body.width / 2 - 1, ..body };
        let right = Rect { x: body.x + body.width / 2 + 1, width: body.width - body.width / 2 - 1, ..body };
        let fields = fields(canvas, model, row, left.width).lines;
        let json = stored(canvas, right.width);
        let most = fields.len().max(json.len());
        let scroll = scrolled(canvas, title, focused, "Record", model.record.scroll, most, body.height);
        canvas.lines(left, fields.into_iter().skip(scroll));
        canvas.lines(right, json.into_iter().skip(scroll));
        return;
    }
    let (name, lines) = if model.record.view == RecordView::Json {
        ("JSON", stored(canvas, body.width))
    } else {
        let mut facts = fields(canvas, model, row, body.width);
        let first = row.record.value.get(..MOST).unwrap_or(&row.record.value);
        facts.exact("stored", &shown(first, canvas.look));
        ("Record", facts.lines)
    };
    let scroll = scrolled(canvas, title, focused, name, model.record.scroll, lines.len(), body.height);
    canvas.lines(body, lines.into_iter().skip(scroll));
}

/// Draws the title with the place that the pane is scrolled to, and returns the number of lines to skip.
fn scrolled(
    canvas: &mut Canvas<'_>,
    title: Rect,
    focused: bool,
    name: &str,
    scroll: u16,
    lines: usize,
    height: u16,
) -> usize {
    let height = usize::from(height);
    let scroll = usize::from(scroll).min(lines.saturating_sub(height));
    let more = lines.saturating_sub(scroll + height);
    let right = if lines > height {
        format!("{}-{} of {lines} lines", scroll + 1, lines - more)
    } else {
        String::new()
    };
    canvas.title(title, focused, name, &right);
    canvas.note_scrolled(scroll);
    scroll
}

/// Labelled texts, one below the other, each in as many lines as it needs.
struct Facts<'c, 'b, 't> {
    canvas: &'c Canvas<'b>,
    /// Number of columns for the texts.
    room: u16,
    lines: Vec<Line<'t>>,
}

impl<'c, 'b, 't> Facts<'c, 'b, 't> {
    fn new(canvas: &'c Canvas<'b>, columns: u16) -> Self {
        let room = columns.saturating_sub(u16::try_from(LABEL).unwrap_or(u16::MAX)).max(8);
        Self { canvas, room, lines: Vec::new() }
    }

    /// Adds a text that is read letter by letter.
    fn exact(&mut self, label: &str, text: &str) {
        self.labelled(label, self.canvas.exact(text, self.room, Role::Plain));
    }

    /// Adds a text that is read as words.
    fn words(&mut self, label: &str, text: &str, role: Role) {
        self.labelled(label, self.canvas.wrapped(text, self.room, role));
    }

    fn labelled(&mut self, label: &str, lines: Vec<Line<'t>>) {
        // A label that is longer than its column still ends before the text.
        let gap = if label.len() < LABEL { "" } else { " " };
        let mut label = Some(self.canvas.span(Role::Quiet, format!("{label:<LABEL$}{gap}")));
        for mut line in lines {
            line.spans.insert(0, label.take().unwrap_or_else(|| Span::raw(" ".repeat(LABEL))));
            self.lines.push(line);
        }
    }
}

fn fields<'c, 'b, 't>(
    canvas: &'c Canvas<'b>,
    model: &Model,
    row: &RecordRow,
    columns: u16,
) -> Facts<'c, 'b, 't> {
    let (record, read, look) = (&row.record, &row.read, canvas.look);
    let mut facts = Facts::new(canvas, columns);
    facts.exact("key", &record.key.spelled());
    let name = shown(Name::of_key(&model.session.scope, &record.key).to_string(), look);
    facts.exact("name", &if row.is_leaf() { format!("{name}, a leaf") } else { name });
    if read.kind == RecordType::Opaque {
        let then =
            if read.is_broken { "CoreDNS answers SERVFAIL" } else { "CoreDNS answers nothing with it" };
        let why = format!("! opaque: {}; {then}", start(&read.data));
        facts.words("type", &why, Role::Warning);
    } else {
        let apex = if read.apex { ", of the zone's own name (apex)" } else { "" };
        facts.words("type", &format!("{}{apex}", read.kind), Role::Plain);
    }
    if let Some(hidden) = row.hidden {
        facts.words("hidden", hidden.sentence(), Role::Warning);
    }
    let value = Value::parse(&record.value).unwrap_or_default();
    let own = Field::of(read.kind);
    for field in own.iter().filter(|field| **field != Field::Ttl) {
        if let Some(raw) = value.raw(field.json()) {
            let text = serde_json::from_str::<String>(raw).unwrap_or_else(|_| raw.to_owned());
            let text = format!("{}{}", shown(start(&text), look), meaning(*field, raw));
            facts.exact(field.label(read.kind), &text);
        }
    }
    if read.kind != RecordType::Opaque {
        facts.words("ttl", &ttl(read.ttl), Role::Plain);
    }
    if let Some(set) = &row.set {
        let (number, of) = set;
        facts.words("rrset", &format!("{number} of {of} {} records of the name", read.kind), Role::Plain);
    }
    if let RowManager::By(managed) = &row.managed {
        facts.words("managed", &shown(managed_by(managed), look), Role::Warning);
    }
    if let Some(id) = record.lease {
        facts.words("lease", &lease(model, id, look), Role::Plain);
    }
    let (modified, created) = (record.mod_revision, record.create_revision);
    let revisions = format!("{modified}, created {created}, version {}", record.version);
    facts.words("revision", &revisions, Role::Plain);
    let known =
        |name: &str| own.iter().any(|field| field.json().eq_ignore_ascii_case(name)) || name == "mail";
    let others: Vec<&str> = value.names().filter(|name| !known(name)).collect();
    if !others.is_empty() {
        let names = others.join(", ");
        facts.words("also", &format!("{} (kept as they are)", start(&names)), Role::Quiet);
    }
    facts
}

/// Meaning for CoreDNS of a number that says nothing by itself.
fn meaning(field: Field, raw: &str) -> &'static str {
    match (field, raw) {
        (Field::Priority, "0") => " (CoreDNS serves 10)",
        (Field::Weight, "0") => " (counts as 100)",
        _ => "",
    }
}

/// Part of external-dns in a record: its certainty, the owner and the resource.
fn managed_by(managed: &external_dns::ExternalDnsClaim) -> String {
    let what = match (managed.is_mark, managed.certainty) {
        (true, _) => "the text by which external-dns knows what is its own",
        (false, Certainty::Likely) => "perhaps by external-dns: it looks like what that writes",
        (false, Certainty::Derived | Certainty::Certain) => "by external-dns",
    };
    let owner = managed.owner.as_deref().map_or_else(String::new, |owner| format!(", owner {owner}"));
    let resource = managed.resource.as_deref().map_or_else(String::new, |what| format!(", for {what}"));
    format!("{what}{owner}{resource}")
}

fn ttl(ttl: Option<u32>) -> String {
    match ttl {
        None => format!("none: the default, {DEFAULT_TTL} seconds"),
        Some(0) => format!("0: the default, {DEFAULT_TTL} seconds"),
        Some(1) => "1 second".to_owned(),
        Some(seconds) => format!("{seconds} seconds"),
    }
}

fn lease(model: &Model, id: LeaseId, look: &super::Look) -> String {
    match model.leases.get(&id) {
        None | Some(Lease::Asked(_)) => format!("{id}: asking how long it lives"),
        Some(Lease::Ends(at, left)) => {
            // A countdown would cause drawing while nothing happens; r asks again.
            let left = left.as_secs();
            format!("{id}: {left} s left, until {}", look.time(*at))
        }
        Some(Lease::Gone) => format!("{id}: gone; the key goes with it"),
        Some(Lease::Unknown(failure)) => shown(format!("{id}: not known: {failure}"), look),
    }
}
