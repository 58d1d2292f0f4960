//! The profiles of this machine and those of its user.
use super::{ConfigError, Environment, Profile, ProfileFile, Unknown, config_file};
use std::{collections::BTreeMap, path::PathBuf};

/// Where profiles for everybody on this machine stand, for whoever runs the program with sudo as well.
const OF_MACHINE: &str = "etc/coredeck/config.toml";

/// All profiles, each with the file that it stands in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profiles {
    pub all: BTreeMap<String, (PathBuf, Profile)>,
    /// What the files say beside their profiles.
    pub unknown: Vec<Unknown>,
    /// The user's file, there or not.
    pub file: PathBuf,
}

impl Profiles {
    /// Reads both files. A profile of the user's stands for itself: nothing is added to it from one of that name on
    /// this machine.
    ///
    /// # Errors
    /// [`ConfigError::FileUnreadable`] and [`ConfigError::FileWrong`]. A file that may not be read is an error as well:
    /// it may say that a cluster is only to be looked at.
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

    /// Whether nobody has said which is meant: there are several, and none is called default.
    #[must_use]
    pub fn is_a_choice(&self) -> bool {
        self.all.len() > 1 && !self.all.contains_key(super::profile::DEFAULT)
    }
}
