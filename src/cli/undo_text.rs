//! Undo as a person reads it before the plan.
use super::style::Style;
use crate::{
    foreign_text::ForeignText,
    journal::{JournalEntry, RecordedBytes},
    plan::{GoneLease, Since, Undo, UndoConflict, UndoError, UndoStatus},
    quantity::counted,
};
use serde::Serialize;

/// Undo that is no plan yet.
#[derive(Serialize)]
struct UndecidedLine {
    outcome: &'static str,
    undoes: String,
    /// The entry that took it back already.
    #[serde(skip_serializing_if = "Option::is_none")]
    undone_by: Option<String>,
    conflicts: Vec<ConflictLine>,
    /// The leases that are gone and have keys to come back.
    leases: Vec<EndedLeaseLine>,
}

#[derive(Serialize)]
struct ConflictLine {
    key: String,
    why: &'static str,
    now: Option<RecordedBytes>,
    would_put: Option<RecordedBytes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
}

#[derive(Serialize)]
struct EndedLeaseLine {
    lease: String,
    keys: usize,
    /// The remaining seconds.
    remained: Option<u64>,
}

/// Returns the lines before the plan: the author of the change, its conflicts one by one, and the leases that are gone.
pub(super) fn lines(entry: &JournalEntry, undo: &Undo, style: Style) -> Vec<String> {
    let kind = if entry.kind.is_empty() { "change" } else { &entry.kind };
    let safe = |text: &str| ForeignText::from(text).to_string();
    let count = |which: fn(&UndoStatus) -> bool| undo.items().iter().filter(|item| which(&item.fate)).count();
    let parts = [
        (count(|fate| matches!(fate, UndoStatus::Open(_))), "can be taken back"),
        (count(|fate| matches!(fate, UndoStatus::Back)), "back already"),
        (count(|fate| matches!(fate, UndoStatus::NeverMade)), "never made"),
        (count(|fate| matches!(fate, UndoStatus::Conflict(_))), "in conflict"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
    let who = entry.author.sudo_user.as_ref().or(entry.author.user.as_ref());
    let by = who.map(|who| format!(" by {}", safe(who))).unwrap_or_default();
    let mut lines = vec![
        style.bold(format!("Undo of {}: {} at {}", safe(&entry.id.0), safe(kind), safe(&entry.challenge))),
        format!("Done{by} at {}; of {} changes: {}", entry.time, undo.items().len(), parts.join(", ")),
    ];
    if entry.outcome.is_none() {
        lines.push("It was broken off; what was made of it is told from the keys.".to_owned());
    }
    for clash in undo.conflicts() {
        conflict(clash, style, &mut lines);
    }
    lines.extend(undo.gone().iter().map(|gone| format!("  {}", lease(gone))));
    lines.push(String::new());
    lines
}

fn conflict(clash: &UndoConflict, style: Style, lines: &mut Vec<String>) {
    let value = |bytes: &[u8]| {
        if bytes.is_empty() { "(empty)".to_owned() } else { ForeignText(bytes).to_string() }
    };
    lines.push(style.bold(format!("  conflict  {}", ForeignText::from(clash.to_string().as_str()))));
    lines.push(match &clash.is {
        Some(is) => format!("      is there now: {}", value(&is.value)),
        None => "      nothing is there now".to_owned(),
    });
    lines.push(match &clash.would_put {
        Some(put) => format!("      would be put:  {}", value(put)),
        None => "      would be deleted".to_owned(),
    });
}

fn lease(gone: &GoneLease) -> String {
    let GoneLease { lease, keys: number, remained } = gone;
    let remained = match remained {
        Some(remained) => format!("{} s of it remained", remained.as_secs()),
        None => "what remained of it is not known".to_owned(),
    };
    format!("lease {lease} of {} is gone; {remained}", counted(*number, "key"))
}

/// Returns one line of JSON about an undo that is no plan.
pub(super) fn json(undo: &Undo, undecided: &UndoError) -> String {
    let line = UndecidedLine {
        outcome: match undecided {
            UndoError::UndoneAlready { .. }
            | UndoError::NothingLeft(_)
            | UndoError::NeverMade(_)
            | UndoError::AllLeftOut { .. } => "nothing_changed",
            UndoError::Conflicts(_) | UndoError::AllWritten { .. } => "conflict",
            UndoError::LeaseGone(_) | UndoError::RemainderUnknown(_) => "lease_gone",
        },
        undoes: undo.entry().0.clone(),
        undone_by: undo.undone_by().map(|by| by.0.clone()),
        conflicts: undo.conflicts().map(ConflictLine::of).collect(),
        leases: undo.gone().iter().map(EndedLeaseLine::of).collect(),
    };
    // Strings and numbers always serialise.
    serde_json::to_string(&line).unwrap_or_default()
}

impl ConflictLine {
    fn of(clash: &UndoConflict) -> Self {
        Self {
            key: clash.key.spelled(),
            why: match clash.why {
                Since::Changed(_) => "changed",
                Since::Recreated(_) => "recreated",
                Since::Deleted => "deleted",
                Since::Unclear => "unclear",
            },
            now: clash.is.as_ref().map(|is| RecordedBytes::of(&is.value)),
            would_put: clash.would_put.as_deref().map(RecordedBytes::of),
            by: clash.by.as_ref().map(|by| by.0.clone()),
        }
    }
}

impl EndedLeaseLine {
    fn of(gone: &GoneLease) -> Self {
        let remained = gone.remained.map(|remained| remained.as_secs());
        Self { lease: gone.lease.to_string(), keys: gone.keys, remained }
    }
}
