use super::RequestId;
use crate::{
    index::Records,
    keys::{KeyRange, LeaseId},
    plan::{Confirmed, Intent},
};

/// What the runtime is asked to do.
#[derive(Debug)]
pub enum Effect {
    /// Read what the intent is about, and plan it.
    Plan(RequestId, Intent),
    /// Make a change. The only effect that writes.
    Apply(RequestId, Confirmed),
    /// Find a text in a snapshot of the records, in place of any earlier search.
    Find(RequestId, Records, String),
    /// Ask how long a lease still lives.
    Lease(RequestId, LeaseId),
    /// Let a person edit a text in `$EDITOR`.
    Edit(String),
    /// Send a text to the terminal's clipboard; the word says what it is.
    Copy {
        what: &'static str,
        text: String,
    },
    /// While the first list is being read, read this part next.
    Prefer(KeyRange),
    /// Read the whole scope again.
    ReadAgain,
    Suspend,
    Redraw,
    Quit,
}
