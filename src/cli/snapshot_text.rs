//! What is said of a snapshot.
use super::{
    output::{Screen, print_lines},
    trouble::Trouble,
};
use crate::{
    foreign_text::ForeignText,
    keys::{ClusterId, spelling::spell},
    quantity::grouped,
    snapshot::{Prefix, Status},
};
use serde::Serialize;
use std::path::Path;

#[derive(Serialize)]
struct StatusLine<'a> {
    file: String,
    /// Keys that exist at the revision.
    keys: u64,
    revision: i64,
    /// Only of a snapshot that was just taken: a file does not know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster_id: Option<String>,
    /// Of the file itself.
    sha256: &'a str,
    /// These three as `etcdctl snapshot status -w json` has them.
    hash: u32,
    total_key: u64,
    total_size: u64,
    prefixes: Vec<PrefixLine>,
}

#[derive(Serialize)]
struct PrefixLine {
    /// Spelled; `null` for all those beyond the first thousand together.
    prefix: Option<String>,
    keys: u64,
    bytes: u64,
}

pub(super) fn print(
    screen: &Screen,
    file: &Path,
    found: &Status,
    cluster: Option<ClusterId>,
) -> Result<(), Trouble> {
    let shown = file.display().to_string();
    let spelled = |prefix: &Prefix| prefix.prefix.as_deref().map(spell);
    if screen.is_json() {
        let prefixes = found.prefixes.iter();
        let line = StatusLine {
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
    print_lines(head.into_iter().chain(columns).chain(rows))
}
