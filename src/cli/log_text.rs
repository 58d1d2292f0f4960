//! Entry of the journal as a person reads it.
use super::{
    log::{EntryState, Touched},
    output::wrapped,
    style::Style,
};
use crate::{
    foreign_text::ForeignText,
    journal::{Author, JournalEntry, KeyEffect, RecordedBytes, RecordedChange, RecordedOutcome},
    quantity::{counted, grouped},
};
use jiff::tz::TimeZone;

/// The most changes of an entry that are shown.
const MOST: usize = 20;

/// Returns the lines of an entry, with an empty one behind them. With `touched`, only the changes that it takes are
/// shown. `program` is the beginning of each command: the name and the flags for this etcd.
pub(super) fn lines(
    entry: &JournalEntry,
    end: EntryState,
    touched: Option<&Touched>,
    (style, zone): (Style, &TimeZone),
    program: &str,
) -> Vec<String> {
    let when = entry.time.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z");
    let kind = if entry.kind.is_empty() { "change" } else { &entry.kind };
    let mut lines = vec![style.bold(ForeignText::from(&*format!("{when}  {kind}  {}", entry.id.0)))];
    lines.extend(wrapped("  ", &format!("{}, {}", who(&entry.author), place(entry))));
    if let Some(about) = &entry.about {
        lines.push(format!("  of entry {}", ForeignText::from(&*about.0)));
    }
    lines.extend(entry.reason.iter().flat_map(|reason| wrapped("  because: ", reason)));
    lines.extend(wrapped("  ", &outcome(entry, end, program)));
    let wanted = |change: &&RecordedChange| {
        touched.is_none_or(|touched| change.keys().into_iter().any(|key| touched.takes(key)))
    };
    let all = entry.recorded.iter().filter(wanted).count();
    for change in entry.recorded.iter().filter(wanted).take(MOST) {
        describe(change, style, &mut lines);
    }
    if all > MOST {
        let more = grouped(all - MOST);
        lines.push(format!("    and {more} more; log -o json has them all"));
    }
    lines.push(String::new());
    lines
}

/// Returns a text such as `ada as root, from 192.0.2.7, on m1`.
pub(super) fn who(author: &Author) -> String {
    let user = author.user.as_deref();
    let who = match (author.sudo_user.as_deref(), user) {
        (Some(sudo), Some(user)) if sudo != user => format!("{sudo} as {user}"),
        (Some(name), _) | (None, Some(name)) => name.to_owned(),
        (None, None) => author.uid.map_or_else(|| "somebody".to_owned(), |uid| format!("uid {uid}")),
    };
    let client = author.ssh.as_deref().and_then(|ssh| ssh.split(' ').next());
    let from = client.map(|client| format!("from {client}"));
    let on = author.host.as_ref().map(|host| format!("on {host}"));
    [Some(who), from, on].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn place(entry: &JournalEntry) -> String {
    format!("in {} of cluster {}", entry.scope, entry.cluster)
}

/// Returns the outcome of an entry.
fn outcome(entry: &JournalEntry, end: EntryState, program: &str) -> String {
    let of = |number: usize| format!("{} of {}", grouped(number), counted(entry.recorded.len(), "key"));
    match &entry.outcome {
        Some(RecordedOutcome::Done { changed, revision }) => {
            format!("done: {} at revision {revision}", counted(*changed, "key"))
        }
        Some(RecordedOutcome::Partly { done, why, .. }) => format!("partly: {}: {why}", of(done.len())),
        Some(RecordedOutcome::NothingChanged { why }) => format!("nothing was changed: {why}"),
        Some(RecordedOutcome::Unknown { done, unsure, why, .. }) => {
            format!("unknown: {} for certain, {} perhaps: {why}", of(done.len()), unsure.len())
        }
        None => match end {
            EntryState::Running => format!("being made by process {}", entry.author.pid),
            EntryState::Settled => "broken off, and finished or taken back by a later entry".to_owned(),
            EntryState::Known | EntryState::BrokenOff => {
                format!("broken off: see {program} resume {}", entry.id.0)
            }
        },
    }
}

fn describe(change: &RecordedChange, style: Style, lines: &mut Vec<String>) {
    let word = match change {
        RecordedChange::Create { .. } => "new",
        RecordedChange::Update { .. } => "change",
        RecordedChange::Delete { .. } => "delete",
        RecordedChange::Move { .. } => "move",
    };
    let mut parts = change.parts().into_iter();
    for (number, KeyEffect { key, before, after, lease }) in parts.by_ref().enumerate() {
        let word = if number == 0 { word } else { "to" };
        lines.push(format!("  {word:>8}  {}", ForeignText::from(key)));
        lines.extend(before.iter().map(|bytes| style.removed(value("-", bytes))));
        lines.extend(after.iter().map(|bytes| style.added(value("+", bytes))));
        lines.extend(lease.map(|lease| format!("              lease {}", ForeignText::from(lease))));
    }
}

/// Returns a value on one line, which is never broken, so that it can be copied.
fn value(mark: &str, bytes: &RecordedBytes) -> String {
    let text = match bytes {
        RecordedBytes::Text(text) if text.is_empty() => "(empty)",
        RecordedBytes::Text(text) | RecordedBytes::Spelled { spelled: text } => text,
    };
    format!("            {mark} {}", ForeignText::from(text))
}
