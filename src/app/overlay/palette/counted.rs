//! Count of the keys that a typed `rm` matches.
use super::{Palette, parsed::parse_remove};
use crate::{app::Liveness, index::Index, keys::Scope, plan::Intent};

/// Number of keys that a typed `rm` matches now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MatchCount {
    /// Not known: the list is not complete, or not true any more.
    Counting,
    Keys(usize),
    /// The text is no key and no name of the scope.
    Wrong(String),
}

impl Palette {
    /// Counts the keys that a typed `rm` matches now; `None` for any other text.
    #[must_use]
    pub fn counted(&self, scope: &Scope, index: &Index, feed: &Liveness) -> Option<MatchCount> {
        let intent = match parse_remove(self.input.value(), scope)? {
            Ok(intent) => intent,
            Err(wrong) => return Some(MatchCount::Wrong(wrong)),
        };
        if !matches!(feed, Liveness::Live { .. }) {
            return Some(MatchCount::Counting);
        }
        Some(MatchCount::Keys(match intent {
            Intent::Delete { key } => usize::from(index.get(key.as_bytes()).is_some()),
            Intent::DeleteSubtree { name } => {
                usize::from(index.get(name.as_bytes()).is_some())
                    + index.records().count(&scope.below_key(&name))
            }
            Intent::Add { .. }
            | Intent::Create { .. }
            | Intent::Edit { .. }
            | Intent::Several { .. }
            | Intent::Bulk { .. }
            | Intent::With { .. } => 0,
        }))
    }
}
