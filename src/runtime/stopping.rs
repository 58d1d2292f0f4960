//! Stopping of the program by the terminal's own key.
use rustix::process::{Signal, kill_current_process_group};
use std::io;

/// Asks all of this job to stop, as the terminal's own Ctrl-Z does. The deck hears it as it hears others', gives the
/// terminal back and stops. A job without a shell goes on: nobody could continue it.
pub(super) fn ask_to_stop() -> io::Result<()> {
    Ok(kill_current_process_group(Signal::TSTP)?)
}
