//! Tracing to a file, only on request.
use super::{Exit, command_error::CommandError};
use rustix::fs::OFlags;
use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _},
    path::Path,
    sync::Mutex,
};
use tracing_subscriber::EnvFilter;

/// The events of this program only: the logs of the layers below may hold tokens.
const EVENTS: &str = "coredeck=debug";

/// Writes events to `path` from now on.
pub(super) fn to_file(path: &Path) -> Result<(), CommandError> {
    let file = open(path).map_err(|error| {
        CommandError::new(
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

/// Opens the file. It must not block: else a pipe without a reader would be waited for, and a slow reader would delay
/// every event.
fn open(path: &Path) -> io::Result<File> {
    let nonblocking = OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new().append(true).create(true).mode(0o600).custom_flags(nonblocking).open(path);
    let is_pipe = match &file {
        Ok(file) => file.metadata()?.file_type().is_fifo(),
        Err(error) => error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error()),
    };
    if is_pipe { Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a pipe, and no file")) } else { file }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_is_refused_and_not_waited_for() {
        let directory = tempfile::tempdir().unwrap();
        let pipe = directory.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_eq!(open(&pipe).unwrap_err().to_string(), "it is a pipe, and no file");
        assert!(open(&directory.path().join("log")).is_ok());
    }
}
