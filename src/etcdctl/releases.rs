//! What the releases of etcdctl make of one call; where they differ, the worst counts and all are told.
use super::{
    Destination, Explanation, Verdict, Version,
    commands::{ETCDCTL, ETCDUTL},
    masked::{masked, shown},
    meant,
    remarks::{accidents, of_request},
    request::{self, Line, Request},
    shell::Unknown,
    unsaid,
    wrapped::Call,
};
use crate::{foreign_text::ForeignText, keys::Scope};

pub(super) fn of_call(call: &Call, scope: &Scope) -> Explanation {
    let command = format!("{} {}", call.program, shown(&call.words)).trim_end().to_owned();
    let (words, mut left_out) = unsaid::without_connection(&call.words);
    let is_guess = left_out.iter().any(|name| !name.starts_with('-'));
    left_out.extend(call.variables.unsaid.iter().cloned());
    if left_out.is_empty() {
        return of_known(command, call, scope);
    }
    let mut explanation = of_known(command.clone(), &Call { words, ..call.clone() }, scope);
    if is_guess {
        if explanation.span.is_none() {
            // It may be the command itself.
            return with_unknown(command, call, &format!("it holds {}", left_out.join(", ")), VARIABLE);
        }
        explanation.verdict = explanation.verdict.max(Verdict::Careful);
    }
    explanation.more.insert(0, unsaid::sentence(&left_out));
    explanation
}

/// What may come of a word that is not known.
const VARIABLE: &str = "a variable that is empty turns --prefix \"$X\" into every key of etcd, and two words are the two ends of a range";

/// What it does, as far as its words are known.
fn of_known(command: String, call: &Call, scope: &Scope) -> Explanation {
    let program = call.program;
    let public = masked(&call.words);
    let unknown = public.iter().find_map(|word| word.unknown.map(|unknown| (word, unknown)));
    if let Some((word, unknown)) = unknown
        && unknown != Unknown::Files
    {
        let why = format!("it holds {}, {}", unknown.name(), ForeignText(&word.bytes));
        return with_unknown(command, call, &why, VARIABLE);
    }
    if call.more_words {
        return with_unknown(
            command,
            call,
            "another program adds words to it",
            "two keys that are added at once are the two ends of a range",
        );
    }
    let whole = Line::of(call);
    let shown = Line { words: public.iter().map(|word| word.bytes.clone()).collect(), ..whole.clone() };
    let commands = if program == "etcdutl" { ETCDUTL } else { ETCDCTL };
    let read = |version| {
        // A refusal repeats what it refuses.
        request::read(&whole, commands, version).map_err(|_| match request::read(&shown, commands, version) {
            Err(refusal) => refusal,
            Ok(_) => "for what stands in the place of a secret".to_owned(),
        })
    };
    let read: Vec<_> = Version::ALL.into_iter().map(|version| (version, read(version))).collect();
    let mut explanation = of_versions(command, &read, scope);
    if let Some((word, _)) = unknown {
        explanation.more.push(format!(
            "{} is a pattern for the shell: where files have such names, etcdctl gets those names instead.",
            ForeignText(&word.bytes)
        ));
        explanation.verdict = explanation.verdict.max(Verdict::Careful);
    }
    explanation.more.extend(accidents(&public));
    if call.variables_lost {
        explanation.more.push(
            "sudo leaves out the ETCDCTL_ variables that are set, unless -E or its configuration keeps them."
                .to_owned(),
        );
    }
    if call.elsewhere {
        explanation
            .more
            .push("It is run somewhere else, on whatever cluster is configured there.".to_owned());
    } else {
        explanation.destination = Some(Destination::of(&whole));
    }
    explanation
}

/// A line of which only the shell that runs it knows all words. Nothing is guessed. `risk` is what may come of
/// that.
fn with_unknown(command: String, call: &Call, why: &str, risk: &str) -> Explanation {
    let deletes = call.words.iter().any(|word| word.is("del"));
    let mut explanation = Explanation::invalid(command, format!("what it hits cannot be known: {why}"));
    // In doubt it is the worst: it may be every key.
    explanation.verdict = if deletes { Verdict::Dangerous } else { Verdict::Careful };
    explanation.deletes = deletes;
    if deletes {
        explanation.more.push(format!("It deletes, and {risk}."));
    }
    explanation.more.push("Write it out, and ask again.".to_owned());
    explanation
}

/// What the releases make of a line; where they differ, the worst counts and all are told.
fn of_versions(command: String, read: &[(Version, Result<Request, String>)], scope: &Scope) -> Explanation {
    let verdict_of = |read: &Result<Request, String>| {
        read.as_ref().map_or(Verdict::Invalid, |request| request.verdict(scope))
    };
    let Some((_, worst)) = read.iter().rev().max_by_key(|(_, read)| verdict_of(read)) else {
        return Explanation::invalid(command, "no release is known".to_owned());
    };
    let mut explanation = match worst {
        Err(refusal) => Explanation::invalid(
            command,
            format!("does nothing: etcdctl refuses it ({})", ForeignText::from(refusal.as_str())),
        ),
        Ok(request) => Explanation {
            command,
            span: request.span(scope),
            deletes: request.deletes(scope),
            verdict: request.verdict(scope),
            meant: meant::meant(request, scope),
            destination: None,
            headline: request.in_words(scope),
            more: of_request(request, scope),
        },
    };
    let said = |read: &Result<Request, String>| match read {
        Err(refusal) => format!("refuses it ({})", ForeignText::from(refusal.as_str())),
        Ok(request) => request.in_words(scope),
    };
    let headline = said(worst);
    let mut told: Vec<(String, Vec<String>)> = Vec::new();
    for (version, read) in read.iter().filter(|(_, read)| said(read) != headline) {
        let words = said(read);
        match told.iter_mut().find(|(is, _)| *is == words) {
            Some((_, versions)) => versions.push(version.to_string()),
            None => told.push((words, vec![version.to_string()])),
        }
    }
    // A release that deletes is enough, whatever the others do.
    explanation.deletes |=
        read.iter().any(|(_, read)| read.as_ref().is_ok_and(|request| request.deletes(scope)));
    let refused_by_all = read.iter().all(|(_, read)| read.is_err());
    if !refused_by_all {
        let others =
            told.into_iter().map(|(words, versions)| format!("etcdctl {} {words}.", versions.join(", ")));
        explanation.more.extend(others);
    }
    explanation
}
