use super::{
    Exit,
    arguments::{ChangeFlags, ImportFlags},
    change::{self, Worked},
    command_error::CommandError,
    input_file::refuse_to_ask_on_stdin,
    left_out,
    not_as_wanted::NotAsWanted,
    output::{Screen, say, say_safely},
    wanted_records::{WantedFiles, WantedKeys},
    zone_wish::{self, ZoneWish},
};
use crate::{
    desired::{Relocated, Treatment},
    keys::{KeyValue, Scope, ScopedKey},
    ops::LeaseGrants,
    plan::{Challenge, Intent, KeyEdit, PlanPurpose},
    quantity::counted,
    session::{Session, Store},
    store::Reader,
};
use std::collections::BTreeMap;

/// Additions of an import.
struct Additions {
    wishes: Vec<KeyEdit>,
    grants: LeaseGrants,
    /// The number of the file's records that are there already.
    there: usize,
    /// The number of the file's lines that are not carried.
    not_carried: usize,
    not_as_wanted: NotAsWanted,
}

/// Adds the records of a file. An existing record stays; a key that holds another value stops the whole import.
pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &ImportFlags,
) -> Result<Exit, CommandError> {
    let scope = session.scope();
    for file in &flags.files {
        refuse_to_ask_on_stdin(file, flags.consent.confirm.as_deref())?;
    }
    let wanted = WantedFiles::read(scope, &flags.files, flags.format)?;
    let doors = session.for_changes().await?;
    let Additions { wishes, grants, there, not_carried, not_as_wanted } = match wanted {
        WantedFiles::Keys(wanted) => by_key(wanted, &doors.reader, scope).await?,
        WantedFiles::Names(wish) => by_name(session, &doors.reader, &wish).await?,
    };
    if there > 0 {
        say_safely(format!(
            "coredeck: {} of the file are there already, and stay as they are",
            counted(there, "record")
        ));
    }
    if wishes.is_empty() && there + not_carried == 0 {
        return Err(CommandError::new(
            Exit::Failed,
            "there is no record in what was given, so there is nothing to add",
            "Look at the file: it may be an export of a scope that was empty.",
        ));
    }
    if wishes.is_empty() && not_carried > 0 {
        let lines = counted(not_carried, "line");
        say(format_args!("Nothing is added: {lines} cannot be served as the file has it."));
        change::print_nothing_but(screen, &Challenge::scope(scope), &doors.status, not_as_wanted)?;
        // If the file was imported before, everything of it that can be stored is there.
        return Ok(if there > 0 { Exit::Done } else { Exit::Findings });
    }
    if wishes.is_empty() {
        return change::nothing_to_do(screen, &Challenge::scope(scope), &doors.status);
    }
    let intent = Intent::Bulk {
        listed: None,
        purpose: PlanPurpose::Import,
        challenge: Challenge::scope(scope),
        wishes,
        grants: grants.into_grants(),
    };
    let flags = ChangeFlags { ptr: flags.ptr, consent: flags.consent.clone() };
    let worked = Worked { intent, left_out: vec![], notes: vec![], not_as_wanted };
    change::make_worked(session, doors, screen, worked, &flags).await
}

/// Compares records at keys: each is new, there already, or a conflict.
async fn by_key(wanted: WantedKeys, reader: &impl Reader, scope: &Scope) -> Result<Additions, CommandError> {
    let existing = wanted.existing(reader, scope).await?;
    let existing: BTreeMap<&ScopedKey, &KeyValue> =
        existing.iter().map(|record| (&record.key, record)).collect();
    let mut additions = Additions {
        wishes: vec![],
        grants: LeaseGrants::default(),
        there: 0,
        not_carried: 0,
        not_as_wanted: NotAsWanted::default(),
    };
    let mut conflicts = Vec::new();
    for (key, record) in &wanted.records {
        match existing.get(key) {
            Some(is) if wanted.is_same(&record.value, &is.value) => additions.there += 1,
            Some(is) => conflicts.push((record.line, key, is.mod_revision)),
            None => {
                let lease = record.lease.map(|term| additions.grants.lease(term));
                additions.wishes.push(KeyEdit::Create {
                    key: key.clone(),
                    value: record.value.clone(),
                    lease,
                });
            }
        }
    }
    if conflicts.is_empty() {
        return Ok(additions);
    }
    for (line, key, revision) in &conflicts {
        let place = wanted.lines.place(*line);
        let place = if place.file.is_some() { place.to_string() } else { format!("{place} of the file") };
        say_safely(format!("  {key}: another value since revision {revision} ({place})"));
    }
    Err(CommandError::new(
        Exit::Conflict,
        format!(
            "another value than the file's is at {}, and nothing is ever overwritten",
            counted(conflicts.len(), "key")
        ),
        "Take them out of the file, or see with coredeck plan FILE what changing them would mean.",
    ))
}

/// Compares answers of names: an answer that is given already is there, and the others get places of their own.
async fn by_name<S: Store>(
    session: &Session<S>,
    reader: &S::Reader,
    wish: &ZoneWish,
) -> Result<Additions, CommandError> {
    let judged = zone_wish::judge(session, reader, wish, Treatment::Add).await?;
    left_out::tell(&judged.not_carried, &wish.lines, "Not as the file has it:");
    let scope = session.scope();
    let create = |record: &crate::exchange::FileRecord| {
        Ok(KeyEdit::Create { key: scope.key(&record.key)?, value: record.value.clone(), lease: None })
    };
    let relocate = |relocated: &Relocated| {
        // An import gives no record another value.
        debug_assert!(relocated.is_unchanged(), "{relocated:?}");
        Ok(KeyEdit::Move { from: relocated.before.key.clone(), to: relocated.to.clone() })
    };
    let creates = judged.comparison.creates.iter().map(create);
    let moves = judged.comparison.moves.iter().map(relocate);
    let wishes: Result<Vec<KeyEdit>, CommandError> = creates.chain(moves).collect();
    let (there, not_carried) = (judged.comparison.same, left_out::lines_of_file(&judged.not_carried));
    let not_as_wanted = NotAsWanted::of(&judged.not_carried, &wish.lines);
    Ok(Additions { wishes: wishes?, grants: LeaseGrants::default(), there, not_carried, not_as_wanted })
}
