//! Entries that were broken off: their outcome is not in the journal.
use super::{JournalContents, entry::EntryHeading, line::RecordedOutcome, process::ProcessState};
use crate::keys::{ClusterId, Scope};
use std::collections::HashSet;

impl JournalContents {
    /// Returns the entries of this cluster and scope that were broken off, oldest first, each with its number:
    /// intended, never concluded, not settled by a later undo or finish, and not still being made by another
    /// session.
    #[must_use]
    pub fn broken_off(&self, cluster: ClusterId, scope: &Scope) -> Vec<(usize, &EntryHeading)> {
        let settled = self.settled();
        let scope = scope.to_string();
        let headings = self.headings().iter().enumerate();
        headings
            .filter(|(_, heading)| heading.cluster == cluster && heading.scope == scope)
            .filter(|(_, heading)| heading.outcome.is_none() && !settled.contains(&*heading.id.0))
            .filter(|(_, heading)| heading.author.is_running() != ProcessState::Yes)
            .collect()
    }

    /// Returns the ids of the entries that a later one has taken back or finished.
    #[must_use]
    pub fn settled(&self) -> HashSet<&str> {
        let done = |heading: &&EntryHeading| matches!(heading.outcome, Some(RecordedOutcome::Done { .. }));
        self.headings().iter().filter(done).filter_map(|heading| Some(&*heading.about.as_ref()?.0)).collect()
    }
}

/// Writes one line for the beginning of a session: that changes were broken off, and the command that shows
/// them, which begins with `program`. `None` for none.
#[must_use]
pub fn broken_off_line(broken_off: &[(usize, &EntryHeading)], program: &str) -> Option<String> {
    let (_, first) = broken_off.first()?;
    let when = first.time.strftime("%Y-%m-%d %H:%M:%S UTC");
    let what = if first.kind.is_empty() { "change" } else { &first.kind };
    Some(match broken_off {
        [_] => format!(
            "an earlier change was broken off ({what} {}, {when}): {program} resume says what became of it",
            first.challenge
        ),
        more => format!(
            "{} earlier changes were broken off, the first on {when}: {program} resume says what became of them",
            more.len()
        ),
    })
}
