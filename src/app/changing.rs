//! Way of a change through the overlays: planned, confirmed, being made, done or not.
use super::{
    Applied, Effect, Model, RequestId, WorkerTask,
    overlay::{ChangeDialog, ConflictView, Notice, Overlay, change},
    served,
};
use crate::{
    bulk::{BulkEdit, BulkError, BulkPlan},
    failure::Failure,
    ops::PrepareError,
    plan::{Intent, Outcome, Plan, PlanError},
    quantity::counted,
};

pub(super) fn on_planned(
    model: &mut Model,
    request: RequestId,
    planned: Result<Plan, PrepareError>,
) -> Vec<Effect> {
    let next = model.request();
    let Some(overlay) = waiting(&mut model.overlays, request) else { return vec![] };
    let Overlay::Change(dialog) = overlay else { return vec![] };
    let outdated = dialog.preview.is_outdated();
    let told = match planned {
        Ok(plan) => dialog.planned(plan),
        Err(PrepareError::Nothing(PlanError::Changed(conflict))) => {
            *overlay = Overlay::Conflict(ConflictView { conflict, scroll: 0 });
            return vec![];
        }
        // Somebody else's next change may make a deletion possible again; a form says what stands against it.
        Err(refused) if dialog.consent.is_typed() => {
            dialog.fail(refused);
            None
        }
        Err(refused) => {
            *overlay = Overlay::Notice(Notice::of_refusal(&refused));
            return vec![];
        }
    };
    let mut effects = Vec::new();
    if outdated {
        dialog.preview.outdate(next);
        effects.push(dialog.ask(next, model.index.records()));
    }
    if told.is_some() {
        model.message = told;
    }
    effects
}

/// Plans the intent that an order came to, or says that it comes to nothing.
pub(super) fn on_worked(
    model: &mut Model,
    request: RequestId,
    worked: Result<BulkPlan, BulkError>,
) -> Vec<Effect> {
    let Some(overlay) = waiting(&mut model.overlays, request) else { return vec![] };
    let Overlay::Change(dialog) = overlay else { return vec![] };
    let notice = match worked {
        Ok(work) => match dialog.worked(&model.session.scope, work) {
            Some(intent) => return vec![Effect::Worker(WorkerTask::Plan(request, intent))],
            None => Notice::of_nothing(dialog.ordered.as_ref()),
        },
        Err(stuck) => Notice::of_stuck(&stuck),
    };
    *overlay = Overlay::Notice(notice);
    vec![]
}

/// The dialog that waits for the answer to this request.
fn waiting(overlays: &mut [Overlay], request: RequestId) -> Option<&mut Overlay> {
    let waits = |dialog: &ChangeDialog| dialog.preview.waits_for(request);
    overlays.iter_mut().find(|overlay| overlay.change().is_some_and(waits))
}

pub(super) fn on_progress(model: &mut Model, request: RequestId, done: usize) {
    for dialog in model.overlays.iter_mut().filter_map(Overlay::change_mut) {
        if let Some(working) = dialog.working.as_mut().filter(|working| working.request == request) {
            working.done = done;
        }
    }
}

pub(super) fn on_applied(model: &mut Model, request: RequestId, applied: &Applied) -> Vec<Effect> {
    let makes = |dialog: &ChangeDialog| dialog.working.is_some_and(|working| working.request == request);
    let making = |overlay: &Overlay| overlay.change().is_some_and(makes);
    let Some(at) = model.overlays.iter().position(making) else { return vec![] };
    let Overlay::Change(dialog) = model.overlays.remove(at) else { return vec![] };
    let mut effects = Vec::new();
    if let Outcome::Done { revision, .. } = &applied.outcome {
        // The form that led here is not needed any more.
        model.overlays.pop_if(|below| {
            matches!(below, Overlay::Form(_) | Overlay::Json(_) | Overlay::Bulk(_) | Overlay::Alarm(_))
        });
        let of_marks = |order: &BulkEdit| !matches!(order, BulkEdit::BringBack { .. });
        if dialog.ordered.as_ref().is_some_and(|ordered| of_marks(&ordered.order)) {
            model.marks.clear();
        }
        effects = served::begin(model, &dialog);
        let plan = dialog.preview.plan();
        let what = plan.map(done).unwrap_or_default();
        let journal = applied.entry.as_ref().map_or_else(String::new, |entry| format!("; journal {entry}"));
        model.say(format!("{what} at revision {revision}{journal}"));
        // The watch brings the change, as it would anybody's; then the cursor goes there.
        if let Some(plan) = plan.filter(|plan| !plan.asks_for_typing()) {
            model.follow = plan.changes().first().map(|change| change.key().clone());
            model.arrive();
        }
    } else if let (Intent::Edit { .. }, Outcome::NothingChanged { why: Failure::Conflict { .. } }) =
        (dialog.intent.main(), &applied.outcome)
    {
        // Planning it again meets what somebody else has stored, and shows it beside what was typed.
        effects = change::open(model, dialog.intent);
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
        model.complain(format!("what became of it is not in the journal: {trouble}"));
    }
    effects
}

/// Says in the past tense what a plan has done.
fn done(plan: &Plan) -> String {
    let tally = plan.tally();
    match tally.total() {
        _ if !plan.asks_for_typing() => format!("saved {}", plan.challenge()),
        keys => format!("{} {}", counted(keys, "key"), tally.participle()),
    }
}
