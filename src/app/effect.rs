use super::{
    Lost, RequestId, Shown,
    overlay::Was,
    rules::{Entry, Snapshot},
};
use crate::signpost::SavedIn;
use crate::{
    bulk::Order,
    dns::{Impact, Name},
    etcdctl::Explanation,
    index::Records,
    keys::{ClusterId, KeyRange, LeaseId, Revision},
    plan::{Confirmed, EntryId, Intent, Plan, Reach},
};
use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

/// What the runtime is asked to do.
#[derive(Debug)]
pub enum Effect {
    /// Read what the intent is about, and plan it.
    Plan(RequestId, Intent),
    /// Work out what one change of many records comes to, in place of any earlier one.
    Work(RequestId, Box<Order>, Records),
    /// Make a change. The only effect that writes.
    Apply(RequestId, Confirmed),
    /// Find a text in a snapshot of the records, in place of any earlier search.
    Find(RequestId, Records, String),
    /// Ask how long a lease still lives.
    Lease(RequestId, LeaseId),
    /// Work out what `CoreDNS` answers for a name, in place of any earlier name.
    Answer(RequestId, Box<Snapshot>, Name),
    /// Work out what follows from a plan, in place of any earlier plan.
    Foresee(RequestId, Box<Snapshot>, Intent, Arc<Plan>),
    /// Look at all records for what is wrong with them. One look at a time is asked for.
    Lint(RequestId, Box<Snapshot>),
    /// Look at a value that is being typed, in place of any earlier one.
    LintTyped(RequestId, Box<Snapshot>, Entry),
    /// Ask these live servers what they answer for a name, and compare.
    Verify(RequestId, Box<Snapshot>, Name, Vec<SocketAddr>),
    /// Ask these live servers until they give the answers that a change has made different.
    AskAfter(RequestId, Box<Impact>, Vec<SocketAddr>),
    /// Save what was there at a revision before a mass deletion, from etcd or from what was seen of it.
    Rescue(RequestId, Revision, Box<Lost>),
    /// Save all of etcd as it was at a revision, others' keys too. The only effect that reads what is not the scope's.
    RescueAll(RequestId, Revision),
    /// Count everybody's keys at once, and look from now on whether etcd still has this revision.
    LookAround(Option<Revision>),
    /// Somebody knows of what was lost, and is content: for the so-manieth time.
    AcceptLosses(u64),
    /// Ask the members of the cluster how they are, at once.
    CheckHealth,
    /// Ring the terminal's bell.
    Ring,
    /// Save the scope to a new file, and verify it.
    Backup,
    /// Look for the newest backup that is whole.
    LookForBackup(RequestId),
    /// Look whether the scope, or others, have lost keys.
    LookForLosses(RequestId),
    /// List what is saved of the scope, or of a part of it, beside these records.
    Saved(RequestId, Option<Reach>, Records),
    /// Compare what a place has saved with what there is.
    Restore(RequestId, SavedIn, Reach),
    /// Read what stands in the journal.
    Journal(RequestId),
    /// Read one entry of the journal, with its changes.
    Entry(RequestId, EntryId),
    /// Work out what taking an entry back comes to.
    LookBack(RequestId, EntryId),
    /// Read what a key or a name went through.
    History(RequestId, Reach),
    /// Compare what stood there at a revision with what stands there.
    PutBack(RequestId, Reach, Revision, Was),
    /// Ask which of these leases still live.
    Leases(RequestId, BTreeMap<LeaseId, usize>),
    /// Read the whole scope as of a revision.
    AsOf(RequestId, Revision),
    /// Let a person edit a text in `$EDITOR`.
    Edit(String),
    /// Send a text to the terminal's clipboard; `told` is said where it was sent.
    Copy {
        what: &'static str,
        text: String,
        told: String,
    },
    /// Count what these lines hit, one after the other, in place of any earlier ones.
    Count(RequestId, Vec<Explanation>),
    /// Count no more.
    CountNoMore,
    /// While the first list is being read, read this part next.
    Prefer(KeyRange),
    /// Read the whole scope again.
    ReadAgain,
    /// Compare this with what was read.
    Compare(Shown),
    /// Write down that this cluster is the one that is meant.
    Remember {
        cluster: ClusterId,
        label: String,
        /// Where its members are.
        members: Vec<String>,
    },
    /// Close this deck and open it again, with another right perhaps.
    Reopen,
    /// Close this deck and open that of another profile; none is what is used without one.
    Profile(Option<String>),
    Suspend,
    Redraw,
    Quit,
}
