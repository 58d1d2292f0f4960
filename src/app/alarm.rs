//! Alarm about a mass deletion by somebody else: noticed as it happens, with the deleted records kept to bring them
//! back. Pure: its time is that of the messages.

mod losses;
mod page;

pub use losses::{CountCheck, Noticed, RevisionCheck, WholeRescue};
pub use page::AlarmPage;

use super::RequestId;
use crate::{
    counts::Loss,
    index::{Index, Records},
    keys::{ClusterId, KeyValue, Revision, Scope, ScopedKey},
    plan::{Outcome, Plan},
};
use jiff::{SignedDuration, Timestamp};
use page::Over;
use std::collections::{BTreeSet, VecDeque};

/// Number of deleted keys that always raises an alarm.
const MANY: usize = 50;
/// Number of keys in the scope from which a share of them raises one as well. All keys of any scope raise one.
const SHARE_FROM: usize = 3;
/// That share, in percent of the scope's keys.
const SHARE: usize = 30;
/// Time within which deletions belong together.
const WINDOW: SignedDuration = SignedDuration::from_secs(10);

/// Watches over deletions.
#[derive(Debug)]
pub struct DeletionAlarm {
    cluster: ClusterId,
    /// Deletions of the last seconds, the oldest first.
    recent: VecDeque<Gone>,
    /// The records that they took, as they were, as long as they are away; while an alarm is on, all that it is about.
    gone: Index,
    /// Number of those that had a lease.
    leased: usize,
    own: Option<OwnDeletionMarks>,
    pub raised: Option<Raised>,
    /// Losses of keys between two looks at everybody's, the largest first.
    pub losses: Vec<Noticed>,
    /// Result of the last look whether etcd still has the revision before.
    pub standing: Option<RevisionCheck>,
    /// State of saving everybody's keys.
    pub whole: WholeRescue,
    /// All that this alarm has been about, also what is back by now.
    extent: AlarmExtent,
    /// The last alarm that is over.
    over: Option<Box<Over>>,
    /// The time of the deck's last news: no clock is asked.
    heard: Timestamp,
    /// Number of times that somebody accepted the losses.
    accepted: u64,
}

/// All that an alarm was about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlarmExtent {
    /// The time at which deletions in the scope were noticed, and the most keys that were away.
    pub deleted: Option<(Timestamp, usize)>,
    /// The greatest loss of each holder.
    pub losses: Vec<Loss>,
}

impl AlarmExtent {
    fn deleted(&mut self, at: Timestamp, keys: usize) {
        let (first, most) = self.deleted.unwrap_or((at, keys));
        self.deleted = Some((first, most.max(keys)));
    }

    fn lost(&mut self, loss: &Loss) {
        match self.losses.iter_mut().find(|known| known.whose == loss.whose) {
            Some(known) if known.gone() < loss.gone() => *known = loss.clone(),
            Some(_) => {}
            None => self.losses.push(loss.clone()),
        }
    }
}

#[derive(Debug)]
struct Gone {
    at: Timestamp,
    revision: Revision,
    key: ScopedKey,
}

/// A change of this deck: the keys that it takes away itself.
#[derive(Debug)]
struct OwnDeletionMarks {
    request: RequestId,
    keys: BTreeSet<ScopedKey>,
    /// Deletions of those keys, until it is known whether they were its own.
    held: Vec<(KeyValue, Timestamp, Revision)>,
    running: bool,
}

/// A mass deletion that nobody has seen to yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raised {
    /// The revision of its first deletion; one after the last that was watched, when the watch was lost then.
    pub first: Revision,
    pub sighting: Sighting,
    /// The time at which it was noticed.
    pub at: Timestamp,
    last_at: Timestamp,
    pub saving: Saving,
}

/// Way in which a mass deletion came to light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sighting {
    /// The watch told of it as it happened.
    Watched,
    /// Nobody saw it happen: the keys were missing when everything was read again.
    Reread,
    /// The same, on an etcd that has gone back to older data: its earlier revisions are others now.
    OlderCopy,
}

/// State of saving the records that were there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saving {
    Asked(RequestId),
    Saved { file: String, keys: u64, from: SavedFrom },
    Failed(String),
}

/// Source of the saved records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SavedFrom {
    /// From etcd, as it was at this revision.
    Etcd(Revision),
    /// From the records that this deck had seen, because etcd could not give them any more; the text says why.
    Deck(String),
}

/// Records for a file of an old revision that etcd does not have any more.
#[derive(Clone, Debug)]
pub struct CompactedRecords {
    /// Records that are there now.
    pub left: Records,
    /// Records that were there besides.
    pub gone: Records,
    /// etcd has gone back to older data: its records at that revision are others now.
    pub is_older_copy: bool,
}

impl DeletionAlarm {
    pub(super) fn new(scope: Scope, cluster: ClusterId) -> Self {
        let mut gone = Index::new(scope);
        gone.listed();
        Self {
            cluster,
            recent: VecDeque::new(),
            gone,
            leased: 0,
            own: None,
            raised: None,
            losses: vec![],
            standing: None,
            whole: WholeRescue::NotAsked,
            extent: AlarmExtent::default(),
            over: None,
            heard: Timestamp::UNIX_EPOCH,
            accepted: 0,
        }
    }

    /// Tells whether there is a deletion or a loss that nobody has seen to yet: in the scope, or beside it.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.raised.is_some() || !self.losses.is_empty()
    }

    /// Names what is being saved because of it, if anything is.
    #[must_use]
    pub fn is_saving(&self) -> Option<&'static str> {
        let over = self.over.as_ref().map(|over| &over.whole);
        if [Some(&self.whole), over].into_iter().flatten().any(|it| matches!(it, WholeRescue::Running { .. }))
        {
            return Some("saving all of etcd");
        }
        let raised = self.raised.as_ref()?;
        matches!(raised.saving, Saving::Asked(_)).then_some("saving what was deleted")
    }

    /// Number of keys that are away.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.gone.len()
    }

    /// Number of them that had a lease, which may have ended.
    #[must_use]
    pub fn leased(&self) -> usize {
        self.leased
    }

    /// The records that are away, as they were.
    #[must_use]
    pub fn gone(&self) -> &Records {
        self.gone.records()
    }

    /// Notes that this deck begins a change: its own deletions raise no alarm.
    pub(super) fn began(&mut self, request: RequestId, plan: &Plan) {
        let takes = |change: &&crate::plan::Change| {
            use crate::plan::Change::{Create, Delete, Move, Update};
            match change {
                Delete { .. } | Move { .. } => true,
                Create { .. } | Update { .. } => false,
            }
        };
        let keys = plan.changes().iter().filter(takes).map(|change| change.key().clone()).collect();
        self.own = Some(OwnDeletionMarks { request, keys, held: vec![], running: true });
    }

    /// Takes the outcome of that change: deletions that it has not made were somebody else's.
    pub(super) fn ended(&mut self, request: RequestId, outcome: &Outcome) {
        let Some(mut own) = self.own.take_if(|own| own.request == request) else { return };
        let done: Option<BTreeSet<&ScopedKey>> = match outcome {
            Outcome::Done { .. } => None,
            Outcome::NothingChanged { .. } => Some(BTreeSet::new()),
            Outcome::Partly { done, .. } => Some(done.iter().collect()),
            // Whoever asked for it is told already that it may have happened.
            Outcome::Unknown { done, unsure, .. } => Some(done.iter().chain(unsure).collect()),
        };
        let held = std::mem::take(&mut own.held);
        if let Some(done) = done {
            own.keys.retain(|key| done.contains(key));
            for (record, at, revision) in held.into_iter().filter(|(record, ..)| !done.contains(&record.key))
            {
                self.take(&record, at, revision);
            }
        }
        own.running = false;
        self.own = Some(own).filter(|own| !own.keys.is_empty());
    }

    /// Takes in that the watch has seen this record go.
    pub(super) fn deleted(&mut self, record: KeyValue, at: Timestamp, revision: Revision) {
        if let Some(own) = &mut self.own
            && own.keys.remove(&record.key)
        {
            if own.running {
                own.held.push((record, at, revision));
            }
            return;
        }
        self.take(&record, at, revision);
    }

    fn take(&mut self, record: &KeyValue, at: Timestamp, revision: Revision) {
        if self.gone.put(record) {
            self.leased += usize::from(record.lease.is_some());
        }
        match &mut self.raised {
            // The mass deletion goes on.
            Some(raised) if at <= raised.last_at.saturating_add(WINDOW).unwrap_or(at) => {
                raised.last_at = at;
                self.extent.deleted(raised.at, self.gone.len());
            }
            _ => self.recent.push_back(Gone { at, revision, key: record.key.clone() }),
        }
    }

    /// Takes in that a key was put: it is not away any more.
    pub(super) fn put(&mut self, key: &ScopedKey, revision: Revision) {
        if self.gone.is_empty() {
            return;
        }
        if let Some(record) = self.gone.get(key.as_bytes())
            && self.gone.delete(key, revision)
        {
            self.leased -= usize::from(record.lease.is_some());
        }
        if self.gone.is_empty() {
            self.all_is_back();
        }
    }

    fn all_is_back(&mut self) {
        if self.losses.is_empty() {
            self.end(true);
        } else {
            // The keys that others have lost are still away.
            self.raised = None;
            self.recent.clear();
        }
    }

    /// Tells whether the deletions of the last seconds are a mass deletion, in a scope that holds `left` keys now:
    /// returns the revision before it.
    pub(super) fn check(&mut self, left: usize, at: Timestamp, request: RequestId) -> Option<Revision> {
        self.heard = self.heard.max(at);
        let is_old = |gone: &Gone| gone.at.saturating_add(WINDOW).is_ok_and(|end| end < at);
        while self.recent.front().is_some_and(is_old)
            && let Some(old) = self.recent.pop_front()
        {
            if self.raised.is_none() {
                self.put(&old.key, old.revision);
            }
        }
        let away = if self.raised.is_some() { self.recent.len() } else { self.gone.len() };
        if !is_mass(away, left + self.gone.len()) {
            return None;
        }
        // From here on the keys tell of the scope's loss, and its counts do not.
        self.losses.retain(|noticed| !noticed.loss.whose.is_scope());
        let first = self.recent.front()?.revision;
        Some(self.raise(first, at, Sighting::Watched, request))
    }

    /// Takes in that everything was read again after the watch was lost at `seen`, without these records.
    pub(super) fn missed(
        &mut self,
        missing: Vec<KeyValue>,
        (left, seen): (usize, Revision),
        (at, sighting): (Timestamp, Sighting),
        request: RequestId,
    ) -> Option<Revision> {
        let own = self.own.take_if(|own| !own.running);
        let is_own = |key: &ScopedKey| own.as_ref().is_some_and(|own| own.keys.contains(key));
        let mut foreign = 0;
        for record in missing.into_iter().filter(|record| !is_own(&record.key)) {
            foreign += 1;
            self.deleted(record, at, Revision(seen.0 + 1));
        }
        if !is_mass(foreign, left + foreign) {
            return None;
        }
        Some(self.raise(Revision(seen.0 + 1), at, sighting, request))
    }

    fn raise(&mut self, first: Revision, at: Timestamp, sighting: Sighting, request: RequestId) -> Revision {
        self.recent.clear();
        let saving = Saving::Asked(request);
        self.heard = self.heard.max(at);
        self.extent.deleted(at, self.gone.len());
        self.raised = Some(Raised { first, sighting, at, last_at: at, saving });
        Revision(first.0 - 1)
    }

    /// Takes the result of saving the deleted records.
    pub(super) fn saved(&mut self, request: RequestId, saved: Saving) {
        if let Some(raised) = &mut self.raised
            && raised.saving == Saving::Asked(request)
        {
            raised.saving = saved;
        }
    }

    /// Ends the alarm, because everything is back or somebody knows of it. Its page can still be looked at.
    fn end(&mut self, is_back: bool) {
        let over = if self.is_on() { Some(Box::new(self.put_away(is_back))) } else { self.over.take() };
        let scope = self.gone.records().scope().clone();
        let (own, heard, accepted) = (self.own.take(), self.heard, self.accepted);
        *self = Self { own, over, heard, accepted, ..Self::new(scope, self.cluster) };
    }

    /// Takes the cluster that answers: the keys of another one are nobody's deletion. Returns true if it is the same.
    pub(super) fn is_of(&mut self, cluster: ClusterId) -> bool {
        if self.cluster != cluster {
            let scope = self.gone.records().scope().clone();
            *self = Self::new(scope, cluster);
            return false;
        }
        true
    }
}

fn is_mass(gone: usize, before: usize) -> bool {
    let is_emptied = gone > 0 && gone == before;
    is_emptied || gone >= MANY || (gone > 0 && before >= SHARE_FROM && gone * 100 >= before * SHARE)
}
