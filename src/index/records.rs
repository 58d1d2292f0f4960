//! All records of the scope in key order. Cloning one is a snapshot: the chunks are shared, never changed.

use super::chunk::{Builder, Chunk, Stamp};
use super::cursor::Cursor;
use crate::keys::{KeyRange, KeyValue, LeaseId, Revision, Scope};
use std::sync::Arc;

/// Chunks per run. A snapshot clones one pointer per run; a change copies at most one run.
const TARGET_CHUNKS: usize = 128;
const MAX_CHUNKS: usize = 256;
/// A chunk with fewer records than this is joined with its neighbour.
const MIN_RECORDS: usize = 16;

/// Records in key order, at most a few bytes larger than their keys and values.
#[derive(Clone, Debug)]
pub struct Records {
    scope: Scope,
    runs: Vec<Arc<Run>>,
    len: usize,
    bytes: u64,
}

/// Neighbouring chunks; never empty.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) chunks: Vec<Arc<Chunk>>,
    /// Records in all of them.
    pub(super) len: usize,
}

/// One record, borrowed from where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'r> {
    /// The key as etcd has it.
    pub key: &'r [u8],
    pub value: &'r [u8],
    pub create_revision: Revision,
    pub mod_revision: Revision,
    pub version: i64,
    pub lease: Option<LeaseId>,
}

/// What became of a record that was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Put {
    Added,
    Replaced,
    /// What is there is as new or newer.
    Stale,
}

/// A chunk's place: its run, and its place there.
pub(super) type Place = (usize, usize);

impl Run {
    fn new(chunks: &[Arc<Chunk>]) -> Arc<Self> {
        Arc::new(Self { chunks: chunks.to_vec(), len: chunks.iter().map(|chunk| chunk.len()).sum() })
    }

    fn first_key(&self) -> &[u8] {
        self.chunks.first().map(|chunk| chunk.first_key()).unwrap_or_default()
    }
}

impl Records {
    /// No records.
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

    /// How many records there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes of all keys and values, as etcd counts them.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The scope that all keys lie in.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// A cursor on the first record.
    #[must_use]
    pub fn cursor(&self) -> Cursor<'_> {
        Cursor::new(self)
    }

    /// A cursor on the first record whose key is not below `key`.
    #[must_use]
    pub fn seek(&self, key: &[u8]) -> Cursor<'_> {
        let mut cursor = Cursor::nowhere(self);
        cursor.seek(key);
        cursor
    }

    /// The record of exactly this key.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<KeyValue> {
        self.seek(key).record().filter(|record| record.key == key).and_then(|record| self.owned(record))
    }

    /// Whether there is a record of exactly this key.
    #[must_use]
    pub fn contains(&self, key: &[u8]) -> bool {
        self.modified(key).is_some()
    }

    /// The mod revision of exactly this key.
    #[must_use]
    pub fn modified(&self, key: &[u8]) -> Option<Revision> {
        let cursor = self.seek(key);
        cursor.record().filter(|record| record.key == key).map(|record| record.mod_revision)
    }

    /// How many records lie in `range`, without walking them.
    #[must_use]
    pub fn count(&self, range: &KeyRange) -> usize {
        self.rank(range.end()).saturating_sub(self.rank(range.start()))
    }

    /// The records of `range`, decoded and owned. For a range of any size use a [`Cursor`].
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

    /// How many records lie before `key`.
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

    /// A record with what it needs to live on its own. `None` never happens: nothing outside the scope is
    /// taken in.
    pub(super) fn owned(&self, record: Record<'_>) -> Option<KeyValue> {
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

    pub(super) fn chunk(&self, (run, chunk): Place) -> Option<&Arc<Chunk>> {
        self.runs.get(run)?.chunks.get(chunk)
    }

    /// Where `key` lies or would lie: the last chunk that starts at or before it, or the first chunk of all.
    pub(super) fn locate(&self, key: &[u8]) -> Option<Place> {
        let run = self.runs.partition_point(|run| run.first_key() <= key).saturating_sub(1);
        let chunks = &self.runs.get(run)?.chunks;
        Some((run, chunks.partition_point(|chunk| chunk.first_key() <= key).saturating_sub(1)))
    }

    /// Takes in a record, unless what is there is as new.
    pub(super) fn put(&mut self, record: &KeyValue) -> Put {
        let key = record.key.as_bytes();
        let there = self.modified(key);
        if there >= Some(record.mod_revision) {
            return Put::Stale;
        }
        let stamp = Stamp::of(record);
        if let Some(place) = self.locate(key) {
            self.rewrite(place, key, Some((&record.value, stamp)));
        } else {
            *self = Self::encode(self.scope.clone(), std::slice::from_ref(record));
        }
        if there.is_some() { Put::Replaced } else { Put::Added }
    }

    /// Takes out the record of exactly this key.
    pub(super) fn remove(&mut self, key: &[u8]) -> bool {
        if !self.contains(key) {
            return false;
        }
        if let Some(place) = self.locate(key) {
            self.rewrite(place, key, None);
        }
        true
    }

    /// Encodes the chunk at `place` again with `key` put, or taken out.
    fn rewrite(&mut self, place: Place, key: &[u8], new: Option<(&[u8], Stamp)>) {
        let Some(chunk) = self.chunk(place).cloned() else { return };
        // A small chunk takes its right neighbour in.
        let next = (place.0, place.1 + 1);
        let neighbour = self
            .chunk(next)
            .filter(|next| chunk.len() < MIN_RECORDS && chunk.len() + next.len() <= 4 * MIN_RECORDS)
            .cloned();
        let records = chunk.len() + neighbour.as_ref().map_or(0, |chunk| chunk.len()) + 1;
        let bytes = chunk.blob().len()
            + neighbour.as_ref().map_or(0, |chunk| chunk.blob().len())
            + new.map_or(0, |(value, _)| key.len() + value.len());
        let mut builder = Builder::reshape(records, bytes);
        let mut new = new.map(|(value, stamp)| (key, value, stamp));
        let mut buffer = Vec::new();
        for entry in std::iter::once(&chunk).chain(&neighbour).flat_map(|chunk| chunk.entries()) {
            buffer.truncate(entry.shared);
            buffer.extend_from_slice(entry.suffix);
            if *buffer >= *key
                && let Some((key, value, stamp)) = new.take()
            {
                builder.push(key, value, stamp);
            }
            if buffer != key {
                builder.push(&buffer, entry.value, entry.stamp);
            }
        }
        if let Some((key, value, stamp)) = new {
            builder.push(key, value, stamp);
        }
        let last = if neighbour.is_some() { next } else { place };
        self.replace(place, last, builder.finish());
    }

    /// Takes in all of `batch`; of a key that both have, the newer record stays.
    pub(super) fn absorb(&mut self, batch: &Self) {
        let (Some(first), Some(last)) = (batch.first_key(), batch.last_key()) else { return };
        let (Some(from), Some(to)) = (self.locate(&first), self.locate(&last)) else {
            *self = Self { scope: self.scope.clone(), ..batch.clone() };
            return;
        };
        let disjoint = self.seek(&first).record().is_none_or(|record| *record.key > *last);
        let chunks = if disjoint { self.parted(from, &first, batch) } else { self.merged(from, to, batch) };
        self.replace(from, if disjoint { from } else { to }, chunks);
    }

    /// The chunk at `place` cut where `first` belongs, and the chunks of `batch` between the halves, shared.
    fn parted(&self, place: Place, first: &[u8], batch: &Self) -> Vec<Arc<Chunk>> {
        let Some(chunk) = self.chunk(place) else { return Vec::new() };
        let cut = chunk.seek(first).map_or(chunk.len(), |(ordinal, ..)| ordinal);
        let between = batch.runs.iter().flat_map(|run| run.chunks.iter().cloned());
        if cut == 0 {
            return between.chain([chunk.clone()]).collect();
        }
        if cut == chunk.len() {
            return [chunk.clone()].into_iter().chain(between).collect();
        }
        let mut halves = [Builder::new(), Builder::new()];
        let mut buffer = Vec::new();
        for (ordinal, entry) in chunk.entries().enumerate() {
            buffer.truncate(entry.shared);
            buffer.extend_from_slice(entry.suffix);
            let [left, right] = &mut halves;
            (if ordinal < cut { left } else { right }).push(&buffer, entry.value, entry.stamp);
        }
        let [left, right] = halves;
        left.finish().into_iter().chain(between).chain(right.finish()).collect()
    }

    /// The chunks from `from` to `to` and those of `batch`, record by record.
    fn merged(&self, from: Place, to: Place, batch: &Self) -> Vec<Arc<Chunk>> {
        let mut builder = Builder::new();
        let mut ours = Cursor::at(self, from);
        let mut theirs = batch.cursor();
        loop {
            let mine = ours.record().filter(|_| ours.place() <= to);
            let other = theirs.record();
            let order = match (&mine, &other) {
                (None, None) => break,
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some(mine), Some(other)) => mine.key.cmp(other.key),
            };
            let newest = match (mine, other) {
                (Some(mine), Some(other)) if order.is_eq() => {
                    Some(if other.mod_revision > mine.mod_revision { other } else { mine })
                }
                (mine, other) => {
                    if order.is_lt() {
                        mine
                    } else {
                        other
                    }
                }
            };
            if let Some(record) = newest {
                builder.push(record.key, record.value, record.stamp());
            }
            if order.is_le() {
                ours.advance();
            }
            if order.is_ge() {
                theirs.advance();
            }
        }
        builder.finish()
    }

    /// Puts `chunks` in the place of those from `from` to `to`.
    fn replace(&mut self, from: Place, to: Place, chunks: Vec<Arc<Chunk>>) {
        let mut place = from;
        while place <= to {
            if let Some(old) = self.chunk(place) {
                let (len, bytes) = (old.len(), old.bytes());
                self.len -= len;
                self.bytes -= bytes;
                place.1 += 1;
            } else {
                place = (place.0 + 1, 0);
            }
        }
        self.len += chunks.iter().map(|chunk| chunk.len()).sum::<usize>();
        self.bytes += chunks.iter().map(|chunk| chunk.bytes()).sum::<u64>();

        if from.0 == to.0
            && let Some(run) = self.runs.get_mut(from.0)
            && !chunks.is_empty()
            && run.chunks.len() + chunks.len() <= MAX_CHUNKS
        {
            let run = Arc::make_mut(run);
            run.chunks.splice(from.1..=to.1, chunks);
            run.len = run.chunks.iter().map(|chunk| chunk.len()).sum();
            return;
        }
        let before = self.runs.get(from.0).and_then(|run| run.chunks.get(..from.1)).unwrap_or_default();
        let after = self.runs.get(to.0).and_then(|run| run.chunks.get(to.1 + 1..)).unwrap_or_default();
        let all: Vec<_> = before.iter().cloned().chain(chunks).chain(after.iter().cloned()).collect();
        let size = if all.len() <= MAX_CHUNKS { MAX_CHUNKS } else { TARGET_CHUNKS };
        self.runs.splice(from.0..=to.0, all.chunks(size).map(Run::new));
    }

    /// The smallest key.
    #[must_use]
    pub fn first_key(&self) -> Option<Box<[u8]>> {
        self.runs.first().map(|run| run.first_key().into())
    }

    /// The largest key.
    #[must_use]
    pub fn last_key(&self) -> Option<Box<[u8]>> {
        let mut cursor = Cursor::nowhere(self);
        cursor.back();
        cursor.record().map(|record| record.key.into())
    }
}

impl Record<'_> {
    pub(super) fn stamp(&self) -> Stamp {
        Stamp {
            create_revision: self.create_revision,
            mod_revision: self.mod_revision,
            version: self.version,
            lease: self.lease,
        }
    }
}
