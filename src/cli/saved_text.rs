//! What is said of a file that was written.
use super::{
    output::{Screen, print_lines},
    trouble::Trouble,
};
use crate::{
    archive::{Saved, WayBack},
    foreign_text::ForeignText,
    quantity::{counted, grouped},
    way_back::Holding,
};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

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
    /// The script beside the file that puts back what others have lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    script: Option<String>,
    /// What the file has, by prefix.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    holdings: Vec<HoldingLine<'a>>,
}

#[derive(Serialize)]
struct HoldingLine<'a> {
    prefix: &'a str,
    owner: Option<&'a str>,
    /// All keys, those with a lease among them.
    keys: u64,
    /// Keys with a lease, which the script leaves out, by prefix.
    leased: &'a BTreeMap<String, u64>,
}

/// Prints what was written, verified.
pub(super) fn print(screen: &Screen, saved: &Saved, removed: &[PathBuf]) -> Result<(), Trouble> {
    if screen.is_json() {
        return print_json(saved, removed, None);
    }
    print_lines(lines(saved))
}

/// The same of a rescued file, with whose keys it has and how they come back.
pub(super) fn print_rescued(
    screen: &Screen,
    saved: &Saved,
    way_back: Option<&WayBack>,
) -> Result<(), Trouble> {
    if screen.is_json() {
        return print_json(saved, &[], way_back);
    }
    let mut lines = lines(saved);
    if let Some(WayBack { script, holdings, .. }) = way_back {
        lines.extend(holdings.iter().enumerate().map(|(number, holding)| {
            let label = if number == 0 { "of" } else { "" };
            format!("{label:<8}  {}", of_holding(holding))
        }));
        if let Some(script) = script {
            lines.push(format!("script    {}", ForeignText::from(shown(script).as_str())));
        }
    }
    print_lines(lines)
}

fn of_holding(holding: &Holding) -> String {
    let Holding { prefix, keys, .. } = holding;
    let leased = holding.leased_keys();
    let mut text = format!("{prefix}  {}", counted(keys + leased, "key"));
    if !holding.owner().is_empty() {
        text = format!("{text} of {}", holding.owner());
    }
    if leased > 0 {
        text = format!("{text}, {} with a lease", grouped(leased));
    }
    text
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn print_json(saved: &Saved, removed: &[PathBuf], way_back: Option<&WayBack>) -> Result<(), Trouble> {
    let holdings = way_back.into_iter().flat_map(|way_back| way_back.holdings.iter());
    let line = SavedLine {
        file: shown(&saved.path),
        keys: saved.written.records,
        leases: saved.written.leases,
        revision: saved.revision.0,
        cluster_id: saved.cluster.to_string(),
        sha256: &saved.written.sha256,
        bytes: saved.written.bytes,
        time: saved.time.to_string(),
        removed: removed.iter().map(|path| shown(path)).collect(),
        script: way_back.and_then(|way_back| way_back.script.as_deref()).map(shown),
        holdings: holdings
            .map(|holding| HoldingLine {
                prefix: &holding.prefix,
                owner: Some(holding.owner()).filter(|owner| !owner.is_empty()),
                keys: holding.keys + holding.leased_keys(),
                leased: &holding.leased,
            })
            .collect(),
    };
    // Strings and numbers always serialise.
    print_lines([serde_json::to_string(&line).unwrap_or_default()])
}

fn lines(saved: &Saved) -> Vec<String> {
    let written = &saved.written;
    vec![
        format!("file      {}", ForeignText::from(shown(&saved.path).as_str())),
        format!("keys      {}, of {} leases", written.records, written.leases),
        format!("revision  {} of cluster {}", saved.revision, saved.cluster),
        format!("size      {} bytes, read back and verified", written.bytes),
        format!("sha256    {}", written.sha256),
    ]
}
