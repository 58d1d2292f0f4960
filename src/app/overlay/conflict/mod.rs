mod view;

use super::{KeyHandler, Overlay, OverlayState, change};
use crate::{
    app::{
        Effect, Model,
        keymap::{Command, KeyContext},
    },
    plan::{Conflict, Intent},
};

/// Conflict with somebody who was faster: the base, their value and yours, side by side. No typed text is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictView {
    pub conflict: Box<Conflict>,
    pub scroll: u16,
}

fn on_key(model: &mut Model, command: Option<Command>) -> Vec<Effect> {
    let Some(Overlay::Conflict(view)) = model.overlays.last_mut() else { return vec![] };
    match command {
        Some(Command::KeepTheirs) => {
            model.overlays.pop();
            model.overlays.pop_if(|below| matches!(below, Overlay::Form(_) | Overlay::Json(_)));
            model.say("their value stays; nothing was changed");
        }
        Some(Command::EditAgain | Command::SaveOverTheirs) => {
            let Some(Overlay::Conflict(ConflictView { conflict, .. })) = model.overlays.pop() else {
                return vec![];
            };
            match model.overlays.last_mut() {
                Some(Overlay::Form(form)) => form.rebase(conflict.theirs.clone()),
                Some(Overlay::Json(editor)) => editor.base = conflict.theirs.clone(),
                _ => {}
            }
            if command == Some(Command::SaveOverTheirs) {
                return change::open(model, Intent::Edit { base: conflict.theirs, value: conflict.yours });
            }
            model.say("the next review goes from their value to yours");
        }
        Some(Command::Back) => {
            model.overlays.pop();
        }
        command => super::scroll(&mut view.scroll, command),
    }
    vec![]
}

impl OverlayState for ConflictView {
    fn place(&self) -> KeyContext {
        KeyContext::Conflict
    }

    fn handler(&self) -> KeyHandler {
        |model, command, _| on_key(model, command)
    }

    fn scroll_mut(&mut self) -> Option<&mut u16> {
        Some(&mut self.scroll)
    }
}
