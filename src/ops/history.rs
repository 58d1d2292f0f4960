//! History of a key or a name, as far as a store still knows: read from etcd's own revisions, until they are
//! compacted. A Kubernetes API server asks for that about every five minutes.
use crate::{
    failure::Failure,
    keys::{KeyRange, KeyValue, Revision, Scope, ScopedKey},
    ops::Lister,
    store::{Event, Reader},
};

/// Most times that the reading is begun when history is compacted meanwhile.
const BEGINNINGS: u32 = 3;

/// Sentence about a past that is not [vouched](crate::store::PastChanges::vouched) for.
pub const NOT_VOUCHED: &str = "Who answers there does not say how far it has told the past (a proxy of etcd never does): \
                               deletions of the last moments may be missing.";

/// The versions of a key, or of all keys of a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The oldest revision that can still be read. Anything before is compacted, or never was when this is 1.
    pub oldest: Revision,
    /// All changes up to this revision are in here.
    pub until: Revision,
    /// Versions in the order of revisions. The one that stood at `oldest` already comes first, with the revisions of
    /// its writing.
    pub versions: Vec<Event>,
    /// Number of older versions that are not in here.
    pub left_out: u64,
    /// True if etcd said that nothing is missing; see [`PastChanges::vouched`](crate::store::PastChanges::vouched).
    pub vouched: bool,
}

/// Reads the history of a key, of the keys below a name, or of both; at most the newest `most` versions.
///
/// # Errors
/// The store's failure to read. [`Failure::Compacted`] when etcd compacts history faster than it can be read.
pub async fn history(
    reader: &impl Reader,
    scope: &Scope,
    own: Option<&ScopedKey>,
    below: Option<&KeyRange>,
    most: usize,
) -> Result<History, Failure> {
    let ranges: Vec<KeyRange> = own.map(|key| scope.only(key)).into_iter().chain(below.cloned()).collect();
    let mut beginnings = 1;
    loop {
        match read(reader, &ranges, most).await {
            Err(Failure::Compacted { .. }) if beginnings < BEGINNINGS => beginnings += 1,
            done => return done,
        }
    }
}

async fn read(reader: &impl Reader, ranges: &[KeyRange], most: usize) -> Result<History, Failure> {
    let mut pasts = Vec::new();
    for range in ranges {
        pasts.push(reader.past(range, most).await?);
    }
    let oldest = pasts.iter().map(|past| past.oldest).max().unwrap_or_default();
    let until = pasts.iter().map(|past| past.until).min().unwrap_or_default();
    let vouched = pasts.iter().all(|past| past.vouched);
    let mut left_out = 0;
    let mut versions: Vec<Event> = Vec::new();
    for past in pasts {
        left_out += past.left_out;
        // One range was read after the other: events that only one of them can have are dropped.
        versions.extend(
            past.events.into_iter().filter(|event| oldest < event.revision() && event.revision() <= until),
        );
    }
    for range in ranges {
        let mut lister = Lister::new(reader.clone(), range.clone()).at(Some(oldest));
        while let Some(listing) = lister.next().await {
            versions.extend(listing?.records.into_iter().map(Event::Put));
            left_out += keep_newest(&mut versions, most);
        }
    }
    left_out += keep_newest(&mut versions, most);
    versions.sort_by(|a, b| (a.revision(), a.key()).cmp(&(b.revision(), b.key())));
    Ok(History { oldest, until, versions, left_out, vouched })
}

/// Drops the oldest beyond `most`, and returns their number. They are counted off in batches, because a range may
/// hold a million keys.
fn keep_newest(versions: &mut Vec<Event>, most: usize) -> u64 {
    let Some(more) = versions.len().checked_sub(most) else { return 0 };
    versions.sort_by(|a, b| (a.revision(), a.key()).cmp(&(b.revision(), b.key())));
    versions.drain(..more);
    more as u64
}

/// Reads the records of a key, and below a name, at a revision; in key order.
///
/// # Errors
/// [`Failure::Compacted`] when etcd no longer has the revision, [`Failure::NotYet`] when it is still to come, and
/// the store's other failures to read.
pub async fn state_at(
    reader: &impl Reader,
    scope: &Scope,
    own: Option<&ScopedKey>,
    below: Option<&KeyRange>,
    at: Revision,
) -> Result<Vec<KeyValue>, Failure> {
    // etcd takes 0 and less for "now".
    if at.0 < 1 {
        return Err(Failure::Compacted { asked: at });
    }
    let mut records = Vec::new();
    for range in own.map(|key| scope.only(key)).into_iter().chain(below.cloned()) {
        let mut lister = Lister::new(reader.clone(), range).at(Some(at));
        while let Some(listing) = lister.next().await {
            records.extend(listing?.records);
        }
    }
    records.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(records)
}
