//! Known losses of the scope, whoever was watching: looked for when everything was read, and when the scope is empty.
use super::{Effect, FeedMsg, Liveness, Model, RequestId, WorkerTask};
use crate::{
    counts::is_back,
    failure::Failure,
    keys::Revision,
    quantity::grouped,
    signpost::{Aftermath, InEtcd, Signpost},
};

/// Has losses looked for, if a message gives reason to.
pub(super) fn look(model: &mut Model, was_empty: bool, read: bool) -> Option<Effect> {
    let is_emptied = !was_empty && model.present().is_empty() && matches!(model.feed, Liveness::Live { .. });
    (read || is_emptied).then(|| {
        let request = model.request();
        model.looking_for_losses = Some(request);
        Effect::Worker(WorkerTask::LookForLosses(request))
    })
}

/// Tells whether everything has been read with this message.
pub(super) fn is_read(feed: &FeedMsg) -> bool {
    matches!(feed, FeedMsg::Listed { .. } | FeedMsg::Relisted { .. })
}

pub(super) fn on_aftermath(model: &mut Model, request: RequestId, found: Result<Aftermath, Failure>) {
    if model.looking_for_losses.take_if(|asked| *asked == request).is_some() {
        // A failed look does not replace the result of an earlier one.
        if let Ok(found) = found {
            model.aftermath = Some(found);
        }
    }
}

/// Takes in that etcd has compacted a revision: a signpost must not lead there any more.
pub(super) fn on_compacted(model: &mut Model, asked: Revision) {
    let signpost = model.aftermath.as_mut().and_then(|aftermath| aftermath.signpost.as_mut());
    if let Some(signpost) = signpost
        && matches!(signpost.in_etcd, InEtcd::Readable { before, .. } if before <= asked)
    {
        signpost.in_etcd = InEtcd::Compacted;
    }
}

impl Model {
    /// Returns the known loss of the scope, as long as its keys are not back.
    #[must_use]
    pub fn signpost(&self) -> Option<&Signpost> {
        let signpost = self.aftermath.as_ref()?.signpost.as_ref()?;
        let now = self.present().len() as u64;
        (!is_back(signpost.then.keys, now)).then_some(signpost)
    }

    /// Line below the header, while a loss of the scope is known, or that etcd went back.
    pub(super) fn loss_banner(&self) -> Option<String> {
        if let Some(signpost) = self.signpost() {
            let (then, now) = (signpost.then.keys, self.present().len() as u64);
            let gone = then.saturating_sub(now);
            return Some(format!(
                "{} of {} keys are gone; B lists what can bring them back",
                grouped(gone),
                grouped(then)
            ));
        }
        let back = self.aftermath.as_ref()?.went_back?;
        Some(format!("ETCD WENT BACK: from revision {} to {}; B compares the backups", back.from, back.to))
    }

    /// Reason why the scope is empty, if it is known: lines for the pane of its records.
    #[must_use]
    pub fn why_scope_is_empty(&self) -> Vec<String> {
        let page = "press ! for what was saved, and the way back";
        if self.alarm.is_on() && self.alarm.keys() > 0 {
            return ["its records were deleted while this deck was open", page].map(str::to_owned).into();
        }
        if let Some(signpost) = self.signpost() {
            let now = self.heard(signpost.now.at);
            // The next act comes first: a small screen has no room for more.
            let mut lines = vec![
                signpost.in_etcd_from_the_deck(),
                "press B for all that is saved, and Enter there to plan putting it back".to_owned(),
                signpost.sentence(),
                signpost.witness(now),
            ];
            lines.extend(signpost.offers.iter().map(|offer| offer.sentence(now)));
            lines.extend(signpost.unread.iter().map(|unread| format!("not known: {unread}")));
            lines.push("if it is as it should be: coredeck status --accept-loss".to_owned());
            return lines;
        }
        if self.alarm.is_on() {
            return ["its records are gone", page].map(str::to_owned).into();
        }
        if self.looking_for_losses.is_some() {
            return vec!["no record is in this scope; looking for what is known of it".to_owned()];
        }
        let nothing = match self.feed {
            Liveness::Stale { .. } => "nothing was in this scope when it was read last",
            Liveness::Live { .. } | Liveness::Loading { .. } => "nothing is in this scope yet",
        };
        vec![nothing.to_owned()]
    }

    /// Tells whether an empty scope is known to have had keys.
    #[must_use]
    pub fn is_emptied(&self) -> bool {
        self.alarm.is_on() || self.signpost().is_some()
    }
}
