//! Tracing to a file, only on request.
use super::{Exit, command_error::CommandError};
use rustix::{fs::OFlags, io::Errno};
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

/// Opens the file. A link is not followed, because root would make a file where somebody else has led it. The open
/// must not block either: a pipe without a reader would be waited for, and a slow reader would delay every event.
fn open(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NONBLOCK | OFlags::NOFOLLOW).bits().cast_signed();
    let no_file =
        |what: &str| io::Error::new(io::ErrorKind::InvalidInput, format!("it is {what}, and no file"));
    let is = |error: &io::Error, errno: Errno| error.raw_os_error() == Some(errno.raw_os_error());
    match OpenOptions::new().append(true).create(true).mode(0o600).custom_flags(flags).open(path) {
        Ok(file) => {
            let kind = file.metadata()?.file_type();
            if kind.is_file() {
                Ok(file)
            } else {
                Err(no_file(if kind.is_fifo() { "a pipe" } else { "a device" }))
            }
        }
        Err(error) if is(&error, Errno::LOOP) => Err(no_file("a link")),
        Err(error) if is(&error, Errno::NXIO) => Err(no_file("a pipe or a device")),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_file_is_written_and_nothing_is_waited_for() {
        let directory = tempfile::tempdir().unwrap();
        let pipe = directory.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_eq!(open(&pipe).unwrap_err().to_string(), "it is a pipe or a device, and no file");
        let reader = OpenOptions::new().read(true).write(true).open(&pipe).unwrap();
        assert_eq!(open(&pipe).unwrap_err().to_string(), "it is a pipe, and no file");
        drop(reader);
        assert_eq!(open(Path::new("/dev/full")).unwrap_err().to_string(), "it is a device, and no file");
        let (link, target) = (directory.path().join("link"), directory.path().join("target"));
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert_eq!(open(&link).unwrap_err().to_string(), "it is a link, and no file");
        assert!(!target.exists());
        assert!(open(&directory.path().join("log")).is_ok());
    }
}
