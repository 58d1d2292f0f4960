//! Undo of an entry of the journal: reads its keys and its leases as they are now.
use crate::{
    failure::Failure,
    keys::{ClusterId, KeyValue, LeaseId, Scope, ScopedKey},
    ops::read_keys,
    plan::{Change, Past, Undo},
    remedy::Remedy,
    store::Reader,
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use std::collections::{BTreeMap, BTreeSet};

/// Leases that are asked for at once.
const AT_ONCE: usize = 8;

/// Reason why an entry was not looked at. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UndoReadError {
    #[error("this was done in cluster {done_in}, and this is cluster {here}")]
    OtherCluster { done_in: ClusterId, here: ClusterId },
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl Remedy for UndoReadError {
    fn remedy(&self) -> String {
        match self {
            Self::OtherCluster { .. } => {
                "Connect to the cluster in which it was done: --endpoints or --profile.".into()
            }
            Self::Failure(failure) => failure.remedy(),
        }
    }
}

/// Looks at the keys of `past` and at the leases that they would come back with. `later` are the entries of the same
/// scope after it, oldest first.
///
/// # Errors
/// [`UndoReadError`] in another cluster, or the store's failure to read.
pub async fn look_back(
    reader: &impl Reader,
    scope: &Scope,
    past: &Past,
    later: &[Past],
) -> Result<Undo, UndoReadError> {
    let keys: Vec<ScopedKey> = past.changes.iter().flat_map(Change::keys).cloned().collect();
    let listing = read_keys(reader, scope, keys, None).await?;
    if listing.cluster != past.cluster {
        return Err(UndoReadError::OtherCluster { done_in: past.cluster, here: listing.cluster });
    }
    let now: BTreeMap<&ScopedKey, &KeyValue> =
        listing.records.iter().map(|record| (&record.key, record)).collect();
    let undo = Undo::of(past, later, |key| now.get(key).copied());
    let living = living(reader, undo.leases()).await?;
    Ok(undo.with_living(living))
}

/// Returns those of the leases that have not ended.
///
/// # Errors
/// The store's failure to ask for a lease.
pub async fn living(reader: &impl Reader, leases: BTreeSet<LeaseId>) -> Result<BTreeSet<LeaseId>, Failure> {
    stream::iter(leases)
        .map(|lease| async move { Ok(reader.lease(lease).await?.map(|_| lease)) })
        .buffer_unordered(AT_ONCE)
        .try_filter_map(|lease| async move { Ok(lease) })
        .try_collect()
        .await
}
