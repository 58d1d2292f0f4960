//! Teller of the command line: a session's warnings and its waiting on stderr.
use super::{output::say_safely, progress::ProgressLine};
use crate::{
    foreign_text::ForeignText,
    session::{Teller, Waiting},
    store::{Attempt, AttemptProgress},
};

/// Tells a person on stderr. On a terminal the endpoints that are waited for are shown; Ctrl-C ends the program at
/// once, because nothing has begun.
#[derive(Debug)]
pub(super) struct OnStderr;

impl Teller for OnStderr {
    fn tell(&self, line: &str) {
        say_safely(format!("coredeck: {line}"));
    }

    fn warn(&self, what: &str, remedy: &str) {
        say_safely(format!("coredeck: warning: {what}"));
        if !remedy.is_empty() {
            say_safely(remedy);
        }
    }

    fn waiting(&self) -> Waiting {
        let mut progress = ProgressLine::new();
        Box::new(move |attempts| progress.says(&words(attempts)))
    }
}

/// Returns the names of the endpoints that it waits for.
fn words(attempts: &[Attempt]) -> String {
    let mut numbered = attempts.iter().zip(1..);
    let asked = numbered.find(|(attempt, _)| attempt.progress == AttemptProgress::Asked);
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
    use crate::failure::Failure;

    #[test]
    fn it_is_said_which_of_all_is_waited_for() {
        let attempt =
            |endpoint: &str, progress| Attempt { endpoint: format!("https://{endpoint}:2379"), progress };
        let failed = AttemptProgress::Failed(Failure::NothingListening { endpoint: "10.0.0.1".to_owned() });
        let attempts = [
            attempt("10.0.0.1", failed),
            attempt("10.0.0.2", AttemptProgress::Asked),
            attempt("10.0.0.3", AttemptProgress::NotAsked),
        ];
        assert_eq!(words(&attempts), "connecting to https://10.0.0.2:2379 (2 of 3); Ctrl-C stops");
        assert_eq!(words(&attempts[1..2]), "connecting to https://10.0.0.2:2379; Ctrl-C stops");
        assert_eq!(words(&[]), "connecting; Ctrl-C stops");
        let odd = attempt("\u{1b}[2J", AttemptProgress::Asked);
        assert!(!words(&[odd]).contains('\u{1b}'));
    }
}
