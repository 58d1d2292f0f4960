//! What has etcdctl in it behind something that is not understood: it is read as it stands there, and in doubt is taken
//! for the worst.
use super::{
    Explanation, Verdict, look_alike,
    masked::shown,
    named,
    shell::{Command, Script, Stdin, Word, script},
    wrapped::{mentions, name_of},
};

/// What could be run of a command: the words from etcdctl on, or what else may be its words, and every text in it.
pub(super) fn readings(command: &Command) -> Vec<Script> {
    let is_program = |word: &Word| name_of(word).is_some_and(|name| named::program(&name).is_some());
    let words = command.words.as_slice();
    let from = |at: usize| words.get(at..).unwrap_or_default().to_vec();
    let called = match words.iter().position(is_program) {
        // The first word has been looked at.
        Some(at) => (at > 0).then(|| from(at)),
        // It may stand for etcdctl, with flags.
        None => words
            .iter()
            .position(|word| word.is("del"))
            .map(|at| [&[Word::read(b"etcdctl")], from(at).as_slice()].concat()),
    };
    let called = called
        .map(|words| Script { commands: vec![Command { words, ..Command::default() }], ..Script::default() });
    let texts = words.iter().filter(|word| word.bytes.contains(&b' ') && mentions(&[(*word).clone()]));
    let given = match &command.stdin {
        Stdin::Text(text) | Stdin::Expanded(text) => Some(script(text)),
        Stdin::Inherited | Stdin::Unknown => None,
    };
    called.into_iter().chain(texts.map(|word| script(from_program(&word.bytes)))).chain(given).collect()
}

/// A text from the word on that names etcdctl.
fn from_program(text: &[u8]) -> &[u8] {
    let at = text.windows(7).position(|name| matches!(name, b"etcdctl" | b"etcdutl"));
    at.and_then(|at| text.get(at..)).unwrap_or(text)
}

/// Whether something is deleted, if these are words of etcdctl.
pub(super) fn may_delete(command: &Command, variables: &[(Vec<u8>, Vec<u8>)]) -> bool {
    let holds = |text: &[u8]| {
        let text = look_alike::as_meant(&String::from_utf8_lossy(text));
        text.split(|c: char| !c.is_alphanumeric()).any(|word| word == "del")
    };
    let given = match &command.stdin {
        Stdin::Text(text) | Stdin::Expanded(text) => holds(text),
        Stdin::Inherited | Stdin::Unknown => false,
    };
    given
        || command.words.iter().any(|word| holds(&word.bytes))
        || variables.iter().any(|(_, value)| mentions(&[Word::read(value)]) && holds(value))
}

/// What is said of it. `readings` are explanations of what could be read.
pub(super) fn explained(
    command: &Command,
    why: &str,
    readings: Vec<Explanation>,
    may_delete: bool,
) -> Explanation {
    let mut told =
        Explanation::invalid(shown(&command.words), format!("cannot be explained for certain: {why}"));
    told.verdict = Verdict::Careful;
    let worst = readings.into_iter().max_by_key(|reading| (reading.verdict, reading.span.is_some()));
    if let Some(worst) = worst.filter(|worst| worst.verdict == Verdict::Dangerous) {
        let headline = format!("{}; as it stands there, etcdctl {}", told.headline, worst.headline);
        let command = told.command;
        told = Explanation { command, headline, destination: None, ..worst };
    } else if may_delete {
        told.more.push("It deletes, and which keys is not known here: take it for the worst.".to_owned());
    }
    if may_delete {
        told.verdict = Verdict::Dangerous;
        told.deletes = true;
    }
    told
}
