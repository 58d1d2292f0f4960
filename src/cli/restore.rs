//! `coredeck restore`: what a file has and the scope has not is created. Nothing is replaced unless that is asked for,
//! and nothing is ever deleted.
use super::{
    Exit,
    arguments::{ChangeFlags, RestoreFlags},
    change,
    output::{Screen, say, say_safely},
    restore_file::{FromFile, read},
    restore_text,
    session::{Doors, Session, Store},
    target::Target,
    trouble::Trouble,
};
use crate::{
    archive::Kind,
    failure::Failure,
    keys::{ClusterId, KeyRange, KeyValue, LeaseId, ScopedKey},
    plan::{Challenge, NotRestored, Restore},
    store::{Lister, Reader},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use std::collections::BTreeSet;

/// Leases that are asked for at the same time.
const ASKED_AT_ONCE: usize = 16;

pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &RestoreFlags,
) -> Result<Exit, Trouble> {
    let scope = session.scope();
    let (only, below) = Target::readable(scope, flags.only.as_deref())?;
    let (file, of, range, name) = (flags.file.clone(), scope.clone(), below.clone(), only.clone());
    // The whole file is read and verified before anything of it is used.
    let from = tokio::task::spawn_blocking(move || {
        read(&file, &of, |key| range.contains(key.as_bytes()) || name.as_ref() == Some(key))
    });
    let from = from.await.map_err(|error| Trouble::new(Exit::Failed, error, "Report this as a bug."))??;
    let doors = session.for_changes().await?;
    is_meant(flags, &from, doors.status.cluster)?;
    let now = present(&doors.reader, only.as_ref(), &below).await?;
    let same_cluster = from.heading.cluster == doors.status.cluster;
    let FromFile { keys, leases, outside, heading } = from;
    let restore = Restore::of(keys, now);
    // A lease of another cluster may have the number of one here and be something else.
    let asked = if same_cluster { restore.leases() } else { BTreeSet::new() };
    let living = living(&doors, asked).await?;
    let restore = restore.with_leases(leases, living);
    for line in restore_text::lines(&restore, &heading, outside, flags.differing) {
        say(line);
    }
    let challenge = only.as_ref().map_or_else(|| Challenge::scope(scope), Challenge::subtree);
    let Some(intent) = restore.intent(challenge, flags.lease, flags.differing)? else {
        say("Nothing is missing, and nothing was changed.");
        change::print_nothing(screen)?;
        return Ok(Exit::Done);
    };
    change::make(session, doors, screen, intent, &ChangeFlags { ptr: false, consent: flags.consent.clone() })
        .await
}

/// A file of another cluster is taken only when somebody says so: the one that it was made of may have been rebuilt,
/// or this may be the wrong one.
fn is_meant(flags: &RestoreFlags, from: &FromFile, here: ClusterId) -> Result<(), Trouble> {
    let made_of = from.heading.cluster;
    let kind = match from.heading.kind {
        Kind::Backup => "backup",
        Kind::Rescue => "rescue",
    };
    match flags.from_cluster {
        Some(said) if said != made_of => Err(Trouble::new(
            Exit::Refused,
            format!("this {kind} is of cluster {made_of}, not of {said}"),
            "Look at where the file comes from.",
        )),
        None if made_of != here => Err(Trouble::new(
            Exit::Refused,
            format!("this {kind} is of cluster {made_of}, and this is cluster {here}"),
            format!(
                "Check --endpoints. If this cluster has taken the other's place, or is to have its records, say \
                 so: --from-cluster {made_of}"
            ),
        )),
        Some(_) if made_of != here => {
            say_safely(format!("From another cluster: {made_of}. Into this one: {here}."));
            Ok(())
        }
        _ => Ok(()),
    }
}

async fn present<R: Reader>(
    reader: &R,
    only: Option<&ScopedKey>,
    below: &KeyRange,
) -> Result<Vec<KeyValue>, Failure> {
    if let Some(key) = only {
        return Ok(reader.read(std::slice::from_ref(key), Some(below)).await?.records);
    }
    let mut lister = Lister::new(reader.clone(), below.clone());
    let mut now = Vec::new();
    while let Some(page) = lister.next().await {
        now.extend(page?.records);
    }
    now.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(now)
}

/// Those of the leases that have not ended.
async fn living<S: Store>(doors: &Doors<S>, leases: BTreeSet<LeaseId>) -> Result<BTreeSet<LeaseId>, Failure> {
    let reader = &doors.reader;
    let asked = leases.into_iter().map(|lease| async move { Ok((lease, reader.lease(lease).await?)) });
    let asked = stream::iter(asked).buffered(ASKED_AT_ONCE);
    asked.try_filter_map(|(lease, left)| async move { Ok(left.map(|_| lease)) }).try_collect().await
}

impl From<NotRestored> for Trouble {
    fn from(not_restored: NotRestored) -> Self {
        Self::new(Exit::Refused, &not_restored, not_restored.remedy())
    }
}
