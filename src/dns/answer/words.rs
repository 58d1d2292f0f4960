//! Words for an answer: a few, for a dialog, a pane or a line of text.

use super::{Answer, AnswerOutcome, QueryType, Rr};
use crate::quantity::grouped;

impl Answer {
    /// Returns the records of the type that was asked for.
    pub fn of_kind(&self) -> impl Iterator<Item = &Rr> {
        self.answer.iter().filter(|rr| rr.kind == self.question.kind)
    }

    /// Returns in short what a client gets: the data of one record, the number of several, or the outcome without
    /// records. Data is cut after `longest` characters. May hold text from etcd: show it escaped.
    #[must_use]
    pub fn brief(&self, longest: usize) -> String {
        if self.outcome != AnswerOutcome::NoError {
            return self.outcome.brief().to_owned();
        }
        let kind = self.question.kind;
        let own: Vec<&Rr> = self.of_kind().collect();
        let alias = self.answer.iter().find(|rr| rr.kind == QueryType::CNAME && kind != QueryType::CNAME);
        match (&own[..], alias) {
            ([], None) => self.outcome.brief().to_owned(),
            ([], Some(alias)) => format!("alias to {}", short(&alias.data, longest)),
            ([only], _) => short(&only.data, longest),
            (many, _) => format!("{} {}", grouped(many.len()), plural(kind)),
        }
    }
}

impl AnswerOutcome {
    /// Returns the words for an outcome without records.
    #[must_use]
    pub fn brief(self) -> &'static str {
        match self {
            Self::NoError => "NODATA",
            Self::NxDomain => "NXDOMAIN",
            Self::ServFail => "SERVFAIL",
            Self::Refused => "REFUSED",
            Self::Elsewhere => "answered elsewhere",
            Self::Silence => "no reply",
            Self::Endless => "an endless loop",
        }
    }
}

/// Returns data of at most `longest` characters; an ellipsis marks a cut.
pub(in crate::dns) fn short(data: &str, longest: usize) -> String {
    match data.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", data.get(..end).unwrap_or_default()),
        None => data.to_owned(),
    }
}

fn plural(kind: QueryType) -> &'static str {
    match kind {
        QueryType::A | QueryType::AAAA => "addresses",
        QueryType::CNAME => "aliases",
        QueryType::TXT => "texts",
        QueryType::MX => "mail servers",
        QueryType::SRV => "services",
        QueryType::PTR => "names",
        QueryType::NS => "name servers",
        _ => "records",
    }
}
