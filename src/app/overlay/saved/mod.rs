mod view;

use super::{KeyHandler, Overlay, OverlayState, take_back};
use crate::{
    app::{
        Effect, Model, RequestId, WorkerTask,
        keymap::{Command, KeyContext},
    },
    plan::KeySelection,
    signpost::{RecoveryOffer, SavedIn},
    unread_place::UnreadPlace,
};

/// Backups, rescued files and the journal, with the records that each would bring back of the scope or its part.
#[derive(Debug)]
pub struct SavedList {
    pub reach: KeySelection,
    request: RequestId,
    /// `None` while they are looked at.
    pub offers: Option<Vec<RecoveryOffer>>,
    /// Places that could not be read.
    pub unread: Vec<UnreadPlace>,
    pub cursor: usize,
}

impl SavedList {
    /// Number of places.
    #[must_use]
    pub fn len(&self) -> usize {
        self.offers.as_ref().map_or(0, Vec::len)
    }

    /// Tells whether nothing is known, or nothing is saved.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The place under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&RecoveryOffer> {
        self.offers.as_ref()?.get(self.cursor)
    }
}

/// Opens the list, for the whole scope if no part is named.
pub(in crate::app) fn open(model: &mut Model, part: Option<KeySelection>) -> Vec<Effect> {
    let request = model.request();
    let reach = part.clone().unwrap_or_else(|| KeySelection::scope(&model.session.scope));
    let list = SavedList { reach, request, offers: None, unread: vec![], cursor: 0 };
    model.overlays.push(Overlay::Saved(Box::new(list)));
    vec![Effect::Worker(WorkerTask::Saved(request, part, model.present().records().clone()))]
}

pub(in crate::app) fn on_offers(
    model: &mut Model,
    request: RequestId,
    offers: Vec<RecoveryOffer>,
    unread: Vec<UnreadPlace>,
) {
    for overlay in &mut model.overlays {
        if let Overlay::Saved(list) = overlay
            && list.request == request
        {
            // Backups of an emptied scope are the newest ones and bring nothing back.
            let helps = |offer: &RecoveryOffer| offer.away().is_some_and(|away| away > 0);
            list.cursor = offers.iter().position(helps).unwrap_or_default();
            (list.offers, list.unread) = (Some(offers), unread);
            return;
        }
    }
}

fn on_key(model: &mut Model, command: Option<Command>) -> Vec<Effect> {
    let Some(Overlay::Saved(list)) = model.overlays.last_mut() else { return vec![] };
    match (command, list.selected().map(|offer| offer.place.clone())) {
        (Some(Command::Back), _) => {
            model.overlays.pop();
        }
        (Some(Command::Accept), Some(SavedIn::Entry(entry))) => return take_back::undo(model, entry),
        (Some(Command::Accept), Some(place)) => {
            let reach = list.reach.clone();
            return take_back::restore(model, place, reach);
        }
        (command, _) => {
            let len = list.len();
            super::step(&mut list.cursor, len, command);
        }
    }
    vec![]
}

impl OverlayState for SavedList {
    fn place(&self) -> KeyContext {
        KeyContext::Saved
    }

    fn handler(&self) -> KeyHandler {
        |model, command, _| on_key(model, command)
    }

    fn has_use_for(&self, command: Command) -> bool {
        match command {
            Command::Accept => !self.is_empty(),
            _ => true,
        }
    }
}
