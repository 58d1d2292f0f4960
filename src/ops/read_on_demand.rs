//! Answers from a store: reads at one revision what a question needs, and nothing else.
use crate::{
    dns::{KeyContent, LeaseLeft, MissingPart, ReadPart},
    failure::Failure,
    keys::{KeyRange, KeyValue, LeaseId, OutsideScopeError, Revision, Scope},
    ops::Lister,
    remedy::Remedy,
    store::{Listing, Reader},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use std::collections::BTreeSet;

/// Reads that are under way at once.
const AT_ONCE: usize = 8;
/// Most times that a question is begun anew because etcd has compacted the revision away meanwhile.
const BEGINNINGS: u32 = 3;
/// Number of reads from which on one list of everything may be cheaper, as for a restore.
const MANY_READS: usize = 500;
/// Keys of a long list that take as long as one small read: 0.3 ms against 1.5 us (etcd 3.4.23 and 3.5.30).
const KEYS_PER_READ: u64 = 200;
/// Most times that one question finds that it needs more: each time is a step along an alias.
const MOST_ROUNDS: u32 = 1000;

/// Result of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled<T> {
    pub value: T,
    /// The revision that everything was read at; `None` when nothing had to be read.
    pub revision: Option<Revision>,
    /// Leases that could not be asked for: a credential that may read a key need not be allowed that. Keys tied to
    /// them are answered as if the leases were gone.
    pub unknown_leases: BTreeSet<LeaseId>,
}

/// Calls `ask` until everything that it wants to [know](ReadPart) is there, and reads the missing parts in between.
///
/// # Errors
/// The store's failure to read. A question for something outside the scope is one as well: nothing is sent then.
pub async fn settle<R: Reader, T>(
    reader: &R,
    scope: &Scope,
    mut ask: impl FnMut(&ReadPart) -> T,
) -> Result<Settled<T>, Failure> {
    let mut beginnings = 1;
    loop {
        match Answering::new(reader, scope).settle(&mut ask).await {
            Err(Failure::Compacted { .. }) if beginnings < BEGINNINGS => beginnings += 1,
            settled => return settled,
        }
    }
}

/// Does as [`settle`] does, at a revision at which this much is `known` already.
///
/// # Errors
/// As for [`settle`]; [`Failure::Compacted`] when etcd no longer has the revision.
pub async fn settle_at<R: Reader, T>(
    reader: &R,
    scope: &Scope,
    at: Revision,
    known: ReadPart,
    mut ask: impl FnMut(&ReadPart) -> T,
) -> Result<Settled<T>, Failure> {
    let begun = Answering { known, at: Some(at), ..Answering::new(reader, scope) };
    begun.settle(&mut ask).await
}

/// One question under way.
struct Answering<'a, R> {
    reader: &'a R,
    scope: &'a Scope,
    known: ReadPart,
    at: Option<Revision>,
    unknown_leases: BTreeSet<LeaseId>,
}

impl<'a, R: Reader> Answering<'a, R> {
    fn new(reader: &'a R, scope: &'a Scope) -> Self {
        Self { reader, scope, known: ReadPart::default(), at: None, unknown_leases: BTreeSet::new() }
    }

    async fn settle<T>(mut self, ask: &mut impl FnMut(&ReadPart) -> T) -> Result<Settled<T>, Failure> {
        for _ in 0..MOST_ROUNDS {
            let value = ask(&self.known);
            let missing = self.known.missing();
            if missing.is_empty() {
                return Ok(Settled { value, revision: self.at, unknown_leases: self.unknown_leases });
            }
            self.read(missing).await?;
        }
        Err(Failure::Other { detail: "the answer needs more reads than any answer does".to_owned() })
    }

    async fn read(&mut self, missing: MissingPart) -> Result<(), Failure> {
        let MissingPart { keys, prefixes, leases, counts } = missing;
        let reads = keys.len() + prefixes.len() + counts.len();
        if reads > MANY_READS && self.everything_is_cheaper(reads).await? {
            self.read_below(self.scope.as_str().as_bytes()).await?;
            return self.ask_for_leases(leases).await;
        }
        // A prefix below another of them is read with that one; the nearest above stands before it.
        let mut above: Option<Box<[u8]>> = None;
        for prefix in prefixes {
            if above.as_ref().is_some_and(|above| prefix.starts_with(above)) {
                continue;
            }
            self.read_below(&prefix).await?;
            above = Some(prefix);
        }
        self.count_below(counts).await?;
        let mut keys = keys.into_iter();
        // The first read of all says at which revision the others are.
        if self.at.is_none()
            && let Some(key) = keys.next()
        {
            let found = self.read_key(&key).await?;
            self.learn_key(&key, found);
        }
        let this = &*self;
        let found: Vec<_> = stream::iter(keys)
            .map(|key| async move { Ok((this.read_key(&key).await?, key)) })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        for (listing, key) in found {
            self.learn_key(&key, listing);
        }
        self.ask_for_leases(leases).await
    }

    /// Tells whether one list of the whole scope takes less time than so many small reads.
    async fn everything_is_cheaper(&mut self, reads: usize) -> Result<bool, Failure> {
        let first = self.reader.list(&self.scope.range(), 1, self.at).await?;
        self.at.get_or_insert(first.revision);
        Ok(first.total <= reads as u64 * KEYS_PER_READ)
    }

    async fn read_below(&mut self, prefix: &[u8]) -> Result<(), Failure> {
        let range = self.below(prefix)?;
        let mut lister = Lister::new(self.reader.clone(), range).at(self.at);
        let mut records = Vec::new();
        while let Some(listing) = lister.next().await {
            let listing = listing?;
            self.at.get_or_insert(listing.revision);
            records.extend(listing.records.into_iter().map(learnt));
        }
        self.known.learn_below(prefix, records);
        Ok(())
    }

    /// Counts several prefixes at once, except the first, whose answer gives the revision for the others.
    async fn count_below(&mut self, prefixes: BTreeSet<Box<[u8]>>) -> Result<(), Failure> {
        let mut prefixes = prefixes.into_iter();
        let first = if self.at.is_none() { prefixes.next() } else { None };
        if let Some(prefix) = first {
            let listing = self.reader.list(&self.below(&prefix)?, 1, self.at).await?;
            self.at.get_or_insert(listing.revision);
            self.learn_count(&prefix, &listing);
        }
        let this = &*self;
        let counted: Vec<_> =
            stream::iter(prefixes)
                .map(|prefix| async move {
                    Ok((this.reader.list(&this.below(&prefix)?, 1, this.at).await?, prefix))
                })
                .buffer_unordered(AT_ONCE)
                .try_collect()
                .await?;
        for (listing, prefix) in counted {
            self.learn_count(&prefix, &listing);
        }
        Ok(())
    }

    fn learn_count(&mut self, prefix: &[u8], listing: &Listing) {
        self.known.learn_count(prefix, usize::try_from(listing.total).unwrap_or(usize::MAX));
    }

    fn below(&self, prefix: &[u8]) -> Result<KeyRange, Failure> {
        self.scope.below(prefix.strip_suffix(b"/").unwrap_or(prefix)).map_err(|error| outside(&error))
    }

    async fn read_key(&self, key: &[u8]) -> Result<Listing, Failure> {
        self.reader.list(&only(self.scope, key).map_err(|error| outside(&error))?, 1, self.at).await
    }

    fn learn_key(&mut self, key: &[u8], listing: Listing) {
        self.at.get_or_insert(listing.revision);
        let found = listing.records.into_iter().next();
        self.known.learn_key(key, found.map(|record| learnt(record).1));
    }

    async fn ask_for_leases(&mut self, leases: BTreeSet<LeaseId>) -> Result<(), Failure> {
        let reader = self.reader;
        let mut replies = stream::iter(leases)
            .map(|lease| async move { (lease, reader.lease(lease).await) })
            .buffer_unordered(AT_ONCE);
        while let Some((lease, reply)) = replies.next().await {
            let left = match reply {
                Ok(Some(left)) => LeaseLeft::Seconds(i64::try_from(left.as_secs()).unwrap_or(i64::MAX)),
                Ok(None) => LeaseLeft::Gone,
                Err(failure)
                    if failure.is_connection() && !matches!(failure, Failure::PermissionDenied { .. }) =>
                {
                    return Err(failure);
                }
                Err(_) => {
                    self.unknown_leases.insert(lease);
                    LeaseLeft::Unknown
                }
            };
            self.known.learn_lease(lease, left);
        }
        Ok(())
    }
}

/// Tells whether anything lies at or below the top-level name of this label: without a Corefile, that makes it a
/// zone.
///
/// # Errors
/// The store's failure to read, or a label that makes no key.
pub async fn has_top(reader: &impl Reader, scope: &Scope, label: &[u8]) -> Result<bool, Failure> {
    let key = [scope.as_str().as_bytes(), label].concat();
    let below = scope.below(&key).map_err(|error| outside(&error))?;
    let found = reader.list(&below, 1, None).await?.total > 0;
    Ok(found || reader.list(&only(scope, &key).map_err(|error| outside(&error))?, 1, None).await?.total > 0)
}

/// Returns the range that holds one key. Unlike a get it can be read at a revision together with others.
fn only(scope: &Scope, key: &[u8]) -> Result<KeyRange, OutsideScopeError> {
    let key = scope.key(key)?;
    Ok(scope.range().between(key.as_bytes(), &[key.as_bytes(), &[0]].concat()))
}

fn learnt(record: KeyValue) -> (Box<[u8]>, KeyContent) {
    (record.key.as_bytes().into(), KeyContent { value: record.value, lease: record.lease })
}

/// Makes the failure for a key outside the scope, where nothing is read. The rules never ask for one.
fn outside(error: &OutsideScopeError) -> Failure {
    Failure::BadSetting { setting: "the key", value: error.to_string(), reason: error.remedy() }
}

#[cfg(test)]
mod tests;
