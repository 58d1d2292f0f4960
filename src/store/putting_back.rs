//! What putting a key or a name back to an old revision comes to: reads both states, and asks for the leases.
use super::{Reader, state_at};
use crate::{
    failure::Failure,
    keys::{KeyRange, LeaseId, Revision, Scope, ScopedKey},
    plan::PutBack,
};
use std::collections::BTreeSet;

/// Compares what stood at a key, and below a name, with what stands there now.
///
/// # Errors
/// As those of [`state_at`].
pub async fn put_back(
    reader: &impl Reader,
    scope: &Scope,
    own: Option<&ScopedKey>,
    below: Option<&KeyRange>,
    at: Revision,
) -> Result<PutBack, Failure> {
    let then = state_at(reader, scope, own, below, at).await?;
    let now = reader.read(own.map(std::slice::from_ref).unwrap_or_default(), below).await?.records;
    let put_back = PutBack::of(&then, &now);
    let living = living(reader, put_back.leases()).await?;
    Ok(put_back.with_living(living))
}

/// Those of some leases that still live.
async fn living(reader: &impl Reader, leases: BTreeSet<LeaseId>) -> Result<BTreeSet<LeaseId>, Failure> {
    let mut living = BTreeSet::new();
    for lease in leases {
        if reader.lease(lease).await?.is_some() {
            living.insert(lease);
        }
    }
    Ok(living)
}
