use super::{Listing, Reader};
use crate::{
    failure::Failure,
    index::{Answer, Piece, Walk},
    keys::{KeyRange, Revision},
};
use futures_util::{
    future::BoxFuture,
    stream::{FuturesUnordered, StreamExt as _},
};
use std::fmt;

/// Pieces that are read at the same time: one is sent while another is taken in.
const IN_FLIGHT: usize = 2;

/// Reads a range of any size at one revision, in pieces that leave room for etcd's other clients.
pub struct Lister<R> {
    reader: R,
    walk: Walk,
    reading: FuturesUnordered<BoxFuture<'static, (Piece, Result<Listing, Failure>)>>,
    at: Option<Revision>,
    total: Option<u64>,
}

impl<R: Reader> Lister<R> {
    #[must_use]
    pub fn new(reader: R, range: KeyRange) -> Self {
        Self { reader, walk: Walk::new(range), reading: FuturesUnordered::new(), at: None, total: None }
    }

    /// Reads this part first, as far as it has not been read yet.
    pub fn prefer(&mut self, part: &KeyRange) {
        self.walk.prefer(part);
    }

    /// The revision at which everything is read; known after the first piece.
    #[must_use]
    pub fn revision(&self) -> Option<Revision> {
        self.at
    }

    /// How many keys the whole range holds; known after the first piece.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// The next piece, in no order; `None` when everything has been read.
    ///
    /// # Errors
    /// What the store said of a piece. The list is worth nothing then.
    pub async fn next(&mut self) -> Option<Result<Listing, Failure>> {
        // The first answer tells the revision that all others are read at.
        while (self.reading.is_empty() || self.at.is_some()) && self.reading.len() < IN_FLIGHT {
            let Some(piece) = self.walk.next() else { break };
            let (reader, at) = (self.reader.clone(), self.at);
            self.reading.push(Box::pin(async move {
                let limit = u32::try_from(piece.limit).unwrap_or(u32::MAX);
                let answer = reader.list(&piece.range, limit, at).await;
                (piece, answer)
            }));
        }
        let (piece, answer) = self.reading.next().await?;
        let listing = match answer {
            Ok(listing) => listing,
            Err(failure) => return Some(Err(failure)),
        };
        self.at.get_or_insert(listing.revision);
        self.total.get_or_insert(listing.total);
        let more = listing.total > listing.records.len() as u64;
        let answer = Answer::new(&listing.records, |record| record.key.as_bytes(), listing.total, more);
        self.walk.took(&piece, answer);
        Some(Ok(listing))
    }
}

impl<R> fmt::Debug for Lister<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lister").field("at", &self.at).field("total", &self.total).finish_non_exhaustive()
    }
}
