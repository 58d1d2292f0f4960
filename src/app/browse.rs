//! Commands in the panes, and their effects.
use super::{
    Effect, Model, Pane, RecordView, Search, TerminalTask, WorkerTask, alarming, as_of, copying, fixing,
    health,
    keymap::{self, Command, KeyContext, May},
    marks,
    overlay::{self, Form, JsonEditor, Overlay, Palette},
    records_pane::is_numbered,
    saving, search,
    tree_pane::Left,
};
use crate::{dns::Name, plan::Intent};
use crossterm::event::KeyEvent;

pub(super) fn run(model: &mut Model, place: KeyContext, command: Command) -> Vec<Effect> {
    match command {
        Command::Quit => return saving::quit(model),
        Command::Palette => model.overlays.push(Overlay::Palette(Palette::default())),
        Command::Find => {
            let from = model.index.tree().path(model.tree.selected).unwrap_or_default();
            model.search = Some(Search::new(from));
        }
        Command::NextMatch | Command::PreviousMatch => {
            return search::step_match(model, command == Command::NextMatch);
        }
        Command::NextPane => model.focus = next_pane(model.focus, 1),
        Command::PreviousPane => model.focus = next_pane(model.focus, 2),
        Command::SwitchView => model.record.switch_view(),
        Command::Answers if model.record.view == RecordView::Answers => model.record.show_fields(),
        Command::Answers => model.show_answers(),
        Command::Findings => fixing::open_list(model),
        Command::Health => return health::open(model),
        Command::Verify => return overlay::verify::begin(model),
        Command::Fix => return fixing::mend_selected(model),
        Command::Back if model.then.is_some() || model.then_asked.is_some() => as_of::leave(model),
        Command::Back if model.marks.drop_range() => {
            model.say("the range is given up; marks stay as they were");
        }
        Command::Back => model.focus = Pane::Tree,
        Command::Mark | Command::MarkRange | Command::MarkMatches | Command::UnmarkAll => {
            marks::run(model, command);
        }
        Command::Bulk => overlay::bulk::open(model),
        Command::Saved => return overlay::saved::open(model, None),
        Command::Alarm => alarming::open_news(model),
        Command::RescueAll => return alarming::rescue_all(model),
        Command::Journal => return overlay::journal::open(model),
        Command::History => return overlay::history::open(model),
        Command::PutBack => return overlay::take_back::of_then(model),
        Command::ReadAgain => {
            model.say("reading everything again");
            return vec![Effect::Worker(WorkerTask::ReadAgain)];
        }
        Command::CopyKey => return copying::key(model),
        Command::CopyValue => return copying::value(model),
        Command::Add => open_add(model),
        Command::EditForm => return open_form(model),
        Command::EditJson => open_json(model),
        Command::EditExternally => return open_external(model),
        Command::DeleteRecord => {
            if let Some(record) = model.selected() {
                let key = record.key.clone();
                return overlay::change::open(model, Intent::Delete { key });
            }
        }
        Command::DeleteSubtree => match model.selected_name() {
            Some(name) => return overlay::change::open(model, Intent::DeleteSubtree { name }),
            None => model.complain("the whole scope cannot be deleted: select one of its names"),
        },
        _ => move_cursor(model, place, command),
    }
    vec![]
}

/// Says why a key does nothing here, when it does something elsewhere or in another session.
pub(super) fn explain(model: &mut Model, place: KeyContext, event: KeyEvent) {
    let changes = keymap::resolve(place, May::Change, event).is_some();
    if let (true, Some(why)) = (changes, &model.session.read_only) {
        let why = format!("this session is read-only: {why}");
        model.complain(why);
    } else if let (true, Some(then)) = (changes, &model.then) {
        let why = format!(
            "this is revision {}, as it was: Esc goes back to where it can be changed",
            then.revision
        );
        model.complain(why);
    } else if keymap::resolve(KeyContext::Records, model.may(), event).is_some() {
        model.say("that is for a record: press Tab to go to the records");
    }
}

fn move_cursor(model: &mut Model, place: KeyContext, command: Command) {
    match (place, command) {
        (KeyContext::Tree, _) => {
            if model.tree.run(&model.index, command) == Left::ToRecords {
                model.focus = Pane::Records;
            }
            model.record.scroll = 0;
        }
        (KeyContext::Records, Command::Left) => model.focus = Pane::Tree,
        (KeyContext::Records, Command::Right | Command::Open) => model.focus = Pane::Record,
        (KeyContext::Records, _) => {
            model.records.run(&model.index, command);
            model.record.scroll = 0;
        }
        (KeyContext::Record, Command::Left) => model.focus = Pane::Records,
        (KeyContext::Record, Command::Down) => model.record.scroll = model.record.scroll.saturating_add(1),
        (KeyContext::Record, Command::Up) => model.record.scroll = model.record.scroll.saturating_sub(1),
        (KeyContext::Record, Command::HalfPageDown) => {
            model.record.scroll = model.record.scroll.saturating_add(5);
        }
        (KeyContext::Record, Command::HalfPageUp) => {
            model.record.scroll = model.record.scroll.saturating_sub(5);
        }
        (KeyContext::Record, Command::First) => model.record.scroll = 0,
        _ => {}
    }
}

fn next_pane(pane: Pane, by: usize) -> Pane {
    let panes = [Pane::Tree, Pane::Records, Pane::Record];
    let at = panes.iter().position(|is| *is == pane).unwrap_or(0);
    panes.iter().cycle().nth(at + by).copied().unwrap_or(Pane::Tree)
}

/// The name that a new record is for: the one in the tree, or the row's own when the row is a host rather than
/// one of several leaves of the name.
fn name_to_add_to(model: &Model) -> String {
    let scope = &model.session.scope;
    if model.focus != Pane::Tree
        && let Some(row) = model.records.selected()
        && row.leaf != "@"
        && !is_numbered(&row.leaf)
    {
        return Name::of_key(scope, &row.record.key).to_string();
    }
    model.selected_name().map(|key| Name::of_key(scope, &key).to_string()).unwrap_or_default()
}

fn open_add(model: &mut Model) {
    let form = Form::add(&model.index, &name_to_add_to(model));
    model.overlays.push(Overlay::Form(Box::new(form)));
}

fn open_form(model: &mut Model) -> Vec<Effect> {
    let Some(record) = model.selected() else { return vec![] };
    match Form::edit(&model.session, record) {
        Some(form) => model.overlays.push(Overlay::Form(Box::new(form))),
        // A record that fits no form can still be corrected as text.
        None => open_json(model),
    }
    vec![]
}

fn open_json(model: &mut Model) {
    let Some(record) = model.selected() else { return };
    match JsonEditor::new(record, None) {
        Some(editor) => model.overlays.push(Overlay::Json(Box::new(editor))),
        None => {
            model.complain("this value is no printable text: delete it by its key, or replace it with set");
        }
    }
}

fn open_external(model: &mut Model) -> Vec<Effect> {
    open_json(model);
    let Some(Overlay::Json(editor)) = model.overlays.last() else { return vec![] };
    let text = editor.text();
    vec![Effect::Terminal(TerminalTask::Edit(text))]
}
