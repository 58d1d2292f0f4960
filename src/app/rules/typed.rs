use super::{Snapshot, Traced};
use crate::{
    app::RequestId,
    dns::{
        Content,
        lint::{Finding, lint_one},
    },
    keys::ScopedKey,
};
use std::sync::atomic::AtomicBool;

/// What is wrong with a value while it is typed, before anything is saved.
#[derive(Debug, Default)]
pub struct Typed {
    /// The findings of what is typed, or was typed a moment ago; the worst first.
    pub findings: Vec<Finding>,
    /// What was looked at last, or is being looked at.
    of: Option<(ScopedKey, Content)>,
    waiting: Option<RequestId>,
}

impl Typed {
    /// Looks at one value. `None` when it was stopped.
    #[must_use]
    pub fn look(
        snapshot: &Snapshot,
        key: &ScopedKey,
        content: &Content,
        stop: &AtomicBool,
    ) -> Option<Vec<Finding>> {
        let (source, serving) = (snapshot.source(), snapshot.served());
        let traced = Traced::new(&source, stop);
        let mut findings = lint_one(&traced, &serving, key.as_bytes(), content);
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        traced.finish().map(|_| findings)
    }

    /// This is what stands there now. Gives it back when it has to be looked at, with this request.
    pub(in crate::app) fn turn_to(
        &mut self,
        typed: Option<(ScopedKey, Content)>,
        request: RequestId,
    ) -> Option<(ScopedKey, Content)> {
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
