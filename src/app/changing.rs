//! Way of a change through the overlays: planned, confirmed, being made, done or not.
use super::{
    Applied, Effect, Model, RequestId, editing,
    overlay::{Confirm, ConflictView, Notice, Overlay, Preview, Review, Working},
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
    let waiting =
        |overlay: &&mut Overlay| overlay.preview().is_some_and(|preview| preview.waits_for(request));
    let Some(overlay) = model.overlays.iter_mut().find(waiting) else { return vec![] };
    let outdated = overlay.preview().is_some_and(Preview::is_outdated);
    let mut other = false;
    match (planned, &mut *overlay) {
        // A plan that deletes is agreed to by typing, whatever it began as; any other one by a key press.
        (Ok(plan), Overlay::Review(review)) if plan.asks_for_typing() => {
            let mut confirm = Confirm::of(review.intent.clone(), request);
            confirm.offer = std::mem::take(&mut review.offer);
            confirm.planned(plan);
            *overlay = Overlay::Confirm(Box::new(confirm));
        }
        (Ok(plan), Overlay::Confirm(confirm)) if !plan.asks_for_typing() => {
            let mut review = Review::of(confirm.intent.clone(), request);
            review.offer = std::mem::take(&mut confirm.offer);
            review.planned(plan);
            *overlay = Overlay::Review(Box::new(review));
        }
        (Ok(plan), Overlay::Review(review)) => {
            other = review.preview.last().is_some_and(|last| last.changes() != plan.changes());
            review.planned(plan);
        }
        (Ok(plan), Overlay::Confirm(confirm)) => confirm.planned(plan),
        (Err(PrepareError::Nothing(PlanError::Changed(conflict))), overlay) => {
            *overlay = Overlay::Conflict(ConflictView { conflict, scroll: 0 });
        }
        (Err(refused), Overlay::Confirm(confirm)) => confirm.fail(refused),
        (Err(refused), overlay) => *overlay = Overlay::Notice(Notice::of_refusal(&refused)),
        (Ok(_), _) => {}
    }
    let mut effects = Vec::new();
    if outdated && let Some((_, preview)) = overlay.planned_mut() {
        preview.outdate(next);
        effects.extend(overlay.ask(next, model.index.records()));
    }
    if other {
        model.complain("this has changed while you looked at it: look again");
    }
    effects
}

/// Plans the intent that an order came to, or says that it comes to nothing.
pub(super) fn on_worked(
    model: &mut Model,
    request: RequestId,
    worked: Result<BulkPlan, BulkError>,
) -> Vec<Effect> {
    let waiting =
        |overlay: &&mut Overlay| overlay.preview().is_some_and(|preview| preview.waits_for(request));
    let Some(overlay) = model.overlays.iter_mut().find(waiting) else { return vec![] };
    let Overlay::Confirm(confirm) = &mut *overlay else { return vec![] };
    let notice = match worked {
        Ok(work) => match confirm.worked(&model.session.scope, work) {
            Some(intent) => return vec![Effect::Plan(request, intent)],
            None => Notice::of_nothing(confirm.ordered.as_ref()),
        },
        Err(stuck) => Notice::of_stuck(&stuck),
    };
    *overlay = Overlay::Notice(notice);
    vec![]
}

/// Sets the change that the topmost overlay waits for from here on.
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

pub(super) fn on_applied(model: &mut Model, request: RequestId, applied: &Applied) -> Vec<Effect> {
    let making = |overlay: &Overlay| overlay.working().is_some_and(|working| working.request == request);
    let Some(at) = model.overlays.iter().position(making) else { return vec![] };
    let overlay = model.overlays.remove(at);
    let edit = match &overlay {
        Overlay::Review(review) if matches!(review.intent.main(), Intent::Edit { .. }) => {
            Some(review.intent.clone())
        }
        _ => None,
    };
    let mut effects = Vec::new();
    if let Outcome::Done { revision, .. } = &applied.outcome {
        // The form that led here is not needed any more.
        if let Overlay::Review(_) | Overlay::Confirm(_) = overlay {
            model.overlays.pop_if(|below| {
                matches!(below, Overlay::Form(_) | Overlay::Json(_) | Overlay::Bulk(_) | Overlay::Alarm(_))
            });
        }
        let ordered = if let Overlay::Confirm(confirm) = &overlay { confirm.ordered.as_ref() } else { None };
        if ordered.is_some_and(|ordered| !matches!(ordered.order, BulkEdit::BringBack { .. })) {
            model.marks.clear();
        }
        effects = served::begin(model, &overlay);
        let plan = overlay.preview().and_then(Preview::plan);
        let what = plan.map(done).unwrap_or_default();
        let journal = applied.entry.as_ref().map_or_else(String::new, |entry| format!("; journal {entry}"));
        model.say(format!("{what} at revision {revision}{journal}"));
        // The watch brings the change, as it would anybody's; then the cursor goes there.
        if let Some(plan) = plan.filter(|plan| !plan.asks_for_typing()) {
            model.follow = plan.changes().first().map(|change| change.key().clone());
            model.arrive();
        }
    } else if let (Some(intent), Outcome::NothingChanged { why: Failure::Conflict { .. } }) =
        (edit, &applied.outcome)
    {
        // Planning it again meets what somebody else has stored, and shows it beside what was typed.
        effects = editing::review(model, intent);
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
