//! What an etcdctl line would do.
use clap::Args;
use std::ffi::OsString;

pub(super) const EXPLAIN_EXAMPLES: &str = "\
Examples:
  coredeck explain -- etcdctl del / coredns
  coredeck explain -o json < pasted.txt

The line is read as bash and etcdctl would read it, and never run. Keys are
counted now, on the cluster that this program is connected to, with requests
that only count; without a cluster, the line is explained without numbers.

With -o json one object per etcdctl in the text: command, range (start, end, as
etcd gets them; end is null for a single key, \\x00 where there is no end), total,
by_prefix, tenants, verdict (harmless, careful, dangerous, invalid), means,
instead. total and by_prefix are null where nobody has counted; tenants are then
those whose keys the range could reach.";

/// The line.
#[derive(Clone, Debug, Args)]
pub struct ExplainFlags {
    /// The line, word by word [default: one pasted text on standard input]
    #[arg(value_name = "LINE", last = true)]
    pub line: Vec<OsString>,
}
