//! Words of a profile file that this program does not know. If one was probably meant to forbid something, it forbids
//! all changes until it is corrected, because its writer relies on that guard.
use super::{guard, profile::KEYS};
use crate::{foreign_text::ForeignText, remedy::Remedy};
use std::{
    fmt,
    path::{Path, PathBuf},
};
use toml::de::DeValue;

/// The settings that decide which etcd is changed, and which keys of it: without them a change goes elsewhere.
const DESTINATION: [&str; 6] = ["cacert", "cert", "endpoints", "key", "prefix", "user"];
/// The word at the top of a file that profiles stand below.
const SECTION: &str = "profile";

/// Unknown word of a profile file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownWord {
    pub file: PathBuf,
    pub line: usize,
    /// The word as it is written.
    word: String,
    /// The known word that was probably meant.
    meant: Option<&'static str>,
    /// The guard that the word, or a part of its value, may be meant as.
    guard: Option<&'static str>,
    /// True if it is a setting that stands in no profile.
    outside: bool,
}

impl UnknownWord {
    /// Takes a word of a profile.
    pub(super) fn in_profile(file: &Path, line: usize, word: &str, value: &DeValue<'_>) -> Self {
        let guard = guard::of(word, value);
        Self {
            file: file.to_owned(),
            line,
            word: word.to_owned(),
            meant: guard::known(word, &KEYS).filter(|meant| guard.is_none_or(|guard| guard == *meant)),
            guard,
            outside: false,
        }
    }

    /// Tells whether the word, or a part of its value, may have been meant to forbid something, or to say where changes
    /// go.
    #[must_use]
    pub fn forbids(&self) -> bool {
        self.guard.is_some() || self.meant.is_some_and(|meant| DESTINATION.contains(&meant))
    }

    /// Takes a word beside the profiles.
    pub(super) fn outside(file: &Path, line: usize, word: &str, value: &DeValue<'_>) -> Self {
        let known: Vec<&'static str> = KEYS.into_iter().chain([SECTION]).collect();
        let meant = guard::known(word, &known);
        Self {
            file: file.to_owned(),
            line,
            word: word.to_owned(),
            meant,
            outside: meant.is_some_and(|meant| meant != SECTION),
            guard: if meant == Some(SECTION) { guard_in_profiles(value) } else { guard::of(word, value) },
        }
    }

    /// Returns the same message for a short line, with the file last.
    pub(super) fn briefly(&self) -> String {
        let Self { file, line, word, meant, guard, outside } = self;
        let so = match (meant, guard) {
            (Some(_), _) if *outside => "where no profile reads it".to_owned(),
            (Some(meant), _) => format!("and probably means {meant}"),
            (None, Some(guard)) => format!("which is not known, and what it says may be meant as {guard}"),
            (None, None) => "which is not known".to_owned(),
        };
        format!("line {line} says {}, {so} ({})", ForeignText::from(word.as_str()), file.display())
    }
}

impl Remedy for UnknownWord {
    fn remedy(&self) -> String {
        format!("Correct line {} of {}.", self.line, self.file.display())
    }
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, word, meant, guard, outside } = self;
        let shown = ForeignText::from(word.as_str());
        write!(f, "{}, line {line}: {shown} ", file.display())?;
        match (meant, guard) {
            (Some(meant), _) if *outside => {
                write!(f, "stands in no profile; {meant} belongs below [profile.NAME]")
            }
            (Some(meant), _) => write!(f, "is not known; did you mean {meant}?"),
            (None, Some(guard)) if !outside => {
                write!(f, "is not known, and what it says may be meant as {guard}")
            }
            (None, _) => f.write_str("is not known"),
        }?;
        match meant {
            _ if !self.forbids() => Ok(()),
            Some(_) if !outside => f.write_str(" Nothing is changed until it is corrected"),
            _ => f.write_str("; nothing is changed until it is corrected"),
        }
    }
}

/// Returns the guard in tables that were meant to be profiles, whatever their names are.
fn guard_in_profiles(value: &DeValue<'_>) -> Option<&'static str> {
    let Some(profiles) = value.as_table() else { return guard::of("", value) };
    let settings = |profile: &DeValue<'_>| match profile.as_table() {
        Some(settings) => {
            settings.iter().find_map(|(word, value)| guard::of(word.get_ref(), value.get_ref()))
        }
        None => guard::of("", profile),
    };
    profiles.iter().find_map(|(_, profile)| settings(profile.get_ref()))
}
