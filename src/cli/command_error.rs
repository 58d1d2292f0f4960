use super::Exit;
use crate::{
    config::ConfigError,
    dns::{DraftError, NameError, TypedNameError},
    failure::Failure,
    foreign_text::ForeignText,
    journal::EntryError,
    keys::{KeyError, OutsideScopeError},
    ops::PrepareError,
    remedy::Remedy,
    session::SessionError,
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

/// Error that ends a command, with its own remedy.
pub(super) trait EndsCommand: fmt::Display + Remedy {
    /// Returns the exit code of the command.
    fn exit(&self) -> Exit;
}

impl<E: EndsCommand> From<E> for CommandError {
    fn from(error: E) -> Self {
        Self::new(error.exit(), &error, error.remedy())
    }
}

impl EndsCommand for Failure {
    fn exit(&self) -> Exit {
        Exit::from(self)
    }
}

impl EndsCommand for SessionError {
    fn exit(&self) -> Exit {
        match self {
            Self::Config(error) => error.exit(),
            Self::Failure(failure) => failure.exit(),
            Self::Pin { .. } => Exit::Failed,
        }
    }
}

impl EndsCommand for EntryError {
    fn exit(&self) -> Exit {
        Exit::Failed
    }
}

impl EndsCommand for PrepareError {
    fn exit(&self) -> Exit {
        match self {
            Self::Nothing(nothing) => Exit::from(nothing),
            Self::Failure(failure) => Exit::from(failure),
        }
    }
}

impl EndsCommand for ConfigError {
    fn exit(&self) -> Exit {
        match self {
            // A prefix of others is refused as a scope, and is no typing error.
            Self::Scope { .. } | Self::FileOfOthers { .. } => Exit::Refused,
            Self::FileUnreadable { .. }
            | Self::StateIsLink(_)
            | Self::NoSuchFile { .. }
            | Self::NoStateDirectory => Exit::Failed,
            Self::NoPassword { .. } | Self::Closed { .. } => Exit::NotReached,
            Self::NotUnicode { .. }
            | Self::Empty { .. }
            | Self::BadValue { .. }
            | Self::NotOffered { .. }
            | Self::PasswordInTheOpen { .. }
            | Self::HalfAPair { .. }
            | Self::FileWrong { .. }
            | Self::NoSuchProfile { .. } => Exit::Usage,
        }
    }
}

impl EndsCommand for OutsideScopeError {
    fn exit(&self) -> Exit {
        Exit::Refused
    }
}

impl EndsCommand for KeyError {
    fn exit(&self) -> Exit {
        match self {
            Self::Spelling(_) => Exit::Usage,
            Self::Outside(outside) => outside.exit(),
        }
    }
}

impl EndsCommand for NameError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

impl EndsCommand for TypedNameError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

impl From<DraftError> for CommandError {
    fn from(error: DraftError) -> Self {
        Self::usage(&error, "Correct the fields; nothing was stored.")
    }
}
