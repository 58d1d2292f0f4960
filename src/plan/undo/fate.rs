//! Fate of one change when its entry is taken back.
use super::past::{ChangeKnowledge, Past};
use crate::{
    keys::{KeyValue, Revision, ScopedKey},
    plan::{Change, EntryId, KeyEdit, MadeVerdict},
};
use std::{collections::HashMap, fmt};

/// One change of an entry, and its fate in an undo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoItem {
    pub change: Change,
    pub fate: UndoStatus,
}

/// Fate of a change in an undo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UndoStatus {
    /// This takes it back.
    Open(KeyEdit),
    /// Its keys are as they were before it, whoever has made them so.
    Back,
    /// It was never made.
    NeverMade,
    /// Somebody has written since, or nobody knows whether it was made.
    Conflict(Box<UndoConflict>),
}

/// Reason why a change is not taken back: that would overwrite a later write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoConflict {
    /// The key that is not as the change left it.
    pub key: ScopedKey,
    pub why: Since,
    /// The record that is there now.
    pub is: Option<KeyValue>,
    /// The value that would be put; `None` where the key would be deleted.
    pub would_put: Option<Box<[u8]>>,
    /// The later entry of the same journal that wrote the key, if one did: once that is taken back, it is no longer in
    /// the way.
    pub by: Option<EntryId>,
}

/// Event at a key since the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// Written again, perhaps with the same value.
    Changed(Revision),
    /// Deleted and made again, or made where it was gone.
    Recreated(Revision),
    Deleted,
    /// Nobody can tell from the present record whether the change itself was ever made.
    Unclear,
}

/// The entries from one on, as the writers of their keys.
pub(super) struct Writers<'p> {
    past: &'p Past,
    /// For each key the later changes of it that may have been made, oldest first.
    later: HashMap<&'p ScopedKey, Vec<(&'p Past, &'p Change)>>,
}

impl<'p> Writers<'p> {
    pub(super) fn of(past: &'p Past, later: &'p [Past]) -> Self {
        let mut writers: HashMap<&ScopedKey, Vec<(&Past, &Change)>> =
            past.changes.iter().flat_map(Change::keys).map(|key| (key, vec![])).collect();
        for entry in later {
            for change in
                entry.changes.iter().filter(|change| entry.made.of(change) != ChangeKnowledge::NotMade)
            {
                for key in change.keys() {
                    if let Some(changes) = writers.get_mut(key) {
                        changes.push((entry, change));
                    }
                }
            }
        }
        Self { past, later: writers }
    }

    fn later(&self, key: &ScopedKey) -> &[(&'p Past, &'p Change)] {
        self.later.get(key).map(Vec::as_slice).unwrap_or_default()
    }

    /// Tells whether only this journal's own entries have written `key` since `change`, so that they have covered no
    /// write of anybody else. Each must have found there the record that the one before it had left, and the last one
    /// `is`.
    fn are_alone(&self, change: &Change, key: &ScopedKey, is: Option<&KeyValue>) -> bool {
        let later = self.later(key);
        let mut last = (self.past, change);
        for (place, (entry, next)) in later.iter().enumerate() {
            let seen = later.get(place + 1).map_or(is, |(_, after)| after.before_at(key));
            if entry.made.of(next) == ChangeKnowledge::Unsure && !left(entry, next, key, seen) {
                continue;
            }
            if !left(last.0, last.1, key, next.before_at(key)) {
                return false;
            }
            last = (entry, next);
        }
        left(last.0, last.1, key, is)
    }

    /// Returns the later entry that has left the present record at `key`, if one has.
    fn later_writer(&self, key: &ScopedKey, is: Option<&KeyValue>) -> Option<&'p EntryId> {
        let mut newest_first = self.later(key).iter().rev();
        newest_first.find(|(entry, later)| left(entry, later, key, is)).map(|(entry, _)| &entry.entry)
    }

    /// Returns the record at `key` right after the entry, as far as anybody has looked: when the next one was planned,
    /// or now.
    fn seen_after<'n>(&self, key: &ScopedKey, is: Option<&'n KeyValue>) -> Option<&'n KeyValue>
    where
        'p: 'n,
    {
        match self.later(key).first() {
            Some((_, next)) => next.before_at(key),
            None => is,
        }
    }
}

/// Tells whether `change` of `entry` has left `is`. A key that was made after all of the entry is another one.
fn left(entry: &Past, change: &Change, key: &ScopedKey, is: Option<&KeyValue>) -> bool {
    let later_than = |last: Revision| is.is_some_and(|is| is.mod_revision > last);
    change.has_left(key, is) && !entry.made.last().is_some_and(later_than)
}

impl UndoStatus {
    pub(super) fn of<'n>(
        change: &Change,
        writers: &Writers<'n>,
        now: impl Fn(&ScopedKey) -> Option<&'n KeyValue>,
    ) -> Self {
        let unsure = match writers.past.made.of(change) {
            ChangeKnowledge::NotMade => return Self::NeverMade,
            ChangeKnowledge::Made => false,
            ChangeKnowledge::Unsure => match change.verdict(|key| writers.seen_after(key, now(key))) {
                MadeVerdict::DidNot => return Self::NeverMade,
                MadeVerdict::Happened => false,
                MadeVerdict::Unclear => true,
            },
        };
        let judge = Judge { change, writers, unsure };
        match change {
            Change::Create { key, value, .. } => match now(key) {
                None => Self::Back,
                Some(is) if judge.stands(key, is, value) => {
                    Self::Open(KeyEdit::Delete { key: key.clone(), before: is.value.clone() })
                }
                Some(is) => judge.clash(key, Some(is), None),
            },
            Change::Update { before, value } => match now(&before.key) {
                Some(is) if is.value == before.value => Self::Back,
                Some(is) if judge.stands(&before.key, is, value) => Self::Open(KeyEdit::Update {
                    key: before.key.clone(),
                    before: is.value.clone(),
                    value: before.value.clone(),
                }),
                is => judge.clash(&before.key, is, Some(&before.value)),
            },
            Change::Delete { before } => match now(&before.key) {
                None => Self::Open(KeyEdit::Create {
                    key: before.key.clone(),
                    value: before.value.clone(),
                    lease: before.lease,
                }),
                Some(is) if is.value == before.value => Self::Back,
                is => judge.clash(&before.key, is, Some(&before.value)),
            },
            Change::Move { before, to } => match (now(&before.key), now(to)) {
                (Some(is), None) if is.value == before.value => Self::Back,
                (None, Some(is)) if judge.stands(to, is, &before.value) => {
                    Self::Open(KeyEdit::Move { from: to.clone(), to: before.key.clone() })
                }
                (None, is) => judge.clash(to, is, Some(&before.value)),
                (is, _) => judge.clash(&before.key, is, Some(&before.value)),
            },
        }
    }
}

/// Judge of the records at the keys of one change.
struct Judge<'a, 'p> {
    change: &'a Change,
    writers: &'a Writers<'p>,
    /// True if nobody can tell whether the change was made at all.
    unsure: bool,
}

impl Judge<'_, '_> {
    /// Tells whether `is` is this value, and nobody else's.
    fn stands(&self, key: &ScopedKey, is: &KeyValue, value: &[u8]) -> bool {
        !self.unsure && *is.value == *value && self.writers.are_alone(self.change, key, Some(is))
    }

    fn clash(&self, key: &ScopedKey, is: Option<&KeyValue>, would_put: Option<&[u8]>) -> UndoStatus {
        let by = self.writers.later_writer(key, is).cloned();
        let made_at = self.change.before_at(key).map(|before| before.create_revision);
        let why = match is {
            _ if self.unsure && by.is_none() => Since::Unclear,
            None => Since::Deleted,
            Some(is) if made_at.map_or(is.version == 1, |at| at != is.create_revision) => {
                Since::Recreated(is.create_revision)
            }
            Some(is) => Since::Changed(is.mod_revision),
        };
        let (key, would_put) = (key.clone(), would_put.map(Box::from));
        UndoStatus::Conflict(Box::new(UndoConflict { key, why, is: is.cloned(), would_put, by }))
    }
}

impl fmt::Display for UndoConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, why, by, .. } = self;
        match why {
            Since::Changed(at) => write!(f, "{key} was written again at revision {at}")?,
            Since::Recreated(at) => write!(f, "{key} was made again at revision {at}")?,
            Since::Deleted => write!(f, "{key} was deleted since")?,
            Since::Unclear => write!(f, "whether {key} was changed cannot be told from what is there now")?,
        }
        if let Some(EntryId(by)) = by {
            write!(f, ", by entry {by}")?;
        }
        Ok(())
    }
}

impl fmt::Display for UndoItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.fate {
            UndoStatus::Open(KeyEdit::Create { key, .. }) => write!(f, "make {key} again"),
            UndoStatus::Open(KeyEdit::Update { key, .. }) => write!(f, "give {key} its former value"),
            UndoStatus::Open(KeyEdit::Delete { key, .. }) => write!(f, "delete {key}, which it made"),
            UndoStatus::Open(KeyEdit::Move { from, to }) => write!(f, "move {from} back to {to}"),
            UndoStatus::Back => write!(f, "{} is back already", self.change.key()),
            UndoStatus::NeverMade => write!(f, "{} was never changed by it", self.change.key()),
            UndoStatus::Conflict(clash) => clash.fmt(f),
        }
    }
}
