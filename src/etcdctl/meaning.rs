//! Meaning of a request in words, and its verdict: how much it can destroy.
use super::{
    Danger, RangeEnd, Span,
    child_commands::Words,
    request::{LineEffect, ValueSource},
    sentence::{Sentence, sentence},
    txn::Txn,
};
use crate::{
    foreign_text::ForeignText,
    keys::{Scope, spelling::Spelled},
};

impl LineEffect {
    /// Tells how much the request can take away from the scope's owner and from others.
    pub(super) fn verdict(&self, scope: &Scope) -> Danger {
        match self {
            Self::Delete { span, .. } => of_deletion(span, scope),
            Self::Put { key, .. } => {
                let others = !Span::of(key, b"").tenants().is_empty();
                if others { Danger::Dangerous } else { Danger::Careful }
            }
            // The commands that it runs are explained beside it, and the worst verdict counts.
            Self::Lock { .. } | Self::OldStore { writes: true } => Danger::Careful,
            Self::Watch { runs: None, is_typed: false, .. } => Danger::Dangerous,
            Self::Watch { runs, .. } if runs.as_ref().is_none_or(|runs| !runs.is_empty()) => Danger::Careful,
            Self::Get(_) | Self::Watch { .. } | Self::Help | Self::OldStore { writes: false } => {
                Danger::Harmless
            }
            // A file or a pipe may hold any request.
            Self::Txn(txn) if txn.branches.is_none() => {
                if txn.is_typed {
                    Danger::Careful
                } else {
                    Danger::Dangerous
                }
            }
            Self::Txn(txn) => worst(txn, scope).map_or(Danger::Harmless, |request| request.verdict(scope)),
            Self::Told { verdict, .. } => *verdict,
        }
    }

    /// Returns the keys that the request is about: of a transaction, those of its worst request.
    pub(super) fn span(&self, scope: &Scope) -> Option<Span> {
        match self {
            Self::Delete { span, .. } | Self::Get(span) => Some(span.clone()),
            Self::Put { key, .. } => Some(Span::of(key, b"")),
            Self::Watch { span, .. } => span.clone(),
            Self::Txn(txn) => worst(txn, scope)?.span(scope),
            Self::Lock { .. } | Self::Told { .. } | Self::Help | Self::OldStore { .. } => None,
        }
    }

    /// Tells whether the request deletes keys.
    pub(super) fn deletes(&self, scope: &Scope) -> bool {
        match self {
            Self::Delete { .. } => true,
            Self::Txn(txn) if txn.branches.is_none() => !txn.is_typed,
            Self::Txn(txn) => worst(txn, scope).is_some_and(|request| request.deletes(scope)),
            Self::Watch { runs, is_typed, .. } => runs.is_none() && !is_typed,
            Self::Get(_)
            | Self::Put { .. }
            | Self::Lock { .. }
            | Self::Told { .. }
            | Self::Help
            | Self::OldStore { .. } => false,
        }
    }

    /// Returns a sentence without its full stop, so that a number can follow.
    pub(super) fn in_words(&self, scope: &Scope) -> Sentence {
        match self {
            Self::Delete { span, .. } => sentence!["deletes ", span.in_words()],
            Self::Get(span) => sentence!["reads ", span.in_words()],
            Self::Put { key, value, .. } => {
                let key = Spelled(key);
                match value {
                    ValueSource::Given(value) if value.is_empty() => sentence!["writes an empty value to the key ", key],
                    ValueSource::Given(_) => sentence!["writes the key ", key],
                    ValueSource::Input => sentence!["writes what it reads on standard input to the key ", key],
                    ValueSource::Kept => sentence!["writes the key ", key, " again with the value that it has"],
                }
            }
            Self::Watch { span, runs, .. } => watching(span.as_ref(), runs.as_deref()),
            Self::Lock { name, runs } => {
                let meanwhile =
                    if runs.is_empty() { "" } else { ", and runs the command behind it when it has that" };
                sentence!["holds a key that begins with ", Spelled(name), "/ for as long as it runs", meanwhile]
            }
            Self::Txn(txn) => transaction(txn, scope),
            Self::Told { what, path, arguments, .. } => {
                if arguments.is_empty() || path.starts_with("user") {
                    return (*what).into();
                }
                let about: Vec<_> = arguments.iter().map(|word| sentence![ForeignText(word)]).collect();
                sentence![*what, " (", *path, ": ", Sentence::joined(&about, ", "), ")"]
            }
            Self::Help => "prints its help, and does nothing".into(),
            Self::OldStore { .. } => {
                "speaks to the store of etcd's version 2, which holds other keys than those of CoreDNS and Kubernetes, and which etcd \
                 has turned off since 3.4"
                    .into()
            }
        }
    }
}

fn watching(span: Option<&Span>, runs: Option<&[Words]>) -> Sentence {
    let what = match span {
        Some(span) => span.in_words(),
        None => "the keys that it is told on its standard input".into(),
    };
    match (runs, span) {
        (Some([]), _) => sentence!["waits for changes of ", what, ", and shows them"],
        (Some(_), Some(_)) => {
            sentence!["waits for changes of ", what, ", and at each of them runs the command behind --"]
        }
        _ => sentence![
            "waits for changes of ",
            what,
            ", and at each of them runs the commands that stand there behind --"
        ],
    }
}

fn of_deletion(span: &Span, scope: &Scope) -> Danger {
    if span.is_empty() {
        return Danger::Harmless;
    }
    let whole = Span::prefix(scope.as_str().as_bytes());
    let within = span.lies_in(scope) && *span != whole;
    match span.end {
        RangeEnd::Single if span.tenants().is_empty() => Danger::Careful,
        RangeEnd::Single | RangeEnd::Before(_) | RangeEnd::Never if within => Danger::Careful,
        RangeEnd::Single | RangeEnd::Before(_) | RangeEnd::Never => Danger::Dangerous,
    }
}

fn worst<'t>(txn: &'t Txn, scope: &Scope) -> Option<&'t LineEffect> {
    let (then, otherwise) = txn.branches.as_ref()?;
    // A transaction without a condition always takes its first branch.
    let otherwise = if txn.conditions == 0 { &[][..] } else { otherwise };
    then.iter().chain(otherwise).max_by_key(|request| request.verdict(scope))
}

fn transaction(txn: &Txn, scope: &Scope) -> Sentence {
    let Some((then, otherwise)) = &txn.branches else {
        return "sends, as one transaction, what it reads on its standard input, which is not here".into();
    };
    let list = |requests: &[LineEffect]| match requests {
        [] => "does nothing".into(),
        requests => {
            let all: Vec<_> = requests.iter().map(|request| request.in_words(scope)).collect();
            Sentence::joined(&all, ", ")
        }
    };
    match (txn.conditions, otherwise.as_slice()) {
        (0, _) => sentence!["as one transaction, without a condition: ", list(then)],
        (_, []) => sentence!["as one transaction, where its conditions hold: ", list(then)],
        _ => sentence![
            "as one transaction: where its conditions hold, ",
            list(then),
            "; otherwise, ",
            list(otherwise)
        ],
    }
}
