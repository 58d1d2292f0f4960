//! Goes through the commands of a text: into the shells that they open, to what etcdctl itself runs, and over the lines
//! that are typed into it.
mod command;

use super::{
    Explanation, opaque,
    shell::{Command, Script, Word, script},
    substituted,
    wrapped::{Call, mentions},
};
use crate::keys::Scope;

/// Commands in one another.
const DEEPEST: u32 = 4;

/// Finds every etcdctl, in the order of the text.
#[derive(Debug)]
pub(super) struct Following<'s> {
    scope: &'s Scope,
    found: Vec<Explanation>,
    /// An alias or a function may stand for etcdctl.
    has_names: bool,
}

/// Where a command stands.
#[derive(Clone, Copy, Debug)]
struct Place<'t> {
    around: &'t Call,
    next: Option<&'t Command>,
    /// What it reads if it reads what is typed.
    lines: &'t [u8],
    /// A backslash ends it.
    goes_on: bool,
    depth: u32,
}

/// Where the lines are that a command reads if it reads what is typed.
#[derive(Clone, Copy, Debug)]
enum Below<'t> {
    /// In the text that it stands in itself.
    Text(&'t [u8]),
    /// Below the shell that it stands in.
    Lines(&'t [u8]),
}

impl<'t> Below<'t> {
    fn of(self, command: &Command) -> &'t [u8] {
        match self {
            Self::Text(text) => text.get(command.below..).unwrap_or_default(),
            Self::Lines(lines) => lines,
        }
    }
}

impl<'s> Following<'s> {
    pub(super) fn new(scope: &'s Scope) -> Self {
        Self { scope, found: Vec::new(), has_names: false }
    }

    /// All that is in a text that is typed or pasted.
    pub(super) fn text(mut self, text: &[u8], around: &Call) -> Vec<Explanation> {
        self.typed(text, around, DEEPEST);
        self.found
    }

    /// All that is in a command.
    pub(super) fn command(mut self, command: Command, around: &Call) -> Vec<Explanation> {
        let script = Script { commands: vec![command], ..Script::default() };
        self.script(&script, &mut around.clone(), Below::Lines(&[]), DEEPEST);
        self.found
    }

    /// A shell reads what is typed line by line, and leaves it to its commands meanwhile.
    fn typed(&mut self, mut text: &[u8], around: &Call, depth: u32) {
        let mut around = around.clone();
        while let Some(taken) = self.script(&script(text), &mut around, Below::Text(text), depth) {
            text = text.get(taken..).unwrap_or_default();
        }
    }

    /// Says how far what is below was taken by a command.
    fn script(&mut self, script: &Script, around: &mut Call, below: Below<'_>, depth: u32) -> Option<usize> {
        let mut taken = None;
        for (number, command) in script.commands.iter().enumerate() {
            if taken.is_some_and(|taken| matches!(below, Below::Text(_)) && command.below >= taken) {
                break;
            }
            let inside = command.words.iter().flat_map(substituted::commands);
            for text in inside.filter(|text| mentions(&[Word::read(text)])) {
                self.inside(&self::script(text), command, &mut around.clone(), depth);
            }
            let exports = command.words.first().is_some_and(|word| word.is("export"));
            if exports || command.words.iter().all(|word| word.assignment().is_some()) {
                for word in &command.words {
                    around.variables.assign(word);
                }
                continue;
            }
            self.has_names |= gives_a_name(command);
            let place = Place {
                around,
                next: script.commands.get(number + 1),
                lines: if taken.is_none() { below.of(command) } else { &[] },
                goes_on: script.goes_on && number + 1 == script.commands.len(),
                depth,
            };
            let length = self.one(command, place);
            let from = if let Below::Text(_) = below { command.below } else { 0 };
            taken = taken.or(length.map(|length| from + length));
        }
        if taken.is_none()
            && let Some(missing) = script.unclosed
        {
            self.found.push(Explanation::invalid(
                "etcdctl".to_owned(),
                format!(
                    "runs nothing yet: the shell waits for {missing}, and takes all that follows for a part of it"
                ),
            ));
        }
        taken
    }

    /// What stands in a command, and is run with no lines below it.
    fn inside(&mut self, script: &Script, command: &Command, around: &mut Call, depth: u32) {
        match depth.checked_sub(1) {
            Some(depth) => {
                self.script(script, around, Below::Lines(&[]), depth);
            }
            None => self.found.push(too_deep(command)),
        }
    }
}

/// Whether other names may stand for etcdctl behind it: an alias does, and a function that hands its arguments on.
fn gives_a_name(command: &Command) -> bool {
    let is_alias = command.words.first().is_some_and(|word| word.is("alias"));
    let hands_on = |word: &Word| matches!(word.bytes.as_slice(), b"$@" | b"$*" | b"${@}" | b"${*}");
    mentions(&command.words) && (is_alias || command.words.iter().any(hands_on))
}

fn too_deep(command: &Command) -> Explanation {
    let why = "too many commands stand in one another";
    opaque::explained(command, why, vec![], opaque::may_delete(command, &[]))
}
