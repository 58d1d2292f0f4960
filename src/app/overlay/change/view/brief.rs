//! Changes in few lines, for plans of many: the whole key, and of its value the difference.
use crate::{
    dns::Value,
    plan::Change,
    view::{canvas::Canvas, theme::Role},
};
use ratatui::text::{Line, Span};

/// Number of bytes of a value that are read for one line.
const LONGEST: usize = 1_000;

/// The sign of the change, the key, and below it the value afterwards.
pub(super) fn lines<'t>(canvas: &Canvas<'_>, change: &Change, columns: u16) -> Vec<Line<'t>> {
    let (sign, role) = match change {
        Change::Create { .. } => ("+ ", Role::Added),
        Change::Update { .. } => ("~ ", Role::Warning),
        Change::Delete { .. } => ("- ", Role::Trouble),
        Change::Move { .. } => ("> ", Role::Accent),
    };
    let mut lines = signed(canvas, &change.key().spelled(), sign, role, columns);
    match change {
        Change::Create { value, lease, .. } => {
            let mut line = vec![Span::raw("    ")];
            line.extend(lease.map(|lease| canvas.span(Role::Quiet, format!("lease {lease}  "))));
            line.push(canvas.foreign(Role::Quiet, start(value)));
            lines.push(Line::from(line));
        }
        Change::Delete { before } => {
            lines
                .push(Line::from(vec![Span::raw("    "), canvas.foreign(Role::Quiet, start(&before.value))]));
        }
        Change::Update { before, value } => lines.extend(differing(canvas, &before.value, value)),
        Change::Move { to, .. } => {
            lines.extend(signed(canvas, &to.spelled(), "    to ", Role::Quiet, columns));
        }
    }
    lines
}

fn signed<'t>(canvas: &Canvas<'_>, key: &str, sign: &str, role: Role, columns: u16) -> Vec<Line<'t>> {
    let indent = u16::try_from(sign.len()).unwrap_or(u16::MAX);
    let mut lines = canvas.exact(key, columns.saturating_sub(indent).max(8), Role::Plain);
    for (number, line) in lines.iter_mut().enumerate() {
        let before = if number == 0 { sign.to_owned() } else { " ".repeat(sign.len()) };
        line.spans.insert(0, canvas.span(role, before));
    }
    lines
}

/// The fields that differ, each with both its values; both whole values if they are no objects.
fn differing<'t>(canvas: &Canvas<'_>, old: &[u8], new: &[u8]) -> Vec<Line<'t>> {
    let whole = |sign: &'static str, role, bytes: &[u8]| {
        Line::from(vec![canvas.span(role, format!("    {sign} ")), canvas.foreign(role, start(bytes))])
    };
    let as_they_are = || vec![whole("-", Role::Removed, old), whole("+", Role::Added, new)];
    let (Ok(before), Ok(after)) = (Value::parse(old), Value::parse(new)) else { return as_they_are() };
    let mut names: Vec<&str> = before.names().chain(after.names()).collect();
    names.sort_unstable();
    names.dedup();
    let lines: Vec<Line<'t>> = names
        .into_iter()
        .filter(|name| before.raw(name) != after.raw(name))
        .map(|name| {
            let side = |value: &Value, role| {
                let raw = value.raw(name);
                let text = raw.map_or(&b"nothing"[..], |raw| start(raw.as_bytes()));
                canvas.foreign(if raw.is_some() { role } else { Role::Quiet }, text)
            };
            Line::from(vec![
                canvas.span(Role::Quiet, "    "),
                canvas.foreign(Role::Quiet, format!("{name} ")),
                side(&before, Role::Removed),
                canvas.span(Role::Quiet, " -> "),
                side(&after, Role::Added),
            ])
        })
        .collect();
    if lines.is_empty() { as_they_are() } else { lines }
}

/// More than a line's worth of a value is not needed, and it may be a megabyte.
fn start(value: &[u8]) -> &[u8] {
    value.get(..LONGEST).unwrap_or(value)
}
