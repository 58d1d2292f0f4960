//! Counter of keys of any place. It only sends requests that count, so no key and no value of others is ever read.
use super::CountAt;
use crate::{
    failure::Failure,
    keys::{ForeignRange, Revision},
};
use std::future::Future;

/// Counts any keys, and can do nothing else.
pub trait ForeignCounts: Clone + Send + Sync + 'static {
    /// Counts the keys of a range, at a revision or now.
    fn count_foreign(
        &self,
        range: &ForeignRange,
        at: Option<Revision>,
    ) -> impl Future<Output = Result<CountAt, Failure>> + Send;

    /// Returns a counter that takes one member's data, whether there is a leader or not.
    #[must_use]
    fn possibly_stale(&self) -> Self;

    /// Tells whether it takes one member's data.
    fn is_possibly_stale(&self) -> bool;
}
