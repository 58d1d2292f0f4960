//! Text and JSON of a snapshot.
use super::{
    command_error::CommandError,
    cut::print_text,
    output::{Screen, print_lines, say_safely},
    saved_text,
    warning::Warning,
};
use crate::{
    foreign_text::ForeignText,
    keys::{ClusterId, spelling::spell},
    quantity::grouped,
    snapshot::{KeptSnapshot, Prefix, SnapshotStatus},
};
use serde::Serialize;
use std::path::Path;

#[derive(Serialize)]
struct SnapshotStatusLine<'a> {
    file: String,
    /// The number of keys at the revision.
    keys: u64,
    revision: i64,
    /// The cluster, only of a snapshot that was just taken: a file does not name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster_id: Option<String>,
    /// The checksum of the file itself.
    sha256: &'a str,
    /// This and the next two are as `etcdctl snapshot status -w json` has them.
    hash: u32,
    total_key: u64,
    total_size: u64,
    prefixes: Vec<PrefixLine>,
    /// The older snapshots that were removed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    removed: Vec<String>,
    /// The number of snapshots of that cluster, itself among them, if there are rules for older ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<usize>,
    /// The warnings, each in one line with its remedy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

/// Result for the older snapshots beside a new one.
#[derive(Debug, Default)]
pub(super) struct OlderSnapshots {
    pub(super) removed: Vec<KeptSnapshot>,
    pub(super) kept: Option<usize>,
    pub(super) warnings: Vec<Warning>,
}

#[derive(Serialize)]
struct PrefixLine {
    /// The prefix, spelled; `null` for all those beyond the first thousand together.
    prefix: Option<String>,
    keys: u64,
    bytes: u64,
}

pub(super) fn print(
    screen: &Screen,
    file: &Path,
    found: &SnapshotStatus,
    taken: Option<(ClusterId, &OlderSnapshots)>,
) -> Result<(), CommandError> {
    let (cluster, older) = taken.unzip();
    if let Some(older) = older {
        older.warnings.iter().for_each(Warning::say);
        for gone in &older.removed {
            say_safely(format!("Removed {}.", gone.path.display()));
        }
    }
    let shown = saved_text::shown(file);
    let spelled = |prefix: &Prefix| prefix.prefix.as_deref().map(spell);
    if screen.is_json() {
        let prefixes = found.prefixes.iter();
        let line = SnapshotStatusLine {
            file: shown,
            keys: found.keys,
            revision: found.revision,
            cluster_id: cluster.map(|cluster| cluster.to_string()),
            sha256: &found.sha256,
            hash: found.hash,
            total_key: found.entries,
            total_size: found.size,
            prefixes: prefixes
                .map(|prefix| PrefixLine { prefix: spelled(prefix), keys: prefix.keys, bytes: prefix.bytes })
                .collect(),
            removed: older
                .iter()
                .flat_map(|older| &older.removed)
                .map(|gone| saved_text::shown(&gone.path))
                .collect(),
            kept: older.and_then(|older| older.kept),
            warnings: older.iter().flat_map(|older| &older.warnings).map(Warning::in_one_line).collect(),
        };
        // Strings and numbers always serialise.
        return print_lines([serde_json::to_string(&line).unwrap_or_default()]);
    }
    let cluster = cluster.map_or_else(String::new, |cluster| format!(" of cluster {cluster}"));
    let head = [
        format!("file      {}", ForeignText::from(shown.as_str())),
        format!("revision  {}{cluster}", found.revision),
        format!("keys      {} that exist, {} entries in all", grouped(found.keys), grouped(found.entries)),
        format!("size      {} bytes of database, verified", grouped(found.size)),
        format!("sha256    {}", found.sha256),
    ];
    let columns = [String::new(), format!("{:>12} {:>15}  below", "keys", "bytes")];
    let columns = columns.into_iter().filter(|_| found.keys > 0);
    let rows = found.prefixes.iter().map(|prefix| {
        let name = spelled(prefix).unwrap_or_else(|| "all others".to_owned());
        format!("{:>12} {:>15}  {name}", grouped(prefix.keys), grouped(prefix.bytes))
    });
    print_text(head.into_iter().chain(columns).chain(rows), screen.ascii)
}
