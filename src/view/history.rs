//! History of keys in lines: the write or the deletion at each revision, and the difference to the version before.
use super::{canvas::Canvas, json, overlay::changes, theme::Role};
use crate::{
    app::Model,
    keys::{KeyValue, Revision},
    ops::{History, NOT_VOUCHED},
    quantity::grouped,
    remedy::Remedy,
    store::Event,
};
use ratatui::text::Line;

/// The history of the selected record, the newest version first.
pub(super) fn of_selected<'t>(canvas: &Canvas<'_>, model: &Model, columns: u16) -> Vec<Line<'t>> {
    let quiet = |text: &str| canvas.wrapped(text, columns, Role::Quiet);
    let history = match &model.history.known {
        _ if model.selected().is_none() => return quiet("no record is selected"),
        None => return quiet(&format!("reading{}", canvas.look.ellipsis())),
        Some(Err(failure)) => {
            let mut lines = canvas.wrapped(&failure.to_string(), columns, Role::Trouble);
            lines.extend(quiet(&failure.remedy()));
            return lines;
        }
        Some(Ok(history)) => history,
    };
    let mut lines = Vec::new();
    let mut newer = history.versions.iter().rev().peekable();
    while let Some(event) = newer.next() {
        let before = match newer.peek() {
            Some(Event::Put(record)) => Some(record),
            Some(Event::Delete { .. }) | None => None,
        };
        let head = format!("revision {}: {}", event.revision(), what(event, before));
        lines.extend(canvas.wrapped(&head, columns, Role::Strong));
        lines.extend(difference(canvas, event, before, columns));
        lines.push(Line::default());
    }
    lines.extend(quiet(&beginning(history)));
    lines
}

/// A version in few words.
pub(crate) fn what(event: &Event, before: Option<&KeyValue>) -> String {
    let record = match event {
        Event::Delete { .. } => return "deleted".to_owned(),
        Event::Put(record) => record,
    };
    let life = match record.version {
        1 => "created".to_owned(),
        version => format!("version {version}"),
    };
    match (before.and_then(|before| before.lease), record.lease) {
        (_, Some(lease)) => format!("{life}, lease {lease}"),
        (Some(_), None) => format!("{life}, without its lease from here on"),
        (None, None) => life,
    }
}

/// Difference between a version and the one before it.
pub(crate) fn difference<'t>(
    canvas: &Canvas<'_>,
    event: &Event,
    before: Option<&KeyValue>,
    columns: u16,
) -> Vec<Line<'t>> {
    let whole = |value: &[u8], sign, role| -> Vec<Line<'t>> {
        let lines = json::lines(value, canvas.look);
        lines.iter().flat_map(|line| changes::signed(canvas, sign, line, role, columns)).collect()
    };
    match (event, before) {
        (Event::Put(record), None) => whole(&record.value, "+", Role::Added),
        (Event::Put(record), Some(before)) if record.value == before.value => {
            vec![changes::note(canvas, "the same value again")]
        }
        (Event::Put(record), Some(before)) => {
            let (old, new) =
                (json::lines(&before.value, canvas.look), json::lines(&record.value, canvas.look));
            if old == new {
                return vec![changes::note(canvas, "only blanks between the fields differ")];
            }
            changes::difference(canvas, &old, &new, columns)
        }
        (Event::Delete { .. }, Some(before)) => whole(&before.value, "-", Role::Removed),
        (Event::Delete { .. }, None) => vec![],
    }
}

/// The beginning of the history, as a sentence.
pub(crate) fn beginning(history: &History) -> String {
    let begins = match history.oldest {
        Revision(..=1) => "Nothing was compacted: this etcd has its whole history.".to_owned(),
        oldest => format!("Older history was compacted at revision {oldest}."),
    };
    let begins = match history.left_out {
        0 => begins,
        more => format!("{} older versions are not shown. {begins}", grouped(more)),
    };
    if history.vouched { begins } else { format!("{begins} {NOT_VOUCHED}") }
}
