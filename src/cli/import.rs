use super::{
    Exit,
    arguments::{ChangeFlags, ImportFlags},
    change,
    grants::Grants,
    input_file::refuse_to_ask_on_stdin,
    output::{Screen, keys, say, say_safely},
    session::{Session, Store},
    trouble::Trouble,
    wanted::Wanted,
};
use crate::{
    exchange::same_value,
    keys::{KeyValue, ScopedKey},
    plan::{Challenge, Intent, Purpose, Wish},
};
use std::collections::BTreeMap;

/// Adds the records of a file. What is there already stays; a key that holds something else stops all of it.
pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &ImportFlags,
) -> Result<Exit, Trouble> {
    let scope = session.scope();
    refuse_to_ask_on_stdin(&flags.file, flags.consent.confirm.as_deref())?;
    let wanted = Wanted::read(scope, &flags.file, flags.format)?;
    let doors = session.for_changes().await?;
    let existing = wanted.existing(&doors.reader, scope).await?;
    let existing: BTreeMap<&ScopedKey, &KeyValue> =
        existing.iter().map(|record| (&record.key, record)).collect();
    let mut wishes = Vec::new();
    let mut grants = Grants::default();
    let mut conflicts = Vec::new();
    let all = wanted.records.len();
    for (key, record) in wanted.records {
        match existing.get(&key) {
            Some(is) if same_value(&is.value, &record.value) => {}
            Some(is) => conflicts.push((record.line, key, is.mod_revision)),
            None => {
                let lease = record.lease.map(|term| grants.lease(term));
                wishes.push(Wish::Create { key, value: record.value, lease });
            }
        }
    }
    if !conflicts.is_empty() {
        for (line, key, revision) in &conflicts {
            say(format_args!("  {key}: another value since revision {revision} (line {line} of the file)"));
        }
        let what = format!(
            "{} that the file wants to add hold another value, and nothing is ever overwritten",
            keys(conflicts.len())
        );
        return Err(Trouble::new(
            Exit::Conflict,
            what,
            "Take them out of the file, or see with coredeck plan FILE what changing them would mean.",
        ));
    }
    let there = all - wishes.len();
    if there > 0 {
        say_safely(format!("coredeck: {} of the file are there already, and stay as they are", keys(there)));
    }
    if wishes.is_empty() {
        return change::nothing_to_do(screen);
    }
    let intent = Intent::Bulk {
        purpose: Purpose::Import,
        challenge: Challenge::scope(scope),
        wishes,
        grants: grants.into_grants(),
    };
    let flags = ChangeFlags { ptr: false, consent: flags.consent.clone() };
    change::make(session, doors, screen, intent, &flags).await
}
