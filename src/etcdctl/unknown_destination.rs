//! Destination that only a shell knows: a variable in the value of a flag of the connection does not change the keys
//! that the line is about.
use super::{
    commands::GLOBAL,
    flag::FlagKind,
    sentence::{Sentence, sentence},
    shell::{ExpansionKind, ShellWord},
};
use crate::foreign_text::ForeignText;

/// Returns the words without values of the connection that only a shell knows, and the names of those left out.
pub(super) fn without_connection(words: &[ShellWord]) -> (Vec<ShellWord>, Vec<String>) {
    let (mut kept, mut left_out) = (Vec::new(), Vec::new());
    let mut has_command = false;
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if word.is("--") {
            kept.push(word.clone());
            kept.extend(rest.by_ref().cloned());
            break;
        }
        let text = word.bytes.as_slice();
        match flag_of(text) {
            Some(name) if text.contains(&b'=') && is_unsaid(word) => left_out.push(name),
            Some(name) if takes_next(text) => match rest.next() {
                Some(value) if is_unsaid(value) => left_out.push(name),
                value => {
                    kept.push(word.clone());
                    kept.extend(value.cloned());
                }
            },
            // Before the command there are only flags, which are those of the connection.
            None if !has_command && is_unsaid(word) && text.starts_with(b"$") => {
                left_out.push(String::from_utf8_lossy(text).into_owned());
            }
            _ => {
                has_command |= text.first() != Some(&b'-');
                kept.push(word.clone());
            }
        }
    }
    (kept, left_out)
}

/// Explains the names that were left out.
pub(super) fn told(left_out: &[String]) -> Sentence {
    let names = left_out.join(", ");
    sentence![
        "It goes to whatever cluster ",
        ForeignText::from(names.as_str()),
        " says, which only the shell knows; its keys are counted in the one that this program is connected to."
    ]
}

/// Tells whether a variable of this name sets only the destination of a line.
pub(super) fn is_of_connection(name: &[u8]) -> bool {
    let flag = name
        .strip_prefix(b"ETCDCTL_")
        .map(|name| String::from_utf8_lossy(name).to_lowercase().replace('_', "-"));
    flag.is_some_and(|flag| flag == "api" || GLOBAL.iter().any(|global| global.long == flag))
}

fn is_unsaid(word: &ShellWord) -> bool {
    matches!(word.unknown, Some(ExpansionKind::Variable | ExpansionKind::Output | ExpansionKind::Home))
}

/// Returns the flag of the connection that a word begins with.
fn flag_of(text: &[u8]) -> Option<String> {
    let name = text.split(|byte| *byte == b'=').next().unwrap_or_default();
    let global = GLOBAL.iter().find(|flag| match name {
        [b'-', b'-', long @ ..] => flag.long.as_bytes() == long,
        [b'-', short] => flag.short == Some(*short),
        _ => false,
    });
    global.map(|flag| format!("--{}", flag.long))
}

fn takes_next(text: &[u8]) -> bool {
    let kind = |name: &str| GLOBAL.iter().find(|flag| flag.long == name).map(|flag| flag.kind);
    let flag = flag_of(text);
    !text.contains(&b'=')
        && flag.and_then(|flag| kind(flag.trim_start_matches('-'))).is_some_and(|kind| kind != FlagKind::Bool)
}
