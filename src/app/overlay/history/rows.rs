//! Rows of a history: one for each version, and one for all versions of a revision.
use crate::{keys::Revision, store::Event};
use std::{collections::BTreeSet, ops::Range};

/// A row, by the places of its versions among all, the newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryRow {
    revision: Revision,
    first: usize,
    len: usize,
    kind: HistoryRowKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HistoryRowKind {
    /// The only version of its revision.
    Alone,
    /// All versions of a revision; the rows of each follow while it is open.
    Whole { is_open: bool },
    /// One of several, below the row of its revision.
    Part,
}

impl HistoryRow {
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The places of its versions.
    #[must_use]
    pub fn versions(&self) -> Range<usize> {
        self.first..self.first + self.len
    }

    /// Tells whether it stands for several versions and hides them.
    #[must_use]
    pub fn is_folded(&self) -> bool {
        self.kind == HistoryRowKind::Whole { is_open: false }
    }

    /// Tells whether it stands for several versions that are shown below it.
    #[must_use]
    pub fn is_unfolded(&self) -> bool {
        self.kind == HistoryRowKind::Whole { is_open: true }
    }

    /// Tells whether it is one of several below the row of their revision.
    #[must_use]
    pub fn is_part(&self) -> bool {
        self.kind == HistoryRowKind::Part
    }
}

/// The rows of versions that stand in the order of their revisions, the newest first.
pub(super) fn of(versions: &[&Event], unfolded: &BTreeSet<Revision>) -> Vec<HistoryRow> {
    let (mut rows, mut first) = (vec![], 0);
    for same in versions.chunk_by(|a, b| a.revision() == b.revision()) {
        let (Some(event), len) = (same.first(), same.len()) else { continue };
        let revision = event.revision();
        if len == 1 {
            rows.push(HistoryRow { revision, first, len, kind: HistoryRowKind::Alone });
        } else {
            let is_open = unfolded.contains(&revision);
            rows.push(HistoryRow { revision, first, len, kind: HistoryRowKind::Whole { is_open } });
            let shown = if is_open { first..first + len } else { 0..0 };
            rows.extend(shown.map(|first| HistoryRow {
                revision,
                first,
                len: 1,
                kind: HistoryRowKind::Part,
            }));
        }
        first += len;
    }
    rows
}
