//! Help: all keys, by the place in which they work.
use crate::{
    app::{
        Model,
        keymap::{BINDINGS, Binding, KeyContext},
        overlay::Help,
    },
    view::{
        canvas::Canvas,
        overlay::{Picture, centred, inside, scrolled, short},
        text,
        theme::Role,
    },
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

/// Width of one list of keys, in columns.
const COLUMN: u16 = 66;
/// Number of columns for the keys themselves.
const KEYS: usize = 15;

/// The signs of the tree and of the records.
const SIGNS: &[(&str, &str)] = &[
    ("!2", "so many errors at or below the name: answers are broken (f lists them)"),
    ("~1", "so many warnings: answers that surprise"),
    ("xd", "external-dns manages the record and undoes what others change there"),
    ("hidden", "CoreDNS ignores the record, because its name has keys below it"),
    ("apex", "a record of the zone's own name"),
    ("lease, L", "the record goes away with its lease"),
];

impl Picture for Help {
    fn draw(&self, canvas: &mut Canvas<'_>, body: Rect, model: &Model) {
        let two = inside(body.width) >= 2 * COLUMN;
        let width = if two { 2 * COLUMN + 6 } else { COLUMN + 6 }.min(body.width);
        let columns = inside(width).min(COLUMN);
        let may = model.may();
        let mut groups: Vec<(&str, Vec<Line<'_>>)> = Vec::new();
        for binding in BINDINGS.iter().filter(|binding| binding.access.offered(may)) {
            let title = section(binding);
            let lines = explained(canvas, binding, columns);
            if let Some((_, group)) = groups.iter_mut().find(|(is, _)| *is == title) {
                group.extend(lines);
            } else {
                let title_line = Line::from(canvas.span(Role::Strong, title));
                groups.push((title, std::iter::once(title_line).chain(lines).collect()));
            }
        }
        let groups = groups.into_iter().map(|(_, mut group)| {
            group.push(Line::default());
            group
        });
        let mut lines: Vec<Line<'_>> =
            if two { side_by_side(groups.collect()) } else { groups.flatten().collect() };
        lines.extend(signs(canvas, columns));
        let frame = centred(body, width, short(lines.len() + 2));
        let inner = canvas.frame(frame, Role::Accent, "Keys");
        scrolled(canvas, inner, lines, self.scroll);
    }
}

/// Meaning of the signs beside names and records.
fn signs<'t>(canvas: &Canvas<'_>, columns: u16) -> Vec<Line<'t>> {
    let mut lines = vec![Line::from(canvas.span(Role::Strong, "signs"))];
    for (sign, means) in SIGNS {
        let room = usize::from(columns.saturating_sub(short(KEYS + 1)).max(12));
        for (number, line) in text::wrap(means, room).into_iter().enumerate() {
            lines.push(Line::from(vec![
                canvas.span(Role::Accent, text::pad(if number == 0 { sign } else { "" }, KEYS)),
                Span::raw(" "),
                canvas.span(Role::Plain, line),
            ]));
        }
    }
    lines
}

/// Heading that a binding stands below. Each is listed once, though it works in several places.
fn section(binding: &Binding) -> &'static str {
    let has = |place: KeyContext| binding.places.contains(&place);
    match binding.places {
        [place] | [place @ KeyContext::Journal, KeyContext::Entry] => place.title(),
        _ if has(KeyContext::Tree) && has(KeyContext::Form) => "everywhere",
        _ if has(KeyContext::Tree) => "in the panes",
        _ if has(KeyContext::Records) => "in the records, and in a record",
        _ if has(KeyContext::Form) && has(KeyContext::Notice) => "in every dialog",
        _ if has(KeyContext::Notice) || has(KeyContext::Entry) => "where there is more to read",
        _ if has(KeyContext::Journal) => "in the journal, and in a history",
        _ => "in a dialog with fields",
    }
}

/// The keys of a binding with their effect, in as many lines as needed.
fn explained<'t>(canvas: &Canvas<'_>, binding: &Binding, columns: u16) -> Vec<Line<'t>> {
    let keys = binding.keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let room = columns.saturating_sub(short(KEYS + 1)).max(12);
    let mut keys = Some(keys);
    text::wrap(binding.help, usize::from(room))
        .into_iter()
        .map(|line| {
            Line::from(vec![
                canvas.span(Role::Accent, text::pad(&keys.take().unwrap_or_default(), KEYS)),
                Span::raw(" "),
                canvas.span(Role::Plain, line),
            ])
        })
        .collect()
}

/// Groups in two columns of about the same height.
fn side_by_side(groups: Vec<Vec<Line<'_>>>) -> Vec<Line<'_>> {
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
