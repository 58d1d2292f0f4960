//! Comparison of the engine with `CoreDNS`: the rules by which two answers are the same.

use crate::{
    options::{ELSEWHERE, Options},
    presentation,
    records::Held,
    reply::{Line, Reply, Sections},
    support::coredns::Query,
};
use coredeck::dns::{Answer, QueryType, Question, ReadPart, answer};
use std::{collections::BTreeSet, fmt};

/// Question in the spellings that both sides take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// With a closing dot.
    pub name: String,
    pub kind: u16,
}

impl Asked {
    pub fn query(&self) -> Query {
        Query { labels: presentation::labels(&self.name).unwrap(), kind: self.kind }
    }

    pub fn question(&self) -> Question {
        Question::new(&self.name, QueryType(self.kind)).unwrap()
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, presentation::kind(self.kind))
    }
}

/// Returns the engine's answer from all held records. It has to be the same if they are read piece by piece, as the
/// engine asks for them.
pub fn engine(held: &Held, options: &Options, asked: &Asked) -> Result<Answer, String> {
    let (serving, question) = (options.serving(), asked.question());
    let mut whole = held.known();
    let at_once = answer(&whole, &serving, &question);
    if !whole.missing().is_empty() {
        return Err("something was missing where nothing can be".to_owned());
    }
    let mut known = ReadPart::default();
    // Each round reads something new; an alias of twelve links takes three or four rounds for each link.
    for _ in 0..200 {
        let in_pieces = answer(&known, &serving, &question);
        let missing = known.missing();
        if missing.is_empty() {
            return if in_pieces == at_once {
                Ok(at_once)
            } else {
                Err(format!("read piece by piece it answers otherwise: {}", Reply::computed(&in_pieces)))
            };
        }
        for key in missing.keys {
            let content = held.records.iter().find(|(other, _)| *other == key);
            known.learn_key(&key, content.map(|(_, content)| content.clone()));
        }
        for prefix in missing.prefixes {
            let below = held.records.iter().filter(|(key, _)| key.starts_with(&prefix));
            known.learn_below(&prefix, below.cloned());
        }
        for lease in missing.leases {
            known.learn_lease(lease, held.leases[&lease]);
        }
    }
    Err("it never has read enough".to_owned())
}

/// Returns the reason why the two differ, if they do. `elsewhere` asks the server behind etcd. `seconds` is the time
/// since the leases were asked for theirs.
pub fn difference(
    held: &Held,
    options: &Options,
    asked: &Asked,
    computed: &Answer,
    real: &Reply,
    seconds: u32,
    elsewhere: &mut dyn FnMut(&[Query]) -> Vec<Reply>,
) -> Option<String> {
    let behind = options.behind;
    match (Reply::computed(computed), real) {
        // The server has to answer it as the next plugin does.
        (Reply::Elsewhere, Reply::Message(real)) => match elsewhere(&[asked.query()]).as_slice() {
            [Reply::Message(next)] if next == real => None,
            [other] => Some(format!("the next plugin would say {other}")),
            _ => Some("one question has one reply".to_owned()),
        },
        (Reply::Message(ours), Reply::Message(theirs)) => {
            let leased = |line: &Line| {
                let all = [&computed.answer, &computed.authority, &computed.additional];
                all.into_iter().flatten().any(|record| {
                    record.ttl == line.ttl && record.key.as_ref().is_some_and(|key| held.is_leased(key))
                })
            };
            sections(&ours, theirs, &leased, seconds).or_else(|| asks(computed, behind, theirs, elsewhere))
        }
        (ours, theirs) if ours == *theirs => None,
        _ => Some("one is no message as the other".to_owned()),
    }
}

/// Compares section by section, in order, without records from elsewhere.
fn sections(
    ours: &Sections,
    theirs: &Sections,
    leased: &dyn Fn(&Line) -> bool,
    seconds: u32,
) -> Option<String> {
    if ours.rcode != theirs.rcode {
        return Some("the rcodes differ".to_owned());
    }
    let all = [
        ("answers", &ours.answer, &theirs.answer),
        ("authorities", &ours.authority, &theirs.authority),
        ("additionals", &ours.additional, &theirs.additional),
    ];
    for (section, ours, theirs) in all {
        let theirs: Vec<&Line> = theirs.iter().filter(|line| !line.is_within(ELSEWHERE)).collect();
        let same = |(ours, theirs): (&Line, &&Line)| {
            let older = Line { ttl: theirs.ttl, ..ours.clone() } == **theirs
                && theirs.ttl <= ours.ttl
                && ours.ttl - theirs.ttl <= seconds;
            ours == *theirs || (older && leased(ours))
        };
        if ours.len() != theirs.len() || !ours.iter().zip(&theirs).all(same) {
            return Some(format!("the {section} differ"));
        }
    }
    None
}

/// Checks that the records from elsewhere are those that the engine's questions bring, and no others.
fn asks(
    computed: &Answer,
    behind: bool,
    theirs: &Sections,
    elsewhere: &mut dyn FnMut(&[Query]) -> Vec<Reply>,
) -> Option<String> {
    let came: BTreeSet<Line> = theirs.lines().filter(|line| line.is_within(ELSEWHERE)).cloned().collect();
    let queries: Option<Vec<Query>> = computed
        .asks
        .iter()
        .map(|ask| Some(Query { labels: presentation::labels(&ask.name)?, kind: ask.kind.0 }))
        .collect();
    let Some(queries) = queries else { return Some(format!("it asks for no name: {:?}", computed.asks)) };
    let within = |query: &Query| {
        let name = presentation::name(query.labels.iter().map(Vec::as_slice)).to_ascii_lowercase();
        name == ELSEWHERE || name.ends_with(&format!(".{ELSEWHERE}"))
    };
    let queries: Vec<Query> = queries.into_iter().filter(within).collect();
    let replies = elsewhere(&queries);
    let lines = replies.iter().filter_map(Reply::sections).map(|sections| &sections.answer);
    let could_come: BTreeSet<Line> = lines.flatten().cloned().map(Line::in_lower_case).collect();
    let came: BTreeSet<Line> = came.into_iter().map(Line::in_lower_case).collect();
    if let Some(line) = came.difference(&could_come).next() {
        return Some(format!("it does not say that it asks elsewhere for {line}"));
    }
    if !behind {
        return None;
    }
    // An alias that was found with the addresses of one family is not sent again with those of the other.
    could_come.difference(&came).find(|line| line.kind != 5).map(|line| format!("nobody asked for {line}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use coredeck::dns::{AnswerOutcome, Name, Rr, Why};

    fn computed(outcome: AnswerOutcome, lines: &[&str]) -> Answer {
        let record = |text: &&str| {
            let line = Line::parse(text).unwrap();
            let kind = QueryType(line.kind);
            Rr { owner: line.owner.into(), ttl: line.ttl, kind, data: line.data.into(), key: None }
        };
        Answer {
            question: Question::new("gcr.io", QueryType::A).unwrap(),
            zone: Some(Name::parse("io").unwrap()),
            outcome,
            answer: lines.iter().map(record).collect(),
            authority: vec![],
            additional: vec![],
            why: Why::Records,
            keys: vec![],
            asks: vec![],
        }
    }

    fn real(rcode: &str, lines: &[&str]) -> Reply {
        Reply::Message(Box::new(Sections {
            rcode: rcode.to_owned(),
            answer: lines.iter().map(|line| Line::parse(line).unwrap()).collect(),
            authority: vec![],
            additional: vec![],
        }))
    }

    fn differ(ours: &Answer, theirs: &Reply) -> Option<String> {
        let asked = Asked { name: "gcr.io.".to_owned(), kind: 1 };
        difference(&Held::default(), &Options::default(), &asked, ours, theirs, 5, &mut |_| vec![])
    }

    const ONE: &str = "gcr.io. 300 IN A 10.0.0.1";
    const TWO: &str = "gcr.io. 300 IN A 10.0.0.2";

    #[test]
    fn the_same_is_no_difference() {
        assert_eq!(
            differ(&computed(AnswerOutcome::NoError, &[ONE, TWO]), &real("NOERROR", &[ONE, TWO])),
            None
        );
        assert_eq!(differ(&computed(AnswerOutcome::Silence, &[]), &Reply::Silence), None);
    }

    #[test]
    fn each_wrong_expectation_is_a_difference() {
        let ours = computed(AnswerOutcome::NoError, &[ONE, TWO]);
        for (what, theirs) in [
            ("another rcode", real("SERVFAIL", &[ONE, TWO])),
            ("another order", real("NOERROR", &[TWO, ONE])),
            ("one more", real("NOERROR", &[ONE, TWO, TWO])),
            ("one less", real("NOERROR", &[ONE])),
            ("another ttl", real("NOERROR", &["gcr.io. 299 IN A 10.0.0.1", TWO])),
            ("another spelling", real("NOERROR", &["GCR.io. 300 IN A 10.0.0.1", TWO])),
            ("another address", real("NOERROR", &[ONE, "gcr.io. 300 IN A 10.0.0.3"])),
            ("silence", Reply::Silence),
            ("nothing readable", Reply::Unreadable { rcode: "NOERROR".to_owned() }),
            ("something from elsewhere", real("NOERROR", &[ONE, TWO, "a.elsewhere.test. 1 IN A 10.0.0.3"])),
        ] {
            assert!(differ(&ours, &theirs).is_some(), "{what}");
        }
        for outcome in [
            AnswerOutcome::Silence,
            AnswerOutcome::Elsewhere,
            AnswerOutcome::Endless,
            AnswerOutcome::NxDomain,
        ] {
            let wrong = computed(outcome, &[]);
            assert!(differ(&wrong, &real("NOERROR", &[])).is_some(), "{outcome:?}");
        }
    }
}
