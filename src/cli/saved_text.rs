//! Text and JSON of a file that was written and verified; the further fields of a backup or a rescue stand in files of
//! their own.
use super::{
    command_error::CommandError,
    output::{Screen, print_lines},
};
use crate::{archive::Saved, foreign_text::ForeignText};
use serde::Serialize;
use std::path::Path;

#[derive(Serialize)]
struct SavedFileLine<'a, M> {
    file: String,
    keys: u64,
    leases: u64,
    revision: i64,
    cluster_id: String,
    sha256: &'a str,
    bytes: u64,
    time: String,
    #[serde(flatten)]
    more: M,
}

/// Prints the file: as one object with the fields of `more`, or in lines with those of `further`.
pub(super) fn print(
    screen: &Screen,
    saved: &Saved,
    more: impl Serialize,
    further: impl IntoIterator<Item = String>,
) -> Result<(), CommandError> {
    let written = &saved.written;
    if screen.is_json() {
        let line = SavedFileLine {
            file: shown(&saved.path),
            keys: written.records,
            leases: written.leases,
            revision: saved.revision.0,
            cluster_id: saved.cluster.to_string(),
            sha256: &written.sha256,
            bytes: written.bytes,
            time: saved.time.to_string(),
            more,
        };
        // Strings and numbers always serialise.
        return print_lines([serde_json::to_string(&line).unwrap_or_default()]);
    }
    let lines = [
        format!("file      {}", ForeignText::from(shown(&saved.path).as_str())),
        format!("keys      {}, of {} leases", written.records, written.leases),
        format!("revision  {} of cluster {}", saved.revision, saved.cluster),
        format!("size      {} bytes, read back and verified", written.bytes),
        format!("sha256    {}", written.sha256),
    ];
    print_lines(lines.into_iter().chain(further))
}

pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}
