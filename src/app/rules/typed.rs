use super::{Snapshot, Traced};
use crate::{
    app::RequestId,
    dns::{
        ChangedSource, KeyContent, RecordSource,
        lint::{Finding, lint_one},
    },
    keys::ScopedKey,
};
use std::sync::atomic::AtomicBool;

/// Key and value that would be stored, as far as they are typed and known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedRecord {
    pub key: ScopedKey,
    pub content: KeyContent,
    /// The name's own record, which the same change moves to a leaf so that it goes on answering.
    pub moves: Option<ScopedKey>,
}

impl TypedRecord {
    /// Changes of the move, at its source and at its destination.
    fn moved(&self, source: &impl RecordSource) -> Vec<(Box<[u8]>, Option<KeyContent>)> {
        let Some(own) = self.moves.as_ref().map(ScopedKey::as_bytes) else { return vec![] };
        let Some(content) = source.content(own) else { return vec![] };
        // The plan decides which leaf it gets; here it only matters that it is one.
        let leaf = (1..=u32::MAX)
            .map(|number| [own, format!("/x{number}").as_bytes()].concat())
            .find(|leaf| *leaf != self.key.as_bytes() && !source.has(leaf));
        let arrives = leaf.map(|leaf| (leaf.into(), Some(content)));
        [(own.into(), None)].into_iter().chain(arrives).collect()
    }
}

/// Findings about a value while it is typed, before anything is saved.
#[derive(Debug, Default)]
pub struct TypedFindings {
    /// The findings of the typed value, or of the one a moment ago; the worst first.
    pub findings: Vec<Finding>,
    /// The value of the last look, or of the one that is being made.
    of: Option<TypedRecord>,
    waiting: Option<RequestId>,
}

impl TypedFindings {
    /// Looks at one value. `None` if it was stopped.
    #[must_use]
    pub fn look(snapshot: &Snapshot, entry: &TypedRecord, stop: &AtomicBool) -> Option<Vec<Finding>> {
        let (source, serving) = (snapshot.source(), snapshot.served());
        let moved = ChangedSource::new(&source, entry.moved(&source));
        let traced = Traced::new(&moved, stop);
        let mut findings = lint_one(&traced, &serving, entry.key.as_bytes(), &entry.content);
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        traced.finish().map(|_| findings)
    }

    /// Takes the value as it is typed now. Returns it if it has to be looked at, with this request.
    pub(in crate::app) fn turn_to(
        &mut self,
        typed: Option<TypedRecord>,
        request: RequestId,
    ) -> Option<TypedRecord> {
        if typed == self.of {
            return None;
        }
        self.of.clone_from(&typed);
        self.waiting = typed.as_ref().map(|_| request);
        if typed.is_none() {
            self.findings.clear();
        }
        typed
    }

    pub(in crate::app) fn take(&mut self, request: RequestId, findings: Vec<Finding>) {
        if self.waiting == Some(request) {
            self.waiting = None;
            self.findings = findings;
        }
    }
}
