//! `coredeck explain --ask`: the question before a deletion that etcdctl is about to make. Whoever asked for it runs
//! etcdctl when this ends with 0, and does not when it ends with anything else.
use super::{
    Exit,
    connecting::connected,
    explain::{line_settings, reach, text, variables},
    output::say,
    run::runtime,
    session::{Etcd, Store as _},
    trouble::Trouble,
    tty::Tty,
};
use crate::{
    config::{Flags, ProcessEnvironment, Settings},
    etcdctl::{Destination, Explanation, Hits, Span, Verdict, explain_words},
    failure::Failure,
    foreign_text::ForeignText,
    keys::{ForeignRange, Interval as _, Scope, spelling::spell},
    plan::{Surroundings, Threshold, ZoneKeys},
    quantity::counted,
    signals::Ending,
    store::{ForeignCounts, count_hits},
};
use std::{ffi::OsString, os::unix::ffi::OsStrExt as _, sync::Arc};

/// By Esc, Ctrl-C or Ctrl-D, in the middle of a line.
const LEFT: &str = "the question was left";

/// What the question is about.
struct Question {
    explanation: Explanation,
    hits: Hits,
    /// Where it was counted.
    place: Option<String>,
    /// Whether the number of keys has to be typed.
    asks_for_number: bool,
}

/// Everything but [`Exit::Done`] means that etcdctl is not to be run.
pub(super) fn run(flags: &Flags, line: &[OsString]) -> Result<Exit, Trouble> {
    let session = Settings::beside_a_line(flags, &ProcessEnvironment)?;
    let words: Vec<_> = line.iter().map(|word| word.as_bytes().to_vec()).collect();
    let mut explanations = explain_words(&words, &variables(), &session.scope.value);
    let (Some(mut explanation), true) = (explanations.pop(), explanations.is_empty()) else {
        return Err(refused("this is not one etcdctl line", "Write it out."));
    };
    let is_elsewhere = explanation.destination != Some(Destination::of_variables(&variables()));
    reach(&mut explanation, &session, is_elsewhere);
    if explanation.verdict == Verdict::Invalid {
        for line in text(&explanation, &Hits::Uncounted) {
            say(line);
        }
        return Err(refused(
            "no release of etcdctl that is known here takes this line",
            "Correct it. If yours does take it, command etcdctl runs it without a question.",
        ));
    }
    let Some(span) = explanation.span.clone().filter(|_| explanation.deletes) else {
        return Ok(Exit::Done);
    };
    let runtime = runtime()?;
    let answer = runtime.block_on(async {
        let question = look(explanation, &span, &session).await;
        if question.hits.tally().is_some_and(|tally| tally.total == 0) {
            say(format!("coredeck: there is no key now in {span}: etcdctl deletes nothing."));
            return Ok(Exit::Done);
        }
        let tty = Tty::open().map_err(|error| {
            refused(
                &format!("there is no terminal to ask on ({error})"),
                "Run it in a terminal, or as command etcdctl, which nobody is asked about.",
            )
        })?;
        let mut ending = Ending::listen().map_err(|error| {
            refused(&format!("no signal could be listened for ({error})"), "Try it again.")
        })?;
        let asked = tokio::select! {
            agreed = agree(&tty, &question, &span) => Ok(agreed),
            death = ending.next() => Err(death),
        };
        // Ctrl-C ends the question, any other signal the program as well; the terminal is given back either way.
        let asked = match asked {
            Ok(agreed) => agreed,
            Err(death) if death.is_of_keyboard() => Err(LEFT),
            Err(death) => {
                drop(tty);
                death.die()
            }
        };
        asked.map(|()| Exit::Done).map_err(|why| {
            if why == LEFT {
                tty.say("");
            }
            refused(why, "Run it again if it should be done.")
        })
    });
    // The reading of the terminal cannot be called off.
    runtime.shutdown_background();
    answer
}

fn refused(why: &str, remedy: &str) -> Trouble {
    Trouble::new(
        Exit::Refused,
        format!("not confirmed: {why}. etcdctl was not run, and nothing was deleted."),
        remedy,
    )
}

/// Counts on the cluster that the line goes to.
async fn look(explanation: Explanation, span: &Span, session: &Settings) -> Question {
    let scope = &session.scope.value;
    let destination = explanation.destination.clone().unwrap_or_default();
    let unknown = |why| (Hits::Unknown(why), None, false);
    let (hits, place, asks_for_number) = match line_settings(&destination, session) {
        Err(why) => unknown(why),
        Ok(settings) => {
            let etcd = Etcd::of(&settings);
            match connected(&etcd, scope).await {
                Err(failure) => unknown(failure.to_string()),
                Ok((reader, status)) => {
                    let counter = etcd.counts(&reader);
                    let hits = count_hits(&counter, &explanation, scope).await;
                    let total = hits.tally().map_or(0, |tally| tally.total);
                    let asks = asks_for_number(&counter, span, total, scope).await;
                    let place = format!("On {}, cluster {}", status.endpoint, status.cluster);
                    (hits, Some(place), asks)
                }
            }
        }
    };
    Question { explanation, hits, place, asks_for_number }
}

/// By the thresholds of this program's own plans. What cannot be counted for them counts as beyond.
async fn asks_for_number(counter: &impl ForeignCounts, span: &Span, total: u64, scope: &Scope) -> bool {
    match surroundings(counter, &span.range(), scope).await {
        Ok(around) => Threshold::of(total, &around).is_some(),
        Err(_) => true,
    }
}

/// The scope, and the zone that a deletion begins in: all of the scope where it begins before it.
async fn surroundings(
    counter: &impl ForeignCounts,
    range: &ForeignRange,
    scope: &Scope,
) -> Result<Surroundings, Failure> {
    let whole = ForeignRange::beginning_with(scope.as_str().as_bytes());
    let zone = match scope.key(range.start()) {
        Ok(key) => {
            let top = scope.segments_of(&key).next().unwrap_or_default();
            let key = [scope.as_str().as_bytes(), top].concat();
            vec![ForeignRange::granted(&key, b""), ForeignRange::beginning_with(&[&key, &b"/"[..]].concat())]
        }
        Err(_) => vec![whole.clone()],
    };
    let (mut keys, mut deleted) = (0, 0);
    for piece in zone {
        keys += counter.count_foreign(&piece, None).await?.keys;
        let hit = range.between(piece.start(), piece.end());
        if !hit.is_empty() {
            deleted += counter.count_foreign(&hit, None).await?.keys;
        }
    }
    let scope_keys = counter.count_foreign(&whole, None).await?.keys;
    Ok(Surroundings { scope_keys, zones: vec![ZoneKeys { zone: spell(range.start()), keys, deleted }] })
}

/// # Errors
/// Why it is no agreement.
async fn agree(tty: &Tty, question: &Question, span: &Span) -> Result<(), &'static str> {
    for line in text(&question.explanation, &question.hits) {
        tty.say(line);
    }
    let challenge = spell(&span.start);
    let keyboard = Arc::new(tty.keyboard());
    let ask = async |question: String| {
        let keyboard = Arc::clone(&keyboard);
        tokio::task::spawn_blocking(move || keyboard.ask(&question)).await.ok().flatten()
    };
    let total = question.hits.tally().map(|tally| tally.total);
    let what = match total {
        Some(total) => counted(total, "key"),
        None => "an unknown number of keys".to_owned(),
    };
    if let Some(place) = &question.place {
        let at = question.hits.tally().map(|tally| format!(", counted at revision {}", tally.revision));
        tty.say(ForeignText::from(format!("{place}{}.", at.unwrap_or_default()).as_str()));
    }
    tty.say("etcdctl deletes what is there when it runs, and there is no undo. Esc leaves it.");
    let typed = ask(format!("Type {challenge} to let etcdctl delete {what}: ")).await;
    if typed.ok_or(LEFT)? != challenge {
        return Err("what was typed is not the key");
    }
    if let Some(total) = total.filter(|_| question.asks_for_number) {
        let typed = ask("Type the number of keys: ".to_owned()).await;
        if typed.ok_or(LEFT)?.trim().replace(',', "") != total.to_string() {
            return Err("that is not the number of keys");
        }
    }
    Ok(())
}
