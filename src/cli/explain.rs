//! `coredeck explain`: what an etcdctl line would do. It is read, and never run.
use super::{
    Exit,
    arguments::ExplainFlags,
    output::{Screen, print_lines, say, wrapped},
    session::{Session, Store},
    trouble::Trouble,
};
use crate::{
    etcdctl::{End, Explanation, Hits, Span, Verdict, explain, explain_words},
    failure::Failure,
    keys::{Scope, Tally, spelling::spell},
    store::{ForeignCounts, tally},
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

/// What was counted for one explanation.
enum Counts {
    Nothing,
    /// And how many keys lie where the line that was meant goes.
    Known(Tally, Option<u64>),
    Unknown(String),
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
        let counted = count(explanation, opened.as_ref(), scope).await;
        print(screen, explanation, &counted)?;
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

async fn count<C: ForeignCounts>(
    explanation: &Explanation,
    counter: Option<&Result<C, Failure>>,
    scope: &Scope,
) -> Counts {
    let (Some(span), Some(counter)) = (&explanation.span, counter) else { return Counts::Nothing };
    let counter = match counter {
        Ok(counter) => counter,
        Err(failure) => return Counts::Unknown(failure.to_string()),
    };
    let tally = match tally(counter, &span.range(), scope).await {
        Ok(tally) => tally,
        Err(Failure::PermissionDenied { .. }) => {
            return Counts::Unknown("this credential may not count there".to_owned());
        }
        Err(failure) => return Counts::Unknown(failure.to_string()),
    };
    let meant = match &explanation.meant {
        Some(meant) => {
            counter.count_foreign(&meant.span.range(), None).await.ok().map(|counted| counted.keys)
        }
        None => None,
    };
    Counts::Known(tally, meant)
}

impl Counts {
    fn hits(&self) -> Hits<'_> {
        match self {
            Self::Nothing => Hits::Counting,
            Self::Known(tally, meant) => Hits::Counted(tally, *meant),
            Self::Unknown(why) => Hits::Unknown(why),
        }
    }

    fn tally(&self) -> Option<&Tally> {
        match self {
            Self::Known(tally, _) => Some(tally),
            Self::Nothing | Self::Unknown(_) => None,
        }
    }
}

fn print(screen: &Screen, explanation: &Explanation, counts: &Counts) -> Result<(), Trouble> {
    let (hits, tally) = (counts.hits(), counts.tally());
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
    // In capitals what no eye may miss; a colour alone would say nothing.
    let sign = match explanation.verdict {
        Verdict::Dangerous => "DANGEROUS",
        verdict @ (Verdict::Careful | Verdict::Harmless | Verdict::Invalid) => verdict.name(),
    };
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
