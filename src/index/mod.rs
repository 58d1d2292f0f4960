//! Index of the scope, which a deck shows and a watch keeps true: all records and the tree of their names, in
//! memory, for up to a million keys. Pure: no etcd, no clock, no thread.
//!
//! A page of a list is encoded elsewhere ([`Batch`]) and absorbed here in a few milliseconds; a watched change
//! costs microseconds. A clone of [`Records`] is a snapshot that a search can walk on its own thread.

mod batch;
mod caseless;
mod chunk;
mod cursor;
mod differences;
mod encode;
mod graft;
mod grow;
mod mentions;
mod records;
mod rewrite;
mod rows;
mod search;
mod segment;
mod source;
mod table;
mod top_level;
mod tree;
mod unfolded;
mod walk;

#[cfg(test)]
mod model;
#[cfg(test)]
mod rows_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod walk_tests;

pub use batch::Batch;
pub use cursor::Cursor;
pub use differences::Differences;
pub use mentions::Searched;
pub use records::{IndexedRecord, Records};
pub use rows::{TreeRow, TreeRows};
pub use search::{Match, MatchedPart, Needle, SearchResult};
pub use table::{RecordTable, Window};
pub use tree::{NameNode, NameTree, NodeId};
pub use unfolded::Unfolded;
pub use walk::{IN_FLIGHT, Piece, PieceAnswer, RangeWalk};

use crate::keys::{KeyRange, KeyValue, Revision, Scope, ScopedKey};
use rewrite::Put;
use std::{collections::BTreeMap, ops::Bound::Included};

/// The records of the scope and the tree of their names, always equal.
///
/// While a list is being read, changes may arrive before the page that they change. So until
/// [`listed`](Self::listed) is called, deletes are remembered, and a page that comes later brings nothing back.
#[derive(Clone, Debug)]
pub struct Index {
    records: Records,
    tree: NameTree,
    /// Keys deleted while the list is read, with the revision that deleted them; `None` when it is complete.
    deleted: Option<BTreeMap<Box<[u8]>, Revision>>,
}

impl Index {
    /// Makes an index with nothing in it, about to be filled from a list.
    #[must_use]
    pub fn new(scope: Scope) -> Self {
        Self { records: Records::new(scope), tree: NameTree::default(), deleted: Some(BTreeMap::new()) }
    }

    /// Ends the list: all its pages have been absorbed, and deletes need not be remembered any more.
    pub fn listed(&mut self) {
        self.deleted = None;
    }

    /// Takes in a page. If a key is here already, the record with the newer mod revision stays, so a page may come
    /// twice, in any order, and after changes to its keys.
    pub fn absorb(&mut self, batch: Batch) {
        let (Some(first), Some(last)) = (batch.records.first_key(), batch.records.last_key()) else { return };
        let met = self.records.seek(&first);
        let met: Vec<Box<[u8]>> = keys_until(met, &last).collect();
        if met.len() > batch.len() / 4 {
            self.absorb_among(&batch);
        } else {
            self.absorb_beside(batch, &met, &first, &last);
        }
        let buried: Vec<(Box<[u8]>, Revision)> = self
            .deleted
            .iter()
            .flat_map(|deleted| deleted.range::<[u8], _>((Included(&*first), Included(&*last))))
            .map(|(key, revision)| (key.clone(), *revision))
            .collect();
        for (key, revision) in buried {
            self.take_out(&key, revision);
        }
    }

    /// Takes in a page that we hold much of: only its new keys touch the tree.
    fn absorb_among(&mut self, batch: &Batch) {
        let mut fresh: Vec<Box<[u8]>> = Vec::new();
        let mut theirs = batch.records.cursor();
        let mut ours = Cursor::nowhere(&self.records);
        if let Some(first) = theirs.key() {
            ours.seek(first);
        }
        while let Some(key) = theirs.key() {
            while ours.key().is_some_and(|mine| mine < key) {
                ours.advance();
            }
            if ours.key() != Some(key) {
                fresh.push(key.into());
            }
            theirs.advance();
        }
        self.records.absorb(&batch.records);
        for key in fresh {
            self.plant(&key);
        }
    }

    /// Takes in a page that we hold little of: those few keys (`met`) make way for its tree and come back after.
    fn absorb_beside(&mut self, batch: Batch, met: &[Box<[u8]>], first: &[u8], last: &[u8]) {
        let Batch { records: page, tree } = batch;
        for key in met {
            self.tree.remove(path(page.scope(), key));
        }
        self.records.absorb(&page);
        let scope = page.scope();
        let prefix = closed(scope);
        let (records, page) = (&self.records, &page);
        self.tree.graft(tree, path(scope, first), path(scope, last), |path| {
            let key = [prefix, path].concat();
            if *key < *first || *key > *last { records.contains(&key) } else { page.contains(&key) }
        });
        for key in met.iter().filter(|key| !page.contains(key)) {
            self.plant(key);
        }
    }

    /// Gives the tree a key that only the records have.
    fn plant(&mut self, key: &[u8]) {
        let (records, tree) = (&self.records, &mut self.tree);
        let prefix = closed(records.scope());
        tree.insert(path(records.scope(), key), |path| records.contains(&[prefix, path].concat()));
    }

    /// Takes in one record, as a watch brings it. Returns whether it was news: a record that is here at the same
    /// revision or later, or was deleted later, stays as it is. A key of another scope is never news.
    pub fn put(&mut self, record: &KeyValue) -> bool {
        let key = record.key.as_bytes();
        if self.records.scope().key(key).is_err() {
            return false;
        }
        if let Some(deleted) = &mut self.deleted
            && let Some(revision) = deleted.get(key)
        {
            if *revision > record.mod_revision {
                return false;
            }
            deleted.remove(key);
        }
        match self.records.put(record) {
            Put::Added => {
                self.plant(key);
                true
            }
            Put::Replaced => true,
            Put::Stale => false,
        }
    }

    /// Takes out a key that was deleted at `revision`. Returns whether it was here and older than that.
    pub fn delete(&mut self, key: &ScopedKey, revision: Revision) -> bool {
        if let Some(deleted) = &mut self.deleted {
            let latest = deleted.entry(key.as_bytes().into()).or_insert(revision);
            *latest = revision.max(*latest);
        }
        self.take_out(key.as_bytes(), revision)
    }

    fn take_out(&mut self, key: &[u8], revision: Revision) -> bool {
        if self.records.modified(key).is_none_or(|modified| modified >= revision) {
            return false;
        }
        self.records.remove(key);
        self.tree.remove(path(self.records.scope(), key));
        true
    }

    /// Returns all records. Cloning them is a snapshot.
    #[must_use]
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// Returns the names that have something below them.
    #[must_use]
    pub fn tree(&self) -> &NameTree {
        &self.tree
    }

    /// Returns the record of exactly this key.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<KeyValue> {
        self.records.get(key)
    }

    /// Returns the number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Tells whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Returns the size of all keys and values in bytes, as etcd counts them.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.records.bytes()
    }

    /// Returns the key of a node, as etcd would have it; for the root the scope without its closing slash.
    #[must_use]
    pub fn key_of(&self, node: NodeId) -> Option<Vec<u8>> {
        Some([closed(self.records.scope()), &self.tree.path(node)?].concat())
    }

    /// Returns the node at exactly this key; the scope's own path without its closing slash is the root's.
    #[must_use]
    pub fn node_at(&self, key: &[u8]) -> Option<NodeId> {
        self.tree.find(key.strip_prefix(closed(self.records.scope()))?)
    }

    /// Returns the node at this key or the deepest one above it, to go to a record or back to an earlier place.
    #[must_use]
    pub fn nearest(&self, key: &[u8]) -> NodeId {
        self.tree.nearest(key.strip_prefix(closed(self.records.scope())).unwrap_or_default())
    }

    /// Returns the keys strictly below a node.
    #[must_use]
    pub fn below(&self, node: NodeId) -> Option<KeyRange> {
        self.records.scope().below(&self.key_of(node)?).ok()
    }
}

/// Returns the scope's prefix without its closing slash.
fn closed(scope: &Scope) -> &[u8] {
    let prefix = scope.as_str().as_bytes();
    prefix.strip_suffix(b"/").unwrap_or(prefix)
}

/// Returns a key's path in the tree.
fn path<'k>(scope: &Scope, key: &'k [u8]) -> &'k [u8] {
    key.get(closed(scope).len()..).unwrap_or_default()
}

fn keys_until<'r>(mut cursor: Cursor<'r>, last: &'r [u8]) -> impl Iterator<Item = Box<[u8]>> + 'r {
    std::iter::from_fn(move || {
        let key = cursor.key().filter(|key| *key <= last)?.into();
        cursor.advance();
        Some(key)
    })
}
