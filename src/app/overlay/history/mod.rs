mod rows;
mod view;

pub use rows::HistoryRow;

use super::{KeyHandler, Notice, Overlay, OverlayState, take_back};
use crate::{
    app::{
        Effect, Model, Pane, RequestId, WorkerTask, as_of, copying,
        keymap::{Command, KeyContext},
    },
    failure::Failure,
    keys::{KeyValue, Revision},
    ops::History,
    plan::KeySelection,
    store::Event,
};
use std::collections::BTreeSet;

/// A record's versions, or those of a name with all below it: the newest first.
#[derive(Debug)]
pub struct HistoryList {
    pub reach: KeySelection,
    request: RequestId,
    /// `None` while it is read.
    pub known: Option<History>,
    /// The revisions whose keys are shown one by one.
    unfolded: BTreeSet<Revision>,
    /// The row under the cursor, counted from the newest.
    pub cursor: usize,
}

/// The revision that a row of a history stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryMoment {
    pub revision: Revision,
    /// The row is a deletion, and this is the revision before it, because the deleted keys are wanted back.
    pub before_deletion: bool,
}

impl HistoryList {
    fn new(reach: KeySelection, request: RequestId) -> Self {
        Self { reach, request, known: None, unfolded: BTreeSet::new(), cursor: 0 }
    }

    /// The versions, the newest first.
    #[must_use]
    pub fn versions(&self) -> Vec<&Event> {
        self.known.iter().flat_map(|history| history.versions.iter().rev()).collect()
    }

    /// The rows: several keys that one revision wrote are one row, which unfolds.
    #[must_use]
    pub fn rows(&self) -> Vec<HistoryRow> {
        rows::of(&self.versions(), &self.unfolded)
    }

    /// Tells whether the history is not known or is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.as_ref().is_none_or(|history| history.versions.is_empty())
    }

    /// The row under the cursor.
    #[must_use]
    pub fn row(&self) -> Option<HistoryRow> {
        self.rows().get(self.cursor).copied()
    }

    /// The versions of the row under the cursor: one, or all of its revision.
    #[must_use]
    pub fn chosen(&self) -> Vec<&Event> {
        let versions = self.versions();
        let of_row = self.row().and_then(|row| versions.get(row.versions()));
        of_row.map(<[&Event]>::to_vec).unwrap_or_default()
    }

    /// The version under the cursor, where its row is one key's.
    #[must_use]
    pub fn selected(&self) -> Option<&Event> {
        match &self.chosen()[..] {
            [only] => Some(*only),
            _ => None,
        }
    }

    /// The record that stood at the key of the version under the cursor before it.
    #[must_use]
    pub fn before(&self) -> Option<&KeyValue> {
        let key = self.selected()?.key();
        let at = self.row()?.versions().end;
        let mut older = self.versions().into_iter().skip(at);
        older.find(|event| event.key() == key).and_then(|event| match event {
            Event::Put(record) => Some(record),
            Event::Delete { .. } => None,
        })
    }

    /// The revision to go back to from the row under the cursor.
    #[must_use]
    pub fn moment(&self) -> Option<HistoryMoment> {
        let chosen = self.chosen();
        let revision = chosen.first()?.revision();
        let before_deletion = chosen.iter().any(|event| matches!(event, Event::Delete { .. }));
        let revision = if before_deletion { Revision(revision.0 - 1) } else { revision };
        Some(HistoryMoment { revision, before_deletion })
    }
}

/// Keys of the selection: the record, or in the tree the name with all below it.
pub(in crate::app) fn selected(model: &Model) -> Option<KeySelection> {
    let scope = &model.session.scope;
    match model.focus {
        Pane::Tree => Some(
            model
                .selected_name()
                .map_or_else(|| KeySelection::scope(scope), |name| KeySelection::name(scope, &name)),
        ),
        Pane::Records | Pane::Record => model.selected().map(|record| KeySelection::key(&record.key)),
    }
}

/// Opens the history of the selection.
pub(in crate::app) fn open(model: &mut Model) -> Vec<Effect> {
    // An empty scope has no record to select, and nothing is left of it but its history.
    let everything = model.index.is_empty().then(|| KeySelection::scope(&model.session.scope));
    let Some(reach) = everything.or_else(|| selected(model)) else {
        model.say("no record is selected: in the tree, H is the history of the whole name");
        return vec![];
    };
    let request = model.request();
    model.overlays.push(Overlay::History(Box::new(HistoryList::new(reach.clone(), request))));
    vec![Effect::Worker(WorkerTask::History(request, reach))]
}

pub(in crate::app) fn on_history(model: &mut Model, request: RequestId, read: Result<History, Failure>) {
    let waiting =
        |overlay: &&mut Overlay| matches!(overlay, Overlay::History(list) if list.request == request);
    let Some(overlay) = model.overlays.iter_mut().find(waiting) else { return };
    match (read, &mut *overlay) {
        (Ok(history), Overlay::History(list)) => list.known = Some(history),
        (Err(failure), overlay) => {
            let reach = if let Overlay::History(list) = &*overlay { list.reach.clone() } else { return };
            *overlay = Overlay::Notice(Notice::of_past(&failure, reach));
        }
        (Ok(_), _) => {}
    }
}

fn on_key(model: &mut Model, command: Option<Command>) -> Vec<Effect> {
    let Some(Overlay::History(list)) = model.overlays.last_mut() else { return vec![] };
    match (command, list.moment()) {
        (Some(Command::Back), _) => {
            model.overlays.pop();
            vec![]
        }
        (Some(Command::AsOf), Some(moment)) => {
            model.overlays.clear();
            let effects = as_of::ask(model, moment.revision);
            say_before(model, moment);
            effects
        }
        (Some(Command::CopyKey), Some(moment)) => match list.selected().cloned() {
            // A deleted key is read as it was before.
            Some(version) => copying::version(model, version.key(), moment.revision),
            None => several(model),
        },
        (Some(Command::PutBack), Some(moment)) => put_version_back(model, moment),
        (Some(Command::PutNameBack), Some(moment)) => {
            let reach = list.reach.clone();
            let effects =
                take_back::put_back(model, reach, moment.revision, take_back::FormerRecords::ToBeRead);
            say_before(model, moment);
            effects
        }
        (Some(Command::Right), Some(_)) => {
            list.unfolded.extend(list.row().filter(HistoryRow::is_folded).map(|row| row.revision()));
            vec![]
        }
        (Some(Command::Left), Some(_)) => {
            if let Some(row) = list.row() {
                list.unfolded.remove(&row.revision());
                let rows = list.rows();
                let of_it = rows.iter().position(|other| other.revision() == row.revision());
                list.cursor = of_it.unwrap_or_default();
            }
            vec![]
        }
        (command, _) => {
            let len = list.rows().len();
            super::step(&mut list.cursor, len, command);
            vec![]
        }
    }
}

/// Puts the key of one version back: to this version, or, if it is a deletion, to the one before.
fn put_version_back(model: &mut Model, moment: HistoryMoment) -> Vec<Effect> {
    let Some(Overlay::History(list)) = model.overlays.last() else { return vec![] };
    let Some(version) = list.selected().cloned() else { return several(model) };
    let known = match &version {
        Event::Put(record) => Some(record.clone()),
        Event::Delete { .. } => list.before().cloned(),
    };
    let was = known
        .map_or(take_back::FormerRecords::ToBeRead, |record| take_back::FormerRecords::Known(vec![record]));
    let effects = take_back::put_back(model, KeySelection::key(version.key()), moment.revision, was);
    say_before(model, moment);
    effects
}

fn several(model: &mut Model) -> Vec<Effect> {
    model.say("these are several keys: l shows each of them, P puts all of them back");
    vec![]
}

fn say_before(model: &mut Model, moment: HistoryMoment) {
    if moment.before_deletion {
        let Revision(revision) = moment.revision;
        model.say(format!("revision {revision}: the one before the deletion at {}", revision + 1));
    }
}

impl OverlayState for HistoryList {
    fn place(&self) -> KeyContext {
        KeyContext::History
    }

    fn handler(&self) -> KeyHandler {
        |model, command, _| on_key(model, command)
    }

    fn has_use_for(&self, command: Command) -> bool {
        match command {
            Command::PutBack | Command::CopyKey => self.selected().is_some(),
            Command::PutNameBack | Command::AsOf => !self.is_empty(),
            Command::Right => self.row().is_some_and(|row| row.is_folded()),
            Command::Left => self.row().is_some_and(|row| row.is_unfolded() || row.is_part()),
            _ => true,
        }
    }
}
