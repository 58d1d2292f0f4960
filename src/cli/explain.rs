//! `coredeck explain`: what an etcdctl line would do. It is read, and never run.
use super::{
    Exit,
    arguments::ExplainFlags,
    output::{Screen, print_lines, say, wrapped},
    session::{Session, Store},
    trouble::Trouble,
};
use crate::{
    etcdctl::{End, Explanation, Hits, Span, explain, explain_words},
    keys::spelling::spell,
    store::count_hits,
};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    io::{self, IsTerminal as _, Read as _},
    os::unix::ffi::OsStrExt as _,
};

/// More than a person pastes.
const MOST_READ: u64 = 1 << 20;

/// The names of the fields are stable.
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
    /// `null` for a single key; a NUL, as etcd gets it, where there is no end.
    end: Option<String>,
}

pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &ExplainFlags,
) -> Result<Exit, Trouble> {
    let scope = session.scope();
    let explanations = if flags.line.is_empty() {
        explain(&pasted()?, scope)
    } else {
        let words: Vec<_> = flags.line.iter().map(|word| word.as_bytes().to_vec()).collect();
        explain_words(&words, scope)
    };
    if explanations.is_empty() {
        return Err(Trouble::usage(
            "there is no etcdctl in it",
            "Give an etcdctl line after --, as coredeck explain -- etcdctl get /x, or paste it on standard input.",
        ));
    }
    let opened = if explanations.iter().any(|explanation| explanation.span.is_some()) {
        Some(session.reader().await.map(|reader| session.store.counts(&reader)))
    } else {
        None
    };
    for explanation in &explanations {
        let hits = match &opened {
            None => Hits::Uncounted,
            Some(Err(failure)) => Hits::Unknown(failure.to_string()),
            Some(Ok(counts)) => count_hits(counts, explanation, scope).await,
        };
        print(screen, explanation, &hits)?;
    }
    Ok(Exit::Done)
}

/// One pasted text.
fn pasted() -> Result<Vec<u8>, Trouble> {
    let input = io::stdin();
    if input.is_terminal() {
        say("Paste the line, then press Enter and Ctrl-d. It is not run.");
    }
    let mut text = Vec::new();
    input.lock().take(MOST_READ).read_to_end(&mut text).map_err(|error| {
        Trouble::new(
            Exit::Failed,
            format!("standard input cannot be read: {error}"),
            "Give the line after --.",
        )
    })?;
    Ok(text)
}

fn print(screen: &Screen, explanation: &Explanation, hits: &Hits) -> Result<(), Trouble> {
    let tally = hits.tally();
    if screen.is_json() {
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
    let mut lines = wrapped("", &explanation.command);
    let sign = explanation.verdict.sign();
    for (number, sentence) in explanation.means(hits).iter().enumerate() {
        let first = if number == 0 { format!("  {sign}: ") } else { "  ".to_owned() };
        lines.extend(wrapped(&first, sentence));
    }
    if let Some(span) = &explanation.span {
        lines.extend(wrapped("  as etcd gets it: ", &span.to_string()));
    }
    for part in tally.into_iter().flat_map(|tally| &tally.parts) {
        let owner = part.tenant.map_or_else(String::new, |tenant| format!("  {}", tenant.owner));
        lines.push(format!("  {:>10}  {}{owner}", part.keys, part.prefix));
    }
    if let Some(instead) = explanation.instead(hits) {
        lines.extend(wrapped("  ", &format!("You probably meant: {instead}")));
    }
    print_lines(lines)
}

impl RangeLine {
    fn of(span: &Span) -> Self {
        let end = match &span.end {
            End::Single => None,
            End::Before(end) => Some(spell(end)),
            End::Never => Some(spell(b"\0")),
        };
        Self { start: spell(&span.start), end }
    }
}
