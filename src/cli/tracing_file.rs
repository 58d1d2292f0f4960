//! Tracing to a file, off unless asked for.
use super::{Exit, trouble::Trouble};
use std::{fs::OpenOptions, os::unix::fs::OpenOptionsExt as _, path::Path, sync::Mutex};
use tracing_subscriber::EnvFilter;

/// Only this program's own events: what the layers below log may hold tokens.
const EVENTS: &str = "coredeck=debug";

/// Writes events to `path` from now on.
pub(super) fn to_file(path: &Path) -> Result<(), Trouble> {
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path).map_err(|error| {
        Trouble::new(
            Exit::Failed,
            format!("the log {} cannot be written: {error}", path.display()),
            "Give another --log, or leave it away.",
        )
    })?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(EVENTS))
        .with_ansi(false)
        .with_writer(Mutex::new(file));
    // A second subscriber in one process is a test's; the first keeps writing.
    let _ = subscriber.try_init();
    Ok(())
}
