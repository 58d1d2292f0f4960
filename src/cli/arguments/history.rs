//! What was there before, and getting it back.
use super::Consent;
use clap::{Args, ValueHint};
use std::path::PathBuf;

pub(super) const HISTORY_EXAMPLES: &str = "\
Examples:
  coredeck history gcr.io
  coredeck history /coredns/io/gcr/x1 -o json";
pub(super) const PUT_BACK_EXAMPLES: &str = "\
Examples:
  coredeck put-back gcr.io --at 8841 --confirm /coredns/io/gcr/";
pub(super) const RESCUE_EXAMPLES: &str = "\
Examples:
  coredeck rescue --at 8840 --to coredns.jsonl.gz
  coredeck rescue --at 8840 --range /registry/ --to registry.jsonl.gz";

/// Whose history.
#[derive(Clone, Debug, Args)]
pub struct HistoryFlags {
    /// The name with all below it, or the exact key
    #[arg(value_name = "NAME|KEY")]
    pub target: String,
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
    #[command(flatten)]
    pub consent: Consent,
}

/// What is saved.
#[derive(Clone, Debug, Args)]
pub struct RescueFlags {
    /// The revision, as right before the accident
    #[arg(long, value_name = "REV")]
    pub at: i64,
    /// All keys that begin with this; / is everything [default: the scope]
    #[arg(long, value_name = "PREFIX")]
    pub range: Option<String>,
    /// The file to write; there must be none
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub to: PathBuf,
}
