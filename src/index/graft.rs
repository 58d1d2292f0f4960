//! Graft of a whole page: its tree is built beside the one that is shown and then joined to it.
//!
//! A page is a stretch of the keyspace, so its tree and the one that is shown share few names: those on the way
//! to its first and to its last key. The rest is moved, not looked up.

use super::chunk::shared;
use super::tree::{NameTree, ROOT, TreeSlot};

impl NameTree {
    /// Builds the tree of paths that are sorted by their bytes, each once.
    pub(super) fn of(paths: &[&[u8]]) -> Self {
        let mut tree = Self::default();
        // The nodes on the way to the key before, each with its path's length.
        let mut way = vec![(ROOT, 0)];
        let mut before: &[u8] = b"";
        for (ordinal, path) in paths.iter().enumerate() {
            let common = shared(before, path);
            while let Some((place, _)) = way.pop_if(|(place, end)| *place != ROOT && *end >= common) {
                tree.finish(place);
            }
            let (mut parent, mut end) = way.last().copied().unwrap_or((ROOT, 0));
            while let Some(length) = path.get(end + 1..).and_then(|rest| memchr::memchr(b'/', rest)) {
                let start = end + 1;
                end = start + length;
                let child = tree.allocate(path.get(start..end).unwrap_or_default(), parent);
                tree.at_mut(parent).children.push(child);
                // Keys between a name's own key and the first below it all start with its path.
                let own = path.get(..end).is_some_and(|name| {
                    before.starts_with(name)
                        && paths.get(..ordinal).is_some_and(|passed| passed.binary_search(&name).is_ok())
                });
                if own {
                    tree.at_mut(child).own = true;
                    tree.at_mut(parent).leaves -= 1;
                }
                way.push((child, end));
                parent = child;
            }
            let slot = tree.at_mut(parent);
            slot.leaves += 1;
            slot.below += 1;
            before = path;
        }
        while let Some((place, _)) = way.pop() {
            tree.finish(place);
        }
        tree
    }

    /// Counts a node's keys for its parent and puts its children, which came in key order, in DNS order.
    fn finish(&mut self, place: u32) {
        let mut children = std::mem::take(&mut self.at_mut(place).children);
        children.sort_by(|a, b| self.order(*a, *b));
        let slot = self.at_mut(place);
        slot.children = children;
        let (parent, below) = (slot.parent, slot.below);
        if place != ROOT {
            self.at_mut(parent).below += below;
        }
    }

    /// Takes in the tree of a page that holds no key of this one and lies between two neighbouring keys of it.
    ///
    /// `first` and `last` are the page's outermost paths, `exists` tells whether a record sits at a path, here
    /// or in the page.
    pub(super) fn graft(&mut self, page: Self, first: &[u8], last: &[u8], exists: impl Fn(&[u8]) -> bool) {
        self.changed();
        let base = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        self.nodes.extend(page.nodes.into_iter().map(|mut slot| {
            slot.parent += base;
            slot.children.iter_mut().for_each(|child| *child += base);
            slot
        }));
        let mut both = vec![(ROOT, base)];
        while let Some((ours, theirs)) = both.pop() {
            let TreeSlot { children, leaves, below, own, .. } = self.release(theirs);
            let slot = self.at_mut(ours);
            slot.leaves += leaves;
            slot.below += below;
            slot.own |= own;
            let mine = std::mem::take(&mut slot.children);
            let woven = self.weave(ours, mine, &children, &mut both);
            self.at_mut(ours).children = woven;
        }
        self.claim(first, &exists);
        self.claim(last, &exists);
    }

    /// Merges two lists of siblings. Names in both are left for later, in `both`.
    fn weave(
        &mut self,
        parent: u32,
        mut mine: Vec<u32>,
        theirs: &[u32],
        both: &mut Vec<(u32, u32)>,
    ) -> Vec<u32> {
        let Some(&lowest) = theirs.first() else { return mine };
        let tail = mine.split_off(mine.partition_point(|child| self.order(*child, lowest).is_lt()));
        let mut tail = tail.as_slice();
        for &child in theirs {
            if tail.first().is_some_and(|next| self.order(*next, child).is_lt()) {
                let (lower, rest) =
                    tail.split_at(tail.partition_point(|next| self.order(*next, child).is_lt()));
                mine.extend_from_slice(lower);
                tail = rest;
            }
            match tail.first() {
                Some(&same) if self.order(same, child).is_eq() => both.push((same, child)),
                _ => {
                    self.at_mut(child).parent = parent;
                    mine.push(child);
                }
            }
        }
        mine.extend_from_slice(tail);
        mine
    }

    /// Gives names their own keys where one side had the key and the other the keys below it.
    ///
    /// Such a key lies before one end of the page and the keys below it behind, so it is a part of that end:
    /// keys from `a` to `a/x` all start with `a`.
    fn claim(&mut self, end: &[u8], exists: &impl Fn(&[u8]) -> bool) {
        let mut parent = ROOT;
        let mut start = 1;
        while let Some(rest) = end.get(start..) {
            let length = memchr::memchr(b'/', rest).unwrap_or(rest.len());
            for stop in start..=start + length {
                let Some(child) = self.child_named(parent, end.get(start..stop).unwrap_or_default()) else {
                    continue;
                };
                if !self.at(child).own && end.get(..stop).is_some_and(exists) {
                    self.at_mut(child).own = true;
                    self.at_mut(parent).leaves -= 1;
                }
            }
            let Some(child) = self.child_named(parent, rest.get(..length).unwrap_or_default()) else { break };
            parent = child;
            start += length + 1;
        }
    }
}
