//! Arguments of the commands that change many records at once.
use super::ChangeFlags;
use clap::Args;

pub(super) const MV_EXAMPLES: &str = "\
Examples:
  coredeck mv gcr.io mirror.example.org
  coredeck mv old.example.org new.example.org --keep-hosts --reason 'INC-4711'
  coredeck mv /coredns/io/gcr/x1 /coredns/io/gcr/x9 --confirm /coredns/io/gcr/x1/

Everything at and below OLD goes, each key with its lease. A record whose host is a
name that moves is changed with it, wherever it lies. What is in the way at NEW is
told, and nothing is done (exit code 5), unless --overwrite is given; what else is
there stays, and is counted. One plan, one undo.";
pub(super) const CP_EXAMPLES: &str = "\
Examples:
  coredeck cp example.org staging.example.org
  coredeck cp example.org staging.example.org --confirm /coredns/org/example/staging/

Everything at and below OLD, with the values as they are; a record with a lease
shares it with its copy. What is in the way at NEW is told, and nothing is done
(exit code 5), unless --overwrite is given.";
pub(super) const TTL_EXAMPLES: &str = "\
Examples:
  coredeck ttl example.org 300
  coredeck ttl /coredns/io/gcr/x1 60
  coredeck ttl example.org ''

A NAME, or a key with its closing slash, means all that lies at and below it; a key
means that record alone; . is the whole scope. '' takes the TTL away, so that
CoreDNS's default holds. What cannot be read is left out, and told.";
pub(super) const REPLACE_HOST_EXAMPLES: &str = "\
Examples:
  coredeck replace-host 10.0.0.7 10.0.0.8
  coredeck replace-host old.example.org new.example.org --only gcr.io
  coredeck replace-host 10.0.0.7 10.0.0.8 --ptr --confirm /coredns/

An address is found in any spelling, a name without regard to case and to the
closing dot. Everything else of a record stays as it is.";

/// A name, and the name that it gets.
#[derive(Clone, Debug, Args)]
pub struct RelocateFlags {
    /// The name, or its key; all that lies below goes with it
    #[arg(value_name = "OLD")]
    pub old: String,
    /// The name, or the key, that it gets
    #[arg(value_name = "NEW")]
    pub new: String,
    /// Give keys that exist already at NEW the new value; they keep their own leases
    #[arg(long)]
    pub overwrite: bool,
    #[command(flatten)]
    pub change: ChangeFlags,
}

/// A move, and the hosts that do not go with it.
#[derive(Clone, Debug, Args)]
pub struct MvFlags {
    /// Leave hosts that are names which move as they are
    #[arg(long)]
    pub keep_hosts: bool,
    #[command(flatten)]
    pub relocate: RelocateFlags,
}

/// A TTL, and the records that get it.
#[derive(Clone, Debug, Args)]
pub struct TtlFlags {
    /// The name with all below it, or the exact key; . is the whole scope
    #[arg(value_name = "NAME|KEY")]
    pub target: String,
    /// Seconds, 0 to 2147483647; '' for CoreDNS's default
    #[arg(value_name = "SECONDS")]
    pub seconds: String,
    #[command(flatten)]
    pub change: ChangeFlags,
}

/// Two hosts, and the records that are looked through.
#[derive(Clone, Debug, Args)]
pub struct ReplaceHostFlags {
    /// The address or the name that is there now
    #[arg(value_name = "OLD")]
    pub old: String,
    /// The one that comes
    #[arg(value_name = "NEW")]
    pub new: String,
    /// Only at or below this name [default: the whole scope]
    #[arg(long, value_name = "NAME|KEY")]
    pub only: Option<String>,
    #[command(flatten)]
    pub change: ChangeFlags,
}
