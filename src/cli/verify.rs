//! Command `coredeck verify [NAME]`.
use super::{
    Exit, answer,
    arguments::{JudgeFlags, VerifyFlags},
    command_error::CommandError,
    output::{Screen, say},
    target::TargetArgument,
    verdict::report,
};
use crate::{
    dns::{self, Answer, Leased, Name, QueryType, QueryTypeError, Question, ZONES_ARE_GUESSED, ZoneGuess},
    index::Records,
    keys::Scope,
    ops::{index_of, lease_times, leases_of},
    remedy::Remedy,
    session::{Session, Store},
    verify::{AskedReply, AwaitedAnswer, ask_all, until_there},
};
use std::{collections::BTreeSet, net::SocketAddr, sync::Arc, time::Duration};

/// Asks each server, and compares.
pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &VerifyFlags,
) -> Result<Exit, CommandError> {
    let settings = &session.settings;
    let servers = if flags.server.is_empty() { settings.servers() } else { flags.server.clone() };
    if servers.is_empty() {
        return Err(CommandError::usage(
            "no server is known to ask",
            "Name one with --server ADDR[:PORT], as dns_servers in the profile, or give a Corefile.",
        ));
    }
    if settings.has_no_zones() {
        say(format_args!("coredeck: {ZONES_ARE_GUESSED}: a difference may come from that"));
    }
    let answers = match &flags.name {
        Some(name) => of_name(session, flags, name).await?,
        None => of_everything(session, flags).await?,
    };
    let servers: Vec<SocketAddr> = servers.into_iter().map(|server| server.0).collect();
    let questions = answers.len();
    let answers: Vec<Arc<Answer>> = answers.into_iter().map(Arc::new).collect();
    let verdicts = match flags.wait {
        None => ask_all(&servers, &answers).await,
        Some(limit) => wait(&servers, answers, limit).await,
    };
    report(screen, flags.name.is_some(), &verdicts, questions)
}

/// Asks again and again, and reports the servers that agree and those whose caches are still full.
async fn wait(servers: &[SocketAddr], answers: Vec<Arc<Answer>>, limit: Duration) -> Vec<AskedReply> {
    let wanted: Vec<AwaitedAnswer> =
        answers.into_iter().map(|after| AwaitedAnswer { before: None, after }).collect();
    let there = |server: SocketAddr, took: Duration| {
        say(format_args!("coredeck: {server} agrees after {:.1} s", took.as_secs_f64()));
    };
    let last = until_there(servers, &wanted, limit, there).await;
    for server in servers {
        let of_server = last.iter().filter(|last| last.verdict.server == *server);
        if let Some(left) = of_server.filter_map(|last| last.cached_for).max() {
            say(format_args!(
                "coredeck: the cache of {server} may keep what it says for {} s more",
                left.as_secs()
            ));
        }
    }
    last.into_iter().map(|last| last.verdict).collect()
}

fn kinds(flags: &VerifyFlags) -> Result<Option<Vec<QueryType>>, CommandError> {
    let Some(list) = &flags.kinds else { return Ok(None) };
    list.split(',')
        .map(|kind| {
            kind.trim().parse().map_err(|error: QueryTypeError| CommandError::usage(&error, error.remedy()))
        })
        .collect::<Result<_, _>>()
        .map(Some)
}

fn judge(flags: &VerifyFlags) -> JudgeFlags {
    JudgeFlags { records: None, coredns_version: flags.coredns_version }
}

/// Returns the foreseen answers for one name, with only the reads that they need.
async fn of_name<S: Store>(
    session: &Session<S>,
    flags: &VerifyFlags,
    text: &str,
) -> Result<Vec<Answer>, CommandError> {
    let kinds = kinds(flags)?.unwrap_or_else(|| QueryType::ANSWERED.to_vec());
    if let TargetArgument::Key(key) = TargetArgument::parse(session.scope(), text)? {
        return Err(answer::is_no_name(session.scope(), &key));
    }
    let reader = session.reader().await?;
    let mut answers = Vec::with_capacity(kinds.len());
    for kind in kinds {
        let question = Question::new(text, kind)?;
        answers.push(answer::ask(&reader, &session.settings, &judge(flags), &question).await?.value);
    }
    Ok(answers)
}

/// Returns the foreseen answers for each name with records of its own: for its addresses, and for its other types.
async fn of_everything<S: Store>(
    session: &Session<S>,
    flags: &VerifyFlags,
) -> Result<Vec<Answer>, CommandError> {
    let (scope, settings) = (session.scope(), &session.settings);
    let asked = kinds(flags)?;
    let reader = session.reader().await?;
    let index = index_of(&reader, scope).await?;
    let records = index.records();
    let leases = lease_times(&reader, leases_of(records)).await;
    let source = Leased { records, leases: &leases };
    let tops = ZoneGuess::of(records, scope);
    let names = names(scope, records);
    if names.len() > flags.limit {
        say(format_args!(
            "coredeck: {} of {} names are asked for, in the order of their keys; --limit asks for more",
            flags.limit,
            names.len()
        ));
    }
    let mut answers = Vec::new();
    for name in names.iter().take(flags.limit) {
        let serving = judge(flags).serving(settings.serving_for(name, &tops));
        if let Some(kinds) = &asked {
            let of = |kind: &QueryType| dns::answer(&source, &serving, &Question::of(name, *kind));
            answers.extend(kinds.iter().map(of));
            continue;
        }
        let told = |answer: &Answer| !answer.answer.is_empty() && answer.question.kind != QueryType::SOA;
        let all = dns::answers(&source, &serving, name).into_iter();
        answers.extend(all.filter(|answer| answer.question.kind == QueryType::A || told(answer)));
    }
    Ok(answers)
}

/// Returns the names that records are for, in the order of keys: that of each key, and that of which the key is a leaf.
fn names(scope: &Scope, records: &Records) -> Vec<Name> {
    let mut seen = BTreeSet::new();
    let mut names = Vec::new();
    let mut cursor = records.cursor();
    while let Some(record) = cursor.record() {
        let parent =
            record.key.iter().rposition(|byte| *byte == b'/').and_then(|slash| record.key.get(..slash));
        for key in parent.into_iter().chain([record.key]) {
            if let Ok(scoped) = scope.key(key)
                && seen.insert(key.to_vec())
            {
                let name = Name::of_key(scope, &scoped);
                // No question reaches any other name.
                if name.is_served() {
                    names.push(name);
                }
            }
        }
        cursor.advance();
    }
    names
}
