//! Offers: all places from which records of a scope can be put back, compared with its records now.
use super::{JournalKnowledge, KnowledgePlaces, reaches};
use crate::{
    archive::{ArchiveError, ArchiveKind, ArchiveReader, Archived, Catalogue, LineContent},
    failure::Failure,
    index::Records,
    keys::{ClusterId, Scope},
    plan::KeySelection,
    signpost::{Brings, RecoveryOffer, SavedIn},
    unread_place::UnreadPlace,
};
use jiff::Timestamp;

/// The most records that are read for the comparison, the newest files first. Other files are listed and not
/// compared.
const MOST_RECORDS: u64 = 3_000_000;
/// The most changes of the journal that are listed for one key or name.
const MOST_ENTRIES: usize = 10;

/// Saved copies, newest first, the journal last.
#[derive(Clone, Debug, Default)]
pub struct Offers {
    pub list: Vec<RecoveryOffer>,
    /// The places that could not be read.
    pub unread: Vec<UnreadPlace>,
}

/// Looks at all places, and compares them with the records as they are. Reads files: call it where blocking is
/// allowed.
#[must_use]
pub fn offers(
    places: &KnowledgePlaces,
    records: &Records,
    cluster: ClusterId,
    reach: Option<&KeySelection>,
    now: Timestamp,
) -> Offers {
    let scope = records.scope();
    let catalogue = Catalogue::of(&places.directories, scope, cluster, now);
    let mut found = Offers { list: vec![], unread: catalogue.unread().to_vec() };
    let mut left = MOST_RECORDS;
    for archived in catalogue.archives() {
        let offer = if archived.keys() <= left {
            left -= archived.keys();
            of_file(archived, records, reach)
        } else {
            listed(archived, scope, Brings::Unknown("too much to compare at once".to_owned()))
        };
        // For a key or a name, a place without any of its keys does not help.
        if reach.is_none() || offer.keys != Some(0) {
            found.list.push(offer);
        }
    }
    match JournalKnowledge::of(&places.ledger, cluster, scope) {
        Ok(written) => {
            found.list.extend(of_journal(&written, records, reach));
            found.list.extend(reach.into_iter().flat_map(|reach| of_entries(&written, reach)));
        }
        Err(failure) => found.unread.push(UnreadPlace::named("the journal", &failure)),
    }
    found
}

fn listed(archived: &Archived, scope: &Scope, brings: Brings) -> RecoveryOffer {
    let path = archived.path.clone();
    let place = match archived.heading.kind {
        ArchiveKind::Backup => SavedIn::Backup(path),
        ArchiveKind::Rescue => SavedIn::Rescue(path),
    };
    let keys = archived.scope_keys(scope);
    RecoveryOffer { place, time: archived.time(), revision: archived.heading.revision, keys, brings }
}

/// Reads one file to its end, and verifies it.
pub(super) fn of_file(archived: &Archived, records: &Records, reach: Option<&KeySelection>) -> RecoveryOffer {
    let scope = records.scope();
    match compared(archived, records, reach) {
        Ok((keys, brings)) => RecoveryOffer { keys: Some(keys), ..listed(archived, scope, brings) },
        Err(wrong) => {
            RecoveryOffer { keys: None, ..listed(archived, scope, Brings::Unknown(wrong.to_string())) }
        }
    }
}

fn compared(
    archived: &Archived,
    records: &Records,
    reach: Option<&KeySelection>,
) -> Result<(u64, Brings), ArchiveError> {
    let mut reader = ArchiveReader::open(&archived.path)?;
    if *reader.heading() != archived.heading {
        return Err(ArchiveError::Replaced);
    }
    let (mut keys, mut away, mut differing) = (0, 0, 0);
    while let Some(content) = reader.next()? {
        let LineContent::Record(record) = content else { continue };
        let Ok(key) = records.scope().key(&record.key) else { continue };
        if !reaches(reach, &key) {
            continue;
        }
        keys += 1;
        match records.get(&record.key) {
            None => away += 1,
            Some(is) if is.value != record.value => differing += 1,
            Some(_) => {}
        }
    }
    Ok((keys, Brings::Compared { away, differing }))
}

/// Returns the last values that the journal has, if it has any.
pub(super) fn of_journal(
    written: &JournalKnowledge,
    records: &Records,
    reach: Option<&KeySelection>,
) -> Option<RecoveryOffer> {
    let saved = written.saved(reach);
    let (time, revision) = written.last()?;
    let (mut away, mut differing) = (0, 0);
    for key in &saved {
        match records.get(key.key.as_bytes()) {
            None => away += 1,
            Some(is) if is.value != key.value => differing += 1,
            Some(_) => {}
        }
    }
    let (keys, brings) = (saved.len() as u64, Brings::Compared { away, differing });
    (keys > 0).then_some(RecoveryOffer { place: SavedIn::Journal, time, revision, keys: Some(keys), brings })
}

fn of_entries(written: &JournalKnowledge, reach: &KeySelection) -> Vec<RecoveryOffer> {
    let entries = written.entries(reach).take(MOST_ENTRIES);
    entries
        .map(|(heading, keys)| RecoveryOffer {
            place: SavedIn::Entry(heading.id.clone()),
            time: heading.time,
            revision: heading.read_at,
            keys: Some(keys),
            brings: Brings::Unknown("its undo says it".to_owned()),
        })
        .collect()
}

/// Does the same for a scope, whose records it reads first.
///
/// # Errors
/// The store's failure to read the scope.
pub async fn offers_now(
    places: &KnowledgePlaces,
    reader: &impl crate::store::Reader,
    scope: &Scope,
    cluster: ClusterId,
    reach: Option<&KeySelection>,
) -> Result<Offers, Failure> {
    let index = crate::ops::index_of(reader, scope).await?;
    let (places, records, reach) = (places.clone(), index.records().clone(), reach.cloned());
    let looked = tokio::task::spawn_blocking(move || {
        offers(&places, &records, cluster, reach.as_ref(), Timestamp::now())
    });
    // Looking does not panic; if it ever does, its panic goes on here.
    Ok(looked.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())))
}
