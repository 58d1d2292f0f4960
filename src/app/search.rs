use super::RequestId;
use crate::index::Found;
use tui_input::Input;

/// What was looked for, and what was found.
#[derive(Debug)]
pub struct Search {
    pub input: Input,
    /// The text is being typed.
    pub typing: bool,
    /// The matches stand in the place of the tree.
    pub open: bool,
    pub matches: Matches,
    pub cursor: usize,
    /// The first match on the screen.
    pub top: usize,
}

/// An unknown is not an empty result.
#[derive(Debug)]
pub enum Matches {
    /// Nothing is looked for yet.
    None,
    Looking(RequestId),
    Found(Found),
}

impl Default for Search {
    fn default() -> Self {
        Self { input: Input::default(), typing: true, open: true, matches: Matches::None, cursor: 0, top: 0 }
    }
}

impl Search {
    /// The key of the match under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&crate::index::Match> {
        match &self.matches {
            Matches::Found(found) => found.matches.get(self.cursor),
            Matches::None | Matches::Looking(_) => None,
        }
    }

    /// How many matches can be stepped through.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.matches {
            Matches::Found(found) => found.matches.len(),
            Matches::None | Matches::Looking(_) => 0,
        }
    }

    /// Whether there is nothing to step through.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One match on or back, round the ends.
    pub(super) fn step(&mut self, forward: bool) {
        let len = self.len();
        if len > 0 {
            self.cursor = if forward { (self.cursor + 1) % len } else { (self.cursor + len - 1) % len };
        }
    }

    pub(super) fn settle(&mut self, height: usize) {
        self.cursor = self.cursor.min(self.len().saturating_sub(1));
        self.top = self.top.clamp((self.cursor + 1).saturating_sub(height.max(1)), self.cursor);
    }
}
