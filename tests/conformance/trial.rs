//! Trial of a record set before the court: its questions, the differences, and the fewest records that make one.

use crate::{
    comparison::{Asked, difference, engine},
    court::Court,
    options::Options,
    records::{Held, Record},
    reply::Reply,
    support::coredns::Query,
};
use coredeck::dns::{Answer, AnswerOutcome, Why};
use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

/// Number of compared answers, and the differences.
#[derive(Debug, Default)]
pub struct Findings {
    pub compared: usize,
    /// The aliases without an end, which are not asked here: they end the server.
    pub endless: Vec<Endless>,
    /// The aliases that lead on further than the engine follows them.
    pub given_up: usize,
    /// The differences, each with everything that is needed to see it again.
    pub differences: Vec<String>,
}

/// Question that ends the server.
#[derive(Clone, Debug)]
pub struct Endless {
    pub options: Options,
    pub records: Vec<Record>,
    pub asked: Asked,
}

/// Asks both, and reports the differences. `origin` is the source of the records.
pub fn trial(
    court: &mut Court,
    options: &Options,
    records: &[Record],
    questions: &[Asked],
    origin: &str,
) -> Findings {
    let mut findings = Findings::default();
    for (asked, ours, real, why) in verdicts(court, options, records, questions) {
        match (&ours, why) {
            (Ok(answer), _) if answer.outcome == AnswerOutcome::Endless => {
                if matches!(answer.why, Why::Loop { .. }) {
                    let (options, records) = (options.clone(), records.to_vec());
                    findings.endless.push(Endless { options, records, asked });
                } else {
                    findings.given_up += 1;
                }
            }
            (_, None) => findings.compared += 1,
            (_, Some(_)) => {
                findings.compared += 1;
                let least = shrink(court, options, records, &asked);
                let again = verdicts(court, options, &least, std::slice::from_ref(&asked)).pop();
                let (asked, ours, real, why) = again.unwrap_or((asked, ours, real, None));
                findings.differences.push(report(
                    options,
                    &least,
                    &asked,
                    &ours,
                    &real,
                    why.as_deref(),
                    origin,
                ));
            }
        }
    }
    findings
}

type Verdict = (Asked, Result<Answer, String>, Reply, Option<String>);

/// Returns the answers of both to each question, and the reason why they differ.
fn verdicts(court: &mut Court, options: &Options, records: &[Record], questions: &[Asked]) -> Vec<Verdict> {
    let held = court.load(records);
    let began = Instant::now();
    let ours: Vec<Result<Answer, String>> =
        questions.iter().map(|asked| engine(&held, options, asked)).collect();
    let is_endless = |ours: &Result<Answer, String>| {
        ours.as_ref().is_ok_and(|answer| answer.outcome == AnswerOutcome::Endless)
    };
    let queries: Vec<Query> = questions
        .iter()
        .zip(&ours)
        .filter(|(_, ours)| !is_endless(ours))
        .map(|(asked, _)| asked.query())
        .collect();
    let mut replies = court.ask(options, &queries).into_iter();
    let passed = began.elapsed() + Duration::from_secs(2);
    let passed = u32::try_from(passed.as_secs()).unwrap();
    let mut verdict = |(asked, ours): (&Asked, Result<Answer, String>)| {
        let real = if is_endless(&ours) { Reply::Endless } else { replies.next().expect("one for each") };
        let why = compare(court, &held, options, asked, &ours, &real, passed);
        (asked.clone(), ours, real, why)
    };
    questions.iter().zip(ours).map(&mut verdict).collect()
}

fn compare(
    court: &mut Court,
    held: &Held,
    options: &Options,
    asked: &Asked,
    ours: &Result<Answer, String>,
    real: &Reply,
    seconds: u32,
) -> Option<String> {
    match ours {
        Err(why) => Some(why.clone()),
        Ok(answer) => difference(held, options, asked, answer, real, seconds, &mut |queries| {
            court.ask_elsewhere(queries)
        }),
    }
}

/// Leaves out each record without which the two still differ.
fn shrink(court: &mut Court, options: &Options, records: &[Record], asked: &Asked) -> Vec<Record> {
    let mut least = records.to_vec();
    let mut at = 0;
    while at < least.len() {
        let mut fewer = least.clone();
        fewer.remove(at);
        let still = verdicts(court, options, &fewer, std::slice::from_ref(asked));
        if still.iter().any(|(.., why)| why.is_some()) {
            least = fewer;
        } else {
            at += 1;
        }
    }
    least
}

fn report(
    options: &Options,
    records: &[Record],
    asked: &Asked,
    ours: &Result<Answer, String>,
    real: &Reply,
    why: Option<&str>,
    origin: &str,
) -> String {
    let mut text = format!("{} ({origin})\n", why.unwrap_or("it was different, and is no more"));
    for record in records {
        writeln!(text, "  {record}").unwrap();
    }
    writeln!(text, "  options {}", serde_json::to_string(options).unwrap()).unwrap();
    writeln!(text, "  question {asked}").unwrap();
    match ours {
        Ok(answer) => {
            let (reply, why) = (Reply::computed(answer), &answer.why);
            writeln!(text, "  engine  {reply}\n    because {why:?}, asks {:?}", answer.asks).unwrap();
        }
        Err(why) => writeln!(text, "  engine  {why}").unwrap(),
    }
    writeln!(text, "  CoreDNS {real}").unwrap();
    text
}
