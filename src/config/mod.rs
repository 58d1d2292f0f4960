//! Settings of this session, each with its source: command line, environment, profile file, default.
//!
//! A flag beats the environment, which beats the profile, which beats the Corefile, which beats the settings
//! [found](Discovery) on this machine, which beat the default. Every value keeps its source, so that a message can name
//! it. An empty variable counts as unset.

mod colour;
mod connection;
pub mod corefile;
mod discovered;
mod discovery;
mod dns_server;
mod duration;
mod endpoint;
mod error;
mod etcdctl_line;
mod file_owner;
mod flags;
mod merge;
mod own_flags;
mod places;
mod profile;
mod profiles;
mod provenance;
mod read_only;
mod refused;
mod second_etcd;
mod serving;
mod sourced;
mod sources;
mod unknown;
mod unused;

pub use colour::Colour;
pub use discovery::{DiscoveredSettings, Discovery, DiscoveryPlace, Passed, SettingsChoice, UnreadableFile};
pub use dns_server::DnsServer;
pub use duration::duration;
pub use error::ConfigError;
pub use flags::{ColorChoice, Flags, Output, UserFlag};
pub use merge::{DEFAULT_PREFIX, Settings};
pub use places::{config_file, state_directory};
pub use profile::{Profile, ProfileFile};
pub use profiles::Profiles;
pub use read_only::ReadOnly;
pub use second_etcd::{EtcdNameKind, SecondEtcd};
pub use sourced::{SettingSource, Sourced};
pub use unknown::UnknownWord;

/// Environment with variables and files; tests give a table.
pub trait Environment {
    /// Returns the variable's value; `None` if it is unset.
    fn variable(&self, name: &str) -> Option<std::ffi::OsString>;

    /// Returns the root below which this machine's own files are looked for; with `None` nobody looks for any.
    fn root(&self) -> Option<std::path::PathBuf> {
        None
    }

    /// Returns the Corefile of this machine, if it has one at a [usual place](corefile::PLACES).
    fn corefile(&self) -> Option<std::path::PathBuf> {
        let root = self.root()?;
        let places = corefile::PLACES.iter().map(|place| root.join(place.trim_start_matches('/')));
        // One that is there and cannot be looked at counts too: its reader reports the error.
        places.into_iter().find(|path| path.try_exists().unwrap_or(true))
    }

    /// Returns the names of all variables.
    fn names(&self) -> Vec<String> {
        vec![]
    }

    /// Returns the sorted names of the variables that begin so and hold something.
    fn names_of_set(&self, prefix: &str) -> Vec<String> {
        let is_set = |name: &String| self.variable(name).is_some_and(|value| !value.is_empty());
        let mut names = self.names();
        names.retain(|name| name.starts_with(prefix) && is_set(name));
        names.sort_unstable();
        names
    }

    /// Reads all of the standard input. It can be read only once, so each further call returns the same text.
    ///
    /// # Errors
    /// The input cannot be read, or is a terminal, where nobody would know that the program waits for text.
    fn standard_input(&self) -> std::io::Result<String> {
        Err(std::io::Error::other("there is no standard input"))
    }

    /// Returns the variable as text; `None` if it is unset or empty.
    ///
    /// # Errors
    /// [`ConfigError::NotUnicode`].
    fn text(&self, name: &'static str) -> Result<Option<String>, ConfigError> {
        match self.variable(name) {
            Some(value) if !value.is_empty() => {
                value.into_string().map(Some).map_err(|_| ConfigError::NotUnicode { variable: name })
            }
            _ => Ok(None),
        }
    }
}

/// Environment of this process.
#[derive(Clone, Copy, Debug)]
pub struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    fn variable(&self, name: &str) -> Option<std::ffi::OsString> {
        std::env::var_os(name)
    }

    fn names(&self) -> Vec<String> {
        std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned()).collect()
    }

    fn standard_input(&self) -> std::io::Result<String> {
        static READ: std::sync::OnceLock<String> = std::sync::OnceLock::new();
        if let Some(text) = READ.get() {
            return Ok(text.clone());
        }
        let text = corefile::from_stdin()?;
        Ok(READ.get_or_init(|| text).clone())
    }

    fn root(&self) -> Option<std::path::PathBuf> {
        // Tests set a root of their own; a release does not read this variable.
        #[cfg(debug_assertions)]
        if let Some(root) = std::env::var_os("COREDECK_TEST_ROOT") {
            return Some(root.into());
        }
        Some("/".into())
    }
}
