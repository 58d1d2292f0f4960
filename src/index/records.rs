//! Records of the scope in key order. Cloning them is a snapshot: the chunks are shared, never changed.

use super::chunk::{Chunk, Stamp};
use super::cursor::Cursor;
use super::encode::Builder;
use crate::keys::{KeyRange, KeyValue, LeaseId, Revision, Scope};
use std::sync::Arc;

/// Chunks per run as a page is encoded. A snapshot clones one pointer per run.
pub(super) const TARGET_CHUNKS: usize = 128;

/// Records in key order, at most a few bytes larger than their keys and values.
#[derive(Clone, Debug)]
pub struct Records {
    pub(super) scope: Scope,
    pub(super) runs: Vec<Arc<Run>>,
    pub(super) len: usize,
    pub(super) bytes: u64,
}

/// Neighbouring chunks; never empty.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) chunks: Vec<Arc<Chunk>>,
    /// Number of records in all of them.
    pub(super) len: usize,
}

/// One record, borrowed from where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexedRecord<'r> {
    /// The key as etcd has it.
    pub key: &'r [u8],
    pub value: &'r [u8],
    pub create_revision: Revision,
    pub mod_revision: Revision,
    pub version: i64,
    pub lease: Option<LeaseId>,
}

/// Place of a chunk: the number of its run, and its number there.
pub(super) type ChunkPosition = (usize, usize);

impl Run {
    pub(super) fn new(chunks: &[Arc<Chunk>]) -> Arc<Self> {
        Arc::new(Self { chunks: chunks.to_vec(), len: chunks.iter().map(|chunk| chunk.len()).sum() })
    }

    fn first_key(&self) -> &[u8] {
        self.chunks.first().map(|chunk| chunk.first_key()).unwrap_or_default()
    }
}

impl Records {
    /// Makes an empty list of records.
    #[must_use]
    pub fn new(scope: Scope) -> Self {
        Self { scope, runs: Vec::new(), len: 0, bytes: 0 }
    }

    /// Encodes records that are sorted by key and hold no key twice.
    pub(super) fn encode(scope: Scope, records: &[KeyValue]) -> Self {
        let mut builder = Builder::new();
        for record in records {
            builder.push(record.key.as_bytes(), &record.value, Stamp::of(record));
        }
        let chunks = builder.finish();
        Self {
            scope,
            len: records.len(),
            bytes: chunks.iter().map(|chunk| chunk.bytes()).sum(),
            runs: chunks.chunks(TARGET_CHUNKS).map(Run::new).collect(),
        }
    }

    /// Returns the number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Tells whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the size of all keys and values in bytes, as etcd counts them.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns the scope that all keys lie in.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Returns a cursor on the first record.
    #[must_use]
    pub fn cursor(&self) -> Cursor<'_> {
        Cursor::new(self)
    }

    /// Returns a cursor on the first record whose key is not below `key`.
    #[must_use]
    pub fn seek(&self, key: &[u8]) -> Cursor<'_> {
        let mut cursor = Cursor::nowhere(self);
        cursor.seek(key);
        cursor
    }

    /// Returns the record of exactly this key.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<KeyValue> {
        self.seek(key).record().filter(|record| record.key == key).and_then(|record| self.owned(record))
    }

    /// Tells whether there is a record of exactly this key.
    #[must_use]
    pub fn contains(&self, key: &[u8]) -> bool {
        self.modified(key).is_some()
    }

    /// Returns the mod revision of exactly this key.
    #[must_use]
    pub fn modified(&self, key: &[u8]) -> Option<Revision> {
        let cursor = self.seek(key);
        cursor.record().filter(|record| record.key == key).map(|record| record.mod_revision)
    }

    /// Counts the records in `range`, without walking them.
    #[must_use]
    pub fn count(&self, range: &KeyRange) -> usize {
        self.rank(range.end()).saturating_sub(self.rank(range.start()))
    }

    /// Returns the records of `range`, decoded and owned. For a range of any size use a [`Cursor`].
    pub fn range(&self, range: &KeyRange) -> impl Iterator<Item = KeyValue> {
        let mut cursor = self.seek(range.start());
        let end: Box<[u8]> = range.end().into();
        std::iter::from_fn(move || {
            let record = cursor.record().filter(|record| *record.key < *end)?;
            let owned = self.owned(record);
            cursor.advance();
            owned
        })
    }

    /// Counts the records before `key`.
    #[must_use]
    pub fn rank(&self, key: &[u8]) -> usize {
        let Some((run, chunk)) = self.locate(key) else { return 0 };
        let runs: usize = self.runs.iter().take(run).map(|run| run.len).sum();
        let Some(here) = self.runs.get(run) else { return runs };
        let chunks: usize = here.chunks.iter().take(chunk).map(|chunk| chunk.len()).sum();
        let within = here
            .chunks
            .get(chunk)
            .map_or(0, |chunk| chunk.seek(key).map_or(chunk.len(), |(ordinal, ..)| ordinal));
        runs + chunks + within
    }

    /// Turns a record into one that lives on its own. `None` never happens: nothing outside the scope is
    /// taken in.
    pub(super) fn owned(&self, record: IndexedRecord<'_>) -> Option<KeyValue> {
        Some(KeyValue {
            key: self.scope.key(record.key).ok()?,
            value: record.value.into(),
            create_revision: record.create_revision,
            mod_revision: record.mod_revision,
            version: record.version,
            lease: record.lease,
        })
    }

    pub(super) fn runs(&self) -> &[Arc<Run>] {
        &self.runs
    }

    pub(super) fn chunk(&self, (run, chunk): ChunkPosition) -> Option<&Arc<Chunk>> {
        self.runs.get(run)?.chunks.get(chunk)
    }

    /// Returns the chunk in which `key` lies or would lie: the last one that starts at or before it, or the
    /// first chunk of all.
    pub(super) fn locate(&self, key: &[u8]) -> Option<ChunkPosition> {
        let run = self.runs.partition_point(|run| run.first_key() <= key).saturating_sub(1);
        let chunks = &self.runs.get(run)?.chunks;
        Some((run, chunks.partition_point(|chunk| chunk.first_key() <= key).saturating_sub(1)))
    }

    /// Returns the smallest key.
    #[must_use]
    pub fn first_key(&self) -> Option<Box<[u8]>> {
        self.runs.first().map(|run| run.first_key().into())
    }

    /// Returns the largest key.
    #[must_use]
    pub fn last_key(&self) -> Option<Box<[u8]>> {
        let mut cursor = Cursor::nowhere(self);
        cursor.back();
        cursor.record().map(|record| record.key.into())
    }
}

impl IndexedRecord<'_> {
    pub(super) fn stamp(&self) -> Stamp {
        Stamp {
            create_revision: self.create_revision,
            mod_revision: self.mod_revision,
            version: self.version,
            lease: self.lease,
        }
    }
}
