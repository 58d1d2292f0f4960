//! Arguments of the commands for records in other programs' formats, and for desired states.
use super::Consent;
use clap::{Args, ValueEnum, ValueHint};
use std::path::PathBuf;

pub(super) const EXPORT_EXAMPLES: &str = "\
Examples:
  coredeck export > records.jsonl
  coredeck export example.org --format zone --to zones/

What a format cannot say is told on stderr, and in the comments of a zone file.
A zone file has what each record was made for; CoreDNS also answers a name with
all that lies below it. In CSV a cell that a spreadsheet would take for a
formula (= + - @) has a ' before it, which import takes away again.
Files are new ones: nothing is overwritten.";
pub(super) const IMPORT_EXAMPLES: &str = "\
Examples:
  coredeck import records.jsonl --confirm /coredns/
  coredeck import example.org.zone --ptr
  coredeck import zones/

What is there already is passed over. A key that holds another value stops all
of it: import adds, and never overwrites. A record of a zone file or of hosts
gets the next free leaf of its name (x1, x2, ...), an alias and a PTR the name's
own key, the addresses of the zone itself dns/apex. $INCLUDE is refused.";
pub(super) const PLAN_EXAMPLES: &str = "\
Examples:
  coredeck plan records.jsonl
  coredeck plan example.org.zone --prune -o json > change.json
  coredeck plan zones/ --prune
  coredeck plan --from-profile staging
  coredeck plan --from-profile staging --only gcr.io -o json > change.json

Exit code 6 when something would change, 0 when not. JSON lines and CSV are
compared by key, a zone file by what is answered: a record that serves what is
wanted stays, whatever its key is. With -o json one object: target, cluster_id,
revision, checksum, keys (how many the target holds), creates, updates, deletes,
untouched; of each key, before, after (value or raw, mod_revision, lease,
lease_ttl) and why it is left untouched.

With --from-profile or --from-endpoints the records of another etcd are what is
wanted, at the same places below this prefix. Both are read at one revision each,
and every name is asked about in both: which answers differ now, and which still
will once the plan is made, is said. The other etcd is only read; of this session's
ETCDCTL_* variables nothing is sent there, and its password comes from
COREDECK_FROM_PASSWORD or the prompt.";
pub(super) const APPLY_EXAMPLES: &str = "\
Examples:
  coredeck apply change.json --confirm /coredns/

Refused when the cluster is another one, when the plan was edited (exit code 4),
and when anything in its target was written since it was made (exit code 5).";

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
    /// Files, or a directory of zone files; - is stdin
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::AnyPath)]
    pub files: Vec<PathBuf>,
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
    /// Files, or a directory of zone files; - is stdin
    #[arg(value_name = "FILE", value_hint = ValueHint::AnyPath)]
    #[arg(required_unless_present_any = ["from_profile", "from_endpoints"])]
    pub files: Vec<PathBuf>,
    /// [default: told by the file's name]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<ExchangeFormat>,
    /// What the etcd of this profile has is wanted, instead of files
    #[arg(long, value_name = "NAME", conflicts_with_all = ["files", "format", "from_endpoints"])]
    pub from_profile: Option<String>,
    /// The same of the etcd at these endpoints, below the prefix of this one
    #[arg(long, value_name = "LIST", conflicts_with_all = ["files", "format"], value_hint = ValueHint::Url)]
    pub from_endpoints: Option<String>,
    /// The CA that signed its certificate
    #[arg(long, value_name = "FILE", requires = "from_endpoints", value_hint = ValueHint::FilePath)]
    pub from_cacert: Option<PathBuf>,
    /// The client certificate for it
    #[arg(long, value_name = "FILE", requires = "from_endpoints", value_hint = ValueHint::FilePath)]
    pub from_cert: Option<PathBuf>,
    /// Its private key
    #[arg(long, value_name = "FILE", requires = "from_endpoints", value_hint = ValueHint::FilePath)]
    pub from_key: Option<PathBuf>,
    /// The files say what is wanted at and below this name, and nothing of the rest
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
