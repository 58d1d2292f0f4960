use super::{Exit, command_error::CommandError, get::print_records, known, output::Screen};
use crate::{
    index::Needle,
    keys::KeyValue,
    ops::Lister,
    quantity::counted,
    session::{Session, Store},
};

/// Prints the records whose name, key or value holds the text, or the address.
pub(super) async fn print<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    text: &str,
) -> Result<Exit, CommandError> {
    let scope = session.scope();
    let needle = Needle::new(text).ok_or_else(|| {
        CommandError::usage("there is nothing to search for", "Give a part of a name, key or value.")
    })?;
    let (reader, status) = session.for_looking().await?;
    let mut found: Vec<KeyValue> = Vec::new();
    let mut lister = Lister::new(reader.clone(), scope.range());
    let mut looked_at = 0;
    while let Some(listing) = lister.next().await {
        let records = listing?.records;
        looked_at += records.len();
        found.extend(records.into_iter().filter(|record| needle.found_in(scope, record).is_some()));
    }
    found.sort_by(|a, b| a.key.cmp(&b.key));
    if found.is_empty() {
        known::hint(session, &reader, status.cluster).await;
        return Err(CommandError::new(
            Exit::Failed,
            format!("none of {} in {scope} holds {text}", counted(looked_at, "record")),
            "Search for a shorter part of it.",
        ));
    }
    print_records(session, &reader, screen, &found).await
}
