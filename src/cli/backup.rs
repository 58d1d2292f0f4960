//! `coredeck backup`: the scope in a file, read back and verified.
use super::{
    Exit,
    arguments::BackupFlags,
    output::{Screen, say, say_safely},
    progress::Progress,
    saved_text,
    session::{Session, Store, warn_of},
    trouble::Trouble,
};
use crate::{
    archive::{self, Keep, NotSaved, Request, Saved},
    config::{ProcessEnvironment, Source, Sourced, state_directory},
    keys::ClusterId,
    store::InScope,
};
use jiff::Timestamp;
use std::path::PathBuf;

pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &BackupFlags,
) -> Result<Exit, Trouble> {
    let (reader, status, another) = session.whoever_answers().await?;
    // A cluster that was rebuilt is saved too: the nights until somebody accepts it are no less worth a backup. Whoever
    // wrote an id into a profile means that one alone.
    let is_known_by_contact =
        matches!(&session.settings.pinned, Some(Sourced { from: Source::FirstContact { .. }, .. }));
    let another = match another {
        Some(another) if !is_known_by_contact => return Err(another.into()),
        another => another,
    };
    let scope = session.scope();
    let to = match &flags.to {
        Some(file) => file.clone(),
        None => default_place(session, status.cluster)?,
    };
    let pages = InScope(reader.clone());
    let request = Request::backup(&pages, scope);
    let mut progress = Progress::new();
    let saved = archive::save(&request, &reader, &to, |read, all| {
        progress.at(read, all, &format!("{read} of {all} keys"));
    })
    .await?;
    progress.end();
    let (removed, exit) = match flags.keep {
        Some(keep) => prune(session, &saved, keep),
        None => (vec![], Exit::Done),
    };
    saved_text::print(screen, &saved, &removed)?;
    if let Some(another) = another {
        warn_of(&another);
        say("Saved as a backup of the cluster that answers; those of the other one stay as they are.");
        return Ok(exit.max(Exit::Findings));
    }
    Ok(exit)
}

fn default_place<S: Store>(session: &Session<S>, cluster: ClusterId) -> Result<PathBuf, Trouble> {
    if session.settings.demo {
        return Err(Trouble::usage(
            "a demo keeps nothing of its own",
            "Say with --to FILE where this backup goes.",
        ));
    }
    let directory = archive::backups(&state_directory(&ProcessEnvironment)?);
    archive::fresh(&directory, session.scope(), cluster, Timestamp::now()).map_err(|error| {
        Trouble::new(
            Exit::Failed,
            format!("{} cannot be used: {error}", directory.display()),
            "Give another place with --to, or make room there.",
        )
    })
}

/// Removes what is not to be kept, and says what became of it.
fn prune<S: Store>(session: &Session<S>, saved: &Saved, keep: Keep) -> (Vec<PathBuf>, Exit) {
    match archive::prune(&saved.path, session.scope(), saved.cluster, keep, Timestamp::now()) {
        Ok(pruned) => {
            for (path, why) in &pruned.left {
                say_safely(format!("coredeck: warning: {} is left where it is: {why}", path.display()));
            }
            for gone in &pruned.removed {
                say_safely(format!("Removed {}, of {}.", gone.path.display(), gone.time()));
            }
            (pruned.removed.into_iter().map(|gone| gone.path).collect(), Exit::Done)
        }
        Err(error) => {
            say_safely(format!("coredeck: warning: no older backup was removed: {error}"));
            (vec![], Exit::Unclear)
        }
    }
}

impl From<NotSaved> for Trouble {
    fn from(not_saved: NotSaved) -> Self {
        let exit = match &not_saved {
            NotSaved::Store(failure) => Exit::from(failure),
            NotSaved::Nothing { .. } | NotSaved::Compacting | NotSaved::File { .. } => Exit::Failed,
        };
        Self::new(exit, &not_saved, not_saved.remedy())
    }
}
