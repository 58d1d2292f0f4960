//! Rescue of the scope as it was before a mass deletion: from etcd, or, if etcd no longer has that revision, from the
//! records that the deck has seen.
use crate::{
    app::{CompactedRecords, SavedFrom, Saving},
    archive::{self, ArchiveHeading, ArchiveKind, ArchiveWriter, SaveRequest, WrittenArchive},
    keys::{ClusterId, KeyValue, Revision, Scope},
    store::{InScope, Reader},
};
use jiff::Timestamp;
use std::{
    io,
    path::{Path, PathBuf},
};

const PROGRAM: &str = concat!("coredeck ", env!("CARGO_PKG_VERSION"));

/// Every deck of a user sees a deletion at the same moment and may choose the same name; only one of them gets it.
const ATTEMPTS: u32 = 16;

/// Directory for rescued files, and the scope that they hold.
#[derive(Clone, Debug)]
pub(super) struct Rescue {
    /// `None` if nothing is kept on disk, as in `--demo`.
    pub(super) directory: Option<PathBuf>,
    pub(super) scope: Scope,
    pub(super) cluster: ClusterId,
}

impl Rescue {
    pub(super) async fn save<R: Reader>(&self, reader: &R, at: Revision, lost: CompactedRecords) -> Saving {
        let Some(directory) = &self.directory else {
            return Saving::Failed("this session keeps nothing on disk".to_owned());
        };
        let mut outcome = Saving::Failed("no name was free".to_owned());
        for _ in 0..ATTEMPTS {
            let path = match archive::fresh(directory, &self.scope, self.cluster, Timestamp::now()) {
                Ok(path) => path,
                Err(error) => return Saving::Failed(format!("{}: {error}", directory.display())),
            };
            outcome = self.save_to(&path, reader, at, &lost).await;
            let is_taken = matches!(outcome, Saving::Failed(_)) && path.exists();
            if !is_taken {
                break;
            }
        }
        outcome
    }

    async fn save_to<R: Reader>(
        &self,
        path: &Path,
        reader: &R,
        at: Revision,
        lost: &CompactedRecords,
    ) -> Saving {
        let pages = InScope(reader.clone());
        let request = SaveRequest {
            kind: ArchiveKind::Rescue,
            pages: &pages,
            range: self.scope.range(),
            named: self.scope.as_str().to_owned(),
            at: Some(at),
            scope: &self.scope,
        };
        let file = path.display().to_string();
        let why = if lost.is_older_copy {
            "etcd went back to older data".to_owned()
        } else {
            match archive::save(&request, reader, path, |_, _| {}).await {
                Ok(saved) => {
                    return Saving::Saved { file, keys: saved.written.records, from: SavedFrom::Etcd(at) };
                }
                Err(why) => why.to_string(),
            }
        };
        tracing::warn!(%why, %at, "etcd could not tell what was there before a mass deletion");
        let (this, path, lost) = (self.clone(), path.to_owned(), lost.clone());
        let written = tokio::task::spawn_blocking(move || this.write(&path, at, &lost)).await;
        match written.unwrap_or_else(|error| Err(io::Error::other(error))) {
            Ok(written) => Saving::Saved { file, keys: written.records, from: SavedFrom::Deck(why) },
            Err(error) => Saving::Failed(format!("{why}; {file}: {error}")),
        }
    }

    /// Writes the records that the deck has seen, in key order.
    fn write(&self, path: &Path, at: Revision, lost: &CompactedRecords) -> io::Result<WrittenArchive> {
        let range = self.scope.range();
        let heading = ArchiveHeading {
            kind: ArchiveKind::Rescue,
            program: PROGRAM.to_owned(),
            time: Timestamp::from_second(Timestamp::now().as_second()).unwrap_or_default(),
            cluster: self.cluster,
            revision: at,
            scope: self.scope.as_str().to_owned(),
            range: self.scope.as_str().to_owned(),
            keys: (lost.left.len() + lost.gone.len()) as u64,
            scope_keys: None,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        archive::{ArchiveReader, LineContent},
        index::Index,
        store::{Listing, memory::Memory},
    };
    use std::fs;

    /// Makes a store in which three keys were put and then all but one deleted. Returns it with the records that a
    /// deck has seen, and the revision before.
    async fn accident() -> (Memory, CompactedRecords, Revision, Vec<KeyValue>) {
        let scope = Scope::parse("/coredns").unwrap();
        let store = Memory::new(&scope);
        for key in ["a/x1", "b/x1", "c/x1"] {
            store.seed().put(format!("/coredns/{key}"), format!(r#"{{"text":"{key}"}}"#));
        }
        let Listing { records, revision, .. } = store.reader().list(&scope.range(), 0, None).await.unwrap();
        let [mut left, mut gone] = [(); 2].map(|()| Index::new(scope.clone()));
        for record in &records {
            let kept = record.key.spelled() == "/coredns/b/x1";
            if kept { &mut left } else { &mut gone }.put(record);
            if !kept {
                store.seed().delete(record.key.as_bytes());
            }
        }
        let lost = CompactedRecords {
            left: left.records().clone(),
            gone: gone.records().clone(),
            is_older_copy: false,
        };
        (store, lost, revision, records)
    }

    fn rescue(directory: &Path) -> Rescue {
        let scope = Scope::parse("/coredns").unwrap();
        Rescue { directory: Some(directory.to_owned()), scope, cluster: ClusterId(7) }
    }

    fn read(file: &str) -> Vec<KeyValue> {
        let scope = Scope::parse("/coredns").unwrap();
        let mut archive = ArchiveReader::open(Path::new(file)).unwrap();
        let mut records = Vec::new();
        while let Some(content) = archive.next().unwrap() {
            if let LineContent::Record(record) = content {
                records.push(KeyValue {
                    key: scope.key(&record.key).unwrap(),
                    value: record.value,
                    create_revision: record.create_revision,
                    mod_revision: record.mod_revision,
                    version: record.version,
                    lease: record.lease,
                });
            }
        }
        records
    }

    #[tokio::test]
    async fn what_was_there_is_read_from_the_revision_before() {
        let home = tempfile::tempdir().unwrap();
        let (store, lost, before, records) = accident().await;
        let saved = rescue(home.path()).save(&store.reader(), before, lost).await;
        let Saving::Saved { file, keys: 3, from: SavedFrom::Etcd(at) } = saved else { panic!("{saved:?}") };
        assert_eq!((at, read(&file)), (before, records));
    }

    #[tokio::test]
    async fn where_that_revision_is_compacted_what_the_deck_had_seen_is_saved() {
        let home = tempfile::tempdir().unwrap();
        let (store, lost, before, records) = accident().await;
        store.seed().compact(Revision(before.0 + 2));
        let saved = rescue(home.path()).save(&store.reader(), before, lost).await;
        let Saving::Saved { file, keys: 3, from: SavedFrom::Deck(why) } = saved else { panic!("{saved:?}") };
        assert!(why.contains("compacted"), "{why}");
        assert_eq!(read(&file), records);
    }

    #[tokio::test]
    async fn an_etcd_that_went_back_is_not_asked_for_what_it_never_had() {
        let home = tempfile::tempdir().unwrap();
        let (store, lost, before, records) = accident().await;
        // The store has other records at that revision now, and would answer with them.
        let lost = CompactedRecords { is_older_copy: true, ..lost };
        let other = Revision(before.0 - 1);
        let saved = rescue(home.path()).save(&store.reader(), other, lost).await;
        let Saving::Saved { file, keys: 3, from: SavedFrom::Deck(why) } = saved else { panic!("{saved:?}") };
        assert!(why.contains("went back"), "{why}");
        assert_eq!(read(&file), records);
    }

    #[tokio::test]
    async fn two_decks_that_see_the_same_accident_both_save_it() {
        let home = tempfile::tempdir().unwrap();
        let (store, lost, before, records) = accident().await;
        let (one, other) = (rescue(home.path()), rescue(home.path()));
        let (reader, again) = (store.reader(), store.reader());
        let saved = tokio::join!(one.save(&reader, before, lost.clone()), other.save(&again, before, lost));
        let (Saving::Saved { file, .. }, Saving::Saved { file: second, .. }) = saved else {
            panic!("{saved:?}")
        };
        assert_ne!(file, second);
        assert_eq!((read(&file), read(&second)), (records.clone(), records));
    }

    #[tokio::test]
    async fn where_nothing_can_be_written_that_is_said() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        fs::write(&file, "in the way").unwrap();
        let (store, lost, before, _) = accident().await;
        let saved = rescue(&file.join("rescued")).save(&store.reader(), before, lost).await;
        assert!(matches!(&saved, Saving::Failed(why) if why.contains("rescued")), "{saved:?}");
    }
}
