//! What putting a key or a name back to what it was comes to: reads what is there now, and asks for the leases.
use super::{Reader, state_at, undoing::living};
use crate::{
    failure::Failure,
    keys::{KeyValue, Revision, Scope},
    plan::{PutBack, Reach},
};

/// Compares what stood there at a revision with what stands there now.
///
/// # Errors
/// As those of [`state_at`].
pub async fn put_back(
    reader: &impl Reader,
    scope: &Scope,
    reach: &Reach,
    at: Revision,
) -> Result<PutBack, Failure> {
    let then = state_at(reader, scope, reach.own.as_ref(), reach.below.as_ref(), at).await?;
    put_back_as_it_was(reader, reach, &then).await
}

/// The same, where what stood there is known already: it need not be readable any more.
///
/// # Errors
/// What the store said.
pub async fn put_back_as_it_was(
    reader: &impl Reader,
    reach: &Reach,
    then: &[KeyValue],
) -> Result<PutBack, Failure> {
    let now = reader.read(reach.own.as_slice(), reach.below.as_ref()).await?.records;
    let put_back = PutBack::of(then, &now);
    let living = living(reader, put_back.leases()).await?;
    Ok(put_back.with_living(living))
}
