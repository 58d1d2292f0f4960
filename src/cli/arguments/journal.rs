//! What was changed, and taking it back.
use super::{Consent, history::EndedLeases};
use clap::Args;

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
  coredeck resume 20261122T031502.114-9f3c01aa --confirm /coredns/";
pub(super) const LOG_EXAMPLES: &str = "\
Examples:
  coredeck log
  coredeck log --since 2d --key /coredns/io/gcr/x1 -o json";

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
    #[arg(long, value_name = "NAME|KEY")]
    pub key: Option<String>,
}
