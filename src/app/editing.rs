//! Way from typed values, in a form, in the pane or in `$EDITOR`, to the review of the change.
use super::{
    Effect, Model,
    keymap::Command,
    overlay::{JsonEditor, Overlay, change},
};
use crossterm::event::KeyEvent;

pub(super) fn on_key(model: &mut Model, command: Option<Command>, event: KeyEvent) -> Vec<Effect> {
    let scope = model.session.scope.clone();
    let zones = model.zones();
    match (command, model.overlays.last_mut()) {
        (Some(Command::Back), Some(Overlay::Form(_) | Overlay::Json(_))) => {
            model.overlays.pop();
            model.say("what was typed is discarded");
            vec![]
        }
        (Some(Command::Review), Some(Overlay::Form(form))) => match form.intent(&scope, zones) {
            Ok(intent) => change::open(model, intent),
            Err(complaint) => {
                form.complaint = Some(complaint);
                vec![]
            }
        },
        (Some(Command::Review), Some(Overlay::Json(editor))) => match editor.intent() {
            Ok(intent) => change::open(model, intent),
            Err(complaint) => {
                editor.complaint = Some(complaint);
                vec![]
            }
        },
        (command, Some(Overlay::Form(form))) => {
            form.run(&model.index, command, event);
            vec![]
        }
        (_, Some(Overlay::Json(editor))) => {
            editor.type_key(event);
            vec![]
        }
        _ => vec![],
    }
}

pub(super) fn on_edited(model: &mut Model, edited: Result<String, String>) -> Vec<Effect> {
    // Something may have been opened on top of it meanwhile.
    let editor = model.overlays.iter_mut().rev().find_map(|overlay| match overlay {
        Overlay::Json(editor) => Some(editor),
        _ => None,
    });
    let Some(editor) = editor else {
        model.complain("the record is not being edited any more: the edited text was not taken");
        return vec![];
    };
    let text = match edited {
        Ok(text) => text,
        Err(why) => {
            model.complain(why);
            return vec![];
        }
    };
    if text == editor.text() {
        model.overlays.pop();
        model.say("the text is the same: nothing was changed");
        return vec![];
    }
    let Some(changed) = JsonEditor::new(&editor.base, Some(&text)) else {
        editor.complaint = Some("the edited text holds control characters and was not taken".to_owned());
        return vec![];
    };
    **editor = changed;
    match editor.intent() {
        Ok(intent) => change::open(model, intent),
        Err(complaint) => {
            editor.complaint = Some(complaint);
            vec![]
        }
    }
}
