//! Records of a whole range at once, for callers that judge all of them and follow no change.

use crate::{
    failure::Failure,
    index::{Batch, Index},
    keys::{KeyRange, Revision, Scope},
};
use crate::{
    ops::Lister,
    store::{Listing, Reader},
};

/// Reads all records of a range in key order, at a revision or as they are now.
///
/// # Errors
/// The first [`Failure`] of reading: a part is never taken for the whole.
pub async fn listing_of(
    reader: &impl Reader,
    range: &KeyRange,
    at: Option<Revision>,
) -> Result<Listing, Failure> {
    let mut lister = Lister::new(reader.clone(), range.clone()).at(at);
    let mut whole = Listing::default();
    while let Some(listing) = lister.next().await {
        let listing = listing?;
        whole.cluster = listing.cluster;
        whole.records.extend(listing.records);
    }
    whole.revision = lister.revision().unwrap_or(whole.revision);
    whole.records.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    whole.total = whole.records.len() as u64;
    Ok(whole)
}

/// Reads all records of a scope, at one revision.
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
