//! Differences between the answer engine and a file, name by name and type by type.
use super::{
    FileAnswers, NotCarried, Rdata, ZoneRecord,
    served::{AnswerRecords, KnownAnswers},
};
use crate::dns::{AnswerOutcome, Name, QueryType, is_numbered};
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fmt,
};

/// Records that a file format can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speech {
    /// Records of all types, with their TTLs.
    Zone,
    /// Addresses alone, without TTLs and without the aliases that lead to them.
    Addresses,
}

/// Differences that every file has from answers out of etcd, and that no ordinary program notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Besides {
    /// Names of single records, `x1.www` of `www`, and those where `CoreDNS` reads for the zone itself.
    Leaves,
    /// Services with port 0, which `CoreDNS` makes of each host.
    PortZero,
    /// Types that nobody asks for at such a name: addresses of a service, services of a host, a PTR of a name that is
    /// no address.
    Unasked,
    /// "No such name" for "no such records", or the other way round; an alias that leads to none of the type.
    Nothing,
}

/// Answers of both sides to one question.
struct ComparedAnswers<'a> {
    said: Vec<&'a ZoneRecord>,
    given: &'a AnswerRecords,
    /// Records that only one side has.
    missing: Vec<&'a ZoneRecord>,
    extra: Vec<(&'a [u8], &'a ZoneRecord)>,
}

/// Returns the answers to questions about these names that differ from the file. `line_of` gives the line that a key
/// comes from.
#[must_use]
pub fn unlike(
    answers: &KnownAnswers<'_>,
    said: &FileAnswers<'_>,
    names: &[Name],
    speech: Speech,
    line_of: &dyn Fn(&[u8]) -> Option<usize>,
) -> Vec<NotCarried> {
    let mut besides: BTreeMap<Besides, Vec<(Name, QueryType)>> = BTreeMap::new();
    let mut altered = vec![];
    for name in names.iter().filter(|name| name.is_served()) {
        for given in answers.all_of(name) {
            let kind = given.kind;
            if !is_compared(answers, said, (name, kind), speech) {
                continue;
            }
            let compared = ComparedAnswers::of(said.answer(name, kind), &given, speech);
            if compared.is_same(said.exists(name)) {
                continue;
            }
            if let Some(class) = compared.class(said, name, kind) {
                besides.entry(class).or_default().push((name.clone(), kind));
            } else {
                altered.push(compared.told(said, (name, kind), speech, line_of));
            }
        }
    }
    altered.sort_by_key(|left| (left.line() == 0, left.line()));
    altered.extend(besides.into_iter().map(|(what, asked)| NotCarried::Besides { what, asked }));
    altered
}

/// Tells whether a type is compared. The SOA is always made up, and only a zone has name servers.
fn is_compared(
    answers: &KnownAnswers<'_>,
    said: &FileAnswers<'_>,
    (name, kind): (&Name, QueryType),
    speech: Speech,
) -> bool {
    match kind {
        QueryType::A | QueryType::AAAA => true,
        QueryType::SOA => false,
        _ if speech == Speech::Addresses => false,
        QueryType::NS => answers.is_zone(name) || said.lines(name, kind).next().is_some(),
        _ => true,
    }
}

impl<'a> ComparedAnswers<'a> {
    fn of(said: Vec<&'a ZoneRecord>, given: &'a AnswerRecords, speech: Speech) -> Self {
        let essence = |record: &'a ZoneRecord| match speech {
            Speech::Zone => (Some(&record.owner), record.ttl, &record.data),
            Speech::Addresses => (None, 0, &record.data),
        };
        let counts = |record: &ZoneRecord| speech == Speech::Zone || record.data.address().is_some();
        let is: HashSet<_> = given.answer.iter().map(|(_, record)| essence(record)).collect();
        let should: HashSet<_> = said.iter().map(|record| essence(record)).collect();
        let missing = said.iter().copied().filter(|record| counts(record) && !is.contains(&essence(record)));
        let extra =
            given.answer.iter().filter(|(_, record)| counts(record) && !should.contains(&essence(record)));
        let extra = extra.map(|(key, record)| (key.as_deref().unwrap_or_default(), record)).collect();
        Self { missing: missing.collect(), extra, said, given }
    }

    fn fails(&self) -> bool {
        matches!(
            self.given.outcome,
            AnswerOutcome::ServFail | AnswerOutcome::Silence | AnswerOutcome::Endless
        )
    }

    fn is_same(&self, exists: bool) -> bool {
        let is_nothing = match self.given.outcome {
            AnswerOutcome::NoError => exists,
            AnswerOutcome::NxDomain => !exists,
            // A plugin behind the one for etcd may know the name although the file does not.
            AnswerOutcome::Elsewhere => true,
            AnswerOutcome::ServFail
            | AnswerOutcome::Refused
            | AnswerOutcome::Silence
            | AnswerOutcome::Endless => false,
        };
        self.missing.is_empty()
            && self.extra.is_empty()
            && self.given.odd.is_empty()
            && (is_nothing || (!self.said.is_empty() && !self.fails()))
    }

    /// Returns the kind of the difference, if every file has it.
    fn class(&self, said: &FileAnswers<'_>, name: &Name, kind: QueryType) -> Option<Besides> {
        let is_leaf = name.labels().next().is_some_and(is_numbered) && !said.exists(name);
        if is_leaf || (!said.has(name) && is_place(name, self.zone(name))) {
            return Some(Besides::Leaves);
        }
        if self.fails() || !self.given.odd.is_empty() {
            return None;
        }
        let of_kind = |record: &ZoneRecord| record.data.kind() == kind;
        let has_said = self.said.iter().any(|record| of_kind(record));
        let has_given = self.given.answer.iter().any(|(_, record)| of_kind(record));
        // An alias out of the zone leads to records that nobody knows here.
        let leads_out = self.given.leads_out
            || self.said.last().is_some_and(|last| {
                last.data
                    .target()
                    .is_some_and(|target| !said.exists(target) && !target.is_within(self.zone(name)))
            });
        if !has_said && !has_given && !leads_out {
            return Some(Besides::Nothing);
        }
        if has_said {
            return None;
        }
        let mut of_service = name.labels().map(|label| label.starts_with(b"_"));
        let (is_service, is_of_protocol) = (of_service.next() == Some(true), of_service.next() == Some(true));
        let ports = || self.given.answer.iter().filter(|(_, record)| of_kind(record));
        match kind {
            QueryType::SRV => {
                let is_made = |(_, record): &(_, ZoneRecord)| record.data.port() == Some(0);
                if ports().all(is_made) {
                    return Some(Besides::PortZero);
                }
                // Programs ask for services at names like _sip._tcp, and at no others.
                (!is_service || !is_of_protocol).then_some(Besides::Unasked)
            }
            QueryType::PTR => (!name.is_reverse()).then_some(Besides::Unasked),
            QueryType::NS => None,
            _ if name.is_reverse() => Some(Besides::Unasked),
            QueryType::A | QueryType::AAAA | QueryType::TXT if is_service => Some(Besides::Unasked),
            _ => None,
        }
    }

    /// Tells whether only the strings of texts differ, which most readers of a text put together.
    fn is_cut_otherwise(&self) -> bool {
        let text = |record: &ZoneRecord| {
            if let Rdata::Txt(strings) = &record.data { Some((record.ttl, strings.concat())) } else { None }
        };
        let missing: Option<BTreeSet<_>> = self.missing.iter().map(|record| text(record)).collect();
        let extra: Option<BTreeSet<_>> = self.extra.iter().map(|(_, record)| text(record)).collect();
        missing.is_some() && missing == extra && !self.missing.is_empty()
    }

    fn zone<'n>(&'n self, name: &'n Name) -> &'n Name {
        self.given.zone.as_ref().unwrap_or(name)
    }

    fn told(
        &self,
        said: &FileAnswers<'_>,
        (name, kind): (&Name, QueryType),
        speech: Speech,
        line_of: &dyn Fn(&[u8]) -> Option<usize>,
    ) -> NotCarried {
        let own: BTreeSet<usize> = said.lines(name, kind).collect();
        let through: BTreeSet<usize> = self.extra.iter().filter_map(|(key, _)| line_of(key)).collect();
        let mut served = match self.given.outcome {
            AnswerOutcome::ServFail => vec!["SERVFAIL".to_owned()],
            AnswerOutcome::Silence => vec!["no reply at all".to_owned()],
            AnswerOutcome::Endless => vec!["an alias without an end".to_owned()],
            AnswerOutcome::Refused => vec!["REFUSED".to_owned()],
            AnswerOutcome::Elsewhere => vec!["what stands behind etcd".to_owned()],
            AnswerOutcome::NoError | AnswerOutcome::NxDomain => {
                let records: Vec<&ZoneRecord> = self.given.answer.iter().map(|(_, record)| record).collect();
                shown(&records, kind, speech)
            }
        };
        if self.is_cut_otherwise() {
            served = vec!["the same text in other strings".to_owned()];
        }
        served.extend(self.given.odd.iter().cloned());
        NotCarried::Altered {
            line: own.first().copied().unwrap_or_default(),
            name: name.clone(),
            kind,
            wanted: shown(&self.said, kind, speech),
            served,
            through: through.difference(&own).copied().collect(),
        }
    }
}

/// Lists the records, in their order and each once; a record of another type with its type.
fn shown(records: &[&ZoneRecord], kind: QueryType, speech: Speech) -> Vec<String> {
    let mut sorted: Vec<&&ZoneRecord> =
        records.iter().filter(|record| speech == Speech::Zone || record.data.address().is_some()).collect();
    sorted.sort_by(|a, b| (a.data.kind() != kind).cmp(&(b.data.kind() != kind)).then_with(|| a.order(b)));
    let mut shown: Vec<String> = sorted
        .into_iter()
        .map(|record| match speech {
            Speech::Addresses => record.data.to_string(),
            Speech::Zone if record.data.kind() == kind => format!("{} {}", record.ttl, record.data),
            Speech::Zone => format!("{} {} {}", record.ttl, record.data.kind(), record.data),
        })
        .collect();
    shown.dedup();
    shown
}

/// Tells whether a name is one of those where `CoreDNS` reads for a zone itself: `dns`, `apex.dns`, `ns.dns`, and any
/// name below the last two.
fn is_place(name: &Name, zone: &Name) -> bool {
    let inside = name.labels().len().saturating_sub(zone.labels().len());
    let labels: Vec<&[u8]> = name.labels().take(inside).collect();
    matches!(labels[..], [b"dns"] | [.., b"apex" | b"ns", b"dns"])
}

impl fmt::Display for Besides {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Leaves => "names of single records are answered, which nobody asks for",
            Self::PortZero => "an SRV with port 0 is made of each host",
            Self::Unasked => "answers of types that nobody asks of such a name",
            Self::Nothing => "\"no such name\" and \"no such records\" are not told apart as in a file",
        })
    }
}
