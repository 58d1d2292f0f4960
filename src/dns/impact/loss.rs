//! Loss: the answers that the deletion of one record takes from its name, one of several or the last.

use super::Effort;
use crate::dns::{Name, QueryType, RecordSource, Rr, Service, Serving, answers, owner};
use std::{fmt, ops::ControlFlow};

/// Answers that the deletion of a record takes away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerLoss {
    /// One of so many answers of a name, at least 1. With 1 the name still exists: for other types, or for names below.
    OneOf { answers: usize, kind: QueryType, name: Name },
    /// Nothing is left at or below the name.
    Name(Name),
}

/// Returns the loss of the name that the record at this key was made for. `None` where the record gives no answer to
/// that name, where there is no such record, or where too much lies below the name to be read.
#[must_use]
pub fn loss(
    before: &dyn RecordSource,
    after: &dyn RecordSource,
    serving: &Serving,
    key: &[u8],
    effort: &Effort,
) -> Option<AnswerLoss> {
    let mut service = None;
    before.at(key, &mut |record| {
        service = Some(Service::decode(record.value).unwrap_or_default());
        ControlFlow::Break(())
    });
    let name = owner(&serving.scope, &serving.zones, &serving.scope.key(key).ok()?, &service?);
    let own = name.key(&serving.scope).ok()?;
    let below = [own.as_bytes(), b"/"].concat();
    if !after.has(own.as_bytes()) && after.count_below(&below) == 0 {
        return Some(AnswerLoss::Name(name));
    }
    if before.count_below(&below) > effort.keys {
        return None;
    }
    let mut replies = answers(before, serving, &name);
    // CoreDNS makes a service of every record with a host, and hardly anybody means that, so SRV comes last.
    replies.sort_by_key(|reply| reply.question.kind == QueryType::SRV);
    replies.into_iter().find_map(|reply| {
        let of_name = |rr: &&Rr| rr.owner == reply.question.spelled;
        let ours = reply.answer.iter().filter(of_name).find(|rr| rr.key.as_deref() == Some(key))?;
        let answers = reply.answer.iter().filter(of_name).filter(|rr| rr.kind == ours.kind).count();
        Some(AnswerLoss::OneOf { answers, kind: ours.kind, name: name.clone() })
    })
}

impl fmt::Display for AnswerLoss {
    /// `1 of 3 A answers of gcr.io`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OneOf { answers: 1, kind, name } => write!(f, "the only {kind} answer of {name}"),
            Self::OneOf { answers, kind, name } => write!(f, "1 of {answers} {kind} answers of {name}"),
            Self::Name(name) => write!(f, "the last record of {name}: the name will be gone"),
        }
    }
}
