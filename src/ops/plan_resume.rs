//! Entry of the journal that was broken off: reads its keys as they are now, to tell which changes were made.
use crate::{
    keys::{KeyValue, Revision, Scope, ScopedKey},
    ops::{UndoReadError, read_keys},
    plan::{Change, LeaseGrant, Past, Resume},
    store::Reader,
};
use std::collections::BTreeMap;

/// Looks at the keys of `past`, for which `grants` were to be made. Returns the revision of that look too.
///
/// # Errors
/// [`UndoReadError`] in another cluster, or the store's failure to read.
pub async fn look_ahead(
    reader: &impl Reader,
    scope: &Scope,
    past: &Past,
    grants: Vec<LeaseGrant>,
) -> Result<(Resume, Revision), UndoReadError> {
    let keys: Vec<ScopedKey> = past.changes.iter().flat_map(Change::keys).cloned().collect();
    let listing = read_keys(reader, scope, keys, None).await?;
    if listing.cluster != past.cluster {
        return Err(UndoReadError::OtherCluster { done_in: past.cluster, here: listing.cluster });
    }
    let now: BTreeMap<&ScopedKey, &KeyValue> =
        listing.records.iter().map(|record| (&record.key, record)).collect();
    Ok((Resume::of(past, grants, |key| now.get(key).copied()), listing.revision))
}
