//! Growth of the tree, key by key, as a watch brings the changes.

use super::tree::{NameTree, ROOT};

impl NameTree {
    /// Takes in a key that is not in the tree. `exists` tells whether a record sits at a path: it is asked once
    /// at most, for the first name on the way that has had nothing below it.
    pub(super) fn insert(&mut self, path: &[u8], exists: impl Fn(&[u8]) -> bool) {
        self.changed();
        let mut parent = ROOT;
        let mut start = 1;
        let mut grown = false;
        while let Some(length) = path.get(start..).and_then(|rest| memchr::memchr(b'/', rest)) {
            self.at_mut(parent).below += 1;
            let segment = path.get(start..start + length).unwrap_or_default();
            let end = start + length;
            parent = match self.search(parent, segment) {
                Ok(index) => self.at(parent).children.get(index).copied().unwrap_or(ROOT),
                Err(index) => {
                    let child = self.allocate(segment, parent);
                    self.at_mut(parent).children.insert(index, child);
                    if !grown && path.get(..end).is_some_and(&exists) {
                        self.at_mut(child).own = true;
                        self.at_mut(parent).leaves -= 1;
                    }
                    grown = true;
                    child
                }
            };
            start = end + 1;
        }
        self.at_mut(parent).below += 1;
        match self.child_named(parent, path.get(start..).unwrap_or_default()) {
            Some(child) => self.at_mut(child).own = true,
            None => self.at_mut(parent).leaves += 1,
        }
    }

    /// Takes out a key that is in the tree, and the names that have nothing below them any more.
    pub(super) fn remove(&mut self, path: &[u8]) {
        let cut = memchr::memrchr(b'/', path).unwrap_or(0);
        let (above, last) = path.split_at(cut);
        let Some(parent) = self.find(above).map(|id| id.place) else { return };
        self.changed();
        match self.child_named(parent, last.get(1..).unwrap_or_default()) {
            Some(child) => self.at_mut(child).own = false,
            None => self.at_mut(parent).leaves -= 1,
        }
        let mut here = parent;
        loop {
            self.at_mut(here).below -= 1;
            if here == ROOT {
                break;
            }
            let above = self.at(here).parent;
            if self.at(here).below == 0 {
                self.prune(here, above);
            }
            here = above;
        }
    }

    /// Takes out a node with nothing below it; its own key, if any, is a leaf again.
    fn prune(&mut self, place: u32, parent: u32) {
        if let Ok(index) = self.search(parent, self.at(place).segment.as_bytes()) {
            self.at_mut(parent).children.remove(index);
        }
        if self.release(place).own {
            self.at_mut(parent).leaves += 1;
        }
    }
}
