//! Verdicts of `verify`, for each server and question.
use super::{
    Exit,
    command_error::CommandError,
    cut::print_text,
    output::{Screen, print_lines, safe, say},
    style::Style,
};
use crate::{
    dns::{Agreement, ReplyRecord, Rr},
    remedy::Remedy,
    verify::AskedReply,
};
use serde::Serialize;
use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
};

/// Comparison as `-o json` prints it. The names of the fields are stable.
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

/// Prints the verdicts, all or only those that need attention, and returns the exit code.
pub(super) fn report(
    screen: &Screen,
    all: bool,
    verdicts: &[AskedReply],
    questions: usize,
) -> Result<Exit, CommandError> {
    if screen.is_json() {
        // Strings always serialise.
        print_lines(
            verdicts.iter().map(|verdict| serde_json::to_string(&line(verdict)).unwrap_or_default()),
        )?;
    } else {
        // Of the verdicts that agree, only the number is shown.
        let shown = verdicts.iter().filter(|verdict| all || !verdict.agrees());
        let mut told = HashSet::new();
        print_text(shown.flat_map(|verdict| text(verdict, screen.style, &mut told)), screen.ascii)?;
    }
    let mut of_server: Vec<(SocketAddr, HashMap<&'static str, usize>)> = Vec::new();
    for verdict in verdicts {
        let word = word(verdict);
        match of_server.iter_mut().find(|(server, _)| *server == verdict.server) {
            Some((_, counts)) => *counts.entry(word).or_default() += 1,
            None => of_server.push((verdict.server, HashMap::from([(word, 1)]))),
        }
    }
    for (server, counts) in &of_server {
        let given_up = questions - counts.values().sum::<usize>().min(questions);
        let parts: Vec<String> = WORDS
            .iter()
            .filter_map(|(word, said)| counts.get(word).map(|count| format!("{count} {said}")))
            .chain((given_up > 0).then(|| format!("{given_up} not asked any more")))
            .collect();
        say(format_args!("{server}: {}.", parts.join(", ")));
    }
    if verdicts.iter().all(AskedReply::agrees) {
        return Ok(Exit::Done);
    }
    let replied = verdicts.iter().any(|verdict| verdict.reply().is_some());
    match verdicts.iter().find_map(AskedReply::failure).filter(|_| !replied) {
        Some(why) => {
            let what = format!("no server answers: {why}");
            Err(CommandError::new(Exit::NotReached, what, why.remedy()).beside_etcd())
        }
        None => Ok(Exit::Findings),
    }
}

/// The words of `verdict`, and those for a sum of them.
const WORDS: [(&str, &str); 7] = [
    ("same", "the same"),
    ("other_ttl", "the same with other TTLs"),
    ("not_foreseen", "answered by something else"),
    ("silent", "silent, as foreseen"),
    ("different", "different"),
    ("no_answer", "without an answer"),
    ("not_asked", "not asked, because it can bring CoreDNS down"),
];

fn word(verdict: &AskedReply) -> &'static str {
    match verdict.agreement() {
        Some(Agreement::Same) => "same",
        Some(Agreement::OtherTtl) => "other_ttl",
        Some(Agreement::NotForeseen) => "not_foreseen",
        Some(Agreement::NoReply { foreseen: true }) => "silent",
        Some(Agreement::NoReply { foreseen: false }) => "no_answer",
        Some(Agreement::Different(_)) => "different",
        None => "not_asked",
    }
}

fn line(verdict: &AskedReply) -> VerdictLine {
    let answer = &verdict.answer;
    let ours = |records: &[Rr]| records.iter().map(ToString::to_string).collect();
    let theirs = |records: &[ReplyRecord]| records.iter().map(ToString::to_string).collect();
    VerdictLine {
        server: verdict.server.to_string(),
        name: answer.question.spelled.to_string(),
        r#type: answer.question.kind.to_string(),
        verdict: word(verdict),
        foreseen: Sections {
            rcode: answer.outcome.rcode().map(|rcode| rcode.to_string()),
            answer: ours(&answer.answer),
            authority: ours(&answer.authority),
            additional: ours(&answer.additional),
        },
        heard: verdict.reply().map(|reply| Sections {
            rcode: Some(reply.rcode.to_string()),
            answer: theirs(&reply.answer),
            authority: theirs(&reply.authority),
            additional: theirs(&reply.additional),
        }),
        message: verdict.failure().map(|why| safe(&why.to_string())),
    }
}

/// Returns a verdict in a line, with the differences below it. The reason why a server does not answer is given once.
fn text(verdict: &AskedReply, style: Style, told: &mut HashSet<String>) -> Vec<String> {
    let question = &verdict.answer.question;
    let said = WORDS.iter().find(|(known, _)| *known == word(verdict)).map_or("", |(_, said)| said);
    let said = if verdict.agrees() { said.to_owned() } else { style.removed(said) };
    let mut lines = vec![format!("{}  {} {}: {said}", verdict.server, question.spelled, question.kind)];
    if let Some(Agreement::Different(difference)) = verdict.agreement() {
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
    if let Some(why) = verdict.failure()
        && !verdict.agrees()
    {
        let why = safe(&why.to_string());
        lines.extend(told.insert(why.clone()).then(|| format!("    {why}")));
    }
    lines
}
