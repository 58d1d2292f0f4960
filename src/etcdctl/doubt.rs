//! What is not understood: whether it could reach etcd, and then it is taken for the worst. What of it can be read is told
//! as it stands there.
use super::{
    Explanation, Verdict,
    masked::shown,
    named,
    sentence::{Sentence, sentence},
    shell::{Command, Part, Stdin, Word},
    wrapped::name_of,
};

/// How much a command that is not understood is doubted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// What its words, its variables and its input say decides.
    ByItsWords,
    /// It runs what is not here.
    Always,
}

/// What is read by itself to see what could be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    Command(Command),
    Text(Vec<u8>),
}

/// Whether a text names etcdctl or etcdutl in any letters.
pub(super) fn names_etcdctl(text: &[u8]) -> bool {
    named::in_text(text)
}

/// Whether a word of a text deletes in etcdctl's language, in a library's, or in that of etcd's gateway.
pub(super) fn deletes(text: &[u8]) -> bool {
    let text = named::plain(text);
    text.split(|c: char| !c.is_alphanumeric()).any(|word| word == "del" || word.starts_with("delet"))
}

/// Whether a word of a text could take keys away in some other way.
fn takes_away(text: &[u8]) -> bool {
    const WORDS: &[&str] = &[
        "rm", "rmdir", "purge", "wipe", "destroy", "prune", "drop", "remove", "removal", "revoke", "txn",
        "flush", "mirror", "restore",
    ];
    let text = named::plain(text);
    text.split(|c: char| !c.is_alphanumeric()).any(|word| WORDS.contains(&word))
}

/// Whether it is another way into etcd than etcdctl.
pub(super) fn is_door(text: &[u8]) -> bool {
    const DOORS: &[&str] =
        &["/v3/", "/v3alpha", "/v3beta", "/v2/keys", "deleterange", "etcdserverpb", "/dev/tcp", "/dev/udp"];
    let text = named::plain(text);
    DOORS.iter().any(|door| text.contains(door))
}

/// Whether a line for etcdctl that deletes stands in a text.
pub(super) fn is_deleting_line(text: &[u8]) -> bool {
    names_etcdctl(text) && (deletes(text) || takes_away(text)) || is_door(text)
}

/// Why letters that are not understood could reach etcd; none where they cannot.
pub(super) fn of_text(text: &[u8]) -> Option<&'static str> {
    let plain = named::plain(text);
    if plain.contains("etcd") || names_etcdctl(text) {
        Some("it names etcd")
    } else if deletes(text) || takes_away(text) {
        Some("a word of it deletes")
    } else if is_door(text)
        || plain.split(|c: char| !c.is_alphanumeric()).any(|word| word == "2379" || word == "4001")
    {
        Some("it has an address of etcd's")
    } else if text.iter().any(|byte| matches!(byte, b'$' | b'`')) {
        Some("it holds what only the shell knows")
    } else {
        None
    }
}

/// Why a command that is not understood could reach etcd. `around` are variables and the commands whose output it reads.
pub(super) fn of_command(command: &Command, around: &[&[u8]]) -> Option<&'static str> {
    let is_unknown = |word: &Word| {
        word.unknown.is_some_and(|unknown| {
            !matches!(unknown, super::shell::Unknown::Files | super::shell::Unknown::Home)
        })
    };
    let first_is_unknown = command.words.first().is_some_and(|word| word.unknown.is_some());
    let of_words = command.words.iter().find_map(|word| of_text(&word.bytes));
    let of_stdin = match &command.stdin {
        Stdin::Text(text) | Stdin::Expanded(text) => of_text(text),
        Stdin::Inherited | Stdin::Unknown => None,
    };
    let of_around = || around.iter().any(|text| names_etcdctl(text) || deletes(text) || is_door(text));
    of_words
        .or_else(|| {
            (first_is_unknown || command.words.iter().any(is_unknown))
                .then_some("it holds what only the shell knows")
        })
        .or(of_stdin)
        .or_else(|| of_around().then_some("what it is given names etcdctl or deletes"))
}

/// What could be run of a command: the words from etcdctl on, or what else may be its words, and every text in it.
pub(super) fn readings(command: &Command) -> Vec<Reading> {
    let is_program = |word: &Word| name_of(word).is_some_and(|name| named::program(&name).is_some());
    let words = command.words.as_slice();
    let from = |at: usize| words.get(at..).unwrap_or_default().to_vec();
    let called = match words.iter().position(is_program) {
        Some(at) => Some(from(at)),
        // It may stand for etcdctl, with flags.
        None => words
            .iter()
            .position(|word| word.is("del"))
            .map(|at| [&[Word::read(b"etcdctl")], from(at).as_slice()].concat()),
    };
    let called = called.map(|words| Reading::Command(Command { words, ..Command::default() }));
    let is_text = |word: &&Word| word.bytes.contains(&b' ') && names_etcdctl(&word.bytes);
    let texts = words.iter().filter(is_text).map(|word| Reading::Text(from_program(&literal(word)).to_vec()));
    let given = match &command.stdin {
        Stdin::Text(text) | Stdin::Expanded(text) => Some(Reading::Text(text.clone())),
        Stdin::Inherited | Stdin::Unknown => None,
    };
    called.into_iter().chain(texts).chain(given).collect()
}

/// A word without the scripts in it, which are read where they stand.
pub(super) fn literal(word: &Word) -> Vec<u8> {
    let has_script = word.parts.iter().any(|part| matches!(part, Part::Output { .. }));
    if !has_script {
        return word.bytes.clone();
    }
    let texts = word.parts.iter().filter_map(|part| match part {
        Part::Text { bytes, .. } => Some(bytes.as_slice()),
        Part::Variable(_) | Part::Output { .. } | Part::Arithmetic(_) => None,
    });
    texts.collect::<Vec<_>>().join(&b' ')
}

/// A text from the word on that names etcdctl.
fn from_program(text: &[u8]) -> &[u8] {
    let at = text.windows(7).position(|name| matches!(name, b"etcdctl" | b"etcdutl"));
    at.and_then(|at| text.get(at..)).unwrap_or(text)
}

/// Whether a deletion stands in it.
pub(super) fn may_delete(command: &Command, around: &[&[u8]]) -> bool {
    let given = match &command.stdin {
        Stdin::Text(text) | Stdin::Expanded(text) => deletes(text),
        Stdin::Inherited | Stdin::Unknown => false,
    };
    given || command.words.iter().any(|word| deletes(&word.bytes)) || around.iter().any(|text| deletes(text))
}

/// What is said of a command that is taken for the worst. `readings` are explanations of what could be read.
pub(super) fn taken_for_the_worst(
    command: &[Word],
    why: &'static str,
    holds: Option<&'static str>,
    readings: Vec<Explanation>,
    may_delete: bool,
) -> Explanation {
    let mut told = Explanation::invalid(shown(command), sentence!["cannot be explained for certain: ", why]);
    let worst = readings.into_iter().max_by_key(|reading| (reading.verdict, reading.span.is_some()));
    if let Some(worst) = worst.filter(|worst| worst.verdict == Verdict::Dangerous) {
        let headline = sentence![told.headline, "; as it stands there, etcdctl ", worst.headline];
        let command = told.command;
        told = Explanation { command, headline, destination: None, ..worst };
    } else if may_delete {
        told.more.push("It deletes, and which keys is not known here: take it for the worst.".into());
    } else if let Some(holds) = holds {
        told.more.push(sentence!["It could change etcd, because ", holds, ": take it for the worst."]);
    } else {
        told.more.push("What it runs is not here: take it for the worst.".into());
    }
    told.verdict = Verdict::Dangerous;
    told.deletes = true;
    told
}

/// What is said of a command that is not understood and has nothing to do with etcd as far as it is written here.
pub(super) fn beside(command: &[Word]) -> Explanation {
    let mut told = Explanation::invalid(
        shown(command),
        "is not looked at: this program does not know it, and nothing of it names etcd",
    );
    told.verdict = Verdict::Careful;
    told
}

/// What is said of a text that is longer than anything here reads.
pub(super) fn of_a_long_text(kibibytes: usize) -> Explanation {
    worst(sentence![
        "cannot be explained for certain: the text is longer than ",
        kibibytes,
        " KiB, and is not read"
    ])
}

/// What is said of the rest of a text that runs itself more often than is looked at.
pub(super) fn of_too_much() -> Explanation {
    worst(
        "cannot be explained for certain: the text has more commands in one another than are looked at"
            .into(),
    )
}

fn worst(headline: Sentence) -> Explanation {
    let mut told = Explanation::invalid("etcdctl", headline);
    told.more.push("Take it for the worst, or give it in parts.".into());
    told.verdict = Verdict::Dangerous;
    told.deletes = true;
    told
}
