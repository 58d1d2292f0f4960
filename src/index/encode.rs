//! Encoder of chunks. The format of a record is described in [`chunk`](super::chunk).

use super::chunk::{Chunk, Stamp, shared};
use crate::keys::LeaseId;
use std::sync::Arc;

/// Records per chunk as a page is encoded. A change decodes and encodes one chunk.
const TARGET_RECORDS: usize = 64;
/// Most records of a changed chunk; a larger one is cut in two.
const MAX_RECORDS: usize = 128;
/// Limits like these two for chunks of large values, in encoded bytes.
const TARGET_BYTES: usize = 16 << 10;
const MAX_BYTES: usize = 32 << 10;

/// Encodes records, pushed in key order, into chunks.
pub(super) struct Builder {
    done: Vec<Arc<Chunk>>,
    blob: Vec<u8>,
    key: Vec<u8>,
    first: (u32, u32),
    len: u32,
    bytes: u64,
    max_records: usize,
    max_bytes: usize,
}

impl Builder {
    /// Makes a builder for many records: chunks with room to grow.
    pub(super) fn new() -> Self {
        Self::within(TARGET_RECORDS, TARGET_BYTES)
    }

    /// Makes a builder for a chunk that changes to about `records` and `bytes`: one chunk, or two halves when it
    /// grew too large.
    pub(super) fn reshape(records: usize, bytes: usize) -> Self {
        Self::within(
            if records > MAX_RECORDS { records.div_ceil(2) } else { MAX_RECORDS },
            if bytes > MAX_BYTES { bytes.div_ceil(2) } else { MAX_BYTES },
        )
    }

    fn within(max_records: usize, max_bytes: usize) -> Self {
        Self {
            done: Vec::new(),
            blob: Vec::new(),
            key: Vec::new(),
            first: (0, 0),
            len: 0,
            bytes: 0,
            max_records,
            max_bytes,
        }
    }

    pub(super) fn push(&mut self, key: &[u8], value: &[u8], stamp: Stamp) {
        if self.len as usize >= self.max_records || self.blob.len() >= self.max_bytes {
            self.close();
        }
        let common = if self.len == 0 { 0 } else { shared(&self.key, key) };
        let suffix = key.get(common..).unwrap_or_default();
        put(&mut self.blob, common as u64);
        put(&mut self.blob, suffix.len() as u64);
        put(&mut self.blob, value.len() as u64);
        put(&mut self.blob, stamp.create_revision.0.cast_unsigned());
        put(&mut self.blob, stamp.mod_revision.0.wrapping_sub(stamp.create_revision.0).cast_unsigned());
        put(&mut self.blob, stamp.version.cast_unsigned());
        put(&mut self.blob, stamp.lease.map_or(0, LeaseId::get).cast_unsigned());
        if self.len == 0 {
            self.first = (offset(self.blob.len()), offset(self.blob.len() + suffix.len()));
        }
        self.blob.extend_from_slice(suffix);
        self.blob.extend_from_slice(value);
        self.key.truncate(common);
        self.key.extend_from_slice(suffix);
        self.len += 1;
        self.bytes += (key.len() + value.len()) as u64;
    }

    fn close(&mut self) {
        if self.len > 0 {
            self.done.push(Arc::new(Chunk {
                blob: self.blob.as_slice().into(),
                first: self.first,
                len: self.len,
                bytes: self.bytes,
            }));
            self.blob.clear();
            self.len = 0;
            self.bytes = 0;
        }
    }

    pub(super) fn finish(mut self) -> Vec<Arc<Chunk>> {
        self.close();
        self.done
    }
}

/// Converts a first key's position. etcd's requests are at most a few MiB, so this never saturates.
fn offset(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[expect(clippy::cast_possible_truncation, reason = "seven bits at a time")]
fn put(blob: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        blob.push(number as u8 | 0x80);
        number >>= 7;
    }
    blob.push(number as u8);
}
