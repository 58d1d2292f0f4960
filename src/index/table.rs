//! Table of a name: the records directly below it that have nothing below themselves, a window at a time.
//!
//! The keys of sub-names lie between those records and are passed over in one jump each. A name may have half a
//! million sub-names and one record behind them all, so a window takes a limited number of jumps and then says
//! that there is more.

use super::{Cursor, Index, NameTree, NodeId, Records};
use crate::keys::{KeyRange, KeyValue};

/// Limit of the work for one window: 1 for a step to the next record, [`JUMP`] for a jump. About half a
/// millisecond.
const WORK: usize = 6000;
const JUMP: usize = 24;
/// Records of a sub-name that are stepped over before a jump is made.
const STEPS: usize = 8;

/// The records directly below one name.
#[derive(Debug)]
pub struct RecordTable<'i> {
    records: &'i Records,
    tree: &'i NameTree,
    place: u32,
    /// The name's key, which may be a record too.
    name: Vec<u8>,
    range: KeyRange,
    leaves: usize,
}

/// Neighbouring rows of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// In key order.
    pub rows: Vec<KeyValue>,
    /// True if there are rows before these, or may be.
    pub before: bool,
    /// True if there are rows after these, or may be.
    pub after: bool,
    /// Key from which the search for more goes on, when it stopped at the limit of work before the window was
    /// full: give it to [`RecordTable::from`] or, when the window was filled backwards, to [`RecordTable::before`].
    pub stopped: Option<Box<[u8]>>,
}

impl Index {
    /// Returns the table of a name; `None` when the name is gone.
    #[must_use]
    pub fn table(&self, node: NodeId) -> Option<RecordTable<'_>> {
        Some(RecordTable {
            records: self.records(),
            tree: self.tree(),
            place: self.tree().place(node)?,
            name: self.key_of(node)?,
            range: self.below(node)?,
            leaves: self.tree().node(node)?.leaves,
        })
    }
}

impl RecordTable<'_> {
    /// Returns the number of rows in the whole table.
    #[must_use]
    pub fn len(&self) -> usize {
        self.leaves
    }

    /// Tells whether the table has no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.leaves == 0
    }

    /// Returns the record at the name's own key, which CoreDNS ignores as long as there is something below it.
    #[must_use]
    pub fn own(&self) -> Option<KeyValue> {
        self.records.get(&self.name)
    }

    /// Returns the first `n` rows.
    #[must_use]
    pub fn first(&self, n: usize) -> Window {
        self.from(self.range.start(), n)
    }

    /// Returns the last `n` rows.
    #[must_use]
    pub fn last(&self, n: usize) -> Window {
        self.before(self.range.end(), n)
    }

    /// Returns at most `n` rows from `key` on, whether or not there is such a row.
    #[must_use]
    pub fn from(&self, key: &[u8], n: usize) -> Window {
        let mut work = WORK;
        let start = key.max(self.range.start());
        let (mut rows, stopped) = self.forwards(start, n.saturating_add(1), &mut work);
        let after = rows.len() > n || stopped.is_some();
        rows.truncate(n);
        let before = rows.len() < self.leaves && self.any_before(start, &mut work);
        Window { rows, before, after, stopped }
    }

    /// Returns at most `n` rows before `key`, the nearest ones.
    #[must_use]
    pub fn before(&self, key: &[u8], n: usize) -> Window {
        let mut work = WORK;
        let end = key.min(self.range.end());
        let (mut rows, stopped) = self.backwards(end, n.saturating_add(1), &mut work);
        let before = rows.len() > n || stopped.is_some();
        rows.truncate(n);
        rows.reverse();
        let after = rows.len() < self.leaves && self.any_from(end, &mut work);
        Window { rows, before, after, stopped }
    }

    fn any_before(&self, key: &[u8], work: &mut usize) -> bool {
        key > self.range.start() && {
            let (rows, stopped) = self.backwards(key, 1, work);
            !rows.is_empty() || stopped.is_some()
        }
    }

    fn any_from(&self, key: &[u8], work: &mut usize) -> bool {
        key < self.range.end() && {
            let (rows, stopped) = self.forwards(key, 1, work);
            !rows.is_empty() || stopped.is_some()
        }
    }

    /// Returns the key of the sub-name that `key` lies below, with its closing slash; `None` for a row of the
    /// table.
    fn sub_name<'k>(&self, key: &'k [u8]) -> Option<&'k [u8]> {
        let start = self.range.start().len();
        let length = memchr::memchr(b'/', key.get(start..)?)?;
        key.get(..=start + length)
    }

    /// Tells whether a key directly below is a row, and not the own key of a sub-name.
    fn is_leaf(&self, key: &[u8]) -> bool {
        let segment = key.get(self.range.start().len()..).unwrap_or_default();
        self.tree.child_named(self.place, segment).is_none()
    }

    fn forwards(&self, from: &[u8], n: usize, work: &mut usize) -> (Vec<KeyValue>, Option<Box<[u8]>>) {
        let mut rows = Vec::new();
        if self.leaves == 0 || n == 0 {
            return (rows, None);
        }
        let mut cursor = self.records.seek(from);
        while let Some(record) = cursor.record().filter(|record| record.key < self.range.end()) {
            if *work == 0 {
                return (rows, Some(record.key.into()));
            }
            if let Some(below) = self.sub_name(record.key) {
                let below = below.to_vec();
                step_past(&mut cursor, &below, work);
                continue;
            }
            if self.is_leaf(record.key) {
                rows.extend(self.records.owned(record));
                if rows.len() >= n.min(self.leaves) {
                    break;
                }
            }
            spend(work, STEPS);
            cursor.advance();
        }
        (rows, None)
    }

    /// Reads backwards, from the nearest row down.
    fn backwards(&self, before: &[u8], n: usize, work: &mut usize) -> (Vec<KeyValue>, Option<Box<[u8]>>) {
        let mut rows = Vec::new();
        if self.leaves == 0 || n == 0 {
            return (rows, None);
        }
        let mut cursor = self.records.seek(before);
        let mut stop = before.to_vec();
        while cursor.back() {
            let Some(record) = cursor.record().filter(|record| record.key >= self.range.start()) else {
                break;
            };
            if *work == 0 {
                return (rows, Some(stop.into()));
            }
            // A step back costs about as much as a jump: both decode a chunk up to their place.
            spend(work, JUMP);
            if let Some(below) = self.sub_name(record.key) {
                stop = below.to_vec();
                cursor.seek(&stop);
                continue;
            }
            stop = record.key.to_vec();
            if self.is_leaf(record.key) {
                rows.extend(self.records.owned(record));
                if rows.len() >= n.min(self.leaves) {
                    break;
                }
            }
        }
        (rows, None)
    }
}

/// Goes behind all keys that start with `below`: step by step when they are few, in a jump when they are not.
fn step_past(cursor: &mut Cursor<'_>, below: &[u8], work: &mut usize) {
    for _ in 0..STEPS {
        spend(work, 1);
        if !cursor.advance() || !cursor.key().is_some_and(|key| key.starts_with(below)) {
            return;
        }
    }
    spend(work, JUMP);
    // `0` follows the slash that closes `below`.
    let mut behind = below.to_vec();
    behind.pop();
    behind.push(b'/' + 1);
    cursor.seek(&behind);
}

fn spend(work: &mut usize, cost: usize) {
    *work = work.saturating_sub(cost);
}

#[cfg(test)]
mod tests {
    use super::super::model::{any_path, index_of, record, scope};
    use super::super::{Batch, Index, NodeId, Window};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn windows_of_every_table_are_cut_from_its_leaves(
            paths in prop::collection::btree_set(any_path(), 0..60), anchor in any_path(), n in 0..5_usize,
        ) {
            let mut index = Index::new(scope());
            index.absorb(Batch::encode(&scope(), paths.iter().map(|path| record(path, 1)).collect()));
            let mut open = vec![NodeId::ROOT];
            while let Some(id) = open.pop() {
                open.extend((0..).map_while(|k| index.tree().child(id, k)));
                let name = index.key_of(id).unwrap();
                let leaves: Vec<_> = index.records().range(&index.below(id).unwrap())
                    .filter(|leaf| !leaf.key.as_bytes()[name.len() + 1..].contains(&b'/'))
                    .filter(|leaf| index.node_at(leaf.key.as_bytes()).is_none())
                    .collect();
                let table = index.table(id).unwrap();
                prop_assert_eq!(table.len(), leaves.len());
                prop_assert_eq!(table.own(), index.get(&name));
                let anchor = [b"/c", &anchor[..]].concat();
                let cut = leaves.partition_point(|leaf| leaf.key.as_bytes() < &anchor[..]);
                let (lower, upper) = leaves.split_at(cut);
                let from = table.from(&anchor, n);
                let expected = upper[..n.min(upper.len())].to_vec();
                prop_assert_eq!(from, Window { rows: expected, before: cut > 0, after: upper.len() > n, stopped: None });
                let before = table.before(&anchor, n);
                let expected = lower[lower.len().saturating_sub(n)..].to_vec();
                prop_assert_eq!(before, Window { rows: expected, before: lower.len() > n, after: cut < leaves.len(), stopped: None });
                prop_assert_eq!(table.first(usize::MAX).rows, leaves.clone());
                prop_assert_eq!(table.last(usize::MAX).rows, leaves);
            }
        }
    }

    #[test]
    fn a_row_behind_very_many_sub_names_is_reached_in_several_windows() {
        let mut page: Vec<_> = (0..20_000).map(|n| record(format!("/n{n:05}/x").as_bytes(), 1)).collect();
        page.extend([record(b"/a", 1), record(b"/z", 1)]);
        let mut index = Index::new(scope());
        index.absorb(Batch::encode(&scope(), page));
        let table = index.table(NodeId::ROOT).unwrap();

        let mut window = table.first(9);
        assert_eq!(window.rows.len(), 1);
        assert!(window.after);
        let mut windows = 1;
        while let Some(stopped) = window.stopped {
            window = table.from(&stopped, 9);
            windows += 1;
        }
        assert_eq!(window.rows.first().map(|row| row.key.spelled()).as_deref(), Some("/c/z"));
        assert!((3..100).contains(&windows), "{windows} windows");

        let mut window = table.last(9);
        assert_eq!(window.rows.len(), 1);
        while let Some(stopped) = window.stopped {
            assert!(window.before);
            window = table.before(&stopped, 9);
        }
        assert_eq!(window.rows.first().map(|row| row.key.spelled()).as_deref(), Some("/c/a"));
    }

    #[test]
    fn a_name_that_is_gone_has_no_table() {
        let index = index_of(&["/a/x"]);
        let other = index_of(&["/a/x", "/b/y/z"]);
        assert!(index.table(other.node_at(b"/c/b/y").unwrap()).is_none());
    }
}
