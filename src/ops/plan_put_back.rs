//! Comparison for a put back: reads a key or a name as it is now, and asks for the leases.
use crate::{
    failure::Failure,
    keys::{KeyValue, Revision, Scope},
    ops::{living, state_at},
    plan::{KeySelection, PutBack},
    store::Reader,
};

/// Compares the records there at a revision with those of now.
///
/// # Errors
/// As those of [`state_at`].
pub async fn put_back(
    reader: &impl Reader,
    scope: &Scope,
    reach: &KeySelection,
    at: Revision,
) -> Result<PutBack, Failure> {
    let then = state_at(reader, scope, reach.own.as_ref(), reach.below.as_ref(), at).await?;
    put_back_as_it_was(reader, reach, &then).await
}

/// Compares in the same way, where the old records are known already: that revision need not be readable any
/// more.
///
/// # Errors
/// The store's failure to read.
pub async fn put_back_as_it_was(
    reader: &impl Reader,
    reach: &KeySelection,
    then: &[KeyValue],
) -> Result<PutBack, Failure> {
    let now = reader.read(reach.own.as_slice(), reach.below.as_ref()).await?.records;
    let put_back = PutBack::of(then, &now);
    let living = living(reader, put_back.leases()).await?;
    Ok(put_back.with_living(living))
}
