//! etcd's own snapshots.
use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

pub(super) const SNAPSHOT_EXAMPLES: &str = "\
Examples:
  coredeck snapshot --to etcd.db
  coredeck snapshot status etcd.db";

/// Where the snapshot goes.
#[derive(Clone, Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct SnapshotFlags {
    /// The file to write; there must be none
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
