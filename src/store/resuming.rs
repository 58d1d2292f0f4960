//! What became of an entry of the journal that was broken off: its keys are looked at as they are now.
use super::{NotUndone, Reader, read_keys};
use crate::{
    keys::{KeyValue, Revision, Scope, ScopedKey},
    plan::{Change, Grant, Past, Resume},
};
use std::collections::BTreeMap;

/// Looks at the keys of `past`, for which `grants` were to be made. Says at which revision that was.
///
/// # Errors
/// [`NotUndone`] in another cluster, and what the store said of a read.
pub async fn look_ahead(
    reader: &impl Reader,
    scope: &Scope,
    past: &Past,
    grants: Vec<Grant>,
) -> Result<(Resume, Revision), NotUndone> {
    let keys: Vec<ScopedKey> = past.changes.iter().flat_map(Change::keys).cloned().collect();
    let listing = read_keys(reader, scope, keys, None).await?;
    if listing.cluster != past.cluster {
        return Err(NotUndone::OtherCluster { done_in: past.cluster, here: listing.cluster });
    }
    let now: BTreeMap<&ScopedKey, &KeyValue> =
        listing.records.iter().map(|record| (&record.key, record)).collect();
    Ok((Resume::of(past, grants, |key| now.get(key).copied()), listing.revision))
}
