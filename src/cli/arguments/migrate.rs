//! Arguments of the command that moves the scope to another etcd.
use super::Consent;
use crate::etcdctl::quoted;
use clap::{Args, ValueEnum, ValueHint};
use std::path::PathBuf;

pub(super) const MIGRATE_EXAMPLES: &str = "\
Examples:
  coredeck migrate --to dns                        copy, and prove that both agree
  coredeck migrate --to https://10.0.0.9:2379 --to-cacert ca.crt --to-cert dns.crt --to-key dns.key
  coredeck migrate --to dns --remove-old --confirm /coredns/ --expect 368

Each run looks at both and does the next step, so it does not matter where the
last one was broken off: it copies what the new etcd lacks; when nothing is
lacking it asks both about every name and says which line of the Corefile to
change; with --remove-old it removes from the old etcd what the new one holds, and
stops as soon as the new one is not what it was.

A profile names the other etcd best. Of this session's ETCDCTL_* variables nothing
is sent there; a password comes from COREDECK_TO_PASSWORD or the prompt.

With -o json the first line is where it stands: old, new (each cluster_id,
endpoint, prefix, revision, keys), missing, differing, beyond, same, agrees (null
before everything is copied), names, differences (name, type, old, new), corefile
(place, before, after).";

/// Where to, and which step.
#[derive(Clone, Debug, Args)]
pub struct MigrateFlags {
    /// A profile, or the endpoints of the other etcd
    #[arg(long, value_name = "PROFILE|ENDPOINTS", required = true)]
    pub to: String,
    /// The CA that signed its certificate, where endpoints are given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub to_cacert: Option<PathBuf>,
    /// The client certificate for it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub to_cert: Option<PathBuf>,
    /// Its private key
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub to_key: Option<PathBuf>,
    /// Take the old etcd's value for records that differ, too
    #[arg(long)]
    pub update: bool,
    /// What becomes of records with a lease: nobody keeps it alive in the new etcd
    #[arg(long, value_name = "WHAT")]
    pub lease: Option<LeaseInNew>,
    /// Remove the records from the old etcd, while the new one agrees
    #[arg(long, conflicts_with_all = ["update", "lease"])]
    pub remove_old: bool,
    #[command(flatten)]
    pub consent: Consent,
}

impl MigrateFlags {
    /// Returns the flags that name the other etcd, as a shell takes them from any directory.
    pub fn new_etcd(&self) -> String {
        let file = |name: &str, file: &Option<PathBuf>| {
            let file = file.as_ref()?;
            let absolute = std::path::absolute(file).unwrap_or_else(|_| file.clone());
            Some(format!("--{name}={}", quoted(&absolute.display().to_string())))
        };
        let to = Some(format!("--to={}", quoted(&self.to)));
        [to, file("to-cacert", &self.to_cacert), file("to-cert", &self.to_cert), file("to-key", &self.to_key)]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// A record with a lease, in an etcd that does not know its lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LeaseInNew {
    /// A new lease for what remains of the old one
    New,
    /// No lease
    Permanent,
}
