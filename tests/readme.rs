//! README, compared with the program: its key list is the program's own table.
#![allow(clippy::panic, clippy::expect_used, reason = "a README without its markers stops the test")]

use coredeck::app::keymap::{Access, BINDINGS, Place};
use std::fmt::Write as _;

const BEGIN: &str = "<!-- keys: begin -->\n";
const END: &str = "<!-- keys: end -->";

fn table() -> String {
    let mut out = String::from("| key | does |\n|---|---|\n");
    let panes = [Place::Tree, Place::Records, Place::Record];
    for binding in BINDINGS.iter().filter(|row| row.places.iter().any(|place| panes.contains(place))) {
        let keys: Vec<String> = binding.keys.iter().map(|key| format!("`{key}`")).collect();
        let writes = if binding.access == Access::Writes { " *" } else { "" };
        writeln!(out, "| {}{writes} | {} |", keys.join(" "), binding.help)
            .expect("a string takes everything");
    }
    out
}

#[test]
fn the_readmes_key_list_is_the_programs_own_table() {
    let readme =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("README.md");
    let (_, rest) = readme.split_once(BEGIN).expect("the list begins");
    let (list, _) = rest.split_once(END).expect("the list ends");
    assert!(list == table(), "put this into README.md:\n{}", table());
}
