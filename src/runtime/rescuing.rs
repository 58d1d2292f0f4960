//! Saves what was there before a mass deletion: from etcd, or, where etcd does not have that revision any more, from
//! what the deck has seen.
use crate::{
    app::{Lost, SavedFrom, Saving},
    archive::{self, ArchiveWriter, Heading, Kind, Request, Written},
    keys::{ClusterId, KeyValue, Revision, Scope},
    store::{InScope, Reader},
};
use jiff::Timestamp;
use std::{
    io,
    path::{Path, PathBuf},
};

const PROGRAM: &str = concat!("coredeck ", env!("CARGO_PKG_VERSION"));

/// Where such files go, and whose keys they hold.
#[derive(Clone, Debug)]
pub(super) struct Rescue {
    /// `None` where nothing is kept on disk, as in `--demo`.
    pub(super) directory: Option<PathBuf>,
    pub(super) scope: Scope,
    pub(super) cluster: ClusterId,
}

impl Rescue {
    pub(super) async fn save<R: Reader>(&self, reader: &R, at: Revision, lost: Lost) -> Saving {
        let Some(directory) = &self.directory else {
            return Saving::Failed("this session keeps nothing on disk".to_owned());
        };
        let path = match archive::fresh(directory, &self.scope, self.cluster, Timestamp::now()) {
            Ok(path) => path,
            Err(error) => return Saving::Failed(format!("{}: {error}", directory.display())),
        };
        let pages = InScope(reader.clone());
        let request = Request {
            kind: Kind::Rescue,
            pages: &pages,
            range: self.scope.range(),
            named: self.scope.as_str().to_owned(),
            at: Some(at),
            scope: &self.scope,
        };
        let file = path.display().to_string();
        let why = match archive::save(&request, reader, &path, |_, _| {}).await {
            Ok(saved) => {
                return Saving::Saved { file, keys: saved.written.records, from: SavedFrom::Etcd(at) };
            }
            Err(why) => why.to_string(),
        };
        tracing::warn!(%why, %at, "etcd could not tell what was there before a mass deletion");
        let this = self.clone();
        let written = tokio::task::spawn_blocking(move || this.write(&path, at, &lost)).await;
        match written.unwrap_or_else(|error| Err(io::Error::other(error))) {
            Ok(written) => Saving::Saved { file, keys: written.records, from: SavedFrom::Deck(why) },
            Err(error) => Saving::Failed(format!("{why}; {file}: {error}")),
        }
    }

    /// Writes what the deck has seen, in key order.
    fn write(&self, path: &Path, at: Revision, lost: &Lost) -> io::Result<Written> {
        let range = self.scope.range();
        let heading = Heading {
            kind: Kind::Rescue,
            program: PROGRAM.to_owned(),
            time: Timestamp::from_second(Timestamp::now().as_second()).unwrap_or_default(),
            cluster: self.cluster,
            revision: at,
            scope: self.scope.as_str().to_owned(),
            range: self.scope.as_str().to_owned(),
            keys: (lost.left.len() + lost.gone.len()) as u64,
        };
        let mut archive = ArchiveWriter::create(path, &heading)?;
        let mut left = lost.left.range(&range).peekable();
        let mut gone = lost.gone.range(&range).peekable();
        loop {
            let next: Option<KeyValue> = match (left.peek(), gone.peek()) {
                (Some(here), Some(away)) if here.key < away.key => left.next(),
                (Some(_), None) => left.next(),
                (_, Some(_)) => gone.next(),
                (None, None) => return archive.finish(),
            };
            if let Some(record) = next {
                archive.record(&record.into())?;
            }
        }
    }
}
