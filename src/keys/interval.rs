/// A half-open range of keys that can be read in pieces.
pub trait Interval: Clone {
    /// The first key that it may hold.
    fn start(&self) -> &[u8];

    /// The first key behind it, as etcd takes it for the end of a read.
    fn end(&self) -> &[u8];

    /// Whether `key` lies in it.
    fn contains(&self, key: &[u8]) -> bool;

    /// Whether it holds no key at all.
    fn is_empty(&self) -> bool;

    /// The part of it between `from` and `to`, never larger than itself. Its own [`end`](Self::end) means that end.
    #[must_use]
    fn between(&self, from: &[u8], to: &[u8]) -> Self;
}
