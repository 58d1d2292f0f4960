//! Arguments of the commands that show changes, finish them and take them back.
use super::{Consent, history::EndedLeases};
use clap::Args;
use std::path::PathBuf;

pub(super) const UNDO_EXAMPLES: &str = "\
Examples:
  coredeck log
  coredeck undo 20261122T031502.114-9f3c01aa
  coredeck undo 20261122T031502.114-9f3c01aa --confirm /coredns/io/gcr/x1
  coredeck undo 20261122T0315 --leave-conflicts --lease permanent

The plan asks for what was typed for the change that it takes back. A key that
somebody has written since is a conflict, shown with both values and never
overwritten (exit code 5). A lease that has ended cannot be revived: --lease says
what its keys get instead. An undo is an entry of the journal, and can be undone.";
pub(super) const RESUME_EXAMPLES: &str = "\
Examples:
  coredeck resume
  coredeck resume 20261122T031502.114-9f3c01aa --confirm /coredns/
  coredeck resume 20261122T031502.114-9f3c01aa --close

Without an ID exit code 6 when something was broken off, 0 when nothing was. With
-o json one object per entry: id, time, user, host, pid, cluster_id, scope, kind,
challenge, revision, made, not_made, overtaken, unclear, and changes (each key and
state). An overtaken key was not changed, and somebody has written it since; of an
unclear one nobody knows.";
pub(super) const LOG_EXAMPLES: &str = "\
Examples:
  coredeck log
  coredeck log --since 2d --key /coredns/io/gcr/x1 -o json
  coredeck log --since 2026-11-22T03:15

It needs no cluster. With -o json one object per change: id, time, user, sudo_user,
ssh, host, pid, program, cluster_id, scope, revision, read_at, kind, about (the entry
that it takes back or finishes), challenge, reason, outcome (done, partly, nothing_changed,
unknown, running, broken_off, settled by a later entry), why, and changes: key,
before, after, lease, made. What is no harmless text is {\"spelled\": \"...\"}.";

/// What is taken back.
#[derive(Clone, Debug, Args)]
pub struct UndoFlags {
    /// The entry of the journal; its beginning is enough where only one begins so
    pub id: String,
    /// Take back the rest, where somebody has written since; what they wrote stays as it is
    #[arg(long)]
    pub leave_conflicts: bool,
    #[command(flatten)]
    pub lease: EndedLeases,
    #[command(flatten)]
    pub consent: Consent,
}

/// What is finished.
#[derive(Clone, Debug, Args)]
pub struct ResumeFlags {
    /// The entry of the journal [default: say what became of each that was broken off]
    pub id: Option<String>,
    /// Make nothing any more: have the journal say what became of it
    #[arg(long, conflicts_with_all = ["confirm", "expect", "reason", "wait"])]
    pub close: bool,
    #[command(flatten)]
    pub consent: Consent,
}

/// Which entries.
#[derive(Clone, Debug, Default, Args)]
pub struct LogFlags {
    /// Not older than this: a duration as 90m or 2d, a date, or a time
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Only those that touch this key, or something below this name
    // Every other command takes its private key by this name, so that clap gives both the same type and value.
    #[arg(long, value_name = "NAME|KEY")]
    pub key: Option<PathBuf>,
}
