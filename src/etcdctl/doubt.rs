//! Doubt about commands that are not understood: one that could reach etcd is judged as the worst. The parts of it
//! that can be read are explained.
use super::{
    Danger, Explanation,
    masked::shown,
    program_name,
    sentence::{Sentence, sentence},
    shell::{ShellWord, SimpleCommand, Stdin, WordPart},
    wrapped::name_of,
};

/// Degree of doubt about a command that is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// Its words, its variables and its input decide.
    ByItsWords,
    /// It runs a text that is not here.
    Always,
}

/// A part of a command that is read by itself, because it could be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DoubtfulPart {
    Command(SimpleCommand),
    Text(Vec<u8>),
}

/// Tells whether a text names etcdctl or etcdutl, in any letters.
pub(super) fn names_etcdctl(text: &[u8]) -> bool {
    program_name::in_text(text)
}

/// Tells whether a word of a text means a deletion for etcdctl, for a library, or for etcd's gateway.
pub(super) fn deletes(text: &[u8]) -> bool {
    let text = program_name::plain(text);
    text.split(|c: char| !c.is_alphanumeric()).any(|word| word == "del" || word.starts_with("delet"))
}

/// Tells whether a word of a text could take keys away in another way.
fn takes_away(text: &[u8]) -> bool {
    const WORDS: &[&str] = &[
        "rm",
        "rmdir",
        "purge",
        "wipe",
        "destroy",
        "prune",
        "drop",
        "remove",
        "removal",
        "revoke",
        "txn",
        "flush",
        "mirror",
        "restore",
        "reset",
        "uninstall",
        "mkfs",
        "wipefs",
    ];
    let text = program_name::plain(text);
    text.split(|c: char| !c.is_alphanumeric()).any(|word| WORDS.contains(&word))
}

/// Tells whether a text uses another way into etcd than etcdctl.
pub(super) fn is_door(text: &[u8]) -> bool {
    const DOORS: &[&str] = &[
        "/v3/",
        "/v3alpha",
        "/v3beta",
        "/v2/",
        "deleterange",
        "opdelete",
        "clientv3",
        "etcdserverpb",
        "/dev/tcp",
        "/dev/udp",
    ];
    let text = program_name::plain(text);
    DOORS.iter().any(|door| text.contains(door))
}

/// Tells whether a text holds a line for etcdctl that deletes.
pub(super) fn is_deleting_line(text: &[u8]) -> bool {
    names_etcdctl(text) && (deletes(text) || takes_away(text)) || is_door(text)
}

/// Returns the reason why letters that are not understood could reach etcd; none if they cannot.
pub(super) fn of_text(text: &[u8]) -> Option<&'static str> {
    let plain = program_name::plain(text);
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

/// Returns the reason why a command that is not understood could reach etcd. `around` are its variables and the
/// outputs that it reads.
pub(super) fn of_command(command: &SimpleCommand, around: &[&[u8]]) -> Option<&'static str> {
    let is_unknown = |word: &ShellWord| {
        word.unknown.is_some_and(|unknown| {
            !matches!(unknown, super::shell::ExpansionKind::Files | super::shell::ExpansionKind::Home)
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

/// Returns the parts of a command that could be run: the words from etcdctl on, or other words that may be a command,
/// and each text in it.
pub(super) fn readings(command: &SimpleCommand) -> Vec<DoubtfulPart> {
    let is_program =
        |word: &ShellWord| name_of(word).is_some_and(|name| program_name::program(&name).is_some());
    let words = command.words.as_slice();
    let from = |at: usize| words.get(at..).unwrap_or_default().to_vec();
    let called = match words.iter().position(is_program) {
        Some(at) => Some(from(at)),
        // One of these words may stand for etcdctl, with flags behind it.
        None => words
            .iter()
            .position(|word| word.is("del"))
            .map(|at| [&[ShellWord::read(b"etcdctl")], from(at).as_slice()].concat()),
    };
    let called =
        called.map(|words| DoubtfulPart::Command(SimpleCommand { words, ..SimpleCommand::default() }));
    let is_text = |word: &&ShellWord| word.bytes.contains(&b' ') && names_etcdctl(&word.bytes);
    let texts =
        words.iter().filter(is_text).map(|word| DoubtfulPart::Text(from_program(&literal(word)).to_vec()));
    let given = match &command.stdin {
        Stdin::Text(text) | Stdin::Expanded(text) => Some(DoubtfulPart::Text(text.clone())),
        Stdin::Inherited | Stdin::Unknown => None,
    };
    called.into_iter().chain(texts).chain(given).collect()
}

/// Returns a word without the scripts in it; those are read at their own place.
pub(super) fn literal(word: &ShellWord) -> Vec<u8> {
    let has_script = word.parts.iter().any(|part| matches!(part, WordPart::Output { .. }));
    if !has_script {
        return word.bytes.clone();
    }
    let texts = word.parts.iter().filter_map(|part| match part {
        WordPart::Text { bytes, .. } => Some(bytes.as_slice()),
        WordPart::Variable(_) | WordPart::Output { .. } | WordPart::Arithmetic(_) => None,
    });
    texts.collect::<Vec<_>>().join(&b' ')
}

/// Returns the text from the word on that names etcdctl.
fn from_program(text: &[u8]) -> &[u8] {
    let at = text.windows(7).position(|name| matches!(name, b"etcdctl" | b"etcdutl"));
    at.and_then(|at| text.get(at..)).unwrap_or(text)
}

/// Tells whether a command may hold a deletion.
pub(super) fn may_delete(command: &SimpleCommand, around: &[&[u8]]) -> bool {
    let given = match &command.stdin {
        Stdin::Text(text) | Stdin::Expanded(text) => deletes(text),
        Stdin::Inherited | Stdin::Unknown => false,
    };
    given || command.words.iter().any(|word| deletes(&word.bytes)) || around.iter().any(|text| deletes(text))
}

/// Explains a command that is judged as the worst. `readings` are explanations of its parts that could be read.
pub(super) fn taken_for_the_worst(
    command: &[ShellWord],
    why: &'static str,
    holds: Option<&'static str>,
    readings: Vec<Explanation>,
    may_delete: bool,
) -> Explanation {
    let mut told = Explanation::invalid(shown(command), sentence!["cannot be explained for certain: ", why]);
    let worst = readings.into_iter().max_by_key(|reading| (reading.verdict, reading.span.is_some()));
    if let Some(worst) = worst.filter(|worst| worst.verdict == Danger::Dangerous) {
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
    told.verdict = Danger::Dangerous;
    told.deletes = true;
    told
}

/// Explains a command that is not understood and that, as written here, has nothing to do with etcd.
pub(super) fn beside(command: &[ShellWord]) -> Explanation {
    let is_own = command.first().and_then(name_of).is_some_and(|name| name == "coredeck");
    let mut told = Explanation::invalid(
        if is_of_a_key_file(command) { "***".into() } else { shown(command) },
        if is_own {
            "is a line for coredeck that may change records: it shows what it would change, and asks"
        } else {
            "is not looked at: this program does not know it, and nothing of it names etcd"
        },
    );
    told.verdict = Danger::Careful;
    told
}

/// Tells whether a command is a line of a private key's or a certificate's file: nothing but letters of base64.
fn is_of_a_key_file(command: &[ShellWord]) -> bool {
    let [word] = command else { return false };
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
    let text = word.bytes.as_slice();
    text.len() >= 16
        && text.iter().all(is_letter)
        && text.iter().any(u8::is_ascii_uppercase)
        && text.iter().any(u8::is_ascii_digit)
}

/// Explains a text that is longer than this program reads.
pub(super) fn of_a_long_text(kibibytes: usize) -> Explanation {
    worst(sentence![
        "cannot be explained for certain: the text is longer than ",
        kibibytes,
        " KiB, and is not read"
    ])
}

/// Explains a text with characters that a terminal takes for keys.
pub(super) fn of_keys_in_it() -> Explanation {
    worst("cannot be explained for certain: it holds control characters, which a terminal takes for keys that edit the line".into())
}

/// Explains a text in whose place bash puts an earlier line, or a part of one.
pub(super) fn of_an_earlier_line() -> Explanation {
    worst(
        "cannot be explained for certain: bash puts an earlier line, or a part of one, where ! or ^ stands"
            .into(),
    )
}

/// Explains the rest of a text that has more commands in one another than this program looks at.
pub(super) fn of_too_much() -> Explanation {
    worst(
        "cannot be explained for certain: the text has more commands in one another than are looked at"
            .into(),
    )
}

fn worst(headline: Sentence) -> Explanation {
    let mut told = Explanation::invalid("etcdctl", headline);
    told.more.push("Take it for the worst, or give it as the shell will run it.".into());
    told.verdict = Danger::Dangerous;
    told.deletes = true;
    told
}
