//! Intervals at which the feed checks that its picture is true. A test may shorten them, in debug builds only.
use std::time::Duration;

/// `ask=200,silence=2000,audit=300000`, in milliseconds.
#[cfg(debug_assertions)]
const TEST: &str = "COREDECK_TEST_FEED";

#[derive(Clone, Copy, Debug)]
pub(super) struct Intervals {
    /// The time between two questions whether the watch still tells everything.
    pub(super) ask: Duration,
    /// The time without a sign of life after which a watch counts as lost.
    pub(super) silence: Duration,
    /// The time between two lists that are compared with the changes of the watch.
    pub(super) audit: Duration,
}

impl Intervals {
    pub(super) const USUAL: Self = Self {
        ask: Duration::from_secs(10),
        silence: Duration::from_secs(30),
        audit: Duration::from_secs(300),
    };

    #[cfg(not(debug_assertions))]
    pub(super) fn given() -> Self {
        Self::USUAL
    }

    #[cfg(debug_assertions)]
    pub(super) fn given() -> Self {
        let mut given = Self::USUAL;
        let wanted = std::env::var(TEST).unwrap_or_default();
        for (name, value) in wanted.split(',').filter_map(|part| part.split_once('=')) {
            let Ok(value) = value.parse().map(Duration::from_millis) else { continue };
            match name {
                "ask" => given.ask = value,
                "silence" => given.silence = value,
                "audit" => given.audit = value,
                _ => {}
            }
        }
        given
    }

    /// Returns the time that a new watch has for its first answer, however old the last evidence is.
    pub(super) fn first_answer(&self) -> Duration {
        self.ask / 2
    }
}
