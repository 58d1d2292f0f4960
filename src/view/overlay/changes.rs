//! Changes as lines: the key, and the difference between the values.
use crate::{
    keys::KeyValue,
    plan::Change,
    view::{canvas::Canvas, json, theme::Role},
};
use ratatui::text::{Line, Span};
use similar::{Algorithm, DiffOp, capture_diff_slices};

/// All lines of a change: its sign and key first, then the value.
pub(crate) fn lines<'t>(canvas: &Canvas<'_>, change: &Change, columns: u16) -> Vec<Line<'t>> {
    let look = canvas.look;
    match change {
        Change::Create { key, value, lease } => {
            let mut lines = head(canvas, Role::Added, "+ create", &key.spelled(), columns);
            let value = json::lines(value, look);
            lines.extend(value.iter().flat_map(|line| signed(canvas, "+", line, Role::Added, columns)));
            if let Some(lease) = lease {
                lines.push(note(canvas, &format!("with lease {lease}")));
            }
            lines
        }
        Change::Update { before, value } => {
            let mut lines = head(canvas, Role::Warning, "~ change", &before.key.spelled(), columns);
            let (old, new) = (json::lines(&before.value, look), json::lines(value, look));
            if old == new {
                lines.push(note(canvas, "only blanks between the fields differ"));
            }
            lines.extend(difference(canvas, &old, &new, columns));
            lines.extend(lease_kept(canvas, before));
            lines
        }
        Change::Delete { before } => {
            let mut lines = head(canvas, Role::Trouble, "- delete", &before.key.spelled(), columns);
            let value = json::lines(&before.value, look);
            lines.extend(value.iter().flat_map(|line| signed(canvas, "-", line, Role::Removed, columns)));
            lines
        }
        Change::Move { before, to } => {
            let mut lines = head(canvas, Role::Accent, "> move", &before.key.spelled(), columns);
            lines.extend(head(canvas, Role::Accent, "    to", &to.spelled(), columns));
            let why = if is_below(to.as_bytes(), before.key.as_bytes()) {
                "its value stays: CoreDNS ignores a key that has keys below it"
            } else {
                "its value stays"
            };
            lines.push(note(canvas, why));
            lines.extend(lease_kept(canvas, before));
            lines
        }
    }
}

/// Tells whether a key lies below another, as a leaf below its name.
fn is_below(key: &[u8], above: &[u8]) -> bool {
    key.strip_prefix(above).is_some_and(|rest| rest.starts_with(b"/"))
}

pub(crate) fn note<'t>(canvas: &Canvas<'_>, text: &str) -> Line<'t> {
    Line::from(canvas.span(Role::Quiet, format!("  {text}")))
}

fn lease_kept<'t>(canvas: &Canvas<'_>, before: &KeyValue) -> Option<Line<'t>> {
    before.lease.map(|lease| note(canvas, &format!("lease {lease} stays")))
}

/// Sign of a change, with its key. The key is never cut.
fn head<'t>(canvas: &Canvas<'_>, role: Role, what: &str, key: &str, columns: u16) -> Vec<Line<'t>> {
    let indent = what.len() + 1;
    let room = columns.saturating_sub(u16::try_from(indent).unwrap_or(0)).max(8);
    let mut lines = canvas.exact(key, room, Role::Strong);
    for (number, line) in lines.iter_mut().enumerate() {
        let before = if number == 0 { format!("{what} ") } else { " ".repeat(indent) };
        line.spans.insert(0, canvas.span(role, before));
    }
    lines
}

/// A line of a value with its sign, in as many lines as it needs.
pub(crate) fn signed<'t>(
    canvas: &Canvas<'_>,
    sign: &str,
    text: &str,
    role: Role,
    columns: u16,
) -> Vec<Line<'t>> {
    let mut lines = canvas.exact(text, columns.saturating_sub(4).max(8), role);
    for (number, line) in lines.iter_mut().enumerate() {
        let sign = if number == 0 { sign } else { " " };
        line.spans.insert(0, canvas.span(role, format!("  {sign} ")));
    }
    lines
}

/// Two values line by line; the difference within a changed line is marked.
pub(crate) fn difference<'t>(
    canvas: &Canvas<'_>,
    old: &[String],
    new: &[String],
    columns: u16,
) -> Vec<Line<'t>> {
    let mut lines = Vec::new();
    let part = |lines: &[String], at: usize, len: usize| -> Vec<String> {
        lines.get(at..at + len).unwrap_or_default().to_vec()
    };
    for op in capture_diff_slices(Algorithm::Myers, old, new) {
        match op {
            DiffOp::Equal { old_index, len, .. } => {
                for line in part(old, old_index, len) {
                    lines.extend(signed(canvas, " ", &line, Role::Quiet, columns));
                }
            }
            DiffOp::Delete { old_index, old_len, .. } => {
                for line in part(old, old_index, old_len) {
                    lines.extend(signed(canvas, "-", &line, Role::Removed, columns));
                }
            }
            DiffOp::Insert { new_index, new_len, .. } => {
                for line in part(new, new_index, new_len) {
                    lines.extend(signed(canvas, "+", &line, Role::Added, columns));
                }
            }
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                let (olds, news) = (part(old, old_index, old_len), part(new, new_index, new_len));
                for (number, line) in olds.iter().enumerate() {
                    lines.extend(marked(canvas, "-", line, news.get(number), Role::Removed, columns));
                }
                for (number, line) in news.iter().enumerate() {
                    lines.extend(marked(canvas, "+", line, olds.get(number), Role::Added, columns));
                }
            }
        }
    }
    lines
}

/// A changed line, in which the part that its counterpart does not have is marked.
fn marked<'t>(
    canvas: &Canvas<'_>,
    sign: &str,
    text: &str,
    other: Option<&String>,
    role: Role,
    columns: u16,
) -> Vec<Line<'t>> {
    let Some(other) = other.filter(|_| text.len() + 4 <= usize::from(columns)) else {
        return signed(canvas, sign, text, role, columns);
    };
    let (from, to) = differing(text, other);
    let style = canvas.look.style(role);
    let differs = style.patch(canvas.look.style(Role::Differs));
    let piece = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default().to_owned();
    vec![Line::from(vec![
        canvas.span(role, format!("  {sign} ")),
        Span::styled(piece(0..from), style),
        Span::styled(piece(from..to), differs),
        Span::styled(piece(to..text.len()), style),
    ])]
}

/// The bytes of `text` between the common start and the common end.
fn differing(text: &str, other: &str) -> (usize, usize) {
    let start: usize =
        text.chars().zip(other.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let (text_rest, other_rest) =
        (text.get(start..).unwrap_or_default(), other.get(start..).unwrap_or_default());
    let end: usize = text_rest
        .chars()
        .rev()
        .zip(other_rest.chars().rev())
        .take_while(|(a, b)| a == b)
        .map(|(a, _)| a.len_utf8())
        .sum();
    (start, text.len() - end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_lies_between_the_common_ends() {
        for (text, other, part) in [
            (r#""host": "10.0.0.1","#, r#""host": "10.0.0.27","#, "1"),
            ("aa", "aaa", ""),
            ("aaa", "aa", "a"),
            ("ä1", "ö1", "ä"),
            ("same", "same", ""),
        ] {
            let (from, to) = differing(text, other);
            assert_eq!(&text[from..to], part, "{text} {other}");
        }
    }
}
