//! Warning beside a saved file: the fault, and the remedy.
use super::output::say_safely;
use crate::foreign_text::ForeignText;

/// Reason why a saved file ends with another exit code than 0, and the remedy. Both sentences may hold text of others.
#[derive(Debug)]
pub(super) struct Warning {
    what: String,
    remedy: String,
}

impl Warning {
    pub(super) fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), remedy: remedy.into() }
    }

    /// Writes it to stderr, in two lines.
    pub(super) fn say(&self) {
        say_safely(format!("coredeck: warning: {}", self.what));
        say_safely(&self.remedy);
    }

    pub(super) fn in_one_line(&self) -> String {
        ForeignText::from(format!("{} {}", self.what, self.remedy).as_str()).to_string()
    }
}
