//! Databases that are made by hand, each with a single fault: only one check finds it.
use super::{SnapshotError, SnapshotStatus, checksum::fnv1a, status};
use sha2::{Digest as _, Sha256};
use std::fs;

const PAGE: usize = 4096;
const BRANCH: u16 = 1;
const LEAF: u16 = 2;
const BUCKET: u32 = 1;

/// Returns the revision `number` as etcd's key of a record.
fn revision(number: i64) -> Vec<u8> {
    [&number.to_be_bytes()[..], b"_", &0_i64.to_be_bytes()].concat()
}

/// Returns a stored record with this key, in protobuf.
fn record(key: &[u8]) -> Vec<u8> {
    [&[0x0a, u8::try_from(key.len()).unwrap()], key, b"\x2a\x02{}"].concat()
}

/// Returns one page of elements, with no overflow: `(kind, key, value)`.
fn leaf(id: u64, elements: &[(u32, &[u8], &[u8])]) -> Vec<u8> {
    let mut page = header(id, LEAF, elements.len());
    let mut at = 16 + 16 * elements.len();
    for (number, (kind, key, value)) in elements.iter().enumerate() {
        for part in [*kind, to_u32(at - 16 - 16 * number), to_u32(key.len()), to_u32(value.len())] {
            page.extend(part.to_le_bytes());
        }
        at += key.len() + value.len();
    }
    for (_, key, value) in elements {
        page.extend_from_slice(key);
        page.extend_from_slice(value);
    }
    page
}

fn branch(id: u64, below: &[u64]) -> Vec<u8> {
    let mut page = header(id, BRANCH, below.len());
    for below in below {
        page.extend([0; 8]);
        page.extend(below.to_le_bytes());
    }
    page
}

fn header(id: u64, kind: u16, count: usize) -> Vec<u8> {
    let count = u16::try_from(count).unwrap();
    [&id.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &[0; 4]].concat()
}

fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap()
}

/// Returns a bucket whose root is a page of the file.
fn at(page: u64) -> Vec<u8> {
    [page.to_le_bytes(), [0; 8]].concat()
}

/// Returns a bucket inside the value that names it.
fn inline(page: &[u8]) -> Vec<u8> {
    [&[0; 16], page].concat()
}

/// Database by its pages behind the two meta pages, from page 2 on; the root is page 2.
struct Database {
    pages: Vec<Vec<u8>>,
    /// The changed numbers of each meta page, by their place in it.
    metas: [Vec<(usize, u64)>; 2],
}

impl Database {
    /// Makes two live records, one in a page of its own, and a bucket of etcd's own inside its value.
    fn right() -> Self {
        Self::of(&[(revision(2), record(b"/coredns/a")), (revision(3), record(b"/registry/b"))])
    }

    fn of(entries: &[(Vec<u8>, Vec<u8>)]) -> Self {
        let entries: Vec<_> = entries.iter().map(|(key, value)| (0, &**key, &**value)).collect();
        Self::with_root(&[(BUCKET, b"key", &at(3)), (BUCKET, b"meta", &inline(&leaf(0, &[])))])
            .page(leaf(3, &entries))
    }

    fn with_root(buckets: &[(u32, &[u8], &[u8])]) -> Self {
        Self { pages: vec![leaf(2, buckets)], metas: [vec![], vec![]] }
    }

    fn page(mut self, page: Vec<u8>) -> Self {
        self.pages.push(page);
        self
    }

    /// Overwrites a number of 4 bytes in a page.
    fn with(mut self, page: usize, at: usize, number: u32) -> Self {
        self.pages[page - 2][at..at + 4].copy_from_slice(&number.to_le_bytes());
        self
    }

    /// Changes a number in both meta pages.
    fn saying(mut self, at: usize, number: u64) -> Self {
        self.metas.iter_mut().for_each(|meta| meta.push((at, number)));
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let pages = self.pages.len() as u64 + 2;
        let mut file: Vec<u8> = vec![];
        for (number, changes) in self.metas.iter().enumerate() {
            let mut meta = [0xed0c_daed_u32, 2, to_u32(PAGE), 0].map(u32::to_le_bytes).concat();
            // Root, its sequence, the free list, the pages, the transaction.
            for field in [2, 0, u64::MAX, pages, 7 + number as u64] {
                meta.extend(field.to_le_bytes());
            }
            for (at, number) in changes {
                let wide = if *at < 16 { 4 } else { 8 };
                meta[*at..*at + wide].copy_from_slice(&number.to_le_bytes()[..wide]);
            }
            meta.extend(fnv1a(&meta).to_le_bytes());
            file.extend(header(number as u64, 4, 0));
            file.extend(meta);
            file.resize((number + 1) * PAGE, 0);
        }
        for page in &self.pages {
            file.extend(page);
            file.resize(file.len().next_multiple_of(PAGE), 0);
        }
        file
    }

    fn read(&self) -> Result<SnapshotStatus, SnapshotError> {
        read(self.bytes())
    }
}

/// Reads the database with the hash that fits.
fn read(mut database: Vec<u8>) -> Result<SnapshotStatus, SnapshotError> {
    let hash = Sha256::digest(&database);
    database.extend_from_slice(&hash);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("made.db");
    fs::write(&path, database).unwrap();
    status(&path)
}

#[track_caller]
fn broken(database: &Database, page: u64, why: &'static str) {
    assert_eq!(database.read(), Err(SnapshotError::Page { page, why }));
}

#[track_caller]
fn no_database(database: &Database, why: &'static str) {
    assert_eq!(database.read(), Err(SnapshotError::NoDatabase(why)));
}

#[test]
fn a_database_that_is_made_right_is_read() {
    let found = Database::right().read().unwrap();
    assert_eq!((found.keys, found.revision, found.entries), (2, 3, 2));
    assert_eq!(found.prefixes.len(), 2);
    assert_eq!(found.size, 4 * PAGE as u64);
    let gone = [revision(4), b"t".to_vec()].concat();
    let deleted = vec![(revision(2), record(b"/a")), (revision(3), record(b"/b")), (gone, record(b"/a"))];
    assert_eq!(Database::of(&deleted).read().unwrap().keys, 1);
}

#[test]
fn a_meta_page_counts_only_when_it_is_whole_and_the_newer_one_before_the_other() {
    let meta = "neither of its meta pages is whole";
    no_database(&Database::right().saying(0, 1), meta);
    no_database(&Database::right().saying(4, 3), meta);
    let mut flipped = Database::right().bytes();
    for page in [0, PAGE] {
        flipped[page + 16 + 48] ^= 1;
    }
    assert_eq!(read(flipped), Err(SnapshotError::NoDatabase(meta)));
    // The older of the two leads nowhere, and is not followed; if it is the only one, it is.
    let mut older = Database::right();
    older.metas[0].push((16, 99));
    assert!(older.read().is_ok());
    older.metas[1].push((0, 1));
    broken(&older, 99, "there is no such page");
    let mut newer_first = Database::right();
    newer_first.metas[0].push((48, 9));
    newer_first.metas[1].push((16, 99));
    assert!(newer_first.read().is_ok());
    // A meta page is not looked for further away than its own page size.
    let mut stray = Database::right();
    stray.metas[0].push((0, 1));
    stray.metas[1].push((8, 2048));
    no_database(&stray, meta);
}

#[test]
fn pages_of_a_size_that_none_has_are_not_looked_at() {
    for size in [0, 512, 5000, 1 << 17] {
        no_database(&Database::right().saying(8, size), "its pages have a size that none has");
    }
    no_database(&Database::right().saying(40, 5), "it says that it is larger than it is");
    no_database(&Database::right().saying(40, u64::MAX), "it says that it is larger than it is");
}

#[test]
fn a_page_number_leads_to_the_page_of_that_number() {
    for page in [0, 1, 4, 99, u64::MAX] {
        broken(&Database::right().saying(16, page), page, "there is no such page");
    }
    broken(&Database::right().with(3, 0, 2), 3, "it is another page");
    broken(&Database::right().with(3, 12, 1), 3, "it is larger than any page is");
}

#[test]
fn pages_that_lead_round_in_a_circle_or_too_deep_come_to_an_end() {
    let root: [(u32, &[u8], &[u8]); 1] = [(BUCKET, b"key", &at(3))];
    let circle = Database::with_root(&root).page(branch(3, &[4])).page(branch(4, &[3]));
    broken(&circle, 3, "its pages lead round in a circle");
    let mut deep = Database::with_root(&root);
    for page in 3..70 {
        deep = deep.page(branch(page, &[page + 1]));
    }
    broken(&deep.page(leaf(70, &[])), 66, "it lies deeper than any page does");
}

#[test]
fn an_element_lies_within_its_page_and_beside_the_others() {
    let count = |number: u32| (number << 16) | u32::from(LEAF);
    broken(&Database::right().with(3, 8, count(u32::from(u16::MAX))), 3, "it ends before its elements do");
    broken(&Database::right().with(3, 16 + 12, 4097), 3, "it ends before its elements do");
    let wide = Database::right().with(3, 16 + 12, 3000).with(3, 32 + 12, 3000);
    broken(&wide, 3, "its elements lie over each other");
    broken(&Database::right().with(3, 8, (2 << 16) | 0x10), 3, "it is neither a branch nor a leaf");
}

#[test]
fn a_database_without_etcds_buckets_is_none_of_etcd() {
    let root = |buckets: &[(u32, &[u8], &[u8])]| Database::with_root(buckets);
    let inside = inline(&leaf(0, &[]));
    no_database(&root(&[(0, b"key", b"x")]), "something stands beside its buckets");
    no_database(&root(&[(BUCKET, b"keys", &inside)]), "it has no bucket of keys");
    no_database(&root(&[(BUCKET, b"key", b"short")]), "a bucket is cut off");
    let many: Vec<_> = (0..257_u32).map(u32::to_be_bytes).collect();
    let tiny = [0; 32];
    let many: Vec<_> = many.iter().map(|name| (BUCKET, &name[..], &tiny[..])).collect();
    let mut wide = root(&many);
    assert!(wide.pages[0].len() > PAGE);
    let overflow = to_u32(wide.pages[0].len() / PAGE);
    wide = wide.with(2, 12, overflow);
    let pages = u64::from(overflow) + 3;
    no_database(&wide.saying(40, pages), "it has more buckets than etcd makes");
    broken(&root(&[(BUCKET, b"key", &inline(&branch(0, &[3])))]), 0, "a page inside a value is no leaf");
    let large = inline(&vec![0; 65_537]);
    let large = root(&[(BUCKET, b"key", &large)]).with(2, 12, 16).saying(40, 19);
    no_database(&large, "a bucket inside a value is larger than any is");
}

#[test]
fn what_is_no_revision_or_no_record_is_not_counted_as_one() {
    const BROKEN: &str = "something among its revisions is none";
    let long = [revision(2), b"tt".to_vec()].concat();
    let other = [revision(2), b"x".to_vec()].concat();
    for key in [b"short".to_vec(), long, other] {
        no_database(&Database::of(&[(key, record(b"/a"))]), BROKEN);
    }
    for value in [b"".to_vec(), b"\x0a\x09cut".to_vec(), b"\x2a\x02{}".to_vec(), b"\x0b".to_vec()] {
        no_database(&Database::of(&[(revision(2), value)]), BROKEN);
    }
}

#[test]
fn a_file_that_grew_too_many_prefixes_counts_the_rest_together() {
    let entries: Vec<_> =
        (0..1100).map(|n| (revision(n + 2), record(format!("/p{n}/x").as_bytes()))).collect();
    let mut database = Database::of(&entries);
    let overflow = database.pages[1].len() / PAGE;
    database = database.with(3, 12, to_u32(overflow)).saying(40, overflow as u64 + 4);
    let found = database.read().unwrap();
    assert_eq!((found.keys, found.prefixes.len()), (1100, 1001));
    let rest = found.prefixes.iter().find(|prefix| prefix.prefix.is_none()).unwrap();
    assert_eq!(rest.keys, 100);
}
