//! Where records are found by what they point to.

use crate::dns::Known;

/// Finds records by their values, to find the aliases of a name.
pub trait Mentions {
    /// The keys of records whose values hold this text, without regard to case; at most `limit`.
    fn mentioning(&self, text: &str, limit: usize) -> Vec<Box<[u8]>>;

    /// Whether all records of the scope are looked through.
    fn is_complete(&self) -> bool;
}

/// What was read so far is looked through, and nothing is read for it.
impl Mentions for Known {
    fn mentioning(&self, text: &str, limit: usize) -> Vec<Box<[u8]>> {
        let text = text.as_bytes();
        let holds = |value: &[u8]| value.windows(text.len()).any(|part| part.eq_ignore_ascii_case(text));
        self.records()
            .filter(|record| holds(record.value))
            .take(limit)
            .map(|record| record.key.into())
            .collect()
    }

    fn is_complete(&self) -> bool {
        self.is_everything()
    }
}
