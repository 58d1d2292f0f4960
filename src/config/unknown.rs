//! Words of a profile file that this program does not know. Any of them may be meant to forbid something, or to say where
//! changes go, and its writer relies on it. So each forbids all changes until it is corrected.
use super::profile::{DEFAULT, KEYS};
use crate::{foreign_text::ForeignText, remedy::Remedy};
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// The word at the top of a file that profiles stand below.
const SECTION: &str = "profile";
/// The least likeness, of 1, at which a known word was probably meant.
const ALIKE: f64 = 0.8;

/// Unknown word of a profile file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownWord {
    pub file: PathBuf,
    pub line: usize,
    /// The word as it is written.
    word: String,
    /// The known word that was probably meant.
    meant: Option<&'static str>,
    /// True if it is a setting that stands in no profile.
    outside: bool,
}

impl UnknownWord {
    /// Takes a word of a profile.
    pub(super) fn in_profile(file: &Path, line: usize, word: &str) -> Self {
        let meant = known(word, KEYS);
        Self { file: file.to_owned(), line, word: word.to_owned(), meant, outside: false }
    }

    /// Takes a word beside the profiles.
    pub(super) fn outside(file: &Path, line: usize, word: &str) -> Self {
        let meant = known(word, KEYS.into_iter().chain([SECTION]));
        let outside = meant.is_some_and(|meant| meant != SECTION);
        Self { file: file.to_owned(), line, word: word.to_owned(), meant, outside }
    }

    /// Takes the name of a profile if it is nearly that of the profile which is used without being asked for.
    pub(super) fn nearly_default(file: &Path, line: usize, name: &str) -> Option<Self> {
        let near = strsim::damerau_levenshtein(&name.trim().to_lowercase(), DEFAULT) <= 1;
        (near && name != DEFAULT).then(|| Self {
            file: file.to_owned(),
            line,
            word: name.to_owned(),
            meant: Some(DEFAULT),
            outside: false,
        })
    }

    /// Returns the same message for a short line, with the file last.
    pub(super) fn briefly(&self) -> String {
        let Self { file, line, word, meant, outside } = self;
        let so = match meant {
            Some(_) if *outside => "where no profile reads it".to_owned(),
            Some(meant) => format!("and probably means {meant}"),
            None => "which is not known".to_owned(),
        };
        format!("line {line} says {}, {so} ({})", ForeignText::from(word.as_str()), file.display())
    }
}

impl Remedy for UnknownWord {
    fn remedy(&self) -> String {
        format!("Correct line {} of {}, or make a comment of it (#).", self.line, self.file.display())
    }
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, word, meant, outside } = self;
        let shown = ForeignText::from(word.as_str());
        write!(f, "{}, line {line}: {shown} ", file.display())?;
        match meant {
            Some(meant) if *outside => {
                write!(f, "stands in no profile; {meant} belongs below [profile.NAME];")
            }
            Some(meant) => {
                return write!(
                    f,
                    "is not known; did you mean {meant}? Nothing is changed until it is corrected"
                );
            }
            None => f.write_str("is not known;"),
        }?;
        f.write_str(" nothing is changed until it is corrected")
    }
}

/// Returns the known word that was probably meant.
fn known(word: &str, known: impl IntoIterator<Item = &'static str>) -> Option<&'static str> {
    let like = |known: &str| strsim::jaro_winkler(&word.to_lowercase(), known);
    let best = known.into_iter().max_by(|a, b| like(a).total_cmp(&like(b)));
    best.filter(|best| like(best) >= ALIKE)
}
