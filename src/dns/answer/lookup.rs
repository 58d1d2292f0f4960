//! Lookup of a name: finds the keys that are read for it. All code that follows a host to its records uses this, so
//! that there is one rule for the place of a name's records.

use super::domain;
use crate::{
    dns::{RecordSource, StoredRecord, Visit},
    keys::Scope,
};
use std::cell::Cell;

/// Reach of a question: the keys that it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::dns) enum LookupReach {
    /// All keys below the name; if there are none, the name's own.
    Subtree,
    /// The name's own key only.
    Exact,
}

/// The keys of a name.
#[derive(Debug)]
pub(in crate::dns) struct Lookup<'s> {
    scope: &'s Scope,
    /// The name's own key; for a name with a wildcard, that of the labels before the first one.
    pub(in crate::dns) path: Vec<u8>,
    /// The whole path of a name with a wildcard: only matching keys count.
    pattern: Option<Vec<u8>>,
}

/// Returns a name, with its closing dot, as it is looked up: in its canonical form and in lower case.
pub(in crate::dns) fn looked_up(name: &[u8]) -> Vec<u8> {
    domain::canonical(name).to_ascii_lowercase()
}

impl<'s> Lookup<'s> {
    /// Returns the keys of a name that is written as [`looked_up`] has it.
    pub(in crate::dns) fn of(scope: &'s Scope, name: &[u8]) -> Self {
        let labels: Vec<&[u8]> = domain::labels(name).into_iter().rev().collect();
        let wildcard = labels.iter().position(|label| domain::is_wildcard(label));
        let path = domain::path(scope, labels.get(..wildcard.unwrap_or(labels.len())).unwrap_or_default());
        Self { scope, path, pattern: wildcard.map(|_| domain::path(scope, &labels)) }
    }

    pub(in crate::dns) fn has_wildcard(&self) -> bool {
        self.pattern.is_some()
    }

    /// Tells whether a key starts with the segments of the name, where a wildcard stands for any one.
    pub(in crate::dns) fn matches(&self, key: &[u8]) -> bool {
        let Some(pattern) = &self.pattern else { return true };
        let mut segments = key.split(|byte| *byte == b'/');
        pattern.split(|byte| *byte == b'/').all(|wanted| {
            segments.next().is_some_and(|segment| domain::is_wildcard(wanted) || segment == wanted)
        })
    }

    /// Visits the records that are read, in key order, matching or not, and tells whether there are any.
    pub(in crate::dns) fn visit(
        &self,
        source: &dyn RecordSource,
        reach: LookupReach,
        visit: Visit<'_>,
    ) -> bool {
        let any = Cell::new(false);
        let mut noted = |record: StoredRecord<'_>| {
            any.set(true);
            visit(record)
        };
        let below = [&self.path[..], b"/"].concat();
        if reach == LookupReach::Subtree {
            source.below(&below, &mut noted);
        }
        // The root's own key is the path itself, outside the scope, where this program never reads.
        if !any.get() && below != self.scope.as_str().as_bytes() {
            source.at(&self.path, &mut noted);
        }
        any.get()
    }
}
