//! Tree of names as of an old revision. A second index takes the place of the present one, which is kept true below it;
//! nothing can be changed meanwhile, because no plan is made from old records.
use super::{
    Effect, Evidence, FeedMsg, Liveness, Model, RequestId, WorkerTask, alarming, feeding, marks,
    overlay::{Notice, Overlay},
};
use crate::{failure::Failure, index::Index, keys::Revision, plan::KeySelection};

/// An old revision that is shown.
#[derive(Debug)]
pub struct AsOf {
    pub revision: Revision,
    /// The picture of the present.
    now: Index,
}

impl AsOf {
    /// The picture of the present.
    pub(super) fn now(&self) -> &Index {
        &self.now
    }
}

/// Has the scope read as of a revision.
pub(super) fn ask(model: &mut Model, revision: Revision) -> Vec<Effect> {
    let request = model.request();
    model.then_asked = Some((request, revision));
    model.say(format!("reading everything as of revision {revision}; Esc shows it no more"));
    vec![Effect::Worker(WorkerTask::AsOf(request, revision))]
}

pub(super) fn on_read(model: &mut Model, request: RequestId, read: Result<Box<Index>, Failure>) {
    let Some((_, revision)) = model.then_asked.take_if(|(asked, _)| *asked == request) else { return };
    match read {
        Err(failure) => {
            model.message = None;
            let everything = KeySelection::scope(&model.session.scope);
            model.overlays.push(Overlay::Notice(Notice::of_past(&failure, everything)));
        }
        // An open overlay was planned from the present, and must not stand on top of something else.
        Ok(_) if !model.overlays.is_empty() => {
            model.complain(format!(
                "revision {revision} is not shown, because something else was opened meanwhile"
            ));
        }
        Ok(index) => {
            let shown = std::mem::replace(&mut model.index, *index);
            model.tree.carry(&shown, &model.index);
            let now = model.then.take().map_or(shown, |then| then.now);
            model.then = Some(AsOf { revision, now });
            look_again(model);
            let keys = model.index.len();
            model.say(format!("{keys} keys as of revision {revision}; Esc goes back to now"));
        }
    }
}

/// Shows the present again.
pub(super) fn leave(model: &mut Model) {
    if model.then_asked.take().is_some() {
        model.message = None;
    }
    let Some(AsOf { revision, now }) = model.then.take() else { return };
    let shown = std::mem::replace(&mut model.index, now);
    model.tree.carry(&shown, &model.index);
    look_again(model);
    model.say(format!("this is now again, and no longer revision {revision}"));
}

/// Begins anew with another index: nothing that was worked out from the last one holds.
fn look_again(model: &mut Model) {
    model.search = None;
    model.follow = None;
    model.records.forget();
    model.marks.drop_range();
    let gone = model.marks.chosen.forget_all(&model.index);
    marks::forget(model, gone);
    model.outdate_all_rules();
}

/// Takes news of the list and of the watch into the picture of the present, while an old one is shown. Returns the news
/// if no old one is shown, and otherwise the effects.
pub(super) fn keep_true(model: &mut Model, feed: FeedMsg) -> Result<FeedMsg, Vec<Effect>> {
    let Some(then) = &mut model.then else { return Ok(feed) };
    match feed {
        FeedMsg::Page { batch, total } => {
            then.now.absorb(batch);
            model.feed = Liveness::Loading { read: then.now.len() as u64, total };
        }
        FeedMsg::Listed { revision, at } => {
            then.now.listed();
            model.feed = Liveness::Live { revision, at, by: Evidence::Reading };
        }
        FeedMsg::Changes { revision, events, at } => {
            feeding::apply(&mut then.now, &mut model.alarm, &events, at);
            model.feed.goes_on(revision, at);
            return Err(alarming::check(model, at));
        }
        FeedMsg::Relisted { index, revision, at, differences, seen, back, .. } => {
            let effects =
                alarming::check_relisted(model, differences.gone, &index, (seen, back.is_some()), at);
            feeding::went_back(model, back);
            if let Some(then) = &mut model.then {
                then.now = *index;
            }
            model.feed = Liveness::Live { revision, at, by: Evidence::Reading };
            return Err(effects);
        }
        // The present of one member is older than the shown past: it waits for a leader.
        FeedMsg::PossiblyStale { .. } => {}
        other @ (FeedMsg::Relisting
        | FeedMsg::Confirmed { .. }
        | FeedMsg::NotReadAgain { .. }
        | FeedMsg::Lost { .. }) => {
            return Ok(other);
        }
    }
    Err(vec![])
}
