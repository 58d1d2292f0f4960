//! History of a key or a name, at every revision that etcd still has.
use super::{
    Exit,
    arguments::HistoryFlags,
    command_error::CommandError,
    cut::print_text,
    output::{Screen, print_lines, say},
    reach,
    record_json::object,
    style::Style,
};
use crate::{
    foreign_text::ForeignText,
    keys::{KeyValue, Revision, ScopedKey, spelling::spell},
    ops::{History, NOT_VOUCHED, history},
    quantity::grouped,
    session::{Session, Store},
    store::Event,
    view::value_lines,
};
use serde::Serialize;
use serde_json::value::RawValue;
use similar::{ChangeTag, TextDiff};
use std::collections::HashMap;

#[derive(Serialize)]
struct VersionLine {
    key: String,
    revision: i64,
    op: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<String>,
    version: Option<i64>,
    create_revision: Option<i64>,
    lease: Option<String>,
}

/// Prints the versions, the oldest first.
pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &HistoryFlags,
) -> Result<Exit, CommandError> {
    let scope = session.scope();
    let reach = reach::parse(scope, &flags.target)?;
    let reader = session.reader().await?;
    let most = usize::try_from(flags.limit).unwrap_or(usize::MAX);
    let history = history(&reader, scope, reach.own.as_ref(), reach.below.as_ref(), most).await?;
    if history.versions.is_empty() {
        let what = format!("nothing was at {} {}", flags.target, since(&history));
        let saved = reach::saved_elsewhere(session, &reader, &reach).await;
        return Err(CommandError::new(Exit::Failed, what, "Look for it with search.").hint(&saved));
    }
    if screen.is_json() {
        print_lines(history.versions.iter().map(json))?;
    } else {
        print_text(told(&history, screen.style), screen.ascii)?;
    }
    if history.left_out > 0 {
        say(format_args!("{} older versions are not shown; --limit shows more.", grouped(history.left_out)));
    }
    say(format_args!("Read at revision {}. {}", history.until, beginning(&history)));
    if !history.vouched {
        say(NOT_VOUCHED);
    }
    Ok(Exit::Done)
}

/// Returns the beginning of the history, as a sentence.
fn beginning(history: &History) -> String {
    match history.oldest {
        Revision(..=1) => "Nothing was compacted: this etcd has its whole history.".to_owned(),
        oldest => format!("Older history was compacted at revision {oldest}."),
    }
}

fn since(history: &History) -> String {
    match history.oldest {
        Revision(..=1) => "at any time".to_owned(),
        oldest => format!("since revision {oldest}, where etcd's history begins"),
    }
}

fn json(event: &Event) -> String {
    let line = match event {
        Event::Put(record) => {
            let value = object(&record.value);
            let raw = value.is_none().then(|| spell(&record.value));
            VersionLine {
                key: record.key.spelled(),
                revision: record.mod_revision.0,
                op: "put",
                value,
                raw,
                version: Some(record.version),
                create_revision: Some(record.create_revision.0),
                lease: record.lease.map(|lease| lease.to_string()),
            }
        }
        Event::Delete { key, revision } => VersionLine {
            key: key.spelled(),
            revision: revision.0,
            op: "delete",
            value: None,
            raw: None,
            version: None,
            create_revision: None,
            lease: None,
        },
    };
    // Strings and numbers always serialise.
    serde_json::to_string(&line).unwrap_or_default()
}

fn told(history: &History, style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    let mut before: HashMap<&ScopedKey, &KeyValue> = HashMap::new();
    for event in &history.versions {
        let (what, key) = match event {
            Event::Put(record) => (put(record, before.get(&record.key).copied()), &record.key),
            Event::Delete { key, .. } => ("deleted".to_owned(), key),
        };
        lines.push(style.bold(format!("{:>10}  {key}", event.revision().to_string())));
        lines.push(format!("            {what}"));
        match event {
            Event::Put(record) => {
                lines.extend(difference(before.insert(key, record), record, style));
            }
            Event::Delete { key, .. } => {
                lines.extend(before.remove(key).map(|was| gone(was, style)));
            }
        }
    }
    lines
}

/// Returns a text such as `version 3, created at revision 8001, lease 0000000000000abc`.
fn put(record: &KeyValue, before: Option<&KeyValue>) -> String {
    let life = match record.version {
        1 => "created".to_owned(),
        version => format!("version {version}, created at revision {}", record.create_revision),
    };
    match (before.and_then(|before| before.lease), record.lease) {
        (_, Some(lease)) => format!("{life}, lease {lease}"),
        (Some(_), None) => format!("{life}, without its lease from here on"),
        (None, None) => life,
    }
}

fn value(bytes: &[u8]) -> String {
    if bytes.is_empty() { "(empty)".to_owned() } else { ForeignText(bytes).to_string() }
}

fn gone(was: &KeyValue, style: Style) -> String {
    style.removed(format!("          - {}", value(&was.value)))
}

/// Returns the fields that differ, or the whole value if there was none before.
fn difference(before: Option<&KeyValue>, record: &KeyValue, style: Style) -> Vec<String> {
    let Some(before) = before else {
        return vec![style.added(format!("          + {}", value(&record.value)))];
    };
    if before.value == record.value {
        return vec![style.dim("          the same value again")];
    }
    let (old, new) = (value_lines(&before.value, false), value_lines(&record.value, false));
    // A field gets a comma if another one follows it, which is no change of the field.
    let are_objects = object(&before.value).is_some() && object(&record.value).is_some();
    let lines: Vec<String> = TextDiff::from_slices(&fields(&old, are_objects), &fields(&new, are_objects))
        .iter_all_changes()
        .filter_map(|change| {
            let line = change.value().trim_start();
            match change.tag() {
                ChangeTag::Equal => None,
                ChangeTag::Delete => Some(style.removed(format!("          - {line}"))),
                ChangeTag::Insert => Some(style.added(format!("          + {line}"))),
            }
        })
        .collect();
    if lines.is_empty() { vec![style.dim("          only blanks between the fields differ")] } else { lines }
}

fn fields(lines: &[String], are_fields: bool) -> Vec<&str> {
    lines.iter().map(|line| if are_fields { line.trim_end_matches(',') } else { line }).collect()
}
