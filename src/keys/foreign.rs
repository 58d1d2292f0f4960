//! Keys of any place, for saving them to a file. They can be read and never written: a writer takes scoped keys only.
use super::{
    Interval, KeyValue, LeaseId, Revision,
    spelling::{Spelled, SpellingError, spell, unspell},
};
use std::fmt;

/// etcd's end of a range without an end. As a start it is the lowest key there can be.
const WITHOUT_END: &[u8] = b"\0";

/// A half-open range of keys that may lie anywhere. It can be read, and nothing else takes one.
#[derive(Clone, PartialEq, Eq)]
pub struct ForeignRange {
    start: Box<[u8]>,
    /// [`WITHOUT_END`] where there is none.
    end: Box<[u8]>,
}

/// A key of any place with all that etcd knows of it.
#[derive(Clone, PartialEq, Eq)]
pub struct ForeignKeyValue {
    pub key: Box<[u8]>,
    pub value: Box<[u8]>,
    pub create_revision: Revision,
    pub mod_revision: Revision,
    /// Writes since the creation, from 1.
    pub version: i64,
    pub lease: Option<LeaseId>,
}

impl ForeignRange {
    /// Takes every key that begins with `prefix`; all keys of etcd for an empty one and for `/`, because keys that
    /// are lost with a range from `/` on do not all begin with it.
    #[must_use]
    pub fn beginning_with(prefix: &[u8]) -> Self {
        if prefix.is_empty() || prefix == b"/" {
            return Self::all();
        }
        let mut end = prefix.to_vec();
        while let Some(last) = end.pop() {
            if last < u8::MAX {
                end.push(last + 1);
                return Self { start: prefix.into(), end: end.into() };
            }
        }
        Self { start: prefix.into(), end: WITHOUT_END.into() }
    }

    /// Takes all keys of etcd.
    #[must_use]
    pub fn all() -> Self {
        Self { start: WITHOUT_END.into(), end: WITHOUT_END.into() }
    }

    /// Takes the range of a permission, or of a request, as etcd writes one: without an end it is one key, and a zero
    /// byte as its end means that there is none.
    #[must_use]
    pub fn granted(start: &[u8], end: &[u8]) -> Self {
        if end.is_empty() {
            return Self { start: start.into(), end: [start, WITHOUT_END].concat().into() };
        }
        Self { start: start.into(), end: end.into() }
    }

    /// Takes every key that begins with a prefix, as a person spells it.
    ///
    /// # Errors
    /// A wrong escape.
    pub fn spelled(prefix: &str) -> Result<Self, SpellingError> {
        Ok(Self::beginning_with(&unspell(prefix)?))
    }

    /// Tells whether some key lies behind it.
    #[must_use]
    pub fn has_end(&self) -> bool {
        *self.end != *WITHOUT_END
    }
}

impl Interval for ForeignRange {
    fn start(&self) -> &[u8] {
        &self.start
    }

    fn end(&self) -> &[u8] {
        &self.end
    }

    fn contains(&self, key: &[u8]) -> bool {
        *self.start <= *key && (!self.has_end() || *key < *self.end)
    }

    fn is_empty(&self) -> bool {
        self.has_end() && self.start >= self.end
    }

    fn between(&self, from: &[u8], to: &[u8]) -> Self {
        let bounded = |key: &[u8]| if self.has_end() { key.min(&self.end).into() } else { Box::from(key) };
        let start: Box<[u8]> = bounded(from.max(&self.start));
        let end = if to == WITHOUT_END { self.end.clone() } else { bounded(to).max(start.clone()) };
        Self { start, end }
    }
}

impl fmt::Display for ForeignRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (*self.start == *WITHOUT_END, self.has_end()) {
            (true, false) => f.write_str("all keys of etcd"),
            (false, false) => write!(f, "[{}, ...)", Spelled(&self.start)),
            (_, true) => write!(f, "[{}, {})", Spelled(&self.start), Spelled(&self.end)),
        }
    }
}

impl fmt::Debug for ForeignRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<KeyValue> for ForeignKeyValue {
    fn from(record: KeyValue) -> Self {
        let KeyValue { key, value, create_revision, mod_revision, version, lease } = record;
        Self { key: key.as_bytes().into(), value, create_revision, mod_revision, version, lease }
    }
}

impl fmt::Debug for ForeignKeyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{} {:?}", Spelled(&self.key), self.mod_revision, spell(&self.value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_slash_is_everything_and_a_prefix_is_what_begins_with_it() {
        for everything in [&b""[..], b"/"] {
            let range = ForeignRange::beginning_with(everything);
            for key in [&b"\0"[..], b"/", b"calico/x", b"0root", b"\xff\xff"] {
                assert!(range.contains(key), "{key:?}");
            }
        }
        let registry = ForeignRange::beginning_with(b"/registry/");
        assert_eq!((registry.start(), registry.end()), (&b"/registry/"[..], &b"/registry0"[..]));
        let last = ForeignRange::beginning_with(b"\xff");
        assert!(last.contains(b"\xff\xff") && !last.contains(b"\xfe"));
    }

    proptest! {
        #[test]
        fn a_piece_of_a_foreign_range_never_leaves_it(
            prefix in prop::collection::vec(prop_oneof![Just(0), Just(b'/'), Just(0xff), any::<u8>()], 0..4),
            from in prop::collection::vec(any::<u8>(), 1..4),
            to in prop::collection::vec(any::<u8>(), 1..4),
            key in prop::collection::vec(any::<u8>(), 1..5),
        ) {
            let whole = ForeignRange::beginning_with(&prefix);
            let piece = whole.between(&from, &to);
            prop_assert!(!piece.contains(&key) || whole.contains(&key));
            // The parts before, in and behind it are the whole.
            let parts = [whole.between(whole.start(), &from), whole.between(&from, whole.end())];
            let in_parts = parts.iter().filter(|part| part.contains(&key)).count();
            prop_assert!(from == WITHOUT_END || in_parts == usize::from(whole.contains(&key)));
        }
    }
}
