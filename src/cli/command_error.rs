use super::Exit;
use crate::{
    config::ConfigError,
    dns::{DraftError, NameError, TypedNameError},
    failure::Failure,
    foreign_text::ForeignText,
    journal::EntryError,
    keys::{KeyError, OutsideScopeError},
    store::PrepareError,
};
use std::fmt;

/// Reason why a command ends early, and the remedy. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CommandError {
    pub(super) exit: Exit,
    what: String,
    remedy: String,
    /// True if something else than etcd fails, so that the connection to etcd is not at fault.
    beside_etcd: bool,
    /// True if the result for `-o json` is on stdout already.
    is_reported: bool,
}

impl CommandError {
    /// Makes an error. Both sentences are shown escaped, whatever they quote.
    pub(super) fn new(exit: Exit, what: impl fmt::Display, remedy: impl fmt::Display) -> Self {
        let safe = |text: String| ForeignText::from(text.as_str()).to_string();
        Self {
            exit,
            what: safe(what.to_string()),
            remedy: safe(remedy.to_string()),
            beside_etcd: false,
            is_reported: false,
        }
    }

    pub(super) fn usage(what: impl fmt::Display, remedy: impl fmt::Display) -> Self {
        Self::new(Exit::Usage, what, remedy)
    }

    /// Returns the same error, about something else than etcd.
    pub(super) fn beside_etcd(self) -> Self {
        Self { beside_etcd: true, ..self }
    }

    /// Returns the same error, with its result for JSON on stdout already.
    pub(super) fn reported(self) -> Self {
        Self { is_reported: true, ..self }
    }

    pub(super) fn is_reported(&self) -> bool {
        self.is_reported
    }

    /// Tells whether etcd was not reached, or let nobody in.
    pub(super) fn is_etcd_not_reached(&self) -> bool {
        self.exit == Exit::NotReached && !self.beside_etcd
    }

    /// Adds lines to the remedy.
    pub(super) fn hint(mut self, hint: &str) -> Self {
        for line in hint.lines() {
            self.remedy.push('\n');
            self.remedy.push_str(&ForeignText::from(line).to_string());
        }
        self
    }

    pub(super) fn what(&self) -> &str {
        &self.what
    }

    pub(super) fn remedy(&self) -> &str {
        &self.remedy
    }
}

impl From<Failure> for CommandError {
    fn from(failure: Failure) -> Self {
        Self::new(Exit::from(&failure), &failure, failure.remedy())
    }
}

impl From<EntryError> for CommandError {
    fn from(none: EntryError) -> Self {
        Self::new(Exit::Failed, &none, none.remedy())
    }
}

impl From<PrepareError> for CommandError {
    fn from(refused: PrepareError) -> Self {
        let exit = match &refused {
            PrepareError::Nothing(nothing) => Exit::from(nothing),
            PrepareError::Failure(failure) => Exit::from(failure),
        };
        Self::new(exit, &refused, refused.remedy())
    }
}

impl From<ConfigError> for CommandError {
    fn from(error: ConfigError) -> Self {
        // A prefix of others is refused as a scope, and is no typing error.
        let exit = match &error {
            ConfigError::Scope { .. } | ConfigError::FileOfOthers { .. } => Exit::Refused,
            ConfigError::FileUnreadable { .. }
            | ConfigError::StateIsLink(_)
            | ConfigError::NoSuchFile { .. }
            | ConfigError::NoStateDirectory => Exit::Failed,
            ConfigError::NoPassword { .. } | ConfigError::Closed { .. } => Exit::NotReached,
            ConfigError::NotUnicode { .. }
            | ConfigError::Empty { .. }
            | ConfigError::BadValue { .. }
            | ConfigError::NotOffered { .. }
            | ConfigError::PasswordInTheOpen { .. }
            | ConfigError::HalfAPair { .. }
            | ConfigError::FileWrong { .. }
            | ConfigError::NoSuchProfile { .. } => Exit::Usage,
        };
        Self::new(exit, &error, error.remedy())
    }
}

impl From<OutsideScopeError> for CommandError {
    fn from(outside: OutsideScopeError) -> Self {
        Self::new(Exit::Refused, &outside, outside.remedy())
    }
}

impl From<KeyError> for CommandError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Spelling(error) => Self::usage(&error, error.remedy()),
            KeyError::Outside(outside) => outside.into(),
        }
    }
}

impl From<NameError> for CommandError {
    fn from(error: NameError) -> Self {
        Self::usage(&error, error.remedy())
    }
}

impl From<TypedNameError> for CommandError {
    fn from(error: TypedNameError) -> Self {
        Self::usage(&error, error.remedy())
    }
}

impl From<DraftError> for CommandError {
    fn from(error: DraftError) -> Self {
        Self::usage(&error, "Correct the fields; nothing was stored.")
    }
}
