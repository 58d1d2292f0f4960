//! What was asked, and as whom: what a failure has to name.
use super::endpoint::Endpoint;
use crate::keys::{LeaseId, Revision};
use jiff::Timestamp;
use std::{path::PathBuf, time::Duration};

/// One call, as a person would say it: `list [/coredns/, /coredns0)`.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    pub action: &'static str,
    pub what: String,
    /// The revision that was asked for, where one was.
    pub revision: Revision,
    /// The lease that was named, where one was.
    pub lease: Option<LeaseId>,
}

impl Asked {
    pub(super) fn new(action: &'static str, what: &impl ToString) -> Self {
        Self { action, what: what.to_string(), ..Self::default() }
    }
}

/// Whom etcd can take this program for.
#[derive(Clone, Debug, Default)]
pub(super) struct Identity {
    /// The user whose password was given.
    pub user: Option<String>,
    /// Whether a client certificate is shown.
    pub certificate: bool,
    /// The last moment at which it is valid.
    pub certificate_ends: Option<Timestamp>,
    /// The common name of the client certificate, which etcd takes as the user where no other is given.
    pub common_name: Option<String>,
    /// The authority that the server's certificate is checked against.
    pub authority: Option<PathBuf>,
}

impl Identity {
    /// The name that etcd goes by.
    pub(super) fn name(&self) -> Option<&str> {
        self.user.as_deref().or(self.common_name.as_deref())
    }

    /// For `etcd does not allow … to`.
    pub(super) fn who(&self) -> String {
        match (&self.user, &self.common_name) {
            (Some(user), _) => format!("the user {user}"),
            (None, Some(name)) => format!("the certificate's user {name}"),
            (None, None) => "this credential".to_owned(),
        }
    }
}

/// Where and how long a call went, for telling its failure.
#[derive(Clone, Copy)]
pub(super) struct Circumstances<'a> {
    pub endpoint: &'a Endpoint,
    pub identity: &'a Identity,
    pub asked: &'a Asked,
    pub dial: Duration,
    /// How long the call has taken.
    pub after: Duration,
}
