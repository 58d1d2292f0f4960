//! Arguments of the commands that show and restore earlier states.
use super::Consent;
use clap::{Args, ValueEnum, ValueHint};
use std::path::PathBuf;

pub(super) const HISTORY_EXAMPLES: &str = "\
Examples:
  coredeck history gcr.io
  coredeck history /coredns/io/gcr/x1 -o json

Old revisions stay readable until etcd is compacted, which a Kubernetes API server
has done about every five minutes. What is older is in this program's journal
(coredeck log) as far as it was changed with it, and in backups.

With -o json one object per version, the oldest first: key, revision, op (put or
delete), value (the JSON as stored) or raw (what is no JSON object, escaped),
version, create_revision, lease; the last four are null for a deletion.";
pub(super) const PUT_BACK_EXAMPLES: &str = "\
Examples:
  coredeck history gcr.io
  coredeck put-back gcr.io --at 8841
  coredeck put-back gcr.io --at 8841 --confirm /coredns/io/gcr/
  coredeck put-back /coredns/io/gcr/x1 --at 8841 --lease new --lease-ttl 600

What was there at that revision and is gone is created again, what has another
value gets the old one and keeps its lease. What was not there then is left, and
listed, unless --prune is given. A key that comes back is a new key for etcd.";
pub(super) const RESCUE_EXAMPLES: &str = "\
Examples:
  coredeck rescue --last
  coredeck rescue --at 8840 --to coredns.jsonl.gz
  coredeck rescue --at 8840 --range /registry/ --to registry.jsonl.gz

It only reads, and it reads what belongs to others. --last looks through all
deletions that etcd still knows of: their keys, no values. Beside a file with keys
of others it writes a script for sh and etcdctl, NAME.put-back.sh, which puts them
back, and asks before it does; what has a lease it leaves out. The steps round it
are said. Kubernetes has etcd forget what is older than 5 to 10 minutes.";

/// Whose history.
#[derive(Clone, Debug, Args)]
pub struct HistoryFlags {
    /// The name with all below it, or the exact key
    #[arg(value_name = "NAME|KEY")]
    pub target: String,
    /// The most versions that are shown, the newest ones
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
}

/// What is put back, and to when.
#[derive(Clone, Debug, Args)]
pub struct PutBackFlags {
    /// The name with all below it, or the exact key
    #[arg(value_name = "NAME|KEY")]
    pub target: String,
    /// The revision at which it was as it should be
    #[arg(long, value_name = "REV")]
    pub at: i64,
    /// Also delete what was not there then
    #[arg(long)]
    pub prune: bool,
    #[command(flatten)]
    pub lease: EndedLeases,
    #[command(flatten)]
    pub consent: Consent,
}

/// What becomes of keys whose lease has ended; etcd cannot revive one.
#[derive(Clone, Copy, Debug, Args)]
pub struct EndedLeases {
    /// What keys get whose lease is gone: a new one, none, or they do not come back
    #[arg(long, value_name = "CHOICE")]
    pub lease: Option<EndedLease>,
    /// How long a new lease lives, in seconds
    #[arg(long, value_name = "SECONDS", requires = "lease", value_parser = clap::value_parser!(u64).range(1..))]
    pub lease_ttl: Option<u64>,
}

/// What a key gets whose lease is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EndedLease {
    /// One new lease for each that is gone
    New,
    /// No lease: the keys stay
    Permanent,
    /// The keys do not come back
    LeaveOut,
}

/// What is saved.
#[derive(Clone, Debug, Args)]
pub struct RescueFlags {
    /// The revision, as right before the accident
    #[arg(long, value_name = "REV", required_unless_present = "last", conflicts_with = "last")]
    pub at: Option<i64>,
    /// The revision before the largest deletion that etcd still knows of, which is found and said
    #[arg(long)]
    pub last: bool,
    /// All keys that begin with this; / is everything [default: the scope, with --last everything]
    #[arg(long, value_name = "PREFIX")]
    pub range: Option<String>,
    /// The file to write; there must be none [default: a new one in rescued/ beside the journal]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub to: Option<PathBuf>,
}
