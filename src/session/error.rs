//! Reason why a session cannot be used as it was asked for.
use crate::{config::ConfigError, failure::Failure, remedy::Remedy};
use std::path::PathBuf;

/// Error of a session, beside those of etcd.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Failure(#[from] Failure),
    /// The record of the cluster that a name stands for cannot be read.
    #[error("which cluster {name} was cannot be read: {}: {reason}", file.display())]
    Pin { name: String, file: PathBuf, reason: String },
}

impl Remedy for SessionError {
    fn remedy(&self) -> String {
        match self {
            Self::Config(error) => error.remedy(),
            Self::Failure(failure) => failure.remedy(),
            Self::Pin { .. } => {
                "Make it readable for yourself, or move it away: the cluster is then met anew.".to_owned()
            }
        }
    }
}
