//! Chunk: neighbouring records in one allocation, each key written without the beginning that it shares with
//! the one before.
//!
//! A record is: shared length, rest's length, value's length, create revision, mod revision less create
//! revision, version, lease (all LEB128), the rest of the key, the value.

use crate::keys::{KeyValue, LeaseId, Revision};

/// Records in key order; never empty, never changed.
pub(super) struct Chunk {
    pub(super) blob: Box<[u8]>,
    /// Position of the first key in `blob`; it shares nothing, so it is there in full.
    pub(super) first: (u32, u32),
    pub(super) len: u32,
    /// Size of all keys and values in bytes, as etcd counts them.
    pub(super) bytes: u64,
}

/// Numbers that etcd keeps beside a key and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) create_revision: Revision,
    pub(super) mod_revision: Revision,
    pub(super) version: i64,
    pub(super) lease: Option<LeaseId>,
}

impl Stamp {
    pub(super) fn of(record: &KeyValue) -> Self {
        Self {
            create_revision: record.create_revision,
            mod_revision: record.mod_revision,
            version: record.version,
            lease: record.lease,
        }
    }
}

/// One record as it stands in its chunk.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChunkRecord<'c> {
    /// Number of bytes that the key shares with the one before.
    pub(super) shared: usize,
    /// The key's other bytes.
    pub(super) suffix: &'c [u8],
    pub(super) value: &'c [u8],
    pub(super) stamp: Stamp,
}

/// The records of a chunk from some place on.
#[derive(Clone, Debug, Default)]
pub(super) struct Entries<'c> {
    rest: &'c [u8],
}

impl Chunk {
    pub(super) fn len(&self) -> usize {
        self.len as usize
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn first_key(&self) -> &[u8] {
        let (start, end) = self.first;
        self.blob.get(start as usize..end as usize).unwrap_or_default()
    }

    pub(super) fn entries(&self) -> Entries<'_> {
        Entries { rest: &self.blob }
    }

    /// Returns all encoded bytes: every value stands in them whole, so a search can look here before it
    /// decodes.
    pub(super) fn blob(&self) -> &[u8] {
        &self.blob
    }

    /// Finds the first record whose key is not below `target`. Returns its place in the chunk, the record,
    /// and the records behind it.
    ///
    /// No key is put together on the way: as long as a key shares more with its predecessor than that one did
    /// with the target, it lies below the target too. So the found key is `target[..shared]` and its suffix.
    pub(super) fn seek(&self, target: &[u8]) -> Option<(usize, ChunkRecord<'_>, Entries<'_>)> {
        let mut matched = 0;
        let mut entries = self.entries();
        let mut ordinal = 0;
        while let Some(entry) = entries.next() {
            if entry.shared < matched {
                return Some((ordinal, entry, entries));
            }
            if entry.shared == matched {
                let wanted = target.get(matched..).unwrap_or_default();
                if entry.suffix >= wanted {
                    return Some((ordinal, entry, entries));
                }
                matched += shared(entry.suffix, wanted);
            }
            ordinal += 1;
        }
        None
    }
}

impl<'c> Iterator for Entries<'c> {
    type Item = ChunkRecord<'c>;

    fn next(&mut self) -> Option<ChunkRecord<'c>> {
        let rest = &mut self.rest;
        let shared = usize::try_from(take(rest)?).ok()?;
        let suffix_len = usize::try_from(take(rest)?).ok()?;
        let value_len = usize::try_from(take(rest)?).ok()?;
        let create = take(rest)?.cast_signed();
        let modified = create.wrapping_add(take(rest)?.cast_signed());
        let version = take(rest)?.cast_signed();
        let lease = LeaseId::new(take(rest)?.cast_signed());
        let (suffix, after) = rest.split_at_checked(suffix_len)?;
        let (value, after) = after.split_at_checked(value_len)?;
        *rest = after;
        let stamp =
            Stamp { create_revision: Revision(create), mod_revision: Revision(modified), version, lease };
        Some(ChunkRecord { shared, suffix, value, stamp })
    }
}

/// Counts the leading bytes that two keys share.
pub(super) fn shared(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

fn take(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    let mut shift = 0;
    loop {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        number |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte < 0x80 {
            return Some(number);
        }
        shift += 7;
    }
}

impl std::fmt::Debug for Chunk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} records from {}", self.len, crate::keys::spelling::Spelled(self.first_key()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::encode::Builder;
    use super::*;
    use proptest::prelude::*;

    fn stamp(revision: i64, lease: i64) -> Stamp {
        Stamp {
            create_revision: Revision(revision),
            mod_revision: Revision(revision.wrapping_add(lease)),
            version: lease,
            lease: LeaseId::new(lease),
        }
    }

    proptest! {
        #[test]
        fn every_record_comes_back_from_its_chunk(
            records in proptest::collection::btree_map(
                proptest::collection::vec(prop_oneof![Just(b'a'), any::<u8>()], 0..6),
                (proptest::collection::vec(any::<u8>(), 0..9), any::<i64>(), any::<i64>()), 1..200),
        ) {
            let mut builder = Builder::new();
            for (key, (value, revision, lease)) in &records {
                builder.push(key, value, stamp(*revision, *lease));
            }
            let chunks = builder.finish();
            let mut found = Vec::new();
            for chunk in &chunks {
                let mut key = Vec::new();
                let before = found.len();
                for entry in chunk.entries() {
                    key.truncate(entry.shared);
                    key.extend_from_slice(entry.suffix);
                    found.push((key.clone(), entry.value.to_vec(), entry.stamp));
                }
                prop_assert_eq!(chunk.len(), found.len() - before);
                prop_assert_eq!(chunk.first_key(), &found[before].0[..]);
            }
            let expected: Vec<_> =
                records.into_iter().map(|(key, (value, revision, lease))| (key, value, stamp(revision, lease))).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn a_seek_finds_the_first_key_that_is_not_below_the_target(
            keys in proptest::collection::btree_set(proptest::collection::vec(0_u8..3, 0..6), 1..60),
            target in proptest::collection::vec(0_u8..3, 0..7),
        ) {
            let mut builder = Builder::new();
            for key in &keys {
                builder.push(key, b"", stamp(1, 0));
            }
            let chunks = builder.finish();
            let found = chunks[0].seek(&target).map(|(ordinal, entry, _)| {
                (ordinal, [&target[..entry.shared], entry.suffix].concat())
            });
            let expected = keys.iter().enumerate().find(|(_, key)| **key >= target).map(|(n, key)| (n, key.clone()));
            prop_assert_eq!(found, expected);
        }
    }
}
