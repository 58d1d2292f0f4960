use super::{Environment, SettingSource, UnknownWord};
use crate::remedy::Remedy;
use std::fmt;

/// Reason why a session changes nothing, known before any cluster was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadOnly {
    /// The setting that asks for it.
    Asked(SettingSource),
    /// The unknown word that may have been meant to ask for it, or to name the only cluster that may be changed.
    Meant(UnknownWord),
    /// The variable of this program's kind that it does not know, which may have been meant so as well.
    Variable(String),
}

impl ReadOnly {
    /// Returns the reason that is told: a setting that asks for it goes first.
    pub(super) fn first(
        asked: Option<SettingSource>,
        unknown: &[UnknownWord],
        variable: Option<Self>,
    ) -> Option<Self> {
        asked.map(Self::Asked).or_else(|| unknown.first().cloned().map(Self::Meant)).or(variable)
    }
}

impl Remedy for ReadOnly {
    fn remedy(&self) -> String {
        match self {
            Self::Asked(SettingSource::Profile { file, .. }) => {
                format!("Take another profile, or take read_only out of this one in {}.", file.display())
            }
            Self::Asked(from) => format!("Start without {from}."),
            Self::Meant(unknown) => unknown.remedy(),
            Self::Variable(name) => format!("Correct its name, or leave it away: unset {name}."),
        }
    }
}

impl fmt::Display for ReadOnly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked(from) => write!(f, "{from} asks for it"),
            Self::Meant(unknown) => f.write_str(&unknown.briefly()),
            Self::Variable(name) => write!(f, "{name} is set, and is no variable of this program"),
        }
    }
}

/// This program's variables begin so.
const OURS: &str = "COREDECK_";
/// Those of its tests.
const OF_TESTS: &str = "COREDECK_TEST_";
const KNOWN: [&str; 7] = [
    "COREDECK_COREFILE",
    "COREDECK_FROM_PASSWORD",
    "COREDECK_LOG",
    "COREDECK_PREFIX",
    "COREDECK_PROFILE",
    "COREDECK_TO_PASSWORD",
    "COREDECK_ZONES",
];

/// Returns the first variable that is set, has a name of this program's kind, and is not known.
pub(super) fn unknown_variable(env: &impl Environment) -> Option<ReadOnly> {
    let is_unknown = |name: &String| !name.starts_with(OF_TESTS) && !KNOWN.contains(&name.as_str());
    env.names_of_set(OURS).into_iter().find(is_unknown).map(ReadOnly::Variable)
}
