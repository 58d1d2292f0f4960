//! Mentions: finds records by the names that they point to.

use crate::dns::ReadPart;

/// Finds records by their values, to find the aliases of a name.
pub trait Mentions {
    /// Returns the keys of records whose values hold this text, without regard to case; at most `limit`.
    fn mentioning(&self, text: &str, limit: usize) -> Vec<Box<[u8]>>;

    /// Tells whether all records of the scope are searched.
    fn is_complete(&self) -> bool;
}

/// Searches only what was read so far, and reads nothing for it.
impl Mentions for ReadPart {
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
