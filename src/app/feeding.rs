//! News of the list and of the watch, taken into the picture.
use super::{
    DeletionAlarm, Effect, Evidence, FeedMsg, Liveness, Model, PresentPicture, RevisionWentBack, WorkerTask,
    alarming, as_of, marks,
    overlay::{ChangeDialog, Notice, Overlay},
    search,
};
use crate::{
    failure::Failure,
    index::{Differences, Index},
    keys::{Scope, ScopedKey},
    ops::PrepareError,
    store::{Event, WriteAccess},
};
use jiff::Timestamp;

pub(super) fn on_feed(model: &mut Model, feed: FeedMsg) -> Vec<Effect> {
    let feed = match as_of::keep_true(model, feed) {
        Ok(feed) => feed,
        Err(effects) => return effects,
    };
    model.records.forget();
    match feed {
        FeedMsg::Page { batch, total } => {
            model.index.absorb(batch);
            model.feed = Liveness::Loading { read: model.index.len() as u64, total };
            model.arrive();
            vec![]
        }
        FeedMsg::Listed { revision, at } => {
            model.index.listed();
            model.outdate_all_rules();
            model.feed = Liveness::Live { revision, at, by: Evidence::Reading };
            if !model.arrive()
                && let Some(key) = model.follow.take()
            {
                model.complain(format!("there is nothing at or below {key}"));
            }
            search_all(model)
        }
        FeedMsg::Changes { revision, events, at } => {
            model.feed.goes_on(revision, at);
            let keys = apply(&mut model.index, &mut model.alarm, &events, at);
            let gone = events.iter().filter(|event| matches!(event, Event::Delete { .. }));
            let gone = gone.map(|event| model.marks.chosen.forget(&model.index, event.key())).sum();
            model.history.outdate(&keys);
            model.arrive();
            marks::forget(model, gone);
            model.outdate_rules(&keys);
            let mut effects = alarming::check(model, at);
            effects.extend(plan_again(model, |dialog, scope| {
                keys.iter().any(|key| dialog.concerns(scope, key))
            }));
            effects
        }
        FeedMsg::Confirmed { revision, at, by } => {
            if !matches!(model.feed, Liveness::Live { .. }) {
                // The answers that were not worked out while it was stale are worked out again.
                model.outdate_rules(&[]);
            }
            model.feed = Liveness::Live { revision, at, by };
            vec![]
        }
        FeedMsg::NotReadAgain { failure } => {
            model.complain(format!("not read again; the header says how fresh this is: {failure}"));
            vec![]
        }
        FeedMsg::Relisting => {
            let followed_to = match &model.feed {
                Liveness::Live { revision, .. } => Some(*revision),
                Liveness::Loading { .. } | Liveness::Stale { .. } => None,
            };
            vec![Effect::Worker(WorkerTask::Compare(PresentPicture {
                records: model.present().records().clone(),
                followed_to,
            }))]
        }
        FeedMsg::Relisted { index, revision, at, asked, differences, seen, back } => {
            let Differences { missed, gone, .. } = differences;
            model.leases.clear();
            // No watch saw the keys that went while the list was read, even if nothing was lost.
            let mut effects = alarming::check_relisted(model, gone, &index, (seen, back.is_some()), at);
            model.feed = Liveness::Live { revision, at, by: Evidence::Reading };
            if back.is_some() {
                went_back(model, back);
            } else if missed > 0 {
                model.complain(format!("the watch had missed {missed} changes; the picture is right again"));
            } else if asked {
                model.say(format!("read again: {} keys at revision {revision}", index.len()));
            }
            replace(model, *index);
            effects.extend(plan_again(model, |_, _| true));
            effects
        }
        FeedMsg::PossiblyStale { index, revision, endpoint, at } => {
            if let Liveness::Stale { failure, .. } = &model.feed {
                let (failure, from) = (failure.clone(), Some(endpoint));
                model.feed = Liveness::Stale { revision: Some(revision), at: Some(at), failure, from };
            }
            replace(model, *index);
            vec![]
        }
        FeedMsg::Lost { failure, at } => {
            // Every open change was planned for the old cluster.
            if matches!(failure, Failure::WrongCluster { .. }) {
                change_nothing(model, &failure);
            }
            model.feed = match std::mem::replace(&mut model.feed, Liveness::Loading { read: 0, total: None })
            {
                Liveness::Live { revision, .. } => {
                    Liveness::Stale { revision: Some(revision), at: Some(at), failure, from: None }
                }
                Liveness::Stale { revision, at, from, .. } => Liveness::Stale { revision, at, failure, from },
                Liveness::Loading { .. } => {
                    Liveness::Stale { revision: None, at: Some(at), failure, from: None }
                }
            };
            vec![]
        }
    }
}

/// Keeps the news that etcd has gone back until somebody has looked at it. The first of several is kept: it lost most.
pub(super) fn went_back(model: &mut Model, back: Option<RevisionWentBack>) {
    if back.is_some() && model.went_back.is_none() {
        model.went_back = back;
    }
}

/// Shows another picture in place of the one that is shown.
fn replace(model: &mut Model, index: Index) {
    model.tree.carry(&model.index, &index);
    model.index = index;
    let gone = model.marks.chosen.forget_all(&model.index);
    marks::forget(model, gone);
    model.arrive();
    model.history.outdate_all();
    model.outdate_all_rules();
}

/// Takes changes into the picture of the present, tells the alarm of deletions, and returns the changed keys.
pub(super) fn apply(
    index: &mut Index,
    alarm: &mut DeletionAlarm,
    events: &[Event],
    at: Timestamp,
) -> Vec<ScopedKey> {
    for event in events {
        match event {
            Event::Put(record) => {
                index.put(record);
                alarm.put(&record.key, record.mod_revision);
            }
            Event::Delete { key, revision } => {
                let before = index.get(key.as_bytes());
                if index.delete(key, *revision)
                    && let Some(before) = before
                {
                    alarm.deleted(before, at, *revision);
                }
            }
        }
    }
    events.iter().map(Event::key).cloned().collect()
}

/// Searches again for the text of an open search, which has seen only the keys that had been read by then.
fn search_all(model: &mut Model) -> Vec<Effect> {
    if model.search.as_ref().is_some_and(|search| search.open) { search::look_again(model) } else { vec![] }
}

/// Plans an open change again if its picture may have changed. A change that is being made is left alone: its own
/// guards watch over it.
fn plan_again(model: &mut Model, concerned: impl Fn(&ChangeDialog, &Scope) -> bool) -> Vec<Effect> {
    let request = model.request();
    let scope = &model.session.scope;
    let mut dialogs = model.overlays.iter_mut().filter_map(Overlay::change_mut);
    let open = dialogs.find(|open| open.working.is_none() && concerned(open, scope));
    let Some(open) = open else { return vec![] };
    // The steps that go with it were worked out from records that have changed.
    open.intent = open.intent.main().clone();
    open.offer.found = None;
    if open.preview.outdate(request) { vec![open.ask(request, model.index.records())] } else { vec![] }
}

/// Takes the cluster's status. Has everything read again as soon as the cluster has a leader again.
pub(super) fn on_status(model: &mut Model, status: crate::store::ClusterStatus) -> Vec<Effect> {
    let has_a_leader_again =
        model.session.status.access == WriteAccess::NoLeader && status.access != WriteAccess::NoLeader;
    let was = model.session.status.cluster;
    if status.cluster != was {
        let (found, pinned) = (status.cluster.to_string(), was.to_string());
        change_nothing(model, &Failure::WrongCluster { found, pinned });
    }
    if let (WriteAccess::ReadOnly(why), None) = (&status.access, &model.session.read_only) {
        model.session.read_only = Some(why.clone());
    }
    model.session.status = status;
    if has_a_leader_again { vec![Effect::Worker(WorkerTask::ReadAgain)] } else { vec![] }
}

/// Allows no change from here on, because another cluster answers: the plans were made for the old one.
fn change_nothing(model: &mut Model, failure: &Failure) {
    if model.session.read_only.is_some() {
        return;
    }
    for open in model.overlays.iter_mut().filter_map(Overlay::change_mut) {
        open.fail(PrepareError::Failure(failure.clone()));
    }
    model.overlays.push(Overlay::Notice(Notice::of_failure(failure)));
    model.session.read_only = Some(failure.to_string());
    // The new cluster may be meant: the question is the same as when a deck is opened on it.
    if let Failure::WrongCluster { found, .. } = failure
        && let Ok(found) = found.parse()
    {
        model.session.status.cluster = found;
        model.session.meeting = model.session.if_another.take();
    }
}
