//! What is wrong, or will surprise, with records as `CoreDNS` serves them.

use super::{Content, Name, Serving, Source};

/// A trap of `CoreDNS`'s rules, by its number: `T1` to `T54`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Trap(pub u8);

/// How bad it is. The worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Surprising or wrong answers are likely.
    Warning,
    /// Answers are broken.
    Error,
}

/// One trap that records have fallen into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub trap: Trap,
    pub severity: Severity,
    /// The key that it is about: of a record, or of a name that has none itself.
    pub key: Box<[u8]>,
    /// The names that it hurts, the nearest first.
    pub names: Vec<Name>,
    /// One or two sentences: what happens, and why.
    pub message: String,
    /// What would mend it.
    pub fix: Option<Fix>,
}

/// A change that ends a finding; it is planned, confirmed and undone like any other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// One imperative sentence.
    pub what: String,
    pub steps: Vec<FixStep>,
}

/// One step of a fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FixStep {
    /// Puts a key that must not exist.
    Create { key: Box<[u8]>, content: Content },
    /// Puts another value at a key that holds `before`, and keeps its lease.
    Update { key: Box<[u8]>, before: Box<[u8]>, value: Box<[u8]> },
    /// Moves a record with its lease to a key that must not exist.
    Move { from: Box<[u8]>, to: Box<[u8]> },
    /// Deletes a key that holds `before`.
    Delete { key: Box<[u8]>, before: Box<[u8]> },
}

/// All findings of a scope, in the order of their keys.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    pub list: Vec<Finding>,
}

/// How many findings of each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub errors: usize,
    pub warnings: usize,
    pub infos: usize,
}

impl Findings {
    /// How many findings lie at a key and, when it ends with a slash, below it. Costs two binary searches.
    #[must_use]
    pub fn within(&self, _key: &[u8]) -> Tally {
        todo!()
    }

    /// The findings of exactly this key.
    pub fn of<'f>(&'f self, key: &'f [u8]) -> impl Iterator<Item = &'f Finding> {
        self.list.iter().filter(move |finding| *finding.key == *key)
    }
}

/// Looks at all records of a scope, in one pass.
#[must_use]
pub fn lint(_source: &dyn Source, _serving: &Serving) -> Findings {
    todo!()
}

/// What one value at one key would be found with, before it is stored: what shows while it is typed.
#[must_use]
pub fn lint_one(_source: &dyn Source, _serving: &Serving, _key: &[u8], _content: &Content) -> Vec<Finding> {
    todo!()
}
