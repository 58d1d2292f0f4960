//! Profiles of this machine and of its user.
use super::{ConfigError, Environment, Profile, ProfileFile, UnknownWord, config_file};
use std::{collections::BTreeMap, path::PathBuf};

/// The file with profiles for everybody on this machine, also for those who run the program with sudo.
const OF_MACHINE: &str = "etc/coredeck/config.toml";

/// Profiles, each with its file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profiles {
    pub all: BTreeMap<String, (PathBuf, Profile)>,
    /// The unknown words of the files beside their profiles.
    pub unknown: Vec<UnknownWord>,
    /// The user's file, even if it does not exist.
    pub file: PathBuf,
}

impl Profiles {
    /// Reads both files. A profile of the user's stands alone: nothing is added to it from a profile of the same name
    /// on this machine.
    ///
    /// # Errors
    /// [`ConfigError::FileUnreadable`] and [`ConfigError::FileWrong`]. A file that may not be read is an error as well:
    /// it may say that a cluster is read-only.
    pub fn read(env: &impl Environment) -> Result<Self, ConfigError> {
        let mut profiles = Self::default();
        let of_machine = env.root().map(|root| root.join(OF_MACHINE));
        for path in of_machine.into_iter().chain(config_file(env)) {
            let ProfileFile { path, profiles: found, unknown } = ProfileFile::read(&path)?;
            profiles.unknown.extend(unknown);
            profiles.all.extend(found.into_iter().map(|(name, profile)| (name, (path.clone(), profile))));
            profiles.file = path;
        }
        Ok(profiles)
    }

    /// Tells whether the user has to choose: there are several profiles, and none is called default.
    #[must_use]
    pub fn is_a_choice(&self) -> bool {
        self.all.len() > 1 && !self.all.contains_key(super::profile::DEFAULT)
    }
}
