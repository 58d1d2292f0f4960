//! Command `coredeck explain --ask`: the question before a deletion that etcdctl is about to make. Its caller runs
//! etcdctl only if this ends with 0.
use super::{
    Exit,
    command_error::CommandError,
    explain::{line_settings, reach, text, variables},
    keyboard::Keyboard,
    output::say,
    run::runtime,
    teller::OnStderr,
    tty::{Tty, Typing},
};
use crate::{
    config::{Flags, ProcessEnvironment, Settings},
    etcdctl::{Danger, Destination, Explanation, Hits, RangeEnd, Span, explain_words},
    foreign_text::ForeignText,
    keys::spelling::spell,
    ops::count_hits,
    quantity::counted,
    session::{Etcd, Store as _, connected},
    signals::Interruptions,
};
use std::{ffi::OsString, os::unix::ffi::OsStrExt as _, sync::Arc};

/// The reason if Esc, Ctrl-C or Ctrl-D ended the question, in the middle of a line.
const LEFT: &str = "the question was left";

/// Subject of the question.
struct AskedName {
    explanation: Explanation,
    hits: Hits,
    /// The cluster on which the keys were counted.
    place: Option<String>,
}

/// Result of the question.
enum AskResult {
    /// etcdctl may run.
    Agreed,
    /// There was no key to ask about.
    NoKeys(String),
}

/// Asks the question. Any result but [`Exit::Done`] means that etcdctl must not run.
pub(super) fn run(flags: &Flags, line: &[OsString]) -> Result<Exit, CommandError> {
    let session = Settings::beside_a_line(flags, &ProcessEnvironment)?;
    let words: Vec<_> = line.iter().map(|word| word.as_bytes().to_vec()).collect();
    let mut explanations = explain_words(&words, &variables(), &session.scope.value);
    let (Some(mut explanation), true) = (explanations.pop(), explanations.is_empty()) else {
        return Err(refused("this is not one etcdctl line", "Write it out."));
    };
    let is_elsewhere = explanation.destination != Some(Destination::of_variables(&variables()));
    reach(&mut explanation, &session, is_elsewhere);
    if explanation.verdict == Danger::Invalid {
        for line in text(&explanation, &Hits::Uncounted) {
            say(line);
        }
        return Err(refused(
            "no release of etcdctl that is known here takes this line",
            "Correct it. If yours does take it, command etcdctl runs it without a question.",
        ));
    }
    if !explanation.deletes {
        return Ok(Exit::Done);
    }
    let Some(span) = explanation.span.clone() else {
        return Err(refused("which keys the line deletes is not known here", "Write the keys out."));
    };
    let runtime = runtime()?;
    let answer = runtime.block_on(async {
        let question = look(explanation, &session).await;
        if question.hits.tally().is_some_and(|tally| tally.total == 0) {
            return Ok(AskResult::NoKeys(no_keys(&question, &span)));
        }
        let mut interruptions = Interruptions::listen().map_err(|error| {
            refused(&format!("no signal could be listened for ({error})"), "Try it again.")
        })?;
        let tty = Tty::open(&interruptions, Typing::UntilEsc).map_err(|error| {
            refused(
                &format!("there is no terminal to ask on ({error})"),
                "Run it in a terminal, or as command etcdctl, which nobody is asked about.",
            )
        })?;
        let keyboard = Arc::new(tty.keyboard());
        let agreed = agree(&tty, &keyboard, &question, &span);
        let asked = tty.answered(&mut interruptions, || keyboard.say_again(), agreed).await;
        // Ctrl-C ends the question, any other signal the program as well; the terminal is given back either way.
        let asked = match asked {
            Ok(agreed) => agreed,
            Err(death) if death.is_of_keyboard() => Err(LEFT),
            Err(death) => death.die(),
        };
        asked.map(|()| AskResult::Agreed).map_err(|why| {
            if why == LEFT {
                tty.say("");
            }
            refused(why, "Run it again if it should be done.")
        })
    });
    // The program does not wait for the thread that reads the terminal, because that read cannot be cancelled.
    runtime.shutdown_background();
    match answer? {
        AskResult::Agreed => Ok(Exit::Done),
        // etcdctl must not run all the same: keys may appear after the count, and another of several endpoints may have
        // some.
        AskResult::NoKeys(told) => Err(CommandError::new(
            Exit::Refused,
            format!("{told}. etcdctl was not run, and nothing was deleted."),
            "If the key is another one, correct it; command etcdctl runs the line without a question.",
        )),
    }
}

/// Returns a sentence such as `there is no key /x now (http://127.0.0.1:2379, cluster 1dfabf63, revision 7)`.
fn no_keys(question: &AskedName, span: &Span) -> String {
    let counted = question.hits.tally().map(|tally| format!("revision {}", tally.revision));
    let looked: Vec<String> = question.place.iter().cloned().chain(counted).collect();
    let place = if span.end == RangeEnd::Single { spell(&span.start) } else { format!("in {span}") };
    format!("there is no key {place} now ({})", looked.join(", "))
}

fn refused(why: &str, remedy: &str) -> CommandError {
    CommandError::new(
        Exit::Refused,
        format!("not confirmed: {why}. etcdctl was not run, and nothing was deleted."),
        remedy,
    )
}

/// Counts the keys on the cluster that the line goes to.
async fn look(explanation: Explanation, session: &Settings) -> AskedName {
    let scope = &session.scope.value;
    let destination = explanation.destination.clone().unwrap_or_default();
    let (hits, place) = match line_settings(&destination, session) {
        Err(why) => (Hits::Unknown(why), None),
        Ok(settings) => {
            let etcd = Etcd::of(&settings);
            match connected(&etcd, scope, &OnStderr).await {
                Err(failure) => (Hits::Unknown(failure.to_string()), None),
                Ok((reader, status)) => {
                    let hits = count_hits(&etcd.counts(&reader), &explanation, scope).await;
                    (hits, Some(format!("{}, cluster {}", status.endpoint, status.cluster)))
                }
            }
        }
    };
    AskedName { explanation, hits, place }
}

/// # Errors
/// The reason why it is no agreement.
async fn agree(
    tty: &Tty,
    keyboard: &Arc<Keyboard>,
    question: &AskedName,
    span: &Span,
) -> Result<(), &'static str> {
    for line in text(&question.explanation, &question.hits) {
        tty.say(line);
    }
    let challenge = spell(&span.start);
    let ask = async |question: String| {
        let keyboard = Arc::clone(keyboard);
        tokio::task::spawn_blocking(move || keyboard.ask(&question)).await.ok().flatten()
    };
    let total = question.hits.tally().map(|tally| tally.total);
    let what = match total {
        Some(total) => counted(total, "key"),
        None => "an unknown number of keys".to_owned(),
    };
    if let Some(place) = &question.place {
        let at = question.hits.tally().map(|tally| format!(", counted at revision {}", tally.revision));
        tty.say(ForeignText::from(format!("On {place}{}.", at.unwrap_or_default()).as_str()));
    }
    tty.say("etcdctl deletes what is there when it runs, and there is no undo. Esc leaves it.");
    let typed = ask(format!("Type {challenge} to let etcdctl delete {what}: ")).await;
    if typed.ok_or(LEFT)? != challenge {
        return Err("what was typed is not the key");
    }
    // The key only shows the beginning of a range; the number shows its size.
    if span.end == RangeEnd::Single {
        return Ok(());
    }
    let (asks, number) = match total {
        Some(total) => ("Type the number of keys: ", total.to_string()),
        None => {
            ("Their number is not known. Type unknown to delete them all the same: ", "unknown".to_owned())
        }
    };
    let typed = ask(asks.to_owned()).await.ok_or(LEFT)?;
    if typed.trim().replace(',', "") == number { Ok(()) } else { Err("that is not the number of keys") }
}
