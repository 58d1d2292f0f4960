use super::{
    Exit,
    arguments::ChangeFlags,
    change,
    command_error::CommandError,
    get::of_name,
    output::{Screen, say},
    target::{TargetArgument, whole_scope},
};
use crate::{
    keys::{Scope, ScopedKey},
    plan::Intent,
    session::{Session, Store},
    store::Reader,
};

/// Deletes one record, or a name with everything below it.
pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    target: &str,
    recursive: bool,
    flags: &ChangeFlags,
) -> Result<Exit, CommandError> {
    let scope = session.scope();
    if recursive {
        let name = TargetArgument::subtree(scope, target)?;
        let intent = Intent::DeleteSubtree { name };
        return change::make(session, session.for_changes().await?, screen, intent, flags).await;
    }
    match TargetArgument::parse(scope, target)? {
        TargetArgument::Root => Err(whole_scope(scope)),
        TargetArgument::Key(key) => {
            let doors = session.for_changes().await?;
            change::make(session, doors, screen, Intent::Delete { key }, flags).await
        }
        TargetArgument::Name { key, .. } => {
            let doors = session.for_changes().await?;
            let key = only_record(&doors.reader, scope, &key, target).await?;
            change::make(session, doors, screen, Intent::Delete { key }, flags).await
        }
    }
}

/// Returns the key of a name's record, if it has exactly one.
async fn only_record(
    reader: &impl Reader,
    scope: &Scope,
    name: &ScopedKey,
    said: &str,
) -> Result<ScopedKey, CommandError> {
    let found = reader.read(std::slice::from_ref(name), Some(&scope.below_key(name))).await?.records;
    let below = found.len();
    let mut records = of_name(scope, Some(name), found);
    match (records.pop(), records.is_empty()) {
        (Some(only), true) => Ok(only.key),
        (Some(last), false) => {
            records.push(last);
            for record in &records {
                say(format_args!("  {}", record.key));
            }
            Err(CommandError::usage(
                format!("{said} has {} records", records.len()),
                "Give the key of the one that you mean, or --recursive for all of them.",
            ))
        }
        (None, _) if below > 0 => Err(CommandError::new(
            Exit::Failed,
            format!("{said} has no record of its own, only {below} keys below it"),
            "Look at them with tree; --recursive deletes them all.",
        )),
        (None, _) => Err(CommandError::new(
            Exit::Failed,
            format!("there is no record at {said}"),
            "Check the name with tree.",
        )),
    }
}
