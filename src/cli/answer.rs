//! Command `coredeck answer NAME [TYPE]`.
use super::{
    Exit,
    answer_text::{self, AnswerNotes},
    arguments::{AnswerFlags, JudgeFlags},
    command_error::CommandError,
    cut::print_text,
    output::{Screen, print_lines, say_safely},
    records_file::RecordsFile,
    target::TargetArgument,
};
use crate::{
    config::Settings,
    dns::{
        Answer, Name, QueryType, QueryTypeError, Question, Rcode, ReadPart, Rr, Serving, ZONES_ARE_GUESSED,
        answer,
    },
    foreign_text::ForeignText,
    keys::{Scope, ScopedKey, spelling::spell},
    ops::{ImplicitZones, Settled, settle},
    remedy::Remedy,
    session::{Session, Store},
    store::Reader,
};
use serde::Serialize;
use std::time::SystemTime;

/// Answer as `-o json` prints it. The names of the fields are stable.
#[derive(Serialize)]
struct AnswerLine {
    name: String,
    r#type: String,
    zone: Option<String>,
    /// True if nobody has named the zones.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    zones_are_guessed: bool,
    rcode: Option<&'static str>,
    answer: Vec<String>,
    authority: Vec<String>,
    additional: Vec<String>,
    keys: Vec<String>,
    asks: Vec<String>,
    why: String,
}

/// Answers from the records in etcd.
pub(super) async fn print<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &AnswerFlags,
) -> Result<Exit, CommandError> {
    let settings = &session.settings;
    let question = question(session.scope(), flags)?;
    let reader = session.reader().await?;
    let settled = ask(&reader, settings, &flags.from, &question).await?;
    let beside = AnswerNotes { revision: settled.revision, unknown_leases: settled.unknown_leases.len() };
    show(settings, screen, &settled.value, &beside)
}

/// Answers from the records of a file. Nothing is connected, and no credential is needed.
pub(super) fn offline(
    settings: &Settings,
    screen: &Screen,
    flags: &AnswerFlags,
) -> Result<Exit, CommandError> {
    let question = question(&settings.scope.value, flags)?;
    let Some(path) = &flags.from.records else { return Ok(Exit::Done) };
    let file = RecordsFile::read(&settings.scope.value, path)?;
    let serving = flags.from.serving(settings.serving_for(&question.name, &file.tops));
    show(settings, screen, &answer(&file.known, &serving, &question), &AnswerNotes::default())
}

fn question(scope: &Scope, flags: &AnswerFlags) -> Result<Question, CommandError> {
    let kind: QueryType =
        flags.kind.parse().map_err(|error: QueryTypeError| CommandError::usage(&error, error.remedy()))?;
    if let TargetArgument::Key(key) = TargetArgument::parse(scope, &flags.name)? {
        return Err(is_no_name(scope, &key));
    }
    Ok(Question::new(&flags.name, kind)?)
}

pub(super) fn is_no_name(scope: &Scope, key: &ScopedKey) -> CommandError {
    CommandError::usage(
        format!("{key} is a key, and a question is about a name"),
        format!("Ask for {}.", Name::of_key(scope, key)),
    )
}

/// Answers a question by the settings. If nobody has named a zone, each top-level name of the answer is looked up when
/// it is needed.
pub(super) async fn ask<R: Reader>(
    reader: &R,
    settings: &Settings,
    flags: &JudgeFlags,
    question: &Question,
) -> Result<Settled<Answer>, CommandError> {
    let mut tops = ImplicitZones::default();
    let mut settled = None;
    let mut met = vec![question.name.clone()];
    let mut names = Vec::new();
    loop {
        met.retain(|name| !names.contains(name));
        let is_new = tops.meet(reader, settings, met.iter().cloned()).await? || !met.is_empty();
        names.extend(met);
        if let Some((_, denied)) = tops.denied.pop() {
            return Err(denied.into());
        }
        // An alias may lead to a top-level name that is a zone as well.
        if let Some(settled) = settled.filter(|_| !is_new) {
            return Ok(settled);
        }
        let ask = |known: &ReadPart| {
            let guess = tops.near(settings, known, &names);
            answer(known, &flags.serving(settings.serving_for(&question.name, guess)), question)
        };
        let now = settle(reader, &settings.scope.value, ask).await?;
        met = if settings.has_no_zones() { names_of(&now.value) } else { vec![] };
        settled = Some(now);
    }
}

/// Returns the names in an answer: each may lie in a zone of its own.
fn names_of(answer: &Answer) -> Vec<Name> {
    let asked = answer.asks.iter().map(|ask| &*ask.name);
    let owners = answer.answer.iter().map(|rr| &*rr.owner);
    let aliases = answer.answer.iter().filter(|rr| rr.kind == QueryType::CNAME).map(|rr| &*rr.data);
    let mut names: Vec<Name> = Vec::new();
    for name in asked.chain(owners).chain(aliases).filter_map(|name| Name::parse(name).ok()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Returns the present time, as the serial of a SOA that is made now.
pub(super) fn now() -> u32 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    // miekg/dns cuts it in the same way.
    u32::try_from(now.as_secs() & u64::from(u32::MAX)).unwrap_or_default()
}

fn show(
    settings: &Settings,
    screen: &Screen,
    answer: &Answer,
    beside: &AnswerNotes,
) -> Result<Exit, CommandError> {
    let name = &answer.question.name;
    for plugin in settings.served.iter().flat_map(|served| served.before(name)) {
        say_safely(format!(
            "coredeck: {} ({}) stands before etcd, and may answer first or change the answer",
            plugin.name, plugin.at
        ));
    }
    let guessed = settings.has_no_zones();
    if guessed {
        say_safely(format!("coredeck: {ZONES_ARE_GUESSED}: {}", zone_of(answer)));
    }
    if screen.is_json() {
        // Strings and numbers always serialise.
        print_lines([serde_json::to_string(&line(answer, guessed)).unwrap_or_default()])?;
    } else {
        print_text(answer_text::lines(answer, beside, screen.style), screen.ascii)?;
    }
    Ok(Exit::Done)
}

/// Returns the zone that was taken for the name.
fn zone_of(answer: &Answer) -> String {
    let name = &answer.question.name;
    match &answer.zone {
        Some(zone) => format!("{name} is taken to lie in the zone {zone}"),
        None => format!("{name} is taken to lie in none"),
    }
}

fn line(answer: &Answer, guessed: bool) -> AnswerLine {
    let section = |records: &[Rr]| records.iter().map(ToString::to_string).collect();
    AnswerLine {
        name: answer.question.spelled.to_string(),
        r#type: answer.question.kind.to_string(),
        zone: answer.zone.as_ref().map(Name::fqdn),
        zones_are_guessed: guessed,
        rcode: answer.outcome.rcode().and_then(Rcode::mnemonic),
        answer: section(&answer.answer),
        authority: section(&answer.authority),
        additional: section(&answer.additional),
        keys: answer.keys.iter().map(|key| spell(key)).collect(),
        asks: answer.asks.iter().map(|ask| format!("{} {}", ask.name, ask.kind)).collect(),
        why: ForeignText::from(answer.why.to_string().as_str()).to_string(),
    }
}

impl JudgeFlags {
    /// Returns the options for answers, as a server of the given version gives them now.
    pub(super) fn serving(&self, serving: Serving) -> Serving {
        Serving { serial: now(), version: self.coredns_version.unwrap_or(serving.version), ..serving }
    }
}
