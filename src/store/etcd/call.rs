//! Context of a call that a failure has to name: the request, the server and the identity.
use super::endpoint::Endpoint;
use crate::keys::{LeaseId, Revision};
use jiff::Timestamp;
use std::{path::PathBuf, time::Duration};

/// One call, as a person would say it: `list [/coredns/, /coredns0)`.
#[derive(Clone, Debug, Default)]
pub(super) struct EtcdCall {
    pub action: &'static str,
    pub what: String,
    /// The revision that was asked for, if any.
    pub revision: Revision,
    /// The lease that was named, if any.
    pub lease: Option<LeaseId>,
}

impl EtcdCall {
    pub(super) fn new(action: &'static str, what: &impl ToString) -> Self {
        Self { action, what: what.to_string(), ..Self::default() }
    }
}

/// Identity that etcd can take this program for.
#[derive(Clone, Debug, Default)]
pub(super) struct Identity {
    /// The user whose password was given.
    pub user: Option<String>,
    /// True if a client certificate is shown.
    pub certificate: bool,
    /// The last moment at which it is valid.
    pub certificate_ends: Option<Timestamp>,
    /// The common name of the client certificate, which etcd takes as the user where no other is given.
    pub common_name: Option<String>,
    /// The authority that the server's certificate is checked against.
    pub authority: Option<PathBuf>,
}

impl Identity {
    /// Returns the name under which etcd knows us.
    pub(super) fn name(&self) -> Option<&str> {
        self.user.as_deref().or(self.common_name.as_deref())
    }

    /// Returns the words for `etcd does not allow … to`.
    pub(super) fn who(&self) -> String {
        match (&self.user, &self.common_name) {
            (Some(user), _) => format!("the user {user}"),
            (None, Some(name)) => format!("the certificate's user {name}"),
            (None, None) => "this credential".to_owned(),
        }
    }
}

/// Endpoint, identity and duration of a call, for telling its failure.
#[derive(Clone, Copy)]
pub(super) struct CallCircumstances<'a> {
    pub endpoint: &'a Endpoint,
    pub identity: &'a Identity,
    pub asked: &'a EtcdCall,
    pub dial: Duration,
    /// Time that the call has taken.
    pub after: Duration,
}
