//! What putting a key or a name back to an old revision comes to: reads both states, and asks for the leases.
use super::{Reader, state_at, undoing::living};
use crate::{
    failure::Failure,
    keys::{KeyRange, Revision, Scope, ScopedKey},
    plan::PutBack,
};

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
