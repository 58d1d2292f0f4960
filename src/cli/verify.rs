//! `coredeck verify [NAME]`.
use super::{
    Exit, answer,
    arguments::{JudgeFlags, VerifyFlags},
    lint::{lease_times, listed, top_level_names},
    output::{Screen, print_lines, say},
    session::{Session, Store},
    style::Style,
    target::Target,
    trouble::Trouble,
};
use crate::{
    config::DnsServer,
    dns::{
        self, Agreement, Answer, Heard, Leased, Name, QueryType, QueryTypeError, Question, Reply, Rr, Status,
        agreement, foreseen,
    },
    foreign_text::ForeignText,
    index::Records,
    keys::Scope,
    verify::{self, NoReply, PATIENCE},
};
use futures_util::{StreamExt as _, stream};
use serde::Serialize;
use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

/// Questions under way at once at one server: as many as a page of a browser asks.
const AT_ONCE: usize = 8;
/// So many questions in a row without a reply, and a server is asked nothing more.
const GIVEN_UP: u32 = 4;

/// A comparison as `-o json` prints it. The names of the fields are stable.
#[derive(Serialize)]
struct VerdictLine {
    server: String,
    name: String,
    r#type: String,
    verdict: &'static str,
    foreseen: Sections,
    heard: Option<Sections>,
    message: Option<String>,
}

#[derive(Serialize)]
struct Sections {
    rcode: Option<String>,
    answer: Vec<String>,
    authority: Vec<String>,
    additional: Vec<String>,
}

/// What one server said to one question.
struct Verdict {
    server: DnsServer,
    answer: Arc<Answer>,
    reply: Result<Reply, NoReply>,
    agreement: Agreement,
}

/// Asks each server, and compares.
pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &VerifyFlags,
) -> Result<Exit, Trouble> {
    let settings = &session.settings;
    let servers = if flags.server.is_empty() { settings.servers() } else { flags.server.clone() };
    if servers.is_empty() {
        return Err(Trouble::usage(
            "no server is known to ask",
            "Name one with --server ADDR[:PORT], as dns_servers in the profile, or give a Corefile.",
        ));
    }
    let answers = match &flags.name {
        Some(name) => of_name(session, flags, name).await?,
        None => of_everything(session, flags).await?,
    };
    let verdicts = ask(&servers, answers).await;
    report(screen, flags, &verdicts)
}

fn kinds(flags: &VerifyFlags) -> Result<Option<Vec<QueryType>>, Trouble> {
    let Some(list) = &flags.kinds else { return Ok(None) };
    list.split(',')
        .map(|kind| {
            kind.trim().parse().map_err(|error: QueryTypeError| Trouble::usage(&error, error.remedy()))
        })
        .collect::<Result<_, _>>()
        .map(Some)
}

fn judge(flags: &VerifyFlags) -> JudgeFlags {
    JudgeFlags { records: None, coredns_version: flags.coredns_version }
}

/// What is foreseen for one name: what that takes is read, and nothing else.
async fn of_name<S: Store>(
    session: &Session<S>,
    flags: &VerifyFlags,
    text: &str,
) -> Result<Vec<Answer>, Trouble> {
    let kinds = kinds(flags)?.unwrap_or_else(|| QueryType::ANSWERED.to_vec());
    if let Target::Key(key) = Target::parse(session.scope(), text)? {
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

/// What is foreseen for each name with records of its own: its addresses, and whatever else they answer.
async fn of_everything<S: Store>(session: &Session<S>, flags: &VerifyFlags) -> Result<Vec<Answer>, Trouble> {
    let (scope, settings) = (session.scope(), &session.settings);
    let asked = kinds(flags)?;
    let reader = session.reader().await?;
    let index = listed(&reader, scope).await?;
    let records = index.records();
    let leases = lease_times(&reader, records).await;
    let source = Leased { records, leases: &leases };
    let tops = if settings.has_no_zones() { top_level_names(&source, scope) } else { Vec::new() };
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

/// The names that records are for: that of each key, and that which the key is a leaf of. In the order of keys.
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
                // No question reaches any other.
                if name.is_served() {
                    names.push(name);
                }
            }
        }
        cursor.advance();
    }
    names
}

async fn ask(servers: &[DnsServer], answers: Vec<Answer>) -> Vec<Verdict> {
    let answers: Vec<Arc<Answer>> = answers.into_iter().map(Arc::new).collect();
    let of_server = |server: DnsServer| {
        let answers = answers.clone();
        async move {
            let silent = AtomicU32::new(0);
            let silent = &silent;
            stream::iter(answers)
                .map(|answer| async move {
                    if silent.load(Ordering::Relaxed) >= GIVEN_UP {
                        return None;
                    }
                    let reply = verify::ask(server.0, &answer.question, PATIENCE).await;
                    // Who was foreseen to be silent has not failed.
                    let failed = reply.is_err() && foreseen(answer.outcome) != Some(Status::Silence);
                    if failed {
                        silent.fetch_add(1, Ordering::Relaxed);
                    } else if reply.is_ok() {
                        silent.store(0, Ordering::Relaxed);
                    }
                    let agreement = agreement(&answer, reply.as_ref().ok());
                    Some(Verdict { server, answer, reply, agreement })
                })
                .buffered(AT_ONCE)
                .filter_map(std::future::ready)
                .collect::<Vec<_>>()
                .await
        }
    };
    let all = futures_util::future::join_all(servers.iter().copied().map(of_server)).await;
    all.into_iter().flatten().collect()
}

fn report(screen: &Screen, flags: &VerifyFlags, verdicts: &[Verdict]) -> Result<Exit, Trouble> {
    if screen.is_json() {
        // Strings always serialise.
        print_lines(
            verdicts.iter().map(|verdict| serde_json::to_string(&line(verdict)).unwrap_or_default()),
        )?;
    } else {
        // Of everything that agrees only the number is worth a line.
        let shown = verdicts.iter().filter(|verdict| flags.name.is_some() || !verdict.agrees());
        print_lines(shown.flat_map(|verdict| text(verdict, screen.style)))?;
    }
    let mut of_server: Vec<(DnsServer, HashMap<&'static str, usize>)> = Vec::new();
    for verdict in verdicts {
        let word = verdict.word();
        match of_server.iter_mut().find(|(server, _)| *server == verdict.server) {
            Some((_, counts)) => *counts.entry(word).or_default() += 1,
            None => of_server.push((verdict.server, HashMap::from([(word, 1)]))),
        }
    }
    for (server, counts) in &of_server {
        let parts: Vec<String> = WORDS
            .iter()
            .filter_map(|(word, said)| counts.get(word).map(|count| format!("{count} {said}")))
            .collect();
        say(format_args!("{server}: {}.", parts.join(", ")));
    }
    let replied = verdicts.iter().any(|verdict| verdict.reply.is_ok());
    let foreseen_silence = verdicts.iter().all(Verdict::agrees);
    if !replied && !verdicts.is_empty() && !foreseen_silence {
        let failed = verdicts.iter().find_map(|verdict| verdict.reply.as_ref().err());
        return Err(match failed {
            Some(why) => Trouble::new(Exit::NotReached, format!("no server answers: {why}"), why.remedy()),
            None => Trouble::new(Exit::NotReached, "no server answers", "Name another with --server."),
        });
    }
    Ok(if verdicts.iter().all(Verdict::agrees) { Exit::Done } else { Exit::Findings })
}

/// The words of `verdict`, and how a sum of them is said.
const WORDS: [(&str, &str); 6] = [
    ("same", "the same"),
    ("other_ttl", "the same with other TTLs"),
    ("not_foreseen", "answered by something else"),
    ("silent", "silent, as foreseen"),
    ("different", "different"),
    ("no_answer", "without an answer"),
];

impl Verdict {
    fn word(&self) -> &'static str {
        match &self.agreement {
            Agreement::Same => "same",
            Agreement::OtherTtl => "other_ttl",
            Agreement::NotForeseen => "not_foreseen",
            Agreement::NoReply { foreseen: true } => "silent",
            Agreement::NoReply { foreseen: false } => "no_answer",
            Agreement::Different(_) => "different",
        }
    }

    /// Whether nobody has to look at it.
    fn agrees(&self) -> bool {
        match self.agreement {
            Agreement::Same | Agreement::OtherTtl | Agreement::NotForeseen => true,
            Agreement::NoReply { foreseen } => foreseen,
            Agreement::Different(_) => false,
        }
    }
}

fn safe(text: &str) -> String {
    ForeignText::from(text).to_string()
}

fn line(verdict: &Verdict) -> VerdictLine {
    let answer = &verdict.answer;
    let ours = |records: &[Rr]| records.iter().map(ToString::to_string).collect();
    let theirs = |records: &[Heard]| records.iter().map(ToString::to_string).collect();
    VerdictLine {
        server: verdict.server.to_string(),
        name: answer.question.spelled.to_string(),
        r#type: answer.question.kind.to_string(),
        verdict: verdict.word(),
        foreseen: Sections {
            rcode: super::answer_text::rcode(answer.outcome).map(str::to_owned),
            answer: ours(&answer.answer),
            authority: ours(&answer.authority),
            additional: ours(&answer.additional),
        },
        heard: verdict.reply.as_ref().ok().map(|reply| Sections {
            rcode: Some(Status::Rcode(reply.rcode).to_string()),
            answer: theirs(&reply.answer),
            authority: theirs(&reply.authority),
            additional: theirs(&reply.additional),
        }),
        message: verdict.reply.as_ref().err().map(|why| safe(&why.to_string())),
    }
}

/// A verdict in a line, and below it what is different.
fn text(verdict: &Verdict, style: Style) -> Vec<String> {
    let question = &verdict.answer.question;
    let said = WORDS.iter().find(|(word, _)| *word == verdict.word()).map_or("", |(_, said)| said);
    let said = if verdict.agrees() { said.to_owned() } else { style.removed(said) };
    let mut lines = vec![format!("{}  {} {}: {said}", verdict.server, question.spelled, question.kind)];
    if let Agreement::Different(difference) = &verdict.agreement {
        if let Some((foreseen, heard)) = &difference.status {
            lines.push(format!("    status {foreseen} was foreseen, {heard} came"));
        }
        for (mark, records) in [("-", &difference.missing), ("+", &difference.extra)] {
            for told in records {
                let line = format!("  {mark} {}  ({})", safe(&told.record), told.section);
                lines.push(if mark == "-" { style.removed(line) } else { style.added(line) });
            }
        }
    }
    if let Err(why) = &verdict.reply
        && !verdict.agrees()
    {
        lines.push(format!("    {}", safe(&why.to_string())));
    }
    lines
}
