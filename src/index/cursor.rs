//! Cursor on a record, which moves forwards, backwards and to any key, and allocates nothing per record.

use super::chunk::{ChunkRecord, Entries};
use super::records::{ChunkPosition, IndexedRecord, Records};

/// A place on one record, or behind the last.
#[derive(Clone, Debug)]
pub struct Cursor<'r> {
    records: &'r Records,
    place: ChunkPosition,
    /// The record's place in its chunk.
    ordinal: usize,
    /// The records behind it in the chunk.
    entries: Entries<'r>,
    entry: Option<ChunkRecord<'r>>,
    key: Vec<u8>,
}

impl<'r> Cursor<'r> {
    pub(super) fn new(records: &'r Records) -> Self {
        Self::at(records, (0, 0))
    }

    /// Makes a cursor on the first record of a chunk.
    pub(super) fn at(records: &'r Records, place: ChunkPosition) -> Self {
        let mut cursor = Self::nowhere(records);
        cursor.enter(place);
        cursor
    }

    /// Makes a cursor behind the last record.
    pub(super) fn nowhere(records: &'r Records) -> Self {
        Self {
            records,
            place: (records.runs().len(), 0),
            ordinal: 0,
            entries: Entries::default(),
            entry: None,
            key: Vec::new(),
        }
    }

    pub(super) fn place(&self) -> ChunkPosition {
        self.place
    }

    /// Returns the record here; `None` behind the last.
    #[must_use]
    pub fn record(&self) -> Option<IndexedRecord<'_>> {
        let ChunkRecord { value, stamp, .. } = self.entry?;
        Some(IndexedRecord {
            key: &self.key,
            value,
            create_revision: stamp.create_revision,
            mod_revision: stamp.mod_revision,
            version: stamp.version,
            lease: stamp.lease,
        })
    }

    /// Returns the key here; `None` behind the last record.
    #[must_use]
    pub fn key(&self) -> Option<&[u8]> {
        self.entry.is_some().then_some(&*self.key)
    }

    /// Goes to the first record whose key is not below `target`; tells whether there is one.
    pub fn seek(&mut self, target: &[u8]) -> bool {
        let Some(place) = self.records.locate(target) else { return self.enter((0, 0)) };
        let found = self.records.chunk(place).and_then(|chunk| chunk.seek(target));
        let Some((ordinal, entry, entries)) = found else { return self.enter((place.0, place.1 + 1)) };
        self.key.clear();
        self.key.extend_from_slice(target.get(..entry.shared).unwrap_or_default());
        self.key.extend_from_slice(entry.suffix);
        (self.place, self.ordinal, self.entries, self.entry) = (place, ordinal, entries, Some(entry));
        true
    }

    /// Goes to the next record; tells whether there is one. Behind the last it stays there.
    pub fn advance(&mut self) -> bool {
        if self.entry.is_none() {
            return false;
        }
        if self.step() {
            self.ordinal += 1;
            return true;
        }
        self.enter((self.place.0, self.place.1 + 1))
    }

    /// Goes to the record before; tells whether there is one. On the first record it stays there.
    ///
    /// Costs the decoding of the chunk up to that record.
    pub fn back(&mut self) -> bool {
        if self.ordinal > 0 {
            return self.load(self.place, self.ordinal - 1);
        }
        let (run, chunk) = self.place;
        let before = if chunk > 0 {
            Some((run, chunk - 1))
        } else {
            run.checked_sub(1)
                .and_then(|run| Some((run, self.records.runs().get(run)?.chunks.len().checked_sub(1)?)))
        };
        match before.and_then(|place| Some((place, self.records.chunk(place)?.len()))) {
            Some((place, len)) => self.load(place, len.saturating_sub(1)),
            None => false,
        }
    }

    /// Goes to the first record of the chunk at `place`, or of the next run when that run has no such chunk.
    fn enter(&mut self, place: ChunkPosition) -> bool {
        let place = match self.records.chunk(place) {
            Some(_) => place,
            None => (place.0 + 1, 0),
        };
        self.load(place, 0)
    }

    fn load(&mut self, place: ChunkPosition, ordinal: usize) -> bool {
        self.key.clear();
        self.entry = None;
        let Some(chunk) = self.records.chunk(place) else {
            (self.place, self.ordinal) = ((self.records.runs().len(), 0), 0);
            return false;
        };
        (self.place, self.ordinal, self.entries) = (place, ordinal, chunk.entries());
        (0..=ordinal).all(|_| self.step())
    }

    /// Takes the next record of this chunk.
    fn step(&mut self) -> bool {
        let Some(entry) = self.entries.next() else { return false };
        self.key.truncate(entry.shared);
        self.key.extend_from_slice(entry.suffix);
        self.entry = Some(entry);
        true
    }
}
