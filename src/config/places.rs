//! Where the profile file and the state of this program are.
use super::{ConfigError, Environment};
use directories::ProjectDirs;
use std::{
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

/// The state of root, when root has no home of its own.
const STATE_OF_ROOT: &str = "/var/lib/coredeck";

/// `$XDG_CONFIG_HOME/coredeck/config.toml`, or `~/.config/coredeck/config.toml`. `None` without a home.
#[must_use]
pub fn config_file(env: &impl Environment) -> Option<PathBuf> {
    let directory = match absolute(env, "XDG_CONFIG_HOME") {
        Some(directory) => directory.join("coredeck"),
        None => ProjectDirs::from("", "", "coredeck")?.config_dir().to_owned(),
    };
    Some(directory.join("config.toml"))
}

/// `$XDG_STATE_HOME/coredeck` or `~/.local/state/coredeck`; for root without a home of its own
/// `/var/lib/coredeck`, because sudo may have kept the caller's HOME, where root must not leave files.
///
/// # Errors
/// [`ConfigError::NoStateDirectory`].
pub fn state_directory(env: &impl Environment) -> Result<PathBuf, ConfigError> {
    if let Some(directory) = absolute(env, "XDG_STATE_HOME") {
        return Ok(directory.join("coredeck"));
    }
    let owner = |path: &Path| std::fs::metadata(path).ok().map(|metadata| metadata.uid());
    let home = absolute(env, "HOME");
    if owner(Path::new("/proc/self")) == Some(0) && home.as_deref().and_then(owner) != Some(0) {
        return Ok(STATE_OF_ROOT.into());
    }
    home.map(|home| home.join(".local/state/coredeck"))
        .or_else(|| ProjectDirs::from("", "", "coredeck")?.state_dir().map(Path::to_owned))
        .ok_or(ConfigError::NoStateDirectory)
}

/// A directory of the environment. A relative one is ignored, as the XDG specification asks.
fn absolute(env: &impl Environment, name: &str) -> Option<PathBuf> {
    env.variable(name).map(PathBuf::from).filter(|path| path.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::HashMap, ffi::OsString};

    struct Table(HashMap<&'static str, String>);
    impl Environment for Table {
        fn variable(&self, name: &str) -> Option<OsString> {
            self.0.get(name).map(Into::into)
        }
    }

    #[test]
    fn the_state_is_where_xdg_says() {
        let env = Table(HashMap::from([("XDG_STATE_HOME", "/x/state".to_owned())]));
        assert_eq!(state_directory(&env), Ok("/x/state/coredeck".into()));
    }

    #[test]
    fn a_home_of_ones_own_holds_the_state_and_anothers_does_not() {
        let own = tempfile::tempdir().unwrap();
        let env = Table(HashMap::from([("HOME", own.path().display().to_string())]));
        assert_eq!(state_directory(&env), Ok(own.path().join(".local/state/coredeck")));
        let nowhere = Table(HashMap::from([("HOME", "/nonexistent".to_owned())]));
        let is_root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
        let expected = if is_root { STATE_OF_ROOT } else { "/nonexistent/.local/state/coredeck" };
        assert_eq!(state_directory(&nowhere), Ok(expected.into()));
    }
}
