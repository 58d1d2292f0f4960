//! Rewriting of records: one chunk is encoded again for a change, and a page's chunks are put between ours.

use super::chunk::{Chunk, Stamp};
use super::cursor::Cursor;
use super::encode::Builder;
use super::records::{ChunkPosition, Records, Run, TARGET_CHUNKS};
use crate::keys::KeyValue;
use std::sync::Arc;

/// Most chunks of a run; a longer one is cut. A change copies at most one run, when a snapshot shares it.
const MAX_CHUNKS: usize = 256;
/// Fewest records of a chunk; one with fewer is joined with its neighbour.
const MIN_RECORDS: usize = 16;

/// Result of putting a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Put {
    Added,
    Replaced,
    /// The stored record is as new or newer.
    Stale,
}

impl Records {
    /// Takes in a record, unless the stored one is as new.
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
    fn rewrite(&mut self, place: ChunkPosition, key: &[u8], new: Option<(&[u8], Stamp)>) {
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

    /// Takes in all of `batch`; if both have a key, the newer record stays.
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

    /// Cuts the chunk at `place` where `first` belongs, and puts the chunks of `batch` between the halves,
    /// shared.
    fn parted(&self, place: ChunkPosition, first: &[u8], batch: &Self) -> Vec<Arc<Chunk>> {
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

    /// Merges the chunks from `from` to `to` and those of `batch`, record by record.
    fn merged(&self, from: ChunkPosition, to: ChunkPosition, batch: &Self) -> Vec<Arc<Chunk>> {
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
    fn replace(&mut self, from: ChunkPosition, to: ChunkPosition, chunks: Vec<Arc<Chunk>>) {
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
}
