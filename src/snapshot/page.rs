//! Pages of a `bbolt` database (go.etcd.io/bbolt, page.go and db.go): little-endian, as on every machine that etcd
//! supports.
use super::checksum::fnv1a;

pub(super) const HEADER: usize = 16;
/// Bytes of one element of a branch or a leaf.
const ELEMENT: usize = 16;
const BRANCH: u16 = 0x01;
const LEAF: u16 = 0x02;
/// The flag of an element whose value is a bucket.
const BUCKET: u32 = 0x01;
const MAGIC: u32 = 0xed0c_daed;
const VERSION: u32 = 2;
/// Bytes of a meta page that its checksum covers.
const CHECKED: usize = 56;

/// Header of a page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) id: u64,
    flags: u16,
    count: u16,
    /// The number of further pages that it takes.
    pub(super) overflow: u32,
}

/// Content of a whole meta page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meta {
    pub(super) page_size: u32,
    pub(super) root: u64,
    /// The first page behind the used ones.
    pub(super) pages: u64,
    pub(super) transaction: u64,
}

/// Elements of a page.
#[derive(Debug)]
pub(super) enum Elements {
    /// The pages below, in key order.
    Branch(Vec<u64>),
    Leaf(Vec<LeafElement>),
}

/// Place of a key and its value in a leaf, from the page's first byte.
#[derive(Clone, Copy, Debug)]
pub(super) struct LeafElement {
    pub(super) key: (usize, usize),
    pub(super) value: (usize, usize),
    pub(super) is_bucket: bool,
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

impl Header {
    pub(super) fn of(page: &[u8]) -> Option<Self> {
        Some(Self {
            id: u64_at(page, 0)?,
            flags: u16_at(page, 8)?,
            count: u16_at(page, 10)?,
            overflow: u32_at(page, 12)?,
        })
    }
}

impl Meta {
    /// Reads a meta page; returns `None` if it is no whole one.
    pub(super) fn of(page: &[u8]) -> Option<Self> {
        let meta = page.get(HEADER..)?;
        let checked = meta.get(..CHECKED)?;
        let right = u32_at(meta, 0)? == MAGIC
            && u32_at(meta, 4)? == VERSION
            && u64_at(meta, CHECKED)? == fnv1a(checked);
        right.then_some(())?;
        Some(Self {
            page_size: u32_at(meta, 8)?,
            root: u64_at(meta, 16)?,
            pages: u64_at(meta, 40)?,
            transaction: u64_at(meta, 48)?,
        })
    }
}

/// Reads the elements of a whole page, or of a page inside a value; returns the reason if it is wrong.
pub(super) fn elements(page: &[u8]) -> Result<Elements, &'static str> {
    const SHORT: &str = "it ends before its elements do";
    let header = Header::of(page).ok_or(SHORT)?;
    let places = (0..usize::from(header.count)).map(|number| HEADER + number * ELEMENT);
    match header.flags {
        BRANCH => {
            let below = places.map(|at| u64_at(page, at + 8).ok_or(SHORT));
            below.collect::<Result<_, _>>().map(Elements::Branch)
        }
        LEAF => {
            let leaves: Vec<LeafElement> =
                places.map(|at| leaf(page, at).ok_or(SHORT)).collect::<Result<_, _>>()?;
            // Each byte belongs to one element; otherwise a small file could stand for an endless one.
            let bytes: usize = leaves.iter().map(|leaf| leaf.value.1 - leaf.key.0).sum();
            if bytes > page.len() {
                return Err("its elements lie over each other");
            }
            Ok(Elements::Leaf(leaves))
        }
        _ => Err("it is neither a branch nor a leaf"),
    }
}

fn leaf(page: &[u8], at: usize) -> Option<LeafElement> {
    let is_bucket = u32_at(page, at)? & BUCKET != 0;
    let number = |at: usize| usize::try_from(u32_at(page, at)?).ok();
    let (offset, key_size, value_size) = (number(at + 4)?, number(at + 8)?, number(at + 12)?);
    let key = at.checked_add(offset)?;
    let value = key.checked_add(key_size)?;
    let end = value.checked_add(value_size)?;
    (end <= page.len()).then_some(LeafElement { key: (key, value), value: (value, end), is_bucket })
}
