//! Answer in dig's layout.
use super::style::Style;
use crate::{
    dns::{Answer, AnswerOutcome, Name, Rcode, Rr, Why},
    foreign_text::ForeignText,
    keys::{Revision, spelling::spell},
};
use unicode_width::UnicodeWidthStr as _;

/// The widths of dig's columns; it fills them with tabs.
const OWNER: usize = 24;
const COLUMN: usize = 8;

/// Facts beside the answer.
#[derive(Debug, Default)]
pub(super) struct AnswerNotes {
    pub(super) revision: Option<Revision>,
    /// The number of leases whose time is not known.
    pub(super) unknown_leases: usize,
}

/// Returns the lines of an answer.
pub(super) fn lines(answer: &Answer, beside: &AnswerNotes, style: Style) -> Vec<String> {
    let mut lines = head(answer);
    lines.extend([String::new(), ";; QUESTION SECTION:".to_owned()]);
    let asked = format!(";{}", answer.question.spelled);
    lines.push(columns(&asked, "", &answer.question.kind.to_string(), ""));
    for (title, records) in
        [("ANSWER", &answer.answer), ("AUTHORITY", &answer.authority), ("ADDITIONAL", &answer.additional)]
    {
        if !records.is_empty() {
            lines.extend([String::new(), format!(";; {title} SECTION:")]);
            lines.extend(records.iter().map(|record| row(record, style)));
        }
    }
    lines.push(String::new());
    lines.extend(tail(answer, beside));
    lines
}

fn head(answer: &Answer) -> Vec<String> {
    let rcode = answer.outcome.rcode();
    let status = match answer.outcome {
        AnswerOutcome::Elsewhere => "not known here: something else answers",
        AnswerOutcome::Silence => "none: no reply can be sent, and the client times out",
        AnswerOutcome::Endless => "none: the question never ends, and CoreDNS may crash",
        AnswerOutcome::NoError
        | AnswerOutcome::NxDomain
        | AnswerOutcome::ServFail
        | AnswerOutcome::Refused => rcode.and_then(Rcode::mnemonic).unwrap_or_default(),
    };
    // A refusal does not come from this plugin, nor does the reply to a question that it has handed on.
    let by_plugin = answer.zone.is_some() && !matches!(answer.why, Why::HandedOn(_));
    let flags = if by_plugin { "qr aa" } else { "qr" };
    let mut lines = vec![format!(";; ->>HEADER<<- opcode: QUERY, status: {status}")];
    if rcode.is_some() {
        lines.push(format!(
            ";; flags: {flags}; QUERY: 1, ANSWER: {}, AUTHORITY: {}, ADDITIONAL: {}",
            answer.answer.len(),
            answer.authority.len(),
            answer.additional.len()
        ));
    }
    lines
}

/// Returns a record, with the key that it came from as a comment.
fn row(record: &Rr, style: Style) -> String {
    let safe = |text: &str| ForeignText::from(text).to_string();
    let line =
        columns(&safe(&record.owner), &record.ttl.to_string(), &record.kind.to_string(), &safe(&record.data));
    match &record.key {
        Some(key) => format!("{line} {}", style.dim(format_args!("; {}", spell(key)))),
        None => line,
    }
}

/// Returns owner, TTL, class and type in columns, and then the data.
fn columns(owner: &str, ttl: &str, kind: &str, data: &str) -> String {
    // A column that is full still ends with a blank.
    let owner_width = OWNER.max((owner.width() / COLUMN + 1) * COLUMN);
    let owner_gap = " ".repeat(owner_width.saturating_sub(owner.width()));
    format!("{owner}{owner_gap}{ttl:<COLUMN$}{:<COLUMN$}{kind:<COLUMN$}{data}", "IN").trim_end().to_owned()
}

/// Returns the facts that dig cannot have: the origin of the answer, and the reason.
fn tail(answer: &Answer, beside: &AnswerNotes) -> Vec<String> {
    let mut lines =
        vec![format!(";; zone: {}", answer.zone.as_ref().map_or_else(|| "none".to_owned(), Name::fqdn))];
    lines.push(format!(";; why: {}", ForeignText::from(answer.why.to_string().as_str())));
    lines.extend(answer.keys.iter().map(|key| format!(";; key: {}", spell(key))));
    lines.extend(
        answer
            .asks
            .iter()
            .map(|ask| format!(";; asked elsewhere: {} {}", ForeignText::from(&*ask.name), ask.kind)),
    );
    if beside.unknown_leases > 0 {
        lines.push(format!(
            ";; {} lease(s) did not tell their time: what hangs on them may have another TTL",
            beside.unknown_leases
        ));
    }
    lines.extend(beside.revision.map(|revision| format!(";; revision: {}", revision.0)));
    lines
}
