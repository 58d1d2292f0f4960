mod backup;
mod bulk;
mod doctor;
mod exchange;
mod explain;
mod history;
mod journal;
mod keep;
mod migrate;
mod snapshot;

pub(super) use backup::{BackupFlags, RestoreFlags};
pub(super) use bulk::{MvFlags, RelocateFlags, ReplaceHostFlags, TtlFlags};
pub(super) use doctor::{LoginBy, RbacFlags, StatusFlags};
pub(super) use exchange::{ApplyFlags, ExchangeFormat, ExportFlags, ImportFlags, PlanFlags};
pub(super) use explain::ExplainFlags;
pub(super) use history::{EndedLease, HistoryFlags, PutBackFlags, RescueFlags};
pub(super) use journal::{LogFlags, ResumeFlags, UndoFlags};
pub(super) use keep::KeepFlags;
pub(super) use migrate::{LeaseInNew, MigrateFlags};
pub(super) use snapshot::{SnapshotCommand, SnapshotFlags};

use super::fields::FieldFlags;
use crate::{
    config::{DnsServer, Flags, duration},
    dns::{CoreDnsVersion, lint::Trap},
};
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum, ValueHint};
use std::{path::PathBuf, time::Duration};

const EXAMPLES: &str = "\
Examples:
  coredeck --demo                       try it, without any cluster
  sudo coredeck gcr.io                  open the deck at gcr.io
  coredeck get gcr.io -o json           its records, one JSON object per line
  coredeck answer gcr.io                what CoreDNS answers, and why
  coredeck lint                         what breaks answers, or will surprise
  coredeck set gcr.io --host 10.0.0.1   add a record; asks before it does
  coredeck rm /coredns/io/gcr/x1        delete a record; type its key to confirm

NAME is a DNS name (gcr.io); an argument that starts with / is a key of etcd
(/coredns/io/gcr/x1), spelled as this program shows it.

Exit codes: 0 done, 1 failed, 2 usage, 3 cannot reach or log in, 4 refused
(scope, read-only, not confirmed, threshold, wrong cluster), 5 conflict,
6 differences or findings, 7 partly done or unknown.";

const SET_EXAMPLES: &str = "\
Examples:
  coredeck set gcr.io --host 172.25.52.217 --ttl 60
  coredeck set example.org --mail --host mx1.example.org --priority 10
  coredeck set 1.0.0.10.in-addr.arpa --host gateway.example.org
  coredeck set /coredns/io/gcr/x1 --ttl 300
  coredeck set gcr.io --host 10.0.0.2 --confirm /coredns/io/gcr/x2
  coredeck set www.example.org --host 192.0.2.15 --ptr
  coredeck set test.example.org --host 192.0.2.90 --lease 2h --reason 'INC-4711'
  coredeck set www.example.org --host 192.0.2.15 --wait 60s

For a NAME a record is added at the next free leaf (x1, x2, ...), and never
written over another. For a KEY only the given fields change; what this program
does not know, the order of the fields and the lease stay. An empty value
(--ttl '') takes a field away.

The plan says which of CoreDNS's answers change, the worst first. With -o json
the result has them as impact: name, types, change and weight of each; null when
they are not known, as impact_notes says then. The plan itself is plan, in the
form of coredeck plan -o json.

With --wait the servers of the profile or the Corefile are asked until each gives
the new answers or its cache has run out. Who stays behind is named, in JSON as
served: server, there, behind; the exit code is 6 then, and the change is made.";

const RM_EXAMPLES: &str = "\
Examples:
  coredeck rm /coredns/io/gcr/x1
  coredeck rm /coredns/io/gcr/x1 --confirm /coredns/io/gcr/x1
  coredeck rm --recursive gcr.io --confirm /coredns/io/gcr/ --expect 3

Without a terminal --confirm has to give the exact key, and with --recursive
the key of the subtree, which ends in a slash. There is no --force.";

const ISOLATE_EXAMPLES: &str = "\
Examples:
  coredeck isolate www.example.org
  coredeck isolate www.example.org --confirm /coredns/org/example/www/x1

CoreDNS answers for a name with all records below it, those of other names too.
This puts the records of the name in one group, and those of each name below it
in another; the plan shows the answers before and after. A record at a name
right below becomes a leaf of it where that is needed, which takes it away from
CNAME queries. A writer that knows no groups, as external-dns without its
annotation, adds records that answer for the name again. For a zone's own
addresses dns/apex does it.";

const ANSWER_EXAMPLES: &str = "\
Examples:
  coredeck answer gcr.io
  coredeck answer www.example.org AAAA -o json
  coredeck answer 7.0.0.10.in-addr.arpa PTR --zones 10.0.0.0/8
  coredeck answer gcr.io --records records.json --zones gcr.io

With -o json one object: name, type, zone, rcode, answer, authority, additional
(each record as \"owner ttl IN TYPE data\"), keys, asks, why. Names end with their
dot. rcode is null where no reply comes or something else gives it; why says
which. zone is null where no zone covers the name.

A file of records is an array of objects with key, and with value (JSON, stored
as it is written) or raw (a string, stored as it is), and lease_ttl in seconds
for a record with a lease; or the lines of coredeck get --recursive -o json.";

const LINT_EXAMPLES: &str = "\
Examples:
  coredeck lint
  coredeck lint example.org --severity info -o json
  coredeck lint --records records.json --zones example.org
  coredeck lint --fix
  coredeck lint example.org --fix T3,T4 --confirm /coredns/org/example/

Exit code 6 when something of the severity or worse is found, 0 when not. With
-o json one object per finding: severity, trap, key, names, message, fix (null
where there is none) and steps, what the fix would do: op (create, update, move,
delete), key, and value, before or to, all spelled as this program shows them.

With --fix the fixes are one plan, which says how many findings are left after it
and is confirmed like any change; of named traps every finding is meant, and
without any those that are as bad as --severity says. A NAME stands before --fix.";

const VERIFY_EXAMPLES: &str = "\
Examples:
  coredeck verify gcr.io
  coredeck verify gcr.io AAAA --server 10.0.0.10 --server 10.0.0.11:1053
  coredeck verify --server 10.0.0.10 -o json
  coredeck verify gcr.io --wait 60s

Each server is asked over UDP, and again over TCP when the reply was cut.
Without a NAME every name that has records of its own is asked, up to --limit.
The order of records is not compared, because CoreDNS may shuffle it, nor the
serial of a SOA, which is the time. Other TTLs are those of a cache. What can
bring a server down, an alias without an end, is not asked. Exit code 6 when a
server differs, 3 when no server answers, 0 when all agree. With --wait they are
asked again until all agree, the TTL of what differs has passed, or the time is
over.

With -o json one object per server and question: server, name, type, verdict
(same, other_ttl, different, no_answer, silent as foreseen, not_foreseen for
what something else answers, not_asked), foreseen and heard (each rcode, answer,
authority, additional; heard is null without a reply), message.";

/// A terminal deck for the DNS records that CoreDNS serves from etcd
///
/// Only keys below --prefix are ever touched, nothing is deleted before its exact
/// key has been typed, and the old values are on disk before anything is sent.
#[derive(Debug, Parser)]
#[command(name = "coredeck", version, after_help = EXAMPLES, max_term_width = 80)]
#[command(subcommand_help_heading = "Commands", disable_help_subcommand = true)]
pub struct CliArguments {
    /// Open the deck at this name
    pub name: Option<String>,
    #[command(flatten)]
    pub flags: Flags,
    #[command(subcommand)]
    pub command: Option<CliCommand>,
}

/// What is done without the deck.
#[derive(Debug, Subcommand)]
#[expect(clippy::doc_markdown, reason = "these comments are the text of --help")]
pub enum CliCommand {
    /// Show the names below a name, with how many records each has
    ///
    /// With -o json one object per name: name, key, records (its own and its leaves),
    /// below (all keys below it).
    Tree {
        /// Where to begin [default: the whole scope]
        name: Option<String>,
        /// As it was at this revision, which etcd must still have
        #[arg(long, value_name = "REV")]
        at: Option<i64>,
    },
    /// Show the records of a name, or the record at a key
    ///
    /// With -o json one object per record: key, name, type, value (the JSON as stored)
    /// or raw (what is no JSON object, escaped), create_revision, mod_revision, version,
    /// lease, lease_ttl (seconds).
    Get {
        /// The name, or the exact key
        #[arg(value_name = "NAME|KEY")]
        target: String,
        /// Everything below the name, not only its own records
        #[arg(short, long)]
        recursive: bool,
        /// As they were at this revision, which etcd must still have
        #[arg(long, value_name = "REV")]
        at: Option<i64>,
    },
    /// Show how the cluster is: members, leader, space, alarms, and how many may fail
    ///
    /// With -o json one object: members (name, id, endpoint, up, leader, learner,
    /// version, db_size, db_in_use, db_quota, raft_term, raft_index, errors),
    /// cluster_id, quorum (enough members are there to write), spare (how many more may
    /// fail), alarms (member, alarm), summary, findings (level, what, remedy). What is not
    /// known is null. known tells of lost keys (keys_then, keys_now, when, revision_then,
    /// in_etcd_at, saved, others, went_back), and is null where none are. Ends with 6 when
    /// something is wrong or lost, and with 3 when nobody answers.
    Status(StatusFlags),
    /// Find records by a part of their name, key or value, or by an IP address
    Search {
        /// Without regard to case; an address finds itself only
        text: String,
    },
    /// Say what CoreDNS answers, from which keys, and why
    #[command(after_help = ANSWER_EXAMPLES)]
    Answer(AnswerFlags),
    /// Look for what breaks answers, or makes them surprising
    #[command(after_help = LINT_EXAMPLES)]
    Lint(LintFlags),
    /// Ask live CoreDNS servers, and compare with what the records say
    #[command(after_help = VERIFY_EXAMPLES)]
    Verify(VerifyFlags),
    /// Add a record to a name, or create or edit the one at a key
    #[command(after_help = SET_EXAMPLES)]
    Set {
        /// The name to add to, or the exact key to create or edit
        #[arg(value_name = "NAME|KEY")]
        target: String,
        #[command(flatten)]
        fields: Box<FieldFlags>,
        #[command(flatten)]
        change: ChangeFlags,
    },
    /// Delete a record, or with --recursive a name and everything below it
    #[command(after_help = RM_EXAMPLES)]
    Rm {
        /// The exact key, or a name that has one record
        #[arg(value_name = "NAME|KEY")]
        target: String,
        /// The name and everything below it
        #[arg(short, long)]
        recursive: bool,
        #[command(flatten)]
        change: ChangeFlags,
    },
    /// Move a name with everything below it to another name
    #[command(after_help = bulk::MV_EXAMPLES)]
    Mv(MvFlags),
    /// Copy a name with everything below it to another name
    #[command(after_help = bulk::CP_EXAMPLES)]
    Cp(RelocateFlags),
    /// Give records another TTL
    #[command(after_help = bulk::TTL_EXAMPLES)]
    Ttl(TtlFlags),
    /// Put another host wherever this one stands
    #[command(after_help = bulk::REPLACE_HOST_EXAMPLES)]
    ReplaceHost(ReplaceHostFlags),
    /// Keep a name's answers apart from the names below it, with groups
    #[command(after_help = ISOLATE_EXAMPLES)]
    Isolate {
        /// The name that is to answer with its own records alone
        name: String,
        #[command(flatten)]
        change: ChangeFlags,
    },
    /// Take a change back, as the journal has it
    #[command(after_help = journal::UNDO_EXAMPLES)]
    Undo(UndoFlags),
    /// Finish a change that was broken off, or say what became of it
    #[command(after_help = journal::RESUME_EXAMPLES)]
    Resume(ResumeFlags),
    /// Show what was changed with this program: who, when, where, what, and what became of it
    #[command(after_help = journal::LOG_EXAMPLES)]
    Log(LogFlags),
    /// Show what a key or a name was, at every revision that etcd still has
    #[command(after_help = history::HISTORY_EXAMPLES)]
    History(HistoryFlags),
    /// Put a key or a name back to what it was at a revision
    #[command(after_help = history::PUT_BACK_EXAMPLES)]
    PutBack(PutBackFlags),
    /// Save what any range of keys was at a revision to a file; reads only
    #[command(after_help = history::RESCUE_EXAMPLES)]
    Rescue(RescueFlags),
    /// Save the scope to a verified file
    #[command(after_help = backup::BACKUP_EXAMPLES)]
    Backup(BackupFlags),
    /// Create what a backup has and the scope has not
    #[command(after_help = backup::RESTORE_EXAMPLES)]
    Restore(RestoreFlags),
    /// Save all of etcd as a verified snapshot, or look into one
    #[command(after_help = snapshot::SNAPSHOT_EXAMPLES)]
    Snapshot(SnapshotFlags),
    /// Write records out: as JSON lines, zone files, hosts, or CSV
    #[command(after_help = exchange::EXPORT_EXAMPLES)]
    Export(ExportFlags),
    /// Add the records of a file
    #[command(after_help = exchange::IMPORT_EXAMPLES)]
    Import(ImportFlags),
    /// Compare a desired state with the scope, and print what would change
    #[command(after_help = exchange::PLAN_EXAMPLES)]
    Plan(PlanFlags),
    /// Make a plan that was saved with plan -o json
    #[command(after_help = exchange::APPLY_EXAMPLES)]
    Apply(ApplyFlags),
    /// Move the scope to an etcd of its own, step by step
    #[command(after_help = migrate::MIGRATE_EXAMPLES)]
    Migrate(MigrateFlags),
    /// Say what is there, what of it is used, and what is wrong with it
    #[command(after_help = doctor::DOCTOR_EXAMPLES)]
    Doctor,
    /// Print the etcdctl lines for a user that can do nothing but the scope
    #[command(after_help = doctor::RBAC_EXAMPLES)]
    Rbac(RbacFlags),
    /// Say what an etcdctl line would do, and to how many keys; it is never run
    #[command(after_help = explain::EXPLAIN_EXAMPLES)]
    Explain(ExplainFlags),
    /// Print the completions for a shell
    Completions {
        /// For which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or that of a command
    Man {
        /// Whose page
        command: Option<String>,
    },
}

impl CliCommand {
    /// Tells whether it writes to etcd, once somebody agrees.
    #[must_use]
    pub fn changes(&self) -> bool {
        if let Self::Lint(flags) = self {
            return flags.fix.is_some();
        }
        matches!(
            self,
            Self::Set { .. }
                | Self::Rm { .. }
                | Self::Mv(_)
                | Self::Cp(_)
                | Self::Ttl(_)
                | Self::ReplaceHost(_)
                | Self::Isolate { .. }
                | Self::Undo(_)
                | Self::Resume(_)
                | Self::PutBack(_)
                | Self::Restore(_)
                | Self::Import(_)
                | Self::Apply(_)
                | Self::Migrate(_)
        )
    }
}

/// What every change takes.
#[derive(Clone, Debug, Default, Args)]
pub struct ChangeFlags {
    /// Also add, move or delete the PTR records of its addresses, in the same plan
    ///
    /// Only where their reverse zone is served from the same scope; a PTR record that
    /// points to another name is left as it is.
    #[arg(long)]
    pub ptr: bool,
    #[command(flatten)]
    pub consent: Consent,
}

/// A question, and what it is judged by.
#[derive(Clone, Debug, Args)]
pub struct AnswerFlags {
    /// Whose records, with or without a closing dot
    pub name: String,
    /// Which type, as A, SRV or TYPE65
    #[arg(value_name = "TYPE", default_value = "A")]
    pub kind: String,
    #[command(flatten)]
    pub from: JudgeFlags,
}

/// What records are judged by.
#[derive(Clone, Debug, Default, Args)]
pub struct JudgeFlags {
    /// Take the records of this file instead of etcd's; - is stdin
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub records: Option<PathBuf>,
    /// The version of CoreDNS, where versions differ [default: the newest that is known]
    #[arg(long, value_name = "VERSION", value_parser = coredns_version)]
    pub coredns_version: Option<CoreDnsVersion>,
}

/// What is looked for, and where.
#[derive(Clone, Debug, Args)]
pub struct LintFlags {
    /// Only what lies at or below this name, or hurts it
    #[arg(value_name = "NAME|KEY")]
    pub name: Option<String>,
    /// The mildest that is shown and counts
    #[arg(long, value_name = "SEVERITY", default_value = "warning")]
    pub severity: LeastSeverity,
    /// Plan the fixes of what is found, or of these traps alone, as T3 E1; nothing is done before it is confirmed
    #[arg(long, value_name = "TRAP", num_args = 0.., value_delimiter = ',', conflicts_with = "records")]
    pub fix: Option<Vec<Trap>>,
    #[command(flatten)]
    pub from: JudgeFlags,
    #[command(flatten)]
    pub consent: Consent,
}

/// How bad a finding has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LeastSeverity {
    Error,
    Warning,
    Info,
}

/// Who is asked what.
#[derive(Clone, Debug, Args)]
pub struct VerifyFlags {
    /// Which name [default: every name with records of its own]
    pub name: Option<String>,
    /// Which types, with commas [default: every type that etcd can answer]
    #[arg(value_name = "TYPE")]
    pub kinds: Option<String>,
    /// A CoreDNS to ask; may be given several times [default: those of the profile, else of the Corefile]
    #[arg(long, value_name = "ADDR[:PORT]")]
    pub server: Vec<DnsServer>,
    /// The most names that are asked without a NAME
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub limit: usize,
    /// Ask until they agree, at most so long: a cache that has run out is not waited for
    #[arg(long, value_name = "TIME", value_parser = wait)]
    pub wait: Option<Duration>,
    /// The version of the servers, where versions differ [default: the newest that is known]
    #[arg(long, value_name = "VERSION", value_parser = coredns_version)]
    pub coredns_version: Option<CoreDnsVersion>,
}

fn coredns_version(text: &str) -> Result<CoreDnsVersion, String> {
    let numbers: Option<Vec<u16>> =
        text.strip_prefix('v').unwrap_or(text).split('.').map(|number| number.parse().ok()).collect();
    match numbers.as_deref() {
        Some([major, minor, patch]) => Ok(CoreDnsVersion { major: *major, minor: *minor, patch: *patch }),
        Some([major, minor]) => Ok(CoreDnsVersion { major: *major, minor: *minor, patch: 0 }),
        _ => Err("a version is written as 1.14.7".to_owned()),
    }
}

/// The agreement to a change that is given in advance.
#[derive(Clone, Debug, Default, Args)]
pub struct Consent {
    /// The exact key that the plan asks for
    #[arg(long, value_name = "KEY", help_heading = "Confirming")]
    pub confirm: Option<String>,
    /// The exact number of keys; must be right wherever it is given
    #[arg(long, value_name = "N", help_heading = "Confirming")]
    pub expect: Option<u64>,
    /// Why it is done; the journal keeps it, and log shows it
    #[arg(long, value_name = "TEXT", help_heading = "Confirming", value_parser = reason)]
    pub reason: Option<String>,
    /// Afterwards ask the CoreDNS servers of the profile or the Corefile until each gives the new answers, at most
    /// so long; exit code 6 when one does not
    #[arg(long, value_name = "TIME", help_heading = "Confirming", value_parser = wait)]
    pub wait: Option<Duration>,
}

fn wait(text: &str) -> Result<Duration, String> {
    duration(text, Duration::from_secs(3600))
}

/// The most characters of a reason: it is a sentence beside every entry, and no document.
const LONGEST_REASON: usize = 1_000;

fn reason(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("a reason is a sentence, and this is none".to_owned()),
        text if text.chars().count() > LONGEST_REASON => {
            Err(format!("a reason has at most {LONGEST_REASON} characters"))
        }
        text => Ok(text.to_owned()),
    }
}

/// Returns the whole command line, for completions and the manual.
#[must_use]
pub fn command() -> clap::Command {
    CliArguments::command()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn there_is_no_way_to_agree_to_everything() {
        for flag in ["--force", "--yes", "-y", "-f"] {
            for command in [
                "set", "rm", "isolate", "undo", "resume", "put-back", "restore", "import", "apply", "migrate",
            ] {
                let arguments = ["coredeck", command, "/coredns/x", flag];
                assert!(CliArguments::try_parse_from(arguments).is_err(), "{command} {flag}");
            }
            for command in ["mv", "cp", "ttl", "replace-host"] {
                let arguments = ["coredeck", command, "gcr.io", "60"];
                assert!(CliArguments::try_parse_from(arguments).is_ok(), "{command}");
                let arguments = [&arguments[..], &[flag]].concat();
                assert!(CliArguments::try_parse_from(arguments).is_err(), "{command} {flag}");
            }
            assert!(CliArguments::try_parse_from(["coredeck", "lint", "--fix", flag]).is_err(), "{flag}");
        }
    }
}
