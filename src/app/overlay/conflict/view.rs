//! Conflict with somebody who was faster: the common base, their value, and yours.
use crate::{
    app::{Model, overlay::ConflictView},
    view::{
        canvas::Canvas,
        json,
        overlay::{LOW, Picture, centred, dialog_width, inside, scrolled, short},
        text,
        theme::Role,
    },
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

/// Number of columns inside the frame from which the three stand side by side.
const SIDE_BY_SIDE: u16 = 90;

/// One of the three values.
struct ConflictValue {
    title: String,
    lines: Vec<(DiffSign, String)>,
}

/// Relation of a line to the common base.
#[derive(Clone, Copy, PartialEq)]
enum DiffSign {
    Same,
    /// In the base, but not in both of the others.
    Gone,
    /// Not in the base.
    New,
}

impl Picture for ConflictView {
    fn draw(&self, canvas: &mut Canvas<'_>, body: Rect, _: &Model) {
        let width = dialog_width(body, 150);
        let columns = inside(width);
        let versions = versions(canvas, self);
        let key = self.conflict.theirs.key.spelled();
        let mut lines = canvas.exact(&key, columns, Role::Strong);
        if body.height >= LOW {
            let words = "Somebody else was faster. Nothing was saved, and nothing that you typed is lost.";
            lines.extend(canvas.wrapped(words, columns, Role::Plain));
            lines.push(Line::default());
        }
        if columns >= SIDE_BY_SIDE {
            lines.extend(beside(canvas, &versions, usize::from(columns)));
        } else {
            for version in &versions {
                lines.push(Line::from(canvas.span(Role::Accent, &version.title)));
                for (sign, line) in &version.lines {
                    let room = columns.saturating_sub(2);
                    for (number, piece) in text::chunks(line, usize::from(room)).into_iter().enumerate() {
                        let sign = if number == 0 { *sign } else { DiffSign::Same };
                        lines.push(Line::from(signed(canvas, sign, piece)));
                    }
                }
            }
        }
        let frame = centred(body, width, short(lines.len() + 2));
        let inner = canvas.frame(frame, Role::Trouble, "! Conflict");
        scrolled(canvas, inner, lines, self.scroll);
    }
}

fn versions(canvas: &Canvas<'_>, view: &ConflictView) -> [ConflictValue; 3] {
    let conflict = &view.conflict;
    let [base, theirs, yours] = [&conflict.base.value, &conflict.theirs.value, &conflict.yours]
        .map(|value| unwrapped(json::lines(value, canvas.look)));
    let against = |lines: &[String], others: &[&[String]], sign: DiffSign| {
        let has_all = |line: &String| others.iter().all(|other| other.iter().any(|it| same(it, line)));
        lines.iter().map(|line| (if has_all(line) { DiffSign::Same } else { sign }, line.clone())).collect()
    };
    [
        ConflictValue {
            title: format!("before, revision {}", conflict.base.mod_revision),
            lines: against(&base, &[&theirs, &yours], DiffSign::Gone),
        },
        ConflictValue {
            title: format!("theirs, revision {}", conflict.theirs.mod_revision),
            lines: against(&theirs, &[&base], DiffSign::New),
        },
        ConflictValue {
            title: "yours, not saved".to_owned(),
            lines: against(&yours, &[&base], DiffSign::New),
        },
    ]
}

/// The fields of an object without its braces, so that all three have room on a small screen.
fn unwrapped(lines: Vec<String>) -> Vec<String> {
    match lines.as_slice() {
        [open, fields @ .., close] if open == "{" && close == "}" => {
            fields.iter().map(|line| line.strip_prefix("  ").unwrap_or(line).to_owned()).collect()
        }
        _ => lines,
    }
}

/// Compares two lines without the comma at the end, which says only that another field follows.
fn same(a: &str, b: &str) -> bool {
    a.trim_end_matches(',') == b.trim_end_matches(',')
}

fn signed<'t>(canvas: &Canvas<'_>, sign: DiffSign, text: &str) -> Span<'t> {
    let (sign, role) = match sign {
        DiffSign::Same => (" ", Role::Plain),
        DiffSign::Gone => ("-", Role::Removed),
        DiffSign::New => ("~", Role::Warning),
    };
    canvas.span(role, format!("{sign} {text}"))
}

fn beside<'t>(canvas: &Canvas<'_>, versions: &[ConflictValue], columns: usize) -> Vec<Line<'t>> {
    let width = columns / versions.len();
    let pieces: Vec<Vec<Span<'t>>> = versions
        .iter()
        .map(|version| {
            let mut spans = vec![canvas.span(Role::Accent, text::pad(&version.title, width))];
            for (sign, line) in &version.lines {
                for (number, piece) in text::chunks(line, width.saturating_sub(4)).into_iter().enumerate() {
                    let sign = if number == 0 { *sign } else { DiffSign::Same };
                    spans.push(signed(canvas, sign, &text::pad(piece, width - 2)));
                }
            }
            spans
        })
        .collect();
    let rows = pieces.iter().map(Vec::len).max().unwrap_or(0);
    (0..rows)
        .map(|row| {
            let blank = || Span::raw(" ".repeat(width));
            Line::from(
                pieces.iter().map(|spans| spans.get(row).cloned().unwrap_or_else(blank)).collect::<Vec<_>>(),
            )
        })
        .collect()
}
