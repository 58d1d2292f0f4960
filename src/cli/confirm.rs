//! Agreement to a plan: given in advance on the command line, or on the terminal.
use super::{Exit, arguments::Consent, command_error::CommandError, keyboard::Keyboard};
use crate::{
    etcdctl::quoted,
    plan::{ChangeTally, Confirmed, Mismatch, Plan},
    quantity::counted,
};
use std::io::{self, IsTerminal as _};

/// Returns the number that `--expect` has to give: of the keys that go or are replaced, or if there are none, of those
/// that are made.
pub(super) fn number(plan: &Plan) -> usize {
    if plan.replaces() > 0 { plan.replaces() } else { plan.changes().len() }
}

/// Tells whether there is a person to ask: both streams of the conversation are a terminal.
pub(super) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Returns the options that agree to the plan without a terminal.
pub(super) fn how_to(plan: &Plan) -> String {
    let quoted = quoted(plan.challenge());
    match plan.threshold() {
        Some(_) => format!("--confirm {quoted} --expect N, with the exact number of {}", counted_keys(plan)),
        None => format!("--confirm {quoted}"),
    }
}

/// Returns the name of the keys that [`number`] counts.
fn counted_keys(plan: &Plan) -> &'static str {
    match plan.tally() {
        ChangeTally { creates: 0, updates: 0, moves: 0, .. } => "keys that go",
        ChangeTally { updates: 0, moves: 0, deletes: 0, .. } => "new keys",
        ChangeTally { .. } => "keys that go or are replaced",
    }
}

/// Takes the agreement. May wait for a person: call it in a place that may block.
///
/// # Errors
/// There is no agreement: nothing was sent.
pub(super) fn agree(plan: Plan, consent: &Consent) -> Result<Confirmed, CommandError> {
    let refused = |what: String, remedy: String| CommandError::new(Exit::Refused, what, remedy);
    if let Some(expected) = consent.expect
        && expected != number(&plan) as u64
    {
        return Err(refused(
            format!("of {} the plan has {}, not {expected}", counted_keys(&plan), number(&plan)),
            "Look at the plan again: it is not what you expected.".to_owned(),
        ));
    }
    if let Some(typed) = &consent.confirm {
        let how = how_to(&plan);
        return plan.confirm(typed, consent.expect).map_err(|unconfirmed| {
            refused(
                format!("not confirmed: {}", unconfirmed.mismatch),
                format!("Confirm this plan with {how}."),
            )
        });
    }
    if !can_ask() {
        return Err(refused(
            "not confirmed: there is no terminal to ask on".to_owned(),
            format!("Read the plan, then run it again with {}.", how_to(&plan)),
        ));
    }
    let answered = if plan.asks_for_typing() { by_typing(plan, consent) } else { by_a_key(plan) };
    answered.map_err(|mismatch| {
        refused(
            mismatch
                .map_or_else(|| "not confirmed".to_owned(), |mismatch| format!("not confirmed: {mismatch}")),
            "Run it again if it should be done.".to_owned(),
        )
    })
}

fn by_a_key(plan: Plan) -> Result<Confirmed, Option<Mismatch>> {
    let answer = Keyboard::open().ask("Do it? y and Enter, anything else leaves it: ");
    if answer.is_some_and(|answer| matches!(answer.trim(), "y" | "Y")) {
        plan.agree().map_err(|unconfirmed| Some(unconfirmed.mismatch))
    } else {
        Err(None)
    }
}

fn by_typing(plan: Plan, consent: &Consent) -> Result<Confirmed, Option<Mismatch>> {
    let keyboard = Keyboard::open();
    let tally = plan.tally();
    let (challenge, verb) = (plan.challenge(), tally.verb());
    let question = format!("Type {challenge} to {verb} {}: ", counted(tally.total(), "key"));
    let typed = keyboard.ask(&question).ok_or(None)?;
    if typed.is_empty() {
        return Err(None);
    }
    let number = match (plan.threshold(), consent.expect) {
        // The number is asked for only if the key is right.
        (Some(_), None) if plan.mismatch(&typed, None) == Some(Mismatch::Number { given: None }) => {
            let question = format!("Type the number of {}: ", counted_keys(&plan));
            keyboard.ask(&question).ok_or(None)?.trim().parse().ok()
        }
        (_, expected) => expected,
    };
    plan.confirm(&typed, number).map_err(|unconfirmed| Some(unconfirmed.mismatch))
}
