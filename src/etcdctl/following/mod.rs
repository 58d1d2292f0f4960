//! Walk through the commands of a text, into the shells that they open, the commands that etcdctl runs, and the lines
//! that are typed into it. It writes the judged bytes into an account; the bytes that are left over were not
//! understood.
mod account;
mod calls;
mod command;
mod sets;
mod unknown;
mod upstream;

use super::{
    Danger, Explanation, doubt,
    names::{Names, ScriptArguments},
    sentence::sentence,
    shell::{Script, SimpleCommand, script},
    wrapped::Call,
};
use crate::keys::Scope;
use account::Account;
use std::{cell::Cell, rc::Rc};

/// Limit of steps: each command takes some, and each reading of a text takes some.
const STEPS: usize = 100_000;
const OF_A_COMMAND: usize = 4;
/// Limit of explanations: nobody reads so many, and broken brackets can be read in thousands of ways.
const MOST: usize = 1_000;

/// Limit of commands in one another.
const DEEPEST: u32 = 5;

/// Walk that finds each etcdctl, in the order of the text.
#[derive(Debug)]
pub(super) struct Following<'s> {
    scope: &'s Scope,
    found: Vec<CommandExplanation>,
    names: Names,
    /// The input of the commands here, if it is known.
    given: Vec<u8>,
    /// Steps that are left: no text that a person pastes comes near the limit.
    steps: Rc<Cell<usize>>,
}

/// Explanation of one command.
#[derive(Debug)]
struct CommandExplanation {
    explanation: Explanation,
    /// True if it has nothing to do with etcd; it is then shown only beside something that has.
    is_beside: bool,
}

/// Place of a command.
#[derive(Clone, Copy, Debug)]
struct CommandPlace<'t> {
    around: &'t Call,
    next: Option<&'t SimpleCommand>,
    /// The commands whose output the command reads.
    upstream: &'t [SimpleCommand],
    /// The lines that the command reads if it reads the terminal.
    lines: &'t [u8],
    /// True if a backslash ends the command.
    goes_on: bool,
    /// The text of several lines that holds the command, if a person gave that text.
    at: Option<(&'t [u8], &'t SimpleCommand)>,
    depth: u32,
}

/// Place of the lines that a command reads if it reads the terminal.
#[derive(Clone, Copy, Debug)]
enum LinesBelow<'t> {
    /// In the text that holds the command.
    Text(&'t [u8]),
    /// Below the shell that holds the command.
    Lines(&'t [u8]),
}

impl<'t> LinesBelow<'t> {
    fn of(self, command: &SimpleCommand) -> &'t [u8] {
        match self {
            Self::Text(text) => text.get(command.below..).unwrap_or_default(),
            Self::Lines(lines) => lines,
        }
    }
}

impl<'s> Following<'s> {
    pub(super) fn new(scope: &'s Scope) -> Self {
        Self {
            scope,
            found: Vec::new(),
            names: Names::default(),
            given: Vec::new(),
            steps: Rc::new(Cell::new(STEPS)),
        }
    }

    /// Makes a walk for a text that is read by itself, beside this one.
    fn apart(&self) -> Self {
        Self { steps: Rc::clone(&self.steps), ..Self::new(self.scope) }
    }

    /// Takes some of the steps; returns false if none are left, and then the rest is judged as the worst.
    fn takes(&mut self, steps: usize) -> bool {
        match (self.steps.get(), self.steps.get().checked_sub(steps)) {
            (0, _) => false,
            (_, Some(left @ 1..)) if self.found.len() < MOST => {
                self.steps.set(left);
                true
            }
            _ => {
                self.steps.set(0);
                self.tell(doubt::of_too_much());
                false
            }
        }
    }

    /// Explains everything in a text that is typed or pasted.
    pub(super) fn text(mut self, text: &[u8], around: &Call) -> Vec<Explanation> {
        self.typed(text, around, DEEPEST);
        self.finish()
    }

    /// Explains everything in a command.
    pub(super) fn command(mut self, command: &SimpleCommand, around: &Call) -> Vec<Explanation> {
        self.alone(command, around, DEEPEST);
        self.finish()
    }

    fn finish(self) -> Vec<Explanation> {
        if self.found.iter().all(|told| told.is_beside) {
            return vec![];
        }
        self.found.into_iter().map(|told| told.explanation).collect()
    }

    fn tell(&mut self, explanation: Explanation) {
        self.found.push(CommandExplanation { explanation, is_beside: false });
    }

    /// Judges a command that is in no text.
    fn alone(&mut self, command: &SimpleCommand, around: &Call, depth: u32) {
        self.script(
            &Script { commands: vec![command.clone()], ..Script::default() },
            &mut around.clone(),
            LinesBelow::Lines(&[]),
            depth,
        );
    }

    /// Reads a text as a shell reads typed lines: line by line, while its commands may take lines as well.
    fn typed(&mut self, mut text: &[u8], around: &Call, depth: u32) {
        let mut around = around.clone();
        while let Some(taken) = self.script(&script(text), &mut around, LinesBelow::Text(text), depth) {
            text = text.get(taken..).unwrap_or_default();
        }
    }

    /// Judges a script, and returns how far a command took the lines below it.
    fn script(
        &mut self,
        script: &Script,
        around: &mut Call,
        below: LinesBelow<'_>,
        depth: u32,
    ) -> Option<usize> {
        if !self.takes(1 + script.text.len() / 64) {
            return None;
        }
        self.names.enter(script);
        let loaded: Vec<_> = self.names.loaded.keys().cloned().collect();
        let mut account = Account::of(script);
        let (mut taken, mut typed) = (None, 0..0);
        let mut outside: Option<ScriptArguments> = None;
        for (number, command) in script.commands.iter().enumerate() {
            // Lines that were typed into a command are not the shell's, and the text behind them is read by itself.
            if typed.contains(&command.at.first().map_or(0, |place| place.start)) {
                continue;
            }
            if command.at.first().is_some_and(|place| !typed.is_empty() && place.start >= typed.end) {
                break;
            }
            let is_in_body = script.functions.iter().any(|function| function.body.contains(&number));
            match (is_in_body, outside.take()) {
                (true, None) => {
                    outside = Some(std::mem::replace(&mut self.names.arguments, ScriptArguments::OfACall));
                }
                (false, Some(arguments)) => self.names.arguments = arguments,
                (_, same) => outside = same,
            }
            for function in script.functions.iter().filter(|function| function.body.start == number) {
                let body = script.commands.get(function.body.clone()).unwrap_or_default().to_vec();
                self.names.functions.insert(function.name.clone(), body);
            }
            let place = CommandPlace {
                around: &around.clone(),
                next: script.commands.get(number + 1),
                upstream: command
                    .upstream
                    .and_then(|first| script.commands.get(first..number))
                    .unwrap_or_default(),
                lines: if taken.is_none() { below.of(command) } else { &[] },
                goes_on: script.goes_on && number + 1 == script.commands.len(),
                at: matches!(below, LinesBelow::Text(_)).then_some((&*script.text, command)),
                depth,
            };
            let length = self.one(command, around, place);
            account.cover(&command.at);
            if let (None, Some(length)) = (taken, length) {
                if let LinesBelow::Text(_) = below {
                    typed = command.below..command.below + length;
                    account.cover(std::slice::from_ref(&typed));
                    taken = Some(typed.end);
                } else {
                    taken = Some(length);
                }
            }
        }
        if let Some(arguments) = outside {
            self.names.arguments = arguments;
        }
        self.loaded_since(&loaded);
        let end = taken.filter(|_| matches!(below, LinesBelow::Text(_))).unwrap_or(script.text.len());
        self.left(script, account, end);
        taken
    }

    /// Judges the bytes that are in no command.
    fn left(&mut self, script: &Script, account: Account, end: usize) {
        let text = script.text.get(..end).unwrap_or_default();
        let left = account.left(text);
        for place in left {
            let rest = text.get(place).unwrap_or_default();
            let words = [super::shell::ShellWord::read(rest.trim_ascii())];
            match doubt::of_text(rest) {
                Some(holds) => {
                    let why = "this part of the text is not understood";
                    let mut told =
                        doubt::taken_for_the_worst(&words, why, Some(holds), vec![], doubt::deletes(rest));
                    if let Some(missing) = script.unclosed {
                        told.more.push(sentence![
                            "In a terminal it runs nothing yet: the shell waits for ",
                            missing.name(),
                            ", and takes all that follows for a part of it. Ctrl-C ends it."
                        ]);
                    }
                    self.tell(told);
                }
                None => self
                    .found
                    .push(CommandExplanation { explanation: doubt::beside(&words), is_beside: true }),
            }
        }
    }

    /// Judges values that hold a deleting line and that nothing here has run.
    fn loaded_since(&mut self, before: &[Vec<u8>]) {
        let loaded = std::mem::take(&mut self.names.loaded);
        for (name, word) in loaded {
            if before.contains(&name) {
                self.names.loaded.insert(name, word);
                continue;
            }
            let why = "a variable holds a line that deletes, and what uses it is not here";
            let mut readings = self.apart();
            if let Some((_, value)) = word.assignment() {
                readings.typed(value, &Call { elsewhere: true, ..Call::default() }, 1);
            }
            self.tell(doubt::taken_for_the_worst(&[word], why, None, readings.finish(), true));
        }
    }

    /// Judges a script that stands in a command: it runs in a process of its own, with no lines below it.
    fn inside(&mut self, script: &Script, command: &SimpleCommand, around: &Call, depth: u32) {
        let Some(depth) = depth.checked_sub(1) else {
            self.tell(too_deep(command));
            return;
        };
        let names = self.names.clone();
        self.script(script, &mut around.clone(), LinesBelow::Lines(&[]), depth);
        self.names = names;
    }
}

/// Returns the number of the line that a command stands on, if the text has several.
fn line_of((text, command): (&[u8], &SimpleCommand)) -> Option<usize> {
    let start = command.at.first()?.start;
    let lines = |text: &[u8]| text.split(|byte| *byte == b'\n').count() - 1;
    (lines(text.trim_ascii_end()) > 0).then(|| lines(text.get(..start).unwrap_or_default()) + 1)
}

fn too_deep(command: &SimpleCommand) -> Explanation {
    let why = "too many commands stand in one another";
    let told = doubt::taken_for_the_worst(&command.words, why, None, vec![], doubt::may_delete(command, &[]));
    debug_assert_eq!(told.verdict, Danger::Dangerous);
    told
}
