use std::{fmt, path::PathBuf};

/// Where a setting came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// This option of the command line.
    Flag(&'static str),
    /// This variable.
    Env(&'static str),
    /// The profile of this name in this file.
    Profile { file: PathBuf, name: String },
    /// This line of a Corefile, or of a file that it imports.
    Corefile { file: PathBuf, line: usize },
    /// Found on this machine; what, and whose: `kubeadm's healthcheck-client`.
    Found(String),
    /// What was there at the first contact with this cluster, kept in this file.
    FirstContact { file: PathBuf, since: String },
    /// Nobody has set it.
    Default,
}

/// A setting, and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    pub value: T,
    pub from: Source,
}

impl<T> Sourced<T> {
    /// The same source for what was made of the value.
    ///
    /// # Errors
    /// What `make` makes of it.
    pub fn try_map<U, E>(self, make: impl FnOnce(T, &Source) -> Result<U, E>) -> Result<Sourced<U>, E> {
        let Self { value, from } = self;
        Ok(Sourced { value: make(value, &from)?, from })
    }
}

impl fmt::Display for Source {
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
