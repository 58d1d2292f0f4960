//! Place that may hold what is looked for, and could not be read: it never counts as a place that has nothing.
use crate::foreign_text::ForeignText;
use std::{fmt, io, path::Path};

/// One such place. Displays as a clause: `/var/lib/coredeck/backups cannot be read (Permission denied)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadPlace {
    /// Its path, or its name.
    pub place: String,
    pub reason: String,
}

impl UnreadPlace {
    /// Returns the place of a name that could not be read for this reason.
    #[must_use]
    pub fn named(name: &str, reason: &impl fmt::Display) -> Self {
        Self { place: name.to_owned(), reason: reason.to_string() }
    }

    /// Returns the place of a file or a directory that could not be read.
    #[must_use]
    pub fn of_path(path: &Path, error: &io::Error) -> Self {
        Self::named(&path.display().to_string(), error)
    }
}

impl fmt::Display for UnreadPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, reason } = self;
        let [place, reason] = [place, reason].map(|text| ForeignText::from(text.as_str()));
        write!(f, "{place} cannot be read ({reason})")
    }
}
