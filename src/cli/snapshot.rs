//! Command `coredeck snapshot`: all of etcd in a file, verified; and a look into such a file.
use super::{
    Exit,
    arguments::SnapshotFlags,
    command_error::CommandError,
    output::Screen,
    progress::ProgressLine,
    snapshot_text::{self, OlderSnapshots},
    warning::Warning,
};
use crate::{
    failure::Failure,
    keys::ClusterId,
    quantity::counted,
    remedy::Remedy,
    retention::{KeepRule, is_a_third_less},
    session::{Session, Store},
    snapshot::{self, PrunedSnapshots, Receiver, SnapshotStatus},
    store::etcd::SnapshotStream,
};
use jiff::{Timestamp, tz::TimeZone};
use std::{
    io,
    path::{Path, PathBuf},
};
use tokio::sync::mpsc;

/// The most parts that wait for the disk.
const QUEUE: usize = 64;

pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &SnapshotFlags,
) -> Result<Exit, CommandError> {
    let Some(to) = &flags.to else {
        return Err(CommandError::usage("a snapshot needs a file", "Say with --to FILE where it goes."));
    };
    let (reader, status) = session.for_reading().await?;
    let stream = session.store.snapshot(&reader).await.map_err(refused)?;
    let Some(stream) = stream else {
        return Err(CommandError::usage(
            "a demo has no etcd that could be saved",
            "Use coredeck --demo backup --to FILE to save its records.",
        ));
    };
    let now = Timestamp::now();
    let to = if to.is_dir() { to.join(snapshot::name(status.cluster, now)) } else { to.clone() };
    let found = receive(stream, to.clone()).await?;
    let rules = flags.keep.rules();
    let mut beside = OlderSnapshots::default();
    let exit = if rules.is_empty() {
        Exit::Done
    } else {
        prune((&to, found.keys), status.cluster, &rules, now, &mut beside)
    };
    snapshot_text::print(screen, &to, &found, Some((status.cluster, &beside)))?;
    Ok(exit)
}

/// Removes older snapshots that no rule keeps, and returns the result.
fn prune(
    latest: (&Path, u64),
    cluster: ClusterId,
    rules: &[KeepRule],
    now: Timestamp,
    beside: &mut OlderSnapshots,
) -> Exit {
    let pruned = match snapshot::prune(latest, cluster, rules, now, &TimeZone::system()) {
        Ok(pruned) => pruned,
        Err(error) => {
            let remedy = "See who may read its directory.";
            beside.warnings.push(Warning::new(format!("no older snapshot was removed: {error}."), remedy));
            return Exit::Unclear;
        }
    };
    let PrunedSnapshots { removed, left, kept, before, doubt } = pruned;
    let mut exit = Exit::Done;
    if let Some(before) = before.filter(|before| is_a_third_less(latest.1, before.keys)) {
        let (has, had) = (counted(latest.1, "key"), counted(before.keys, "key"));
        let what = format!("this snapshot has {has}, and the one before it, of {}, has {had}.", before.time);
        let remedy = "If nobody removed them on purpose, see what is missing: coredeck status; coredeck rescue \
                      --last saves what etcd still has.";
        beside.warnings.push(Warning::new(what, remedy));
        exit = Exit::Findings;
    }
    for (path, why) in &left {
        let what = format!("{} is left where it is: {why}.", path.display());
        beside.warnings.push(Warning::new(what, "Look at it, and remove it by hand if it is of no use."));
    }
    if let Some(doubt) = doubt {
        let what = format!("no older snapshot was removed: {doubt}.");
        beside.warnings.push(Warning::new(what, doubt.remedy()));
        exit = Exit::Findings;
    }
    beside.removed = removed;
    beside.kept = Some(kept);
    exit
}

/// Runs `snapshot status`, which asks no server.
pub(super) fn status(screen: &Screen, file: &Path) -> Result<Exit, CommandError> {
    let found = snapshot::status(file).map_err(|wrong| {
        CommandError::new(Exit::Failed, format!("{}: {wrong}", file.display()), wrong.remedy())
    })?;
    snapshot_text::print(screen, file, &found, None)?;
    Ok(Exit::Done)
}

/// Returns the error for a refusal: a snapshot holds everybody's keys, so a role for a prefix does not help.
fn refused(failure: Failure) -> CommandError {
    if !matches!(failure, Failure::PermissionDenied { .. }) {
        return failure.into();
    }
    CommandError::new(
        Exit::from(&failure),
        &failure,
        "It holds everybody's keys, so etcd gives it to its role root only: log in as a user with that role, or \
         save the scope alone with coredeck backup.",
    )
}

/// Writes the parts of a stream, on a thread of its own: one part goes to the disk while the next is on its way.
async fn receive(mut stream: SnapshotStream, to: PathBuf) -> Result<SnapshotStatus, CommandError> {
    let total = stream.total();
    let (parts, mut coming) = mpsc::channel::<Vec<u8>>(QUEUE);
    let (whole, is_whole) = tokio::sync::oneshot::channel();
    let path = to.clone();
    let writing = tokio::task::spawn_blocking(move || -> io::Result<SnapshotStatus> {
        let mut receiver = Receiver::create(&path)?;
        let mut progress = ProgressLine::new();
        while let Some(part) = coming.blocking_recv() {
            receiver.take(&part)?;
            let bytes = receiver.bytes();
            progress.at(bytes, total.max(bytes), &format!("{} of {} kB", bytes / 1000, total / 1000));
        }
        progress.end();
        // A stream that broke has no end, and its file is given up.
        is_whole.blocking_recv().map_err(io::Error::other)?;
        receiver.finish()
    });
    let sent = loop {
        match stream.next().await {
            Ok(Some(part)) => {
                if parts.send(part).await.is_err() {
                    break Ok(());
                }
            }
            Ok(None) => {
                let _ = whole.send(());
                break Ok(());
            }
            Err(failure) => {
                drop(whole);
                break Err(failure);
            }
        }
    };
    drop(parts);
    let written = writing.await.unwrap_or_else(|error| Err(io::Error::other(error)));
    sent?;
    written.map_err(|error| {
        CommandError::new(
            Exit::Failed,
            format!("{} was not written: {error}", to.display()),
            "Give another place with --to, make room there, or try again.",
        )
    })
}
