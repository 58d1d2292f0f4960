//! Bucket of a database, read page by page in key order.
use super::{
    error::SnapshotError,
    file::VerifiedSnapshot,
    page::{Elements, HEADER, Header, LeafElement, Meta, elements, u64_at},
};

/// The page sizes that bbolt takes: 1 KiB to 64 KiB, by the machine.
const PAGE_SIZES: std::ops::RangeInclusive<u32> = 1024..=65_536;
/// The most bytes of one page with its overflow: far more than etcd accepts as one value.
const LARGEST: u64 = 256 << 20;
/// The deepest bucket: one of a file that could exist is some five pages deep.
const DEEPEST: usize = 64;
/// bbolt keeps a bucket inside a value up to a quarter of a page.
const LARGEST_INLINE: usize = 65_536;
/// Bytes of a bucket's own value, before the page that a small bucket has inside it.
const BUCKET: usize = 16;

/// Database whose meta pages were read.
#[derive(Debug)]
pub(super) struct Bolt<'f> {
    file: &'f VerifiedSnapshot,
    meta: Meta,
    /// The number of pages that may still be read: each stands in the file once.
    budget: u64,
}

/// Bucket, by its root page in the file, or inside the value that names it.
#[derive(Debug)]
pub(super) enum Bucket {
    At(u64),
    Inline(Vec<u8>),
}

/// Entry of a bucket.
#[derive(Clone, Copy, Debug)]
pub(super) struct BucketEntry<'p> {
    pub(super) key: &'p [u8],
    pub(super) value: &'p [u8],
    pub(super) is_bucket: bool,
}

impl<'f> Bolt<'f> {
    pub(super) fn open(file: &'f VerifiedSnapshot) -> Result<Self, SnapshotError> {
        let largest = u64::from(*PAGE_SIZES.end());
        let whole = usize::try_from(file.size.min(2 * largest)).unwrap_or_default();
        let beginning = file.read(0, whole)?;
        // The second meta page stands one page further, at any page size; the newer whole one counts.
        let second = (10..=16).map(|power| 1_usize << power);
        let metas = std::iter::once(0).chain(second).filter_map(|at| {
            let meta = Meta::of(beginning.get(at..)?)?;
            (at == 0 || u32::try_from(at).ok() == Some(meta.page_size)).then_some(meta)
        });
        let meta = metas.max_by_key(|meta| meta.transaction);
        let meta = meta.ok_or(SnapshotError::NoDatabase("neither of its meta pages is whole"))?;
        if !PAGE_SIZES.contains(&meta.page_size) || !meta.page_size.is_power_of_two() {
            return Err(SnapshotError::NoDatabase("its pages have a size that none has"));
        }
        let used = meta.pages.checked_mul(u64::from(meta.page_size));
        if used.is_none_or(|used| used > file.size) {
            return Err(SnapshotError::NoDatabase("it says that it is larger than it is"));
        }
        Ok(Self { file, meta, budget: meta.pages })
    }

    /// Returns the bytes of all used pages.
    pub(super) fn size(&self) -> u64 {
        self.meta.pages * u64::from(self.meta.page_size)
    }

    pub(super) fn root(&self) -> Bucket {
        Bucket::At(self.meta.root)
    }

    /// Gives every entry of a bucket in key order.
    pub(super) fn walk(
        &mut self,
        bucket: &Bucket,
        mut each: impl FnMut(BucketEntry<'_>) -> Result<(), SnapshotError>,
    ) -> Result<(), SnapshotError> {
        let root = match bucket {
            Bucket::Inline(page) => {
                // A page inside a value has the number 0 and nothing below.
                let broken = |why| SnapshotError::Page { page: 0, why };
                let Elements::Leaf(leaves) = elements(page).map_err(broken)? else {
                    return Err(broken("a page inside a value is no leaf"));
                };
                return leaves.iter().try_for_each(|leaf| each(entry(page, leaf)));
            }
            Bucket::At(root) => *root,
        };
        // The pages that are still to be read at each depth, the next one last.
        let mut below = vec![vec![root]];
        while let Some(level) = below.last_mut() {
            let Some(number) = level.pop() else {
                below.pop();
                continue;
            };
            let page = self.page(number)?;
            match elements(&page).map_err(|why| SnapshotError::Page { page: number, why })? {
                Elements::Leaf(leaves) => leaves.iter().try_for_each(|leaf| each(entry(&page, leaf)))?,
                Elements::Branch(_) if below.len() >= DEEPEST => {
                    return Err(SnapshotError::Page {
                        page: number,
                        why: "it lies deeper than any page does",
                    });
                }
                Elements::Branch(mut pages) => {
                    pages.reverse();
                    below.push(pages);
                }
            }
        }
        Ok(())
    }

    fn page(&mut self, number: u64) -> Result<Vec<u8>, SnapshotError> {
        let broken = |why| SnapshotError::Page { page: number, why };
        if number < 2 || number >= self.meta.pages {
            return Err(broken("there is no such page"));
        }
        let size = u64::from(self.meta.page_size);
        let begin = number * size;
        let header = Header::of(&self.file.read(begin, HEADER)?).ok_or(broken("it is cut off"))?;
        if header.id != number {
            return Err(broken("it is another page"));
        }
        let pages = u64::from(header.overflow) + 1;
        self.budget = self.budget.checked_sub(pages).ok_or(broken("its pages lead round in a circle"))?;
        let whole = size * pages;
        if whole > LARGEST || begin + whole > self.size() {
            return Err(broken("it is larger than any page is"));
        }
        self.file.read(begin, usize::try_from(whole).unwrap_or_default())
    }
}

impl Bucket {
    /// Returns the bucket that an entry's value holds.
    pub(super) fn of(value: &[u8]) -> Result<Self, SnapshotError> {
        let root = u64_at(value, 0).ok_or(SnapshotError::NoDatabase("a bucket is cut off"))?;
        if root > 0 {
            return Ok(Self::At(root));
        }
        let page = value.get(BUCKET..).unwrap_or_default();
        if page.len() > LARGEST_INLINE {
            return Err(SnapshotError::NoDatabase("a bucket inside a value is larger than any is"));
        }
        Ok(Self::Inline(page.to_vec()))
    }
}

fn entry<'p>(page: &'p [u8], leaf: &LeafElement) -> BucketEntry<'p> {
    let part = |(from, to): (usize, usize)| page.get(from..to).unwrap_or_default();
    BucketEntry { key: part(leaf.key), value: part(leaf.value), is_bucket: leaf.is_bucket }
}
