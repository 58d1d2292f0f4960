//! Places of the profile file and of this program's state.
use super::{ConfigError, Environment};
use crate::private_directory;
use directories::BaseDirs;
use rustix::process::geteuid;
use std::{
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

/// The state of root, if root has no home of its own.
const STATE_OF_ROOT: &str = "/var/lib/coredeck";

/// Returns `$XDG_CONFIG_HOME/coredeck/config.toml`, or `~/.config/coredeck/config.toml`. `None` without a home.
#[must_use]
pub fn config_file(env: &impl Environment) -> Option<PathBuf> {
    let directory = match absolute(env, "XDG_CONFIG_HOME") {
        Some(directory) => directory.join("coredeck"),
        None => home(env)?.join(".config/coredeck"),
    };
    Some(directory.join("config.toml"))
}

/// Returns `$XDG_STATE_HOME/coredeck` or `~/.local/state/coredeck`; for root without a home of its own
/// `/var/lib/coredeck`, because sudo may have kept the caller's HOME, where root must not leave files.
///
/// # Errors
/// [`ConfigError::NoStateDirectory`], and [`ConfigError::StateIsLink`].
pub fn state_directory(env: &impl Environment) -> Result<PathBuf, ConfigError> {
    let state = named_state_directory(env)?;
    private_directory::refuse_link(&state).map_err(ConfigError::StateIsLink)?;
    Ok(state)
}

fn named_state_directory(env: &impl Environment) -> Result<PathBuf, ConfigError> {
    if let Some(directory) = absolute(env, "XDG_STATE_HOME") {
        return Ok(directory.join("coredeck"));
    }
    let home = home(env);
    let owner = |path: &Path| std::fs::metadata(path).ok().map(|metadata| metadata.uid());
    if geteuid().is_root() && home.as_deref().and_then(owner) != Some(0) {
        return Ok(STATE_OF_ROOT.into());
    }
    home.map(|home| home.join(".local/state/coredeck")).ok_or(ConfigError::NoStateDirectory)
}

/// Returns the user's home by HOME, or if that is not set, by the user database. The root of the file system is no
/// home, although init systems and containers set it.
fn home(env: &impl Environment) -> Option<PathBuf> {
    let named = env.variable("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    let home = match named {
        Some(named) => Some(named).filter(|home| home.is_absolute()),
        None => BaseDirs::new().map(|dirs| dirs.home_dir().to_owned()),
    }?;
    let is_root = home.canonicalize().is_ok_and(|home| home == Path::new("/"));
    (!is_root).then_some(home)
}

/// Returns a directory of the environment. A relative one is ignored, as the XDG specification asks.
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
        let expected = |else_where: &str| {
            if geteuid().is_root() { STATE_OF_ROOT.to_owned() } else { else_where.to_owned() }
        };
        let of = |home: &str| state_directory(&Table(HashMap::from([("HOME", home.to_owned())])));
        assert_eq!(of("/nonexistent"), Ok(expected("/nonexistent/.local/state/coredeck").into()));
    }

    #[test]
    fn the_root_of_the_file_system_is_nobodys_home_and_neither_is_a_relative_one() {
        for home in ["/", "//", "/.", "/usr/..", "home", "."] {
            let env = Table(HashMap::from([("HOME", home.to_owned())]));
            assert_eq!(config_file(&env), None, "{home:?}");
            let expected = if geteuid().is_root() {
                Ok(STATE_OF_ROOT.into())
            } else {
                Err(ConfigError::NoStateDirectory)
            };
            assert_eq!(state_directory(&env), expected, "{home:?}");
        }
    }

    #[test]
    fn a_state_directory_that_is_a_link_is_none() {
        let own = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc", own.path().join("coredeck")).unwrap();
        let env = Table(HashMap::from([("XDG_STATE_HOME", own.path().display().to_string())]));
        let refused = state_directory(&env).unwrap_err();
        assert!(matches!(refused, ConfigError::StateIsLink(_)), "{refused}");
    }
}
