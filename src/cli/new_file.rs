//! New file for a backup or a rescue if nobody has named one.
use super::{Exit, command_error::CommandError};
use crate::{
    archive,
    config::{ProcessEnvironment, state_directory},
    keys::ClusterId,
    session::{Session, Store},
};
use jiff::Timestamp;
use std::path::{Path, PathBuf};

/// Returns a path below the state directory at which there is no file yet. Its directory is made.
///
/// # Errors
/// This is a demo, or the directory cannot be used; each error has the given remedy.
pub(super) fn new_file<S: Store>(
    session: &Session<S>,
    directory: fn(&Path) -> PathBuf,
    (range, cluster): (&str, ClusterId),
    (in_a_demo, unusable): (&str, &str),
) -> Result<PathBuf, CommandError> {
    if session.settings.demo {
        return Err(CommandError::usage("a demo keeps nothing of its own", in_a_demo));
    }
    let directory = directory(&state_directory(&ProcessEnvironment)?);
    archive::fresh_of(&directory, range, cluster, Timestamp::now()).map_err(|error| {
        CommandError::new(Exit::Failed, format!("{} cannot be used: {error}", directory.display()), unusable)
    })
}
