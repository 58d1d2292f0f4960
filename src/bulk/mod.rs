//! Order for many records: the change, the records that are meant, and the wishes that follow. Pure; it works on a
//! snapshot, on any thread.
//!
//! ```text
//! Order (what, of which) + Records -> Work (wishes, what is left out and why) -> Intent::Bulk
//! ```

mod asked;
mod bring_back;
mod edit;
mod relocate;
mod selection;
#[cfg(test)]
mod tests;

pub use bring_back::ReturningLeases;
pub use selection::{Among, Selection};

use crate::{
    index::Records,
    keys::{Scope, ScopedKey},
    plan::{Challenge, Intent, KeyEdit, ListedName, PlanPurpose},
    remedy::Remedy,
};
use std::sync::atomic::{AtomicBool, Ordering};

/// Change that is ordered, and the records that it is for.
#[derive(Clone, Debug)]
pub enum BulkEdit {
    /// Sets another TTL in seconds; without one, records have `CoreDNS`'s default.
    SetTtl {
        of: Among,
        ttl: Option<u32>,
    },
    /// Puts the new host wherever a record's host is the old one. An address matches in any spelling, a name without
    /// regard to case and to the closing dot.
    ReplaceHost {
        of: Among,
        old: String,
        new: String,
    },
    Delete {
        of: Among,
    },
    /// Brings a name with everything below it to another name.
    Relocate {
        how: Relocation,
        from: ScopedKey,
        to: ScopedKey,
        /// True if a key that exists there gets the value, and keeps its own lease; otherwise nothing is done.
        overwrite: bool,
    },
    /// Creates records that were deleted, as they were.
    BringBack {
        what: Records,
        leases: ReturningLeases,
    },
}

/// Treatment of the name that was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relocation {
    /// Each key moves with its lease. Records whose host is a name that moves are changed with it; otherwise they keep
    /// pointing to a name that is gone.
    Move { with_hosts: bool },
    /// Each value is put again, under the same lease where it has one.
    Copy,
}

/// Result of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BulkPlan {
    /// In the order of their keys.
    pub wishes: Vec<KeyEdit>,
    /// Records that were meant and are not changed, each with the reason.
    pub left_out: Vec<LeftOut>,
    /// Number of records that have the wanted value already.
    pub same: usize,
    /// Facts that have to be known before it is agreed to, each a sentence.
    pub notes: Vec<String>,
    /// The name that moves, as its keys were listed.
    pub listed: Option<ListedName>,
}

/// A record that is not changed with the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    pub key: ScopedKey,
    /// The reason, which may hold text from etcd: show it escaped.
    pub why: String,
}

/// Reason why an order has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BulkError {
    #[error("there is nothing at or below {0}")]
    NotThere(ScopedKey),
    #[error("{from} cannot go into itself: {to}")]
    IntoItself { from: ScopedKey, to: ScopedKey },
    #[error("{} of the keys that this would make exist already", .0.len())]
    Taken(Vec<ScopedKey>),
    #[error("a key that this would make is outside the scope: {0}")]
    Outside(#[from] crate::keys::OutsideScopeError),
    #[error("it was stopped")]
    Stopped,
}

impl Remedy for BulkError {
    fn remedy(&self) -> String {
        match self {
            Self::NotThere(_) => "Check the name in the tree: somebody may have removed it.",
            Self::IntoItself { .. } => "Give a name that is neither this one nor below it.",
            Self::Taken(_) => "Take another name, or remove or rename those keys first.",
            Self::Outside(_) => "Give a name of the scope.",
            Self::Stopped => "Ask for it again.",
        }
        .to_owned()
    }
}

impl BulkEdit {
    /// Works out the result of the order on these records.
    ///
    /// # Errors
    /// [`BulkError`] when it can have no result as a whole, and when `stop` was set meanwhile.
    pub fn work(&self, records: &Records, stop: &AtomicBool) -> Result<BulkPlan, BulkError> {
        let going_on = || if stop.load(Ordering::Relaxed) { Err(BulkError::Stopped) } else { Ok(()) };
        match self {
            Self::SetTtl { of, ttl } => {
                edit::each(records, of, going_on, |_, record| edit::set_ttl(record, *ttl))
            }
            Self::ReplaceHost { of, old, new } => edit::each(records, of, going_on, |scope, record| {
                edit::replace_host(scope, record, old, new, of.is_chosen())
            }),
            Self::Delete { of } => edit::each(records, of, going_on, |_, record| edit::delete(record)),
            Self::BringBack { what, leases } => bring_back::work(records, what, leases, going_on),
            Self::Relocate { how, from, to, overwrite } => {
                relocate::work(records, *how, (from, to), *overwrite, going_on)
            }
        }
    }

    /// Tells whether a change at this key may change the result of the order.
    #[must_use]
    pub fn concerns(&self, scope: &Scope, key: &ScopedKey) -> bool {
        match self {
            Self::SetTtl { of, .. } | Self::ReplaceHost { of, .. } | Self::Delete { of } => {
                of.holds(scope, key)
            }
            Self::BringBack { what, .. } => what.contains(key.as_bytes()),
            // A new record elsewhere that points to a moved name would be one more note, and no other plan.
            Self::Relocate { from, to, .. } => [from, to]
                .into_iter()
                .any(|name| key == name || scope.below_key(name).contains(key.as_bytes())),
        }
    }

    /// Returns the intent for these wishes.
    #[must_use]
    pub fn intent(&self, scope: &Scope, wishes: Vec<KeyEdit>) -> Intent {
        let challenge = match self {
            Self::Relocate { how: Relocation::Move { .. }, from, .. } => Challenge::subtree(from),
            Self::Relocate { how: Relocation::Copy, to, .. } => Challenge::subtree(to),
            Self::SetTtl { .. } | Self::ReplaceHost { .. } | Self::Delete { .. } | Self::BringBack { .. } => {
                common(scope, &wishes)
            }
        };
        let (purpose, grants) = match self {
            Self::BringBack { leases, .. } => (PlanPurpose::Restore, leases.grants(&wishes)),
            Self::SetTtl { .. } | Self::ReplaceHost { .. } | Self::Delete { .. } | Self::Relocate { .. } => {
                (PlanPurpose::Bulk, vec![])
            }
        };
        Intent::Bulk { purpose, challenge, wishes, grants, listed: None }
    }
}

/// Returns the text to type for these: the key of the one, or the deepest name that all of them lie at or below.
#[must_use]
pub fn common(scope: &Scope, wishes: &[KeyEdit]) -> Challenge {
    let mut keys = wishes.iter().flat_map(KeyEdit::keys);
    let Some(first) = keys.next() else { return Challenge::scope(scope) };
    let mut rest = keys.peekable();
    if rest.peek().is_none() {
        return Challenge::key(first);
    }
    let mut shared: Vec<&[u8]> = scope.segments_of(first).collect();
    for key in rest {
        let same = shared.iter().zip(scope.segments_of(key)).take_while(|(a, b)| **a == *b).count();
        shared.truncate(same);
    }
    let name = [scope.as_str().as_bytes(), &shared.join(&b'/')].concat();
    match scope.key(&name) {
        Ok(name) if !shared.is_empty() => Challenge::subtree(&name),
        _ => Challenge::scope(scope),
    }
}
