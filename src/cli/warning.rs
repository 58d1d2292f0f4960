//! Warning beside a file that was saved: what is wrong, and what to do now.
use super::output::say_safely;
use crate::foreign_text::ForeignText;

/// Why a file that was saved ends with another exit code than 0, and what to do now. Both sentences may hold what others wrote.
#[derive(Debug)]
pub(super) struct Warning {
    what: String,
    remedy: String,
}

impl Warning {
    pub(super) fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), remedy: remedy.into() }
    }

    /// Says it on stderr, in two lines.
    pub(super) fn say(&self) {
        say_safely(format!("coredeck: warning: {}", self.what));
        say_safely(&self.remedy);
    }

    pub(super) fn in_one_line(&self) -> String {
        ForeignText::from(format!("{} {}", self.what, self.remedy).as_str()).to_string()
    }
}
