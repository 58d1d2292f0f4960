//! Records in other programs' formats, and states that are wanted.
use super::Consent;
use clap::{Args, ValueEnum, ValueHint};
use std::path::PathBuf;

pub(super) const EXPORT_EXAMPLES: &str = "\
Examples:
  coredeck export > records.jsonl
  coredeck export example.org --format zone --to zones/";
pub(super) const IMPORT_EXAMPLES: &str = "\
Examples:
  coredeck import records.jsonl --confirm /coredns/";
pub(super) const PLAN_EXAMPLES: &str = "\
Examples:
  coredeck plan records.jsonl
  coredeck plan example.org.zone --prune -o json > change.json";
pub(super) const APPLY_EXAMPLES: &str = "\
Examples:
  coredeck apply change.json --confirm /coredns/";

/// How records are written in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExchangeFormat {
    /// One JSON object a line, exact
    Jsonl,
    /// A zone file (RFC 1035) for each zone
    Zone,
    /// /etc/hosts
    Hosts,
    /// Comma-separated, with a heading
    Csv,
}

/// What is written out, and how.
#[derive(Clone, Debug, Args)]
pub struct ExportFlags {
    /// Only what lies at or below this name
    #[arg(value_name = "NAME|KEY")]
    pub name: Option<String>,
    #[arg(long, value_name = "FORMAT", default_value = "jsonl")]
    pub format: ExchangeFormat,
    /// The new file to write, or for zones the directory of new files [default: stdout]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub to: Option<PathBuf>,
}

/// What is read in.
#[derive(Clone, Debug, Args)]
pub struct ImportFlags {
    /// The file; - is stdin
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// [default: told by the file's name]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<ExchangeFormat>,
    /// Also add the PTR records of its addresses, in the same plan
    #[arg(long)]
    pub ptr: bool,
    #[command(flatten)]
    pub consent: Consent,
}

/// What is wanted, and where.
#[derive(Clone, Debug, Args)]
pub struct PlanFlags {
    /// The file; - is stdin
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// [default: told by the file's name]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<ExchangeFormat>,
    /// The file says what is wanted at and below this name, and nothing of the rest
    #[arg(long, value_name = "NAME|KEY")]
    pub only: Option<String>,
    /// Delete what is there and not wanted
    #[arg(long)]
    pub prune: bool,
}

/// Which plan is made.
#[derive(Clone, Debug, Args)]
pub struct ApplyFlags {
    /// What plan -o json has printed; - is stdin
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    #[command(flatten)]
    pub consent: Consent,
}
