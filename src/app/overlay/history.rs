use super::{Notice, Overlay, take_back};
use crate::{
    app::{Effect, Model, Pane, RequestId, copying, keymap::Command, then},
    failure::Failure,
    keys::{KeyValue, Revision, ScopedKey},
    plan::Reach,
    store::{Event, History},
};

/// What a record, or a name with all below it, went through: the newest version first.
#[derive(Debug)]
pub struct HistoryList {
    pub reach: Reach,
    request: RequestId,
    /// `None` while it is read.
    pub known: Option<History>,
    /// The version under the cursor, counted from the newest.
    pub cursor: usize,
}

impl HistoryList {
    /// How many versions there are to step through.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.as_ref().map_or(0, |history| history.versions.len())
    }

    /// Whether nothing is known, or nothing was.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The versions from the `first` on, the newest first.
    pub fn from(&self, first: usize) -> impl Iterator<Item = &Event> {
        self.known.iter().flat_map(|history| history.versions.iter().rev()).skip(first)
    }

    /// The version under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&Event> {
        self.from(self.cursor).next()
    }

    /// What stood at the key of the version under the cursor before it.
    #[must_use]
    pub fn before(&self) -> Option<&KeyValue> {
        let key = self.selected()?.key();
        self.from(self.cursor + 1).find(|event| event.key() == key).and_then(|event| match event {
            Event::Put(record) => Some(record),
            Event::Delete { .. } => None,
        })
    }
}

/// What is selected: the record, or in the tree the name with all below it.
pub(in crate::app) fn selected(model: &Model) -> Option<Reach> {
    let scope = &model.session.scope;
    match model.focus {
        Pane::Tree => {
            Some(model.selected_name().map_or_else(|| Reach::scope(scope), |name| Reach::name(scope, &name)))
        }
        Pane::Records | Pane::Record => model.selected().map(|record| Reach::key(&record.key)),
    }
}

/// Opens the history of what is selected.
pub(in crate::app) fn open(model: &mut Model) -> Vec<Effect> {
    let Some(reach) = selected(model) else {
        model.say("no record is selected: in the tree, H is the history of the whole name");
        return vec![];
    };
    let request = model.request();
    let list = HistoryList { reach: reach.clone(), request, known: None, cursor: 0 };
    model.overlays.push(Overlay::History(Box::new(list)));
    vec![Effect::History(request, reach)]
}

pub(in crate::app) fn on_history(model: &mut Model, request: RequestId, read: Result<History, Failure>) {
    let waiting =
        |overlay: &&mut Overlay| matches!(overlay, Overlay::History(list) if list.request == request);
    let Some(overlay) = model.overlays.iter_mut().find(waiting) else { return };
    match (read, &mut *overlay) {
        (Ok(history), Overlay::History(list)) => list.known = Some(history),
        (Err(failure), overlay) => *overlay = Overlay::Notice(Notice::of_past(&failure)),
        (Ok(_), _) => {}
    }
}

pub(in crate::app) fn on_key(model: &mut Model, command: Option<Command>) -> Vec<Effect> {
    let Some(Overlay::History(list)) = model.overlays.last_mut() else { return vec![] };
    let version = list.selected().cloned();
    match (command, version) {
        (Some(Command::Back), _) => {
            model.overlays.pop();
            vec![]
        }
        (Some(Command::AsOf), Some(version)) => {
            model.overlays.clear();
            then::ask(model, version.revision())
        }
        (Some(Command::CopyKey), Some(version)) => {
            // What was deleted is read as it was before.
            let at = match &version {
                Event::Put(_) => version.revision(),
                Event::Delete { revision, .. } => Revision(revision.0 - 1),
            };
            copying::version(model, version.key(), at)
        }
        (Some(Command::PutBack), Some(Event::Put(record))) => {
            let (key, revision): (&ScopedKey, _) = (&record.key, record.mod_revision);
            let reach = Reach::key(key);
            take_back::put_back(model, reach, revision, take_back::Was::Known(vec![record]))
        }
        (Some(Command::PutBack), Some(Event::Delete { .. })) => {
            model.say("this is its end: choose a version to put back");
            vec![]
        }
        (Some(Command::PutNameBack), Some(version)) => {
            let reach = list.reach.clone();
            take_back::put_back(model, reach, version.revision(), take_back::Was::ToBeRead)
        }
        (command, _) => {
            let len = list.len();
            super::step(&mut list.cursor, len, command);
            vec![]
        }
    }
}
