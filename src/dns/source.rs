//! Sources of records: they give the rules the same reads that `CoreDNS` makes of etcd, whatever holds the records.

use crate::keys::LeaseId;
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::{Bound, ControlFlow},
};

/// One stored record, borrowed from its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredRecord<'s> {
    /// The key as etcd has it.
    pub key: &'s [u8],
    pub value: &'s [u8],
    pub lease: Option<LeaseId>,
}

/// Time that a lease has left, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseLeft {
    /// Whole seconds, as etcd's `TimeToLive` tells them.
    Seconds(i64),
    /// etcd has no such lease any more; `CoreDNS` goes on as if the record had none.
    Gone,
    /// Nobody has asked.
    Unknown,
}

/// Takes one record and tells whether the next is wanted.
pub type Visit<'v> = &'v mut dyn FnMut(StoredRecord<'_>) -> ControlFlow<()>;

/// Records that can be read as `CoreDNS` reads them: a single key, or all keys below one.
pub trait RecordSource {
    /// Visits the record of exactly this key, if there is one.
    fn at(&self, key: &[u8], visit: Visit<'_>);

    /// Visits, in the order of their bytes, the records whose keys start with `prefix`, which ends with a slash.
    fn below(&self, prefix: &[u8], visit: Visit<'_>);

    /// Returns the time that a lease has left.
    fn lease_left(&self, lease: LeaseId) -> LeaseLeft;

    /// Returns the number of records that [`below`](Self::below) would visit.
    fn count_below(&self, prefix: &[u8]) -> usize {
        let mut count = 0;
        self.below(prefix, &mut |_| {
            count += 1;
            ControlFlow::Continue(())
        });
        count
    }

    /// Returns the content of exactly this key.
    fn content(&self, key: &[u8]) -> Option<KeyContent> {
        let mut content = None;
        self.at(key, &mut |record| {
            content = Some(KeyContent { value: record.value.into(), lease: record.lease });
            ControlFlow::Break(())
        });
        content
    }

    /// Tells whether there is a record of exactly this key.
    fn has(&self, key: &[u8]) -> bool {
        let mut found = false;
        self.at(key, &mut |_| {
            found = true;
            ControlFlow::Break(())
        });
        found
    }
}

/// A source as it would be after some changes.
#[derive(Debug)]
pub struct ChangedSource<'s, S: ?Sized> {
    before: &'s S,
    /// Content of these keys afterwards; `None` for a deleted key.
    changes: BTreeMap<Box<[u8]>, Option<KeyContent>>,
}

/// Content of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyContent {
    pub value: Box<[u8]>,
    pub lease: Option<LeaseId>,
}

impl KeyContent {
    fn stored<'s>(&'s self, key: &'s [u8]) -> StoredRecord<'s> {
        StoredRecord { key, value: &self.value, lease: self.lease }
    }
}

impl<'s, S: RecordSource + ?Sized> ChangedSource<'s, S> {
    /// Returns `before` with these keys set, or deleted where there is `None`.
    #[must_use]
    pub fn new(before: &'s S, changes: impl IntoIterator<Item = (Box<[u8]>, Option<KeyContent>)>) -> Self {
        Self { before, changes: changes.into_iter().collect() }
    }
}

impl<S: RecordSource + ?Sized> RecordSource for ChangedSource<'_, S> {
    fn at(&self, key: &[u8], visit: Visit<'_>) {
        match self.changes.get(key) {
            None => self.before.at(key, visit),
            Some(None) => {}
            Some(Some(content)) => {
                let _ = visit(content.stored(key));
            }
        }
    }

    fn below(&self, prefix: &[u8], visit: Visit<'_>) {
        let mut ours = self
            .changes
            .range::<[u8], _>((Bound::Included(prefix), Bound::Unbounded))
            .take_while(|(key, _)| key.starts_with(prefix))
            .peekable();
        let mut stopped = false;
        self.before.below(prefix, &mut |record| {
            while let Some((key, content)) = ours.next_if(|(key, _)| key.as_ref() < record.key) {
                if let Some(content) = content
                    && visit(content.stored(key)).is_break()
                {
                    stopped = true;
                    return ControlFlow::Break(());
                }
            }
            let flow = match ours.next_if(|(key, _)| key.as_ref() == record.key) {
                None => visit(record),
                Some((_, None)) => ControlFlow::Continue(()),
                Some((key, Some(content))) => visit(content.stored(key)),
            };
            stopped = flow.is_break();
            flow
        });
        if !stopped {
            for (key, content) in ours {
                if let Some(content) = content
                    && visit(content.stored(key)).is_break()
                {
                    return;
                }
            }
        }
    }

    fn lease_left(&self, lease: LeaseId) -> LeaseLeft {
        self.before.lease_left(lease)
    }

    fn count_below(&self, prefix: &[u8]) -> usize {
        let ours = self
            .changes
            .range::<[u8], _>((Bound::Included(prefix), Bound::Unbounded))
            .take_while(|(key, _)| key.starts_with(prefix));
        let mut count = self.before.count_below(prefix);
        for (key, content) in ours {
            match (self.before.has(key), content) {
                (true, None) => count = count.saturating_sub(1),
                (false, Some(_)) => count = count.saturating_add(1),
                (true, Some(_)) | (false, None) => {}
            }
        }
        count
    }
}

/// The part of a scope that has been read so far. A read outside this part is noted as missing and gets no answer. So a
/// caller looks at [`missing`](Self::missing) after each answer, reads that, and asks again. That way a question about
/// one name reads only what `CoreDNS` would read for it.
#[derive(Debug, Default)]
pub struct ReadPart {
    records: BTreeMap<Box<[u8]>, KeyContent>,
    keys: BTreeSet<Box<[u8]>>,
    prefixes: BTreeSet<Box<[u8]>>,
    leases: HashMap<LeaseId, LeaseLeft>,
    everything: bool,
    /// Number of records below each prefix that is too large to be read.
    counts: BTreeMap<Box<[u8]>, usize>,
    missing: RefCell<MissingPart>,
}

/// Parts of the scope that a question needs and nobody has read yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MissingPart {
    pub keys: BTreeSet<Box<[u8]>>,
    /// Each ends with a slash.
    pub prefixes: BTreeSet<Box<[u8]>>,
    pub leases: BTreeSet<LeaseId>,
    /// Prefixes for which only the number of records is needed. Each ends with a slash.
    pub counts: BTreeSet<Box<[u8]>>,
}

impl MissingPart {
    /// Tells whether nothing is missing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.prefixes.is_empty() && self.leases.is_empty() && self.counts.is_empty()
    }
}

impl ReadPart {
    /// Makes a source of all records of the scope: only leases can be missing.
    #[must_use]
    pub fn everything(records: impl IntoIterator<Item = (Box<[u8]>, KeyContent)>) -> Self {
        Self { records: records.into_iter().collect(), everything: true, ..Self::default() }
    }

    /// Notes that this key was read, and its content.
    pub fn learn_key(&mut self, key: &[u8], content: Option<KeyContent>) {
        self.keys.insert(key.into());
        self.records.extend(content.map(|content| (Box::from(key), content)));
    }

    /// Notes that all keys below this prefix were read.
    pub fn learn_below(&mut self, prefix: &[u8], records: impl IntoIterator<Item = (Box<[u8]>, KeyContent)>) {
        self.prefixes.insert(prefix.into());
        self.records.extend(records);
    }

    /// Notes the number of records below this prefix.
    pub fn learn_count(&mut self, prefix: &[u8], records: usize) {
        self.counts.insert(prefix.into(), records);
    }

    /// Notes the time that this lease has left.
    pub fn learn_lease(&mut self, lease: LeaseId, left: LeaseLeft) {
        self.leases.insert(lease, left);
    }

    /// Returns the records read so far, in key order.
    pub fn records(&self) -> impl Iterator<Item = StoredRecord<'_>> {
        self.records.iter().map(|(key, content)| content.stored(key))
    }

    /// Tells whether these are all records of the scope.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.everything
    }

    /// Takes the list of missing parts. An answer that was made while a part is missing is not valid.
    #[must_use]
    pub fn missing(&mut self) -> MissingPart {
        std::mem::take(self.missing.get_mut())
    }

    fn covers(&self, key: &[u8]) -> bool {
        self.everything
            || key
                .iter()
                .enumerate()
                .filter(|(_, byte)| **byte == b'/')
                .any(|(at, _)| key.get(..=at).is_some_and(|prefix| self.prefixes.contains(prefix)))
    }
}

impl RecordSource for ReadPart {
    fn at(&self, key: &[u8], visit: Visit<'_>) {
        if let Some(content) = self.records.get(key) {
            let _ = visit(content.stored(key));
        } else if !self.keys.contains(key) && !self.covers(key) {
            self.missing.borrow_mut().keys.insert(key.into());
        }
    }

    fn below(&self, prefix: &[u8], visit: Visit<'_>) {
        if !self.covers(prefix) {
            self.missing.borrow_mut().prefixes.insert(prefix.into());
            return;
        }
        let records = self.records.range::<[u8], _>((Bound::Included(prefix), Bound::Unbounded));
        for (key, content) in records.take_while(|(key, _)| key.starts_with(prefix)) {
            if visit(content.stored(key)).is_break() {
                return;
            }
        }
    }

    fn lease_left(&self, lease: LeaseId) -> LeaseLeft {
        self.leases.get(&lease).copied().unwrap_or_else(|| {
            self.missing.borrow_mut().leases.insert(lease);
            LeaseLeft::Unknown
        })
    }

    /// Returns more than anybody reads until the records are counted: a count must not read a large prefix.
    fn count_below(&self, prefix: &[u8]) -> usize {
        if self.covers(prefix) {
            let from = (Bound::Included(prefix), Bound::Unbounded);
            return self
                .records
                .range::<[u8], _>(from)
                .take_while(|(key, _)| key.starts_with(prefix))
                .count();
        }
        self.counts.get(prefix).copied().unwrap_or_else(|| {
            self.missing.borrow_mut().counts.insert(prefix.into());
            usize::MAX
        })
    }
}

/// A source with the times that its leases have left.
#[derive(Debug)]
pub struct Leased<'s, S: ?Sized> {
    pub records: &'s S,
    pub leases: &'s HashMap<LeaseId, LeaseLeft>,
}

impl<S: RecordSource + ?Sized> RecordSource for Leased<'_, S> {
    fn at(&self, key: &[u8], visit: Visit<'_>) {
        self.records.at(key, visit);
    }

    fn below(&self, prefix: &[u8], visit: Visit<'_>) {
        self.records.below(prefix, visit);
    }

    fn lease_left(&self, lease: LeaseId) -> LeaseLeft {
        self.leases.get(&lease).copied().unwrap_or(LeaseLeft::Unknown)
    }

    fn count_below(&self, prefix: &[u8]) -> usize {
        self.records.count_below(prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn content() -> KeyContent {
        KeyContent { value: b"{}".as_slice().into(), lease: None }
    }

    fn any_keys() -> impl Strategy<Value = BTreeSet<String>> {
        prop::collection::btree_set("/c(/[ab]){1,3}", 0..8)
    }

    proptest! {
        #[test]
        fn what_is_counted_is_what_would_be_visited(
            there in any_keys(), put in any_keys(), deleted in any_keys(), prefix in "/c/([ab]/){0,2}",
        ) {
            let bytes = |key: &String| Box::<[u8]>::from(key.as_bytes());
            let known = ReadPart::everything(there.iter().map(|key| (bytes(key), content())));
            let put = put.iter().map(|key| (bytes(key), Some(content())));
            let changed = ChangedSource::new(&known, put.chain(deleted.iter().map(|key| (bytes(key), None))));
            for source in [&known as &dyn RecordSource, &changed] {
                let mut visited = 0;
                source.below(prefix.as_bytes(), &mut |_| {
                    visited += 1;
                    ControlFlow::Continue(())
                });
                prop_assert_eq!(source.count_below(prefix.as_bytes()), visited);
            }
        }
    }

    #[test]
    fn counting_reads_nothing_and_is_asked_for_once() {
        let mut known = ReadPart::default();
        assert_eq!(known.count_below(b"/c/a/"), usize::MAX, "an unknown number is none that is small enough");
        let missing = known.missing();
        assert!(missing.prefixes.is_empty() && missing.counts.len() == 1 && !missing.is_empty());
        known.learn_count(b"/c/a/", 7);
        assert_eq!(known.count_below(b"/c/a/"), 7);
        assert!(known.missing().is_empty());
        known.learn_below(b"/c/", [(Box::from(&b"/c/a/x"[..]), content())]);
        assert_eq!(known.count_below(b"/c/a/"), 1, "what was read is better than what was counted");
    }
}
