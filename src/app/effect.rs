use super::{
    CompactedRecords, PresentPicture, RequestId,
    overlay::FormerRecords,
    rules::{Snapshot, TypedRecord},
};
use crate::signpost::SavedIn;
use crate::{
    bulk::BulkEdit,
    dns::{Impact, Name},
    etcdctl::Explanation,
    index::Records,
    keys::{ClusterId, KeyRange, LeaseId, Revision},
    plan::{Confirmed, EntryId, Intent, KeySelection, Plan},
};
use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

/// Request to the runtime, by who carries it out.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "almost all effects are tasks of the worker: a box would cost more"
)]
pub enum Effect {
    Worker(WorkerTask),
    Terminal(TerminalTask),
    Leave(Leaving),
}

/// Task of the worker, which works beside the loop and answers with a message.
#[derive(Debug)]
pub enum WorkerTask {
    /// Read the keys of the intent, and plan it.
    Plan(RequestId, Intent),
    /// Work out one change of many records, in place of any earlier one.
    Work(RequestId, Box<BulkEdit>, Records),
    /// Make a change. The only effect that writes.
    Apply(RequestId, Confirmed),
    /// Find a text in a snapshot of the records, in place of any earlier search.
    Find(RequestId, Records, String),
    /// Ask how long a lease still lives.
    Lease(RequestId, LeaseId),
    /// Work out what `CoreDNS` answers for a name, in place of any earlier name.
    Answer(RequestId, Box<Snapshot>, Name),
    /// Work out the consequences of a plan, in place of any earlier plan.
    Foresee(RequestId, Box<Snapshot>, Intent, Arc<Plan>),
    /// Look at all records for findings. One look at a time is asked for.
    Lint(RequestId, Box<Snapshot>),
    /// Look at a value that is being typed, in place of any earlier one.
    LintTyped(RequestId, Box<Snapshot>, TypedRecord),
    /// Ask these live servers what they answer for a name, and compare.
    Verify(RequestId, Box<Snapshot>, Name, Vec<SocketAddr>),
    /// Ask these live servers until they give the answers that a change has made different.
    AskAfter(RequestId, Box<Impact>, Vec<SocketAddr>),
    /// Save the scope as it was before a mass deletion, from etcd or from the records that were seen.
    Rescue(RequestId, Revision, Box<CompactedRecords>),
    /// Save all of etcd as it was at a revision, others' keys too. The only effect that reads keys outside the scope.
    RescueAll(RequestId, Revision),
    /// Count everybody's keys at once, and look from now on whether etcd still has this revision.
    LookAround(Option<Revision>),
    /// Note that somebody knows of the losses, and is content; the number counts how often that was so.
    AcceptLosses(u64),
    /// Ask the members of the cluster how they are, at once.
    CheckHealth,
    /// Save the scope to a new file, and verify it.
    Backup,
    /// Look for the newest backup that is whole.
    LookForBackup(RequestId),
    /// Look whether the scope, or others, have lost keys.
    LookForLosses(RequestId),
    /// List the saved files that have records of the scope, or of a part of it, and compare them with these records.
    Saved(RequestId, Option<KeySelection>, Records),
    /// Compare the records of a saved place with those that are there now.
    Restore(RequestId, SavedIn, KeySelection),
    /// List the entries of the journal.
    Journal(RequestId),
    /// Read one entry of the journal, with its changes.
    Entry(RequestId, EntryId),
    /// Work out the undo of an entry.
    LookBack(RequestId, EntryId),
    /// Read the history of a key or a name.
    History(RequestId, KeySelection),
    /// Compare the records at a revision with those of now.
    PutBack(RequestId, KeySelection, Revision, FormerRecords),
    /// Ask which of these leases still live.
    Leases(RequestId, BTreeMap<LeaseId, usize>),
    /// Read the whole scope as of a revision.
    AsOf(RequestId, Revision),
    /// Count the keys that these lines hit, one after the other, in place of any earlier lines.
    Count(RequestId, Vec<Explanation>),
    /// Count no more.
    CountNoMore,
    /// While the first list is being read, read this part next.
    Prefer(KeyRange),
    /// Read the whole scope again.
    ReadAgain,
    /// Compare this picture with the list that was read.
    Compare(PresentPicture),
    /// Write down that this cluster is the one that is meant.
    Remember {
        cluster: ClusterId,
        label: String,
        /// The addresses of its members.
        members: Vec<String>,
    },
}

/// Task of the loop, which has the terminal.
#[derive(Debug)]
pub enum TerminalTask {
    /// Ring its bell.
    Ring,
    /// Let a person edit a text in `$EDITOR`.
    Edit(String),
    /// Send a text to its clipboard; `told` is said if it was sent.
    Copy { what: &'static str, text: String, told: String },
    /// Stop the program until it is continued.
    Suspend,
    /// Draw the whole screen again.
    Redraw,
}

/// End of this deck.
#[derive(Debug)]
pub enum Leaving {
    /// Close it.
    Quit,
    /// Close it and open it again, with another right perhaps.
    Reopen,
    /// Close it and open that of another profile; `None` stands for the connection without a profile.
    Profile(Option<String>),
}
