//! Arguments of the command for etcd's own snapshots.
use super::KeepFlags;
use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

pub(super) const SNAPSHOT_EXAMPLES: &str = "\
Examples:
  coredeck snapshot --to etcd.db
  coredeck snapshot --to /var/lib/coredeck/snapshots --keep-daily 7 -o json
  coredeck snapshot status etcd.db

The hash (SHA-256) that etcd sends at the end is verified before the file gets its
name. With -o json one object: file, keys, revision, cluster_id (where it was just
taken), sha256 (of the file), hash, total_key and total_size (as etcdctl has
them), prefixes (each prefix, keys, bytes), and where some were to be removed:
removed, kept, warnings.

With a --keep option, older snapshots of the same cluster in that directory are
removed as backups are (coredeck backup --help): of those that a run named itself,
none that is damaged, never the newest three, nor the newest one with at least as
many keys as any of the last 30 days, and none at all while the clock is in doubt
(exit code 6). A snapshot with a third fewer keys than the one before it is made,
says so, and ends with exit code 6.";

/// Where the snapshot goes.
#[derive(Clone, Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct SnapshotFlags {
    /// The file to write; there must be none. In a directory, a new one named by cluster and time
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, required = true)]
    pub to: Option<PathBuf>,
    #[command(flatten)]
    pub keep: KeepFlags,
    #[command(subcommand)]
    pub command: Option<SnapshotCommand>,
}

/// What is done with a snapshot that exists.
#[derive(Clone, Debug, Subcommand)]
pub enum SnapshotCommand {
    /// Verify a snapshot, and tell its revision, keys, and size per top-level prefix; no server is asked
    Status {
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
}
