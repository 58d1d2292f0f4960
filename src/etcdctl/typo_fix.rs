//! Command that was probably meant: the written one without characters that only look like others.
use super::{
    look_alike,
    masked::masked,
    program_name,
    quoted::quoted_bytes,
    shell::{ShellWord, SimpleCommand, script},
    wrapped::name_of,
};

/// Returns the command without such accidents; none if it has none. `program` is the misspelled word that stands for
/// etcdctl, if there is one. Secrets are left out, so the command does not show where it would go.
pub(super) fn unmistaken(command: &SimpleCommand, program: Option<&[u8]>) -> Option<SimpleCommand> {
    let misspelled = command.words.iter().position(|word| Some(&*word.bytes) == program);
    let words = masked(&command.words);
    let has_look_alike = words.iter().any(|word| look_alike::found(&word.bytes).is_some());
    let dashes = dashes_before_flags(&words);
    if misspelled.is_none() && !has_look_alike && dashes.is_none() {
        return None;
    }
    let one = |(number, word): (usize, &ShellWord)| {
        if misspelled == Some(number) {
            let name = look_alike::as_meant(&name_of(word)?);
            // A character that only looks like a blank joins the next word to it.
            let (name, behind) = name.split_once(' ').unwrap_or((&name, ""));
            return Some(format!("{} {behind}", program_name::meant(name)?));
        }
        if look_alike::found(&word.bytes).is_some() || word.unknown.is_some() {
            return std::str::from_utf8(&word.bytes).ok().map(look_alike::as_meant);
        }
        Some(match word.assignment() {
            Some((name, value)) => format!("{}={}", String::from_utf8_lossy(name), quoted_bytes(value)),
            None => quoted_bytes(&word.bytes),
        })
    };
    let kept = words.iter().enumerate().filter(|(number, _)| Some(*number) != dashes);
    let text: Option<Vec<String>> = kept.map(one).collect();
    // Characters that looked like blanks and quotes are blanks and quotes now.
    let read = script(text?.join(" ").as_bytes());
    match <[SimpleCommand; 1]>::try_from(read.commands) {
        Ok([meant]) if read.unclosed.is_none() => {
            Some(SimpleCommand { stdin: command.stdin.clone(), ..meant })
        }
        Ok(_) | Err(_) => None,
    }
}

/// Returns the place of the two dashes behind which etcdctl takes flags for keys. The commands that `watch` and
/// `lock` run have flags of their own.
pub(super) fn dashes_before_flags(words: &[ShellWord]) -> Option<usize> {
    let program = words
        .iter()
        .position(|word| name_of(word).is_some_and(|name| program_name::program(&name).is_some()))?;
    let behind = |at: usize| words.get(at..).unwrap_or_default();
    let dashes = program + behind(program).iter().position(|word| word.is("--"))?;
    let runs = |word: &ShellWord| word.is("watch") || word.is("lock");
    let is_flag = |word: &ShellWord| {
        matches!(word.bytes.as_slice(), [b'-', b'-', b'a'..=b'z', ..] | [b'-', b'a'..=b'z'])
    };
    let is_mistake = !words.get(program..dashes)?.iter().any(runs) && behind(dashes).iter().any(is_flag);
    is_mistake.then_some(dashes)
}

/// Returns the command with the next line, if a blank behind the backslash has separated the two.
pub(super) fn with_next_line(command: &SimpleCommand, next: Option<&SimpleCommand>) -> Option<SimpleCommand> {
    let (blank, words) = command.words.split_last()?;
    let next =
        next.filter(|next| next.words.first().is_some_and(|word| word.bytes.first() == Some(&b'-')))?;
    let is_blank = !blank.bytes.is_empty() && blank.bytes.iter().all(u8::is_ascii_whitespace);
    is_blank.then(|| SimpleCommand { words: [words, &next.words].concat(), ..command.clone() })
}
