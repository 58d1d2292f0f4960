use crate::store::{Listing, Reader};
use crate::{
    failure::Failure,
    index::{IN_FLIGHT, Piece, PieceAnswer, RangeWalk},
    keys::{KeyRange, KeyValue, Revision, ScopedKey},
};
use std::{collections::VecDeque, fmt};
use tokio::task::JoinSet;

/// Most records of a part that is read before everything else: somebody waits for it.
const AHEAD: u32 = 1000;

/// Reads a range of any size at one revision, in pieces that leave room for etcd's other clients.
pub struct Lister<R> {
    reader: R,
    walk: RangeWalk,
    ahead: VecDeque<KeyRange>,
    reading_ahead: usize,
    /// The first and the last key of each part that was given ahead. It is not given again. Records before and
    /// behind it are given apart: a page that overlaps none can be put beside the records that are shown already.
    given_ahead: Vec<(ScopedKey, ScopedKey)>,
    given_apart: VecDeque<Listing>,
    /// Reads run on while their caller does something else with the last piece. They end with the lister.
    reading: JoinSet<(Option<Piece>, Result<Listing, Failure>)>,
    at: Option<Revision>,
    total: Option<u64>,
}

impl<R: Reader> Lister<R> {
    #[must_use]
    pub fn new(reader: R, range: KeyRange) -> Self {
        let (walk, ahead) = (RangeWalk::new(range), VecDeque::new());
        Self {
            reader,
            walk,
            ahead,
            reading_ahead: 0,
            given_ahead: Vec::new(),
            given_apart: VecDeque::new(),
            reading: JoinSet::new(),
            at: None,
            total: None,
        }
    }

    /// Sets the revision to read at, in place of the first answer's.
    #[must_use]
    pub fn at(mut self, revision: Option<Revision>) -> Self {
        self.at = revision;
        self
    }

    /// Reads the beginning of these parts before it is known how large the whole range is.
    #[must_use]
    pub fn beginning_with(mut self, parts: impl IntoIterator<Item = KeyRange>) -> Self {
        self.ahead.extend(parts);
        self
    }

    /// Reads this part first, as far as it has not been read yet.
    pub fn prefer(&mut self, part: &KeyRange) {
        self.walk.prefer(part);
    }

    /// Returns the revision at which everything is read; known after the first piece.
    #[must_use]
    pub fn revision(&self) -> Option<Revision> {
        self.at
    }

    /// Returns the number of keys in the whole range; known after the first piece that is not [read
    /// ahead](Self::beginning_with).
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// Returns the next piece, in no order; `None` when everything has been read. Nothing is lost when this call
    /// is dropped before it ends.
    ///
    /// # Errors
    /// The store's failure to read a piece. The list is worth nothing then.
    pub async fn next(&mut self) -> Option<Result<Listing, Failure>> {
        self.begin();
        if let Some(rest) = self.given_apart.pop_front() {
            return Some(Ok(rest));
        }
        let (piece, answer) = match self.reading.join_next().await? {
            Ok(read) => read,
            // Reading does not panic and nobody else ends it; if it ever does, its panic goes on here.
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        let mut listing = match answer {
            Ok(listing) => listing,
            Err(failure) => return Some(Err(failure)),
        };
        self.at.get_or_insert(listing.revision);
        if let Some(piece) = piece {
            self.total.get_or_insert(listing.total);
            let more = listing.total > listing.records.len() as u64;
            let answer =
                PieceAnswer::new(&listing.records, |record| record.key.as_bytes(), listing.total, more);
            self.walk.took(&piece, answer);
            let mut parts = self.apart(std::mem::take(&mut listing.records)).into_iter();
            listing.records = parts.next().unwrap_or_default();
            self.given_apart.extend(parts.map(|records| Listing { records, ..listing }));
        } else {
            self.reading_ahead -= 1;
            let ends = listing.records.first().zip(listing.records.last());
            self.given_ahead.extend(ends.map(|(first, last)| (first.key.clone(), last.key.clone())));
        }
        // The store reads on while the caller does something with this piece.
        self.begin();
        Some(Ok(listing))
    }

    /// Returns the records that were not given ahead, in runs between those that were.
    fn apart(&self, records: Vec<KeyValue>) -> Vec<Vec<KeyValue>> {
        if self.given_ahead.is_empty() {
            return vec![records];
        }
        let given =
            |key: &ScopedKey| self.given_ahead.iter().any(|(first, last)| first <= key && key <= last);
        let mut runs = Vec::new();
        let mut run = Vec::new();
        for record in records {
            if !given(&record.key) {
                run.push(record);
            } else if !run.is_empty() {
                runs.push(std::mem::take(&mut run));
            }
        }
        runs.push(run);
        runs
    }

    /// Begins to read what may be read now.
    fn begin(&mut self) {
        // The first answer tells the revision that all others are read at.
        while (self.reading.is_empty() || self.at.is_some()) && self.reading.len() < IN_FLIGHT {
            let (piece, range, limit) = if let Some(range) = self.ahead.pop_front() {
                self.reading_ahead += 1;
                (None, range, AHEAD)
            } else if self.reading_ahead > 0 {
                // etcd counts the whole range for the first page: the pages that somebody waits for come before
                // that.
                break;
            } else {
                let Some(piece) = self.walk.next() else { break };
                let limit = u32::try_from(piece.limit).unwrap_or(u32::MAX);
                let range = piece.range.clone();
                (Some(piece), range, limit)
            };
            let (reader, at) = (self.reader.clone(), self.at);
            self.reading.spawn(async move { (piece, reader.list(&range, limit, at).await) });
        }
    }
}

impl<R> fmt::Debug for Lister<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lister").field("at", &self.at).field("total", &self.total).finish_non_exhaustive()
    }
}
