//! Explanation of one etcdctl line in sentences, with the result of counting its keys.
use super::{
    Danger, Destination, Span, SuggestedLine,
    sentence::{Sentence, sentence},
};
use crate::{
    foreign_text::ForeignText,
    keys::PrefixTally,
    quantity::{counted, grouped},
};
use std::fmt::Write as _;

/// Meaning of one etcdctl line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The line, as far as it is etcdctl's, quoted for a shell.
    pub command: Sentence,
    /// The keys that the line is about.
    pub span: Option<Span>,
    /// True if these keys are deleted.
    pub deletes: bool,
    pub verdict: Danger,
    /// The line that was probably meant.
    pub meant: Option<SuggestedLine>,
    /// The cluster that the line goes to; `None` if only another machine or a shell knows it.
    pub destination: Option<Destination>,
    pub(super) headline: Sentence,
    pub(super) more: Vec<Sentence>,
}

/// Result of counting the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hits {
    /// The keys that were counted, and the number of keys that the meant line would reach.
    Counted(PrefixTally, Option<u64>),
    /// The reason why there is no number.
    Unknown(String),
    /// There is nothing to count, or it was not counted yet.
    Uncounted,
}

impl Hits {
    /// Returns the number of keys, and their tenants, if they were counted.
    #[must_use]
    pub fn tally(&self) -> Option<&PrefixTally> {
        match self {
            Self::Counted(tally, _) => Some(tally),
            Self::Unknown(_) | Self::Uncounted => None,
        }
    }
}

impl Explanation {
    /// Returns the sentences, the most important one first.
    #[must_use]
    pub fn means(&self, hits: &Hits) -> Vec<String> {
        let mut sentences = vec![match (&self.span, hits) {
            (None, _) | (Some(_), Hits::Uncounted) => format!("{}.", self.headline),
            (Some(_), Hits::Counted(tally, _)) => format!("{}: {}.", self.headline, hit(tally)),
            (Some(span), Hits::Unknown(why)) => {
                let owners: Vec<_> = span.tenants().iter().map(|tenant| tenant.owner).collect();
                let reached = match owners.as_slice() {
                    [] => String::new(),
                    owners => format!(" It reaches where these keep their keys: {}.", owners.join(", ")),
                };
                let why = ForeignText::from(why.as_str());
                format!("{}. How many are there now is not known: {why}.{reached}", self.headline)
            }
        }];
        if hits.tally().is_some_and(|tally| tally.possibly_stale) {
            sentences.push("There is no leader: so many has one member, which is possibly stale.".to_owned());
        }
        sentences.extend(self.more.iter().map(ToString::to_string));
        sentences
    }

    /// Describes the line that was probably meant.
    #[must_use]
    pub fn instead(&self, hits: &Hits) -> Option<String> {
        let keys = match hits {
            Hits::Counted(_, keys) => *keys,
            Hits::Unknown(_) | Hits::Uncounted => None,
        };
        self.meant.as_ref().map(|meant| meant.in_words(keys))
    }

    /// Returns the tenants whose keys the line hits, or may hit if nobody has counted.
    #[must_use]
    pub fn tenants(&self, hits: &Hits) -> Vec<&'static str> {
        match (hits, &self.span) {
            (Hits::Counted(tally, _), _) => {
                tally.tenants().filter(|(_, keys)| *keys > 0).map(|(tenant, _)| tenant.owner).collect()
            }
            (_, Some(span)) => span.tenants().iter().map(|tenant| tenant.owner).collect(),
            (_, None) => vec![],
        }
    }

    /// Adds the explanation of the line without the characters in it that only look like others.
    pub(super) fn without_accidents(&mut self, meant: &Self) {
        if meant.verdict != Danger::Invalid && meant.command != self.command {
            self.more.push(sentence!["Without that it is ", meant.command, ", which ", meant.headline, "."]);
            self.meant.clone_from(&meant.meant);
        }
    }

    /// Adds the explanation of the line with its program spelled correctly.
    pub(super) fn as_if_spelled(&mut self, meant: &Self) {
        let sign = meant.verdict.sign();
        self.more.push(sentence!["As ", meant.command, " it would be ", sign, ": ", meant.headline, "."]);
        self.meant.clone_from(&meant.meant);
    }

    pub(super) fn invalid(command: impl Into<Sentence>, headline: impl Into<Sentence>) -> Self {
        Self {
            command: command.into(),
            span: None,
            deletes: false,
            verdict: Danger::Invalid,
            meant: None,
            destination: None,
            headline: headline.into(),
            more: vec![],
        }
    }
}

/// `368 keys, 366 of them Kubernetes'`.
fn hit(tally: &PrefixTally) -> String {
    let mut text = match tally.total {
        0 => return "there is none now".to_owned(),
        total => counted(total, "key"),
    };
    let mut tenants: Vec<_> = tally.tenants().filter(|(_, keys)| *keys > 0).collect();
    tenants.sort_by_key(|(_, keys)| std::cmp::Reverse(*keys));
    for (tenant, keys) in tenants {
        let s = if tenant.owner.ends_with('s') { "" } else { "s" };
        // Writing into a string cannot fail.
        let so_many = match (keys == tally.total, keys) {
            (true, 1) => "and it is".to_owned(),
            (true, _) => "all of them".to_owned(),
            (false, keys) => format!("{} of them", grouped(keys)),
        };
        let _ = write!(text, ", {so_many} {}'{s}", tenant.owner);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{PrefixCount, Revision, TENANTS};

    #[test]
    fn whoever_loses_most_is_named_first() {
        let part = |place: usize, keys| {
            let tenant = TENANTS.get(place).unwrap();
            PrefixCount { prefix: format!("{}/", tenant.prefix), keys, tenant: Some(tenant) }
        };
        let tally = PrefixTally {
            total: 61,
            parts: vec![part(1, 1), part(0, 60)],
            revision: Revision(1),
            possibly_stale: false,
        };
        let (most, least) = (TENANTS[0].owner, TENANTS[1].owner);
        let said = hit(&tally);
        assert!(said.find(most).unwrap() < said.find(least).unwrap(), "{said}");
    }
}
