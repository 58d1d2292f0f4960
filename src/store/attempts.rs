//! Attempts of a first contact: the endpoint that is asked now, and the results of those before it.
use crate::failure::Failure;
use std::time::Duration;
use tokio::sync::watch;

/// An endpoint and its progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub endpoint: String,
    pub progress: AttemptProgress,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptProgress {
    NotAsked,
    /// No answer has come yet.
    Asked,
    Failed(Failure),
}

/// Progress of a store while it is being connected to; without a listener, nobody is told. A store in memory has no
/// endpoints.
#[derive(Clone, Debug, Default)]
pub struct Attempts(watch::Sender<Vec<Attempt>>);

impl Attempts {
    /// Time for which a first contact is not worth a word: usually it is made by then.
    pub const UNNOTICED: Duration = Duration::from_secs(1);

    /// Tells of every step from now on.
    #[must_use]
    pub fn listen(&self) -> watch::Receiver<Vec<Attempt>> {
        self.0.subscribe()
    }

    /// Returns the last failure of each endpoint that did not answer.
    #[must_use]
    pub fn failures(&self) -> Vec<Failure> {
        let failure = |attempt: &Attempt| match &attempt.progress {
            AttemptProgress::Failed(failure) => Some(failure.clone()),
            AttemptProgress::NotAsked | AttemptProgress::Asked => None,
        };
        self.0.borrow().iter().filter_map(failure).collect()
    }

    pub(super) fn begin(&self, endpoints: Vec<String>) {
        let attempt = |endpoint| Attempt { endpoint, progress: AttemptProgress::NotAsked };
        self.0.send_replace(endpoints.into_iter().map(attempt).collect());
    }

    pub(super) fn asked(&self, number: usize) {
        self.come_to(number, AttemptProgress::Asked);
    }

    pub(super) fn failed(&self, number: usize, failure: &Failure) {
        self.come_to(number, AttemptProgress::Failed(failure.clone()));
    }

    fn come_to(&self, number: usize, progress: AttemptProgress) {
        self.0.send_if_modified(|attempts| {
            let Some(attempt) = attempts.get_mut(number) else { return false };
            attempt.progress = progress;
            true
        });
    }
}
