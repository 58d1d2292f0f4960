//! What goes wrong on request, for tests of those who use a store.
use crate::{failure::Failure, health::Health, keys::Revision};
use std::{collections::VecDeque, time::Duration};

/// What becomes of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is done, and this is said.
    Fails(Failure),
    /// It is done, and this is said: a lost reply.
    ReplyLost(Failure),
    /// The same, and every call behind it says this.
    LastReplyLost(Failure),
    /// It is done and answered, and every call behind it says this.
    LastReply(Failure),
    /// This is said, and it is done so much later: a server that still worked on it.
    Late(Failure, Duration),
}

/// A fault of every watch, as long as it is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WatchFault {
    /// Changes are told, and no question is answered: etcd's grpc-proxy.
    Unanswered,
    /// Nothing is told at all: etcd has lost the watch, and does not know.
    Silent,
    /// It stands on a member that has stopped at this revision: nothing behind it is told, and that is the answer.
    Behind(Revision),
    /// It is taken up, and ends at once.
    Ends(Failure),
    /// None is taken up any more, and those that are open end.
    Refused(Failure),
}

/// How often the store was asked for what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    pub lists: u64,
    pub counts: u64,
    pub watches: u64,
    /// How far a watch has come.
    pub questions: u64,
    pub statuses: u64,
}

impl Traffic {
    /// What has come since an earlier look.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        Self {
            lists: self.lists - before.lists,
            counts: self.counts - before.counts,
            watches: self.watches - before.watches,
            questions: self.questions - before.questions,
            statuses: self.statuses - before.statuses,
        }
    }

    /// All requests.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.lists + self.counts + self.watches + self.questions + self.statuses
    }
}

/// The faults that wait for their call.
#[derive(Debug, Default)]
pub(super) struct Faults {
    /// For the next commits, in order.
    pub(super) commits: VecDeque<Fault>,
    /// For the next reads, in order.
    pub(super) reads: VecDeque<Failure>,
    /// For every call until it is over.
    pub(super) outage: Option<Failure>,
    /// How many outages there have been: a watch ends with each, however short it was.
    pub(super) outages: u64,
    /// The latest outage's failure, for the watches that it ended.
    pub(super) last_outage: Option<Failure>,
    /// For every watch.
    pub(super) watch: Option<WatchFault>,
    /// What was asked so far.
    pub(super) traffic: Traffic,
    /// The NOSPACE alarm: puts are refused, deletes are not.
    pub(super) no_space: bool,
    /// What the store says of itself, where that is not the truth.
    pub(super) health: Option<Health>,
}

impl Faults {
    /// The failure of the next read, if it has one.
    pub(super) fn read(&mut self) -> Result<(), Failure> {
        match self.outage.clone().or_else(|| self.reads.pop_front()) {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }

    /// Lets every call fail from here on.
    pub(super) fn end(&mut self, failure: Failure) {
        self.outages += 1;
        self.last_outage = Some(failure.clone());
        self.outage = Some(failure);
    }

    /// What becomes of the next commit, if not what was asked.
    pub(super) fn commit(&mut self) -> Option<Fault> {
        self.outage.clone().map(Fault::Fails).or_else(|| self.commits.pop_front())
    }
}
