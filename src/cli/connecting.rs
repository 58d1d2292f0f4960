//! First contact with a cluster, and the progress while nobody answers.
use super::{progress::ProgressLine, session::Store};
use crate::{
    failure::Failure,
    foreign_text::ForeignText,
    keys::Scope,
    store::{self, Attempt, Attempts, ClusterStatus},
};
use std::pin::pin;
use tokio::time::timeout;

/// Connects to a store. On a terminal the endpoints that it waits for are shown; Ctrl-C ends the program at once,
/// because nothing has begun.
pub(super) async fn connected<S: Store>(
    store: &S,
    scope: &Scope,
) -> Result<(S::Reader, ClusterStatus), Failure> {
    let attempts = Attempts::default();
    let mut news = attempts.listen();
    let mut connecting = pin!(store.connect(scope, &attempts));
    if let Ok(connected) = timeout(Attempts::UNNOTICED, &mut connecting).await {
        return connected;
    }
    let mut progress = ProgressLine::new();
    loop {
        progress.says(&words(&news.borrow_and_update()));
        tokio::select! {
            biased;
            connected = &mut connecting => return connected,
            Ok(()) = news.changed() => {}
        }
    }
}

/// Returns the names of the endpoints that it waits for.
fn words(attempts: &[Attempt]) -> String {
    let mut numbered = attempts.iter().zip(1..);
    let asked = numbered.find(|(attempt, _)| attempt.progress == store::AttemptProgress::Asked);
    let of_all = |number: usize| match attempts.len() {
        1 => String::new(),
        all => format!(" ({number} of {all})"),
    };
    match asked {
        Some((Attempt { endpoint, .. }, number)) => {
            let endpoint = ForeignText::from(endpoint.as_str());
            format!("connecting to {endpoint}{}; Ctrl-C stops", of_all(number))
        }
        None => "connecting; Ctrl-C stops".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_which_of_all_is_waited_for() {
        let attempt =
            |endpoint: &str, progress| Attempt { endpoint: format!("https://{endpoint}:2379"), progress };
        let failed =
            store::AttemptProgress::Failed(Failure::NothingListening { endpoint: "10.0.0.1".to_owned() });
        let attempts = [
            attempt("10.0.0.1", failed),
            attempt("10.0.0.2", store::AttemptProgress::Asked),
            attempt("10.0.0.3", store::AttemptProgress::NotAsked),
        ];
        assert_eq!(words(&attempts), "connecting to https://10.0.0.2:2379 (2 of 3); Ctrl-C stops");
        assert_eq!(words(&attempts[1..2]), "connecting to https://10.0.0.2:2379; Ctrl-C stops");
        assert_eq!(words(&[]), "connecting; Ctrl-C stops");
        let odd = attempt("\u{1b}[2J", store::AttemptProgress::Asked);
        assert!(!words(&[odd]).contains('\u{1b}'));
    }
}
