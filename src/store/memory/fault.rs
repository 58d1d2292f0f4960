//! Faults on request, for tests of code that uses a store.
use crate::{failure::Failure, health::Health, keys::Revision};
use std::{collections::VecDeque, time::Duration};

/// Fault of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallFault {
    /// Nothing is done, and this failure is the answer.
    Fails(Failure),
    /// It is done, and this failure is the answer: a lost reply.
    ReplyLost(Failure),
    /// The same, and every later call fails with this.
    LastReplyLost(Failure),
    /// It is done and answered, and every later call fails with this.
    LastReply(Failure),
    /// This failure is the answer, and it is done so much later: a server that still worked on it.
    Late(Failure, Duration),
}

/// A fault of every watch, as long as it is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WatchFault {
    /// Changes are told, and no question is answered: etcd's grpc-proxy.
    Unanswered,
    /// Nothing is told at all: etcd has lost the watch, and does not know it.
    Silent,
    /// The watch stands on a member that has stopped at this revision: it tells nothing behind it, and answers so
    /// when asked.
    Behind(Revision),
    /// No change is told, and a question for the progress is answered with the store's own revision: etcd before 3.4.25
    /// and 3.5.8, while a watch still has changes to tell (etcd-io/etcd#15220).
    Ahead,
    /// The watch is taken up, and ends at once.
    Ends(Failure),
    /// No watch is taken up any more, and the open ones end.
    Refused(Failure),
}

/// Number of requests of each kind that the store was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    pub lists: u64,
    pub counts: u64,
    pub watches: u64,
    /// Questions for the progress of a watch.
    pub questions: u64,
    pub statuses: u64,
}

impl Traffic {
    /// Returns the requests since an earlier look.
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

    /// Returns the number of all requests.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.lists + self.counts + self.watches + self.questions + self.statuses
    }
}

/// The faults that wait for their call.
#[derive(Debug, Default)]
pub(super) struct Faults {
    /// Faults of the next commits, in order.
    pub(super) commits: VecDeque<CallFault>,
    /// Failures of the next reads, in order.
    pub(super) reads: VecDeque<Failure>,
    /// Failure of every call until the outage is over.
    pub(super) outage: Option<Failure>,
    /// Number of outages so far: a watch ends with each, however short it was.
    pub(super) outages: u64,
    /// The latest outage's failure, for the watches that it ended.
    pub(super) last_outage: Option<Failure>,
    /// Fault of every watch.
    pub(super) watch: Option<WatchFault>,
    /// Requests so far.
    pub(super) traffic: Traffic,
    /// The NOSPACE alarm: puts are refused, deletes are not.
    pub(super) no_space: bool,
    /// The health that the store tells in place of the true one.
    pub(super) health: Option<Health>,
}

impl Faults {
    /// Takes the failure of the next read, if it has one.
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

    /// Takes the fault of the next commit, if it has one.
    pub(super) fn commit(&mut self) -> Option<CallFault> {
        self.outage.clone().map(CallFault::Fails).or_else(|| self.commits.pop_front())
    }
}
