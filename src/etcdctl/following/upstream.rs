//! Input that a command gets from the commands before it in a pipe.
use crate::etcdctl::{
    program_name, programs,
    shell::{ShellWord, SimpleCommand, Stdin},
    wrapped::name_of,
};

/// Returns the text that commands may write, as far as their words and inputs show it.
pub(super) fn text_of(commands: &[SimpleCommand]) -> Vec<u8> {
    let texts = commands.iter().map(|command| match &command.stdin {
        Stdin::Text(text) | Stdin::Expanded(text) => [joined(command).as_slice(), b"\n", text].concat(),
        Stdin::Inherited | Stdin::Unknown => joined(command),
    });
    texts.collect::<Vec<_>>().join(&b'\n')
}

/// Returns the text that a command writes if it only shows something. The words of any other command are not its
/// output.
pub(super) fn joined(command: &SimpleCommand) -> Vec<u8> {
    let name = |word: &ShellWord| name_of(word).unwrap_or_default();
    let shows = command.words.iter().position(|word| programs::shows(&name(word)));
    let does = command.words.iter().position(|word| program_name::program(&name(word)).is_some());
    if shows.is_none_or(|shows| does.is_some_and(|does| does < shows)) {
        return Vec::new();
    }
    command.words.iter().map(|word| word.bytes.clone()).collect::<Vec<_>>().join(&b' ')
}
