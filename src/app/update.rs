//! Update of the model, the only place where it changes: routes each message to its part.
use super::{
    Effect, Key, Model, Msg, ScreenLayout, TerminalTask, WorkerTask, alarming, as_of, browse, changing,
    copying, editing, feeding, fixing, health,
    keymap::{self, Command, KeyContext},
    losing,
    overlay::{self, Help, Overlay},
    saving, search, served, text,
};
use crate::etcdctl::looks_like_a_line;

/// Takes one message and returns its effects.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let Msg::Typed(text) = msg else { return take(model, msg) };
    let mut effects = Vec::new();
    let mut rest = text.chars();
    // Commands are taken one by one, and text in one piece: a paste may have a megabyte, and a look-up for a text would
    // be made at each of its characters.
    while !is_in_field(model) {
        let Some(character) = rest.next() else { return effects };
        effects.extend(take(model, Msg::Key(Key::in_burst(character))));
    }
    if !rest.as_str().is_empty() {
        effects.extend(take(model, Msg::Typed(rest.as_str().to_owned())));
    }
    effects
}

/// Tells whether plain characters are text now.
fn is_in_field(model: &Model) -> bool {
    model.place().takes_text() && model.overlays.last().is_none_or(|overlay| overlay.state().is_in_field())
}

fn take(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let check = health::is_due(&msg);
    let was_alarmed = model.alarm.is_on();
    let mut effects = match msg {
        Msg::Key(key) => on_key(model, key),
        Msg::Typed(text) => on_typed(model, &text),
        Msg::Paste(text) => on_paste(model, &text),
        Msg::Resize { width, height } => {
            model.resized((width, height));
            vec![]
        }
        Msg::Feed(feed) => {
            let look = saving::look(model, &feed);
            let (was_empty, read) = (model.present().is_empty(), losing::is_read(&feed));
            let mut effects = feeding::on_feed(model, feed);
            effects.extend(look);
            effects.extend(losing::look(model, was_empty, read));
            effects
        }
        msg @ (Msg::Backup(..) | Msg::BackedUp(_) | Msg::Aftermath(..) | Msg::Offers(..)) => {
            on_saved(model, msg)
        }
        msg @ (Msg::Power(_)
        | Msg::Looked(_)
        | Msg::Rescued(..)
        | Msg::Rescuing(..)
        | Msg::RescuedAll(..)) => on_others(model, msg),
        Msg::Status(Ok(status)) => feeding::on_status(model, status),
        // The feed tells of a lost connection; a status that could not be read adds nothing.
        Msg::Status(Err(_)) | Msg::Resumed => vec![],
        Msg::Health(health) => {
            health::on_health(model, *health);
            vec![]
        }
        Msg::Found(request, found) => search::on_found(model, request, found),
        Msg::Worked(request, worked) => changing::on_worked(model, request, worked),
        Msg::Planned(request, planned) => changing::on_planned(model, request, planned),
        Msg::Progress(request, done) => {
            changing::on_progress(model, request, done);
            vec![]
        }
        Msg::Applied(request, applied) => {
            model.alarm.ended(request, &applied.outcome);
            changing::on_applied(model, request, &applied)
        }
        Msg::Lease(_, lease, answer, at) => {
            model.lease_is(lease, answer, at);
            vec![]
        }
        Msg::Answered(request, answered) => model.on_answered(request, answered),
        Msg::Foreseen(request, foreseen) => model.on_foreseen(request, &foreseen),
        Msg::Linted(request, findings) => {
            model.findings.take(request, findings);
            fixing::follow(model);
            vec![]
        }
        Msg::LintedTyped(request, findings) => {
            model.on_linted_typed(request, findings);
            vec![]
        }
        Msg::Verified(request, server, compared) => {
            overlay::verify::on_verified(model, request, server, compared);
            vec![]
        }
        Msg::Served(request, news) => {
            served::on_served(model, request, news);
            vec![]
        }
        msg @ (Msg::Journal(..)
        | Msg::Entry(..)
        | Msg::BrokenOff(_)
        | Msg::LookedAt(..)
        | Msg::History(..)
        | Msg::AsOf(..)) => on_past(model, msg),
        Msg::Remembered(written) => overlay::contact::on_remembered(model, written),
        Msg::Counted(request, number, hits) => {
            overlay::explained::on_counted(model, request, number, hits);
            vec![]
        }
        Msg::Edited(edited) => editing::on_edited(model, edited),
        Msg::Copied(copied) => {
            copying::sent(model, copied);
            vec![]
        }
    };
    if was_alarmed && !model.alarm.is_on() && model.alarm.page().is_some_and(|page| page.back.is_some()) {
        model.say("what was missing is back: the alarm is over, ! shows what it was about");
    }
    for effect in &effects {
        if let Effect::Worker(WorkerTask::Apply(request, confirmed)) = effect {
            model.alarm.began(*request, confirmed.plan());
        }
    }
    if check || health::is_asked_for(&effects) {
        effects.push(Effect::Worker(WorkerTask::CheckHealth));
    }
    effects.extend(model.settle());
    if let (Some(layout), Some(search)) = (model.layout(), &mut model.search) {
        let shown = [layout.tree, layout.records, layout.record].into_iter().find(|pane| !pane.is_empty());
        search.settle(shown.map_or(0, ScreenLayout::rows));
    }
    effects
}

/// Routes messages about files that hold records, and about a loss that they could bring back.
fn on_saved(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Backup(request, newest, at) => saving::looked(model, request, newest, at),
        Msg::BackedUp(made) => saving::done(model, made),
        Msg::Aftermath(request, found) => losing::on_aftermath(model, request, *found),
        Msg::Offers(request, offers, unread) => {
            overlay::saved::on_offers(model, request, offers, unread);
        }
        _ => {}
    }
    vec![]
}

/// Routes messages about everybody's keys, and about saving them.
fn on_others(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Power(power) => model.session.learn(power),
        Msg::Looked(looked) => return alarming::on_looked(model, *looked),
        Msg::Rescued(request, saved) => model.alarm.saved(request, saved),
        Msg::Rescuing(request, read, of) => model.alarm.rescued_so_far(request, read, of),
        Msg::RescuedAll(request, rescued) => {
            model.alarm.rescued(request, rescued);
            // The page has other lines now.
            for overlay in &mut model.overlays {
                if let Overlay::Alarm(view) = overlay {
                    view.scroll = 0;
                }
            }
        }
        _ => {}
    }
    vec![]
}

/// Routes messages about the journal and about old revisions.
fn on_past(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let compacted = match &msg {
        Msg::LookedAt(_, Err(told)) => told.compacted,
        Msg::History(_, Err(failure)) | Msg::AsOf(_, Err(failure)) => failure.compacted(),
        _ => None,
    };
    if let Some(asked) = compacted {
        losing::on_compacted(model, asked);
    }
    match msg {
        Msg::Journal(request, read) => overlay::journal::on_read(model, request, read),
        Msg::Entry(request, read) => overlay::journal::on_entry(model, request, &read),
        Msg::BrokenOff(entries) => overlay::broken_off::tell(model, entries),
        Msg::LookedAt(request, seen) => return overlay::take_back::on_seen(model, request, seen),
        Msg::History(request, read) => model.on_history(request, read),
        Msg::AsOf(request, read) => as_of::on_read(model, request, read),
        _ => {}
    }
    vec![]
}

fn on_key(model: &mut Model, key: Key) -> Vec<Effect> {
    let place = model.place();
    let command = keymap::resolve(place, model.may(), key.event);
    if place != KeyContext::Working {
        model.message = None;
        served::read(model, command == Some(Command::Back) && model.overlays.is_empty());
    }
    if command != Some(Command::CopyKey) {
        copying::begin_anew(model);
    }
    if command != Some(Command::Quit) {
        model.warned_of_leaving = false;
    }
    if let (None, Some(why)) = (command, keymap::why_nothing(place, model.may(), key.event)) {
        model.complain(why);
        return vec![];
    }
    match command {
        Some(Command::Suspend) => return vec![Effect::Terminal(TerminalTask::Suspend)],
        Some(Command::Redraw) => return vec![Effect::Terminal(TerminalTask::Redraw)],
        Some(Command::Help) => {
            model.overlays.push(Overlay::Help(Help::default()));
            return vec![];
        }
        // No dialog hides an alarm.
        Some(Command::Alarm) => {
            alarming::open_news(model);
            return vec![];
        }
        _ => {}
    }
    if let Some(overlay) = model.overlays.last() {
        let handle = overlay.state().handler();
        return handle(model, command, key);
    }
    match command {
        _ if place == KeyContext::Finding => search::on_key(model, command, key.event),
        Some(command) => browse::run(model, place, command),
        None => {
            browse::explain(model, place, key.event);
            vec![]
        }
    }
}

/// Puts characters that came in one piece into the field that has the cursor.
fn on_typed(model: &mut Model, text: &str) -> Vec<Effect> {
    model.message = None;
    served::read(model, false);
    copying::begin_anew(model);
    model.warned_of_leaving = false;
    if model.place() == KeyContext::Finding {
        if let Some(search) = &mut model.search {
            text::insert(&mut search.input, text.chars());
        }
        return search::look(model);
    }
    if let Some(overlay) = model.overlays.last_mut() {
        overlay.state_mut().type_text(&model.index, text);
    }
    vec![]
}

fn on_paste(model: &mut Model, pasted: &str) -> Vec<Effect> {
    if let Some(overlay) = model.overlays.last_mut() {
        overlay.state_mut().paste(&model.index, pasted);
    } else if model.place() == KeyContext::Finding {
        if let Some(search) = &mut model.search {
            text::paste_into(&mut search.input, pasted);
        }
        return search::look(model);
    } else if looks_like_a_line(pasted) {
        model.say("nothing was done with the paste: press : first, and an etcdctl line is explained");
    } else {
        model.complain("a paste is no command: nothing was done");
    }
    vec![]
}
