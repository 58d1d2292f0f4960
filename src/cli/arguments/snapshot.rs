//! etcd's own snapshots.
use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

pub(super) const SNAPSHOT_EXAMPLES: &str = "\
Examples:
  coredeck snapshot --to etcd.db
  coredeck snapshot --to /var/lib/coredeck/snapshots -o json
  coredeck snapshot status etcd.db

The hash (SHA-256) that etcd sends at the end is verified before the file gets its
name. With -o json one object: file, keys, revision, cluster_id (where it was just
taken), sha256 (of the file), hash, total_key and total_size (as etcdctl has
them), prefixes (each prefix, keys, bytes).";

/// Where the snapshot goes.
#[derive(Clone, Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct SnapshotFlags {
    /// The file to write; there must be none. In a directory, a new one named by cluster and time
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, required = true)]
    pub to: Option<PathBuf>,
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
