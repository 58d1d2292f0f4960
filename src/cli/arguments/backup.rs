//! Saving the scope, and bringing it back.
use super::Consent;
use clap::{Args, ValueHint};
use std::path::PathBuf;

pub(super) const BACKUP_EXAMPLES: &str = "\
Examples:
  coredeck backup
  coredeck backup --to /srv/coredns.jsonl.gz -o json
  coredeck backup --keep 30d/90";

pub(super) const RESTORE_EXAMPLES: &str = "\
Examples:
  coredeck restore /srv/coredns.jsonl.gz
  coredeck restore /srv/coredns.jsonl.gz --confirm /coredns/ --expect 368";

/// Where a backup goes, and which older ones stay.
#[derive(Clone, Debug, Default, Args)]
pub struct BackupFlags {
    /// The file to write; there must be none [default: a new one in the state directory]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub to: Option<PathBuf>,
    /// Delete older backups of the same scope and cluster beside it: AGE/COUNT, as 30d/90
    #[arg(long, value_name = "AGE/COUNT")]
    pub keep: Option<String>,
}

/// What is brought back.
#[derive(Clone, Debug, Args)]
pub struct RestoreFlags {
    /// The backup, or the file of a rescue
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Only what lies at or below this name
    #[arg(long, value_name = "NAME|KEY")]
    pub only: Option<String>,
    #[command(flatten)]
    pub consent: Consent,
}
