//! Command `coredeck restore`: it creates the records that a file has and the scope has not. Nothing is replaced
//! without a flag for it, and nothing is ever deleted.
use super::{
    Exit,
    arguments::{ChangeFlags, RestoreFlags},
    change,
    command_error::{CommandError, EndsCommand},
    output::{Screen, say, say_safely},
    place::ScopePart,
    restore_text,
};
use crate::{
    archive::ArchiveKind,
    keys::ClusterId,
    ops::living,
    plan::{KeySelection, Restore, RestoreError},
    recovery::{FromFile, JournalKnowledge, RecoveryFileError, offers_now, read},
    session::{Handles, Session, Store, knowledge_places, ledger},
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &RestoreFlags,
) -> Result<Exit, CommandError> {
    let scope = session.scope();
    let place = ScopePart::of(scope, flags.only.as_deref())?;
    if flags.from_journal {
        return from_journal(session, screen, flags, &place).await;
    }
    let Some(file) = flags.file.clone() else { return list(session, screen, flags, &place).await };
    let name = file.display().to_string();
    let (of, part) = (scope.clone(), place.clone());
    // The whole file is read and verified before any part of it is used.
    let from = tokio::task::spawn_blocking(move || read(&file, &of, |key| part.holds(key)));
    let from =
        from.await.map_err(|error| CommandError::new(Exit::Failed, error, "Report this as a bug."))??;
    let doors = session.for_changes().await?;
    is_meant(flags, &from, doors.status.cluster)?;
    let now = place.read(&doors.reader, scope, None).await?.records;
    let same_cluster = from.heading.cluster == doors.status.cluster;
    let FromFile { keys, leases, outside, heading } = from;
    let restore = Restore::of(keys, now);
    // A lease of another cluster may have the same number as another lease here.
    let asked = if same_cluster { restore.leases() } else { BTreeSet::new() };
    let living = living(&doors.reader, asked).await?;
    let restore = restore.with_leases(leases, living);
    let of = format!("Saved {} of cluster {}, revision {}", heading.time, heading.cluster, heading.revision);
    for line in restore_text::lines(&restore, &of, outside, flags.differing) {
        say(line);
    }
    make(session, doors, screen, (restore, &name), (flags, &place)).await
}

/// Restores the values that the journal of this machine wrote last to each key.
async fn from_journal<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &RestoreFlags,
    place: &ScopePart,
) -> Result<Exit, CommandError> {
    let scope = session.scope();
    let ledger = ledger(&session.settings)?;
    let doors = session.for_changes().await?;
    let (of, cluster) = (scope.clone(), doors.status.cluster);
    let written = tokio::task::spawn_blocking(move || JournalKnowledge::of(&ledger, cluster, &of));
    let written =
        written.await.map_err(|error| CommandError::new(Exit::Failed, error, "Report this as a bug."))??;
    let reach = KeySelection {
        own: place.own.clone(),
        below: Some(place.below.clone()),
        challenge: place.challenge(scope),
    };
    let saved = written.saved(Some(&reach));
    let now = place.read(&doors.reader, scope, None).await?.records;
    let restore = Restore::of(saved, now);
    let living = living(&doors.reader, restore.leases()).await?;
    let restore = restore.with_leases(BTreeMap::new(), living);
    for line in restore_text::lines(
        &restore,
        "What this machine's journal wrote last to each key",
        0,
        flags.differing,
    ) {
        say(line);
    }
    make(session, doors, screen, (restore, "the journal"), (flags, place)).await
}

/// Lists the saved copies of this cluster, with the keys that each would bring back.
async fn list<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &RestoreFlags,
    place: &ScopePart,
) -> Result<Exit, CommandError> {
    let (reader, status) = session.for_looking().await?;
    let places = knowledge_places(&session.settings);
    let reach = flags.only.as_ref().map(|_| KeySelection {
        own: place.own.clone(),
        below: Some(place.below.clone()),
        challenge: place.challenge(session.scope()),
    });
    let found = offers_now(&places, &reader, session.scope(), status.cluster, reach.as_ref()).await?;
    restore_text::print_list(screen, &found, &session.settings.program(), flags.only.as_deref())?;
    for unread in &found.unread {
        say_safely(format!("coredeck: warning: {unread}."));
    }
    if found.list.is_empty() {
        let where_to: Vec<String> =
            places.directories.iter().map(|place| place.display().to_string()).collect();
        let what = flags.only.as_deref().unwrap_or(session.scope().as_str());
        say_safely(if found.unread.is_empty() {
            format!(
                "Nothing of {what} in cluster {} is saved here: neither a file in {}, nor in the journal.",
                status.cluster,
                where_to.join(", ")
            )
        } else {
            format!("Nothing of {what} in cluster {} was found in what could be read.", status.cluster)
        });
        return Ok(Exit::Failed);
    }
    say("Each command shows its plan first, and nothing is ever deleted by it.");
    Ok(Exit::Done)
}

/// Plans the restore, and makes it if somebody agrees.
async fn make<S: Store>(
    session: &Session<S>,
    doors: Handles<S>,
    screen: &Screen,
    (restore, name): (Restore, &str),
    (flags, place): (&RestoreFlags, &ScopePart),
) -> Result<Exit, CommandError> {
    let scope = session.scope();
    let challenge = place.challenge(scope);
    let (saved, missing, differing) = (restore.saved(), restore.missing().len(), restore.differing().len());
    if saved == 0 {
        return Err(CommandError::new(
            Exit::Failed,
            format!("{name} has no key of {challenge}, so it brings nothing back"),
            "Take another one: coredeck restore lists what is saved of this cluster, with how many keys.",
        ));
    }
    let Some(intent) = restore.intent(challenge.clone(), flags.lease, flags.differing)? else {
        say(match (missing, differing) {
            (0, 0) => "Nothing is missing, and nothing was changed.".to_owned(),
            (0, differing) => format!(
                "Nothing is missing, and nothing was changed: {} another value, which --differing takes.",
                if differing == 1 { "1 key has".to_owned() } else { format!("{differing} keys have") }
            ),
            (missing, _) => format!(
                "Nothing was changed, and {} still away: each had a lease that has ended, and --lease leave-out leaves \
                 it out. --lease permanent or --lease new brings it back.",
                if missing == 1 { "1 key is".to_owned() } else { format!("{missing} keys are") }
            ),
        });
        change::print_nothing(screen, &challenge, &doors.status)?;
        return Ok(Exit::Done);
    };
    change::make(session, doors, screen, intent, &ChangeFlags { ptr: false, consent: flags.consent.clone() })
        .await
}

/// Refuses a file of another cluster unless the user has named that cluster: it may have been rebuilt, or this one may
/// be wrong.
fn is_meant(flags: &RestoreFlags, from: &FromFile, here: ClusterId) -> Result<(), CommandError> {
    let made_of = from.heading.cluster;
    let kind = match from.heading.kind {
        ArchiveKind::Backup => "backup",
        ArchiveKind::Rescue => "rescue",
    };
    match flags.from_cluster {
        Some(said) if said != made_of => Err(CommandError::new(
            Exit::Refused,
            format!("this {kind} is of cluster {made_of}, not of {said}"),
            "Look at where the file comes from.",
        )),
        None if made_of != here => Err(CommandError::new(
            Exit::Refused,
            format!("this {kind} is of cluster {made_of}, and this is cluster {here}"),
            format!(
                "Check --endpoints. If this cluster has taken the other's place, or is to have its records, say \
                 so: --from-cluster {made_of}"
            ),
        )),
        Some(_) if made_of != here => {
            say_safely(format!("From another cluster: {made_of}. Into this one: {here}."));
            Ok(())
        }
        _ => Ok(()),
    }
}

impl EndsCommand for RecoveryFileError {
    fn exit(&self) -> Exit {
        if self.is_refusal() { Exit::Refused } else { Exit::Failed }
    }
}

impl EndsCommand for RestoreError {
    fn exit(&self) -> Exit {
        Exit::Refused
    }
}
