//! Pages of a range in the order of its keys, as files need it.
use super::Reader;
use crate::{
    failure::Failure,
    index::{PieceAnswer, RangeWalk},
    keys::{ClusterId, ForeignKeyValue, ForeignRange, Interval, KeyRange, Revision},
};
use std::future::Future;

/// Size of keys and values, in bytes, that a page should not exceed by far.
const PAGE: u64 = 32 << 20;

/// Reads pages of a range at one revision.
pub trait PageReader: Clone + Send + Sync + 'static {
    type Range: Interval + Send + Sync + 'static;

    /// Reads the first `limit` keys of a range at a revision or now.
    fn page(
        &self,
        range: &Self::Range,
        limit: u32,
        at: Option<Revision>,
    ) -> impl Future<Output = Result<Page, Failure>> + Send;
}

/// Reads pages of any keys, the scope's or others'. It reads at a revision and can do nothing else.
pub trait ForeignPages: PageReader<Range = ForeignRange> {}

impl<P: PageReader<Range = ForeignRange>> ForeignPages for P {}

/// Records that one read brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    pub cluster: ClusterId,
    /// The revision at which this is true.
    pub revision: Revision,
    /// In key order.
    pub records: Vec<ForeignKeyValue>,
    /// Number of keys that the range holds in all, whatever the limit was.
    pub total: u64,
}

/// Pages of the scope.
#[derive(Clone, Debug)]
pub struct InScope<R>(pub R);

impl<R: Reader> PageReader for InScope<R> {
    type Range = KeyRange;

    async fn page(&self, range: &KeyRange, limit: u32, at: Option<Revision>) -> Result<Page, Failure> {
        let listing = self.0.list(range, limit, at).await?;
        let all = listing.total.min(if limit == 0 { u64::MAX } else { u64::from(limit) });
        // The scope's own path with its slash is a key for etcd and no record, and is left out of every list.
        let left_out = all.saturating_sub(listing.records.len() as u64);
        Ok(Page {
            cluster: listing.cluster,
            revision: listing.revision,
            records: listing.records.into_iter().map(ForeignKeyValue::from).collect(),
            total: listing.total.saturating_sub(left_out),
        })
    }
}

/// Reads a range of any size at one revision, in key order and in pieces that leave room for etcd's other clients.
#[derive(Debug)]
pub struct InOrder<P: PageReader> {
    pages: P,
    walk: RangeWalk<P::Range>,
    at: Option<Revision>,
}

impl<P: PageReader> InOrder<P> {
    /// Begins to read at this revision, or at that of the first answer.
    #[must_use]
    pub fn new(pages: P, range: P::Range, at: Option<Revision>) -> Self {
        Self { pages, walk: RangeWalk::new(range), at }
    }

    /// Returns the next page; `None` when everything has been read. The first one's `total` is that of the whole
    /// range.
    ///
    /// # Errors
    /// The store's failure to read. The pages that were read before are worth nothing then.
    pub async fn next(&mut self) -> Result<Option<Page>, Failure> {
        let Some(piece) = self.walk.next() else { return Ok(None) };
        let limit = u32::try_from(piece.limit).unwrap_or(u32::MAX);
        let page = self.pages.page(&piece.range, limit, self.at).await?;
        self.at.get_or_insert(page.revision);
        let read = page.records.len() as u64;
        let more = page.total > read;
        self.walk.took(&piece, PieceAnswer::new(&page.records, |record| &record.key, page.total, more));
        let bytes: usize = page.records.iter().map(|record| record.key.len() + record.value.len()).sum();
        if let Some(each) = (bytes as u64).checked_div(read) {
            self.walk.at_most(PAGE / each.max(1));
        }
        Ok(Some(page))
    }
}
