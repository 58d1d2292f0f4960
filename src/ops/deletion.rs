//! Deletion that a person means by "before it was deleted".
use crate::{
    failure::Failure,
    keys::{Revision, Scope},
    ops::history,
    plan::KeySelection,
    store::{Event, Reader},
};

/// Most versions that are looked through.
const MOST: usize = 10_000;

/// One revision that deleted keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deletion {
    pub revision: Revision,
    /// Number of the keys in question that it took.
    pub keys: usize,
}

impl Deletion {
    /// Returns the revision at which its keys were still there.
    #[must_use]
    pub fn before(&self) -> Revision {
        Revision(self.revision.0 - 1)
    }
}

/// Finds the newest deletion there up to a revision, as far as etcd still knows.
///
/// # Errors
/// The store's failure to read.
pub async fn deletion_until(
    reader: &impl Reader,
    scope: &Scope,
    reach: &KeySelection,
    until: Revision,
) -> Result<Option<Deletion>, Failure> {
    let known = history(reader, scope, reach.own.as_ref(), reach.below.as_ref(), MOST).await?;
    let deletions = known
        .versions
        .iter()
        .rev()
        .filter(|event| matches!(event, Event::Delete { .. }))
        .map(Event::revision);
    let mut deletions = deletions.filter(|revision| *revision <= until);
    let Some(revision) = deletions.next() else { return Ok(None) };
    Ok(Some(Deletion { revision, keys: 1 + deletions.take_while(|same| *same == revision).count() }))
}
