//! Arguments of the commands that save the scope and restore it.
use super::{Consent, KeepFlags};
use crate::{keys::ClusterId, plan::LeaseChoice};
use clap::{Args, ValueHint};
use std::path::PathBuf;

pub(super) const BACKUP_EXAMPLES: &str = "\
Examples:
  coredeck backup
  coredeck backup --to /srv/coredns.jsonl.gz -o json
  coredeck backup --keep-hourly 48 --keep-daily 30 --keep-monthly 12

A backup is a gzip file of JSON lines (zcat shows it), of one revision, with the
leases and what is left of them, and a checksum. With -o json one object: file,
keys, leases, revision, cluster_id, sha256 (of the file), bytes, time, removed,
kept, before (file, keys and time of the one before it), warnings.

With a --keep option, older backups of the same scope and cluster beside the new
one are removed, unless one of the options given says that they stay, in the words
of restic and borg: --keep-daily 30 keeps the newest one of each of the last 30
days that have one, in this machine's time zone, and the oldest of all while there
are fewer. Whatever the options say, these stay: the new one; the newest three
that have records; the newest one with at least as many keys as any of the last 30
days; what is damaged, or something else. Make one at least every two days: a run
whose clock stands before the newest backup, or more than two days after it,
removes nothing, says so and ends with exit code 6.

A backup with a third fewer keys than the one before it, or with none where one
before it has some, is made, says so first, and ends with exit code 6. A loss that
is known otherwise is said too, until it is back or accepted (status --accept-loss).";

pub(super) const RESTORE_EXAMPLES: &str = "\
Examples:
  coredeck restore
  coredeck restore /srv/coredns.jsonl.gz
  coredeck restore /srv/coredns.jsonl.gz --only gcr.io
  coredeck restore /srv/coredns.jsonl.gz --confirm /coredns/

Creates what the file has and the scope has not. What has another value now, and
what the file does not have, is listed and left. Files of backup and of rescue are
taken, after all of their checksum was verified.

Without a FILE the backups and rescued files of this cluster are listed, newest
first, and the journal, each with what it would bring back. With -o json one object
each: kind, file, time, revision, keys, away, differing, command.";

/// Where a backup goes, and which older ones stay.
#[derive(Clone, Debug, Default, Args)]
pub struct BackupFlags {
    /// The file to write; there must be none [default: a new one in the state directory]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub to: Option<PathBuf>,
    #[command(flatten)]
    pub keep: KeepFlags,
}

/// What is brought back.
#[derive(Clone, Debug, Args)]
pub struct RestoreFlags {
    /// The backup, or the file of a rescue; without one, those of this cluster are listed
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
    /// What this machine's journal wrote last to each key, instead of a file
    #[arg(long, conflicts_with_all = ["file", "from_cluster"])]
    pub from_journal: bool,
    /// Only what lies at or below this name
    #[arg(long, value_name = "NAME|KEY")]
    pub only: Option<String>,
    /// Also give keys that have another value now the saved one
    #[arg(long)]
    pub differing: bool,
    /// What keys get whose lease has ended: new (for what remained when it was saved), permanent
    /// (none), or leave-out (they stay away)
    #[arg(long, value_name = "CHOICE", value_parser = lease)]
    pub lease: Option<LeaseChoice>,
    /// The cluster that the file was made of, where that is not this one
    #[arg(long, value_name = "ID")]
    pub from_cluster: Option<ClusterId>,
    #[command(flatten)]
    pub consent: Consent,
}

fn lease(text: &str) -> Result<LeaseChoice, String> {
    match text {
        "new" => Ok(LeaseChoice::New),
        "permanent" => Ok(LeaseChoice::Permanent),
        "leave-out" => Ok(LeaseChoice::LeaveOut),
        _ => Err("it is new, permanent or leave-out".to_owned()),
    }
}
