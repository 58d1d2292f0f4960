//! Impact of a change: the questions whose replies differ before and after it.

mod candidates;
mod compare;
mod loss;
mod mentions;
mod words;

use super::{Answer, Name, QueryType, RecordSource, Serving};

pub use loss::{AnswerLoss, loss};
pub use mentions::Mentions;
pub use words::ImpactWords;

/// The answers that a change makes different: the worst first, then the nearest to the changed keys. Those that only
/// follow from others come last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Impact {
    pub shifts: Vec<Shift>,
    /// Names that were not fully compared, each with its number of keys below, which is too large.
    pub skipped: Vec<(Name, usize)>,
    /// Number of further names that the change may touch, and that were not compared.
    pub left_out: usize,
    /// Aliases were searched in a part of the scope only, or not for all names.
    pub aliases_left_out: bool,
}

/// One question whose answer changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    pub before: Answer,
    pub after: Answer,
    pub weight: Weight,
    /// It follows from others, or nobody asks it: an SRV answer with port 0, the name of a leaf, or one empty answer in
    /// place of another.
    pub by_product: bool,
}

/// Weight of a change; the worst change has the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// It answers now, and did not before; or at least it does not fail any more.
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

/// Limits of a comparison. Names beyond them are reported, and not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Keys below all compared names together: a question about a name reads everything below it.
    pub keys: usize,
    pub names: usize,
    /// Changed keys whose names are compared.
    pub changes: usize,
    /// Names whose aliases are searched.
    pub searches: usize,
    /// Records that are found for each of those names.
    pub found: usize,
}

impl Default for Effort {
    fn default() -> Self {
        Self { keys: 50_000, names: 500, changes: 10_000, searches: 16, found: 1_000 }
    }
}

impl Weight {
    /// Returns the sign before a line; a word always stands beside it.
    #[must_use]
    pub fn sign(self) -> char {
        match self {
            Self::Broken | Self::Gone => '!',
            Self::Fewer => '-',
            Self::Other => '~',
            Self::Mended => '+',
        }
    }
}

impl Shift {
    /// Returns the name that is asked for.
    #[must_use]
    pub fn name(&self) -> &Name {
        &self.before.question.name
    }

    /// Returns the type that is asked for.
    #[must_use]
    pub fn kind(&self) -> QueryType {
        self.before.question.kind
    }
}

/// Compares the answers of all names that a change of `keys` can touch: the keys' own names, those above them in their
/// zones, and the aliases that lead there, found in `mentions`. Only the answer sections are compared; the additional
/// sections follow from other names.
#[must_use]
pub fn impact(
    before: &dyn RecordSource,
    after: &dyn RecordSource,
    serving: &Serving,
    keys: &[&[u8]],
    mentions: &dyn Mentions,
    effort: &Effort,
) -> Impact {
    compare::AnswerComparison::new(before, after, serving, effort).run(keys, mentions)
}

#[cfg(test)]
mod tests;
