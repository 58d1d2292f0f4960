//! Answers in words, as they stand in the pane and in the dialogs.
use super::theme::Role;
use crate::{
    dns::{Answer, Outcome, QueryType, Rr, Weight},
    thousands::grouped,
};

/// How a type is written, as dig does.
pub(super) fn kind(kind: QueryType) -> String {
    kind.to_string()
}

/// What a client gets, in a few words: the data of one record, the number of several, or what comes instead.
pub(super) fn brief(answer: &Answer) -> String {
    let own: Vec<&Rr> = of_kind(answer).collect();
    match (answer.outcome, own.as_slice()) {
        (Outcome::NoError, []) => match answer.answer.first() {
            None => "NODATA".to_owned(),
            Some(alias) => format!("only an alias to {}", alias.data),
        },
        (Outcome::NoError, [only]) => only.data.to_string(),
        (Outcome::NoError, several) => counted(several.len(), answer.question.kind),
        (outcome, _) => failing(outcome).to_owned(),
    }
}

/// What a client sees when no records come.
pub(super) fn failing(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::NoError => "NODATA",
        Outcome::NxDomain => "NXDOMAIN",
        Outcome::ServFail => "SERVFAIL",
        Outcome::Refused => "REFUSED",
        Outcome::Elsewhere => "answered elsewhere",
        Outcome::Silence => "no reply: clients time out",
        Outcome::Endless => "a loop without an end",
    }
}

/// A number of records of a type.
pub(super) fn counted(number: usize, kind: QueryType) -> String {
    let (one, many) = match kind {
        QueryType::A => ("address", "addresses"),
        QueryType::AAAA => ("IPv6 address", "IPv6 addresses"),
        QueryType::TXT => ("text", "texts"),
        QueryType::MX => ("mail server", "mail servers"),
        QueryType::SRV => ("service", "services"),
        QueryType::PTR => ("name", "names"),
        QueryType::NS => ("name server", "name servers"),
        QueryType::CNAME => ("alias", "aliases"),
        _ => ("record", "records"),
    };
    format!("{} {}", grouped(number as u64), if number == 1 { one } else { many })
}

/// The records of the type that was asked for.
pub(super) fn of_kind(answer: &Answer) -> impl Iterator<Item = &Rr> {
    answer.answer.iter().filter(|rr| rr.kind == answer.question.kind)
}

/// The style of a change, beside its sign.
pub(super) fn weight(weight: Weight) -> Role {
    match weight {
        Weight::Broken | Weight::Gone => Role::Trouble,
        Weight::Fewer => Role::Warning,
        Weight::Other => Role::Plain,
        Weight::Mended => Role::Added,
    }
}
