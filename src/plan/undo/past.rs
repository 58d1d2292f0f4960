use crate::{
    keys::{ClusterId, LeaseId, Revision, ScopedKey},
    plan::{Change, EntryId},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// A plan that was journalled once, with its outcome: an undo is worked out from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    pub entry: EntryId,
    /// The entry that it takes back, if it is an undo itself.
    pub undoes: Option<EntryId>,
    /// The cluster where it was made.
    pub cluster: ClusterId,
    pub changes: Vec<Change>,
    pub made: MadeChanges,
    /// Time that the leases of the changed keys had still to live when it was planned, as far as they could be asked
    /// for.
    pub leases: BTreeMap<LeaseId, Duration>,
}

/// Changes of an entry that were made. Keys are those that the changes are [about](Change::key).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MadeChanges {
    /// All of them, the last one at this revision.
    All { last: Revision },
    /// Those of `done` were made; those of `unsure` may have been; no others.
    Some { done: BTreeSet<ScopedKey>, unsure: BTreeSet<ScopedKey> },
    /// It was broken off: only the keys tell.
    Unknown,
}

/// Knowledge about one change, before its keys were looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::plan) enum ChangeKnowledge {
    Made,
    NotMade,
    Unsure,
}

impl MadeChanges {
    pub(in crate::plan) fn of(&self, change: &Change) -> ChangeKnowledge {
        match self {
            Self::All { .. } => ChangeKnowledge::Made,
            Self::Some { done, .. } if done.contains(change.key()) => ChangeKnowledge::Made,
            Self::Some { unsure, .. } if unsure.contains(change.key()) => ChangeKnowledge::Unsure,
            Self::Some { .. } => ChangeKnowledge::NotMade,
            Self::Unknown => ChangeKnowledge::Unsure,
        }
    }

    /// Tells whether it is certain that something was changed.
    fn anything(&self) -> bool {
        match self {
            Self::All { .. } => true,
            Self::Some { done, .. } => !done.is_empty(),
            Self::Unknown => false,
        }
    }

    /// Returns the revision after which nothing of it was written.
    pub(super) fn last(&self) -> Option<Revision> {
        match self {
            Self::All { last } => Some(*last),
            Self::Some { .. } | Self::Unknown => None,
        }
    }
}

/// Returns the entry that took `entry` back, if one did and was not taken back itself. `later` are the entries after
/// it, oldest first.
pub(super) fn undone_by<'p>(entry: &EntryId, later: &'p [Past]) -> Option<&'p EntryId> {
    let mut places = later.iter().enumerate().rev();
    places.find_map(|(place, past)| {
        let undoes = past.undoes.as_ref() == Some(entry) && past.made.anything();
        let after = later.get(place + 1..).unwrap_or_default();
        (undoes && undone_by(&past.entry, after).is_none()).then_some(&past.entry)
    })
}
