//! The way of a change through the overlays: planned, confirmed, being made, done or not.
use super::{
    Applied, Effect, Model, RequestId, Tone,
    overlay::{ConflictView, Notice, Overlay, Preview, Working},
};
use crate::{
    plan::{Nothing, Outcome, Plan},
    store::Refused,
};

pub(super) fn on_planned(model: &mut Model, request: RequestId, planned: Result<Plan, Refused>) {
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

pub(super) fn working(model: &mut Model) -> Option<&mut Working> {
    match model.overlays.last_mut() {
        Some(Overlay::Review(review)) => review.working.as_mut(),
        Some(Overlay::Delete(delete)) => delete.working.as_mut(),
        _ => None,
    }
}

pub(super) fn set_working(model: &mut Model, working: Working) {
    match model.overlays.last_mut() {
        Some(Overlay::Review(review)) => review.working = Some(working),
        Some(Overlay::Delete(delete)) => delete.working = Some(working),
        _ => {}
    }
}

pub(super) fn on_applied(model: &mut Model, request: RequestId, applied: &Applied) -> Vec<Effect> {
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
