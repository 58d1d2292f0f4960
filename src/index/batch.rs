use super::{records::Records, tree::NameTree};
use crate::keys::{KeyValue, Scope};

/// A page of a list, encoded and with its tree, ready to be taken in by an [`Index`](super::Index).
///
/// Making one is the costly part of loading; it needs nothing but the page, so it can be done on any thread.
#[derive(Clone, Debug)]
pub struct Batch {
    pub(super) records: Records,
    pub(super) tree: NameTree,
}

impl Batch {
    /// Encodes a page, in any order. If a key is in it twice, the newer record counts; keys outside `scope`
    /// are left out.
    #[must_use]
    pub fn encode(scope: &Scope, mut page: Vec<KeyValue>) -> Self {
        page.retain(|record| scope.key(record.key.as_bytes()).is_ok());
        if !page.is_sorted_by(|a, b| a.key < b.key) {
            page.sort_by(|a, b| a.key.cmp(&b.key).then(b.mod_revision.cmp(&a.mod_revision)));
            page.dedup_by(|later, kept| later.key == kept.key);
        }
        let cut = scope.as_str().len() - 1;
        let paths: Vec<&[u8]> =
            page.iter().map(|record| record.key.as_bytes().get(cut..).unwrap_or_default()).collect();
        let tree = NameTree::of(&paths);
        Self { records: Records::encode(scope.clone(), &page), tree }
    }

    /// Returns the number of records in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Tells whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }
}
