//! Database of etcd: one bucket of revisions, and a few for etcd itself.
use super::{
    bolt::{Bolt, Bucket},
    checksum::Crc32c,
    error::SnapshotError,
    proto,
};
use std::{
    collections::{BTreeMap, HashMap},
    hash::{BuildHasher as _, RandomState},
};

/// The bucket of all revisions of all keys that are not compacted away.
const REVISIONS: &[u8] = b"key";
/// Length of a revision as a key of that bucket: 8 bytes, an underscore, 8 bytes of the change within it, and a `t`
/// if the key was deleted (etcd, server/storage/mvcc/revision.go).
const REVISION: usize = 17;
const TOMBSTONE: u8 = b't';
/// The most buckets; etcd has about a dozen.
const BUCKETS: usize = 256;
/// The most prefixes that are counted apart; the keys of others are counted together.
const PREFIXES: usize = 1000;

/// Result of counting.
#[derive(Debug, Default)]
pub(super) struct DatabaseSummary {
    pub(super) revision: i64,
    /// Entries of all buckets, as `etcdctl` counts them.
    pub(super) entries: u64,
    /// CRC-32C of all entries, as `etcdctl` shows it.
    pub(super) hash: u32,
    pub(super) keys: u64,
    /// Live keys and their bytes by prefix; [`None`] for all prefixes that are counted together.
    pub(super) prefixes: BTreeMap<Option<Box<[u8]>>, (u64, u64)>,
}

/// Last write of each key. Keys are held as 128 bits that the maker of a file cannot foresee.
#[derive(Default)]
struct Latest {
    hashers: [RandomState; 2],
    live: HashMap<[u64; 2], (u64, u16)>,
    prefixes: HashMap<Box<[u8]>, u16>,
}

pub(super) fn contents(bolt: &mut Bolt<'_>) -> Result<DatabaseSummary, SnapshotError> {
    let mut buckets = Vec::new();
    let root = bolt.root();
    bolt.walk(&root, |entry| {
        if !entry.is_bucket {
            return Err(SnapshotError::NoDatabase("something stands beside its buckets"));
        }
        if buckets.len() >= BUCKETS {
            return Err(SnapshotError::NoDatabase("it has more buckets than etcd makes"));
        }
        buckets.push((entry.key.to_vec(), Bucket::of(entry.value)?));
        Ok(())
    })?;
    if !buckets.iter().any(|(name, _)| name == REVISIONS) {
        return Err(SnapshotError::NoDatabase("it has no bucket of keys"));
    }
    let (mut contents, mut hash, mut latest) = (DatabaseSummary::default(), Crc32c::new(), Latest::default());
    for (name, bucket) in &buckets {
        hash.update(name);
        bolt.walk(bucket, |entry| {
            contents.entries += 1;
            hash.update(entry.key);
            if entry.is_bucket {
                return Ok(());
            }
            hash.update(entry.value);
            if name == REVISIONS {
                contents.revision = contents.revision.max(latest.take(entry.key, entry.value)?);
            }
            Ok(())
        })?;
    }
    contents.hash = hash.value();
    contents.keys = latest.live.len() as u64;
    contents.prefixes = latest.by_prefix();
    Ok(contents)
}

impl Latest {
    /// Takes the next revision, in order.
    fn take(&mut self, revision: &[u8], record: &[u8]) -> Result<i64, SnapshotError> {
        const BROKEN: SnapshotError = SnapshotError::NoDatabase("something among its revisions is none");
        let (number, mark) = match revision.split_at_checked(REVISION) {
            Some((number, [])) => (number, false),
            Some((number, [TOMBSTONE])) => (number, true),
            _ => return Err(BROKEN),
        };
        let main = number.first_chunk().map(|main| i64::from_be_bytes(*main)).ok_or(BROKEN)?;
        let (key, value) = proto::key_and_size(record).ok_or(BROKEN)?;
        let short = [self.hashers[0].hash_one(key), self.hashers[1].hash_one(key)];
        if mark {
            self.live.remove(&short);
        } else {
            let prefix = self.prefix(key);
            self.live.insert(short, ((key.len() + value) as u64, prefix));
        }
        Ok(main)
    }

    fn prefix(&mut self, key: &[u8]) -> u16 {
        let prefix = top_level(key);
        if let Some(number) = self.prefixes.get(prefix) {
            return *number;
        }
        if self.prefixes.len() >= PREFIXES {
            return u16::MAX;
        }
        let number = u16::try_from(self.prefixes.len()).unwrap_or(u16::MAX);
        self.prefixes.insert(prefix.into(), number);
        number
    }

    fn by_prefix(self) -> BTreeMap<Option<Box<[u8]>>, (u64, u64)> {
        let names: HashMap<u16, Box<[u8]>> =
            self.prefixes.into_iter().map(|(name, number)| (number, name)).collect();
        let mut counted: HashMap<u16, (u64, u64)> = HashMap::new();
        for (bytes, prefix) in self.live.into_values() {
            let (keys, sum) = counted.entry(prefix).or_default();
            (*keys, *sum) = (*keys + 1, *sum + bytes);
        }
        counted.into_iter().map(|(prefix, sums)| (names.get(&prefix).cloned(), sums)).collect()
    }
}

/// Returns the first segment of a key: `/registry` of `/registry/pods/x`, `calico` of `calico/x`.
fn top_level(key: &[u8]) -> &[u8] {
    let from = usize::from(key.first() == Some(&b'/'));
    let end = key.iter().skip(from).position(|byte| *byte == b'/');
    end.and_then(|end| key.get(..from + end)).unwrap_or(key)
}
