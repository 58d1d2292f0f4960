//! Goes through the commands of a text: into the shells that they open, to what etcdctl itself runs, and over the lines
//! that are typed into it.
use super::{
    Explanation, Verdict, look_alike,
    masked::{masked, shown},
    releases::of_call,
    remarks::accidents,
    runs,
    shell::{Command, Script, Stdin, Word, script},
    typed,
    unmistaken::unmistaken,
    wrapped::{Call, Inner, inner, mentions},
};
use crate::keys::Scope;

/// Commands in one another.
const DEEPEST: u32 = 4;

/// Said of what is whole, and may be more.
const GOES_ON: &str = "It ends with a backslash: in a terminal the shell waits for another line, and takes it for more words of this one.";

/// Finds every etcdctl, in the order of the text.
#[derive(Debug)]
pub(super) struct Following<'s> {
    scope: &'s Scope,
    found: Vec<Explanation>,
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
        Self { scope, found: Vec::new() }
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
        let mut exported = around.variables.clone();
        let mut taken = None;
        for (number, command) in script.commands.iter().enumerate() {
            if taken.is_some_and(|taken| matches!(below, Below::Text(_)) && command.below >= taken) {
                break;
            }
            let exports = command.words.first().is_some_and(|word| word.is("export"));
            let assigned = command.words.iter().skip(usize::from(exports)).map(Word::assignment);
            if exports || command.words.iter().all(|word| word.assignment().is_some()) {
                exported.extend(assigned.flatten().map(|(name, value)| (name.into(), value.into())));
                continue;
            }
            let goes_on = script.goes_on && number + 1 == script.commands.len();
            let lines = if taken.is_none() { below.of(command) } else { &[] };
            let length = self.one(command, &exported, around, lines, goes_on, depth);
            let from = if let Below::Text(_) = below { command.below } else { 0 };
            taken = taken.or(length.map(|length| from + length));
        }
        around.variables = exported;
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

    /// Says how much it took of the lines below it.
    fn one(
        &mut self,
        command: &Command,
        exported: &[(Vec<u8>, Vec<u8>)],
        around: &Call,
        lines: &[u8],
        goes_on: bool,
        depth: u32,
    ) -> Option<usize> {
        match inner(command, exported) {
            Inner::Other => None,
            Inner::Etcdctl(call) => {
                let call = call.within(around);
                if goes_on && call.words.is_empty() {
                    self.found.push(unfinished(call.program));
                    return None;
                }
                let meant = self.meant(command, None, exported, around);
                self.etcdctl(call, meant.as_ref(), lines, goes_on, depth)
            }
            Inner::Shell(text, call) if depth > 0 => {
                // One that runs what it reads leaves the rest of that to its commands.
                if call.stdin == Stdin::Unknown && command.stdin != Stdin::Unknown {
                    let around = Call { stdin: Stdin::Inherited, ..call.within(around) };
                    self.typed(&text, &around, depth - 1);
                    return None;
                }
                self.script(&script(&text), &mut call.within(around), Below::Lines(lines), depth - 1)
            }
            Inner::Shell(text, _) => {
                if mentions(&[Word::read(&text)]) {
                    self.found.push(too_deep(command));
                }
                None
            }
            Inner::Opaque(why) => {
                self.found.push(opaque(command, why));
                None
            }
            Inner::Misspelled(program) => {
                let mut wrong = Explanation::invalid(
                    shown(&command.words),
                    format!("runs nothing: the shell finds no command {}", look_alike::told_apart(&program)),
                );
                wrong.more.extend(accidents(&masked(&command.words)));
                if let Some(meant) = self.meant(command, Some(&program), exported, around) {
                    wrong.as_if_spelled(&meant);
                }
                self.found.push(wrong);
                None
            }
        }
    }

    fn etcdctl(
        &mut self,
        call: Call,
        meant: Option<&Explanation>,
        lines: &[u8],
        goes_on: bool,
        depth: u32,
    ) -> Option<usize> {
        let typed = typed::lines(&call, lines);
        let stdin = typed.as_ref().map_or(call.stdin.clone(), |typed| Stdin::Text(typed.input.clone()));
        let (call, run) = runs::split(&Call { stdin, ..call });
        let mut explanation = of_call(&call, self.scope);
        if let Some(meant) = meant {
            explanation.without_accidents(meant);
        }
        if goes_on {
            explanation.more.push(GOES_ON.to_owned());
        }
        let is_refused = explanation.verdict == Verdict::Invalid;
        if let Some(typed) = &typed {
            explanation.more.extend(typed.more.iter().map(|sentence| (*sentence).to_owned()));
        }
        self.with_run(explanation, &call, run, depth);
        // Where it is refused, the shell has the lines.
        typed.filter(|_| !is_refused).map(|typed| typed.length)
    }

    /// Explains what etcdctl itself runs behind the line, which is as bad as the worst of it.
    fn with_run(&mut self, mut explanation: Explanation, call: &Call, run: Vec<Command>, depth: u32) {
        let around = Call { variables: call.variables.clone(), elsewhere: call.elsewhere, ..Call::default() };
        let mut behind = Self::new(self.scope);
        for command in run {
            let (before, words) = (behind.found.len(), shown(&command.words));
            if depth == 0 {
                behind.found.push(too_deep(&command));
            } else {
                let script = Script { commands: vec![command], ..Script::default() };
                behind.script(&script, &mut around.clone(), Below::Lines(&[]), depth - 1);
            }
            let end = if before == behind.found.len() {
                ", which is not looked at."
            } else {
                ": see what that does."
            };
            explanation.more.push(format!("It runs {words}{end}"));
        }
        let worst = behind.found.iter().map(|behind| behind.verdict).max();
        explanation.verdict = worst.map_or(explanation.verdict, |worst| worst.max(explanation.verdict));
        self.found.push(explanation);
        self.found.append(&mut behind.found);
    }

    /// What a command would do without what is probably an accident of pasting or typing in it.
    fn meant(
        &self,
        command: &Command,
        program: Option<&[u8]>,
        exported: &[(Vec<u8>, Vec<u8>)],
        around: &Call,
    ) -> Option<Explanation> {
        match inner(&unmistaken(command, program)?, exported) {
            Inner::Etcdctl(call) => Some(of_call(&call.within(around), self.scope)),
            Inner::Shell(..) | Inner::Other | Inner::Opaque(_) | Inner::Misspelled(_) => None,
        }
    }
}

fn unfinished(program: &str) -> Explanation {
    Explanation::invalid(
        format!("{program} \\"),
        "runs nothing yet: the line is not finished, because the backslash joins the next one to it"
            .to_owned(),
    )
}

fn too_deep(command: &Command) -> Explanation {
    opaque(command, "too many commands stand in one another")
}

/// What has etcdctl in it, and is not followed.
fn opaque(command: &Command, why: &str) -> Explanation {
    Explanation {
        verdict: Verdict::Careful,
        ..Explanation::invalid(shown(&command.words), format!("cannot be explained: {why}"))
    }
}
