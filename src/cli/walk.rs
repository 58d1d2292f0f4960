//! Reading a range of any size, in pieces that leave room for etcd's other clients.
use crate::{
    failure::Failure,
    index::{Answer, Piece, Walk},
    keys::{KeyRange, KeyValue, Revision},
    store::{Listing, Reader},
};
use futures_util::stream::{FuturesUnordered, StreamExt as _};

/// Pieces that are read at the same time.
const IN_FLIGHT: usize = 2;

/// Reads all of `range` at one revision, and hands each piece to `take`, in no order.
pub(super) async fn walk(
    reader: &impl Reader,
    range: KeyRange,
    mut take: impl FnMut(Vec<KeyValue>),
) -> Result<(), Failure> {
    let mut walk = Walk::new(range);
    let mut reading = FuturesUnordered::new();
    let mut at = None;
    loop {
        // The first answer tells the revision that all others are read at.
        while (reading.is_empty() || at.is_some()) && reading.len() < IN_FLIGHT {
            let Some(piece) = walk.next() else { break };
            reading.push(read(reader, piece, at));
        }
        let Some((piece, answer)) = reading.next().await else { return Ok(()) };
        let listing: Listing = answer?;
        at.get_or_insert(listing.revision);
        let more = listing.total > listing.records.len() as u64;
        walk.took(&piece, Answer::new(&listing.records, |record| record.key.as_bytes(), listing.total, more));
        take(listing.records);
    }
}

async fn read(reader: &impl Reader, piece: Piece, at: Option<Revision>) -> (Piece, Result<Listing, Failure>) {
    let limit = u32::try_from(piece.limit).unwrap_or(u32::MAX);
    let answer = reader.list(&piece.range, limit, at).await;
    (piece, answer)
}
