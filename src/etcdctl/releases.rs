//! Meaning of one call in each release of etcdctl; if they differ, the worst counts and all are explained.
use super::{
    Danger, Destination, EtcdctlVersion, Explanation,
    commands::{CommandEffect, ETCDCTL, ETCDUTL, FoundCommand, find},
    masked::{masked, shown},
    remarks::{accidents, of_request},
    request::{self, LineEffect, LineWords},
    sentence::{Sentence, sentence},
    shell::{ExpansionKind, ShellWord, WordPart},
    suggested_line, unknown_destination,
    wrapped::Call,
};
use crate::{foreign_text::ForeignText, keys::Scope};

pub(super) fn of_call(call: &Call, scope: &Scope) -> Explanation {
    let command = sentence![call.program, " ", shown(&call.words)].trimmed();
    let (words, mut left_out) = unknown_destination::without_connection(&call.words);
    let is_guess = left_out.iter().any(|name| !name.starts_with('-'));
    left_out.extend(call.variables.unsaid.iter().cloned());
    if left_out.is_empty() {
        return of_known(command, call, scope);
    }
    let mut explanation = of_known(command.clone(), &Call { words: words.clone(), ..call.clone() }, scope);
    if is_guess {
        let is_known = matches!(command_of(call.program, &words), Some(CommandEffect::Told(..)));
        if explanation.span.is_none() && !is_known {
            // The unknown word may be the command itself.
            let names = left_out.join(", ");
            let why = sentence!["it holds ", ForeignText::from(names.as_str())];
            return with_unknown(command, call, &why, VARIABLE);
        }
        explanation.verdict = explanation.verdict.max(Danger::Careful);
    }
    explanation.more.insert(0, unknown_destination::told(&left_out));
    explanation
}

/// Risk of a word that is not known.
const VARIABLE: &str = "a variable that is empty turns --prefix \"$X\" into every key of etcd, and two words are the two ends of a range";

/// Explains the call, as far as its words are known.
fn of_known(command: Sentence, call: &Call, scope: &Scope) -> Explanation {
    let program = call.program;
    let public = masked(&call.words);
    let unknown = public.iter().find_map(|word| word.unknown.map(|unknown| (word, unknown)));
    if let Some((word, unknown)) = unknown
        && unknown != ExpansionKind::Files
    {
        let why = sentence!["it holds ", unknown.name(), ", ", ForeignText(&word.bytes)];
        return with_unknown(command, call, &why, VARIABLE);
    }
    if call.more_words {
        return with_unknown(
            command,
            call,
            &"another program adds words to it".into(),
            "two keys that are added at once are the two ends of a range",
        );
    }
    let whole = LineWords::of(call);
    let shown = LineWords { words: public.iter().map(|word| word.bytes.clone()).collect(), ..whole.clone() };
    let commands = if program == "etcdutl" { ETCDUTL } else { ETCDCTL };
    let read = |version| {
        // A refusal repeats the refused words.
        request::read(&whole, commands, version).map_err(|_| match request::read(&shown, commands, version) {
            Err(refusal) => refusal,
            Ok(_) => "for what stands in the place of a secret".to_owned(),
        })
    };
    let read: Vec<_> = EtcdctlVersion::ALL.into_iter().map(|version| (version, read(version))).collect();
    let mut explanation = of_versions(command, program, &read, scope);
    if let Some((word, _)) = unknown {
        explanation.more.push(sentence![
            ForeignText(&word.bytes),
            " is a pattern for the shell: where files have such names, etcdctl gets those names instead."
        ]);
        explanation.verdict = explanation.verdict.max(Danger::Careful);
    }
    explanation.more.extend(accidents(&public));
    if call.variables_lost {
        explanation.more.push(
            "sudo leaves out the ETCDCTL_ variables that are set, unless -E or its configuration keeps them."
                .into(),
        );
    }
    if call.elsewhere {
        explanation.more.push("It is run somewhere else, on whatever cluster is configured there.".into());
    } else {
        explanation.destination = Some(Destination::of(&whole));
    }
    explanation
}

/// Explains a line whose words only the shell that runs it knows. Nothing is guessed: the verdict is at least that of
/// the command itself, and an unknown command may be a deletion. `risk` is the danger of the unknown word.
fn with_unknown(command: Sentence, call: &Call, why: &Sentence, risk: &'static str) -> Explanation {
    let deed = command_of(call.program, &call.words);
    // Several words may hold another command.
    let is_open = call.more_words || call.words.iter().any(is_several);
    let (verdict, deletes) = match deed {
        None | Some(CommandEffect::Delete) => (Danger::Dangerous, true),
        Some(CommandEffect::Watch | CommandEffect::Lock) if is_open => (Danger::Dangerous, true),
        Some(CommandEffect::Get | CommandEffect::Watch) => (Danger::Harmless, false),
        Some(CommandEffect::Put | CommandEffect::Lock | CommandEffect::Txn) => (Danger::Careful, false),
        Some(CommandEffect::Told(verdict, _)) => (verdict, false),
    };
    let what = match (deed, verdict) {
        (Some(CommandEffect::Get), _) => "reads keys, and which cannot be known",
        (Some(CommandEffect::Watch), Danger::Harmless) => {
            "waits for changes of keys, and which cannot be known"
        }
        (Some(CommandEffect::Told(_, what)), Danger::Harmless) => what,
        _ => "what it hits cannot be known",
    };
    let mut explanation = Explanation::invalid(command, sentence![what, ": ", *why]);
    explanation.verdict = verdict;
    explanation.deletes = deletes;
    match (deletes, deed) {
        (true, Some(CommandEffect::Delete)) => {
            explanation.more.push(sentence!["It deletes, and ", risk, "."]);
        }
        (true, _) => {
            explanation.more.push("It may be a deletion of every key: take it for the worst.".into());
        }
        (false, _) => {}
    }
    if verdict != Danger::Harmless {
        explanation.more.push("Write it out, and ask again.".into());
    }
    explanation
}

/// Returns the effect of the command that the words before the first unknown one name.
fn command_of(program: &str, words: &[ShellWord]) -> Option<CommandEffect> {
    let known =
        words.iter().take_while(|word| word.unknown.is_none_or(|unknown| unknown == ExpansionKind::Files));
    let known: Vec<Vec<u8>> = known.map(|word| word.bytes.clone()).collect();
    let commands = if program == "etcdutl" { ETCDUTL } else { ETCDCTL };
    let worst = |deed: &CommandEffect| match deed {
        CommandEffect::Told(verdict, _) => *verdict,
        CommandEffect::Get => Danger::Harmless,
        CommandEffect::Delete
        | CommandEffect::Put
        | CommandEffect::Watch
        | CommandEffect::Lock
        | CommandEffect::Txn => Danger::Dangerous,
    };
    let deeds = EtcdctlVersion::ALL.into_iter().filter_map(|version| match find(commands, &known, version) {
        FoundCommand::Command(spec, _) => Some(spec.deed),
        FoundCommand::Help | FoundCommand::Unknown(_) => None,
    });
    deeds.max_by_key(worst)
}

/// Tells whether a shell may make more than one word of it.
fn is_several(word: &ShellWord) -> bool {
    let quoted = |part: &WordPart| match part {
        WordPart::Variable(variable) => {
            variable.quoted && !variable.name.is_empty() && variable.is_plain && variable.name != b"@"
        }
        WordPart::Output { quoted, .. } => *quoted,
        WordPart::Text { .. } | WordPart::Arithmetic(_) => true,
    };
    word.unknown.is_some() && !word.parts.iter().all(quoted)
}

/// Explains a line by its meaning in each release; if they differ, the worst counts and all are explained.
fn of_versions(
    command: Sentence,
    program: &'static str,
    read: &[(EtcdctlVersion, Result<LineEffect, String>)],
    scope: &Scope,
) -> Explanation {
    let verdict_of = |read: &Result<LineEffect, String>| {
        read.as_ref().map_or(Danger::Invalid, |request| request.verdict(scope))
    };
    let Some((_, worst)) = read.iter().rev().max_by_key(|(_, read)| verdict_of(read)) else {
        return Explanation::invalid(command, "no release is known");
    };
    let mut explanation = match worst {
        Err(refusal) => Explanation::invalid(
            command,
            sentence!["does nothing: ", program, " refuses it (", ForeignText::from(refusal.as_str()), ")"],
        ),
        Ok(request) => Explanation {
            command,
            span: request.span(scope),
            deletes: request.deletes(scope),
            verdict: request.verdict(scope),
            meant: suggested_line::meant(request, scope),
            destination: None,
            headline: request.in_words(scope),
            more: of_request(request, scope),
        },
    };
    let said = |read: &Result<LineEffect, String>| match read {
        Err(refusal) => sentence!["refuses it (", ForeignText::from(refusal.as_str()), ")"],
        Ok(request) => request.in_words(scope),
    };
    let headline = said(worst);
    let mut told: Vec<(Sentence, Vec<Sentence>)> = Vec::new();
    for (version, read) in read.iter().filter(|(_, read)| said(read) != headline) {
        let words = said(read);
        match told.iter_mut().find(|(is, _)| *is == words) {
            Some((_, versions)) => versions.push(sentence![*version]),
            None => told.push((words, vec![sentence![*version]])),
        }
    }
    // A release that deletes is enough, whatever the others do.
    explanation.deletes |=
        read.iter().any(|(_, read)| read.as_ref().is_ok_and(|request| request.deletes(scope)));
    let refused_by_all = read.iter().all(|(_, read)| read.is_err());
    if !refused_by_all {
        let others = told.into_iter().map(|(words, versions)| {
            sentence![program, " ", Sentence::joined(&versions, ", "), " ", words, "."]
        });
        explanation.more.extend(others);
    }
    explanation
}
