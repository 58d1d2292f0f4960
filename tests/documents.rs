//! The documents say what the program does: what is listed in them is made from the program's own tables, and a list that is
//! stale fails (`COREDECK_DOCUMENTS=write tests/run --test documents` writes all of them anew). Links lead somewhere, and the
//! two documents that a newcomer reads first stay short.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, reason = "tests")]

use clap::{Arg, ArgAction, Command};
use coredeck::{
    app::keymap::{BINDINGS, CommandAccess, KeyContext},
    cli::command,
    dns::lint::TRAPS,
};
use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Compares the list between two marks of a document with what the program says, or writes it there.
fn list_is(document: &str, name: &str, list: &str) {
    // One document has several lists.
    static WRITING: Mutex<()> = Mutex::new(());
    let _alone = WRITING.lock();
    let path = root().join(document);
    let text = fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- {name}: begin -->\n"), format!("<!-- {name}: end -->"));
    let (before, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("{document} has no {begin}"));
    let (there, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{document} has no {end}"));
    if there == list {
        return;
    }
    let writes = std::env::var_os("COREDECK_DOCUMENTS").is_some_and(|what| what == "write");
    assert!(writes, "{document} is stale: COREDECK_DOCUMENTS=write tests/run --test documents\n{list}");
    fs::write(&path, [before, &begin, list, &end, after].concat()).unwrap();
}

#[test]
fn the_list_of_keys_is_the_programs_own() {
    let mut list = String::from("| key | does |\n|---|---|\n");
    let panes = [KeyContext::Tree, KeyContext::Records, KeyContext::Record];
    for binding in BINDINGS.iter().filter(|row| row.places.iter().any(|place| panes.contains(place))) {
        let keys: Vec<String> = binding.keys.iter().map(|key| format!("`{key}`")).collect();
        let writes = if binding.access == CommandAccess::Writes { " *" } else { "" };
        writeln!(list, "| {}{writes} | {} |", keys.join(" "), binding.help).unwrap();
    }
    list_is("docs/reference.md", "keys", &list);
}

#[test]
fn the_list_of_traps_is_the_programs_own() {
    let mut list = String::from("| trap | at worst | finding |\n|---|---|---|\n");
    for about in TRAPS {
        writeln!(list, "| {} | {} | {} |", about.trap, about.severity.word(), about.title).unwrap();
    }
    list_is("docs/dns.md", "traps", &list);
}

#[test]
fn the_list_of_commands_is_the_programs_own() {
    let mut program = command();
    program.build();
    let mut list = String::new();
    section(&program, "coredeck", &mut list);
    list_is("docs/reference.md", "commands", &list);
}

/// A command with its options, and then the commands below it. Options of every command stand at the program alone.
fn section(of: &Command, name: &str, list: &mut String) {
    let is_program = name == "coredeck";
    writeln!(list, "### `{name}`\n").unwrap();
    let about = of.get_long_about().or(of.get_about()).map(ToString::to_string).unwrap_or_default();
    if !about.is_empty() {
        writeln!(list, "{}\n", in_markdown(&about)).unwrap();
    }
    let usage = of.clone().render_usage().to_string();
    let usage: Vec<&str> = usage.trim_start_matches("Usage:").lines().map(str::trim).collect();
    writeln!(list, "```text\n{}\n```\n", usage.join("\n")).unwrap();
    let is_shown = |argument: &&Arg| !argument.is_hide_set() && (is_program || !argument.is_global_set());
    let is_own = |argument: &&Arg| !matches!(argument.get_action(), ArgAction::Help | ArgAction::HelpShort);
    let arguments: Vec<&Arg> = of.get_arguments().filter(is_shown).filter(is_own).collect();
    if !arguments.is_empty() {
        list.push_str("| option | says |\n|---|---|\n");
        for argument in arguments {
            writeln!(list, "| {} | {} |", spelled(argument), said(argument)).unwrap();
        }
        list.push('\n');
    }
    for below in of.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help") {
        section(below, &format!("{name} {}", below.get_name()), list);
    }
}

/// An option as it is typed: `-o`, `--output <FORMAT>`.
fn spelled(argument: &Arg) -> String {
    let short = argument.get_short().map(|short| format!("-{short}"));
    let long = argument.get_long().map(|long| format!("--{long}"));
    let flags: Vec<String> = short.into_iter().chain(long).collect();
    let takes = argument.get_action().takes_values();
    let values: Vec<String> =
        argument.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect();
    let value = if takes {
        values.iter().map(|value| format!("<{value}>")).collect::<Vec<_>>().join(" ")
    } else {
        String::new()
    };
    let value = value.replace('|', "\\|");
    match (flags.is_empty(), value.is_empty()) {
        (true, _) => format!("`{value}`"),
        (false, true) => format!("`{}`", flags.join(", ")),
        (false, false) => format!("`{} {value}`", flags.join(", ")),
    }
}

/// The help of an option, with its values, its default and its variable.
fn said(argument: &Arg) -> String {
    let help = argument.get_long_help().or(argument.get_help()).map(ToString::to_string).unwrap_or_default();
    let mut said = in_markdown(&help).replace("\n\n", "<br>").replace('\n', " ").replace('|', "\\|");
    let values = argument.get_possible_values();
    let takes = argument.get_action().takes_values();
    if takes && !values.is_empty() && !argument.is_hide_possible_values_set() {
        let values: Vec<String> = values.iter().map(|value| format!("`{}`", value.get_name())).collect();
        write!(said, " Values: {}.", values.join(", ")).unwrap();
    }
    let defaults = argument.get_default_values();
    if takes && !defaults.is_empty() {
        let defaults: Vec<String> =
            defaults.iter().map(|value| format!("`{}`", value.to_string_lossy())).collect();
        write!(said, " Default: {}.", defaults.join(", ")).unwrap();
    }
    if let Some(variable) = argument.get_env() {
        write!(said, " Variable: `{}`.", variable.to_string_lossy()).unwrap();
    }
    said
}

/// The signs of help that Markdown would take for its own.
fn in_markdown(text: &str) -> String {
    text.trim().replace('<', "\\<").replace('*', "\\*")
}

/// All documents for readers, with their names from the root.
fn documents() -> Vec<PathBuf> {
    let mut documents: Vec<PathBuf> =
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(PathBuf::from).into();
    let mut folders = vec![PathBuf::from("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if entry.path().is_dir() { folders.push(path) } else { documents.push(path) }
        }
    }
    documents
}

#[test]
fn every_link_of_a_document_leads_to_a_file() {
    for document in documents() {
        let text = fs::read_to_string(root().join(&document)).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
            let file = link.split('#').next().unwrap();
            if file.is_empty() || link.contains("://") {
                continue;
            }
            let there = root().join(document.parent().unwrap()).join(file);
            assert!(there.exists(), "{}: {link} leads nowhere", document.display());
        }
    }
}

#[test]
fn what_a_newcomer_reads_first_is_short() {
    for (document, most) in [("README.md", 1_200), ("ARCHITECTURE.md", 2_000)] {
        let words = fs::read_to_string(root().join(document)).unwrap().split_whitespace().count();
        assert!(words <= most, "{document} has {words} words, and at most {most} are read");
    }
}

/// Every file and folder that the documents of the next developer name, from the root or from `src/`.
#[test]
fn every_file_that_the_map_names_is_there() {
    let is_of_developers =
        |path: &&PathBuf| path.starts_with("docs/design") || **path == Path::new("ARCHITECTURE.md");
    for document in documents().iter().filter(is_of_developers) {
        let text = fs::read_to_string(root().join(document)).unwrap();
        for word in text.split('`').skip(1).step_by(2) {
            let is_path = |c: char| c.is_ascii_lowercase() || matches!(c, '_' | '/' | '.' | '0'..='9');
            let is_source = Path::new(word).extension().is_some_and(|extension| extension == "rs");
            let names_a_file = is_source || (word.ends_with('/') && word.len() > 1);
            if !names_a_file || !word.chars().all(is_path) || word.starts_with(['/', '.']) {
                continue;
            }
            let found = ["", "src"].iter().any(|folder| root().join(folder).join(word).exists());
            assert!(found, "{}: there is no {word}", document.display());
        }
    }
}
