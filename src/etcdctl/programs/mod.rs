//! Facts about programs other than etcdctl: whether one changes nothing of etcd, with these words behind it.
mod etcds_files;
mod scripts;
mod table;
mod words;

pub(super) use etcds_files::{finds_and_removes, is_data_of_a_member, is_etcds_file};
pub(super) use words::is_beside_etcd;

use super::shell::ShellWord;
use table::{Keeps, Program};

/// Tells whether a program of this name changes nothing of etcd, with these words behind it.
pub(super) fn changes_nothing(name: &str, words: &[ShellWord]) -> bool {
    let name = name.strip_suffix(".exe").unwrap_or(name);
    let Some(program) = Program::called(name) else { return false };
    if program.runs_one_of(words) || program.evaluates && words.iter().any(words::is_evaluated) {
        return false;
    }
    let is_beside = || words.iter().all(words::is_beside_etcd);
    match program.keeps {
        Keeps::Words => true,
        // Nobody sorts a line that deletes, or looks for it in a table: such a command is not understood.
        Keeps::Shows => !words::is_deleting_line(words),
        Keeps::Beside => is_beside(),
        // Such a program may change the files that it is given; only a reader is given etcd's own.
        Keeps::Writes => is_beside() && !etcds_files::is_named(words),
        Keeps::WritesLast => is_beside() && words.last().is_none_or(|to| !is_etcds_file(&to.bytes)),
        Keeps::Removes => is_beside() && !etcds_files::may_be_removed(name, words),
        Keeps::Verbs(verbs) => is_beside() && words::first_of(words, verbs),
        Keeps::By(keeps) => keeps(words),
        Keeps::Nothing => false,
    }
}

/// Tells whether the program only shows its words.
pub(super) fn shows(name: &str) -> bool {
    Program::called(name).is_some_and(|program| matches!(program.keeps, Keeps::Words | Keeps::Shows))
}

/// Tells whether the program runs its words, or a file, in a language that is not read here.
pub(super) fn runs_others(name: &str) -> bool {
    let is_script = [".sh", ".bash", ".py", ".pl", ".rb"].iter().any(|end| name.ends_with(end));
    let runs = |program: &Program| matches!(program.keeps, Keeps::Nothing);
    is_script || name.starts_with("python") || is_editor(name) || Program::called(name).is_some_and(runs)
}

/// Tells whether the program's first word may be a script that runs something.
pub(super) fn takes_scripts(name: &str) -> bool {
    is_editor(name) || name == "find"
}

/// Tells whether the program edits a stream by a script.
fn is_editor(name: &str) -> bool {
    matches!(name, "awk" | "gawk" | "mawk" | "nawk" | "sed" | "gsed")
}
