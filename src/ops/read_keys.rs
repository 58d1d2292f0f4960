//! Keys by name: reads many of them.
use crate::{
    failure::Failure,
    keys::{KeyRange, KeyValue, Scope, ScopedKey},
    ops::Lister,
    plan::MAX_OPERATIONS,
    store::{Listing, Reader},
};
use std::collections::VecDeque;

/// Cost of a key in a transaction of gets, in keys of a range: 128 gets take a millisecond, a range gives about a
/// thousand keys in the same time (etcd 3.4.23 to 3.5.30, values of a hundred bytes).
const KEYS_OF_A_RANGE: u64 = 8;
/// Transactions of gets that are made before a shorter way is looked for.
const FEW: usize = 4;

/// Reads these keys, in any order, and a range. The range and the first keys are read at one revision, and so are
/// the others where that is possible; a key that was written in between may come as it is then.
///
/// # Errors
/// The store's failure to read.
pub async fn read_keys(
    reader: &impl Reader,
    scope: &Scope,
    mut keys: Vec<ScopedKey>,
    range: Option<&KeyRange>,
) -> Result<Listing, Failure> {
    keys.sort_unstable();
    keys.dedup();
    // The range takes a place in the transaction as well.
    let (first, rest) = keys.split_at(keys.len().min(MAX_OPERATIONS - 1));
    let mut listing = reader.read(first, range).await?;
    if rest.is_empty() {
        return Ok(listing);
    }
    let mut parts = VecDeque::from([rest]);
    while let Some(part) = parts.pop_front() {
        if part.len() <= MAX_OPERATIONS * FEW {
            for keys in part.chunks(MAX_OPERATIONS) {
                listing.records.extend(reader.read(keys, None).await?.records);
            }
            continue;
        }
        let Some(around) = around(scope, part) else { continue };
        if reader.count(&around).await?.keys > part.len() as u64 * KEYS_OF_A_RANGE {
            // Many other keys lie between them: perhaps only between the two halves.
            let (low, high) = part.split_at(part.len() / 2);
            parts.extend([low, high]);
            continue;
        }
        let mut lister = Lister::new(reader.clone(), around).at(Some(listing.revision));
        while let Some(piece) = lister.next().await {
            let wanted = |record: &KeyValue| part.binary_search(&record.key).is_ok();
            listing.records.extend(piece?.records.into_iter().filter(wanted));
        }
    }
    listing.records.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    listing.records.dedup_by(|a, b| a.key == b.key);
    listing.total = listing.records.len() as u64;
    Ok(listing)
}

/// Returns the range from the first to the last of these keys, both included.
fn around(scope: &Scope, keys: &[ScopedKey]) -> Option<KeyRange> {
    let (first, last) = (keys.first()?, keys.last()?);
    Some(scope.range().between(first.as_bytes(), &[last.as_bytes(), &[0]].concat()))
}
