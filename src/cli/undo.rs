//! Undo of a change, by the journal's entry.
use super::{
    Exit,
    arguments::{ChangeFlags, EndedLease, UndoFlags},
    change,
    command_error::{CommandError, EndsCommand},
    confirm::can_ask,
    keyboard::Keyboard,
    output::{Screen, print_lines, say},
    resume::is_at_rest,
    undo_text,
};
use crate::{
    journal::{JournalEntry, Ledger, ReadBackError},
    keys::Scope,
    ops::{UndoReadError, look_back},
    plan::{LeaseChoice, Past, Undo, UndoChoices, UndoError},
    remedy::Remedy,
    session::{Session, Store, ledger},
};
use std::time::Duration;

pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &UndoFlags,
) -> Result<Exit, CommandError> {
    if session.settings.demo {
        return Err(CommandError::usage(
            "a demo's journal ends with it, so that there is nothing to undo in a new one",
            "Undo with u in the deck: coredeck --demo.",
        ));
    }
    let (ledger, id, scope) = (ledger(&session.settings)?, flags.id.clone(), session.scope().clone());
    let (entry, past, later) = blocking(move || recorded(&ledger, &id, &scope)).await?;
    is_at_rest(&entry)?;
    let doors = session.for_changes().await?;
    if doors.status.cluster != past.cluster {
        return Err(UndoReadError::OtherCluster { done_in: past.cluster, here: doors.status.cluster }.into());
    }
    let undo = look_back(&doors.reader, session.scope(), &past, &later).await?;
    for line in undo_text::lines(&entry, &undo, screen.style_of_messages) {
        say(line);
    }
    let choices = choices(&undo, flags).await?;
    match undo.intent(choices) {
        Ok(intent) => {
            let flags = ChangeFlags { ptr: false, consent: flags.consent.clone() };
            change::make(session, doors, screen, intent, &flags).await
        }
        Err(undecided) => {
            if screen.is_json() {
                print_lines([undo_text::json(&undo, &undecided)])?;
            }
            Err(trouble(&undecided).reported())
        }
    }
}

/// Returns the entry whose id begins with this text, and the later changes. Reads files.
fn recorded(
    ledger: &Ledger,
    id: &str,
    scope: &Scope,
) -> Result<(JournalEntry, Past, Vec<Past>), CommandError> {
    let contents = ledger.contents()?;
    let number = contents.find(id)?;
    let entry = contents.entry(number)?.ok_or_else(|| {
        CommandError::new(Exit::Failed, format!("there is no entry {id}"), "Find its id with coredeck log.")
    })?;
    let past = entry.past(scope)?;
    let later = contents.later(number, &past, scope)?;
    Ok((entry, past, later))
}

/// Returns the choices of the options, or of the person who is asked.
async fn choices(undo: &Undo, flags: &UndoFlags) -> Result<UndoChoices, CommandError> {
    let lease = flags.lease.lease.map(|lease| match lease {
        EndedLease::New => LeaseChoice::New,
        EndedLease::Permanent => LeaseChoice::Permanent,
        EndedLease::LeaveOut => LeaseChoice::LeaveOut,
    });
    let ttl = flags.lease.lease_ttl.map(Duration::from_secs);
    let choices = UndoChoices { leave_conflicts: flags.leave_conflicts, lease, ttl };
    // A question is asked only if nothing but its answer is missing.
    if !matches!(undo.intent(choices), Err(UndoError::LeaseGone(_))) || !can_ask() {
        return Ok(choices);
    }
    let lease = blocking(|| Ok(ask_for_lease())).await?;
    Ok(UndoChoices { lease, ..choices })
}

fn ask_for_lease() -> Option<LeaseChoice> {
    let question = "What do these keys get? n a new lease for what remained, p none (they stay), \
                    l they are left out: ";
    match Keyboard::open().ask(question)?.trim() {
        "n" | "N" | "new" => Some(LeaseChoice::New),
        "p" | "P" | "permanent" => Some(LeaseChoice::Permanent),
        "l" | "L" | "leave-out" => Some(LeaseChoice::LeaveOut),
        _ => None,
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CommandError> + Send + 'static,
) -> Result<T, CommandError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| CommandError::new(Exit::Failed, error, "Report this as a bug."))?
}

/// Returns the reason why an undo is no plan yet, with the option that decides it.
fn trouble(undecided: &UndoError) -> CommandError {
    match undecided {
        // The state is as wanted.
        UndoError::UndoneAlready { .. }
        | UndoError::NothingLeft(_)
        | UndoError::NeverMade(_)
        | UndoError::AllLeftOut { .. } => CommandError::new(Exit::Done, undecided, undecided.remedy()),
        UndoError::AllWritten { .. } => CommandError::new(Exit::Conflict, undecided, undecided.remedy()),
        UndoError::Conflicts(_) => CommandError::new(
            Exit::Conflict,
            undecided,
            "Look at each of them; --leave-conflicts takes back the rest and leaves them as they are.",
        ),
        UndoError::LeaseGone(_) => CommandError::new(
            Exit::Refused,
            undecided,
            "Say what they get: --lease new (for what remained), --lease permanent or --lease leave-out.",
        ),
        UndoError::RemainderUnknown(_) => CommandError::new(
            Exit::Refused,
            undecided,
            "Say how long a new one lives with --lease-ttl, or take --lease permanent or --lease leave-out.",
        ),
    }
}

impl From<ReadBackError> for CommandError {
    fn from(error: ReadBackError) -> Self {
        match &error {
            ReadBackError::OtherScope { made_in, .. } => {
                Self::new(Exit::Refused, &error, format!("Run it with --prefix {made_in}."))
            }
            ReadBackError::Key(_) | ReadBackError::Spelling(_) | ReadBackError::Lease(_) => Self::new(
                Exit::Failed,
                format!("the entry cannot be read back: {error}"),
                "Look at its line in the journal: it was changed by hand.",
            ),
        }
    }
}

impl EndsCommand for UndoReadError {
    fn exit(&self) -> Exit {
        match self {
            Self::OtherCluster { .. } => Exit::Refused,
            Self::Failure(failure) => Exit::from(failure),
        }
    }
}
