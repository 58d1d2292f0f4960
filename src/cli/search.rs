use super::{
    Exit,
    get::print_records,
    known,
    output::Screen,
    session::{Session, Store},
    trouble::Trouble,
};
use crate::{index::Needle, keys::KeyValue, store::Lister};

/// Prints the records whose name, key or value holds the text, or the address.
pub(super) async fn print<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    text: &str,
) -> Result<Exit, Trouble> {
    let scope = session.scope();
    let needle = Needle::new(text).ok_or_else(|| {
        Trouble::usage("there is nothing to search for", "Give a part of a name, key or value.")
    })?;
    let (reader, status) = session.for_looking().await?;
    let mut found: Vec<KeyValue> = Vec::new();
    let mut lister = Lister::new(reader.clone(), scope.range());
    while let Some(listing) = lister.next().await {
        found.extend(listing?.records.into_iter().filter(|record| needle.found_in(scope, record).is_some()));
    }
    found.sort_by(|a, b| a.key.cmp(&b.key));
    if found.is_empty() {
        known::hint(session, &reader, status.cluster).await;
        return Err(Trouble::new(
            Exit::Failed,
            format!("nothing in {scope} holds {text}"),
            "Search for a shorter part of it.",
        ));
    }
    print_records(session, &reader, screen, &found).await
}
