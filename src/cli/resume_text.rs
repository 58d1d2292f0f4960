//! State of an entry that was broken off, key by key.
use super::{log_text::who, style::Style};
use crate::{
    foreign_text::ForeignText,
    journal::JournalEntry,
    keys::Revision,
    plan::{Resume, ResumeState},
    quantity::{counted, grouped},
};
use jiff::tz::TimeZone;
use serde::Serialize;

/// The most keys that are listed one by one.
const MOST: usize = 20;
/// The states in the order in which they are shown.
const STANDINGS: [ResumeState; 4] =
    [ResumeState::Made, ResumeState::Open, ResumeState::Overtaken, ResumeState::Unclear];

#[derive(Serialize)]
struct ResumeLine<'a> {
    id: &'a str,
    time: jiff::Timestamp,
    user: Option<&'a str>,
    host: Option<&'a str>,
    pid: u32,
    cluster_id: String,
    scope: &'a str,
    kind: &'a str,
    /// The text to type, for finishing it and for taking it back.
    challenge: String,
    /// The revision at which its keys were looked at.
    revision: i64,
    made: usize,
    not_made: usize,
    overtaken: usize,
    unclear: usize,
    changes: Vec<ResumeChangeLine>,
}

#[derive(Serialize)]
struct ResumeChangeLine {
    key: String,
    /// `made`, `not_made`, `overtaken` or `unclear`.
    state: &'static str,
}

/// Returns the entry as `-o json` prints it. The names of the fields are stable.
pub(super) fn json(entry: &JournalEntry, resume: &Resume, at: Revision) -> String {
    let changes = resume
        .items()
        .iter()
        .map(|item| ResumeChangeLine { key: item.change.key().spelled(), state: item.standing.word() });
    let line = ResumeLine {
        id: &entry.id.0,
        time: entry.time,
        user: entry.author.user.as_deref(),
        host: entry.author.host.as_deref(),
        pid: entry.author.pid,
        cluster_id: entry.cluster.to_string(),
        scope: &entry.scope,
        kind: &entry.kind,
        challenge: resume.challenge().map(|challenge| challenge.to_string()).unwrap_or_default(),
        revision: at.0,
        made: resume.count(ResumeState::Made),
        not_made: resume.count(ResumeState::Open),
        overtaken: resume.count(ResumeState::Overtaken),
        unclear: resume.count(ResumeState::Unclear),
        changes: changes.collect(),
    };
    // Strings and numbers always serialise.
    serde_json::to_string(&line).unwrap_or_default()
}

/// Returns the entry as a person reads it. `program` is the beginning of each command: the name and the flags for this
/// etcd.
pub(super) fn lines(entry: &JournalEntry, resume: &Resume, program: &str, style: Style) -> Vec<String> {
    let safe = |text: String| ForeignText::from(text.as_str()).to_string();
    let when = entry.time.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S %Z");
    let kind = if entry.kind.is_empty() { "change" } else { &entry.kind };
    let mut lines = vec![
        style.bold(safe(format!("{when}  {kind}  {}", entry.id.0))),
        safe(format!("  {}, process {}", who(&entry.author), entry.author.pid)),
        safe(format!("  {}", summary(resume))),
    ];
    for standing in STANDINGS {
        let items = resume.items().iter().filter(|item| item.standing == standing);
        for item in items.take(MOST) {
            lines.push(format!("    {:9}  {}", said(standing), item.change.key()));
        }
        let all = resume.count(standing);
        if all > MOST {
            lines.push(format!("    {:9}  and {} more", said(standing), grouped(all - MOST)));
        }
    }
    let id = &entry.id.0;
    if resume.count(ResumeState::Open) > 0 {
        lines.push(safe(format!("  To finish it:     {program} resume {id}")));
    } else {
        lines.push(safe(format!("  To conclude it:   {program} resume {id}")));
    }
    if resume.count(ResumeState::Made) > 0 {
        lines.push(safe(format!("  To take it back:  {program} undo {id}")));
    }
    lines.push(String::new());
    lines
}

/// Returns a text such as `of 3,000 keys 1,270 were changed and 1,730 were not`.
fn summary(resume: &Resume) -> String {
    let number = |standing| grouped(resume.count(standing));
    let changed =
        format!("of {} {} changed", counted(resume.items().len(), "key"), number(ResumeState::Made));
    let more =
        |standing, said: &str| (resume.count(standing) > 0).then(|| format!("{} {said}", number(standing)));
    let parts = [
        Some(changed),
        Some(format!("{} not", number(ResumeState::Open))),
        more(ResumeState::Overtaken, "not, and written by somebody since"),
        more(ResumeState::Unclear, "written by somebody since, so that nobody knows"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn said(standing: ResumeState) -> &'static str {
    match standing {
        ResumeState::Made => "changed",
        ResumeState::Open => "not",
        ResumeState::Overtaken => "overtaken",
        ResumeState::Unclear => "unclear",
    }
}
