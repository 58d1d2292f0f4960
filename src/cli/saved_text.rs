//! What is said of a file that was written.
use super::{
    output::{Screen, print_lines},
    trouble::Trouble,
};
use crate::{archive::Saved, foreign_text::ForeignText};
use serde::Serialize;
use std::path::{Path, PathBuf};

#[derive(Serialize)]
struct SavedLine<'a> {
    file: String,
    keys: u64,
    /// How many leases these keys hang on.
    leases: u64,
    revision: i64,
    cluster_id: String,
    /// Of the file itself.
    sha256: &'a str,
    bytes: u64,
    time: String,
    /// Older backups that were removed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    removed: Vec<String>,
}

/// Prints what was written, verified.
pub(super) fn print(screen: &Screen, saved: &Saved, removed: &[PathBuf]) -> Result<(), Trouble> {
    let shown = |path: &Path| path.display().to_string();
    let written = &saved.written;
    if screen.is_json() {
        let line = SavedLine {
            file: shown(&saved.path),
            keys: written.records,
            leases: written.leases,
            revision: saved.revision.0,
            cluster_id: saved.cluster.to_string(),
            sha256: &written.sha256,
            bytes: written.bytes,
            time: saved.time.to_string(),
            removed: removed.iter().map(|path| shown(path)).collect(),
        };
        // Strings and numbers always serialise.
        return print_lines([serde_json::to_string(&line).unwrap_or_default()]);
    }
    print_lines([
        format!("file      {}", ForeignText::from(shown(&saved.path).as_str())),
        format!("keys      {}, of {} leases", written.records, written.leases),
        format!("revision  {} of cluster {}", saved.revision, saved.cluster),
        format!("size      {} bytes, read back and verified", written.bytes),
        format!("sha256    {}", written.sha256),
    ])
}
