use super::{Interval, spelling::Spelled};
use std::fmt;

/// A half-open range of keys, `[start, end)`, that lies inside a [`Scope`](super::Scope). It can be read,
/// counted, watched and compared, and there is no way to delete one.
///
/// ```compile_fail
/// let everything = coredeck::keys::KeyRange { start: vec![0].into(), end: vec![0].into() };
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct KeyRange {
    start: Box<[u8]>,
    end: Box<[u8]>,
}

impl KeyRange {
    /// Takes every key that starts with `prefix`. Only [`Scope`](super::Scope) calls it, with a prefix of its
    /// own that ends in a slash, so the end is that prefix with its last slash turned into `0`.
    pub(super) fn below(prefix: &[u8]) -> Self {
        let mut end = prefix.to_vec();
        if let Some(last) = end.last_mut() {
            *last = last.saturating_add(1);
        }
        Self { start: prefix.into(), end: end.into() }
    }

    /// Takes one key and nothing else. Only [`Scope`](super::Scope) calls it, with a key of its own.
    pub(super) fn only(key: &[u8]) -> Self {
        Self { start: key.into(), end: [key, b"\0"].concat().into() }
    }

    /// Returns the first key that the range may hold.
    #[must_use]
    pub fn start(&self) -> &[u8] {
        &self.start
    }

    /// Returns the first key behind the range.
    #[must_use]
    pub fn end(&self) -> &[u8] {
        &self.end
    }

    /// Tells whether `key` lies in the range.
    #[must_use]
    pub fn contains(&self, key: &[u8]) -> bool {
        *self.start <= *key && *key < *self.end
    }

    /// Tells whether the range holds no key at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start >= self.end
    }

    /// Returns the part of this range between `from` and `to`, for reading it in pieces. Never larger than
    /// this range, and with an end that is never below its start: etcd takes an end of `""` for the one key
    /// and an end of `"\0"` for everything behind it.
    #[must_use]
    pub fn between(&self, from: &[u8], to: &[u8]) -> Self {
        let start = from.max(&self.start).min(&self.end);
        Self { start: start.into(), end: to.min(&self.end).max(start).into() }
    }
}

impl Interval for KeyRange {
    fn start(&self) -> &[u8] {
        self.start()
    }

    fn end(&self) -> &[u8] {
        self.end()
    }

    fn contains(&self, key: &[u8]) -> bool {
        self.contains(key)
    }

    fn is_empty(&self) -> bool {
        self.is_empty()
    }

    fn between(&self, from: &[u8], to: &[u8]) -> Self {
        self.between(from, to)
    }
}

impl fmt::Display for KeyRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}, {})", Spelled(&self.start), Spelled(&self.end))
    }
}

impl fmt::Debug for KeyRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
