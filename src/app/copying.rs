//! Copies for the terminal's clipboard: a key, with a second press the etcdctl line that reads it, or a value.
use super::{Effect, Model, Pane, TerminalTask};
use crate::{
    etcdctl::ReadKeys,
    keys::{Revision, ScopedKey, spelling::spell},
};

/// Makes the next press copy a key again.
pub(super) fn begin_anew(model: &mut Model) {
    model.copied = None;
}

/// Copies the key of what is selected: a record, or in the tree a name, whose line reads all below it.
pub(super) fn key(model: &mut Model) -> Vec<Effect> {
    let at = model.then.as_ref().map(|then| then.revision);
    let scope = &model.session.scope;
    let (shown, reading) = match model.focus {
        Pane::Tree => {
            let name = model.selected_name();
            let below = name.as_ref().map_or_else(|| scope.range(), |name| scope.below_key(name));
            let shown = name.map_or_else(|| scope.to_string(), |name| name.spelled());
            (shown, ReadKeys { key: below.start().to_vec(), below: true, at })
        }
        Pane::Records | Pane::Record => {
            let Some(record) = model.selected() else { return vec![] };
            let key = record.key.as_bytes();
            (spell(key), ReadKeys { key: key.to_vec(), below: false, at })
        }
    };
    copy(model, shown, reading)
}

/// Copies the key of a version that was, and with a second press the line that reads it as it was then.
pub(super) fn version(model: &mut Model, key: &ScopedKey, at: Revision) -> Vec<Effect> {
    let reading = ReadKeys { key: key.as_bytes().to_vec(), below: false, at: Some(at) };
    copy(model, key.spelled(), reading)
}

fn copy(model: &mut Model, key: String, reading: ReadKeys) -> Vec<Effect> {
    let again = model.copied.take().is_some_and(|copied| copied == reading);
    let Some(connection) = &model.session.etcdctl else {
        return vec![Effect::Terminal(TerminalTask::Copy { what: "key", told: "key".to_owned(), text: key })];
    };
    if !again {
        model.copied = Some(reading);
        let told = "key; y again: the etcdctl line that reads it".to_owned();
        return vec![Effect::Terminal(TerminalTask::Copy { what: "key", told, text: key })];
    }
    let Some(line) = connection.line(&reading) else {
        model.complain("this key holds a NUL, which no command line can: nothing was copied");
        return vec![];
    };
    // The line can be read on the screen if the terminal takes no copies.
    vec![Effect::Terminal(TerminalTask::Copy { what: "etcdctl line", told: line.clone(), text: line })]
}

/// Says that a copy was sent to the terminal. No terminal says whether it took it.
pub(super) fn sent(model: &mut Model, copied: Result<String, String>) {
    match copied {
        Ok(told) => model.say(format!("sent to the terminal's clipboard: {told}")),
        Err(why) => model.complain(why),
    }
}

/// Copies the value of the record.
pub(super) fn value(model: &mut Model) -> Vec<Effect> {
    let Some(record) = model.selected() else { return vec![] };
    if let Ok(text) = std::str::from_utf8(&record.value) {
        return vec![Effect::Terminal(TerminalTask::Copy {
            what: "value",
            told: "value".to_owned(),
            text: text.to_owned(),
        })];
    }
    model.complain("this value is no text and cannot be copied");
    vec![]
}
