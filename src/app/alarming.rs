//! Way from deletions by others to the alarm, and from the alarm to the ways back.
use super::{
    DeckError, Effect, Model, RequestId, TerminalTask, WorkerTask,
    alarm::{CompactedRecords, CountCheck, Saving, Sighting, WholeRescue},
    keymap::Command,
    overlay::{self, AlarmView, Notice, Overlay},
};
use crate::{
    index::Index,
    keys::{KeyValue, Revision},
};
use jiff::Timestamp;

/// Checks the deletions: if they are a mass deletion, rings, and has the records saved as they were.
pub(super) fn check(model: &mut Model, at: Timestamp) -> Vec<Effect> {
    let request = model.request();
    let left = model.present().len();
    let before = model.alarm.check(left, at, request);
    before.map_or_else(Vec::new, |before| {
        let left = model.present().records().clone();
        ring(model, (request, before), left)
    })
}

/// Does the same after everything was read again, and these records were gone. Everything was seen up to `seen`;
/// `is_older_copy` says that etcd has gone back since.
pub(super) fn check_relisted(
    model: &mut Model,
    missing: Vec<KeyValue>,
    new: &Index,
    (seen, is_older_copy): (Option<Revision>, bool),
    at: Timestamp,
) -> Vec<Effect> {
    let cluster = model.session.status.cluster;
    let Some(seen) = seen else { return vec![] };
    if !model.alarm.is_of(cluster) {
        return vec![];
    }
    let request = model.request();
    let sighting = if is_older_copy { Sighting::OlderCopy } else { Sighting::Reread };
    let before = model.alarm.missed(missing, (new.len(), seen), (at, sighting), request);
    before.map_or_else(Vec::new, |before| ring(model, (request, before), new.records().clone()))
}

/// Has the scope saved as it was, and everybody counted: an accident seldom keeps to the scope.
fn ring(
    model: &mut Model,
    (request, before): (RequestId, Revision),
    left: crate::index::Records,
) -> Vec<Effect> {
    let is_older_copy =
        model.alarm.raised.as_ref().is_some_and(|raised| raised.sighting == Sighting::OlderCopy);
    let lost = CompactedRecords { left, gone: model.alarm.gone().clone(), is_older_copy };
    let mut effects = vec![
        Effect::Terminal(TerminalTask::Ring),
        Effect::Worker(WorkerTask::Rescue(request, before, Box::new(lost))),
    ];
    effects.push(Effect::Worker(WorkerTask::LookAround(model.alarm.revision_before())));
    effects.extend(rescue_unasked(model));
    effects
}

/// Takes a count of everybody's keys.
pub(super) fn on_looked(model: &mut Model, looked: CountCheck) -> Vec<Effect> {
    model.session.count(&looked.census);
    if !model.alarm.looked(looked) {
        return vec![];
    }
    let mut effects = vec![
        Effect::Terminal(TerminalTask::Ring),
        Effect::Worker(WorkerTask::LookAround(model.alarm.revision_before())),
    ];
    effects.extend(rescue_unasked(model));
    effects
}

/// Begins a rescue that nobody has asked for now, because the profile asks for it always.
fn rescue_unasked(model: &mut Model) -> Option<Effect> {
    let is_due = model.session.rescue_all && model.alarm.whole == WholeRescue::NotAsked;
    if is_due { begin_rescue(model) } else { None }
}

/// Saves all of etcd as it was before, because somebody has asked for it: it reads others' keys.
pub(super) fn rescue_all(model: &mut Model) -> Vec<Effect> {
    if model.alarm.page().is_none() {
        model.complain(
            "no mass deletion was seen today; coredeck rescue --range / --at REV --to FILE saves any revision",
        );
        return vec![];
    }
    if !model.overlays.iter().any(|overlay| matches!(overlay, Overlay::Alarm(_))) {
        open(model);
    }
    begin_rescue(model).into_iter().collect()
}

fn begin_rescue(model: &mut Model) -> Option<Effect> {
    let request = model.request();
    let before = model.alarm.revision_before();
    let whole = model.alarm.rescue_mut()?;
    match (&whole, before) {
        (WholeRescue::Running { .. } | WholeRescue::Saved { .. }, _) => None,
        (_, None) => {
            *whole = WholeRescue::Failed(DeckError {
                compacted: None,
                what: "which revision was the one before could not be found out".to_owned(),
                remedy:
                    "Look for the newest backup or snapshot from before: coredeck restore, coredeck snapshot."
                        .to_owned(),
            });
            None
        }
        (_, Some(revision)) => {
            *whole = WholeRescue::Running { request, revision, read: 0, of: None };
            Some(Effect::Worker(WorkerTask::RescueAll(request, revision)))
        }
    }
}

/// Opens what nobody has looked at yet: that etcd went back on top of the alarm, because it is the reason.
pub(super) fn open_news(model: &mut Model) {
    let back = model.went_back.take();
    if back.is_none() || model.alarm.is_on() {
        open(model);
    }
    if let Some(back) = back {
        model.overlays.push(Overlay::Notice(Notice::of_going_back(&back)));
    }
}

/// Opens what is known of the alarm, on top of whatever is open.
pub(super) fn open(model: &mut Model) {
    if model.alarm.page().is_some() {
        model.overlays.retain(|overlay| !matches!(overlay, Overlay::Alarm(_)));
        model.overlays.push(Overlay::Alarm(AlarmView::default()));
    } else {
        model.say("no mass deletion was seen today");
    }
}

pub(super) fn on_key(model: &mut Model, command: Option<Command>) -> Vec<Effect> {
    let Some(Overlay::Alarm(view)) = model.overlays.last_mut() else { return vec![] };
    let was_ending = std::mem::take(&mut view.ending);
    match command {
        // Back on the question whether to end it leads to its page.
        Some(Command::Back) if was_ending => {}
        Some(Command::Dismiss) if model.alarm.is_on() && !was_ending => view.ending = true,
        Some(Command::Dismiss) if model.alarm.is_on() => {
            model.overlays.pop();
            return end(model);
        }
        Some(Command::Back | Command::Dismiss) => {
            model.overlays.pop();
        }
        Some(Command::RescueAll) => return rescue_all(model),
        Some(Command::BringBack) => {
            let gone = model.alarm.page().map(|page| page.gone).filter(|gone| !gone.is_empty()).cloned();
            let Some(what) = gone else {
                model.say("no record of the scope is missing");
                return vec![];
            };
            return overlay::take_back::bring_back(model, what);
        }
        command => overlay::scroll(&mut view.scroll, command),
    }
    vec![]
}

/// Ends the alarm, because somebody knows of it and is content. The place of the saved file stays on the screen.
fn end(model: &mut Model) -> Vec<Effect> {
    let saving = model.alarm.raised.as_ref().map(|raised| raised.saving.clone());
    let saved = match (&model.alarm.whole, &saving) {
        (WholeRescue::Saved { file, .. }, _) | (_, Some(Saving::Saved { file, .. })) => Some(file.clone()),
        _ => None,
    };
    let accepted = model.alarm.accept();
    model.say(match saved {
        Some(file) => format!("the alarm is over, ! shows it again; saved: {file}"),
        None => "the alarm is over, ! shows it again; no file was saved".to_owned(),
    });
    vec![Effect::Worker(WorkerTask::AcceptLosses(accepted))]
}
