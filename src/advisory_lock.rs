//! Wait for the advisory lock of a file or a directory that several sessions write.
use std::{
    fs::TryLockError,
    io,
    thread::sleep,
    time::{Duration, Instant},
};

/// Longest time that another session may hold a lock. It holds it for one write and one fsync.
const PATIENCE: Duration = Duration::from_secs(5);
const AGAIN: Duration = Duration::from_millis(20);

/// Waits until `lock` succeeds. Where the file system has no locks, nothing is locked, and that is no error.
///
/// # Errors
/// The file system's own, or `TimedOut` when another session has held the lock for 5 s.
pub fn wait_for(lock: impl Fn() -> Result<(), TryLockError>) -> io::Result<()> {
    let give_up = Instant::now() + PATIENCE;
    loop {
        match lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return unsupported_is_fine(error),
            Err(TryLockError::WouldBlock) if Instant::now() >= give_up => {
                return Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    format!("another session has held its lock for {} s", PATIENCE.as_secs()),
                ));
            }
            Err(TryLockError::WouldBlock) => sleep(AGAIN),
        }
    }
}

/// Returns the same error, unless it only says that the file system has no locks.
///
/// # Errors
/// Every other one.
pub fn unsupported_is_fine(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::Unsupported { Ok(()) } else { Err(error) }
}
