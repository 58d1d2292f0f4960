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

    /// Tells whether bash is certain to wait for the same sign and to run nothing of the rest: nothing in the rest
    /// could be read in another way. If the text is a file, bash runs a here-document without an end all the same.
    #[must_use]
    pub fn is_certain(self, left: &[u8]) -> bool {
        let otherwise: &[&[u8]] = match self {
            Self::Quote => &[b"<<", b"`", b"#", b"\"", b"${", b"[["],
            Self::DoubleQuote => &[b"<<", b"`", b"#", b"'", b"${", b"$(", b"[["],
            Self::Bracket => &[b"<<", b"`", b"#", b"'", b"\"", b"case", b"\\", b"${", b"[["],
            Self::Backquote | Self::Document | Self::File | Self::Condition | Self::Pattern => return false,
        };
        !otherwise.iter().any(|what| left.windows(what.len()).any(|part| part == *what))
    }
}
