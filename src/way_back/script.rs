//! Script that puts keys back: plain text for `sh` and `etcdctl`, its data in here-documents.
//!
//! A shell reads and runs it batch by batch, so that it may be as large as etcd. `script.sh` does the work; before it
//! stand the connection and the numbers, behind it the batches.
use super::{Distribution, Holding, Holdings, etcdctl_lines::put_line};
use crate::{etcdctl::quoted, keys::ForeignKeyValue, quantity::counted};
use std::{
    fmt::Write as _,
    io::{self, Write},
};

/// Operations that etcd takes in a transaction (`--max-txn-ops`).
const KEYS: u64 = 128;
/// Limit for keys and values in a transaction, below the 1.5 MiB that etcd takes; the keys are in it twice.
const BYTES: u64 = 1 << 20;
/// Size of one operation beside its key and value.
const OVERHEAD: u64 = 32;

const RUN: &str = include_str!("script.sh");

/// Connection by which etcd was reached. Never a password: the script asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EtcdctlConnection {
    pub endpoints: Vec<String>,
    /// Absolute paths, because a script may be run from anywhere.
    pub cacert: Option<String>,
    pub cert: Option<String>,
    pub key: Option<String>,
    pub user: Option<String>,
}

/// Facts of a session that the way back needs.
#[derive(Clone, Debug)]
pub struct WayBackContext {
    pub connection: EtcdctlConnection,
    /// The beginning of a line for this program that reaches the same etcd and the same keys.
    pub program: String,
    /// `None` if this machine does not show what installed Kubernetes.
    pub distribution: Option<Distribution>,
}

/// Everything before the batches.
#[derive(Clone, Debug)]
pub struct PutBackScript<'a> {
    pub holdings: &'a Holdings,
    pub context: &'a WayBackContext,
    /// The file that the keys are from.
    pub file: &'a str,
    /// Path where the script itself is to be.
    pub path: &'a str,
    /// The steps round it, to be read in it.
    pub steps: &'a [String],
    /// SHA-256 of all lines that put a key.
    pub sha256: &'a str,
    /// Name and version of the program that writes it.
    pub writer: &'a str,
}

impl PutBackScript<'_> {
    /// Counts the lines that put a key.
    fn lines(&self) -> u64 {
        self.holdings.iter().map(|holding| holding.keys).sum()
    }

    /// Writes everything up to the first batch.
    ///
    /// # Errors
    /// The failure of the output.
    pub fn begin(&self, out: &mut impl Write) -> io::Result<()> {
        let Holdings { cluster, revision, .. } = self.holdings;
        let largest = self.holdings.largest().map(|holding| holding.prefix.as_str()).unwrap_or_default();
        let mut head = format!(
            "#!/bin/sh\n# Puts keys of etcd back, as they were at revision {revision} of cluster {cluster}. It asks before it writes.\n\
             # Written by {} from {}.\n#\n",
            self.writer, self.file
        );
        for step in self.steps {
            // A line of text from elsewhere must not end the comment.
            let _ = writeln!(head, "{}", format!("# {}", step.replace(['\n', '\r'], " ")).trim_end());
        }
        let _ = writeln!(
            head,
            "\n# The connection that the keys were read by. A password is asked for, or taken from ETCDCTL_PASSWORD."
        );
        let _ = writeln!(
            head,
            "unset ETCDCTL_CACERT ETCDCTL_CERT ETCDCTL_KEY ETCDCTL_USER ETCDCTL_DISCOVERY_SRV \\\n    ETCDCTL_WRITE_OUT ETCDCTL_HEX ETCDCTL_DEBUG ETCDCTL_DIAL_TIMEOUT"
        );
        let connection = &self.context.connection;
        let endpoints = connection.endpoints.join(",");
        let variables = [
            ("ENDPOINTS", Some(&endpoints)),
            ("CACERT", connection.cacert.as_ref()),
            ("CERT", connection.cert.as_ref()),
            ("KEY", connection.key.as_ref()),
            ("USER", connection.user.as_ref()),
        ];
        for (name, value) in variables {
            if let Some(value) = value {
                let _ = writeln!(head, "export ETCDCTL_{name}={}", quoted(value));
            }
        }
        let _ = writeln!(head, "export ETCDCTL_COMMAND_TIMEOUT=30s\n");
        let numbers = [
            ("largest", quoted(largest)),
            ("lines", self.lines().to_string()),
            ("sha256", self.sha256.to_owned()),
            ("revision", revision.to_string()),
            ("cluster", cluster.0.to_string()),
            ("cluster_id", cluster.to_string()),
        ];
        for (name, value) in numbers {
            let _ = writeln!(head, "{name}={value}");
        }
        out.write_all(head.as_bytes())?;
        out.write_all(self.choices().as_bytes())?;
        out.write_all(RUN.as_bytes())
    }

    /// Writes the list for `--list`, and the facts about each prefix.
    fn choices(&self) -> String {
        let mut list = String::from("\nlist() {\n    cat <<'END'\n");
        let mut choose = String::from("\nchoose() {\n    case $1 in\n");
        for holding in self.holdings.iter() {
            let Holding { prefix, keys, .. } = holding;
            let owner = holding.owner();
            let leased = match holding.leased_keys() {
                0 => String::new(),
                leased => format!(", and {leased} with a lease"),
            };
            let _ = writeln!(
                list,
                "{}",
                format!("{prefix}  {}{leased}  {owner}", counted(*keys, "key")).trim_end()
            );
            let whose = if owner.is_empty() { prefix.clone() } else { format!("{owner} ({prefix})") };
            // A prefix that cannot be typed as it is stays uncounted.
            let below = if prefix.contains('\\') || !prefix.ends_with('/') { "" } else { prefix };
            let _ = writeln!(
                choose,
                "    {})\n        keys={keys}\n        whose={}\n        below={}\n        leased={}\n        advice={}\n        ;;",
                quoted(prefix),
                quoted(&whose),
                quoted(below),
                quoted(&left_out(holding)),
                quoted(&self.advice(holding)),
            );
        }
        format!("{list}END\n}}\n{choose}    *) return 1 ;;\n    esac\n}}\n\n")
    }

    fn advice(&self, holding: &Holding) -> String {
        if self.holdings.is_own(holding) {
            return format!(
                "These are DNS records: {} restore {} does it with a journal and an undo.",
                self.context.program,
                quoted(self.file)
            );
        }
        if holding.is_of_kubernetes() {
            return "All API servers have to be stopped before. Afterwards start them, then restart the controllers, the \
                    scheduler and the kubelets."
                .to_owned();
        }
        String::new()
    }

    /// Writes the text behind the last batch.
    ///
    /// # Errors
    /// The failure of the output.
    pub fn end(&self, out: &mut impl Write) -> io::Result<()> {
        write!(out, "\nfinish\n# The end: {} keys\n", self.lines())
    }
}

/// Describes the keys of a holding that cannot be put back.
pub(super) fn left_out(holding: &Holding) -> String {
    if holding.leased.is_empty() {
        return String::new();
    }
    let each: Vec<_> = holding.leased.iter().map(|(prefix, keys)| format!("{prefix} {keys}")).collect();
    let then = if holding.is_of_kubernetes() {
        "Kubernetes makes them anew"
    } else {
        "a lease that has ended does not come back"
    };
    format!("{} with a lease ({}): {then}.", counted(holding.leased_keys(), "key"), each.join(", "))
}

/// Gathers keys into batches, each for one transaction. They are given in key order.
#[derive(Debug, Default)]
pub struct Batches {
    prefix: String,
    lines: Vec<u8>,
    keys: u64,
    bytes: u64,
}

impl Batches {
    /// Adds a key without a lease; writes the batch before it where that is full or of another prefix.
    ///
    /// # Errors
    /// The failure of the output.
    pub fn add(&mut self, prefix: &str, record: &ForeignKeyValue, out: &mut impl Write) -> io::Result<()> {
        let bytes = 2 * record.key.len() as u64 + record.value.len() as u64 + OVERHEAD;
        if self.prefix != prefix || self.keys == KEYS || self.bytes + bytes > BYTES {
            self.flush(out)?;
            prefix.clone_into(&mut self.prefix);
        }
        self.keys += 1;
        self.bytes += bytes;
        self.lines.extend_from_slice(&put_line(record));
        Ok(())
    }

    /// Writes the last batch.
    ///
    /// # Errors
    /// The failure of the output.
    pub fn flush(&mut self, out: &mut impl Write) -> io::Result<()> {
        if self.keys > 0 {
            writeln!(out, "batch {} <<'END'", quoted(&self.prefix))?;
            out.write_all(&self.lines)?;
            out.write_all(b"END\n")?;
        }
        self.lines.clear();
        (self.keys, self.bytes) = (0, 0);
        Ok(())
    }
}
