//! A whole scope at once, for who judges all of it and follows no change.

use super::{Lister, Reader};
use crate::{
    failure::Failure,
    index::{Batch, Index},
    keys::Scope,
};

/// All records of a scope, at one revision.
///
/// # Errors
/// The first [`Failure`] of reading: a part is never taken for the whole.
pub async fn index_of(reader: &impl Reader, scope: &Scope) -> Result<Index, Failure> {
    let mut index = Index::new(scope.clone());
    let mut lister = Lister::new(reader.clone(), scope.range());
    while let Some(listing) = lister.next().await {
        index.absorb(Batch::encode(scope, listing?.records));
    }
    index.listed();
    Ok(index)
}
