//! Moving to another etcd.
use super::Consent;
use clap::Args;

pub(super) const MIGRATE_EXAMPLES: &str = "\
Examples:
  coredeck migrate --to dns";

/// Where to, and which step.
#[derive(Clone, Debug, Args)]
pub struct MigrateFlags {
    /// A profile, or the endpoints of the other etcd
    #[arg(long, value_name = "PROFILE|ENDPOINTS", required = true)]
    pub to: String,
    #[command(flatten)]
    pub consent: Consent,
}
