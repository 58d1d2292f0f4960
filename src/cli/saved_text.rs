//! What is said of a file that was written.
use super::{
    output::{Screen, print_lines, say_safely},
    trouble::Trouble,
};
use crate::{
    archive::{Archived, Saved},
    foreign_text::ForeignText,
};
use serde::Serialize;
use std::path::Path;

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
    /// How many backups of that scope and cluster lie beside it, itself among them, where some were to be removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<usize>,
    /// The newest backup before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<BeforeLine>,
    /// Each in one line, with what to do now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct BeforeLine {
    file: String,
    keys: u64,
    time: String,
}

/// What there is to say of a backup and the ones beside it.
#[derive(Debug, Default)]
pub(super) struct Beside {
    pub(super) before: Option<Archived>,
    pub(super) removed: Vec<Archived>,
    pub(super) kept: Option<usize>,
    pub(super) warnings: Vec<Warning>,
}

/// Why a backup ends with another exit code than 0, and what to do now. Both sentences may hold what others wrote.
#[derive(Debug)]
pub(super) struct Warning {
    what: String,
    remedy: String,
}

impl Warning {
    pub(super) fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), remedy: remedy.into() }
    }

    fn in_one_line(&self) -> String {
        ForeignText::from(format!("{} {}", self.what, self.remedy).as_str()).to_string()
    }
}

/// Prints what was written, verified. What is to be warned of is said first.
pub(super) fn print(screen: &Screen, saved: &Saved, beside: &Beside) -> Result<(), Trouble> {
    let shown = |path: &Path| path.display().to_string();
    for Warning { what, remedy } in &beside.warnings {
        say_safely(format!("coredeck: warning: {what}"));
        say_safely(remedy);
    }
    for gone in &beside.removed {
        say_safely(format!("Removed {}, of {}.", gone.path.display(), gone.time()));
    }
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
            removed: beside.removed.iter().map(|gone| shown(&gone.path)).collect(),
            kept: beside.kept,
            before: beside.before.as_ref().map(|before| BeforeLine {
                file: shown(&before.path),
                keys: before.keys(),
                time: before.time().to_string(),
            }),
            warnings: beside.warnings.iter().map(Warning::in_one_line).collect(),
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
