use std::{fmt, path::PathBuf};

/// Source of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingSource {
    /// An option of the command line.
    Flag(&'static str),
    /// A variable of the environment.
    Env(&'static str),
    /// A profile in a file.
    Profile { file: PathBuf, name: String },
    /// A line of a Corefile, or of a file that it imports.
    Corefile { file: PathBuf, line: usize },
    /// A credential or setting found on this machine, with its owner: `kubeadm's healthcheck-client`.
    Found(String),
    /// The first contact with this cluster, which is kept in this file.
    FirstContact { file: PathBuf, since: String },
    /// The default: nobody has set it.
    Default,
}

/// Setting with its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    pub value: T,
    pub from: SettingSource,
}

impl<T> Sourced<T> {
    /// Makes another value of this one, with the same source.
    ///
    /// # Errors
    /// The error of `make`.
    pub fn try_map<U, E>(
        self,
        make: impl FnOnce(T, &SettingSource) -> Result<U, E>,
    ) -> Result<Sourced<U>, E> {
        let Self { value, from } = self;
        Ok(Sourced { value: make(value, &from)?, from })
    }
}

impl fmt::Display for SettingSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Env(name) => f.write_str(name),
            Self::Profile { file, name } => write!(f, "profile {name} in {}", file.display()),
            Self::Corefile { file, line } => write!(f, "line {line} of {}", file.display()),
            Self::Found(what) => f.write_str(what),
            Self::FirstContact { since, .. } => write!(f, "known since {since}"),
            Self::Default => f.write_str("the default"),
        }
    }
}
