//! Backups, beside the loop: the search for the newest one, and the making of a new one.
use crate::{
    app::{BackedUp, Msg, RequestId},
    archive::{self, Catalogue, SaveRequest, Shrinkage, Whole},
    keys::{ClusterId, Scope},
    store::{InScope, Reader},
};
use jiff::Timestamp;
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::mpsc;

/// Places of backups, and the scope that they are of.
#[derive(Clone, Debug)]
pub(super) struct Backups {
    /// New ones go to the first of these.
    places: Vec<PathBuf>,
    pub(super) scope: Scope,
    pub(super) cluster: ClusterId,
    /// The newest one at the last search: it is read whole once.
    newest: Arc<Mutex<Option<Whole>>>,
}

impl Backups {
    pub(super) fn new(places: Vec<PathBuf>, scope: Scope, cluster: ClusterId) -> Self {
        Self { places, scope, cluster, newest: Arc::default() }
    }

    /// Tells the deck the time of the newest whole backup. The time to read it grows with its size.
    pub(super) fn look(&self, request: RequestId, msgs: mpsc::Sender<Msg>) {
        if self.places.is_empty() {
            return;
        }
        let this = self.clone();
        tokio::task::spawn_blocking(move || {
            let now = Timestamp::now();
            let time = {
                // Two searches at once would read the same file twice.
                let mut newest = this.newest.lock().unwrap_or_else(PoisonError::into_inner);
                *newest = archive::newest(&this.places, &this.scope, this.cluster, now, newest.as_ref());
                newest.as_ref().map(|whole| (whole.archive.time(), whole.archive.keys()))
            };
            // Nobody waits any more when the deck is closed.
            let _ = msgs.blocking_send(Msg::Backup(request, time, Timestamp::now()));
        });
    }

    /// Saves the scope, and tells the deck the result.
    pub(super) async fn make<R: Reader>(self, reader: R, msgs: mpsc::Sender<Msg>) {
        let _ = msgs.send(Msg::BackedUp(self.saved(reader).await)).await;
    }

    async fn saved<R: Reader>(&self, reader: R) -> Result<BackedUp, String> {
        let Self { places, scope, cluster, .. } = self;
        let Some(place) = places.first() else {
            return Err("this session keeps nothing; coredeck backup --to FILE does".to_owned());
        };
        let file = archive::fresh(place, scope, *cluster, Timestamp::now())
            .map_err(|error| format!("{} cannot be used: {error}", place.display()))?;
        let (before, of, whose) = (places.clone(), scope.clone(), *cluster);
        let before =
            tokio::task::spawn_blocking(move || Catalogue::of(&before, &of, whose, Timestamp::now()));
        let before = before.await.unwrap_or_default();
        let pages = InScope(reader.clone());
        let request = SaveRequest::backup(&pages, scope);
        let saved =
            archive::save(&request, &reader, &file, |_, _| {}).await.map_err(|error| error.to_string())?;
        let (made, done) = (saved.time, Timestamp::now());
        let keys = saved.written.records;
        let lost =
            tokio::task::spawn_blocking(move || Shrinkage::of(keys, &before).map(|loss| loss.to_string()));
        let lost = lost.await.unwrap_or_default();
        Ok(BackedUp { file: file.display().to_string(), keys, made, done, lost })
    }
}
