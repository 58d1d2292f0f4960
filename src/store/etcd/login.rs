//! Login of a session, and whether etcd asks for it.
use etcd_client::{ConnectOptions, Error};
use secrecy::{ExposeSecret as _, SecretString};
use std::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
};
use tonic::Code;

/// A user and a password. Shared by all connections of a session.
pub(super) struct PasswordLogin {
    user: String,
    password: SecretString,
    /// etcd has said that authentication is off: nobody logs in then, and everybody may do everything.
    is_needless: AtomicBool,
}

impl PasswordLogin {
    pub(super) fn new(user: String, password: SecretString) -> Self {
        Self { user, password, is_needless: AtomicBool::new(false) }
    }

    /// Adds this login to the options of a connection.
    pub(super) fn added_to(&self, options: ConnectOptions) -> ConnectOptions {
        options.with_user(self.user.clone(), self.password.expose_secret())
    }

    pub(super) fn is_needless(&self) -> bool {
        self.is_needless.load(Ordering::Relaxed)
    }

    pub(super) fn needs(&self, needed: bool) {
        if self.is_needless.swap(!needed, Ordering::Relaxed) == needed {
            tracing::warn!(user = %self.user, needed, "whether etcd asks for a login");
        }
    }
}

/// Tells whether etcd takes no login, because authentication is off. A client goes on without one then, as etcdctl
/// does.
pub(super) fn is_not_enabled(error: &Error) -> bool {
    matches!(error, Error::GRpcStatus(status)
        if status.code() == Code::FailedPrecondition && status.message().contains("authentication is not enabled"))
}

/// Tells whether a call came without a login, and authentication is on. It was not executed.
pub(super) fn is_missing(error: &Error) -> bool {
    matches!(error, Error::GRpcStatus(status)
        if matches!(status.code(), Code::InvalidArgument | Code::Unknown)
            && status.message().contains("user name is empty"))
}

impl fmt::Debug for PasswordLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Login").field(&self.user).finish()
    }
}
