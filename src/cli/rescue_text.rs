//! Text and JSON of a rescued file: the owners of its keys, and the script that puts them back.
use super::{
    command_error::CommandError,
    last_deletion::{LastDeletion, LastDeletionLine},
    output::Screen,
    saved_text::{self, shown},
};
use crate::{
    archive::{Saved, WayBack},
    foreign_text::ForeignText,
    quantity::{counted, grouped},
    way_back::Holding,
};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct RescueFields<'a> {
    /// The deletion that `--last` has found.
    #[serde(skip_serializing_if = "Option::is_none")]
    deletion: Option<LastDeletionLine>,
    /// The script beside the file that puts back the lost keys of others.
    #[serde(skip_serializing_if = "Option::is_none")]
    script: Option<String>,
    /// The numbers of the file's keys, by prefix.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    holdings: Vec<HoldingLine<'a>>,
}

#[derive(Serialize)]
struct HoldingLine<'a> {
    prefix: &'a str,
    owner: Option<&'a str>,
    /// The number of all keys, including those with a lease.
    keys: u64,
    /// The numbers of keys with a lease, which the script leaves out, by prefix.
    leased: &'a BTreeMap<String, u64>,
}

impl<'a> HoldingLine<'a> {
    fn of(holding: &'a Holding) -> Self {
        let Holding { prefix, keys, leased, .. } = holding;
        let owner = Some(holding.owner()).filter(|owner| !owner.is_empty());
        Self { prefix, owner, keys: keys + holding.leased_keys(), leased }
    }
}

/// Prints the verified file, the owners of its keys, and the way to put them back.
pub(super) fn print(
    screen: &Screen,
    saved: &Saved,
    last: Option<&LastDeletion>,
    way_back: Option<&WayBack>,
) -> Result<(), CommandError> {
    let holdings = || way_back.into_iter().flat_map(|way_back| way_back.holdings.iter());
    let script = way_back.and_then(|way_back| way_back.script.as_deref()).map(shown);
    let mut lines: Vec<String> = Vec::new();
    for (number, holding) in holdings().enumerate() {
        let label = if number == 0 { "of" } else { "" };
        lines.push(format!("{label:<8}  {}", of_holding(holding)));
    }
    lines.extend(script.as_deref().map(|script| format!("script    {}", ForeignText::from(script))));
    let fields = RescueFields {
        deletion: last.map(LastDeletion::line),
        script: script.clone(),
        holdings: holdings().map(HoldingLine::of).collect(),
    };
    saved_text::print(screen, saved, fields, lines)
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
