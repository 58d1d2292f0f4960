//! Command `coredeck explain`: the effect of an etcdctl line, which is read and never run.
use super::{
    Exit,
    arguments::ExplainFlags,
    command_error::CommandError,
    output::{Screen, print_lines, say, wrapped},
    teller::OnStderr,
};
use crate::{
    config::Settings,
    etcdctl::{Destination, Explanation, Hits, RangeEnd, Span, explain, explain_words},
    keys::spelling::spell,
    ops::count_hits,
    plain_file,
    quantity::grouped,
    session::{Etcd, Session, Store, connected},
};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    io::{self, IsTerminal as _},
    os::unix::ffi::{OsStrExt as _, OsStringExt as _},
};

/// The most bytes: more than a person pastes.
const MOST_READ: u64 = plain_file::MIB;

/// Explanation as `-o json` prints it. The names of the fields are stable.
#[derive(Serialize)]
struct ExplainLine<'e> {
    command: &'e str,
    range: Option<RangeLine>,
    total: Option<u64>,
    by_prefix: Option<BTreeMap<&'e str, u64>>,
    tenants: Vec<&'static str>,
    verdict: &'static str,
    means: String,
    instead: Option<String>,
}

#[derive(Serialize)]
struct RangeLine {
    start: String,
    /// The end of the range; `null` for a single key, and for a range without an end a NUL, as etcd gets it.
    end: Option<String>,
}

pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &ExplainFlags,
) -> Result<Exit, CommandError> {
    let scope = session.scope();
    let mut explanations = if flags.line.is_empty() {
        explain(&pasted()?, scope)
    } else {
        let words: Vec<_> = flags.line.iter().map(|word| word.as_bytes().to_vec()).collect();
        explain_words(&words, &variables(), scope)
    };
    if explanations.is_empty() {
        return Err(CommandError::usage(
            "there is no etcdctl in it",
            "Give an etcdctl line after --, as coredeck explain -- etcdctl get /x, or paste it on standard input.",
        ));
    }
    let mut opened = None;
    let is_pasted = flags.line.is_empty();
    for explanation in &mut explanations {
        let goes = goes_elsewhere(explanation, &session.settings, is_pasted);
        reach(explanation, &session.settings, !matches!(goes, Ok(None)));
        let hits = match goes {
            _ if explanation.span.is_none() => Hits::Uncounted,
            Err(why) => Hits::Unknown(why),
            Ok(Some(settings)) => {
                let there = Etcd::of(&settings);
                match connected(&there, scope, &OnStderr).await {
                    Ok((reader, _)) => count_hits(&there.counts(&reader), explanation, scope).await,
                    Err(failure) => Hits::Unknown(failure.to_string()),
                }
            }
            Ok(None) => {
                let opened = match &mut opened {
                    Some(opened) => opened,
                    None => opened.insert(session.reader().await.map(|reader| session.store.counts(&reader))),
                };
                match opened {
                    Ok(counts) => count_hits(counts, explanation, scope).await,
                    Err(failure) => Hits::Unknown(failure.to_string()),
                }
            }
        };
        print(screen, explanation, &hits)?;
    }
    Ok(Exit::Done)
}

/// Gives the line that was probably meant the destination of the explained one.
pub(super) fn reach(explanation: &mut Explanation, session: &Settings, is_elsewhere: bool) {
    let Explanation { meant: Some(meant), destination, .. } = explanation else { return };
    let there = destination.as_ref().filter(|_| is_elsewhere);
    let there = there.and_then(|destination| Settings::of_line(destination, session).ok());
    meant.reach_by(&there.map_or_else(|| session.given(), |there| session.given_for(&there)));
}

/// Returns the cluster that a line goes to, if the line names one and it is not the one of this session.
///
/// # Errors
/// The reason why nothing is counted there.
fn goes_elsewhere(
    explanation: &Explanation,
    session: &Settings,
    is_pasted: bool,
) -> Result<Option<Settings>, String> {
    let around = if is_pasted { vec![] } else { variables() };
    let Some(destination) = &explanation.destination else { return Ok(None) };
    if session.demo || [Destination::default(), Destination::of_variables(&around)].contains(destination) {
        return Ok(None);
    }
    if !is_pasted {
        return line_settings(destination, session).map(Some);
    }
    // A pasted text does not choose the cluster that this program connects to.
    let named = Settings::of_line(destination, session).map_err(|error| error.to_string())?.endpoints.value;
    let known = &session.endpoints.value;
    if destination.endpoints.is_none() || named.iter().all(|endpoint| known.contains(endpoint)) {
        return Ok(None);
    }
    Err(format!("it goes to {}, and this program is connected to {}", named.join(", "), known.join(", ")))
}

/// # Errors
/// The reason why this program does not connect there as the line does.
pub(super) fn line_settings(destination: &Destination, session: &Settings) -> Result<Settings, String> {
    if let Some(flag) = destination.beyond {
        return Err(format!("the line connects with --{flag}, which this program does not"));
    }
    let settings = Settings::of_line(destination, session).map_err(|error| error.to_string())?;
    match settings.asks_for_password_of() {
        Some(user) => {
            Err(format!("the password of etcd's user {user} is not in the line, nor in ETCDCTL_PASSWORD"))
        }
        None => Ok(settings),
    }
}

/// Returns etcdctl's variables, as the shell gives them to its programs.
pub(super) fn variables() -> Vec<(Vec<u8>, Vec<u8>)> {
    std::env::vars_os()
        .map(|(name, value)| (name.into_vec(), value.into_vec()))
        .filter(|(name, _)| name.starts_with(b"ETCDCTL_"))
        .collect()
}

/// Reads one pasted text.
fn pasted() -> Result<Vec<u8>, CommandError> {
    let input = io::stdin();
    if input.is_terminal() {
        say("Paste the line, then press Enter and Ctrl-d. It is not run.");
    }
    plain_file::bounded(input.lock(), MOST_READ).map_err(|error| {
        CommandError::new(
            Exit::Failed,
            format!("standard input cannot be read: {error}"),
            "Give the line after --.",
        )
    })
}

fn print(screen: &Screen, explanation: &Explanation, hits: &Hits) -> Result<(), CommandError> {
    if screen.is_json() {
        let tally = hits.tally();
        let line = ExplainLine {
            command: &explanation.command,
            range: explanation.span.as_ref().map(RangeLine::of),
            total: tally.map(|tally| tally.total),
            by_prefix: tally
                .map(|tally| tally.parts.iter().map(|part| (part.prefix.as_str(), part.keys)).collect()),
            tenants: explanation.tenants(hits),
            verdict: explanation.verdict.name(),
            means: explanation.means(hits).join(" "),
            instead: explanation.instead(hits),
        };
        // Strings and numbers always serialise.
        return print_lines([serde_json::to_string(&line).unwrap_or_default()]);
    }
    print_lines(text(explanation, hits))
}

/// Returns an explanation for a person, in lines of at most 80 columns.
pub(super) fn text(explanation: &Explanation, hits: &Hits) -> Vec<String> {
    let mut lines = wrapped("", &explanation.command);
    let sign = explanation.verdict.sign();
    for (number, sentence) in explanation.means(hits).iter().enumerate() {
        let first = if number == 0 { format!("  {sign}: ") } else { "  ".to_owned() };
        lines.extend(wrapped(&first, sentence));
    }
    if let Some(span) = &explanation.span {
        lines.extend(wrapped("  as etcd gets it: ", &span.to_string()));
    }
    for part in hits.tally().into_iter().flat_map(|tally| &tally.parts) {
        let line = format!("  {:>11}  {}  {}", grouped(part.keys), part.prefix, part.whose());
        lines.push(line.trim_end().to_owned());
    }
    if let Some(instead) = explanation.instead(hits) {
        lines.extend(wrapped("  ", &format!("You probably meant: {instead}")));
    }
    lines
}

impl RangeLine {
    fn of(span: &Span) -> Self {
        let end = match &span.end {
            RangeEnd::Single => None,
            RangeEnd::Before(end) => Some(spell(end)),
            RangeEnd::Never => Some(spell(b"\0")),
        };
        Self { start: spell(&span.start), end }
    }
}
