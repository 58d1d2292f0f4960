mod view;

use super::{KeyHandler, Overlay, OverlayState, change, take_back};
use crate::{
    app::{
        Effect, Model,
        keymap::{Command, KeyContext},
    },
    journal::EntryHeading,
    plan::{Resume, ResumeState},
};

/// Changes of an earlier session whose end nobody saw: told when the deck is opened, the oldest first.
#[derive(Debug)]
pub struct BrokenOff {
    /// Each with the state of its keys.
    pub entries: Vec<(EntryHeading, Resume)>,
    /// The place of the shown one.
    pub cursor: usize,
    pub scroll: u16,
    /// Reason why it cannot be finished.
    pub note: Option<String>,
}

impl BrokenOff {
    /// The entry that is shown.
    #[must_use]
    pub fn selected(&self) -> Option<&(EntryHeading, Resume)> {
        self.entries.get(self.cursor)
    }

    /// Tells whether a change of the shown entry can still be made.
    #[must_use]
    pub fn can_be_finished(&self) -> bool {
        self.selected().is_some_and(|(_, resume)| resume.count(ResumeState::Open) > 0)
    }
}

/// Opens the list of them, below whatever somebody has opened by then.
pub(in crate::app) fn tell(model: &mut Model, entries: Vec<(EntryHeading, Resume)>) {
    if !entries.is_empty() {
        let open = BrokenOff { entries, cursor: 0, scroll: 0, note: None };
        model.overlays.insert(0, Overlay::BrokenOff(Box::new(open)));
    }
}

fn on_key(model: &mut Model, command: Option<Command>) -> Vec<Effect> {
    let Some(Overlay::BrokenOff(open)) = model.overlays.last_mut() else { return vec![] };
    let selected = open.selected().map(|(heading, resume)| (heading.id.clone(), resume.intent()));
    let is_removal_of_a_move =
        open.selected().is_some_and(|(heading, resume)| resume.is_removal_of_a_move(&heading.kind));
    match (command, selected) {
        (Some(Command::Back), _) => {
            model.overlays.pop();
            model.say("left for later: the journal (u) has it, and coredeck resume");
        }
        (Some(Command::NextMatch), _) => {
            open.cursor = (open.cursor + 1) % open.entries.len().max(1);
            open.scroll = 0;
            open.note = None;
        }
        (Some(Command::Finish), Some((_, Some(_)))) if is_removal_of_a_move => {
            open.note = Some(
                "it goes on only while the other etcd stays as it is: coredeck migrate --to ETCD --remove-old"
                    .to_owned(),
            );
        }
        (Some(Command::Finish), Some((_, Some(intent)))) => {
            // A finished change is settled; until then the journal, and the next start, tell of it.
            open.entries.remove(open.cursor);
            open.cursor = 0;
            let was_last = open.entries.is_empty();
            if was_last {
                model.overlays.pop();
            }
            return change::open(model, intent);
        }
        (Some(Command::Finish), Some((entry, None))) => {
            let why = match open.selected() {
                Some((_, resume)) if !resume.is_clear() => "somebody has written the other keys since",
                _ => "all of it was made",
            };
            open.note =
                Some(format!("nothing can be finished: {why}; coredeck resume {} --close ends it", entry.0));
        }
        (Some(Command::Undo), Some((entry, _))) => return take_back::undo(model, entry),
        (command, _) => super::scroll(&mut open.scroll, command),
    }
    vec![]
}

impl OverlayState for BrokenOff {
    fn place(&self) -> KeyContext {
        KeyContext::BrokenOff
    }

    fn handler(&self) -> KeyHandler {
        |model, command, _| on_key(model, command)
    }

    fn has_use_for(&self, command: Command) -> bool {
        match command {
            Command::Finish => self.can_be_finished(),
            Command::NextMatch => self.entries.len() > 1,
            _ => true,
        }
    }

    fn words(&self, command: Command) -> Option<&'static str> {
        match command {
            Command::Back => Some("later"),
            _ => None,
        }
    }

    fn scroll_mut(&mut self) -> Option<&mut u16> {
        Some(&mut self.scroll)
    }
}
