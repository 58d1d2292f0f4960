/// A half-open range of keys that can be read in pieces.
pub trait Interval: Clone {
    /// Returns the first key that it may hold.
    fn start(&self) -> &[u8];

    /// Returns the first key behind it, as etcd takes it for the end of a read.
    fn end(&self) -> &[u8];

    /// Tells whether `key` lies in it.
    fn contains(&self, key: &[u8]) -> bool;

    /// Tells whether it holds no key at all.
    fn is_empty(&self) -> bool;

    /// Returns the part of it between `from` and `to`, never larger than itself. Its own [`end`](Self::end) means
    /// that end.
    #[must_use]
    fn between(&self, from: &[u8], to: &[u8]) -> Self;
}
