//! Arguments of the command that explains an etcdctl line.
use clap::Args;
use std::ffi::OsString;

pub(super) const EXPLAIN_EXAMPLES: &str = "\
Examples:
  coredeck explain -- etcdctl del / coredns
  coredeck explain -o json < pasted.txt

The line is read as bash and etcdctl would read it, and never run. Keys are
counted now, with requests that only count: on the cluster that a line after --
goes to where it says so (--endpoints and the like), else on the one that this
program is connected to. Without a cluster, the line is explained without
numbers.

With --ask a line that deletes is shown on the terminal, and its key has to be
typed, beyond a threshold the number of keys as well. Exit code 0 when it may be
run, 4 when not. Counted is where etcdctl would go by the line and ETCDCTL_*
alone. The function in assets/shell/coredeck.sh puts that before etcdctl del.

With -o json one object per etcdctl in the text: command, range (start, end, as
etcd gets them; end is null for a single key, \\x00 where there is no end), total,
by_prefix, tenants, verdict (harmless, careful, dangerous, invalid), means,
instead. total and by_prefix are null where nobody has counted; tenants are then
those whose keys the range could reach.";

/// The line.
#[derive(Clone, Debug, Args)]
pub struct ExplainFlags {
    /// Ask on the terminal whether the line may be run, and say it by the exit code; it is not run here
    #[arg(long, requires = "line")]
    pub ask: bool,
    /// The line, word by word [default: one pasted text on standard input]
    #[arg(value_name = "LINE", last = true)]
    pub line: Vec<OsString>,
}
