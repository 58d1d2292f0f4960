use super::{Snapshot, Traced};
use crate::{
    app::RequestId,
    dns::lint::{Findings, lint_in},
};
use std::sync::{Arc, atomic::AtomicBool};

/// Findings about the records, as far as they have been looked at.
#[derive(Debug, Default)]
pub struct Linting {
    /// The findings of the last look; `None` before the first.
    pub known: Option<Arc<Findings>>,
    waiting: Option<RequestId>,
    /// A key has changed since.
    outdated: bool,
}

impl Linting {
    /// Looks at all records. `None` if it was stopped.
    #[must_use]
    pub fn look(snapshot: &Snapshot, stop: &AtomicBool) -> Option<Findings> {
        let (source, serving) = (snapshot.source(), snapshot.served());
        let traced = Traced::new(&source, stop);
        let findings = lint_in(&traced, &serving, &snapshot.circumstances);
        traced.finish().map(|_| findings)
    }

    /// Notes that a key has changed: the records are to be looked at again.
    pub(in crate::app) fn outdate(&mut self) {
        self.outdated = true;
    }

    /// Tells whether to look again, with this request. One look is made at a time, or a busy scope would never be
    /// looked at to the end.
    pub(in crate::app) fn begin(&mut self, request: RequestId) -> bool {
        let begins = self.outdated && self.waiting.is_none();
        if begins {
            self.waiting = Some(request);
            self.outdated = false;
        }
        begins
    }

    pub(in crate::app) fn take(&mut self, request: RequestId, findings: Arc<Findings>) {
        if self.waiting == Some(request) {
            self.waiting = None;
            self.known = Some(findings);
        }
    }
}
