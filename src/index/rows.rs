//! Rows of the tree pane: the root, and below each unfolded name its child names.
//!
//! A name with exactly one child name, no leaves and no key of its own shares a row with that child:
//! `0.0.10.in-addr.arpa` is one row. Rows are counted, never listed: each unfolded name keeps only those of its
//! children that are unfolded too, so half a million children cost nothing.

use super::tree::{NameTree, NodeId, ROOT};
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    ops::Range,
};

/// One row: a name, or a chain of names that are each other's only child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeRow {
    /// Number of the row, from 0, which is the root's.
    pub position: usize,
    /// The chain's lowest name: the one that the row stands for.
    pub node: NodeId,
    /// The chain's uppermost name.
    pub first: NodeId,
    /// Number of rows that it is indented below the root's.
    pub depth: usize,
    /// True if its child names have rows below it.
    pub expanded: bool,
    /// True if it has child names.
    pub expandable: bool,
}

/// Rows of one tree as it is unfolded.
#[derive(Debug)]
pub struct TreeRows<'t> {
    tree: &'t NameTree,
    layout: Cow<'t, RowLayout>,
}

/// Positions of the unfolded names that have a row.
#[derive(Clone, Debug, Default)]
pub(super) struct RowLayout {
    /// Parents before children; the root's first, if it is unfolded.
    open: Vec<UnfoldedName>,
    by_place: HashMap<u32, usize>,
}

/// An unfolded name.
#[derive(Clone, Debug)]
struct UnfoldedName {
    place: u32,
    depth: usize,
    position: usize,
    /// Number of rows below its own.
    below: usize,
    /// Those of its children whose row is unfolded, in order.
    children: Vec<OpenChild>,
}

#[derive(Clone, Copy, Debug)]
struct OpenChild {
    /// Number among all children.
    index: usize,
    /// Number of rows below the unfolded children before it.
    before: usize,
    /// Number of rows below its own.
    below: usize,
    /// Place in [`RowLayout::open`].
    open: usize,
}

impl NameTree {
    /// Tells whether a name shares its row with its only child.
    fn folds(&self, place: u32) -> bool {
        let slot = self.at(place);
        place != ROOT && slot.children.len() == 1 && slot.leaves == 0 && !slot.own
    }

    /// Returns the uppermost name of the row that a name is in.
    fn head(&self, mut place: u32) -> u32 {
        while place != ROOT && self.folds(self.at(place).parent) {
            place = self.at(place).parent;
        }
        place
    }

    /// Returns the names from here down to the lowest of the row.
    fn down(&self, place: u32) -> impl Iterator<Item = u32> {
        std::iter::successors(Some(place), |place| {
            if self.folds(*place) { self.at(*place).children.first().copied() } else { None }
        })
    }

    /// Returns all names of the row that `node` is in, from the uppermost down; none when it is gone.
    #[must_use = "iterators are lazy"]
    pub fn chain(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        self.place(node).into_iter().flat_map(|place| self.down(self.head(place))).map(|place| self.id(place))
    }
}

impl RowLayout {
    pub(super) fn of(tree: &NameTree, unfolded: &HashSet<NodeId>) -> Self {
        if !unfolded.contains(&NodeId::ROOT) {
            return Self::default();
        }
        // Unfolded rows by the row that they lie directly below.
        let mut under: HashMap<u32, Vec<(usize, u32)>> = HashMap::new();
        for place in unfolded.iter().filter_map(|id| tree.place(*id)) {
            if place != ROOT && !tree.folds(place) && !tree.at(place).children.is_empty() {
                let head = tree.head(place);
                let above = tree.at(head).parent;
                if let Ok(index) = tree.search(above, tree.at(head).segment.as_bytes()) {
                    under.entry(above).or_default().push((index, place));
                }
            }
        }
        let mut layout = Self::default();
        layout.enter(ROOT, 0);
        let mut next = 0;
        while let Some(UnfoldedName { place, depth, .. }) = layout.open.get(next).cloned() {
            let mut children = under.remove(&place).unwrap_or_default();
            children.sort_unstable();
            let children = children
                .into_iter()
                .map(|(index, child)| OpenChild {
                    index,
                    before: 0,
                    below: 0,
                    open: layout.enter(child, depth + 1),
                })
                .collect();
            if let Some(open) = layout.open.get_mut(next) {
                open.children = children;
            }
            next += 1;
        }
        layout.count(tree);
        layout
    }

    fn enter(&mut self, place: u32, depth: usize) -> usize {
        let open = self.open.len();
        self.open.push(UnfoldedName { place, depth, position: 0, below: 0, children: Vec::new() });
        self.by_place.insert(place, open);
        open
    }

    /// Counts rows from the lowest names up, then numbers them from the root down.
    fn count(&mut self, tree: &NameTree) {
        for number in (0..self.open.len()).rev() {
            let Some(mut children) = self.open.get_mut(number).map(|open| std::mem::take(&mut open.children))
            else {
                continue;
            };
            let mut before = 0;
            for child in &mut children {
                child.before = before;
                child.below = self.open.get(child.open).map_or(0, |open| open.below);
                before += child.below;
            }
            if let Some(open) = self.open.get_mut(number) {
                open.below = tree.at(open.place).children.len() + before;
                open.children = children;
            }
        }
        for number in 0..self.open.len() {
            let Some(UnfoldedName { position, children, .. }) = self.open.get(number).cloned() else {
                continue;
            };
            for child in children {
                if let Some(open) = self.open.get_mut(child.open) {
                    open.position = position + 1 + child.index + child.before;
                }
            }
        }
    }
}

impl UnfoldedName {
    /// Counts the rows between its own row and that of its child `index`.
    fn offset(&self, index: usize) -> usize {
        let passed = self.children.partition_point(|child| child.index < index);
        let last = passed.checked_sub(1).and_then(|last| self.children.get(last));
        index + last.map_or(0, |child| child.before + child.below)
    }
}

impl<'t> TreeRows<'t> {
    pub(super) fn new(tree: &'t NameTree, layout: Cow<'t, RowLayout>) -> Self {
        Self { tree, layout }
    }

    /// Returns the number of rows: one at least, the root's.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "the root always has a row")]
    pub fn len(&self) -> usize {
        1 + self.layout.open.first().map_or(0, |root| root.below)
    }

    /// Returns the row at `position`, from 0.
    #[must_use]
    pub fn row(&self, position: usize) -> Option<TreeRow> {
        let Some(mut rest) = position.checked_sub(1) else { return Some(self.make(ROOT, 0, 0)) };
        let mut here = self.layout.open.first().filter(|root| rest < root.below)?;
        loop {
            let passed = here.children.partition_point(|child| child.index + child.before <= rest);
            let last = passed.checked_sub(1).and_then(|last| here.children.get(last));
            let index = match last {
                None => rest,
                Some(child) if rest > child.index + child.before => {
                    let inside = rest - (child.index + child.before) - 1;
                    if inside < child.below {
                        (here, rest) = (self.layout.open.get(child.open)?, inside);
                        continue;
                    }
                    rest - child.before - child.below
                }
                Some(child) => child.index,
            };
            let child = self.tree.at(here.place).children.get(index)?;
            return Some(self.make(*child, position, here.depth + 1));
        }
    }

    /// Returns the rows at these positions, as far as there are any.
    #[must_use = "iterators are lazy"]
    pub fn window(&self, positions: Range<usize>) -> impl Iterator<Item = TreeRow> {
        positions.map_while(|position| self.row(position))
    }

    /// Returns the row that a name is in; `None` when it is gone or something above it is folded.
    #[must_use]
    pub fn position_of(&self, node: NodeId) -> Option<usize> {
        let head = self.tree.head(self.tree.place(node)?);
        if head == ROOT {
            return Some(0);
        }
        let (above, index) = self.among(head)?;
        Some(above.position + 1 + above.offset(index))
    }

    /// Returns the row that a name is in, or the row of the lowest name above it that has one: the place to go
    /// to when a name was folded away.
    #[must_use]
    pub fn nearest(&self, node: NodeId) -> usize {
        let mut upwards = std::iter::successors(Some(node), |node| self.tree.parent(*node));
        upwards.find_map(|node| self.position_of(node)).unwrap_or(0)
    }

    /// Returns the row that `node`'s row is indented below.
    #[must_use]
    pub fn parent(&self, node: NodeId) -> Option<usize> {
        let head = self.tree.head(self.tree.place(node)?);
        if head == ROOT { None } else { self.among(head).map(|(above, _)| above.position) }
    }

    /// Returns the next row of the same parent.
    #[must_use]
    pub fn next_sibling(&self, node: NodeId) -> Option<usize> {
        let (above, index) = self.among(self.tree.head(self.tree.place(node)?))?;
        let there = index + 1 < self.tree.at(above.place).children.len();
        there.then(|| above.position + 1 + above.offset(index + 1))
    }

    /// Returns the row of the same parent before this one.
    #[must_use]
    pub fn previous_sibling(&self, node: NodeId) -> Option<usize> {
        let (above, index) = self.among(self.tree.head(self.tree.place(node)?))?;
        Some(above.position + 1 + above.offset(index.checked_sub(1)?))
    }

    /// Returns the unfolded name that a row's uppermost name lies below, and its number there.
    fn among(&self, head: u32) -> Option<(&UnfoldedName, usize)> {
        if head == ROOT {
            return None;
        }
        let slot = self.tree.at(head);
        let above = self.layout.open.get(*self.layout.by_place.get(&slot.parent)?)?;
        Some((above, self.tree.search(slot.parent, slot.segment.as_bytes()).ok()?))
    }

    fn make(&self, first: u32, position: usize, depth: usize) -> TreeRow {
        let last = self.tree.down(first).last().unwrap_or(first);
        TreeRow {
            position,
            node: self.tree.id(last),
            first: self.tree.id(first),
            depth,
            expanded: self.layout.by_place.contains_key(&last),
            expandable: !self.tree.at(last).children.is_empty(),
        }
    }
}
