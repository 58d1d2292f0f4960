//! Tree of the names that have something below them.
//!
//! A key is the scope and segments between slashes; empty segments count, so `a`, `a/` and `a//` are three keys.
//! There is a node for every path that some key lies strictly below. A key with nothing below is no node but
//! one of its parent's `leaves`. The root is the scope itself.
//!
//! A *path* is a key without the scope's own segments, so it starts with a slash: `/io/gcr` for
//! `/coredns/io/gcr`. The root's path is empty. Nothing here recurses: a key may have thousands of segments.

use super::segment::{Segment, dns_order};
use std::cmp::Ordering;

/// Id of a node in one tree. An id that outlives its node is recognised, also when its place is in use again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId {
    pub(super) place: u32,
    generation: u32,
}

impl NodeId {
    /// The scope itself, which is always there.
    pub const ROOT: Self = Self { place: ROOT, generation: 0 };
}

/// Facts of the tree about a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameNode<'t> {
    /// The last segment of its path; empty for the root, and for the segment that is empty.
    pub segment: &'t [u8],
    /// True if a key sits exactly at its path.
    pub own: bool,
    /// Number of keys directly below that have nothing below themselves: the rows of its table.
    pub leaves: usize,
    /// Number of all keys strictly below.
    pub below: usize,
    /// Number of names directly below that have something below them: its child nodes.
    pub children: usize,
}

/// Names of the scope, in an arena. [`Index`](super::Index) keeps it equal to the records.
#[derive(Clone, Debug)]
pub struct NameTree {
    pub(super) nodes: Vec<TreeSlot>,
    pub(super) free: Vec<u32>,
    version: u64,
}

/// A place in the arena.
#[derive(Clone, Debug)]
pub(super) struct TreeSlot {
    pub(super) segment: Segment,
    /// In DNS order.
    pub(super) children: Vec<u32>,
    pub(super) parent: u32,
    generation: u32,
    pub(super) leaves: u32,
    pub(super) below: u32,
    pub(super) own: bool,
    in_use: bool,
}

pub(super) const ROOT: u32 = 0;

impl TreeSlot {
    fn new(segment: &[u8], parent: u32, generation: u32) -> Self {
        Self {
            segment: Segment::new(segment),
            children: Vec::new(),
            parent,
            generation,
            leaves: 0,
            below: 0,
            own: false,
            in_use: true,
        }
    }
}

impl Default for NameTree {
    fn default() -> Self {
        Self { nodes: vec![TreeSlot::new(b"", ROOT, 0)], free: Vec::new(), version: 0 }
    }
}

impl NameTree {
    /// Returns a number that grows with every change, so that data derived from the tree can be known to be out
    /// of date.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Returns the facts about a node; `None` when it is gone.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Option<NameNode<'_>> {
        let slot = self.at(self.place(id)?);
        Some(NameNode {
            segment: slot.segment.as_bytes(),
            own: slot.own,
            leaves: slot.leaves as usize,
            below: slot.below as usize,
            children: slot.children.len(),
        })
    }

    /// Returns the name above; `None` for the root and for a node that is gone.
    #[must_use]
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        let place = self.place(id)?;
        (place != ROOT).then(|| self.id(self.at(place).parent))
    }

    /// Returns the `k`th child node in DNS order, from 0.
    #[must_use]
    pub fn child(&self, id: NodeId, k: usize) -> Option<NodeId> {
        self.at(self.place(id)?).children.get(k).map(|child| self.id(*child))
    }

    /// Returns the number of nodes, the root among them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len() - self.free.len()
    }

    /// Tells whether no key lies in the scope.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.at(ROOT).below == 0
    }

    /// Returns the node's path: empty for the root, otherwise a slash before each segment.
    #[must_use]
    pub fn path(&self, id: NodeId) -> Option<Vec<u8>> {
        let place = self.place(id)?;
        let up = std::iter::successors(Some(place), |place| Some(self.at(*place).parent));
        let mut upwards: Vec<u32> = up.take_while(|place| *place != ROOT).collect();
        upwards.reverse();
        let mut path = Vec::new();
        for place in upwards {
            path.push(b'/');
            path.extend_from_slice(self.at(place).segment.as_bytes());
        }
        Some(path)
    }

    /// Returns the node at exactly this path.
    #[must_use]
    pub fn find(&self, path: &[u8]) -> Option<NodeId> {
        let (deepest, rest) = self.descend(path);
        rest.is_empty().then(|| self.id(deepest))
    }

    /// Returns the node at this path or, where there is none, the deepest one above it.
    #[must_use]
    pub fn nearest(&self, path: &[u8]) -> NodeId {
        self.id(self.descend(path).0)
    }

    /// Returns the deepest node on the way, and the rest of the path.
    fn descend<'p>(&self, path: &'p [u8]) -> (u32, &'p [u8]) {
        let mut here = ROOT;
        let mut rest = path;
        while let Some(from) = rest.strip_prefix(b"/") {
            let (segment, after) = from.split_at(memchr::memchr(b'/', from).unwrap_or(from.len()));
            let Some(child) = self.child_named(here, segment) else { break };
            (here, rest) = (child, after);
        }
        (here, rest)
    }

    pub(super) fn id(&self, place: u32) -> NodeId {
        NodeId { place, generation: self.at(place).generation }
    }

    /// Returns the place of a node, if it is still the one that the id was made for.
    pub(super) fn place(&self, id: NodeId) -> Option<u32> {
        let slot = self.nodes.get(id.place as usize)?;
        (slot.in_use && slot.generation == id.generation).then_some(id.place)
    }

    #[expect(clippy::indexing_slicing, reason = "places come from the arena, which never shrinks")]
    pub(super) fn at(&self, place: u32) -> &TreeSlot {
        &self.nodes[place as usize]
    }

    #[expect(clippy::indexing_slicing, reason = "places come from the arena, which never shrinks")]
    pub(super) fn at_mut(&mut self, place: u32) -> &mut TreeSlot {
        &mut self.nodes[place as usize]
    }

    pub(super) fn changed(&mut self) {
        self.version += 1;
    }

    pub(super) fn order(&self, a: u32, b: u32) -> Ordering {
        dns_order(self.at(a).segment.as_bytes(), self.at(b).segment.as_bytes())
    }

    /// Returns the place of a child of this segment among its siblings, or the place where it belongs.
    pub(super) fn search(&self, parent: u32, segment: &[u8]) -> Result<usize, usize> {
        let children = &self.at(parent).children;
        let order = |child: &u32| dns_order(self.at(*child).segment.as_bytes(), segment);
        // A list is read in key order, so the last child is the likely one.
        match children.last().map(order) {
            None | Some(Ordering::Less) => Err(children.len()),
            Some(Ordering::Equal) => Ok(children.len() - 1),
            Some(Ordering::Greater) => children.binary_search_by(order),
        }
    }

    pub(super) fn child_named(&self, parent: u32, segment: &[u8]) -> Option<u32> {
        let index = self.search(parent, segment).ok()?;
        self.at(parent).children.get(index).copied()
    }

    /// Makes a new node, not yet among its parent's children.
    pub(super) fn allocate(&mut self, segment: &[u8], parent: u32) -> u32 {
        if let Some(place) = self.free.pop() {
            let generation = self.at(place).generation;
            *self.at_mut(place) = TreeSlot::new(segment, parent, generation);
            return place;
        }
        let place = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        self.nodes.push(TreeSlot::new(segment, parent, 0));
        place
    }

    /// Gives a place back; its node is returned.
    pub(super) fn release(&mut self, place: u32) -> TreeSlot {
        let generation = self.at(place).generation.wrapping_add(1);
        let blank = TreeSlot { in_use: false, ..TreeSlot::new(b"", ROOT, generation) };
        self.free.push(place);
        std::mem::replace(self.at_mut(place), blank)
    }
}
