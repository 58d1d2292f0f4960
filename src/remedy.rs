//! Remedy: the next act of whoever reads about an error.

/// Error, or a warning, that says what to do about it.
pub trait Remedy {
    /// Returns one imperative sentence, beside the one that the error displays as.
    #[must_use]
    fn remedy(&self) -> String;
}
