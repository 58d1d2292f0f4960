//! Arguments of the commands for the state of the cluster and for its users.
use clap::{Args, ValueEnum};

pub(in crate::cli) const DOCTOR_EXAMPLES: &str = "\
Examples:
  coredeck doctor
  coredeck doctor -o json

Nothing is changed and no file is left. Exit code 6 when there is an error, 0 when
there are warnings at most. With -o json one list of objects: check, level (ok,
warning, error), value, source (null where it has none), remedy (null where nothing
is wrong).";

pub(in crate::cli) const RBAC_EXAMPLES: &str = "\
Examples:
  coredeck rbac                            a user and a role called coredeck
  coredeck rbac dns --login certificate    for a client certificate with CN=dns
  coredeck rbac dns --login password -o json

The lines go to stdout and are for you to run, as etcd's root; nothing is run here.
What has to be known before goes to stderr, above all before authentication is
turned on under a running Kubernetes. With -o json one object: user, role, login,
scope, authentication (true, false, null where not known), version, lines, warnings.";

/// How the cluster is, or an end to what it tells of a loss.
#[derive(Clone, Debug, Default, Args)]
pub struct StatusFlags {
    /// Accept the loss that is told: all is as it should be. The scope has to be typed
    #[arg(long)]
    pub accept_loss: bool,
    /// The scope, where nobody can be asked to type it
    #[arg(long, value_name = "SCOPE", requires = "accept_loss")]
    pub confirm: Option<String>,
}

/// For whom.
#[derive(Clone, Debug, Args)]
pub struct RbacFlags {
    /// What the user is called; for a certificate, its common name
    #[arg(default_value = "coredeck")]
    pub name: String,
    /// What the role is called [default: as the user]
    #[arg(long, value_name = "NAME")]
    pub role: Option<String>,
    /// How the user shows who it is [default: certificate where this program shows one, else password]
    #[arg(long, value_name = "HOW")]
    pub login: Option<LoginBy>,
}

/// How a user shows who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LoginBy {
    Certificate,
    Password,
}
