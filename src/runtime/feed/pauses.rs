//! Pauses between attempts to follow the scope, so that failures cost etcd little.
use std::time::Duration;

/// The first pause, and the longest.
pub(super) const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));

/// Pauses that grow until a watch has held. The first attempt is made at once.
#[derive(Debug, Default)]
pub(super) struct Pauses {
    next: Duration,
}

impl Pauses {
    /// Returns the pause before the next attempt.
    pub(super) fn next(&mut self) -> Duration {
        let pause = self.next;
        self.next = (pause * 2).clamp(PAUSES.0, PAUSES.1);
        pause
    }

    /// Begins again with no pause, because a watch has held.
    pub(super) fn begin_again(&mut self) {
        self.next = Duration::ZERO;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_the_longest_and_begin_again_when_something_has_held() {
        let mut pauses = Pauses::default();
        let grown: Vec<u128> = (0..8).map(|_| pauses.next().as_millis()).collect();
        assert_eq!(grown, [0, 250, 500, 1000, 2000, 4000, 5000, 5000]);
        pauses.begin_again();
        assert_eq!(pauses.next(), Duration::ZERO);
    }
}
