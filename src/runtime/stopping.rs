//! Stopping of the program by the terminal's own key.
use rustix::process::{Signal, kill_current_process_group};
use std::{io, time::Duration};
use tokio::{
    signal::unix::{SignalKind, signal},
    time::timeout,
};

/// A job without a shell is never stopped, and goes on after this time.
const STOPS: Duration = Duration::from_secs(1);

/// Stops all of this job, as the terminal's own Ctrl-Z does, and returns when it is continued. The system stops the
/// threads in any order, and this thread could otherwise take the terminal again in that moment.
pub(super) async fn stop_until_continued() -> io::Result<()> {
    let mut continued = signal(SignalKind::from_raw(Signal::CONT.as_raw()))?;
    kill_current_process_group(Signal::TSTP)?;
    let _ = timeout(STOPS, continued.recv()).await;
    Ok(())
}
