use super::keymap::Command;
use crate::index::{Index, NodeId, TreeRow, Unfolded};

/// The pane of the tree of names.
#[derive(Debug)]
pub struct TreePane {
    pub unfolded: Unfolded,
    /// The name whose records are shown.
    pub selected: NodeId,
    /// The first row on the screen.
    pub top: usize,
    /// The row of the selected name: the cursor stays near it if the name goes.
    position: usize,
    /// Rows on the screen.
    height: usize,
}

impl Default for TreePane {
    fn default() -> Self {
        Self { unfolded: Unfolded::default(), selected: NodeId::ROOT, top: 0, position: 0, height: 1 }
    }
}

/// Rest of a command of the tree that the deck has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    Nothing,
    /// The cursor goes to the records.
    ToRecords,
}

impl TreePane {
    /// The rows on the screen.
    #[must_use]
    pub fn visible(&self, index: &Index) -> Vec<TreeRow> {
        self.unfolded.rows(index.tree()).window(self.top..self.top + self.height).collect()
    }

    pub(super) fn run(&mut self, index: &Index, command: Command) -> Left {
        let tree = index.tree();
        let rows = self.unfolded.rows(tree);
        let here = rows.nearest(self.selected);
        let Some(row) = rows.row(here) else { return Left::Nothing };
        let last = rows.len() - 1;
        let half = (self.height / 2).max(1);
        let to = match command {
            Command::Down => here + 1,
            Command::Up => here.saturating_sub(1),
            Command::HalfPageDown => here + half,
            Command::HalfPageUp => here.saturating_sub(half),
            Command::First => 0,
            Command::Last => last,
            Command::Left if row.expanded => {
                self.unfolded.collapse(tree, row.node);
                return Left::Nothing;
            }
            Command::Left => rows.parent(row.node).unwrap_or(here),
            Command::Right | Command::Open if row.expandable && !row.expanded => {
                self.unfolded.expand(tree, row.node);
                return Left::Nothing;
            }
            Command::Right | Command::Open => return Left::ToRecords,
            _ => here,
        };
        if let Some(row) = rows.row(to.min(last)) {
            self.selected = row.node;
        }
        Left::Nothing
    }

    /// Selects a name and unfolds what is above it.
    pub(super) fn reveal(&mut self, index: &Index, node: NodeId) {
        self.unfolded.reveal(index.tree(), node);
        self.selected = node;
    }

    /// Takes over another index in place of the one that was shown.
    pub(super) fn carry(&mut self, from: &Index, to: &Index) {
        self.unfolded = self.unfolded.carried(from.tree(), to.tree());
        let path = from.tree().path(self.selected).unwrap_or_default();
        self.selected = to.tree().nearest(&path);
    }

    /// Keeps the cursor on a row that exists and on the screen.
    pub(super) fn settle(&mut self, index: &Index, height: usize) {
        // A pane that is not shown keeps the height that it had.
        if height > 0 {
            self.height = height;
        }
        self.unfolded.follow(index.tree());
        let rows = self.unfolded.rows(index.tree());
        let gone = index.tree().node(self.selected).is_none();
        let position = if gone { self.position.min(rows.len() - 1) } else { rows.nearest(self.selected) };
        self.position = position;
        if let Some(row) = rows.row(position) {
            self.selected = row.node;
        }
        let lowest_top = rows.len().saturating_sub(self.height);
        self.top = self.top.clamp(position.saturating_sub(self.height - 1), position).min(lowest_top);
    }
}
