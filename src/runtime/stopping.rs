//! The terminal's own way to put a program aside.
use std::io;

/// Stops all of this job, as the terminal's own Ctrl-Z does, and returns when it is continued.
pub(super) fn stop_until_continued() -> io::Result<()> {
    rustix::process::kill_current_process_group(rustix::process::Signal::TSTP).map_err(io::Error::from)
}
