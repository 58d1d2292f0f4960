//! Tally of the keys that a plan changes, by the kind of change.
use super::{Change, Outcome};

/// Numbers of a plan's changes, by their effect on a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChangeTally {
    pub creates: usize,
    pub updates: usize,
    pub moves: usize,
    pub deletes: usize,
}

impl ChangeTally {
    /// Counts these changes. A move counts once, though it touches two keys.
    #[must_use]
    pub fn of<'c>(changes: impl IntoIterator<Item = &'c Change>) -> Self {
        let mut tally = Self::default();
        for change in changes {
            *match change {
                Change::Create { .. } => &mut tally.creates,
                Change::Update { .. } => &mut tally.updates,
                Change::Move { .. } => &mut tally.moves,
                Change::Delete { .. } => &mut tally.deletes,
            } += 1;
        }
        tally
    }

    /// Returns the numbers of keys that went and came, by the outcome: a change that may have been made counts as
    /// deleted. `None` where nothing changed.
    #[must_use]
    pub fn came_and_went(self, outcome: &Outcome) -> Option<(u64, u64)> {
        match outcome {
            Outcome::NothingChanged { .. } => None,
            Outcome::Done { .. } => Some((self.deletes as u64, self.creates as u64)),
            Outcome::Partly { .. } | Outcome::Unknown { .. } => Some((self.deletes as u64, 0)),
        }
    }

    /// Returns the number of all of them.
    #[must_use]
    pub fn total(self) -> usize {
        self.creates + self.updates + self.moves + self.deletes
    }

    /// Returns the verb for all of them: `delete`, `change`, `move`, `create`, and `change` where there are several
    /// kinds.
    #[must_use]
    pub fn verb(self) -> &'static str {
        match self {
            Self { deletes: 1.., creates: 0, updates: 0, moves: 0 } => "delete",
            Self { moves: 1.., creates: 0, updates: 0, deletes: 0 } => "move",
            Self { creates: 1.., moves: 0, updates: 0, deletes: 0 } => "create",
            _ => "change",
        }
    }

    /// Returns the same verb as a participle: `deleted`.
    #[must_use]
    pub fn participle(self) -> &'static str {
        match self.verb() {
            "delete" => "deleted",
            "move" => "moved",
            "create" => "created",
            _ => "changed",
        }
    }

    /// Returns each kind of change with its number, where there are several kinds.
    #[must_use]
    pub fn parts(self) -> Vec<(&'static str, usize)> {
        let parts = [
            ("created", self.creates),
            ("updated", self.updates),
            ("moved", self.moves),
            ("deleted", self.deletes),
        ];
        let parts: Vec<_> = parts.into_iter().filter(|(_, number)| *number > 0).collect();
        if parts.len() > 1 { parts } else { vec![] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_way_of_changing_has_a_word_and_several_are_told_apart() {
        let deletes = ChangeTally { deletes: 3, ..ChangeTally::default() };
        assert_eq!((deletes.verb(), deletes.participle(), deletes.parts()), ("delete", "deleted", vec![]));
        let updates = ChangeTally { updates: 3, ..ChangeTally::default() };
        assert_eq!((updates.verb(), updates.participle(), updates.parts()), ("change", "changed", vec![]));
        let mixed = ChangeTally { moves: 3, updates: 1, ..ChangeTally::default() };
        assert_eq!((mixed.verb(), mixed.total()), ("change", 4));
        assert_eq!(mixed.parts(), [("updated", 1), ("moved", 3)]);
    }
}
