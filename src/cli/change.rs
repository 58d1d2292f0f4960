//! The way of every change on the command line: plan, foresee, show, agree, journal, transact, report.
use super::{
    Exit, acquaintance,
    arguments::ChangeFlags,
    confirm,
    foresee::{Foresight, foresee, ptr_records},
    foresight_text::Ptr,
    lint::FindingLine,
    not_as_wanted::NotAsWanted,
    output::{Screen, print_lines, safe, say, say_safely},
    plan_text::{self, Around},
    served::{Afterwards, Served},
    session::{Doors, Session, SessionJournal, Store},
    trouble::Trouble,
};
use crate::{
    bulk::LeftOut,
    config::Settings,
    desired::PlanFile,
    dns::{Companions, Weight, lint::FixStep},
    failure::Failure,
    health::Preflight,
    journal::{Ledger, broken_off_line},
    keys::{Scope, ScopedKey},
    plan::{Challenge, Confirmed, EntryId, Intent, Journal as _, Nothing, Outcome, Plan},
    quantity::counted,
    signals::Ending,
    store::{Reader, Refused, Report, Status, Writer, carry_out, prepare, wishes},
};
use serde::Serialize;
use std::{pin::pin, time::Duration};

/// For the members to say how they are, beside the planning: what they do not say by then is not known.
const ASKING_THE_MEMBERS: Duration = Duration::from_secs(1);
/// Records that are left out and listed for a person.
const MOST_LEFT_OUT: usize = 20;

#[derive(Clone, Default, Serialize)]
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
    /// What has to be known of the cluster before this is agreed to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cautions: Vec<String>,
    /// Records that were meant and are not changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<LeftOutLine>,
    /// Sentences that have to be known before it is agreed to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    #[serde(flatten)]
    not_as_wanted: NotAsWanted,
    /// The servers' answers afterwards, where they were asked; `null` where they are not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    served: Option<Served>,
    #[serde(flatten)]
    foreseen: Option<Foreseen>,
    /// What was planned, in the form of `plan -o json`. `null` where it ended before there was one.
    plan: Option<PlanFile>,
    /// Why it ended early.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorLine>,
}

/// A record that is not changed with the others.
#[derive(Clone, Serialize)]
struct LeftOutLine {
    key: String,
    why: String,
}

/// What is said to a person as well.
#[derive(Clone, Serialize)]
struct ErrorLine {
    what: String,
    remedy: String,
}

/// What follows from the plan.
#[derive(Clone, Serialize)]
struct Foreseen {
    /// What would be wrong afterwards and is not now, as `lint -o json` has it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<FindingLine>,
    /// The answers of CoreDNS that it changes, the worst first; `null` when they are not known.
    impact: Option<Vec<AnswerLine>>,
    /// Why they are not known, or what was not compared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    impact_notes: Vec<String>,
}

#[derive(Clone, Serialize)]
struct AnswerLine {
    name: String,
    types: Vec<String>,
    change: String,
    weight: &'static str,
    /// It only follows from others.
    by_product: bool,
}

/// A plan, and what a person has to know of it.
struct Judged {
    plan: Plan,
    foresight: Foresight,
    ptr: Ptr,
}

/// An intent, and what was found out on the way to it.
#[derive(Debug)]
pub(super) struct Worked {
    pub(super) intent: Intent,
    /// Records that were meant and are not changed.
    pub(super) left_out: Vec<LeftOut>,
    /// Sentences that have to be known before it is agreed to.
    pub(super) notes: Vec<String>,
    /// What files want and will not get, which was told already.
    pub(super) not_as_wanted: NotAsWanted,
}

impl Worked {
    /// Says what is not changed, and what has to be known.
    pub(super) fn tell(&self) {
        if !self.left_out.is_empty() {
            say(format_args!("{} left out:", counted(self.left_out.len(), "record")));
            for LeftOut { key, why } in self.left_out.iter().take(MOST_LEFT_OUT) {
                say_safely(format!("  {key}: {why}"));
            }
            if self.left_out.len() > MOST_LEFT_OUT {
                say(format_args!(
                    "  and {} more (-o json has them all)",
                    self.left_out.len() - MOST_LEFT_OUT
                ));
            }
        }
        for note in &self.notes {
            say_safely(note);
        }
    }
}

/// Plans an intent, and makes it if somebody agrees.
pub(super) async fn make<S: Store>(
    session: &Session<S>,
    doors: Doors<S>,
    screen: &Screen,
    intent: Intent,
    flags: &ChangeFlags,
) -> Result<Exit, Trouble> {
    let worked = Worked { intent, left_out: vec![], notes: vec![], not_as_wanted: NotAsWanted::default() };
    make_worked(session, doors, screen, worked, flags).await
}

/// As [`make`], with what is beside the intent.
pub(super) async fn make_worked<S: Store>(
    session: &Session<S>,
    doors: Doors<S>,
    screen: &Screen,
    worked: Worked,
    flags: &ChangeFlags,
) -> Result<Exit, Trouble> {
    let afterwards = Afterwards::of(&session.settings, &flags.consent)?;
    let Doors { reader, writer, status } = doors;
    let writer = writer?;
    let journal = session.journal()?;
    let label = match flags.consent.confirm {
        // Who agrees beforehand is not asked anything.
        Some(_) => None,
        None => acquaintance::introduce(&session.settings, &status).await?,
    };
    tell_of_broken_off(&journal.ledger(), &status, session.scope(), &worked.intent)?;
    let (judged, health) = tokio::join!(
        Box::pin(judge(&reader, &session.settings, worked.intent.clone(), flags.ptr)),
        reader.health(ASKING_THE_MEMBERS)
    );
    let Judged { plan, foresight, ptr } = match judged {
        Ok(judged) => judged,
        // What is wanted is so already.
        Err(Refused::Nothing(nothing @ (Nothing::SameValue(_) | Nothing::NoChange))) => {
            let challenge = if let Nothing::SameValue(key) = &nothing {
                Challenge::key(key)
            } else {
                Challenge::scope(session.scope())
            };
            print_nothing(screen, &challenge, &status)?;
            return Err(Trouble::from(Refused::Nothing(nothing)).reported());
        }
        Err(refused) => return Err(refused.into()),
    };
    let plan = plan.because(flags.consent.reason.clone());
    let mut preflight = Preflight::of(&plan, Some(&health));
    if let Some(Failure::NoLeader { .. }) = preflight.refusal {
        // The plan was read with one: an election may be over.
        preflight = Preflight::of(&plan, Some(&reader.health(ASKING_THE_MEMBERS).await));
    }
    let label = label.as_ref().or(session.settings.label.as_ref()).unwrap_or(&status.endpoint);
    let place = journal.place();
    let consent = flags.consent.clone();
    let around = Around {
        scope: session.scope(),
        label,
        journal: &place,
        preflight: &preflight,
        foresight: &foresight,
        ptr: &ptr,
    };
    for line in plan_text::lines(&plan, &around, screen.style_of_messages) {
        say(line);
    }
    worked.tell();
    if let Some(line) = plan_text::how_to_confirm(&plan, &consent) {
        say(line);
    }
    // Only who reads JSON gets it; a plan may be large.
    let file = screen.is_json().then(|| PlanFile::of_plan(&plan));
    let shown = ResultLine {
        cautions: preflight.cautions.iter().map(|caution| safe(caution)).collect(),
        left_out: worked.left_out.iter().map(LeftOutLine::of).collect(),
        notes: worked.notes.iter().map(|note| safe(note)).collect(),
        not_as_wanted: worked.not_as_wanted.clone(),
        foreseen: Some(Foreseen::of(&foresight)),
        plan: file,
        ..ResultLine::default()
    };
    if let Some(why) = preflight.refusal {
        return print_refusal(screen, Trouble::from(why), ResultLine { outcome: "nothing_changed", ..shown });
    }
    let planned = spelled(&plan.keys().cloned().collect::<Vec<_>>());
    let agreed = tokio::task::spawn_blocking(move || confirm::agree(plan, &consent))
        .await
        .map_err(|error| Trouble::new(Exit::Failed, error, "Report this as a bug."))?;
    let confirmed = match agreed {
        Ok(confirmed) => confirmed,
        Err(refusal) => {
            let line = ResultLine { outcome: "not_confirmed", keys: planned, ..shown };
            return print_refusal(screen, refusal, line);
        }
    };
    let all = spelled(&changed_keys(confirmed.plan()));
    let (cluster, tally) = (confirmed.plan().cluster(), confirmed.plan().tally());
    let (report, journal) = without_interruption(confirmed, journal, writer, reader.clone()).await?;
    if let (SessionJournal::File(_), Some(changed)) = (&journal, tally.came_and_went(&report.outcome)) {
        acquaintance::keep_own_change(session.scope(), cluster, changed);
    }
    let mut line = tell(&report, all, shown, &journal.place());
    let mut exit = Exit::from(&report.outcome);
    if let (Some(afterwards), Outcome::Done { .. }) = (afterwards, &report.outcome) {
        let served = ask_afterwards(&afterwards, &reader, &session.settings, &foresight).await;
        exit = if served.is_everywhere() { exit } else { Exit::Findings };
        line.served = Some(served);
    }
    // The change is what it is, whether its result can be printed or not.
    if let Err(trouble) = print(screen, &line) {
        say(format_args!("coredeck: warning: {}", trouble.what()));
    }
    Ok(exit)
}

/// Asks the servers for what the change makes different.
async fn ask_afterwards<R: Reader>(
    afterwards: &Afterwards,
    reader: &R,
    settings: &Settings,
    foresight: &Foresight,
) -> Served {
    let impact = foresight.consequences.as_ref().ok().map(|found| &found.impact);
    let served = afterwards.wait(reader, settings, impact).await;
    if !served.is_everywhere() {
        say(
            "The change is made, and not answered everywhere: ask again with coredeck verify NAME --wait 60s.",
        );
    }
    served
}

/// Says that earlier changes were broken off, unless it is one of them that is finished or taken back.
fn tell_of_broken_off(
    ledger: &Ledger,
    status: &Status,
    scope: &Scope,
    intent: &Intent,
) -> Result<(), Trouble> {
    let contents = ledger.contents()?;
    let purpose = intent.purpose();
    let mut broken_off = contents.broken_off(status.cluster, scope);
    broken_off.retain(|(_, heading)| purpose.entry() != Some(&heading.id));
    if let Some(line) = broken_off_line(&broken_off) {
        say_safely(format!("coredeck: {line}."));
    }
    Ok(())
}

/// Plans an intent, with the PTR records that go with it where they are asked for, and works out what follows.
async fn judge<R: Reader>(
    reader: &R,
    settings: &Settings,
    intent: Intent,
    with_ptr: bool,
) -> Result<Judged, Refused> {
    let (scope, zones) = (&settings.scope.value, &settings.zones.value);
    let mut intent = intent;
    let mut plan = prepare(reader, scope, zones, intent.clone()).await?;
    // What is restored, imported or taken back has its PTR records in it, or never had them; and to look for those of
    // ten thousand addresses takes longer than the change.
    let ptr = if matches!(intent.main(), Intent::Bulk { .. }) && !with_ptr {
        Ptr::Left(Companions::default())
    } else {
        match ptr_records(reader, settings, &intent, &plan).await {
            Ok(found) if with_ptr => {
                let steps = steps(&found);
                if !steps.is_empty() {
                    let companions = wishes(scope, &steps).map_err(Nothing::from)?;
                    intent = Intent::With { main: Box::new(intent), companions };
                    plan = prepare(reader, scope, zones, intent.clone()).await?;
                }
                Ptr::Taken(found)
            }
            Ok(found) => Ptr::Left(found),
            // Half of what was asked for would be something else.
            Err(failure) if with_ptr => return Err(failure.into()),
            Err(failure) => Ptr::Unknown(failure),
        }
    };
    let foresight = foresee(reader, settings, &intent, &plan).await;
    Ok(Judged { plan, foresight, ptr })
}

/// Says that all is as it is wanted.
pub(super) fn nothing_to_do(
    screen: &Screen,
    challenge: &Challenge,
    status: &Status,
) -> Result<Exit, Trouble> {
    print_nothing(screen, challenge, status)?;
    say(format_args!("coredeck: nothing is left to do: {challenge} is as it is wanted"));
    Ok(Exit::Done)
}

fn steps(found: &Companions) -> Vec<FixStep> {
    found.list.iter().flat_map(|companion| companion.steps.clone()).collect()
}

impl Foreseen {
    fn of(foresight: &Foresight) -> Self {
        let notes = foresight.unsure.iter().map(|note| safe(note));
        let found = match &foresight.consequences {
            Ok(found) => found,
            Err(failure) => {
                let impact_notes = std::iter::once(safe(&format!("not known: {failure}"))).chain(notes);
                return Self { findings: vec![], impact: None, impact_notes: impact_notes.collect() };
            }
        };
        let lines = found.impact.lines().into_iter().map(|line| AnswerLine {
            name: safe(&line.name.to_string()),
            types: line.kinds.iter().map(ToString::to_string).collect(),
            change: safe(&line.change),
            weight: weight(line.weight),
            by_product: line.by_product,
        });
        let own = found.impact.notes();
        Self {
            findings: found.findings.iter().map(FindingLine::of).collect(),
            impact: Some(lines.collect()),
            impact_notes: own.iter().map(|note| safe(note)).chain(notes).collect(),
        }
    }
}

fn weight(weight: Weight) -> &'static str {
    match weight {
        Weight::Broken => "broken",
        Weight::Gone => "gone",
        Weight::Fewer => "fewer",
        Weight::Other => "other",
        Weight::Mended => "mended",
    }
}

/// The keys in the order of the changes, one for each.
fn changed_keys(plan: &Plan) -> Vec<ScopedKey> {
    plan.changes().iter().map(|change| change.key().clone()).collect()
}

/// Carries the plan out in a task of its own. Ctrl-C, a hang-up of the line and a polite kill wait until it is
/// done: between two transactions is no good place to stop.
async fn without_interruption<R: Reader, W: Writer>(
    confirmed: Confirmed,
    mut journal: SessionJournal,
    writer: W,
    reader: R,
) -> Result<(Report, SessionJournal), Trouble> {
    let failed = |error: String| Trouble::new(Exit::Failed, error, "Report this as a bug.");
    let mut ending = Ending::listen().map_err(|error| failed(error.to_string()))?;
    let mut work = pin!(tokio::spawn(async move {
        let report = carry_out(confirmed, &mut journal, &writer, &reader, |_| {}).await;
        (report, journal)
    }));
    loop {
        tokio::select! {
            done = &mut work => {
                // What became of it is told in any case.
                ending.for_good();
                return done.map_err(|error| {
                    Trouble::new(
                        Exit::Unclear,
                        format!("the change was broken off: {error}"),
                        "Look at the keys before trying anything twice; the journal says what was intended.",
                    )
                });
            }
            death = ending.next() => if !death.is_hang_up() {
                say("coredeck: still at it; a change is never left half-way.");
            },
        }
    }
}

/// Prints that nothing was changed, and why.
fn print_refusal(screen: &Screen, refusal: Trouble, line: ResultLine) -> Result<Exit, Trouble> {
    print(screen, &ResultLine { error: Some(ErrorLine::of(&refusal)), ..line })?;
    Err(refusal.reported())
}

/// Says what became of it.
fn tell(report: &Report, all: Vec<String>, shown: ResultLine, place: &str) -> ResultLine {
    let journal = report.entry.as_ref().map(|EntryId(id)| id.clone());
    let line = match &report.outcome {
        Outcome::Done { changed, revision } => ResultLine {
            outcome: "done",
            changed: *changed,
            revision: Some(revision.0),
            keys: all,
            journal,
            ..shown
        },
        Outcome::NothingChanged { .. } => ResultLine { outcome: "nothing_changed", journal, ..shown },
        Outcome::Partly { done, .. } => {
            ResultLine { outcome: "partly", changed: done.len(), keys: spelled(done), journal, ..shown }
        }
        Outcome::Unknown { done, unsure, .. } => ResultLine {
            outcome: "unknown",
            changed: done.len(),
            keys: spelled(done),
            unsure: spelled(unsure),
            journal,
            ..shown
        },
    };
    say_safely(format!("coredeck: {}", report.outcome));
    tracing::info!(outcome = %report.outcome, entry = ?report.entry, "carried out");
    match &report.outcome {
        Outcome::Done { .. } | Outcome::NothingChanged { .. } => {}
        Outcome::Partly { done, .. } => {
            say("These keys are changed:");
            list(done);
        }
        Outcome::Unknown { done, unsure, .. } => {
            say("These keys are changed for certain:");
            list(done);
            say("Of these keys nobody knows:");
            list(unsure);
        }
    }
    if let Some(remedy) = report.outcome.remedy() {
        say_safely(remedy);
    }
    if let Some(EntryId(id)) = &report.entry {
        say_safely(format!("Journal entry {id} ({place})"));
    }
    if let Some(trouble) = &report.journal_trouble {
        say_safely(format!("coredeck: warning: what became of it is not in the journal: {trouble}"));
    }
    line
}

/// The result of a change that turned out to be none.
pub(super) fn print_nothing(screen: &Screen, challenge: &Challenge, status: &Status) -> Result<(), Trouble> {
    print_nothing_but(screen, challenge, status, NotAsWanted::default())
}

/// The same, with what files want and do not get.
pub(super) fn print_nothing_but(
    screen: &Screen,
    challenge: &Challenge,
    status: &Status,
    not_as_wanted: NotAsWanted,
) -> Result<(), Trouble> {
    let plan = Some(PlanFile::nothing(challenge.as_str(), status.cluster, status.revision));
    print(screen, &ResultLine { outcome: "nothing_changed", plan, not_as_wanted, ..ResultLine::default() })
}

/// The result of a change that ended early, unless it is printed already: a script gets an object whatever happens.
pub(super) fn print_trouble(screen: &Screen, trouble: &Trouble) {
    if trouble.is_reported() {
        return;
    }
    let outcome = match trouble.exit {
        // What was wanted is so.
        Exit::Done => "nothing_changed",
        Exit::Refused => "refused",
        Exit::Conflict => "conflict",
        Exit::NotReached => "not_reached",
        Exit::Unclear => "unknown",
        Exit::Failed | Exit::Usage | Exit::Findings => "failed",
    };
    let line = ResultLine { outcome, error: Some(ErrorLine::of(trouble)), ..ResultLine::default() };
    if let Err(trouble) = print(screen, &line) {
        say(format_args!("coredeck: warning: {}", trouble.what()));
    }
}

impl LeftOutLine {
    fn of(left: &LeftOut) -> Self {
        Self { key: left.key.spelled(), why: safe(&left.why) }
    }
}

impl ErrorLine {
    fn of(trouble: &Trouble) -> Self {
        Self { what: trouble.what().to_owned(), remedy: trouble.remedy().to_owned() }
    }
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
