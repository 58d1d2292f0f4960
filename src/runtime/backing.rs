//! Backups: looking for the newest one, and making one, beside the loop.
use crate::{
    app::{BackedUp, Msg},
    archive::{self, Kind, Request},
    keys::{ClusterId, Scope},
    store::{InScope, Reader},
};
use jiff::Timestamp;
use std::path::PathBuf;
use tokio::sync::mpsc;

/// Where backups are, and of what.
#[derive(Clone, Debug)]
pub(super) struct Backups {
    /// New ones go to the first of these.
    pub(super) places: Vec<PathBuf>,
    pub(super) scope: Scope,
    pub(super) cluster: ClusterId,
}

/// Tells the deck of which time the newest whole backup is. Reading it takes as long as it is large.
pub(super) fn look(backups: Backups, msgs: mpsc::Sender<Msg>) {
    if backups.places.is_empty() {
        return;
    }
    tokio::task::spawn_blocking(move || {
        let newest = archive::newest(&backups.places, &backups.scope, backups.cluster);
        // Nobody waits any more when the deck is closed.
        let _ = msgs.blocking_send(Msg::Backup(newest.map(|newest| newest.time)));
    });
}

/// Saves the scope, and tells the deck what became of it.
pub(super) async fn make<R: Reader>(backups: Backups, reader: R, msgs: mpsc::Sender<Msg>) {
    let _ = msgs.send(Msg::BackedUp(saved(&backups, reader).await)).await;
}

async fn saved<R: Reader>(backups: &Backups, reader: R) -> Result<BackedUp, String> {
    let Backups { places, scope, cluster } = backups;
    let Some(place) = places.first() else {
        return Err("this session keeps nothing; coredeck backup --to FILE does".to_owned());
    };
    let file = archive::fresh(place, scope, *cluster, Timestamp::now())
        .map_err(|error| format!("{} cannot be used: {error}", place.display()))?;
    let request = Request {
        kind: Kind::Backup,
        pages: &InScope(reader.clone()),
        range: scope.range(),
        named: scope.to_string(),
        at: None,
        scope,
    };
    let saved =
        archive::save(&request, &reader, &file, |_, _| {}).await.map_err(|error| error.to_string())?;
    Ok(BackedUp { file: file.display().to_string(), keys: saved.written.records, at: saved.time })
}
