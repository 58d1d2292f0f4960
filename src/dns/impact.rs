//! What a change does to answers.

use super::{Answer, Name, QueryType, Serving, Source};

/// The answers that a change makes different, the worst first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Impact {
    pub shifts: Vec<Shift>,
    /// Names with so many keys below them that they were not compared.
    pub skipped: Vec<(Name, usize)>,
}

/// One question whose answer changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    pub before: Answer,
    pub after: Answer,
    pub weight: Weight,
}

/// How much worse it gets; the worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// It answers now, and did not before.
    Mended,
    /// Other records, or only their order or TTL.
    Other,
    /// Fewer records.
    Fewer,
    /// It answered before, and does not now.
    Gone,
    /// It fails: SERVFAIL, no reply, a loop without an end.
    Broken,
}

impl Shift {
    /// The name that is asked for.
    #[must_use]
    pub fn name(&self) -> &Name {
        &self.before.question.name
    }

    /// The type that is asked for.
    #[must_use]
    pub fn kind(&self) -> QueryType {
        self.before.question.kind
    }
}

/// Compares the answers of all names that a change of `keys` can touch: the keys' own names, those above them in
/// their zone, and the aliases that lead there.
#[must_use]
pub fn impact(_before: &dyn Source, _after: &dyn Source, _serving: &Serving, _keys: &[&[u8]]) -> Impact {
    todo!()
}
