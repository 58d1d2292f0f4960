//! Last large deletion: the largest one that etcd still knows of, found and described for `rescue --last`.
use super::{Exit, command_error::CommandError, output::say_safely};
use crate::{
    failure::Failure,
    keys::{ForeignRange, Scope, TENANTS},
    ops::NOT_VOUCHED,
    quantity::{counted, grouped},
    store::{DeletionsHeard, ForeignCounts, ForeignDeletions},
    way_back::{DeletionLog, DeletionRun},
};
use serde::Serialize;
use std::collections::BTreeMap;

/// The most attempts if etcd compacts its history while it is read.
const TRIES: u32 = 3;
/// The most prefixes whose keys are counted before and after.
const COUNTED: usize = 8;

/// Found deletion, with the numbers of keys.
#[derive(Clone, Debug)]
pub(super) struct LastDeletion {
    pub(super) deletion: DeletionRun,
    /// The revisions between which deletions were looked for.
    heard: DeletionsHeard,
    /// The numbers of keys by prefix, before and now; without a prefix that could not be counted.
    counts: BTreeMap<String, (u64, u64)>,
    others: Vec<DeletionRun>,
}

/// Deletion as JSON has it.
#[derive(Serialize)]
pub(super) struct LastDeletionLine {
    /// The deletion's own revision; of several the first.
    revision: i64,
    last_revision: i64,
    keys: u64,
    /// The numbers of these keys by top-level prefix.
    by_prefix: BTreeMap<String, u64>,
    /// The number of events, leases and the like, which come and go by themselves.
    passing: u64,
    oldest_revision: i64,
}

/// Finds the deletion. Only deleted keys and numbers are read, and no values.
pub(super) async fn find<F: ForeignDeletions, C: ForeignCounts>(
    foreign: &F,
    counts: &C,
    scope: &Scope,
) -> Result<LastDeletion, CommandError> {
    let (heard, mut found) = read(foreign, scope).await.map_err(|failure| refused(&failure))?;
    if found.is_empty() {
        return Err(CommandError::new(
            Exit::Failed,
            format!(
                "etcd knows of no deletion: revision {} is the oldest that it has, and no key was deleted since",
                heard.oldest
            ),
            "What was deleted before that is in a backup (coredeck restore) or in a snapshot of etcd.",
        ));
    }
    let deletion = found.remove(0);
    let counts = count(counts, &deletion).await;
    Ok(LastDeletion { deletion, heard, counts, others: found })
}

async fn read<F: ForeignDeletions>(
    foreign: &F,
    scope: &Scope,
) -> Result<(DeletionsHeard, Vec<DeletionRun>), Failure> {
    let mut tries = 1;
    loop {
        let mut log = DeletionLog::new(scope.as_str());
        let heard = foreign.deletions(&ForeignRange::all(), |revision, key| log.add(revision, key)).await;
        match heard {
            Ok(heard) => return Ok((heard, log.largest())),
            Err(Failure::Compacted { .. }) if tries < TRIES => tries += 1,
            Err(failure) => return Err(failure),
        }
    }
}

/// Returns the numbers of keys of each prefix right before the deletion, and now.
async fn count<C: ForeignCounts>(counts: &C, deletion: &DeletionRun) -> BTreeMap<String, (u64, u64)> {
    let mut prefixes: Vec<_> = deletion.keys.iter().filter(|(prefix, _)| prefix.ends_with('/')).collect();
    prefixes.sort_by_key(|(_, keys)| std::cmp::Reverse(**keys));
    let mut found = BTreeMap::new();
    for (prefix, _) in prefixes.into_iter().take(COUNTED) {
        let Ok(range) = ForeignRange::spelled(prefix) else { continue };
        let before = counts.count_foreign(&range, Some(deletion.before())).await;
        let now = counts.count_foreign(&range, None).await;
        // The number of deleted keys is known without these counts.
        if let (Ok(before), Ok(now)) = (before, now) {
            found.insert(prefix.clone(), (before.keys, now.keys));
        }
    }
    found
}

impl LastDeletion {
    /// Says which deletion it is, and which keys it deleted.
    pub(super) fn say(&self) {
        let Self { deletion, heard, others, .. } = self;
        let oldest = heard.oldest;
        say_safely(format!("The largest deletion since revision {oldest}, the oldest that etcd still has:"));
        if !heard.vouched {
            say_safely(NOT_VOUCHED);
        }
        say_safely(format!("{} took {}.", revisions(deletion), counted(deletion.total(), "key")));
        let mut by_size: Vec<_> = deletion.keys.iter().collect();
        by_size.sort_by_key(|(_, keys)| std::cmp::Reverse(**keys));
        for (prefix, keys) in by_size.iter().take(COUNTED) {
            say_safely(format!("  {}", self.of_prefix(prefix, **keys)));
        }
        if let Some(more) = by_size.len().checked_sub(COUNTED).filter(|more| *more > 0) {
            say_safely(format!(
                "  and keys below {}",
                counted(more, "more prefix").replace("prefixs", "prefixes")
            ));
        }
        if deletion.passing > 0 {
            say_safely(format!(
                "  {} that come and go by themselves: events, leases",
                grouped(deletion.passing)
            ));
        }
        for other in others.iter().filter(|other| other.lasting() > 1) {
            let (total, before) = (counted(other.total(), "key"), other.before());
            say_safely(format!("{} took {total}: that is --at {before}.", revisions(other)));
        }
        say_safely(format!("Saving everything as it was at revision {}.", deletion.before()));
        say_safely("");
    }

    fn of_prefix(&self, prefix: &str, keys: u64) -> String {
        let owner = TENANTS.iter().find(|tenant| prefix.strip_suffix('/') == Some(tenant.prefix));
        let owner = owner.map_or_else(String::new, |tenant| format!(", {}", tenant.owner));
        let of = match self.counts.get(prefix) {
            Some((before, now)) => format!(" of {}, now there are {}", grouped(*before), grouped(*now)),
            None => String::new(),
        };
        format!("{prefix}{owner}: {}{of}", counted(keys, "key"))
    }

    pub(super) fn line(&self) -> LastDeletionLine {
        let Self { deletion, heard, .. } = self;
        LastDeletionLine {
            revision: deletion.first.0,
            last_revision: deletion.last.0,
            keys: deletion.total(),
            by_prefix: deletion.keys.clone(),
            passing: deletion.passing,
            oldest_revision: heard.oldest.0,
        }
    }
}

fn revisions(deletion: &DeletionRun) -> String {
    if deletion.first == deletion.last {
        format!("Revision {}", deletion.first)
    } else {
        format!("Revisions {} to {}", deletion.first, deletion.last)
    }
}

fn refused(failure: &Failure) -> CommandError {
    if matches!(failure, Failure::PermissionDenied { .. }) {
        return CommandError::new(
            Exit::from(failure),
            failure,
            "Use a credential that may read all keys, as etcd's root, for this one command: it only reads. \
             Or name a revision that you know with --at.",
        );
    }
    if !matches!(failure, Failure::Compacted { .. }) {
        return failure.clone().into();
    }
    CommandError::new(
        Exit::Failed,
        "etcd compacts its past faster than it can be read",
        "Try again at once; what is gone is in a backup (coredeck restore) or in a snapshot of etcd.",
    )
}

/// Returns the error that the found revision is compacted by now, with the oldest one that is left.
pub(super) async fn gone<F: ForeignDeletions, C: ForeignCounts>(
    last: &LastDeletion,
    foreign: &F,
    counts: &C,
    scope: &Scope,
) -> CommandError {
    let before = last.deletion.before();
    let what = format!("revision {before} is gone: etcd has compacted it since it was found");
    let beside = "What was before is in a backup (coredeck restore) or in a snapshot of etcd.";
    let Ok((DeletionsHeard { oldest, .. }, _)) = read(foreign, scope).await else {
        return CommandError::new(Exit::Failed, what, beside);
    };
    let Ok(all) = counts.count_foreign(&ForeignRange::all(), Some(oldest)).await else {
        return CommandError::new(Exit::Failed, what, beside);
    };
    let there =
        format!("The oldest that etcd still has is revision {oldest}, with {}", counted(all.keys, "key"));
    CommandError::new(
        Exit::Failed,
        what,
        format!("{there}: coredeck rescue --at {oldest} --range / saves those. {beside}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Reader as _, memory::Memory};

    fn demo() -> (Memory, Scope) {
        let scope = Scope::parse("/coredns").unwrap();
        (Memory::demo(&scope), scope)
    }

    async fn delete_all(store: &Memory, prefix: &str) {
        let pages = store.foreign();
        let range = ForeignRange::beginning_with(prefix.as_bytes());
        let page = crate::store::PageReader::page(&pages, &range, 0, None).await.unwrap();
        for record in page.records {
            store.seed().delete(&record.key);
        }
    }

    #[tokio::test]
    async fn what_was_found_and_is_compacted_meanwhile_is_told_with_what_is_left() {
        let (store, scope) = demo();
        delete_all(&store, "/registry/").await;
        let last = find(&store.foreign(), &store.counts(), &scope).await.unwrap();
        let (before, now) = last.counts["/registry/"];
        assert!(before > 0 && now == 0 && last.deletion.keys["/registry/"] == before);
        let now = store.reader().status().await.unwrap().revision;
        store.seed().compact(now);
        let trouble = gone(&last, &store.foreign(), &store.counts(), &scope).await;
        let said = format!("{trouble:?}");
        assert!(said.contains(&format!("revision {} is gone", last.deletion.before())), "{said}");
        assert!(said.contains(&format!("rescue --at {now} --range /")), "{said}");
        let nothing = find(&store.foreign(), &store.counts(), &scope).await.unwrap_err();
        assert!(format!("{nothing:?}").contains("no deletion"), "{nothing:?}");
    }
}
