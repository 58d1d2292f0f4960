use super::fields::FieldFlags;
use crate::config::Flags;
use clap::{Args, CommandFactory as _, Parser, Subcommand};

const EXAMPLES: &str = "\
Examples:
  coredeck --demo                       try it, without any cluster
  sudo coredeck gcr.io                  open the deck at gcr.io
  coredeck get gcr.io -o json           its records, one JSON object per line
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

For a NAME a record is added at the next free leaf (x1, x2, ...), and never
written over another. For a KEY only the given fields change; what this program
does not know, the order of the fields and the lease stay. An empty value
(--ttl '') takes a field away.";

const RM_EXAMPLES: &str = "\
Examples:
  coredeck rm /coredns/io/gcr/x1
  coredeck rm /coredns/io/gcr/x1 --confirm /coredns/io/gcr/x1
  coredeck rm --recursive gcr.io --confirm /coredns/io/gcr/ --expect 3

Without a terminal --confirm has to give the exact key, and with --recursive
the key of the subtree, which ends in a slash. There is no --force.";

/// A terminal deck for the DNS records that CoreDNS serves from etcd
///
/// Only keys below --prefix are ever touched, nothing is deleted before its exact
/// key has been typed, and the old values are on disk before anything is sent.
#[derive(Debug, Parser)]
#[command(name = "coredeck", version, after_help = EXAMPLES, max_term_width = 80)]
#[command(subcommand_help_heading = "Commands", disable_help_subcommand = true)]
pub struct Arguments {
    /// Open the deck at this name
    pub name: Option<String>,
    #[command(flatten)]
    pub flags: Flags,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What is done without the deck.
#[derive(Debug, Subcommand)]
#[expect(clippy::doc_markdown, reason = "these comments are the text of --help")]
pub enum Command {
    /// Show the names below a name, with how many records each has
    ///
    /// With -o json one object per name: name, key, records (its own and its leaves),
    /// below (all keys below it).
    Tree {
        /// Where to begin [default: the whole scope]
        name: Option<String>,
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
    },
    /// Find records by a part of their name, key or value, or by an IP address
    Search {
        /// Without regard to case; an address finds itself only
        text: String,
    },
    /// Add a record to a name, or create or edit the one at a key
    #[command(after_help = SET_EXAMPLES)]
    Set {
        /// The name to add to, or the exact key to create or edit
        #[arg(value_name = "NAME|KEY")]
        target: String,
        #[command(flatten)]
        fields: Box<FieldFlags>,
        #[command(flatten)]
        consent: Consent,
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
        consent: Consent,
    },
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

/// The agreement to a change that is given in advance.
#[derive(Clone, Debug, Default, Args)]
pub struct Consent {
    /// The exact key that the plan asks for
    #[arg(long, value_name = "KEY", help_heading = "Confirming")]
    pub confirm: Option<String>,
    /// The exact number of keys; must be right wherever it is given
    #[arg(long, value_name = "N", help_heading = "Confirming")]
    pub expect: Option<u64>,
}

/// The whole command line, for completions and the manual.
#[must_use]
pub fn command() -> clap::Command {
    Arguments::command()
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
            for command in ["set", "rm"] {
                let arguments = ["coredeck", command, "/coredns/x", flag];
                assert!(Arguments::try_parse_from(arguments).is_err(), "{command} {flag}");
            }
        }
    }
}
