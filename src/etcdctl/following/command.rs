//! One command of a text.
use super::{Below, Following, Place, too_deep};
use crate::etcdctl::{
    Explanation, Verdict, look_alike,
    masked::{masked, shown},
    opaque,
    releases::of_call,
    remarks::accidents,
    runs,
    shell::{Command, Script, Stdin, Word, script},
    typed, unmistaken,
    wrapped::{Call, Inner, inner, mentions},
};

/// Said of what is whole, and may be more.
const GOES_ON: &str = "It ends with a backslash: in a terminal the shell waits for another line, and takes it for more words of this one.";
const BROKEN: &str = "A blank stands behind the backslash: it is a word for etcdctl, the line ends there, and the next one is a \
                      command of its own, which the shell does not find.";
const DASHES: &str = "Behind -- nothing is a flag: what looks like one is taken for a key.";

impl Following<'_> {
    /// Says how much it took of the lines below it.
    pub(super) fn one(&mut self, command: &Command, place: Place<'_>) -> Option<usize> {
        let Place { around, depth, .. } = place;
        match inner(command, &around.variables) {
            Inner::Etcdctl(call) => return self.etcdctl(call.within(around), command, place),
            Inner::Shell(text, call) if depth > 0 => {
                // One that runs what it reads leaves the rest of that to its commands.
                if call.stdin == Stdin::Unknown && command.stdin != Stdin::Unknown {
                    let around = Call { stdin: Stdin::Inherited, ..call.within(around) };
                    self.typed(&text, &around, depth - 1);
                } else {
                    let lines = Below::Lines(place.lines);
                    return self.script(&script(&text), &mut call.within(around), lines, depth - 1);
                }
            }
            Inner::Shell(text, _) => {
                if mentions(&[Word::read(&text)]) {
                    self.found.push(too_deep(command));
                }
            }
            Inner::Other => {
                if let Some(why) = self.suspect(command) {
                    self.opaque(command, why, place);
                }
            }
            Inner::Opaque(why) => self.opaque(command, why, place),
            Inner::Misspelled(program) => {
                let mut wrong = Explanation::invalid(
                    shown(&command.words),
                    format!("runs nothing: the shell finds no command {}", look_alike::told_apart(&program)),
                );
                wrong.more.extend(accidents(&masked(&command.words)));
                let meant = unmistaken::unmistaken(command, Some(&program));
                if let Some(meant) = meant.and_then(|meant| self.as_meant(&meant, around)) {
                    wrong.as_if_spelled(&meant);
                }
                self.found.push(wrong);
            }
        }
        None
    }

    /// Why a command that does not name etcdctl may run it all the same.
    fn suspect(&self, command: &Command) -> Option<&'static str> {
        let given = match &command.stdin {
            Stdin::Text(text) | Stdin::Expanded(text) => mentions(&[Word::read(text)]),
            Stdin::Inherited | Stdin::Unknown => false,
        };
        if given {
            Some("what is done with the text that it is given is not understood")
        } else if self.has_names && command.words.iter().skip(1).any(|word| word.is("del")) {
            Some("its first word may be a name for etcdctl")
        } else {
            None
        }
    }

    /// What has etcdctl in it, and is not followed for certain.
    fn opaque(&mut self, command: &Command, why: &str, place: Place<'_>) {
        let mut readings = Self::new(self.scope);
        if let Some(depth) = place.depth.checked_sub(1) {
            for reading in opaque::readings(command) {
                let mut around = Call { elsewhere: true, ..place.around.clone() };
                readings.script(&reading, &mut around, Below::Lines(&[]), depth);
            }
        }
        let may_delete = opaque::may_delete(command, &place.around.variables.set);
        self.found.push(opaque::explained(command, why, readings.found, may_delete));
    }

    fn etcdctl(&mut self, call: Call, command: &Command, place: Place<'_>) -> Option<usize> {
        if place.goes_on && call.words.is_empty() {
            self.found.push(unfinished(call.program));
            return None;
        }
        let typed = typed::lines(&call, place.lines);
        let stdin = typed.as_ref().map_or(call.stdin.clone(), |typed| Stdin::Text(typed.input.clone()));
        let (call, run) = runs::split(&Call { stdin, ..call });
        let mut explanation = of_call(&call, self.scope);
        let joined = unmistaken::with_next_line(command, place.next);
        if joined.is_some() {
            explanation.more.push(BROKEN.to_owned());
        } else if run.is_empty() && unmistaken::dashes_before_flags(&command.words).is_some() {
            explanation.more.push(DASHES.to_owned());
        }
        let meant = joined.or_else(|| unmistaken::unmistaken(command, None));
        if let Some(meant) = meant.and_then(|meant| self.as_meant(&meant, place.around)) {
            explanation.without_accidents(&meant);
        }
        if place.goes_on {
            explanation.more.push(GOES_ON.to_owned());
        }
        if let Some(typed) = &typed {
            explanation.more.extend(typed.more.iter().map(|sentence| (*sentence).to_owned()));
        }
        // Where it is refused, the shell has the lines.
        let taken = typed.filter(|_| explanation.verdict != Verdict::Invalid).map(|typed| typed.length);
        self.with_run(explanation, &call, run, place.depth);
        taken
    }

    /// Explains what etcdctl itself runs behind the line, which is as bad as the worst of it.
    fn with_run(&mut self, mut explanation: Explanation, call: &Call, run: Vec<Command>, depth: u32) {
        let around = Call { variables: call.variables.clone(), elsewhere: call.elsewhere, ..Call::default() };
        let mut behind = Self::new(self.scope);
        for command in run {
            let before = behind.found.len();
            let script = Script { commands: vec![command.clone()], ..Script::default() };
            behind.inside(&script, &command, &mut around.clone(), depth);
            let is_other = before == behind.found.len();
            let end = if is_other { ", which is not looked at." } else { ": see what that does." };
            explanation.more.push(format!("It runs {}{end}", shown(&command.words)));
        }
        let worst = behind.found.iter().map(|behind| behind.verdict).max();
        explanation.verdict = worst.map_or(explanation.verdict, |worst| worst.max(explanation.verdict));
        self.found.push(explanation);
        self.found.append(&mut behind.found);
    }

    /// What a command would do that was probably meant.
    fn as_meant(&self, command: &Command, around: &Call) -> Option<Explanation> {
        match inner(command, &around.variables) {
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
