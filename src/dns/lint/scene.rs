//! Scene of the checks: the records, their serving, and the forms of both in messages.

use super::{
    aliases::AliasReading,
    circumstances::Circumstances,
    node::NodeAt,
    place::{Special, Zones},
};
use crate::{
    dns::{KeyContent, Name, RecordSource, Serving, StoredRecord},
    keys::spelling::Spelled,
};
use std::{cell::RefCell, collections::HashSet, fmt, ops::ControlFlow};

/// Everything that stays the same while a scope is checked.
pub(super) struct Scene<'s> {
    pub(super) source: &'s dyn RecordSource,
    pub(super) serving: &'s Serving,
    pub(super) circumstances: &'s Circumstances,
    pub(super) zones: Zones,
    /// Readings with more records than are read for an alias. Thousands of aliases may lead to the same name, so it is
    /// read once.
    pub(super) crowded: RefCell<HashSet<AliasReading>>,
}

/// Most names in a finding; a key may have thousands above it.
pub(super) const NAMES: usize = 32;

impl<'s> Scene<'s> {
    pub(super) fn new(
        source: &'s dyn RecordSource,
        serving: &'s Serving,
        circumstances: &'s Circumstances,
    ) -> Self {
        Self { source, serving, circumstances, zones: Zones::new(serving), crowded: RefCell::default() }
    }

    /// Returns the scope's prefix without its closing slash: the key of the root.
    pub(super) fn root(&self) -> &'s [u8] {
        self.serving.scope.as_str().trim_end_matches('/').as_bytes()
    }

    /// Returns the name of a key.
    pub(super) fn name(&self, path: &[u8]) -> Name {
        let scope = &self.serving.scope;
        scope.key(path).map_or_else(|_| Name::root(), |key| Name::of_key(scope, &key))
    }

    /// Returns the name of a zone.
    pub(super) fn zone(&self, zone: usize) -> Name {
        self.serving.zones.get(zone).cloned().unwrap_or_else(Name::root)
    }

    /// Returns the names that read a key: its own and all above it in its zone, the nearest first.
    pub(super) fn readers(&self, at: &NodeAt<'_>) -> Vec<Name> {
        let Some(zone) = at.node.place.zone else { return vec![] };
        let top = self.zones.key(zone).len();
        let mut names = vec![];
        let mut path = at.path;
        while path.len() >= top && names.len() < NAMES {
            names.push(self.name(path));
            let Some(slash) = path.iter().rposition(|byte| *byte == b'/') else { break };
            path = path.get(..slash).unwrap_or_default();
        }
        names
    }

    /// Returns the names that a person asks for to get the record of a key: its own, the name that it is a leaf of, and
    /// the zone whose address or server it is.
    pub(super) fn asked(&self, at: &NodeAt<'_>) -> Vec<Name> {
        let mut names = vec![self.name(at.path)];
        if let Some(zone) = at.node.place.zone
            && matches!(at.node.place.special, Special::Apex | Special::Ns)
        {
            names.push(self.zone(zone));
        } else if at.is_leaf()
            && let Some(parent) = at.parent
        {
            names.push(self.name(at.path.get(..parent.end).unwrap_or_default()));
        }
        names
    }

    /// Returns the name that a record is for: the one above it when it is a leaf.
    pub(super) fn subject(&self, at: &NodeAt<'_>) -> Name {
        self.asked(at).pop().unwrap_or_else(Name::root)
    }

    /// Returns the content of a key.
    pub(super) fn content(&self, key: &[u8]) -> Option<KeyContent> {
        self.source.content(key)
    }

    /// Visits at most `most` records below a name.
    pub(super) fn some_below(&self, path: &[u8], most: usize, mut visit: impl FnMut(StoredRecord<'_>)) {
        let mut left = most;
        self.source.below(&[path, b"/"].concat(), &mut |record| {
            let Some(rest) = left.checked_sub(1) else { return ControlFlow::Break(()) };
            left = rest;
            visit(record);
            ControlFlow::Continue(())
        });
    }

    /// Tells whether there is a key below a name.
    pub(super) fn has_below(&self, path: &[u8]) -> bool {
        let mut found = false;
        self.some_below(path, 1, |_| found = true);
        found
    }
}

/// A text from etcd in the form for messages: printable ASCII, and cut to a limit.
pub(super) struct ShownText<'t>(pub(super) &'t [u8]);

impl fmt::Display for ShownText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        clipped(self.0, 80, f)
    }
}

/// Reason why a value is refused: a sentence that may quote it, and ends with the place of the mistake.
pub(super) struct RefusalReason<'t>(pub(super) &'t [u8]);

impl fmt::Display for RefusalReason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        clipped(self.0, 240, f)
    }
}

fn clipped(text: &[u8], longest: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match text.split_at_checked(longest) {
        Some((start, rest)) if !rest.is_empty() => write!(f, "{}...", Spelled(start)),
        _ => write!(f, "{}", Spelled(text)),
    }
}
