//! From deletions by others to the alarm, and from the alarm to the way back.
use super::{
    Effect, Model, RequestId,
    alarm::{Lost, Saving},
    keymap::Command,
    overlay::{self, AlarmView, Overlay},
};
use crate::{
    index::Index,
    keys::{KeyValue, Revision},
};
use jiff::Timestamp;

/// Rings, and has what was there saved, when what was deleted is a mass deletion.
pub(super) fn check(model: &mut Model, at: Timestamp) -> Vec<Effect> {
    let request = model.request();
    let left = model.present().len();
    let before = model.alarm.check(left, at, request);
    before.map_or_else(Vec::new, |before| rescue(model, request, before))
}

/// The same after everything was read again, and these records were gone. Everything was seen up to `seen`.
pub(super) fn check_relisted(
    model: &mut Model,
    missing: Vec<KeyValue>,
    new: &Index,
    (seen, at): (Option<Revision>, Timestamp),
) -> Vec<Effect> {
    let cluster = model.session.status.cluster;
    let Some(seen) = seen else { return vec![] };
    if !model.alarm.is_of(cluster) {
        return vec![];
    }
    let request = model.request();
    let before = model.alarm.missed(missing, (new.len(), seen), at, request);
    before.map_or_else(Vec::new, |before| {
        let lost = Lost { left: new.records().clone(), gone: model.alarm.gone().clone() };
        vec![Effect::Ring, Effect::Rescue(request, before, Box::new(lost))]
    })
}

fn rescue(model: &Model, request: RequestId, before: Revision) -> Vec<Effect> {
    let lost = Lost { left: model.present().records().clone(), gone: model.alarm.gone().clone() };
    vec![Effect::Ring, Effect::Rescue(request, before, Box::new(lost))]
}

pub(super) fn on_rescued(model: &mut Model, request: RequestId, saved: Saving) {
    model.alarm.saved(request, saved);
}

/// Opens what is known of the alarm.
pub(super) fn open(model: &mut Model) {
    if model.alarm.raised.is_some() {
        model.overlays.push(Overlay::Alarm(AlarmView::default()));
    } else {
        model.say("no mass deletion was seen");
    }
}

pub(super) fn on_key(model: &mut Model, command: Option<Command>) -> Vec<Effect> {
    let Some(Overlay::Alarm(view)) = model.overlays.last_mut() else { return vec![] };
    match command {
        Some(Command::Back) => {
            model.overlays.pop();
        }
        Some(Command::Dismiss) => {
            model.overlays.pop();
            let raised = model.alarm.raised.as_ref();
            let is_saved = raised.is_some_and(|raised| matches!(raised.saving, Saving::Saved { .. }));
            model.alarm.end();
            model.say(if is_saved {
                "the alarm is over; the file stays where it is"
            } else {
                "the alarm is over; nothing was saved to a file"
            });
        }
        Some(Command::BringBack) => {
            if model.alarm.raised.is_none() {
                model.overlays.pop();
                model.say("nothing is missing any more");
                return vec![];
            }
            let what = model.alarm.gone().clone();
            return overlay::take_back::bring_back(model, what);
        }
        command => overlay::scroll(&mut view.scroll, command),
    }
    vec![]
}
