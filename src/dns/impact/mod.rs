//! What a change does to answers: the questions whose replies differ before and after it.

mod candidates;
mod compare;
mod loss;
mod mentions;
mod words;

use super::{Answer, Name, QueryType, Serving, Source};

pub use loss::{Loss, loss};
pub use mentions::Mentions;
pub use words::Line;

/// The answers that a change makes different: the worst first, then the nearest to what is changed; what only follows
/// from others last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Impact {
    pub shifts: Vec<Shift>,
    /// Names with so many keys below them that not all of their answers were compared.
    pub skipped: Vec<(Name, usize)>,
    /// So many names more may be touched, and were not compared.
    pub left_out: usize,
    /// Aliases were looked for in a part of the scope only, or not for all names.
    pub aliases_left_out: bool,
}

/// One question whose answer changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    pub before: Answer,
    pub after: Answer,
    pub weight: Weight,
    /// It follows from others, or nobody asks it: an SRV answer with port 0, the name of a leaf, one kind of nothing for
    /// another.
    pub by_product: bool,
}

/// How much worse it gets; the worst is the greatest.
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

/// How much is compared. What is more than that is named, and not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Keys below all compared names together: a question about a name reads everything below it.
    pub keys: usize,
    pub names: usize,
    /// Changed keys whose names are looked at.
    pub changes: usize,
    /// Names to which aliases are looked for.
    pub searches: usize,
    /// Records that are found for each of them.
    pub found: usize,
}

impl Default for Effort {
    fn default() -> Self {
        Self { keys: 50_000, names: 500, changes: 10_000, searches: 16, found: 1_000 }
    }
}

impl Weight {
    /// The sign that stands before a line; beside it there is always a word.
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
/// their zones, and the aliases that lead there, found in `mentions`. Only the answer sections are compared; what comes
/// along as additional follows from other names.
#[must_use]
pub fn impact(
    before: &dyn Source,
    after: &dyn Source,
    serving: &Serving,
    keys: &[&[u8]],
    mentions: &dyn Mentions,
    effort: &Effort,
) -> Impact {
    compare::Comparison::new(before, after, serving, effort).run(keys, mentions)
}

#[cfg(test)]
mod tests;
