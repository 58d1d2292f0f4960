use std::fmt;

/// Fault of a file, and its line. Nothing of such a file is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Counted from 1.
    pub line: usize,
    /// Description, which may quote the file: show it escaped.
    pub what: String,
    /// One imperative sentence.
    pub remedy: &'static str,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}
