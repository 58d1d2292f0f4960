pub(super) mod view;

use super::{KeyHandler, Notice, Overlay, OverlayState, take_back};
use crate::{
    app::{
        Effect, Model, RequestId, WorkerTask,
        keymap::{Command, KeyContext},
    },
    failure::Failure,
    journal::{EntryHeading, JournalEntry, RecordedOutcome},
    keys::Scope,
    plan::{Change, EntryId, PlanPurpose},
};
use std::collections::HashMap;

/// The journal: the changes that were made with this program, the newest first.
#[derive(Debug)]
pub struct JournalList {
    request: RequestId,
    /// `None` while it is read.
    pub known: Option<Headings>,
    pub cursor: usize,
}

/// Entries of the journal, as far as they are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headings {
    /// The newest first.
    pub newest: Vec<EntryHeading>,
    /// Number of older ones.
    pub older: usize,
    /// Number of lines that are no entries.
    pub unreadable: usize,
    /// For each entry that was taken back, the later entry that did it.
    undone: HashMap<EntryId, EntryId>,
}

impl Headings {
    /// The newest first.
    #[must_use]
    pub fn new(newest: Vec<EntryHeading>, older: usize, unreadable: usize) -> Self {
        let undo = PlanPurpose::Undo(EntryId(String::new()));
        let made = |heading: &EntryHeading| {
            !matches!(&heading.outcome, None | Some(RecordedOutcome::NothingChanged { .. }))
        };
        let mut undone = HashMap::new();
        // An undo is newer than its entry, so each entry is met after all that could have taken it back.
        for heading in &newest {
            if let Some(about) = &heading.about
                && heading.kind == undo.word()
                && made(heading)
                && !undone.contains_key(&heading.id)
            {
                undone.entry(about.clone()).or_insert_with(|| heading.id.clone());
            }
        }
        Self { newest, older, unreadable, undone }
    }

    /// The entry that took this one back, if one did and still stands.
    #[must_use]
    pub fn undone_by(&self, entry: &EntryId) -> Option<&EntryId> {
        self.undone.get(entry)
    }
}

/// One entry, with the values of its keys before and after.
#[derive(Debug)]
pub struct EntryView {
    pub heading: EntryHeading,
    /// The entry that took it back.
    pub undone_by: Option<EntryId>,
    request: RequestId,
    /// `None` while it is read; the text is the reason why it cannot be shown.
    pub changes: Option<Result<Vec<Change>, String>>,
    pub scroll: u16,
}

impl JournalList {
    /// Number of entries that can be stepped through.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.as_ref().map_or(0, |known| known.newest.len())
    }

    /// Tells whether none is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The entry under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&EntryHeading> {
        self.known.as_ref()?.newest.get(self.cursor)
    }
}

/// Opens the journal.
pub(in crate::app) fn open(model: &mut Model) -> Vec<Effect> {
    let request = model.request();
    model.overlays.push(Overlay::Journal(Box::new(JournalList { request, known: None, cursor: 0 })));
    vec![Effect::Worker(WorkerTask::Journal(request))]
}

pub(in crate::app) fn on_read(model: &mut Model, request: RequestId, read: Result<Headings, Failure>) {
    let waiting =
        |overlay: &&mut Overlay| matches!(overlay, Overlay::Journal(list) if list.request == request);
    let Some(overlay) = model.overlays.iter_mut().find(waiting) else { return };
    match (read, &mut *overlay) {
        (Ok(headings), Overlay::Journal(list)) => list.known = Some(headings),
        (Err(failure), overlay) => *overlay = Overlay::Notice(Notice::of_failure(&failure)),
        (Ok(_), _) => {}
    }
}

pub(in crate::app) fn on_entry(
    model: &mut Model,
    request: RequestId,
    read: &Result<Box<JournalEntry>, String>,
) {
    let scope = model.session.scope.clone();
    for overlay in &mut model.overlays {
        if let Overlay::Entry(view) = overlay
            && view.request == request
        {
            view.changes = Some(match read {
                Ok(entry) => changes(entry, &scope),
                Err(why) => Err(why.clone()),
            });
        }
    }
}

fn changes(entry: &JournalEntry, scope: &Scope) -> Result<Vec<Change>, String> {
    entry.changes(scope).map_err(|error| error.to_string())
}

fn on_key(model: &mut Model, command: Option<Command>) -> Vec<Effect> {
    let Some(Overlay::Journal(list)) = model.overlays.last_mut() else { return vec![] };
    let selected = list.selected().cloned();
    match (command, selected) {
        (Some(Command::Back), _) => {
            model.overlays.pop();
            vec![]
        }
        (Some(Command::Open), Some(heading)) => {
            let undone_by = list.known.as_ref().and_then(|known| known.undone_by(&heading.id)).cloned();
            let (request, entry) = (model.request(), heading.id.clone());
            let view = EntryView { heading, undone_by, request, changes: None, scroll: 0 };
            model.overlays.push(Overlay::Entry(Box::new(view)));
            vec![Effect::Worker(WorkerTask::Entry(request, entry))]
        }
        (Some(Command::Undo), Some(heading)) => take_back::undo(model, heading.id),
        (command, _) => {
            let len = list.len();
            super::step(&mut list.cursor, len, command);
            vec![]
        }
    }
}

fn on_entry_key(model: &mut Model, command: Option<Command>) -> Vec<Effect> {
    let Some(Overlay::Entry(view)) = model.overlays.last_mut() else { return vec![] };
    match command {
        Some(Command::Back) => {
            model.overlays.pop();
            vec![]
        }
        Some(Command::Undo) => {
            let entry = view.heading.id.clone();
            take_back::undo(model, entry)
        }
        command => {
            super::scroll(&mut view.scroll, command);
            vec![]
        }
    }
}

impl OverlayState for JournalList {
    fn place(&self) -> KeyContext {
        KeyContext::Journal
    }

    fn handler(&self) -> KeyHandler {
        |model, command, _| on_key(model, command)
    }

    fn has_use_for(&self, command: Command) -> bool {
        match command {
            Command::Open | Command::Undo => !self.is_empty(),
            _ => true,
        }
    }
}

impl OverlayState for EntryView {
    fn place(&self) -> KeyContext {
        KeyContext::Entry
    }

    fn handler(&self) -> KeyHandler {
        |model, command, _| on_entry_key(model, command)
    }

    fn scroll_mut(&mut self) -> Option<&mut u16> {
        Some(&mut self.scroll)
    }
}
