//! What a command is given by those before it in a pipe.
use crate::etcdctl::{
    named, programs,
    shell::{Command, Stdin, Word},
    wrapped::name_of,
};

/// What commands may write, as far as it stands in their words and inputs.
pub(super) fn text_of(commands: &[Command]) -> Vec<u8> {
    let texts = commands.iter().map(|command| match &command.stdin {
        Stdin::Text(text) | Stdin::Expanded(text) => [joined(command).as_slice(), b"\n", text].concat(),
        Stdin::Inherited | Stdin::Unknown => joined(command),
    });
    texts.collect::<Vec<_>>().join(&b'\n')
}

/// What a command writes that only shows something. The words of any other are what it does.
pub(super) fn joined(command: &Command) -> Vec<u8> {
    let name = |word: &Word| name_of(word).unwrap_or_default();
    let shows = command.words.iter().position(|word| programs::shows(&name(word)));
    let does = command.words.iter().position(|word| named::program(&name(word)).is_some());
    if shows.is_none_or(|shows| does.is_some_and(|does| does < shows)) {
        return Vec::new();
    }
    command.words.iter().map(|word| word.bytes.clone()).collect::<Vec<_>>().join(&b' ')
}
