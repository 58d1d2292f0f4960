//! Command `coredeck rescue`: any range of keys at an old revision, saved in a file. It only reads.
use super::{
    Exit,
    arguments::RescueFlags,
    command_error::CommandError,
    last_deletion,
    new_file::new_file,
    output::{Screen, say_safely},
    progress::ProgressLine,
    rescue_text,
};
use crate::{
    archive::{self, ArchiveKind, SaveError, SaveRequest, WayBack},
    config::Settings,
    failure::Failure,
    keys::{ClusterId, ForeignRange, Revision},
    recovery::offers_now,
    remedy::Remedy,
    session::{Session, Store, knowledge_places},
};
use jiff::Timestamp;
use std::{collections::BTreeSet, path::Path};

/// The remedies in a demo, and if the directory of rescued files cannot be used.
const REMEDIES: (&str, &str) = (
    "Say with --to FILE where this file goes.",
    "Say with --to FILE where this file goes. Nothing was read.",
);

pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &RescueFlags,
) -> Result<Exit, CommandError> {
    let scope = session.scope();
    let everything = if flags.last { "/" } else { scope.as_str() };
    let named = flags.range.as_deref().unwrap_or(everything);
    let range = ForeignRange::spelled(named).map_err(|error| CommandError::usage(&error, error.remedy()))?;
    let (reader, status) = session.for_reading().await?;
    let (pages, counts) = (session.store.foreign(&reader), session.store.counts(&reader));
    let last = match flags.at {
        Some(_) => None,
        None => Some(last_deletion::find(&pages, &counts, scope).await?),
    };
    let at =
        last.as_ref().map_or_else(|| Revision(flags.at.unwrap_or_default()), |last| last.deletion.before());
    if at > status.revision || at < Revision(1) {
        return Err(CommandError::usage(
            format!("there is no revision {at}: this cluster is at revision {}", status.revision),
            "Give a revision of the past; that before a change is the one that log or history shows, less 1.",
        ));
    }
    if let Some(last) = &last {
        last.say();
    }
    let to = match &flags.to {
        Some(to) => to.clone(),
        None => new_file(session, archive::rescued, (named, status.cluster), REMEDIES)?,
    };
    let (kind, named) = (ArchiveKind::Rescue, named.to_owned());
    let request = SaveRequest { kind, pages: &pages, range: range.clone(), named, at: Some(at), scope };
    let mut progress = ProgressLine::new();
    let saved = archive::save(&request, &reader, &to, |read, all| {
        progress.at(read, all, &format!("{read} of {all} keys"));
    })
    .await;
    progress.end();
    let saved = match (saved, &last) {
        (Ok(saved), _) => saved,
        (Err(SaveError::Store(Failure::Compacted { .. })), Some(last)) => {
            return Err(last_deletion::gone(last, &pages, &counts, scope).await);
        }
        (Err(not_saved @ SaveError::Store(Failure::Compacted { .. })), None) => {
            say_what_is_saved(session, &reader, status.cluster).await;
            return Err(told(not_saved, at));
        }
        (Err(not_saved), _) => return Err(told(not_saved, at)),
    };
    let way_back = hand_over(&session.settings, &to).await;
    rescue_text::print(screen, &saved, last.as_ref(), way_back.as_ref())?;
    for step in way_back.iter().flat_map(|way_back| &way_back.steps) {
        say_safely(step);
    }
    Ok(Exit::Done)
}

/// Names the newest saved copy of the scope of each kind, if etcd has forgotten that revision.
async fn say_what_is_saved<S: Store>(session: &Session<S>, reader: &S::Reader, cluster: ClusterId) {
    let places = knowledge_places(&session.settings);
    let Ok(found) = offers_now(&places, reader, session.scope(), cluster, None).await else { return };
    let (mut kinds, program) = (BTreeSet::new(), session.settings.program());
    for offer in found.list.iter().filter(|offer| offer.keys.is_some_and(|keys| keys > 0)) {
        if kinds.insert(offer.place.word()) {
            say_safely(format!("{}: {}", offer.sentence(Timestamp::now()), offer.command(&program, None)));
        }
    }
}

/// Returns the error with the remedies of a rescue, which differ from those for a list of the scope.
fn told(not_saved: SaveError, at: Revision) -> CommandError {
    if let SaveError::Store(failure @ Failure::PermissionDenied { .. }) = &not_saved {
        return CommandError::new(
            Exit::from(failure),
            failure,
            "Use a credential that may read there, as etcd's root, for this one command: it only reads.",
        );
    }
    if !matches!(not_saved, SaveError::Store(Failure::Compacted { .. })) {
        return not_saved.into();
    }
    CommandError::new(
        Exit::Failed,
        format!("revision {at} is gone: etcd has compacted it, as Kubernetes has it do every 5 minutes"),
        "Try a later revision; what was before is in a backup (coredeck restore) or a snapshot of etcd only.",
    )
}

/// Writes the script beside the file, and prints the next steps. A failure of that does not change the file.
async fn hand_over(settings: &Settings, file: &Path) -> Option<WayBack> {
    let (file, context) = (file.to_owned(), settings.for_way_back());
    let written = tokio::task::spawn_blocking(move || archive::way_back(&file, &context)).await;
    let why = match written {
        Ok(Ok(way_back)) => return Some(way_back),
        Ok(Err(why)) => why.to_string(),
        Err(error) => error.to_string(),
    };
    say_safely(format!(
        "coredeck: warning: there is no script to put the keys back with: {why}. The file is whole."
    ));
    None
}
