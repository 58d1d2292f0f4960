//! Lint of generated records, with a real `CoreDNS` as the judge. Each answer that a finding calls broken is broken,
//! each broken answer has a finding, and a fix ends its finding and leads to the answers that the engine foretells.

use crate::{
    comparison::{Asked, engine},
    court::Court,
    options::Options,
    presentation,
    records::{Held, Record},
    reply::Reply,
    support::coredns::Query,
    trial::trial,
};
use coredeck::dns::{
    AnswerOutcome, Name, Serving,
    lint::{Finding, Findings, Fix, FixStep, Severity, Trap, isolate, lint},
};

/// The most fixes of one record set that are tried.
const FIXES: usize = 4;
const A: u16 = 1;
const NS: u16 = 2;
const PTR: u16 = 12;
const TXT: u16 = 16;
/// Types that each name of a fix is asked for.
const KINDS: [u16; 6] = [A, 28, TXT, 33, 15, 5];

/// Number of judgements, and the wrong ones.
#[derive(Debug, Default)]
pub struct Verdicts {
    pub claims: usize,
    pub fixes: usize,
    pub answers: usize,
    pub wrong: Vec<String>,
}

/// Compares the findings about these records with `CoreDNS`.
pub fn judge(court: &mut Court, options: &Options, records: &[Record], origin: &str, all: &mut Verdicts) {
    let serving = options.serving();
    let held = court.load(records);
    let findings = lint(&held.known(), &serving);
    claims(court, options, &findings, (&held, records, origin), all);
    unsaid(court, options, &serving, &findings, (&held, records, origin), all);
    let mut names: Vec<Name> = Vec::new();
    let fixes = findings.list.iter().filter_map(|finding| Some((finding, finding.fix.as_ref()?))).take(FIXES);
    for (finding, fix) in fixes {
        all.fixes += 1;
        let after = applied(records, fix);
        let again = lint(&Held::of(&after).known(), &serving);
        if again.of(&finding.key).any(|other| other.trap == finding.trap) {
            all.wrong.push(report(finding, "its fix does not end it", records, origin));
        }
        names.clone_from(&finding.names);
        foretold(court, options, &after, &names, (finding, origin), all);
    }
    if let Some((name, fix)) = apart(&held, &serving) {
        all.fixes += 1;
        let after = applied(records, &fix);
        let finding = findings.list.first().cloned();
        if let Some(finding) = finding {
            foretold(court, options, &after, &[name], (&finding, origin), all);
        }
    }
}

/// Returns a question and the rcode that a finding promises; `None` for no reply at all.
fn promised(finding: &Finding) -> Vec<(Asked, Option<&'static str>)> {
    let ask = |name: &Name, kind| Asked { name: name.fqdn(), kind };
    let served = finding.names.iter().filter(|name| name.is_served());
    match (finding.trap, finding.severity) {
        (Trap::T1 | Trap::T2 | Trap::T3, _) => {
            served.map(|name| (ask(name, TXT), Some("SERVFAIL"))).collect()
        }
        (Trap::T7, _) => served.map(|name| (ask(name, NS), Some("NXDOMAIN"))).collect(),
        (Trap::T8, _) => served.take(1).map(|name| (ask(name, NS), Some("SERVFAIL"))).collect(),
        (Trap::T10 | Trap::T56, Severity::Error) => {
            served.take(1).map(|name| (ask(name, PTR), None)).collect()
        }
        _ => vec![],
    }
}

/// Tells whether a name fits into a question.
fn can_be_asked(name: &str) -> bool {
    presentation::labels(name).is_some() && Name::parse(name).is_ok()
}

/// Tells whether a question ends the server.
fn is_endless(held: &Held, options: &Options, asked: &Asked) -> bool {
    engine(held, options, asked).is_ok_and(|answer| answer.outcome == AnswerOutcome::Endless)
}

fn claims(
    court: &mut Court,
    options: &Options,
    findings: &Findings,
    (held, records, origin): (&Held, &[Record], &str),
    all: &mut Verdicts,
) {
    let falls = options.fallthrough != crate::options::Falls::Never;
    let claims: Vec<(&Finding, Asked, Option<&str>)> = findings
        .list
        .iter()
        .flat_map(|finding| promised(finding).into_iter().map(move |(asked, rcode)| (finding, asked, rcode)))
        // A name that does not exist here may exist behind the plugin, and a name that does not fit into a question
        // is not asked.
        .filter(|(_, asked, rcode)| {
            (*rcode == Some("SERVFAIL") || !falls)
                && can_be_asked(&asked.name)
                && !is_endless(held, options, asked)
        })
        .collect();
    let queries: Vec<Query> = claims.iter().map(|(_, asked, _)| asked.query()).collect();
    for ((finding, asked, rcode), reply) in claims.iter().zip(court.ask(options, &queries)) {
        all.claims += 1;
        let holds = match (reply.sections(), rcode) {
            (Some(sections), Some(rcode)) => sections.rcode == *rcode,
            // The finding says that a PTR record is missing.
            (Some(sections), None) => sections.answer.iter().all(|line| line.kind != PTR),
            (None, _) => matches!(reply, Reply::Silence),
        };
        if !holds {
            let said = format!("CoreDNS answers {asked} with {reply}");
            all.wrong.push(report(finding, &said, records, origin));
        }
    }
}

/// Looks for a broken answer that no finding reports.
fn unsaid(
    court: &mut Court,
    options: &Options,
    serving: &Serving,
    findings: &Findings,
    (held, records, origin): (&Held, &[Record], &str),
    all: &mut Verdicts,
) {
    let mut names: Vec<Name> = Vec::new();
    for record in records {
        let Ok(key) = serving.scope.key(&record.key) else { continue };
        for name in std::iter::successors(Some(Name::of_key(&serving.scope, &key)), Name::parent) {
            if name.is_served() && can_be_asked(&name.fqdn()) && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let is_covered = |name: &Name| serving.zones.iter().any(|zone| name.is_within(zone));
    let asked: Vec<(Name, Asked)> = names
        .into_iter()
        .filter(is_covered)
        .map(|name| (name.clone(), Asked { name: name.fqdn(), kind: TXT }))
        .filter(|(_, asked)| !is_endless(held, options, asked))
        .collect();
    let queries: Vec<Query> = asked.iter().map(|(_, asked)| asked.query()).collect();
    for ((name, asked), reply) in asked.iter().zip(court.ask(options, &queries)) {
        all.answers += 1;
        let fails = reply.sections().is_none_or(|sections| sections.rcode == "SERVFAIL");
        let key = name.key(&serving.scope).unwrap();
        let told = findings.list.iter().any(|finding| {
            finding.severity == Severity::Error
                && (finding.names.contains(name)
                    || finding.key.starts_with(key.as_bytes())
                    || !finding.names.is_empty())
        });
        if fails && !told {
            all.wrong.push(format!(
                "{asked} fails ({reply}), and nothing is said of it\n{}",
                shown(records, origin)
            ));
        }
    }
}

/// Checks that the answers after a fix are those that the engine foretells.
fn foretold(
    court: &mut Court,
    options: &Options,
    after: &[Record],
    names: &[Name],
    (finding, origin): (&Finding, &str),
    all: &mut Verdicts,
) {
    let names = names.iter().filter(|name| name.is_served() && can_be_asked(&name.fqdn()));
    let questions: Vec<Asked> =
        names.take(4).flat_map(|name| KINDS.map(|kind| Asked { name: name.fqdn(), kind })).collect();
    let found =
        trial(court, options, after, &questions, &format!("{origin}, after the fix of {}", finding.trap));
    all.answers += found.compared;
    all.wrong.extend(found.differences);
}

/// Returns the first name that groups keep apart.
fn apart(held: &Held, serving: &Serving) -> Option<(Name, Fix)> {
    let known = held.known();
    held.records.iter().find_map(|(key, _)| {
        let key = serving.scope.key(key).ok()?;
        let names = std::iter::successors(Some(Name::of_key(&serving.scope, &key)), Name::parent);
        names.skip(1).find_map(|name| isolate(&known, serving, &name).ok().map(|fix| (name, fix)))
    })
}

/// Returns the records after a fix.
fn applied(records: &[Record], fix: &Fix) -> Vec<Record> {
    let mut after = records.to_vec();
    let lease = |after: &[Record], key: &[u8]| {
        after.iter().find(|record| *record.key == *key).and_then(|record| record.lease_ttl)
    };
    for step in &fix.steps {
        match step {
            FixStep::Create { key, content } => {
                after.push(Record::new(key.to_vec(), content.value.to_vec()));
            }
            FixStep::Update { key, value, .. } => {
                let lease_ttl = lease(&after, key);
                after.retain(|record| *record.key != **key);
                after.push(Record { lease_ttl, ..Record::new(key.to_vec(), value.to_vec()) });
            }
            FixStep::Move { from, to } => {
                for record in after.iter_mut().filter(|record| *record.key == **from) {
                    record.key = to.to_vec();
                }
            }
            FixStep::Delete { key, .. } => after.retain(|record| *record.key != **key),
        }
    }
    after.sort_by(|a, b| a.key.cmp(&b.key));
    after
}

fn report(finding: &Finding, why: &str, records: &[Record], origin: &str) -> String {
    format!(
        "{} at {}: {}\n  {why}\n{}",
        finding.trap,
        String::from_utf8_lossy(&finding.key),
        finding.message,
        shown(records, origin)
    )
}

fn shown(records: &[Record], origin: &str) -> String {
    let records: Vec<String> = records.iter().map(|record| format!("  {record}")).collect();
    format!("{}\n  ({origin})", records.join("\n"))
}
