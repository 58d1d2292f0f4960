//! Sign that bash would wait for at the end of a text.

/// Sign that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnclosedError {
    Quote,
    DoubleQuote,
    Backquote,
    Bracket,
    Document,
    File,
    Condition,
    Pattern,
}

impl UnclosedError {
    /// Returns the name that operators know.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Quote => "the closing '",
            Self::DoubleQuote => "the closing \"",
            Self::Backquote => "the closing `",
            Self::Bracket => "a closing bracket",
            Self::Document => "the end of the here-document",
            Self::File => "the name of a file",
            Self::Condition => "the closing ]]",
            Self::Pattern => "the closing ) of a pattern",
        }
    }
}
