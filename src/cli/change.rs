//! The way of every change on the command line: plan, show, agree, journal, transact, report.
use super::{
    Exit,
    arguments::Consent,
    confirm,
    output::{Screen, print_lines, say, say_safely},
    plan_text::{self, Around},
    session::{Doors, Session, SessionJournal, Store},
    trouble::Trouble,
};
use crate::{
    keys::ScopedKey,
    plan::{Confirmed, EntryId, Intent, Journal as _, Nothing, Outcome, Plan},
    store::{Refused, Report, carry_out, prepare},
};
use serde::Serialize;
use std::pin::pin;
use tokio::signal::unix::{Signal, SignalKind, signal};

#[derive(Default, Serialize)]
struct ResultLine {
    outcome: &'static str,
    /// How many keys are changed for certain.
    changed: usize,
    revision: Option<i64>,
    /// Those that are changed; of a plan that was not confirmed, those that would be.
    keys: Vec<String>,
    /// Keys of which nobody knows, in an unknown outcome.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unsure: Vec<String>,
    /// The entry's id.
    journal: Option<String>,
}

/// Plans an intent, and makes it if somebody agrees.
pub(super) async fn make<S: Store>(
    session: &Session<S>,
    doors: Doors<S>,
    screen: &Screen,
    intent: Intent,
    consent: &Consent,
) -> Result<Exit, Trouble> {
    let Doors { reader, writer, status } = doors;
    let writer = writer?;
    let journal = session.journal()?;
    let zones = &session.settings.zones.value;
    let plan = match prepare(&reader, session.scope(), zones, intent).await {
        Ok(plan) => plan,
        Err(refused) => {
            if matches!(&refused, Refused::Nothing(Nothing::SameValue(_))) {
                print(screen, &ResultLine { outcome: "nothing_changed", ..ResultLine::default() })?;
            }
            return Err(refused.into());
        }
    };
    let label = session.settings.label.as_deref().unwrap_or(&status.endpoint);
    let place = journal.place();
    let around = Around { scope: session.scope(), label, journal: &place, consent };
    for line in plan_text::lines(&plan, &around, screen.style_of_messages) {
        say(line);
    }
    let planned = spelled(&plan.keys().cloned().collect::<Vec<_>>());
    let consent = consent.clone();
    let agreed = tokio::task::spawn_blocking(move || confirm::agree(plan, &consent))
        .await
        .map_err(|error| Trouble::new(Exit::Failed, error, "Report this as a bug."))?;
    let confirmed = match agreed {
        Ok(confirmed) => confirmed,
        Err(refusal) => {
            print(screen, &ResultLine { outcome: "not_confirmed", keys: planned, ..ResultLine::default() })?;
            return Err(refusal);
        }
    };
    let all = spelled(&changed_keys(confirmed.plan()));
    let (report, journal) = without_interruption(confirmed, journal, writer, reader).await?;
    Ok(tell(screen, &report, all, &journal.place()))
}

/// The keys in the order of the changes, one for each.
fn changed_keys(plan: &Plan) -> Vec<ScopedKey> {
    plan.changes().iter().map(|change| change.key().clone()).collect()
}

/// Carries the plan out in a task of its own. Ctrl-C, a hang-up of the line and a polite kill wait until it is
/// done: between two transactions is no good place to stop.
async fn without_interruption<R: crate::store::Reader, W: crate::store::Writer>(
    confirmed: Confirmed,
    mut journal: SessionJournal,
    writer: W,
    reader: R,
) -> Result<(Report, SessionJournal), Trouble> {
    let failed = |error: String| Trouble::new(Exit::Failed, error, "Report this as a bug.");
    let [mut interrupt, mut hangup, mut terminate] = caught().map_err(|error| failed(error.to_string()))?;
    let mut work = pin!(tokio::spawn(async move {
        let report = carry_out(confirmed, &mut journal, &writer, &reader, |_| {}).await;
        (report, journal)
    }));
    loop {
        tokio::select! {
            done = &mut work => {
                return done.map_err(|error| {
                    Trouble::new(
                        Exit::Unclear,
                        format!("the change was broken off: {error}"),
                        "Look at the keys before trying anything twice; the journal says what was intended.",
                    )
                });
            }
            _ = interrupt.recv() => say("coredeck: still at it; a change is never left half-way."),
            _ = hangup.recv() => {}
            _ = terminate.recv() => say("coredeck: still at it; a change is never left half-way."),
        }
    }
}

fn caught() -> std::io::Result<[Signal; 3]> {
    Ok([signal(SignalKind::interrupt())?, signal(SignalKind::hangup())?, signal(SignalKind::terminate())?])
}

/// Says what became of it.
fn tell(screen: &Screen, report: &Report, all: Vec<String>, place: &str) -> Exit {
    let journal = report.entry.as_ref().map(|EntryId(id)| id.clone());
    let exit = Exit::from(&report.outcome);
    let line = match &report.outcome {
        Outcome::Done { changed, revision } => ResultLine {
            outcome: "done",
            changed: *changed,
            revision: Some(revision.0),
            keys: all,
            journal,
            ..ResultLine::default()
        },
        Outcome::NothingChanged { .. } => {
            ResultLine { outcome: "nothing_changed", journal, ..ResultLine::default() }
        }
        Outcome::Partly { done, .. } => ResultLine {
            outcome: "partly",
            changed: done.len(),
            keys: spelled(done),
            journal,
            ..ResultLine::default()
        },
        Outcome::Unknown { done, unsure, .. } => ResultLine {
            outcome: "unknown",
            changed: done.len(),
            keys: spelled(done),
            unsure: spelled(unsure),
            journal,
            ..ResultLine::default()
        },
    };
    say_safely(format!("coredeck: {}", report.outcome));
    tracing::info!(outcome = %report.outcome, entry = ?report.entry, "carried out");
    match &report.outcome {
        Outcome::Done { .. } => {}
        Outcome::NothingChanged { why } => say_safely(why.remedy()),
        Outcome::Partly { done, why, .. } => {
            say("These keys are changed:");
            list(done);
            say_safely(why.remedy());
        }
        Outcome::Unknown { done, unsure, why, .. } => {
            say("These keys are changed for certain:");
            list(done);
            say("Of these keys nobody knows:");
            list(unsure);
            say_safely(why.remedy());
        }
    }
    if let Some(EntryId(id)) = &report.entry {
        say_safely(format!("Journal entry {id} ({place})"));
    }
    if let Some(trouble) = &report.journal_trouble {
        say_safely(format!("coredeck: warning: what became of it is not in the journal: {trouble}"));
    }
    // The change is what it is, whether its result can be printed or not.
    if let Err(trouble) = print(screen, &line) {
        say(format_args!("coredeck: warning: {}", trouble.what()));
    }
    exit
}

fn print(screen: &Screen, line: &ResultLine) -> Result<(), Trouble> {
    if !screen.is_json() {
        return Ok(());
    }
    // Strings and numbers always serialise.
    print_lines([serde_json::to_string(line).unwrap_or_default()])
}

fn list(keys: &[ScopedKey]) {
    for key in keys {
        say(format_args!("  {key}"));
    }
}

fn spelled(keys: &[ScopedKey]) -> Vec<String> {
    keys.iter().map(ScopedKey::spelled).collect()
}
