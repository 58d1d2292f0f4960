//! The only place where the model changes: routes each message to what it is about.
use super::{
    Applied, Effect, Feed, FeedMsg, Key, Layout, Model, Msg, Pane, RequestId, Search, Tone,
    keymap::{self, Access, Command, Place},
    overlay::{
        ConflictView, Delete, Form, Help, JsonEditor, Notice, Overlay, Palette, Parsed, Preview, Review,
        Working,
    },
    search::Matches,
    text,
    tree_pane::Left,
};
use crate::{
    dns::Name,
    keys::ScopedKey,
    plan::{Intent, Nothing, Outcome, Plan},
    store::{Event, Refused},
};
use crossterm::event::KeyEvent;

/// Takes one message and returns what is to be done for it.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = match msg {
        Msg::Key(key) => on_key(model, key),
        Msg::Paste(text) => on_paste(model, &text),
        Msg::Resize { width, height } => {
            model.size = (width, height);
            vec![]
        }
        Msg::Feed(feed) => on_feed(model, feed),
        Msg::Neighbours(neighbours) => {
            model.session.neighbours = Some(neighbours);
            vec![]
        }
        Msg::Status(Ok(status)) => {
            on_status(model, status);
            vec![]
        }
        // The feed tells of a lost connection; a status that could not be read says nothing more.
        Msg::Status(Err(_)) | Msg::Resumed => vec![],
        Msg::Found(request, found) => {
            if let Some(search) = &mut model.search
                && matches!(search.matches, Matches::Looking(waiting) if waiting == request)
            {
                search.matches = Matches::Found(found);
            }
            vec![]
        }
        Msg::Planned(request, planned) => {
            on_planned(model, request, planned);
            vec![]
        }
        Msg::Progress(request, done) => {
            if let Some(Overlay::Delete(_) | Overlay::Review(_)) = model.overlays.last()
                && let Some(working) = working(model)
                && working.request == request
            {
                working.done = done;
            }
            vec![]
        }
        Msg::Applied(request, applied) => on_applied(model, request, &applied),
        Msg::Lease(_, lease, answer, at) => {
            model.lease_is(lease, answer, at);
            vec![]
        }
        Msg::Edited(request, edited) => on_edited(model, request, edited),
        Msg::Copied(Ok(what)) => {
            model.say(format!("sent to the terminal's clipboard: {what}"));
            vec![]
        }
        Msg::Copied(Err(why)) => {
            model.complain(why);
            vec![]
        }
    };
    effects.extend(model.settle());
    if let (Some(layout), Some(search)) = (model.layout(), &mut model.search) {
        let pane = if layout.tree.is_empty() { layout.records } else { layout.tree };
        search.settle(Layout::rows(pane));
    }
    effects
}

fn on_key(model: &mut Model, key: Key) -> Vec<Effect> {
    let place = model.place();
    let command = keymap::resolve(place, model.session.writable(), key.event);
    match command {
        Some(Command::Suspend) => return vec![Effect::Suspend],
        Some(Command::Redraw) => return vec![Effect::Redraw],
        Some(Command::Help) => {
            model.overlays.push(Overlay::Help(Help::default()));
            return vec![];
        }
        _ => {}
    }
    match place {
        Place::Tree | Place::Records | Place::Record => {
            command.map_or_else(Vec::new, |command| on_browse(model, place, command))
        }
        Place::Matches | Place::Finding => on_search(model, command, key.event),
        Place::Form | Place::Json => on_editing(model, command, key.event),
        Place::Review => on_review(model, command, key.in_burst),
        Place::Delete => on_delete(model, command, key),
        Place::Conflict => on_conflict(model, command),
        Place::Palette => on_palette(model, command, key.event),
        Place::Help | Place::Notice => on_reading(model, command),
        Place::Working => vec![],
    }
}

fn on_browse(model: &mut Model, place: Place, command: Command) -> Vec<Effect> {
    model.message = None;
    match command {
        Command::Quit => return vec![Effect::Quit],
        Command::Palette => model.overlays.push(Overlay::Palette(Palette::default())),
        Command::Find => {
            model.search = Some(Search::default());
        }
        Command::NextMatch | Command::PreviousMatch => {
            return step_match(model, command == Command::NextMatch);
        }
        Command::NextPane => model.focus = next_pane(model.focus, 1),
        Command::PreviousPane => model.focus = next_pane(model.focus, 2),
        Command::SwitchView => model.record.switch_view(),
        Command::Back => model.focus = Pane::Tree,
        Command::ReadAgain => {
            model.say("reading everything again");
            return vec![Effect::ReadAgain];
        }
        Command::CopyKey => return copy_key(model),
        Command::CopyValue => return copy_value(model),
        Command::Add => open_add(model),
        Command::EditForm => return open_form(model),
        Command::EditJson => open_json(model),
        Command::EditExternally => return open_external(model),
        Command::DeleteRecord => {
            if let Some(record) = model.selected() {
                let key = record.key.clone();
                return open_delete(model, Intent::Delete { key });
            }
        }
        Command::DeleteSubtree => match model.selected_name() {
            Some(name) => return open_delete(model, Intent::DeleteSubtree { name }),
            None => model.complain("the whole scope cannot be deleted: select one of its names"),
        },
        _ => move_cursor(model, place, command),
    }
    vec![]
}

fn move_cursor(model: &mut Model, place: Place, command: Command) {
    match (place, command) {
        (Place::Tree, _) => {
            if model.tree.run(&model.index, command) == Left::ToRecords {
                model.focus = Pane::Records;
            }
            model.record.scroll = 0;
        }
        (Place::Records, Command::Left) => model.focus = Pane::Tree,
        (Place::Records, Command::Right | Command::Open) => model.focus = Pane::Record,
        (Place::Records, _) => {
            model.records.run(&model.index, command);
            model.record.scroll = 0;
        }
        (Place::Record, Command::Left) => model.focus = Pane::Records,
        (Place::Record, Command::Down) => model.record.scroll = model.record.scroll.saturating_add(1),
        (Place::Record, Command::Up) => model.record.scroll = model.record.scroll.saturating_sub(1),
        (Place::Record, Command::HalfPageDown) => model.record.scroll = model.record.scroll.saturating_add(5),
        (Place::Record, Command::HalfPageUp) => model.record.scroll = model.record.scroll.saturating_sub(5),
        (Place::Record, Command::First) => model.record.scroll = 0,
        _ => {}
    }
}

fn next_pane(pane: Pane, by: usize) -> Pane {
    let panes = [Pane::Tree, Pane::Records, Pane::Record];
    let at = panes.iter().position(|is| *is == pane).unwrap_or(0);
    panes.iter().cycle().nth(at + by).copied().unwrap_or(Pane::Tree)
}

fn copy_key(model: &mut Model) -> Vec<Effect> {
    let key = match model.focus {
        Pane::Tree => model.selected_name().map(|name| name.spelled()),
        Pane::Records | Pane::Record => model.selected().map(|record| record.key.spelled()),
    };
    key.map_or_else(Vec::new, |text| vec![Effect::Copy { what: "key", text }])
}

fn copy_value(model: &mut Model) -> Vec<Effect> {
    let Some(record) = model.selected() else { return vec![] };
    match std::str::from_utf8(&record.value) {
        Ok(text) => vec![Effect::Copy { what: "value", text: text.to_owned() }],
        Err(_) => {
            model.complain("this value is no text and cannot be copied");
            vec![]
        }
    }
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

/// `x1` and its like, or external-dns's eight hexadecimal digits.
fn is_numbered(leaf: &str) -> bool {
    let number = leaf
        .strip_prefix('x')
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()));
    number || (leaf.len() == 8 && leaf.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn open_add(model: &mut Model) {
    let form = Form::add(&model.index, &name_to_add_to(model));
    model.overlays.push(Overlay::Form(Box::new(form)));
}

fn open_form(model: &mut Model) -> Vec<Effect> {
    let Some(record) = model.selected() else { return vec![] };
    match Form::edit(&model.session.scope, record) {
        Some(form) => model.overlays.push(Overlay::Form(Box::new(form))),
        // What no form understands can still be corrected as text.
        None => open_json(model),
    }
    vec![]
}

fn open_json(model: &mut Model) {
    let Some(record) = model.selected() else { return };
    match JsonEditor::new(record, None) {
        Some(editor) => model.overlays.push(Overlay::Json(Box::new(editor))),
        None => {
            model.complain("this value is no printable text: delete it by its key, or replace it with set")
        }
    }
}

fn open_external(model: &mut Model) -> Vec<Effect> {
    open_json(model);
    let Some(Overlay::Json(editor)) = model.overlays.last() else { return vec![] };
    let text = editor.text();
    vec![Effect::Edit(model.request(), text)]
}

fn open_delete(model: &mut Model, intent: Intent) -> Vec<Effect> {
    let request = model.request();
    model.overlays.push(Overlay::Delete(Box::new(Delete::of(intent.clone(), request))));
    vec![Effect::Plan(request, intent)]
}

fn on_search(model: &mut Model, command: Option<Command>, event: KeyEvent) -> Vec<Effect> {
    let Some(search) = &mut model.search else { return vec![] };
    match command {
        Some(Command::Back) => {
            model.search = None;
            vec![]
        }
        Some(Command::Accept) => {
            search.typing = false;
            search.open = false;
            go_to_match(model)
        }
        Some(Command::Down | Command::Up) => {
            search.step(command == Some(Command::Down));
            vec![]
        }
        _ if search.typing => {
            text::type_into(&mut search.input, event);
            look(model)
        }
        Some(command) => on_browse(model, Place::Matches, command),
        None => vec![],
    }
}

/// Starts the search for the text as it stands.
fn look(model: &mut Model) -> Vec<Effect> {
    let request = model.request();
    let Some(search) = &mut model.search else { return vec![] };
    search.cursor = 0;
    let text = search.input.value().to_owned();
    if text.is_empty() {
        search.matches = Matches::None;
        return vec![];
    }
    search.matches = Matches::Looking(request);
    vec![Effect::Find(request, model.index.records().clone(), text)]
}

fn step_match(model: &mut Model, forward: bool) -> Vec<Effect> {
    match &mut model.search {
        Some(search) if !search.is_empty() => {
            search.step(forward);
            go_to_match(model)
        }
        _ => {
            model.complain("nothing was looked for yet: press /");
            vec![]
        }
    }
}

fn go_to_match(model: &mut Model) -> Vec<Effect> {
    let Some(found) = model.search.as_ref().and_then(Search::selected) else { return vec![] };
    let Ok(key) = model.session.scope.key(found.key.as_bytes()) else { return vec![] };
    let effects = model.go_to(key);
    if let Some(search) = &model.search {
        let text = format!("match {} of {}", search.cursor + 1, search.len());
        model.say(text);
    }
    effects
}

fn on_editing(model: &mut Model, command: Option<Command>, event: KeyEvent) -> Vec<Effect> {
    let scope = model.session.scope.clone();
    match (command, model.overlays.last_mut()) {
        (Some(Command::Back), Some(Overlay::Form(_) | Overlay::Json(_))) => {
            model.overlays.pop();
            model.say("nothing was changed");
            vec![]
        }
        (Some(Command::Review), Some(Overlay::Form(form))) => match form.intent(&scope) {
            Ok(intent) => open_review(model, intent),
            Err(complaint) => {
                form.complaint = Some(complaint);
                vec![]
            }
        },
        (Some(Command::Review), Some(Overlay::Json(editor))) => match editor.intent(&scope) {
            Ok(intent) => open_review(model, intent),
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

fn open_review(model: &mut Model, intent: Intent) -> Vec<Effect> {
    let request = model.request();
    model.overlays.push(Overlay::Review(Review::of(request)));
    vec![Effect::Plan(request, intent)]
}

fn on_review(model: &mut Model, command: Option<Command>, in_burst: bool) -> Vec<Effect> {
    let Some(Overlay::Review(review)) = model.overlays.last_mut() else { return vec![] };
    match command {
        Some(Command::Back) => {
            model.overlays.pop();
            vec![]
        }
        Some(Command::ScrollDown) => {
            review.scroll = review.scroll.saturating_add(1);
            vec![]
        }
        Some(Command::ScrollUp) => {
            review.scroll = review.scroll.saturating_sub(1);
            vec![]
        }
        // A pasted y is nobody's agreement.
        Some(Command::Save) if !in_burst => {
            let Some(plan) = review.preview.plan() else { return vec![] };
            let total = plan.changes().len();
            match plan.clone().agree() {
                Ok(confirmed) => {
                    let request = model.request();
                    set_working(model, Working { request, done: 0, total });
                    vec![Effect::Apply(request, confirmed)]
                }
                Err(unconfirmed) => {
                    model.complain(unconfirmed.mismatch.to_string());
                    vec![]
                }
            }
        }
        _ => vec![],
    }
}

fn on_delete(model: &mut Model, command: Option<Command>, key: Key) -> Vec<Effect> {
    let Some(Overlay::Delete(delete)) = model.overlays.last_mut() else { return vec![] };
    match command {
        Some(Command::Back) => {
            model.overlays.pop();
            model.say("nothing was deleted");
            vec![]
        }
        Some(Command::Accept) => {
            let total = delete.preview.plan().map_or(0, |plan| plan.changes().len());
            let Some(confirmed) = delete.accept(key.in_burst) else { return vec![] };
            let request = model.request();
            set_working(model, Working { request, done: 0, total });
            vec![Effect::Apply(request, confirmed)]
        }
        command => {
            delete.run(command, key.event);
            vec![]
        }
    }
}

fn on_conflict(model: &mut Model, command: Option<Command>) -> Vec<Effect> {
    let Some(Overlay::Conflict(view)) = model.overlays.last_mut() else { return vec![] };
    match command {
        Some(Command::ScrollDown) => view.scroll = view.scroll.saturating_add(1),
        Some(Command::ScrollUp) => view.scroll = view.scroll.saturating_sub(1),
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
                return open_review(model, Intent::Edit { base: conflict.theirs, value: conflict.yours });
            }
            model.say("the next review goes from their value to yours");
        }
        Some(Command::Back) => {
            model.overlays.pop();
        }
        _ => {}
    }
    vec![]
}

fn on_palette(model: &mut Model, command: Option<Command>, event: KeyEvent) -> Vec<Effect> {
    let (scope, writable) = (model.session.scope.clone(), model.session.writable());
    let Some(Overlay::Palette(palette)) = model.overlays.last_mut() else { return vec![] };
    match command {
        Some(Command::Back) => {
            model.overlays.pop();
            vec![]
        }
        Some(Command::Accept) => {
            let parsed = palette.parse(&scope, writable);
            if let Parsed::Wrong(why) = parsed {
                model.complain(why);
                return vec![];
            }
            model.overlays.pop();
            match parsed {
                Parsed::Go(key) => model.go_to(key),
                Parsed::Remove(intent) => open_delete(model, intent),
                Parsed::Run(command) => run_anywhere(model, command),
                Parsed::Nothing | Parsed::Wrong(_) => vec![],
            }
        }
        command => {
            model.message = None;
            palette.run(command, event, writable);
            vec![]
        }
    }
}

/// Runs a command of the palette in the pane in which it means something.
fn run_anywhere(model: &mut Model, command: Command) -> Vec<Effect> {
    if command == Command::Help {
        model.overlays.push(Overlay::Help(Help::default()));
        return vec![];
    }
    let here = model.place();
    let writable = model.session.writable();
    let means_something =
        |place: Place| keymap::active(place, writable).any(|binding| binding.command == command);
    let place = if means_something(here) { here } else { Place::Records };
    debug_assert!(
        writable || keymap::BINDINGS.iter().all(|b| b.command != command || b.access == Access::Reads)
    );
    match command {
        Command::Suspend => vec![Effect::Suspend],
        Command::Redraw => vec![Effect::Redraw],
        command => on_browse(model, place, command),
    }
}

fn on_reading(model: &mut Model, command: Option<Command>) -> Vec<Effect> {
    let scroll = match model.overlays.last_mut() {
        Some(Overlay::Help(help)) => &mut help.scroll,
        Some(Overlay::Notice(notice)) => &mut notice.scroll,
        _ => return vec![],
    };
    match command {
        Some(Command::ScrollDown) => *scroll = scroll.saturating_add(3),
        Some(Command::ScrollUp) => *scroll = scroll.saturating_sub(3),
        Some(Command::Back) => {
            model.overlays.pop();
        }
        _ => {}
    }
    vec![]
}

fn on_paste(model: &mut Model, pasted: &str) -> Vec<Effect> {
    match model.place() {
        Place::Finding => {
            if let Some(search) = &mut model.search {
                text::paste_into(&mut search.input, pasted);
            }
            return look(model);
        }
        Place::Matches | Place::Tree | Place::Records | Place::Record => {
            model.complain("a paste is no command: nothing was done");
        }
        Place::Form
        | Place::Json
        | Place::Delete
        | Place::Palette
        | Place::Review
        | Place::Conflict
        | Place::Help
        | Place::Notice
        | Place::Working => match model.overlays.last_mut() {
            Some(Overlay::Form(form)) => form.paste(&model.index, pasted),
            Some(Overlay::Json(editor)) => editor.paste(pasted),
            Some(Overlay::Delete(delete)) if delete.working.is_none() => delete.paste(pasted),
            Some(Overlay::Palette(palette)) => {
                text::paste_into(&mut palette.input, pasted);
                palette.cursor = 0;
            }
            _ => {}
        },
    }
    vec![]
}

fn on_feed(model: &mut Model, feed: FeedMsg) -> Vec<Effect> {
    match feed {
        FeedMsg::Page { batch, total } => {
            model.index.absorb(batch);
            model.feed = Feed::Loading { read: model.index.len() as u64, total: Some(total) };
            model.arrive();
            vec![]
        }
        FeedMsg::Listed { revision, at } => {
            model.index.listed();
            model.feed = Feed::Live { revision, at };
            if !model.arrive()
                && let Some(key) = model.follow.take()
            {
                model.complain(format!("there is nothing at or below {key}"));
            }
            vec![]
        }
        FeedMsg::Changes { revision, events, at } => {
            model.feed = Feed::Live { revision, at };
            let keys: Vec<ScopedKey> = events
                .into_iter()
                .map(|event| match event {
                    Event::Put(record) => {
                        model.index.put(&record);
                        record.key
                    }
                    Event::Delete { key, revision } => {
                        model.index.delete(&key, revision);
                        key
                    }
                })
                .collect();
            model.arrive();
            count_again(model, |delete, scope| keys.iter().any(|key| delete.concerns(scope, key)))
        }
        FeedMsg::Relisted { index, revision, at, asked } => {
            let watched_to = match &model.feed {
                Feed::Live { revision, .. } => Some(*revision),
                Feed::Loading { .. } | Feed::Stale { .. } => None,
            };
            let missed = watched_to
                .map_or(0, |watched_to| model.index.differences(&index, revision, watched_to).total());
            model.tree.carry(&model.index, &index);
            model.index = *index;
            model.records.forget();
            model.feed = Feed::Live { revision, at };
            if missed > 0 {
                model.complain(format!("the watch had missed {missed} changes; the picture is right again"));
            } else if asked {
                model.say(format!("read again: {} keys at revision {revision}", model.index.len()));
            }
            model.arrive();
            count_again(model, |_, _| true)
        }
        FeedMsg::Lost { failure, at } => {
            model.feed = match std::mem::replace(&mut model.feed, Feed::Loading { read: 0, total: None }) {
                Feed::Live { revision, at } => {
                    Feed::Stale { revision: Some(revision), at: Some(at), failure }
                }
                Feed::Stale { revision, at, .. } => Feed::Stale { revision, at, failure },
                Feed::Loading { .. } => Feed::Stale { revision: None, at: Some(at), failure },
            };
            vec![]
        }
    }
}

/// Has an open deletion planned again when what it shows may have changed.
fn count_again(model: &mut Model, concerned: impl Fn(&Delete, &crate::keys::Scope) -> bool) -> Vec<Effect> {
    let request = model.request();
    let scope = &model.session.scope;
    let open = model.overlays.iter_mut().find_map(|overlay| match overlay {
        Overlay::Delete(delete) if delete.working.is_none() && concerned(delete, scope) => Some(delete),
        _ => None,
    });
    open.map_or_else(Vec::new, |delete| vec![Effect::Plan(request, delete.count_again(request))])
}

fn on_status(model: &mut Model, status: crate::store::Status) {
    let was = model.session.status.cluster;
    if status.cluster != was && model.session.read_only.is_none() {
        let why = format!("this is another cluster than before: {} was {was}", status.cluster);
        model.overlays.push(Overlay::Notice(Notice::of_failure(&crate::failure::Failure::WrongCluster {
            found: status.cluster.to_string(),
            pinned: was.to_string(),
        })));
        model.session.read_only = Some(why);
    }
    model.session.status = status;
}

fn on_planned(model: &mut Model, request: RequestId, planned: Result<Plan, Refused>) {
    let Some(at) = model.overlays.iter().position(|overlay| match overlay {
        Overlay::Review(review) => review.preview.waits_for(request),
        Overlay::Delete(delete) => delete.preview.waits_for(request),
        Overlay::Form(_)
        | Overlay::Json(_)
        | Overlay::Conflict(_)
        | Overlay::Palette(_)
        | Overlay::Help(_)
        | Overlay::Notice(_) => false,
    }) else {
        return;
    };
    let Some(overlay) = model.overlays.get_mut(at) else { return };
    match (planned, overlay) {
        (Ok(plan), Overlay::Review(review)) => review.preview = Preview::Known(Box::new(plan)),
        (Ok(plan), Overlay::Delete(delete)) => delete.planned(plan),
        (Err(Refused::Nothing(Nothing::Changed(conflict))), overlay) => {
            *overlay = Overlay::Conflict(ConflictView { conflict, scroll: 0 });
        }
        (Err(refused), Overlay::Delete(delete)) => {
            delete.typed.reset();
            delete.preview = Preview::Failed(refused);
        }
        (Err(refused), overlay) => *overlay = Overlay::Notice(Notice::of_refusal(&refused)),
        (Ok(_), _) => {}
    }
}

fn working(model: &mut Model) -> Option<&mut Working> {
    match model.overlays.last_mut() {
        Some(Overlay::Review(review)) => review.working.as_mut(),
        Some(Overlay::Delete(delete)) => delete.working.as_mut(),
        _ => None,
    }
}

fn set_working(model: &mut Model, working: Working) {
    match model.overlays.last_mut() {
        Some(Overlay::Review(review)) => review.working = Some(working),
        Some(Overlay::Delete(delete)) => delete.working = Some(working),
        _ => {}
    }
}

fn on_applied(model: &mut Model, request: RequestId, applied: &Applied) -> Vec<Effect> {
    let at = model.overlays.iter().position(|overlay| match overlay {
        Overlay::Review(review) => review.working.is_some_and(|working| working.request == request),
        Overlay::Delete(delete) => delete.working.is_some_and(|working| working.request == request),
        Overlay::Form(_)
        | Overlay::Json(_)
        | Overlay::Conflict(_)
        | Overlay::Palette(_)
        | Overlay::Help(_)
        | Overlay::Notice(_) => false,
    });
    let Some(at) = at else { return vec![] };
    let overlay = model.overlays.remove(at);
    let done = matches!(applied.outcome, Outcome::Done { .. });
    let plan = match &overlay {
        Overlay::Review(review) => review.preview.plan(),
        Overlay::Delete(delete) => delete.preview.plan(),
        _ => None,
    };
    let follow = plan
        .filter(|plan| done && !plan.destroys())
        .and_then(|plan| plan.changes().first())
        .map(|c| c.key().clone());
    if done {
        // The form that led here has done its work.
        if let Overlay::Review(_) = overlay {
            model.overlays.pop_if(|below| matches!(below, Overlay::Form(_) | Overlay::Json(_)));
        }
        let journal = applied.entry.as_ref().map_or_else(String::new, |entry| format!("; journal {entry}"));
        model.say(format!("{}{journal}", applied.outcome));
    } else {
        model.overlays.push(Overlay::Notice(Notice::of_outcome(&applied.outcome, applied.entry.as_deref())));
    }
    if let Some(trouble) = &applied.journal_trouble {
        model.message =
            Some(super::Message { tone: Tone::Trouble, text: format!("the change is made, but {trouble}") });
    }
    // The watch brings the change, as it would anybody's; then the cursor goes there.
    follow.map_or_else(Vec::new, |key| {
        model.follow = Some(key);
        model.arrive();
        vec![]
    })
}

fn on_edited(model: &mut Model, _request: RequestId, edited: Result<String, String>) -> Vec<Effect> {
    let Some(Overlay::Json(editor)) = model.overlays.last_mut() else { return vec![] };
    match edited {
        Ok(text) if text == editor.text() => {
            model.overlays.pop();
            model.say("the text is the same: nothing was changed");
            vec![]
        }
        Ok(text) => match JsonEditor::new(&editor.base.clone(), Some(&text)) {
            Some(changed) => {
                **editor = changed;
                let scope = model.session.scope.clone();
                let Some(Overlay::Json(editor)) = model.overlays.last_mut() else { return vec![] };
                match editor.intent(&scope) {
                    Ok(intent) => open_review(model, intent),
                    Err(complaint) => {
                        editor.complaint = Some(complaint);
                        vec![]
                    }
                }
            }
            None => {
                editor.complaint =
                    Some("the edited text holds control characters and was not taken".to_owned());
                vec![]
            }
        },
        Err(why) => {
            model.complain(why);
            vec![]
        }
    }
}
