//! Execution of a plan: the one way in which a change reaches the store, for the deck and for the command line alike.
use crate::{
    failure::{Failure, WriteEffect},
    keys::{KeyValue, Revision, ScopedKey},
    plan::{Change, Confirmed, EntryId, Guard, Journal, MadeVerdict, Outcome, Step},
    stop_at::{StopPoint, reached},
    store::{Commit, Reader, Writer},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio::time::{Instant, sleep_until};

/// Longest time that a server may still work on a write whose reply was lost: it gives its own verdict after 7 s
/// (election timeouts plus 5 s, etcd 3.4 to 3.7).
const STILL_UNDER_WAY: Duration = Duration::from_secs(8);
/// Time between two looks at a write whose reply was lost.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Conflict of a key whose last write has the revision that was shown, and which differs all the same.
const ANEW: &str = "another record was written at the same revision: etcd was restored, or built anew";

/// Outcome of a plan, and whether the journal knows it.
#[derive(Debug)]
pub struct ChangeReport {
    pub outcome: Outcome,
    /// The journal's entry, when it was made.
    pub entry: Option<EntryId>,
    /// The outcome could not be written into the journal. The entry says what was intended.
    pub journal_trouble: Option<Failure>,
}

/// Journals a confirmed plan, makes its transactions in order, and stops at the first refusal. A transaction whose
/// reply was lost, or does not tell, is looked for by reading, and never sent again. `progress` is called with the
/// number of keys that are done.
///
/// Never cancelled half-way: run it in a task of its own.
pub async fn carry_out(
    confirmed: Confirmed,
    journal: &mut impl Journal,
    writer: &impl Writer,
    reader: &impl Reader,
    mut progress: impl FnMut(usize) + Send,
) -> ChangeReport {
    reached(StopPoint::Agreed, 0);
    let journalled = match confirmed.journal(journal) {
        Ok(journalled) => journalled,
        Err(why) => {
            return ChangeReport {
                outcome: Outcome::NothingChanged { why },
                entry: None,
                journal_trouble: None,
            };
        }
    };
    let total = journalled.plan().changes().len();
    let mut done: Vec<ScopedKey> = Vec::with_capacity(total);
    let mut last = journalled.plan().read_at();
    let mut stopped = None;
    reached(StopPoint::Intended, 0);
    for (number, step) in journalled.steps().into_iter().enumerate() {
        reached(StopPoint::Committing, number);
        let made = make(&step, last, writer, reader).await;
        reached(StopPoint::Committed, number);
        match made {
            StepResult::Done(revision) => {
                last = revision;
                done.extend(step.changes().iter().map(|change| change.key().clone()));
                progress(done.len());
            }
            StepResult::NotDone(why) => {
                stopped = Some((why, vec![]));
                break;
            }
            StepResult::Unclear(why) => {
                stopped = Some((why, step.changes().iter().map(|change| change.key().clone()).collect()));
                break;
            }
        }
    }
    let outcome = match stopped {
        None => Outcome::Done { changed: total, revision: last },
        Some((why, unsure)) if !unsure.is_empty() => Outcome::Unknown { done, unsure, total, why },
        Some((why, _)) if done.is_empty() => Outcome::NothingChanged { why },
        Some((why, _)) => Outcome::Partly { done, total, why },
    };
    let entry = journalled.entry().clone();
    reached(StopPoint::Concluding, 0);
    let journal_trouble = journal.conclude(&entry, &outcome).err();
    reached(StopPoint::Concluded, 0);
    ChangeReport { outcome, entry: Some(entry), journal_trouble }
}

enum StepResult {
    Done(Revision),
    NotDone(Failure),
    Unclear(Failure),
}

/// Makes one transaction. `seen` is the latest revision of which something is known.
async fn make(step: &Step, seen: Revision, writer: &impl Writer, reader: &impl Reader) -> StepResult {
    if let Err(why) = stands_as_shown(step, seen, reader).await {
        return StepResult::NotDone(why);
    }
    let sent = Instant::now();
    match writer.commit(step).await {
        Ok(Commit::Applied(revision)) => StepResult::Done(revision),
        Ok(Commit::Refused(at)) => refused(step, reader, at).await,
        Err(why) => match why.effect() {
            WriteEffect::Nothing => StepResult::NotDone(why),
            WriteEffect::Settled | WriteEffect::Unknown => {
                find_out(step, reader, sent + STILL_UNDER_WAY, why).await
            }
        },
    }
}

/// Compares all that was shown of the keys. The transaction compares the revision of their last write. On an etcd that
/// was restored, or built anew with the same flags, that can be the same by chance, and so is its cluster id.
async fn stands_as_shown(step: &Step, seen: Revision, reader: &impl Reader) -> Result<(), Failure> {
    let (now, at) = read_all(step, reader).await?;
    if at < seen {
        return Err(Failure::WentBack { at, seen });
    }
    for before in step.changes().iter().filter_map(Change::before) {
        let Some(is) = now.get(&before.key) else { continue };
        // A key that was written since is refused by the transaction, and named then.
        if is.mod_revision == before.mod_revision && is != before {
            return Err(Failure::Conflict { key: before.key.spelled(), change: ANEW.to_owned() });
        }
    }
    Ok(())
}

/// Judges a refusal. A request that something on the way has sent twice is refused the second time because the first
/// has made the change. Then it is not known who made it, so it is never told as "nothing changed".
async fn refused(step: &Step, reader: &impl Reader, at: Revision) -> StepResult {
    if let Ok((MadeVerdict::Happened, _)) = look(step, reader).await {
        return StepResult::Unclear(Failure::RefusedAsMade { at });
    }
    StepResult::NotDone(why_refused(step, reader, at).await)
}

/// Reads until the transaction shows, or until no healthy server can be working on it any more. If etcd has finished
/// with it, the first answer is final.
async fn find_out(step: &Step, reader: &impl Reader, give_up: Instant, why: Failure) -> StepResult {
    let is_settled = why.effect() == WriteEffect::Settled;
    loop {
        let last_look = Instant::now() >= give_up;
        match look(step, reader).await {
            Ok((MadeVerdict::Happened, revision)) => return StepResult::Done(revision),
            Ok((MadeVerdict::DidNot, _)) if is_settled => return StepResult::NotDone(why),
            Ok((MadeVerdict::Unclear, _)) if is_settled => return StepResult::Unclear(why),
            // Unclear even when nothing shows: a member that hangs may still have the request, and make it when it
            // wakes.
            Ok((MadeVerdict::DidNot | MadeVerdict::Unclear, _)) | Err(_) if last_look => {
                return StepResult::Unclear(why);
            }
            Ok(_) | Err(_) => sleep_until((Instant::now() + LOOK_AGAIN).min(give_up)).await,
        }
    }
}

async fn look(step: &Step, reader: &impl Reader) -> Result<(MadeVerdict, Revision), Failure> {
    let (now, revision) = read_all(step, reader).await?;
    Ok((step.verdict(|key| now.get(key)), revision))
}

async fn read_all(
    step: &Step,
    reader: &impl Reader,
) -> Result<(BTreeMap<ScopedKey, KeyValue>, Revision), Failure> {
    let keys: Vec<ScopedKey> = step.operations().iter().map(|operation| operation.key().clone()).collect();
    let listing = reader.read(&keys, None).await?;
    let now = listing.records.into_iter().map(|record| (record.key.clone(), record)).collect();
    Ok((now, listing.revision))
}

/// Names the key that stood in the way. The refusal itself is certain; only its reason is looked up.
async fn why_refused(step: &Step, reader: &impl Reader, at: Revision) -> Failure {
    let conflict = |key: String, change: String| Failure::Conflict { key, change };
    let unnamed = |change: String| conflict("a key of this plan".to_owned(), change);
    // A key may have several guards.
    let keys: BTreeSet<&ScopedKey> = step.guards().iter().filter_map(Guard::key).collect();
    let keys: Vec<ScopedKey> = keys.into_iter().cloned().collect();
    let fenced = step.guards().iter().find_map(|guard| match guard {
        Guard::NothingNewer { range, than } => Some((range, *than)),
        Guard::Unchanged { .. } | Guard::AsShown { .. } | Guard::Absent { .. } => None,
    });
    let listing = match reader.read(&keys, fenced.map(|(range, _)| range)).await {
        Ok(listing) => listing,
        Err(failure) => return unnamed(format!("refused at revision {at}; reading why failed: {failure}")),
    };
    let now = |key: &ScopedKey| listing.records.iter().find(|record| record.key == *key);
    for guard in step.guards() {
        match guard {
            Guard::Unchanged { key, mod_revision } => match now(key) {
                None => return conflict(key.spelled(), "somebody has deleted it".to_owned()),
                Some(is) if is.mod_revision != *mod_revision => {
                    let again =
                        format!("shown at revision {mod_revision}, written again at {}", is.mod_revision);
                    return conflict(key.spelled(), again);
                }
                Some(_) => {}
            },
            Guard::Absent { key } => {
                if let Some(is) = now(key) {
                    return conflict(
                        key.spelled(),
                        format!("somebody has created it at revision {}", is.create_revision),
                    );
                }
            }
            Guard::AsShown { key, shown } => {
                if now(key).is_some_and(|is| !shown.is_of(is)) {
                    return conflict(key.spelled(), ANEW.to_owned());
                }
            }
            // Checked last: a key that has a guard of its own is named with its change.
            Guard::NothingNewer { .. } => {}
        }
    }
    let newer = fenced.and_then(|(range, than)| {
        let newer = |record: &&KeyValue| range.contains(record.key.as_bytes()) && record.mod_revision > than;
        listing.records.iter().find(newer)
    });
    match newer {
        Some(is) => conflict(
            is.key.spelled(),
            format!("somebody has written it at revision {}, after the list was shown", is.mod_revision),
        ),
        None => unnamed("it was not as shown, and is again by now".to_owned()),
    }
}
