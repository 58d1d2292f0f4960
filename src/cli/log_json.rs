//! Entry of the journal as `log -o json` prints it. The names of the fields are stable.
use super::log::EntryState;
use crate::journal::{JournalEntry, KeyEffect, RecordedBytes, RecordedOutcome};
use serde::Serialize;
use std::collections::HashSet;

#[derive(Serialize)]
struct LogLine<'a> {
    id: &'a str,
    time: jiff::Timestamp,
    user: Option<&'a str>,
    sudo_user: Option<&'a str>,
    /// The client's address and port, and the server's address and port.
    ssh: Option<&'a str>,
    host: Option<&'a str>,
    pid: u32,
    program: &'a str,
    cluster_id: String,
    scope: &'a str,
    /// The revision of its last transaction; `null` while that is not known.
    revision: Option<i64>,
    /// The revision at which it was planned.
    read_at: i64,
    kind: &'a str,
    about: Option<&'a str>,
    /// The reason for it, in its author's words.
    reason: Option<&'a str>,
    challenge: &'a str,
    outcome: &'static str,
    why: Option<&'a str>,
    changes: Vec<LogChangeLine<'a>>,
}

#[derive(Serialize)]
struct LogChangeLine<'a> {
    key: &'a str,
    before: Option<&'a RecordedBytes>,
    after: Option<&'a RecordedBytes>,
    /// The lease that the key had, and the one that it got.
    #[serde(skip_serializing_if = "Option::is_none")]
    lease: Option<&'a str>,
    /// True if this change was made; `null` if nobody knows.
    made: Option<bool>,
}

/// Returns the line of an entry.
pub(super) fn line(entry: &JournalEntry, end: EntryState) -> String {
    let (outcome, why, revision) = match &entry.outcome {
        Some(RecordedOutcome::Done { revision, .. }) => ("done", None, Some(revision.0)),
        Some(RecordedOutcome::Partly { why, .. }) => ("partly", Some(&**why), None),
        Some(RecordedOutcome::NothingChanged { why }) => ("nothing_changed", Some(&**why), None),
        Some(RecordedOutcome::Unknown { why, .. }) => ("unknown", Some(&**why), None),
        None => (word(end), None, None),
    };
    let made = made(entry.outcome.as_ref());
    let changes = entry.recorded.iter().flat_map(|change| {
        let made = made(change.key());
        change.parts().into_iter().map(move |KeyEffect { key, before, after, lease }| LogChangeLine {
            key,
            before,
            after,
            lease,
            made,
        })
    });
    let author = &entry.author;
    let line = LogLine {
        id: &entry.id.0,
        time: entry.time,
        user: author.user.as_deref(),
        sudo_user: author.sudo_user.as_deref(),
        ssh: author.ssh.as_deref(),
        host: author.host.as_deref(),
        pid: author.pid,
        program: &author.program,
        cluster_id: entry.cluster.to_string(),
        scope: &entry.scope,
        revision,
        read_at: entry.read_at.0,
        kind: &entry.kind,
        about: entry.about.as_ref().map(|about| &*about.0),
        reason: entry.reason.as_deref(),
        challenge: &entry.challenge,
        outcome,
        why,
        changes: changes.collect(),
    };
    // Strings and numbers always serialise.
    serde_json::to_string(&line).unwrap_or_default()
}

fn word(end: EntryState) -> &'static str {
    match end {
        EntryState::Running => "running",
        EntryState::Settled => "settled",
        EntryState::Known | EntryState::BrokenOff => "broken_off",
    }
}

/// Tells whether the change of a key was made.
fn made(outcome: Option<&RecordedOutcome>) -> impl Fn(&str) -> Option<bool> {
    let (mut done, mut unsure): (HashSet<&str>, HashSet<&str>) = (HashSet::new(), HashSet::new());
    let all = match outcome {
        Some(RecordedOutcome::Done { .. }) => Some(Some(true)),
        None => Some(None),
        Some(RecordedOutcome::NothingChanged { .. }) => Some(Some(false)),
        Some(RecordedOutcome::Partly { done: keys, .. }) => {
            done = keys.iter().map(String::as_str).collect();
            None
        }
        Some(RecordedOutcome::Unknown { done: keys, unsure: others, .. }) => {
            done = keys.iter().map(String::as_str).collect();
            unsure = others.iter().map(String::as_str).collect();
            None
        }
    };
    move |key| match all {
        Some(all) => all,
        None if unsure.contains(key) => None,
        None => Some(done.contains(key)),
    }
}
