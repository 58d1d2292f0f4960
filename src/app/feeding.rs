//! What the list and the watch bring.
use super::{
    Effect, Feed, FeedMsg, Model, marks,
    overlay::{Notice, Overlay},
    search, then,
};
use crate::{
    failure::Failure,
    index::Index,
    keys::{Scope, ScopedKey},
    store::{Access, Event, Refused},
};

pub(super) fn on_feed(model: &mut Model, feed: FeedMsg) -> Vec<Effect> {
    let Some(feed) = then::keep_true(model, feed) else { return vec![] };
    model.records.forget();
    match feed {
        FeedMsg::Page { batch, total } => {
            model.index.absorb(batch);
            model.feed = Feed::Loading { read: model.index.len() as u64, total };
            model.arrive();
            vec![]
        }
        FeedMsg::Listed { revision, at } => {
            model.index.listed();
            model.outdate_all_rules();
            model.feed = Feed::Live { revision, at };
            if !model.arrive()
                && let Some(key) = model.follow.take()
            {
                model.complain(format!("there is nothing at or below {key}"));
            }
            search_all(model)
        }
        FeedMsg::Changes { revision, events, at } => {
            model.feed = Feed::Live { revision, at };
            let keys = apply(&mut model.index, &events);
            let gone = events.iter().filter(|event| matches!(event, Event::Delete { .. }));
            let gone = gone.map(|event| model.marks.chosen.forget(&model.index, event.key())).sum();
            model.history.outdate(&keys);
            model.arrive();
            marks::forget(model, gone);
            model.outdate_rules(&keys);
            plan_again(model, |overlay, scope| keys.iter().any(|key| concerns(overlay, scope, key)))
        }
        FeedMsg::Relisted { index, revision, at, asked } => {
            model.leases.clear();
            let watched_to = match &model.feed {
                Feed::Live { revision, .. } => Some(*revision),
                Feed::Loading { .. } | Feed::Stale { .. } => None,
            };
            let missed = watched_to
                .map_or(0, |watched_to| model.index.differences(&index, revision, watched_to).total());
            model.tree.carry(&model.index, &index);
            model.index = *index;
            model.feed = Feed::Live { revision, at };
            if missed > 0 {
                model.complain(format!("the watch had missed {missed} changes; the picture is right again"));
            } else if asked {
                model.say(format!("read again: {} keys at revision {revision}", model.index.len()));
            }
            let gone = model.marks.chosen.forget_all(&model.index);
            marks::forget(model, gone);
            model.arrive();
            model.history.outdate_all();
            model.outdate_all_rules();
            plan_again(model, |_, _| true)
        }
        FeedMsg::Lost { failure, at } => {
            // Whatever is open was planned for the cluster that was there before.
            if matches!(failure, Failure::WrongCluster { .. }) {
                change_nothing(model, &failure);
            }
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

/// Takes changes into an index, and gives their keys.
pub(super) fn apply(index: &mut Index, events: &[Event]) -> Vec<ScopedKey> {
    for event in events {
        match event {
            Event::Put(record) => index.put(record),
            Event::Delete { key, revision } => index.delete(key, *revision),
        };
    }
    events.iter().map(Event::key).cloned().collect()
}

fn concerns(overlay: &Overlay, scope: &Scope, key: &ScopedKey) -> bool {
    match overlay {
        Overlay::Confirm(confirm) => confirm.concerns(scope, key),
        Overlay::Review(review) => review.concerns(key),
        _ => false,
    }
}

/// A search that is open has seen only what had been read by then.
fn search_all(model: &mut Model) -> Vec<Effect> {
    if model.search.as_ref().is_some_and(|search| search.open) { search::look_again(model) } else { vec![] }
}

/// Has an open change planned again when what it shows may not be so any more. One that is being made is left
/// alone: its own guards watch over it.
fn plan_again(model: &mut Model, concerned: impl Fn(&Overlay, &Scope) -> bool) -> Vec<Effect> {
    let request = model.request();
    let scope = &model.session.scope;
    let open = model.overlays.iter_mut().find(|open| open.working().is_none() && concerned(open, scope));
    let Some(open) = open else { return vec![] };
    // What goes with it was worked out from what has changed.
    if let Some((intent, offer)) = open.offer_mut() {
        *intent = intent.main().clone();
        offer.found = None;
    }
    let Some((_, preview)) = open.planned_mut() else { return vec![] };
    if preview.outdate(request) {
        open.ask(request, model.index.records()).into_iter().collect()
    } else {
        vec![]
    }
}

pub(super) fn on_status(model: &mut Model, status: crate::store::Status) {
    let was = model.session.status.cluster;
    if status.cluster != was {
        let (found, pinned) = (status.cluster.to_string(), was.to_string());
        change_nothing(model, &Failure::WrongCluster { found, pinned });
    }
    if let (Access::ReadOnly(why), None) = (&status.access, &model.session.read_only) {
        model.session.read_only = Some(why.clone());
    }
    model.session.status = status;
}

/// Another cluster answers: from here on there is only looking, and what was planned for the other is worth nothing.
fn change_nothing(model: &mut Model, failure: &Failure) {
    if model.session.read_only.is_some() {
        return;
    }
    for overlay in &mut model.overlays {
        if let Overlay::Confirm(confirm) = overlay {
            confirm.fail(Refused::Failure(failure.clone()));
        }
    }
    model.overlays.push(Overlay::Notice(Notice::of_failure(failure)));
    model.session.read_only = Some(failure.to_string());
}
