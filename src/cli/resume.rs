//! Command `coredeck resume`: the state of a change that was broken off, and the rest of it.
use super::{
    Exit,
    arguments::{ChangeFlags, ResumeFlags},
    change,
    command_error::CommandError,
    log,
    output::{Screen, print_lines, say, say_safely},
    resume_text,
};
use crate::{
    journal::{JournalEntry, Ledger, ProcessState, RecordedGrant, RecordedOutcome},
    keys::{Revision, Scope},
    ops::look_ahead,
    plan::{EntryId, Journal as _, LeaseGrant, Outcome, Resume, ResumeState},
    quantity::counted,
    session::{self, Session, Store},
    store::Reader,
};

/// Lists the changes that were broken off, or plans the rest of an entry and makes it.
pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &ResumeFlags,
) -> Result<Exit, CommandError> {
    let ledger = session::ledger(&session.settings)?;
    match &flags.id {
        Some(id) => finish(session, screen, &ledger, id, flags).await,
        None if flags.close => {
            Err(CommandError::usage("--close is about one entry", "Give its id: coredeck resume ID --close."))
        }
        None => list(session, screen, &ledger).await,
    }
}

/// Reports the state of the keys of each entry that was broken off.
async fn list<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    ledger: &Ledger,
) -> Result<Exit, CommandError> {
    let (reader, status) = session.for_looking().await?;
    let scope = session.scope();
    let contents = ledger.contents()?;
    log::warn(contents.unreadable());
    let numbers: Vec<usize> =
        contents.broken_off(status.cluster, scope).into_iter().map(|(number, _)| number).collect();
    if numbers.is_empty() {
        let all = counted(contents.headings().len(), "change");
        say(format_args!(
            "Of {all} in the journal, none of {scope} in cluster {} was broken off.",
            status.cluster
        ));
        return Ok(Exit::Done);
    }
    for number in numbers {
        let Some(entry) = contents.entry(number)? else { continue };
        match look(&reader, scope, &entry).await {
            Ok((resume, at)) if screen.is_json() => print_lines([resume_text::json(&entry, &resume, at)])?,
            Ok((resume, _)) => {
                print_lines(resume_text::lines(&entry, &resume, &session.settings.program(), screen.style))?;
            }
            Err(trouble) => {
                say_safely(format!("coredeck: entry {}: {}", entry.id.0, trouble.what()));
                say(trouble.remedy());
            }
        }
    }
    Ok(Exit::Findings)
}

/// Makes the rest of an entry, if somebody agrees, and has the journal keep the outcome.
async fn finish<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    ledger: &Ledger,
    id: &str,
    flags: &ResumeFlags,
) -> Result<Exit, CommandError> {
    let entry = ledger.find(id)?;
    can_be_finished(&entry)?;
    let doors = session.for_changes().await?;
    let program = session.settings.program();
    let (resume, at) = look(&doors.reader, session.scope(), &entry).await?;
    for line in resume_text::lines(&entry, &resume, &program, screen.style_of_messages) {
        say(line);
    }
    let intent = resume.intent().filter(|_| !flags.close);
    let Some(intent) = intent else {
        doors.writer?;
        if !resume.is_clear() && !flags.close {
            return Err(CommandError::new(
                Exit::Unclear,
                "nothing of it can be finished: somebody has written the other keys since",
                format!(
                    "Look at them, then have the journal say so: {program} resume {} --close.",
                    entry.id.0
                ),
            ));
        }
        return close(session, screen, &entry, &resume, at);
    };
    if resume.is_removal_of_a_move(&entry.kind) {
        return Err(CommandError::new(
            Exit::Refused,
            "this removal goes on only while the other etcd stays as it is, which resume does not look at",
            format!(
                "Run {program} migrate --to ETCD --remove-old again: it goes on where it was broken off. Or take it \
                 back: {program} undo {}.",
                entry.id.0
            ),
        ));
    }
    let change = ChangeFlags { ptr: false, consent: flags.consent.clone() };
    let exit = change::make(session, doors, screen, intent, &change).await?;
    if exit == Exit::Done {
        // The present change is newer than the revision that was looked at.
        let at = session.reader().await?.count(&session.scope().range()).await?.revision;
        conclude(session, &entry, &resume.finished().outcome(at))?;
        say_safely(format!("Entry {} is concluded with it.", entry.id.0));
    }
    Ok(exit)
}

/// Writes the outcome of an entry into the journal. Nothing is sent to etcd.
fn close<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    entry: &JournalEntry,
    resume: &Resume,
    at: Revision,
) -> Result<Exit, CommandError> {
    let outcome = resume.outcome(at);
    conclude(session, entry, &outcome)?;
    if screen.is_json() {
        print_lines([resume_text::json(entry, resume, at)])?;
    }
    let left = resume.count(ResumeState::Open);
    if left > 0 {
        say(format_args!("{left} of its keys were not changed, and are left so."));
    }
    say_safely(format!("The journal says now of entry {}: {outcome}", entry.id.0));
    say("Nothing was sent to etcd.");
    Ok(Exit::Done)
}

fn conclude<S: Store>(
    session: &Session<S>,
    entry: &JournalEntry,
    outcome: &Outcome,
) -> Result<(), CommandError> {
    Ok(session.journal()?.conclude(&entry.id, outcome)?)
}

async fn look(
    reader: &impl Reader,
    scope: &Scope,
    entry: &JournalEntry,
) -> Result<(Resume, Revision), CommandError> {
    let past = entry.past(scope)?;
    let grants: Vec<LeaseGrant> = entry.grants.iter().map(RecordedGrant::grant).collect::<Result<_, _>>()?;
    Ok(look_ahead(reader, scope, &past, grants).await?)
}

/// Refuses an entry without a rest: only one that was broken off, or stopped before its end, has one.
fn can_be_finished(entry: &JournalEntry) -> Result<(), CommandError> {
    let EntryId(id) = &entry.id;
    let nothing = |what: String, remedy: String| Err(CommandError::new(Exit::Failed, what, remedy));
    match &entry.outcome {
        Some(RecordedOutcome::Done { .. }) => {
            nothing(format!("entry {id} is done"), format!("Take it back with coredeck undo {id}."))
        }
        Some(RecordedOutcome::NothingChanged { .. }) => nothing(
            format!("entry {id} has changed nothing, and is at its end"),
            "Make the change again if it should be made.".to_owned(),
        ),
        Some(RecordedOutcome::Partly { .. } | RecordedOutcome::Unknown { .. }) => Ok(()),
        None => is_at_rest(entry),
    }
}

/// Refuses an entry that a session is still making, as far as that can be known here.
pub(super) fn is_at_rest(entry: &JournalEntry) -> Result<(), CommandError> {
    let (EntryId(id), pid) = (&entry.id, entry.author.pid);
    match entry.author.is_running() {
        _ if entry.outcome.is_some() => Ok(()),
        ProcessState::No => Ok(()),
        ProcessState::Yes => Err(CommandError::new(
            Exit::Failed,
            format!("entry {id} is still being made by process {pid}"),
            "Wait for it, or end that session first.",
        )),
        ProcessState::CannotTell => {
            let host = entry.author.host.as_deref().unwrap_or("another machine");
            say_safely(format!(
                "coredeck: warning: it cannot be told from here whether process {pid} of {host} still makes it."
            ));
            Ok(())
        }
    }
}
