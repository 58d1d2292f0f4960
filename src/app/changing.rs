//! The way of a change through the overlays: planned, confirmed, being made, done or not.
use super::{
    Applied, Model, RequestId, grouped,
    overlay::{ConflictView, Notice, Overlay, Preview, Working},
};
use crate::{
    plan::{Nothing, Outcome, Plan},
    store::Refused,
};

pub(super) fn on_planned(model: &mut Model, request: RequestId, planned: Result<Plan, Refused>) {
    let waiting =
        |overlay: &&mut Overlay| overlay.preview().is_some_and(|preview| preview.waits_for(request));
    let Some(overlay) = model.overlays.iter_mut().find(waiting) else { return };
    match (planned, overlay) {
        (Ok(plan), Overlay::Review(review)) => review.preview = Preview::Known(Box::new(plan)),
        (Ok(plan), Overlay::Delete(delete)) => delete.planned(plan),
        (Err(Refused::Nothing(Nothing::Changed(conflict))), overlay) => {
            *overlay = Overlay::Conflict(ConflictView { conflict, scroll: 0 });
        }
        (Err(refused), Overlay::Delete(delete)) => delete.fail(refused),
        (Err(refused), overlay) => *overlay = Overlay::Notice(Notice::of_refusal(&refused)),
        (Ok(_), _) => {}
    }
}

/// The change that the topmost overlay waits for, from here on.
pub(super) fn set_working(model: &mut Model, working: Working) {
    if let Some(place) = model.overlays.last_mut().and_then(Overlay::working_mut) {
        *place = Some(working);
    }
}

pub(super) fn on_progress(model: &mut Model, request: RequestId, done: usize) {
    for working in model.overlays.iter_mut().filter_map(Overlay::working_mut).flatten() {
        if working.request == request {
            working.done = done;
        }
    }
}

pub(super) fn on_applied(model: &mut Model, request: RequestId, applied: &Applied) {
    let making = |overlay: &Overlay| overlay.working().is_some_and(|working| working.request == request);
    let Some(at) = model.overlays.iter().position(making) else { return };
    let overlay = model.overlays.remove(at);
    let plan = overlay.preview().and_then(Preview::plan);
    if let Outcome::Done { revision, .. } = &applied.outcome {
        // The form that led here has done its work.
        if let Overlay::Review(_) = overlay {
            model.overlays.pop_if(|below| matches!(below, Overlay::Form(_) | Overlay::Json(_)));
        }
        let what = plan.map(done).unwrap_or_default();
        let journal = applied.entry.as_ref().map_or_else(String::new, |entry| format!("; journal {entry}"));
        model.say(format!("{what} at revision {revision}{journal}"));
        // The watch brings the change, as it would anybody's; then the cursor goes there.
        if let Some(plan) = plan.filter(|plan| !plan.destroys()) {
            model.follow = plan.changes().first().map(|change| change.key().clone());
            model.arrive();
        }
    } else {
        if let Outcome::Unknown { .. } = applied.outcome {
            // The form would start from a value that may be an old one by now.
            model.overlays.pop_if(|below| matches!(below, Overlay::Form(_) | Overlay::Json(_)));
            let journal = applied.entry.as_deref().unwrap_or("nothing");
            model.complain(format!("outcome unknown: press r to read again; the journal has {journal}"));
        }
        model.overlays.push(Overlay::Notice(Notice::of_outcome(&applied.outcome, applied.entry.as_deref())));
    }
    if let Some(trouble) = &applied.journal_trouble {
        model.complain(format!("the change is made, but {trouble}"));
    }
}

/// What a plan has done, in the past tense.
fn done(plan: &Plan) -> String {
    match plan.deletes() {
        0 => format!("saved {}", plan.challenge()),
        1 => "1 key deleted".to_owned(),
        keys => format!("{} keys deleted", grouped(keys as u64)),
    }
}
