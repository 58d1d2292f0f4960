//! Text of a restore: the list of saved copies, and before a plan the keys that stay as they are, with the reasons.
use super::{
    command_error::CommandError,
    cut::print_text,
    known::SavedCopyLine,
    output::{Screen, print_lines},
    table::TextTable,
};
use crate::{
    foreign_text::ForeignText,
    keys::ScopedKey,
    plan::Restore,
    quantity::{counted, grouped},
    recovery::Offers,
    signpost::{Brings, ago},
};
use jiff::Timestamp;

/// The most keys of each list that are shown.
const SHOWN: usize = 20;

pub(super) fn lines(restore: &Restore, of: &str, outside: u64, takes_differing: bool) -> Vec<String> {
    let mut lines = vec![
        ForeignText::from(of).to_string(),
        format!(
            "{} missing, {} with another value, {} as saved, {} beside what was saved",
            counted(restore.missing().len(), "key"),
            counted(restore.differing().len(), "key"),
            counted(restore.same(), "key"),
            counted(restore.beside().len(), "key")
        ),
    ];
    if !takes_differing {
        let differing: Vec<&ScopedKey> = restore.differing().iter().map(|(is, _)| &is.key).collect();
        list(&mut lines, "Left with the value that they have (--differing takes the saved one):", &differing);
    }
    list(
        &mut lines,
        "Left as they are, because they were not saved:",
        &restore.beside().iter().collect::<Vec<_>>(),
    );
    if outside > 0 {
        lines.push(format!("Left out: {outside} keys of others, which this program never touches."));
    }
    lines
}

fn list(lines: &mut Vec<String>, what: &str, of: &[&ScopedKey]) {
    if of.is_empty() {
        return;
    }
    lines.push(what.to_owned());
    lines.extend(of.iter().take(SHOWN).map(|key| format!("  {key}")));
    if of.len() > SHOWN {
        lines.push(format!("  and {} more", of.len() - SHOWN));
    }
}

/// Prints the list of saved copies, newest first, each with the command that plans to put it back.
pub(super) fn print_list(
    screen: &Screen,
    found: &Offers,
    program: &str,
    only: Option<&str>,
) -> Result<(), CommandError> {
    if screen.is_json() {
        // Strings and numbers always serialise.
        let line =
            |offer| serde_json::to_string(&SavedCopyLine::of(offer, program, only)).unwrap_or_default();
        return print_lines(found.list.iter().map(line));
    }
    let mut table = TextTable::new(["SAVED", "KIND", "KEYS", "AWAY", "DIFFER", "REVISION", "TO PUT IT BACK"]);
    let now = Timestamp::now();
    for offer in &found.list {
        let number = |number: u64| grouped(number);
        let (away, differing) = match &offer.brings {
            Brings::Compared { away, differing } => (number(*away), number(*differing)),
            Brings::Unknown(why) => (format!("? {why}"), String::new()),
        };
        table.push([
            ago(offer.time, now),
            offer.place.word().to_owned(),
            offer.keys.map_or_else(|| "?".to_owned(), number),
            ForeignText::from(away.as_str()).to_string(),
            differing,
            offer.revision.to_string(),
            if offer.has_some() {
                ForeignText::from(offer.command(program, only).as_str()).to_string()
            } else {
                "nothing is in it to put back".to_owned()
            },
        ]);
    }
    print_text(table.lines(screen.style), screen.ascii)
}
