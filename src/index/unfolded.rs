//! Unfolded names of the tree, and the rows of the tree pane that follow from them.

use super::rows::{RowLayout, TreeRows};
use super::tree::{NameTree, NodeId};
use std::{borrow::Cow, collections::HashSet};

/// The names that are unfolded in one view of one [`NameTree`]. At first it is the root alone.
///
/// It survives every change of the tree; call [`follow`](Self::follow) after changes so that the rows are worked
/// out once per change and not once per question.
#[derive(Clone, Debug)]
pub struct Unfolded {
    open: HashSet<NodeId>,
    layout: RowLayout,
    /// The tree's version that `layout` is of; `None` when the unfolded names have changed since.
    version: Option<u64>,
}

impl Default for Unfolded {
    fn default() -> Self {
        Self { open: HashSet::from([NodeId::ROOT]), layout: RowLayout::default(), version: None }
    }
}

impl Unfolded {
    /// Returns the rows as they are now. Quick after [`follow`](Self::follow), right in any case.
    #[must_use]
    pub fn rows<'t>(&'t self, tree: &'t NameTree) -> TreeRows<'t> {
        let layout = if self.version == Some(tree.version()) {
            Cow::Borrowed(&self.layout)
        } else {
            Cow::Owned(RowLayout::of(tree, &self.open))
        };
        TreeRows::new(tree, layout)
    }

    /// Takes note of the tree's changes, and forgets names that are gone. Costs about a microsecond per unfolded
    /// name, nothing when nothing changed.
    pub fn follow(&mut self, tree: &NameTree) {
        if self.version != Some(tree.version()) {
            self.open.retain(|id| tree.place(*id).is_some());
            self.layout = RowLayout::of(tree, &self.open);
            self.version = Some(tree.version());
        }
    }

    /// Tells whether this very name is remembered as unfolded.
    #[must_use]
    pub fn is_open(&self, node: NodeId) -> bool {
        self.open.contains(&node)
    }

    /// Unfolds the row that `node` is in. All names of a row are remembered, so that nothing jumps when the row
    /// breaks up because one of them gets a second child.
    pub fn expand(&mut self, tree: &NameTree, node: NodeId) {
        self.open.extend(tree.chain(node));
        self.turned(tree);
    }

    /// Folds the row that `node` is in. Unfolded names below it are remembered.
    pub fn collapse(&mut self, tree: &NameTree, node: NodeId) {
        for name in tree.chain(node) {
            self.open.remove(&name);
        }
        self.turned(tree);
    }

    /// Unfolds a row that is folded, folds one that is unfolded.
    pub fn toggle(&mut self, tree: &NameTree, node: NodeId) {
        if tree.chain(node).last().is_some_and(|last| self.open.contains(&last)) {
            self.collapse(tree, node);
        } else {
            self.expand(tree, node);
        }
    }

    /// Unfolds all names above `node`, so that it has a row.
    pub fn reveal(&mut self, tree: &NameTree, node: NodeId) {
        self.open.extend(std::iter::successors(tree.parent(node), |above| tree.parent(*above)));
        self.turned(tree);
    }

    /// Returns the same names in another tree, as far as it has them: for an index that takes another's place.
    #[must_use]
    pub fn carried(&self, from: &NameTree, to: &NameTree) -> Self {
        let open = self.open.iter().filter_map(|id| to.find(&from.path(*id)?)).collect();
        let mut carried = Self { open, ..Self::default() };
        carried.follow(to);
        carried
    }

    fn turned(&mut self, tree: &NameTree) {
        self.version = None;
        self.follow(tree);
    }
}
