//! A command as it was probably meant: with what only looks like something else put right.
use super::{
    look_alike,
    masked::masked,
    named,
    quoted::quoted_bytes,
    shell::{Command, Word, script},
    wrapped::name_of,
};

/// The command without such accidents; none where it has none. `program` is the word that etcdctl was meant by, where
/// that is misspelled. Secrets are left out, so that it says nothing of where it would go.
pub(super) fn unmistaken(command: &Command, program: Option<&[u8]>) -> Option<Command> {
    let misspelled = command.words.iter().position(|word| Some(&*word.bytes) == program);
    let words = masked(&command.words);
    let has_look_alike = words.iter().any(|word| look_alike::found(&word.bytes).is_some());
    if misspelled.is_none() && !has_look_alike {
        return None;
    }
    let one = |(number, word): (usize, &Word)| {
        if misspelled == Some(number) {
            let name = look_alike::as_meant(&name_of(word)?);
            // A blank that is none joins the next word to it.
            let (name, behind) = name.split_once(' ').unwrap_or((&name, ""));
            return Some(format!("{} {behind}", named::meant(name)?));
        }
        if look_alike::found(&word.bytes).is_some() || word.unknown.is_some() {
            return std::str::from_utf8(&word.bytes).ok().map(look_alike::as_meant);
        }
        Some(match word.assignment() {
            Some((name, value)) => format!("{}={}", String::from_utf8_lossy(name), quoted_bytes(value)),
            None => quoted_bytes(&word.bytes),
        })
    };
    let text: Option<Vec<String>> = words.iter().enumerate().map(one).collect();
    // What was a blank is one now, and a quote a quote.
    let read = script(text?.join(" ").as_bytes());
    match <[Command; 1]>::try_from(read.commands) {
        Ok([meant]) if read.unclosed.is_none() => Some(Command { stdin: command.stdin.clone(), ..meant }),
        Ok(_) | Err(_) => None,
    }
}
