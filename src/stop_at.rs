//! Places at which a test stops the program as a power cut would: with SIGKILL, between two instructions. Only builds
//! with debug assertions look at the environment; a release has nothing of this.

/// Variable with the place, and the passage that counts: `committed:2` is right after the third transaction, `line:100`
/// in the middle of the journal's line.
#[cfg(debug_assertions)]
const STOP_AT: &str = "COREDECK_TEST_STOP_AT";

/// A place on the way of a change.
#[derive(Clone, Copy, Debug)]
pub enum StopPoint {
    /// Before anything is written down.
    Agreed,
    /// After so many bytes of the first line in the journal's file.
    Line,
    /// The old values are on disk, and nothing is sent.
    Intended,
    /// Before a transaction, which is counted from 0.
    Committing,
    /// After a transaction.
    Committed,
    /// Everything is made, and the journal does not know it.
    Concluding,
    /// The journal knows it, and nobody was told.
    Concluded,
}

/// Ends the process here, if a test has asked for it.
#[cfg(debug_assertions)]
pub fn reached(place: StopPoint, passage: usize) {
    if asked(place) == Some(passage) {
        stop();
    }
}

/// Number of the next `length` bytes of a line that still get into the file before [`stop`]; `written` bytes of the
/// line are out already.
#[cfg(debug_assertions)]
pub(crate) fn torn(written: usize, length: usize) -> Option<usize> {
    asked(StopPoint::Line)?.checked_sub(written).filter(|left| *left < length)
}

#[cfg(debug_assertions)]
pub(crate) fn stop() -> ! {
    // Nothing of this process runs after the signal, whatever the call returns.
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    std::process::abort()
}

#[cfg(debug_assertions)]
fn asked(place: StopPoint) -> Option<usize> {
    let wanted = std::env::var(STOP_AT).ok()?;
    let (name, passage) = wanted.split_once(':')?;
    if name == place.name() { passage.parse().ok() } else { None }
}

#[cfg(debug_assertions)]
impl StopPoint {
    fn name(self) -> &'static str {
        match self {
            Self::Agreed => "agreed",
            Self::Line => "line",
            Self::Intended => "intended",
            Self::Committing => "committing",
            Self::Committed => "committed",
            Self::Concluding => "concluding",
            Self::Concluded => "concluded",
        }
    }
}

#[cfg(not(debug_assertions))]
#[inline]
pub fn reached(_: StopPoint, _: usize) {}
