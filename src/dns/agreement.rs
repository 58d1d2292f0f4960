//! Agreement of a server's reply with the answer that the records lead to. Pure: other modules ask the server.

use super::{Answer, AnswerOutcome, QueryType, Question, Rcode, Rr};
use std::{collections::BTreeMap, fmt};

/// A reply as it came from a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    pub rcode: Rcode,
    pub answer: Vec<ReplyRecord>,
    pub authority: Vec<ReplyRecord>,
    /// Without the OPT record.
    pub additional: Vec<ReplyRecord>,
}

/// A record of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyRecord {
    /// In presentation form with a closing dot.
    pub owner: Box<str>,
    pub ttl: u32,
    pub kind: QueryType,
    /// In presentation form, as of [`Rr::data`].
    pub data: Box<str>,
}

/// Result of comparing a reply with the foreseen answer. Three things are not compared: the order of records, which
/// plugins may shuffle; the serial of a SOA, which is the time; and sections beside the answer that a server leaves
/// out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// The same records with the same TTLs.
    Same,
    /// The same records with other TTLs: a cache has had them for a while, or since before a change.
    OtherTtl,
    Different(Difference),
    /// Something other than etcd answers this, so there is nothing to compare.
    NotForeseen,
    /// No reply came. `foreseen` tells whether the records lead to that.
    NoReply {
        foreseen: bool,
    },
}

/// Differences between a reply and the foreseen answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// The status that was foreseen, and the one that came.
    pub status: Option<(ReplyStatus, ReplyStatus)>,
    /// Records that were foreseen and did not come.
    pub missing: Vec<ForetoldRecord>,
    /// Records that came and were not foreseen.
    pub extra: Vec<ForetoldRecord>,
}

/// A record of one section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForetoldRecord {
    pub section: Section,
    /// `owner ttl IN TYPE data`.
    pub record: String,
}

/// A section of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Answer,
    Authority,
    Additional,
}

/// Status of a reply, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyStatus {
    Rcode(Rcode),
    /// No reply at all.
    Silence,
}

impl fmt::Display for ReplyStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silence => f.write_str("no reply"),
            Self::Rcode(code) => code.fmt(f),
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Answer => "answer",
            Self::Authority => "authority",
            Self::Additional => "additional",
        })
    }
}

impl fmt::Display for ReplyRecord {
    /// `owner ttl IN TYPE data`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} IN {} {}", self.owner, self.ttl, self.kind, self.data)
    }
}

/// Returns the foreseen status; `None` where something other than etcd answers.
#[must_use]
pub fn foreseen(outcome: AnswerOutcome) -> Option<ReplyStatus> {
    let is_silent = matches!(outcome, AnswerOutcome::Silence | AnswerOutcome::Endless);
    outcome.rcode().map(ReplyStatus::Rcode).or(is_silent.then_some(ReplyStatus::Silence))
}

/// A question that a live server may be asked. A question whose aliases go round without an end can bring the whole
/// server down, and nobody may try that. So it is made of the foreseen answer, and functions that ask a server take
/// only this type.
#[derive(Clone, Copy, Debug)]
pub struct Askable<'a>(&'a Question);

impl<'a> Askable<'a> {
    /// Takes the question of a foreseen answer; `None` for one that may not be asked.
    #[must_use]
    pub fn of(foreseen: &'a Answer) -> Option<Self> {
        (foreseen.outcome != AnswerOutcome::Endless).then_some(Self(&foreseen.question))
    }

    /// Returns the question.
    #[must_use]
    pub fn question(self) -> &'a Question {
        self.0
    }
}

/// Compares the foreseen answer with the reply; `None` stands for no reply.
#[must_use]
pub fn agreement(answer: &Answer, reply: Option<&Reply>) -> Agreement {
    let Some(status) = foreseen(answer.outcome) else {
        return if reply.is_some() { Agreement::NotForeseen } else { Agreement::NoReply { foreseen: false } };
    };
    let Some(reply) = reply else { return Agreement::NoReply { foreseen: status == ReplyStatus::Silence } };
    let mut difference = Difference::default();
    let came = ReplyStatus::Rcode(reply.rcode);
    if came != status {
        difference.status = Some((status, came));
    }
    let mut other_ttl = false;
    // Another server that CoreDNS asks may add records that are not known here.
    let open = !answer.asks.is_empty();
    for (section, ours, theirs) in [
        (Section::Answer, &answer.answer, &reply.answer),
        (Section::Authority, &answer.authority, &reply.authority),
        (Section::Additional, &answer.additional, &reply.additional),
    ] {
        let left_out = section != Section::Answer && theirs.is_empty();
        let mut compared = SectionComparison::of(ours, theirs);
        other_ttl |= compared.other_ttl;
        if !left_out {
            difference
                .missing
                .extend(compared.missing.drain(..).map(|record| ForetoldRecord { section, record }));
        }
        if !open {
            difference
                .extra
                .extend(compared.extra.drain(..).map(|record| ForetoldRecord { section, record }));
        }
    }
    if difference != Difference::default() {
        Agreement::Different(difference)
    } else if other_ttl {
        Agreement::OtherTtl
    } else {
        Agreement::Same
    }
}

/// Comparison of one section.
struct SectionComparison {
    missing: Vec<String>,
    extra: Vec<String>,
    other_ttl: bool,
}

impl SectionComparison {
    /// Pairs the records of both sides, where possible with the same TTL.
    fn of(ours: &[Rr], theirs: &[ReplyRecord]) -> Self {
        let mut waiting: BTreeMap<(String, u16, String), Vec<&ReplyRecord>> = BTreeMap::new();
        for heard in theirs {
            waiting.entry(alike(&heard.owner, heard.kind, &heard.data)).or_default().push(heard);
        }
        let mut compared = Self { missing: Vec::new(), extra: Vec::new(), other_ttl: false };
        for record in ours {
            let same = waiting.get_mut(&alike(&record.owner, record.kind, &record.data));
            let taken = same.and_then(|same| {
                let at = same.iter().position(|heard| heard.ttl == record.ttl);
                (!same.is_empty()).then(|| same.swap_remove(at.unwrap_or(0)))
            });
            match taken {
                Some(heard) => compared.other_ttl |= heard.ttl != record.ttl,
                None => compared.missing.push(record.to_string()),
            }
        }
        compared.extra = waiting.into_values().flatten().map(ToString::to_string).collect();
        compared
    }
}

/// Returns the part that two records share when they are the same to a client: letter case does not count in names.
fn alike(owner: &str, kind: QueryType, data: &str) -> (String, u16, String) {
    let data = match kind {
        QueryType::TXT => data.to_owned(),
        QueryType::SOA => without_serial(data).to_ascii_lowercase(),
        _ => data.to_ascii_lowercase(),
    };
    (owner.to_ascii_lowercase(), kind.0, data)
}

/// Returns the data of a SOA without its third field.
fn without_serial(data: &str) -> String {
    data.split(' ')
        .enumerate()
        .filter(|(at, _)| *at != 2)
        .map(|(_, field)| field)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{Ask, Why};

    fn rr(owner: &str, ttl: u32, kind: QueryType, data: &str) -> Rr {
        Rr { owner: owner.into(), ttl, kind, data: data.into(), key: None }
    }

    fn heard(owner: &str, ttl: u32, kind: QueryType, data: &str) -> ReplyRecord {
        ReplyRecord { owner: owner.into(), ttl, kind, data: data.into() }
    }

    fn foreseen(outcome: AnswerOutcome, answer: Vec<Rr>) -> Answer {
        Answer {
            question: Question::new("gcr.io", QueryType::A).unwrap(),
            zone: None,
            outcome,
            answer,
            authority: vec![],
            additional: vec![],
            why: Why::Records,
            keys: vec![],
            asks: vec![],
        }
    }

    fn two() -> Answer {
        let answer =
            vec![rr("gcr.io.", 60, QueryType::A, "10.0.0.1"), rr("gcr.io.", 60, QueryType::A, "10.0.0.2")];
        foreseen(AnswerOutcome::NoError, answer)
    }

    fn reply(answer: Vec<ReplyRecord>) -> Reply {
        Reply { answer, ..Reply::default() }
    }

    #[test]
    fn order_and_letter_case_of_names_do_not_matter() {
        let shuffled = reply(vec![
            heard("GCR.io.", 60, QueryType::A, "10.0.0.2"),
            heard("GCR.io.", 60, QueryType::A, "10.0.0.1"),
        ]);
        assert_eq!(agreement(&two(), Some(&shuffled)), Agreement::Same);
        let text = |data: &str| foreseen(AnswerOutcome::NoError, vec![rr("a.", 60, QueryType::TXT, data)]);
        let other = reply(vec![heard("a.", 60, QueryType::TXT, "\"ABC\"")]);
        assert!(matches!(agreement(&text("\"abc\""), Some(&other)), Agreement::Different(_)));
        assert_eq!(agreement(&text("\"ABC\""), Some(&other)), Agreement::Same);
    }

    #[test]
    fn other_ttls_alone_are_told_apart() {
        let cached = reply(vec![
            heard("gcr.io.", 60, QueryType::A, "10.0.0.2"),
            heard("gcr.io.", 12, QueryType::A, "10.0.0.1"),
        ]);
        assert_eq!(agreement(&two(), Some(&cached)), Agreement::OtherTtl);
    }

    #[test]
    fn a_record_too_many_or_too_few_is_named_once_each() {
        let one = reply(vec![
            heard("gcr.io.", 60, QueryType::A, "10.0.0.1"),
            heard("gcr.io.", 60, QueryType::A, "10.0.0.1"),
        ]);
        let Agreement::Different(difference) = agreement(&two(), Some(&one)) else { panic!() };
        assert_eq!(difference.missing[0].record, "gcr.io. 60 IN A 10.0.0.2");
        assert_eq!(difference.extra[0].record, "gcr.io. 60 IN A 10.0.0.1");
        assert_eq!((difference.missing.len(), difference.extra.len(), difference.status), (1, 1, None));
    }

    #[test]
    fn another_status_is_a_difference() {
        let gone = Reply { rcode: Rcode::NXDOMAIN, ..Reply::default() };
        let Agreement::Different(difference) = agreement(&two(), Some(&gone)) else { panic!() };
        let (was, is) = difference.status.unwrap();
        assert_eq!((was.to_string(), is.to_string()), ("NOERROR".to_owned(), "NXDOMAIN".to_owned()));
        assert_eq!(difference.missing.len(), 2);
    }

    #[test]
    fn the_serial_of_a_soa_is_the_time_and_no_difference() {
        let soa = |serial| format!("ns.dns.gcr.io. hostmaster.gcr.io. {serial} 7200 1800 86400 30");
        let mut answer = foreseen(AnswerOutcome::NxDomain, vec![]);
        answer.authority = vec![rr("gcr.io.", 30, QueryType::SOA, &soa(1))];
        let with = |data: &str| Reply {
            rcode: Rcode::NXDOMAIN,
            authority: vec![heard("gcr.io.", 30, QueryType::SOA, data)],
            ..Reply::default()
        };
        assert_eq!(agreement(&answer, Some(&with(&soa(2)))), Agreement::Same);
        let other = soa(2).replace("7200", "1");
        assert!(matches!(agreement(&answer, Some(&with(&other))), Agreement::Different(_)));
    }

    #[test]
    fn sections_beside_the_answer_may_be_left_out_but_not_changed() {
        let mut answer = two();
        answer.additional = vec![rr("x.gcr.io.", 60, QueryType::A, "10.0.0.9")];
        let same =
            [heard("gcr.io.", 60, QueryType::A, "10.0.0.1"), heard("gcr.io.", 60, QueryType::A, "10.0.0.2")];
        let without = reply(same.to_vec());
        assert_eq!(agreement(&answer, Some(&without)), Agreement::Same);
        let other = Reply { additional: vec![heard("x.gcr.io.", 60, QueryType::A, "10.0.0.8")], ..without };
        assert!(matches!(agreement(&answer, Some(&other)), Agreement::Different(_)));
    }

    #[test]
    fn what_was_asked_elsewhere_may_bring_more_but_nothing_else_may_be_missing() {
        let mut answer = foreseen(AnswerOutcome::NoError, vec![rr("a.io.", 60, QueryType::CNAME, "b.org.")]);
        answer.asks = vec![Ask { name: "b.org.".into(), kind: QueryType::A }];
        let alias = heard("a.io.", 60, QueryType::CNAME, "b.org.");
        let more = reply(vec![alias, heard("b.org.", 5, QueryType::A, "192.0.2.1")]);
        assert_eq!(agreement(&answer, Some(&more)), Agreement::Same);
        assert!(matches!(agreement(&answer, Some(&reply(vec![]))), Agreement::Different(_)));
    }

    #[test]
    fn what_can_bring_a_server_down_is_not_asked() {
        assert!(Askable::of(&foreseen(AnswerOutcome::Endless, vec![])).is_none());
        for outcome in [
            AnswerOutcome::NoError,
            AnswerOutcome::ServFail,
            AnswerOutcome::Silence,
            AnswerOutcome::Elsewhere,
        ] {
            assert!(Askable::of(&foreseen(outcome, vec![])).is_some());
        }
    }

    #[test]
    fn silence_agrees_only_with_silence() {
        let silent = foreseen(AnswerOutcome::Silence, vec![]);
        assert_eq!(agreement(&silent, None), Agreement::NoReply { foreseen: true });
        assert!(matches!(agreement(&silent, Some(&reply(vec![]))), Agreement::Different(_)));
        assert_eq!(agreement(&two(), None), Agreement::NoReply { foreseen: false });
        let elsewhere = foreseen(AnswerOutcome::Elsewhere, vec![]);
        assert_eq!(agreement(&elsewhere, Some(&reply(vec![]))), Agreement::NotForeseen);
        assert_eq!(agreement(&elsewhere, None), Agreement::NoReply { foreseen: false });
    }
}
