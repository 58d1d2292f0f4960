//! History of the selected record, for the pane of the record.
use super::{Effect, Model, RecordView, RequestId, WorkerTask};
use crate::{failure::Failure, keys::ScopedKey, ops::History, plan::KeySelection};

/// Number of versions that are read at most.
pub const MOST_VERSIONS: usize = 1_000;

/// The history of the record that is shown.
#[derive(Debug, Default)]
pub struct HistoryPane {
    /// The record whose history was asked for.
    of: Option<ScopedKey>,
    waiting: Option<RequestId>,
    /// The record has changed since it was asked for.
    outdated: bool,
    /// The history; `None` while it is read for the first time.
    pub known: Option<Result<History, Failure>>,
}

impl HistoryPane {
    /// Takes in that these keys were changed.
    pub(super) fn outdate(&mut self, keys: &[ScopedKey]) {
        self.outdated |= self.of.as_ref().is_some_and(|of| keys.contains(of));
    }

    pub(super) fn outdate_all(&mut self) {
        self.outdated = true;
    }

    fn take(&mut self, request: RequestId, read: Result<History, Failure>) -> bool {
        let mine = self.waiting == Some(request);
        if mine {
            self.waiting = None;
            self.known = Some(read);
        }
        mine
    }
}

impl Model {
    /// Asks for the history of the record under the cursor, while that is shown and not known.
    pub(super) fn ask_for_history(&mut self) -> Option<Effect> {
        if self.record.view != RecordView::History {
            return None;
        }
        let wanted = self.selected().map(|record| record.key.clone());
        let same = wanted == self.history.of;
        // A history that is on its way is waited for, so that a busy key is read once at a time.
        if same && (!self.history.outdated || self.history.waiting.is_some()) {
            return None;
        }
        let known = self.history.known.take().filter(|_| same);
        self.history = HistoryPane { of: wanted.clone(), known, ..HistoryPane::default() };
        let key = wanted?;
        let request = self.request();
        self.history.waiting = Some(request);
        Some(Effect::Worker(WorkerTask::History(request, KeySelection::key(&key))))
    }

    pub(super) fn on_history(&mut self, request: RequestId, read: Result<Box<History>, Failure>) {
        let read = read.map(|history| *history);
        if self.history.waiting == Some(request) {
            self.history.take(request, read);
        } else {
            super::overlay::history::on_history(self, request, read);
        }
    }
}
