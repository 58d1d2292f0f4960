//! Text and JSON of a backup: the file, the warnings, and the older backups beside it.
use super::{
    command_error::CommandError,
    output::{Screen, say_safely},
    saved_text::{self, shown},
    warning::Warning,
};
use crate::archive::{Archived, Saved};
use serde::Serialize;

#[derive(Serialize)]
struct BackupFields {
    /// The older backups that were removed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    removed: Vec<String>,
    /// The number of backups of that scope and cluster beside it, itself among them, if there are rules for older ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<usize>,
    /// The newest backup before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<BeforeLine>,
    /// The warnings, each in one line with its remedy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct BeforeLine {
    file: String,
    keys: u64,
    time: String,
}

/// Facts about the backups beside the new one, and the warnings.
#[derive(Debug, Default)]
pub(super) struct BackupNotes {
    pub(super) before: Option<Archived>,
    pub(super) removed: Vec<Archived>,
    pub(super) kept: Option<usize>,
    pub(super) warnings: Vec<Warning>,
}

/// Prints the verified file. Warnings come first.
pub(super) fn print(screen: &Screen, saved: &Saved, beside: &BackupNotes) -> Result<(), CommandError> {
    beside.warnings.iter().for_each(Warning::say);
    for gone in &beside.removed {
        say_safely(format!("Removed {}, of {}.", gone.path.display(), gone.time()));
    }
    let fields = BackupFields {
        removed: beside.removed.iter().map(|gone| shown(&gone.path)).collect(),
        kept: beside.kept,
        before: beside.before.as_ref().map(|before| BeforeLine {
            file: shown(&before.path),
            keys: before.keys(),
            time: before.time().to_string(),
        }),
        warnings: beside.warnings.iter().map(Warning::in_one_line).collect(),
    };
    saved_text::print(screen, saved, fields, [])
}
