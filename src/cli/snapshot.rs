//! `coredeck snapshot`: all of etcd in a file, verified; and a look into such a file.
use super::{
    Exit,
    arguments::SnapshotFlags,
    output::Screen,
    progress::Progress,
    session::{Session, Store},
    snapshot_text,
    trouble::Trouble,
};
use crate::{
    failure::Failure,
    keys::ClusterId,
    snapshot::{self, Receiver, Status},
    store::etcd::SnapshotStream,
};
use jiff::Timestamp;
use std::{
    io,
    path::{Path, PathBuf},
};
use tokio::sync::mpsc;

/// Parts that wait for the disk.
const QUEUE: usize = 64;

pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &SnapshotFlags,
) -> Result<Exit, Trouble> {
    let Some(to) = &flags.to else {
        return Err(Trouble::usage("a snapshot needs a file", "Say with --to FILE where it goes."));
    };
    let (reader, status) = session.for_reading().await?;
    let stream = session.store.snapshot(&reader).await.map_err(refused)?;
    let Some(stream) = stream else {
        return Err(Trouble::usage(
            "a demo has no etcd that could be saved",
            "Use coredeck --demo backup --to FILE to save its records.",
        ));
    };
    let to = if to.is_dir() { to.join(name(status.cluster)) } else { to.clone() };
    let found = receive(stream, to.clone()).await?;
    tell(screen, &to, &found, Some(status.cluster))?;
    Ok(Exit::Done)
}

/// A name in a directory: `etcd-0de0c0dedec00de0-20261123T021000Z.db`.
fn name(cluster: ClusterId) -> String {
    format!("etcd-{cluster}-{}.db", Timestamp::now().strftime("%Y%m%dT%H%M%SZ"))
}

/// `snapshot status`: asks no server.
pub(super) fn status(screen: &Screen, file: &Path) -> Result<Exit, Trouble> {
    let found = snapshot::status(file).map_err(|wrong| {
        Trouble::new(Exit::Failed, format!("{}: {wrong}", file.display()), wrong.remedy())
    })?;
    tell(screen, file, &found, None)?;
    Ok(Exit::Done)
}

fn tell(screen: &Screen, file: &Path, found: &Status, cluster: Option<ClusterId>) -> Result<(), Trouble> {
    snapshot_text::print(screen, file, found, cluster)
}

/// A snapshot holds everybody's keys, so a role for a prefix does not help.
fn refused(failure: Failure) -> Trouble {
    if !matches!(failure, Failure::PermissionDenied { .. }) {
        return failure.into();
    }
    Trouble::new(
        Exit::from(&failure),
        &failure,
        "It holds everybody's keys, so etcd gives it to its role root only: log in as a user with that role, or \
         save the scope alone with coredeck backup.",
    )
}

/// Writes what comes, on a thread of its own: one part goes to the disk while the next is on its way.
async fn receive(mut stream: SnapshotStream, to: PathBuf) -> Result<Status, Trouble> {
    let total = stream.total();
    let (parts, mut coming) = mpsc::channel::<Vec<u8>>(QUEUE);
    let (whole, is_whole) = tokio::sync::oneshot::channel();
    let path = to.clone();
    let writing = tokio::task::spawn_blocking(move || -> io::Result<Status> {
        let mut receiver = Receiver::create(&path)?;
        let mut progress = Progress::new();
        while let Some(part) = coming.blocking_recv() {
            receiver.take(&part)?;
            let bytes = receiver.bytes();
            progress.at(bytes, total.max(bytes), &format!("{} of {} kB", bytes / 1000, total / 1000));
        }
        progress.end();
        // A stream that broke has no end, and is given up.
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
        Trouble::new(
            Exit::Failed,
            format!("{} was not written: {error}", to.display()),
            "Give another place with --to, make room there, or try again.",
        )
    })
}
