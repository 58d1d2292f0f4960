use super::{SettingSource, UnknownWord};
use crate::remedy::Remedy;
use std::fmt;

/// Reason why a session changes nothing, known before any cluster was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadOnly {
    /// The setting that asks for it.
    Asked(SettingSource),
    /// The unknown word that may have been meant to ask for it, or to name the only cluster that may be changed.
    Meant(UnknownWord),
}

impl Remedy for ReadOnly {
    fn remedy(&self) -> String {
        match self {
            Self::Asked(SettingSource::Profile { file, .. }) => {
                format!("Take another profile, or take read_only out of this one in {}.", file.display())
            }
            Self::Asked(from) => format!("Start without {from}."),
            Self::Meant(unknown) => unknown.remedy(),
        }
    }
}

impl fmt::Display for ReadOnly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked(from) => write!(f, "{from} asks for it"),
            Self::Meant(unknown) => f.write_str(&unknown.briefly()),
        }
    }
}
