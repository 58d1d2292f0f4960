//! Losses that looks at everybody's keys have found, with the state of etcd's old revision and of its rescue.
use super::{DeletionAlarm, Raised, Sighting};
use crate::{
    app::{DeckError, RequestId},
    counts::Loss,
    keys::Revision,
    ops::Census,
};
use jiff::Timestamp;

/// Result of a look at everybody's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountCheck {
    pub census: Census,
    /// All losses whose keys are not back.
    pub losses: Vec<Noticed>,
    /// Keys were lost since the last look, or nobody in this session has been told yet.
    pub is_news: bool,
    pub standing: Option<RevisionCheck>,
    /// Number of times that somebody had accepted the losses by then.
    pub accepted: u64,
}

/// A loss, and the last revision before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noticed {
    pub loss: Loss,
    /// `None` where etcd could not tell.
    pub before: Option<Revision>,
}

/// Result of a look whether etcd still has the revision before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevisionCheck {
    pub revision: Revision,
    pub is_there: bool,
    /// The time of that look.
    pub at: Timestamp,
}

/// State of saving all of etcd as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum WholeRescue {
    #[default]
    NotAsked,
    /// Being read: so many keys of so many.
    Running {
        request: RequestId,
        revision: Revision,
        read: u64,
        of: Option<u64>,
    },
    Saved {
        file: String,
        keys: u64,
        revision: Revision,
        /// The lines that bring it back.
        way_back: Vec<String>,
    },
    Failed(DeckError),
}

impl DeletionAlarm {
    /// Takes a look. Returns true if the bell is to ring.
    pub(in crate::app) fn looked(&mut self, looked: CountCheck) -> bool {
        self.heard = self.heard.max(looked.census.counts.at);
        if looked.standing.is_some() {
            self.standing = looked.standing;
        }
        // A look that began before somebody accepted the losses tells nothing new of them.
        if looked.accepted < self.accepted {
            return false;
        }
        let was_on = !self.losses.is_empty();
        let mut losses = looked.losses;
        // The keys themselves say more about the scope than their number does.
        if self.raised.is_some() {
            losses.retain(|noticed| !noticed.loss.whose.is_scope());
        }
        losses.sort_by_key(|noticed| std::cmp::Reverse(noticed.loss.gone()));
        for noticed in &losses {
            self.extent.lost(&noticed.loss);
        }
        if losses.is_empty() && was_on && self.raised.is_none() {
            self.end(true);
            return false;
        }
        let is_new = !losses.is_empty() && (looked.is_news || !was_on);
        self.losses = losses;
        is_new
    }

    /// The last revision that has everything that is lost.
    #[must_use]
    pub fn revision_before(&self) -> Option<Revision> {
        before(self.raised.as_ref(), &self.losses).or_else(|| self.over.as_ref()?.before())
    }

    /// Accepts all losses, because somebody knows of them and is content. Returns how often that was so by now.
    pub(in crate::app) fn accept(&mut self) -> u64 {
        self.end(false);
        self.accepted += 1;
        self.accepted
    }

    /// Takes the number of keys that are read.
    pub(in crate::app) fn rescued_so_far(&mut self, of: RequestId, keys: u64, all: u64) {
        if let Some(WholeRescue::Running { request, read, of: total, .. }) = self.rescue_mut()
            && *request == of
        {
            (*read, *total) = (keys, Some(all));
        }
    }

    /// Takes the result of the rescue.
    pub(in crate::app) fn rescued(&mut self, of: RequestId, whole: WholeRescue) {
        if let Some(running @ WholeRescue::Running { .. }) = self.rescue_mut()
            && matches!(running, WholeRescue::Running { request, .. } if *request == of)
        {
            *running = whole;
        }
    }

    /// Returns the state of a rescue: that of the alarm, or of the one that is over.
    pub(in crate::app) fn rescue_mut(&mut self) -> Option<&mut WholeRescue> {
        if self.is_on() {
            return Some(&mut self.whole);
        }
        Some(&mut self.over.as_mut()?.whole)
    }
}

pub(super) fn before(raised: Option<&Raised>, losses: &[Noticed]) -> Option<Revision> {
    let of_scope = raised.filter(|raised| raised.sighting != Sighting::OlderCopy);
    let of_scope = of_scope.map(|raised| Revision(raised.first.0 - 1));
    losses.iter().filter_map(|noticed| noticed.before).chain(of_scope).min()
}
