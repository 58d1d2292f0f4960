//! Command `coredeck backup`: the scope in a file, read back and verified.
use super::{
    Exit,
    arguments::BackupFlags,
    backup_text::{self, BackupNotes},
    command_error::{CommandError, EndsCommand},
    known,
    new_file::new_file,
    output::Screen,
    progress::ProgressLine,
    warning::Warning,
};
use crate::{
    archive::{self, Archived, Catalogue, Pruned, SaveError, SaveRequest, Saved, Shrinkage},
    config::{ProcessEnvironment, SettingSource, Sourced, state_directory},
    remedy::Remedy,
    retention::KeepRule,
    session::{Session, Store},
    store::InScope,
};
use jiff::{Timestamp, tz::TimeZone};
use std::path::{Path, PathBuf};

/// The remedies in a demo, and if the directory of backups cannot be used.
const REMEDIES: (&str, &str) =
    ("Say with --to FILE where this backup goes.", "Give another place with --to, or make room there.");

pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &BackupFlags,
) -> Result<Exit, CommandError> {
    let (reader, status, another) = session.whoever_answers().await?;
    // A cluster that was rebuilt is saved too, because its backups are needed even before somebody accepts it. But an
    // id in a profile means that cluster alone.
    let is_known_by_contact =
        matches!(&session.settings.pinned, Some(Sourced { from: SettingSource::FirstContact { .. }, .. }));
    let another = match another {
        Some(another) if !is_known_by_contact => return Err(another.into()),
        another => another,
    };
    let scope = session.scope();
    let to = match &flags.to {
        Some(file) => file.clone(),
        None => new_file(session, archive::backups, (scope.as_str(), status.cluster), REMEDIES)?,
    };
    let before = Catalogue::of(&compared_with(session, &to), scope, status.cluster, Timestamp::now());
    let pages = InScope(reader.clone());
    let request = SaveRequest::backup(&pages, scope);
    let mut progress = ProgressLine::new();
    let saved = archive::save(&request, &reader, &to, |read, all| {
        progress.at(read, all, &format!("{read} of {all} keys"));
    })
    .await?;
    progress.end();
    let mut beside = BackupNotes { before: before.backups().next().cloned(), ..BackupNotes::default() };
    let mut exit = Exit::Done;
    if let Some(loss) = Shrinkage::of(saved.written.records, &before) {
        beside.warnings.push(Warning::new(format!("{loss}."), loss.remedy(&session.settings.program())));
        exit = Exit::Findings;
    } else if let Some(warning) = known::loss(session, &reader, status.cluster).await {
        beside.warnings.push(warning);
        // If the last backup shows the same loss, it has ended with this exit code already. A backup without records
        // always does.
        let is_told = |before: &Archived| before.keys() <= saved.written.records && saved.written.records > 0;
        if !beside.before.as_ref().is_some_and(is_told) {
            exit = Exit::Findings;
        }
    }
    let rules = flags.keep.rules();
    if !rules.is_empty() {
        exit = exit.max(prune(session, &saved, &rules, &mut beside));
    }
    if let Some(another) = another {
        let saved = "Saved as a backup of the cluster that answers; those of the other one stay as they are.";
        beside.warnings.push(Warning::new(format!("{another}."), format!("{} {saved}", another.remedy())));
        exit = exit.max(Exit::Findings);
    }
    backup_text::print(screen, &saved, &beside)?;
    Ok(exit)
}

/// Returns the places of the backups that a new one is compared with.
fn compared_with<S: Store>(session: &Session<S>, to: &Path) -> Vec<PathBuf> {
    let beside = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut places = vec![beside.to_owned()];
    // Nobody has backups of a demo's cluster.
    if !session.settings.demo
        && let Ok(state) = state_directory(&ProcessEnvironment)
    {
        places.extend([Some(archive::backups(&state)), archive::other_backups(&state)].into_iter().flatten());
    }
    places
}

/// Removes the backups that no rule keeps, and adds the result to the report.
fn prune<S: Store>(
    session: &Session<S>,
    saved: &Saved,
    rules: &[KeepRule],
    beside: &mut BackupNotes,
) -> Exit {
    let (scope, now) = (session.scope(), Timestamp::now());
    let Pruned { removed, damaged, kept, doubt } =
        match archive::prune(&saved.path, scope, saved.cluster, rules, now, &TimeZone::system()) {
            Ok(pruned) => pruned,
            Err(error) => {
                let remedy = "See who may read its directory.";
                beside.warnings.push(Warning::new(format!("no older backup was removed: {error}."), remedy));
                return Exit::Unclear;
            }
        };
    for (path, why) in &damaged {
        let what = format!("{} is left where it is: {why}.", path.display());
        beside.warnings.push(Warning::new(what, "Look at it, and remove it by hand if it is of no use."));
    }
    beside.removed = removed;
    beside.kept = Some(kept);
    let Some(doubt) = doubt else { return Exit::Done };
    let what = format!("no older backup was removed: {doubt}.");
    beside.warnings.push(Warning::new(what, doubt.remedy()));
    Exit::Findings
}

impl EndsCommand for SaveError {
    fn exit(&self) -> Exit {
        match self {
            Self::Store(failure) => Exit::from(failure),
            Self::Nothing { .. } | Self::Compacting | Self::File { .. } => Exit::Failed,
        }
    }
}
