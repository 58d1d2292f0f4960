//! Journal of this machine as a source of records: its last write to each key, and its own deletions.
use super::reaches;
use crate::{
    failure::Failure,
    journal::{EntryHeading, JournalEntry, Ledger, RecordedOutcome},
    keys::{ClusterId, LeaseId, Revision, Scope, ScopedKey},
    plan::{Change, KeySelection, SavedKey},
    signpost::{OwnDeletion, OwnDeletions},
};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The most changes that are read, the newest ones: nobody waits for a journal of years.
const MOST: usize = 200_000;

/// Kinds of entries that may bring back earlier keys; `bulk` may undo a mass deletion as well.
const RETURNS: [&str; 7] = ["restore", "put_back", "undo", "finish", "bulk", "import", "apply"];

/// Content of the journal for one scope of one cluster.
#[derive(Debug, Default)]
pub struct JournalKnowledge {
    /// The keys that it has written and not deleted again.
    values: BTreeMap<ScopedKey, LastWrite>,
    pub own: OwnDeletions,
    /// The changes, newest first, each with its keys.
    entries: Vec<(EntryHeading, Vec<ScopedKey>)>,
}

#[derive(Debug)]
struct LastWrite {
    value: Box<[u8]>,
    lease: Option<LeaseId>,
    revision: Revision,
    time: Timestamp,
}

impl JournalKnowledge {
    /// Reads the journal. Call it where blocking is allowed.
    ///
    /// # Errors
    /// [`Failure::JournalUnreadable`].
    pub fn of(ledger: &Ledger, cluster: ClusterId, scope: &Scope) -> Result<Self, Failure> {
        let contents = ledger.contents()?;
        let ours = |heading: &EntryHeading| heading.cluster == cluster && heading.scope == scope.as_str();
        let (mut numbers, mut changes) = (vec![], 0);
        for (number, heading) in contents.headings().iter().enumerate().rev().filter(|(_, is)| ours(is)) {
            changes += heading.changes;
            if changes > MOST {
                break;
            }
            numbers.push(number);
        }
        let mut written = Self::default();
        for number in numbers.into_iter().rev() {
            let Some(entry) = contents.entry(number)? else { continue };
            // The journal itself reports an entry that cannot be read.
            if let Ok(changes) = entry.changes(scope) {
                written.take(&entry, changes, contents.headings().get(number));
            }
        }
        written.entries.reverse();
        Ok(written)
    }

    fn take(&mut self, entry: &JournalEntry, changes: Vec<Change>, heading: Option<&EntryHeading>) {
        let (until, done) = match &entry.outcome {
            Some(RecordedOutcome::Done { revision, .. }) => (*revision, None),
            Some(RecordedOutcome::Partly { done, .. } | RecordedOutcome::Unknown { done, .. }) => {
                (Revision(entry.read_at.0 + 1), Some(done))
            }
            Some(RecordedOutcome::NothingChanged { .. }) | None => return,
        };
        let time = heading.and_then(|heading| heading.concluded).unwrap_or(entry.time);
        let mut own = OwnDeletion {
            from: entry.read_at,
            until,
            time,
            keys: [].into(),
            made: [].into(),
            is_return: RETURNS.contains(&&*entry.kind),
        };
        let mut keys = vec![];
        for change in changes {
            if done.is_some_and(|done| !done.contains(&change.key().spelled())) {
                continue;
            }
            keys.extend(change.keys().cloned());
            let mut put = |key: ScopedKey, value: Box<[u8]>, lease| {
                self.values.insert(key, LastWrite { value, lease, revision: until, time });
            };
            match change {
                Change::Create { key, value, lease } => {
                    own.made.insert(key.clone());
                    put(key, value, lease);
                }
                Change::Update { before, value } => put(before.key, value, before.lease),
                Change::Move { before, to } => {
                    // One key goes and one comes, so their number stays.
                    put(to, before.value, before.lease);
                    self.values.remove(&before.key);
                }
                Change::Delete { before } => {
                    self.values.remove(&before.key);
                    own.keys.insert(before.key);
                }
            }
        }
        self.own.0.push(own);
        self.entries.extend(heading.map(|heading| (heading.clone(), keys)));
    }

    /// Returns the keys that it has written, with their last values, as far as `reach` asks for them.
    #[must_use]
    pub fn saved(&self, reach: Option<&KeySelection>) -> Vec<SavedKey> {
        let wanted = self.values.iter().filter(|(key, _)| reaches(reach, key));
        wanted
            .map(|(key, last)| SavedKey { key: key.clone(), value: last.value.clone(), lease: last.lease })
            .collect()
    }

    /// Returns the time and the revision at which the last of its keys was written.
    #[must_use]
    pub fn last(&self) -> Option<(Timestamp, Revision)> {
        self.values.values().map(|last| (last.time, last.revision)).max()
    }

    /// Returns the newest changes of the keys that somebody asks about.
    pub fn entries<'w>(&'w self, reach: &'w KeySelection) -> impl Iterator<Item = (&'w EntryHeading, u64)> {
        self.entries.iter().filter_map(move |(heading, keys)| {
            let of_it = keys.iter().filter(|key| reaches(Some(reach), key)).count() as u64;
            (of_it > 0).then_some((heading, of_it))
        })
    }
}
