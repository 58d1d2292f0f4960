//! Steps of every change on the command line: plan, foresee, show, agree, journal, transact, report.
use super::{
    Exit,
    arguments::ChangeFlags,
    command_error::CommandError,
    confirm, first_contact,
    impact_text::PtrPart,
    lint::FindingLine,
    not_as_wanted::NotAsWanted,
    output::{Screen, print_lines, safe, say, say_safely},
    plan_text::{self, PlanNotes},
    served::{Afterwards, ServerAnswers},
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
    ops::{ChangeReport, PlanConsequences, PrepareError, carry_out, foresee, prepare, ptr_records, wishes},
    plan::{Challenge, Confirmed, EntryId, Intent, Journal as _, Outcome, Plan, PlanError},
    quantity::counted,
    session::{Handles, Session, SessionJournal, Store, keep_own_change},
    signals::Ending,
    store::{ClusterStatus, Reader, Writer},
};
use serde::Serialize;
use std::{pin::pin, time::Duration};

/// The time for the members' health, which is asked for during the planning: an answer after that counts as not known.
const ASKING_THE_MEMBERS: Duration = Duration::from_secs(1);
/// The most left-out records that are listed for a person.
const MOST_LEFT_OUT: usize = 20;

#[derive(Clone, Default, Serialize)]
struct ResultLine {
    outcome: &'static str,
    /// The number of keys that are changed for certain.
    changed: usize,
    revision: Option<i64>,
    /// The changed keys; if the plan was not confirmed, those that it would change.
    keys: Vec<String>,
    /// The keys whose state nobody knows, in an unknown outcome.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unsure: Vec<String>,
    /// The id of the journal's entry.
    journal: Option<String>,
    /// The cautions about the cluster, to be known before the agreement.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cautions: Vec<String>,
    /// The records that were meant and are not changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<LeftOutLine>,
    /// The notes to be known before the agreement.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    #[serde(flatten)]
    not_as_wanted: NotAsWanted,
    /// The servers' answers afterwards, if they were asked; `null` if they are not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    served: Option<ServerAnswers>,
    #[serde(flatten)]
    foreseen: Option<ConsequencesLine>,
    /// The plan in the form of `plan -o json`. `null` if the command ended before there was one.
    plan: Option<PlanFile>,
    /// The reason why it ended early.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorLine>,
}

/// Record that is not changed with the others.
#[derive(Clone, Serialize)]
struct LeftOutLine {
    key: String,
    why: String,
}

/// Error with its remedy, which a person is told as well.
#[derive(Clone, Serialize)]
struct ErrorLine {
    what: String,
    remedy: String,
}

/// Consequences of the plan.
#[derive(Clone, Serialize)]
struct ConsequencesLine {
    /// The findings that would be new afterwards, as `lint -o json` has them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<FindingLine>,
    /// The answers of CoreDNS that it changes, the worst first; `null` if they are not known.
    impact: Option<Vec<ImpactLine>>,
    /// The reasons why answers are not known, or were not compared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    impact_notes: Vec<String>,
}

#[derive(Clone, Serialize)]
struct ImpactLine {
    name: String,
    types: Vec<String>,
    change: String,
    weight: &'static str,
    /// True if the change only follows from others.
    by_product: bool,
}

/// Plan with the facts that a person has to know of it.
struct ReviewedPlan {
    plan: Plan,
    foresight: PlanConsequences,
    ptr: PtrPart,
}

/// Intent with the facts that were found on the way to it.
#[derive(Debug)]
pub(super) struct Worked {
    pub(super) intent: Intent,
    /// The records that were meant and are not changed.
    pub(super) left_out: Vec<LeftOut>,
    /// The notes to be known before the agreement.
    pub(super) notes: Vec<String>,
    /// The wishes of files that will not be fulfilled; a person was told of them already.
    pub(super) not_as_wanted: NotAsWanted,
}

impl Worked {
    /// Says which records are left out, and gives the notes.
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
    doors: Handles<S>,
    screen: &Screen,
    intent: Intent,
    flags: &ChangeFlags,
) -> Result<Exit, CommandError> {
    let worked = Worked { intent, left_out: vec![], notes: vec![], not_as_wanted: NotAsWanted::default() };
    make_worked(session, doors, screen, worked, flags).await
}

/// Does as [`make`], and reports the facts beside the intent.
pub(super) async fn make_worked<S: Store>(
    session: &Session<S>,
    doors: Handles<S>,
    screen: &Screen,
    worked: Worked,
    flags: &ChangeFlags,
) -> Result<Exit, CommandError> {
    let afterwards = Afterwards::of(&session.settings, &flags.consent)?;
    let Handles { reader, writer, status } = doors;
    let writer = writer?;
    let journal = session.journal()?;
    let label = match flags.consent.confirm {
        // A person who agrees in advance is asked no question.
        Some(_) => None,
        None => first_contact::introduce(&session.settings, &status).await?,
    };
    tell_of_broken_off(&journal.ledger(), (&status, session.scope()), &worked.intent, &session.settings)?;
    let (judged, health) = tokio::join!(
        Box::pin(judge(&reader, &session.settings, worked.intent.clone(), flags.ptr)),
        reader.health(ASKING_THE_MEMBERS)
    );
    let ReviewedPlan { plan, foresight, ptr } = match judged {
        Ok(judged) => judged,
        // The state is as wanted already.
        Err(PrepareError::Nothing(nothing @ (PlanError::SameValue(_) | PlanError::NoChange))) => {
            let challenge = if let PlanError::SameValue(key) = &nothing {
                Challenge::key(key)
            } else {
                Challenge::scope(session.scope())
            };
            print_nothing(screen, &challenge, &status)?;
            return Err(CommandError::from(PrepareError::Nothing(nothing)).reported());
        }
        Err(refused) => return Err(refused.into()),
    };
    let plan = plan.because(flags.consent.reason.clone());
    let mut preflight = Preflight::of(&plan, Some(&health));
    if let Some(Failure::NoLeader { .. }) = preflight.refusal {
        // The plan was read with a leader: an election may be over by now.
        preflight = Preflight::of(&plan, Some(&reader.health(ASKING_THE_MEMBERS).await));
    }
    let label = label.as_ref().or(session.settings.label.as_ref()).unwrap_or(&status.endpoint);
    let place = journal.place();
    let consent = flags.consent.clone();
    let around = PlanNotes {
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
    // Only JSON has the plan, which may be large.
    let file = screen.is_json().then(|| PlanFile::of_plan(&plan));
    let shown = ResultLine {
        cautions: preflight.cautions.iter().map(|caution| safe(caution)).collect(),
        left_out: worked.left_out.iter().map(LeftOutLine::of).collect(),
        notes: worked.notes.iter().map(|note| safe(note)).collect(),
        not_as_wanted: worked.not_as_wanted.clone(),
        foreseen: Some(ConsequencesLine::of(&foresight)),
        plan: file,
        ..ResultLine::default()
    };
    if let Some(why) = preflight.refusal {
        return print_refusal(
            screen,
            CommandError::from(why),
            ResultLine { outcome: "nothing_changed", ..shown },
        );
    }
    let planned = spelled(&plan.keys().cloned().collect::<Vec<_>>());
    let agreed = tokio::task::spawn_blocking(move || confirm::agree(plan, &consent))
        .await
        .map_err(|error| CommandError::new(Exit::Failed, error, "Report this as a bug."))?;
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
        keep_own_change(session.scope(), cluster, changed);
    }
    let mut line = tell(&report, all, shown, &journal.place());
    let mut exit = Exit::from(&report.outcome);
    if let (Some(afterwards), Outcome::Done { .. }) = (afterwards, &report.outcome) {
        let served = ask_afterwards(&afterwards, &reader, &session.settings, &foresight).await;
        exit = if served.is_everywhere() { exit } else { Exit::Findings };
        line.served = Some(served);
    }
    // If the result cannot be printed, the change is still made, and so the exit code stays.
    if let Err(trouble) = print(screen, &line) {
        say(format_args!("coredeck: warning: {}", trouble.what()));
    }
    Ok(exit)
}

/// Asks the servers for the answers that the change makes different.
async fn ask_afterwards<R: Reader>(
    afterwards: &Afterwards,
    reader: &R,
    settings: &Settings,
    foresight: &PlanConsequences,
) -> ServerAnswers {
    let impact = foresight.consequences.as_ref().ok().map(|found| &found.impact);
    let served = afterwards.wait(reader, settings, impact).await;
    if !served.is_everywhere() {
        say(
            "The change is made, and not answered everywhere: ask again with coredeck verify NAME --wait 60s.",
        );
    }
    served
}

/// Reports earlier changes that were broken off, but not the one that this change finishes or takes back.
fn tell_of_broken_off(
    ledger: &Ledger,
    (status, scope): (&ClusterStatus, &Scope),
    intent: &Intent,
    settings: &Settings,
) -> Result<(), CommandError> {
    let contents = ledger.contents()?;
    let purpose = intent.purpose();
    let mut broken_off = contents.broken_off(status.cluster, scope);
    broken_off.retain(|(_, heading)| purpose.entry() != Some(&heading.id));
    if let Some(line) = broken_off_line(&broken_off, &settings.program()) {
        say_safely(format!("coredeck: {line}."));
    }
    Ok(())
}

/// Plans an intent, with the PTR records that belong to it if they are asked for, and works out the consequences.
async fn judge<R: Reader>(
    reader: &R,
    settings: &Settings,
    intent: Intent,
    with_ptr: bool,
) -> Result<ReviewedPlan, PrepareError> {
    let (scope, zones) = (&settings.scope.value, &settings.zones.value);
    let mut intent = intent;
    let mut plan = prepare(reader, scope, zones, intent.clone()).await?;
    // A file or entry that is restored, imported or taken back has its PTR records in it, or never had them; and a
    // search for those of ten thousand addresses takes longer than the change.
    let ptr = if matches!(intent.main(), Intent::Bulk { .. }) && !with_ptr {
        PtrPart::Left(Companions::default())
    } else {
        match ptr_records(reader, settings, &intent, &plan).await {
            Ok(found) if with_ptr => {
                let steps = steps(&found);
                if !steps.is_empty() {
                    let companions = wishes(scope, &steps).map_err(PlanError::from)?;
                    intent = Intent::With { main: Box::new(intent), companions };
                    plan = prepare(reader, scope, zones, intent.clone()).await?;
                }
                PtrPart::Taken(found)
            }
            Ok(found) => PtrPart::Left(found),
            // A change without its PTR records would be another one than the requested one.
            Err(failure) if with_ptr => return Err(failure.into()),
            Err(failure) => PtrPart::Unknown(failure),
        }
    };
    let foresight = foresee(reader, settings, &intent, &plan).await;
    Ok(ReviewedPlan { plan, foresight, ptr })
}

/// Reports that the state is as wanted already.
pub(super) fn nothing_to_do(
    screen: &Screen,
    challenge: &Challenge,
    status: &ClusterStatus,
) -> Result<Exit, CommandError> {
    print_nothing(screen, challenge, status)?;
    say(format_args!("coredeck: nothing is left to do: {challenge} is as it is wanted"));
    Ok(Exit::Done)
}

fn steps(found: &Companions) -> Vec<FixStep> {
    found.list.iter().flat_map(|companion| companion.steps.clone()).collect()
}

impl ConsequencesLine {
    fn of(foresight: &PlanConsequences) -> Self {
        let notes = foresight.unsure.iter().map(|note| safe(note));
        let found = match &foresight.consequences {
            Ok(found) => found,
            Err(failure) => {
                let impact_notes = std::iter::once(safe(&format!("not known: {failure}"))).chain(notes);
                return Self { findings: vec![], impact: None, impact_notes: impact_notes.collect() };
            }
        };
        let lines = found.impact.lines().into_iter().map(|line| ImpactLine {
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

/// Returns the keys in the order of the changes, one for each.
fn changed_keys(plan: &Plan) -> Vec<ScopedKey> {
    plan.changes().iter().map(|change| change.key().clone()).collect()
}

/// Carries the plan out in a task of its own. Ctrl-C, a hang-up and SIGTERM wait until it is done, because it must not
/// stop between two transactions.
async fn without_interruption<R: Reader, W: Writer>(
    confirmed: Confirmed,
    mut journal: SessionJournal,
    writer: W,
    reader: R,
) -> Result<(ChangeReport, SessionJournal), CommandError> {
    let failed = |error: String| CommandError::new(Exit::Failed, error, "Report this as a bug.");
    let mut ending = Ending::listen().map_err(|error| failed(error.to_string()))?;
    let mut work = pin!(tokio::spawn(async move {
        let report = carry_out(confirmed, &mut journal, &writer, &reader, |_| {}).await;
        (report, journal)
    }));
    loop {
        tokio::select! {
            done = &mut work => {
                // The outcome is reported in any case.
                ending.for_good();
                return done.map_err(|error| {
                    CommandError::new(
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

/// Prints that nothing was changed, and the reason.
fn print_refusal(screen: &Screen, refusal: CommandError, line: ResultLine) -> Result<Exit, CommandError> {
    print(screen, &ResultLine { error: Some(ErrorLine::of(&refusal)), ..line })?;
    Err(refusal.reported())
}

/// Reports the outcome, and returns its line.
fn tell(report: &ChangeReport, all: Vec<String>, shown: ResultLine, place: &str) -> ResultLine {
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

/// Prints the result of a change that turned out to be none.
pub(super) fn print_nothing(
    screen: &Screen,
    challenge: &Challenge,
    status: &ClusterStatus,
) -> Result<(), CommandError> {
    print_nothing_but(screen, challenge, status, NotAsWanted::default())
}

/// Prints the same, with the wishes of files that are not fulfilled.
pub(super) fn print_nothing_but(
    screen: &Screen,
    challenge: &Challenge,
    status: &ClusterStatus,
    not_as_wanted: NotAsWanted,
) -> Result<(), CommandError> {
    let plan = Some(PlanFile::nothing(challenge.as_str(), status.cluster, status.revision));
    print(screen, &ResultLine { outcome: "nothing_changed", plan, not_as_wanted, ..ResultLine::default() })
}

/// Prints the result of a change that ended early, unless it is printed already: a script always gets an object.
pub(super) fn print_trouble(screen: &Screen, trouble: &CommandError) {
    if trouble.is_reported() {
        return;
    }
    let outcome = match trouble.exit {
        // The state is as wanted.
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
    fn of(trouble: &CommandError) -> Self {
        Self { what: trouble.what().to_owned(), remedy: trouble.remedy().to_owned() }
    }
}

fn print(screen: &Screen, line: &ResultLine) -> Result<(), CommandError> {
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
