//! Words of a profile file that this program does not know. One that was probably meant to forbid something forbids all
//! changes until it is corrected: the guard that its writer relies on would be missing without a word.
use super::profile::KEYS;
use crate::foreign_text::ForeignText;
use std::{
    fmt,
    path::{Path, PathBuf},
};
use toml::de::DeValue;

/// The settings that forbid something.
const GUARDS: [&str; 2] = ["cluster_id", "read_only"];
/// What stands at the top of a file.
const SECTION: &str = "profile";
/// From this likeness on, of 1, a known word is suggested.
const ALIKE: f64 = 0.8;

/// One such word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    pub file: PathBuf,
    pub line: usize,
    /// As it is written.
    word: String,
    /// The known word that was probably meant.
    meant: Option<&'static str>,
    /// It is a setting that stands in no profile.
    outside: bool,
    /// Whether it, or something in it, may have been meant to forbid something.
    pub forbids: bool,
}

impl Unknown {
    /// A word of a profile.
    pub(super) fn in_profile(file: &Path, line: usize, word: &str) -> Self {
        let meant = meant(word, &KEYS);
        Self {
            file: file.to_owned(),
            line,
            word: word.to_owned(),
            meant,
            outside: false,
            forbids: meant.is_some_and(is_guard),
        }
    }

    /// A word beside the profiles, with what is said of it.
    pub(super) fn outside(file: &Path, line: usize, word: &str, value: &DeValue<'_>) -> Self {
        let known: Vec<&'static str> = KEYS.into_iter().chain([SECTION]).collect();
        let meant = meant(word, &known);
        Self {
            file: file.to_owned(),
            line,
            word: word.to_owned(),
            meant,
            outside: meant.is_some_and(|meant| meant != SECTION),
            forbids: meant.is_some_and(is_guard) || holds_a_guard(value),
        }
    }

    /// The same for a line that has no room, the file last.
    pub(super) fn briefly(&self) -> String {
        let Self { file, line, word, meant, outside, .. } = self;
        let so = match meant {
            Some(_) if *outside => "where no profile reads it".to_owned(),
            Some(meant) => format!("and probably means {meant}"),
            None => "which is not known".to_owned(),
        };
        format!("line {line} says {}, {so} ({})", ForeignText::from(word.as_str()), file.display())
    }

    /// One sentence, in the imperative.
    #[must_use]
    pub fn remedy(&self) -> String {
        format!("Correct line {} of {}.", self.line, self.file.display())
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, word, meant, outside, forbids } = self;
        let shown = ForeignText::from(word.as_str());
        write!(f, "{}, line {line}: {shown} ", file.display())?;
        match meant {
            Some(meant) if *outside => {
                write!(f, "stands in no profile; {meant} belongs below [profile.NAME]")
            }
            Some(meant) => write!(f, "is not known; did you mean {meant}?"),
            None => f.write_str("is not known"),
        }?;
        match (*forbids, meant) {
            (true, Some(_)) if !outside => f.write_str(" Nothing is changed until it is corrected"),
            (true, _) => f.write_str("; nothing is changed until it is corrected"),
            (false, _) => Ok(()),
        }
    }
}

fn is_guard(word: &str) -> bool {
    GUARDS.contains(&word)
}

/// Whether there is something like a guard anywhere in a part of the file that nobody reads.
fn holds_a_guard(value: &DeValue<'_>) -> bool {
    value.as_table().is_some_and(|table| {
        table.iter().any(|(word, value)| {
            meant(word.get_ref(), &KEYS).is_some_and(is_guard) || holds_a_guard(value.get_ref())
        })
    })
}

/// The known word that was probably meant.
fn meant(word: &str, known: &[&'static str]) -> Option<&'static str> {
    let like = |known: &str| strsim::jaro_winkler(&word.to_lowercase(), known);
    let best = known.iter().copied().max_by(|a, b| like(a).total_cmp(&like(b)));
    best.filter(|best| like(best) >= ALIKE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_like_a_guard_forbids_and_what_is_like_another_setting_does_not() {
        for word in [
            "read-only",
            "readonly",
            "ReadOnly",
            "read_ony",
            "cluster-id",
            "cluster_ID",
            "clusterid",
            "cluster",
        ] {
            assert!(Unknown::in_profile(Path::new("f"), 1, word).forbids, "{word}");
        }
        for word in ["prefx", "endpoint", "ca_cert", "colours", "labels", "dns-servers", "x", "zone", ""] {
            assert!(!Unknown::in_profile(Path::new("f"), 1, word).forbids, "{word}");
        }
    }
}
