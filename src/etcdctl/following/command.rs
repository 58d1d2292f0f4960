//! Command of a text, judged by itself.
use super::{CommandPlace, Following, LinesBelow, OF_A_COMMAND, too_deep, upstream};
use crate::etcdctl::{
    Danger, Explanation, child_commands,
    doubt::{self, Doubt},
    look_alike,
    masked::{masked, shown},
    names::{ScriptArguments, only_sets},
    program_name,
    programs::{finds_and_removes, is_etcds_file, shows},
    releases::of_call,
    remarks::accidents,
    sentence::sentence,
    shell::{Redirect, ShellWord, SimpleCommand, Stdin, script},
    stdin_lines, typo_fix,
    wrapped::{Call, Inner, inner, name_of},
};

/// Remark on a line that is complete, and may go on.
const GOES_ON: &str = "It ends with a backslash: in a terminal the shell waits for another line, and takes it for more words of this one.";
const BROKEN: &str = "A blank stands behind the backslash: it is a word for etcdctl, the line ends there, and the next one is a \
                      command of its own, which the shell does not find.";
const DASHES: &str = "Behind -- nothing is a flag: what looks like one is taken for a key.";

impl Following<'_> {
    /// Judges a command, and returns how many bytes of the lines below it the command takes.
    pub(super) fn one(
        &mut self,
        command: &SimpleCommand,
        around: &mut Call,
        place: CommandPlace<'_>,
    ) -> Option<usize> {
        if !self.takes(OF_A_COMMAND) {
            return None;
        }
        let stdin = if command.stdin == Stdin::Inherited { &place.around.stdin } else { &command.stdin };
        let given = Call { stdin: stdin.clone(), ..place.around.clone() };
        let targets = command.redirects.iter().map(|redirect| &redirect.target);
        for (script, is_fed) in command.words.iter().chain(targets).flat_map(ShellWord::scripts) {
            let stdin = if is_fed { Stdin::Unknown } else { given.stdin.clone() };
            self.inside(script, command, &Call { stdin, ..given.clone() }, place.depth);
        }
        if command.redirects.iter().any(|redirect| doubt::is_door(&redirect.target.bytes)) {
            self.opaque(command, "it is connected to somewhere by the shell", Doubt::Always, place);
            return None;
        }
        let writes =
            |redirect: &Redirect| redirect.sign.contains('>') && is_etcds_file(&redirect.target.bytes);
        if command.redirects.iter().any(writes) {
            self.opaque(command, "it writes to a file of etcd's", Doubt::Always, place);
            return None;
        }
        if only_sets(command) {
            self.sets(command, around, place);
            return None;
        }
        // No program has such a name: the word is the end of the line before it.
        let is_end = |word: &ShellWord| word.unknown.is_none() && word.bytes.starts_with(b"--");
        if command.words.first().is_some_and(is_end) && doubt::of_command(command, &[]).is_none() {
            return None;
        }
        let words = self.names.put_into(&command.words);
        let whole = SimpleCommand { words, stdin: stdin.clone(), ..command.clone() };
        self.variables_are_run(command, &whole.words, place);
        if finds_and_removes(&whole.words) {
            self.opaque(command, "it removes files that it finds", Doubt::Always, place);
            return None;
        }
        if whole.words.first().is_some_and(|word| word.is("alias")) {
            self.gives_aliases(&whole, place);
            return None;
        }
        if self.calls(&whole, place) {
            return None;
        }
        // Only the variable makes it etcdctl.
        let by_variable = command.words.first().is_some_and(|word| word.unknown.is_some())
            && whole.words.first().is_some_and(|word| word.unknown.is_none());
        if by_variable {
            self.by_variable(command, &whole, place);
            return None;
        }
        let before = self.found.len();
        let taken = self.judge(&whole, place);
        self.in_doubt(&whole, before, place);
        taken
    }

    /// Judges a command again that was given a line which deletes, and of whose explanations none tells of a deletion:
    /// an option of a program that is known may run it.
    fn in_doubt(&mut self, command: &SimpleCommand, before: usize, place: CommandPlace<'_>) {
        let told = self.found.get(before..).unwrap_or_default();
        let is_seen = told.iter().any(|told| told.explanation.deletes);
        let is_line = |text: &[u8]| text.contains(&b' ') && doubt::is_deleting_line(text);
        let given = match &command.stdin {
            Stdin::Text(text) | Stdin::Expanded(text) => is_line(text),
            Stdin::Inherited | Stdin::Unknown => false,
        };
        let upstream = upstream::text_of(place.upstream);
        let holds = || given || is_line(&upstream) || command.words.iter().any(|word| is_line(&word.bytes));
        if is_seen || keeps_its_words(&command.words) || !holds() {
            return;
        }
        self.opaque(command, "it is given a line that deletes, and may run it", Doubt::Always, place);
    }

    pub(super) fn judge(&mut self, command: &SimpleCommand, place: CommandPlace<'_>) -> Option<usize> {
        let CommandPlace { around, depth, .. } = place;
        match inner(command, &around.variables) {
            Inner::Etcdctl(call) => return self.etcdctl(call.within(around), command, place),
            Inner::Shells(texts, call) => {
                let Some(depth) = depth.checked_sub(1) else {
                    self.tell(too_deep(command));
                    return None;
                };
                // A command that runs what it reads leaves the rest of its input to its own commands.
                let is_read = call.stdin == Stdin::Unknown && command.stdin != Stdin::Unknown;
                return self.shells(&texts, &call, command, is_read, CommandPlace { depth, ..place });
            }
            Inner::Known(what) => self.known(command, what, place),
            Inner::Opaque(why, doubt) => self.opaque(command, why, doubt, place),
            Inner::Misspelled(program) if self.names.has_files => {
                drop(program);
                self.opaque(command, "a program may have got that name", Doubt::ByItsWords, place);
            }
            Inner::Misspelled(program) => {
                let mut wrong = Explanation::invalid(
                    shown(&command.words),
                    sentence!["runs nothing: the shell finds no command ", look_alike::told_apart(&program)],
                );
                wrong.more.extend(accidents(&masked(&command.words)));
                let meant = typo_fix::unmistaken(command, Some(&program));
                if let Some(meant) = meant.and_then(|meant| self.as_meant(&meant, around)) {
                    wrong.as_if_spelled(&meant);
                }
                self.tell(wrong);
            }
        }
        None
    }

    /// Judges texts that a command gives to another shell, or to this one again.
    fn shells(
        &mut self,
        texts: &[Vec<u8>],
        call: &Call,
        command: &SimpleCommand,
        is_read: bool,
        place: CommandPlace<'_>,
    ) -> Option<usize> {
        let first = command.words.first();
        let is_same = first.is_some_and(|word| word.is("eval") || word.is("trap"));
        let names = self.names.clone();
        let given = std::mem::replace(&mut self.given, upstream::text_of(place.upstream));
        if self.given.is_empty() {
            self.given.clone_from(&given);
        }
        if !is_same {
            self.names = names.of_another_process(call.elsewhere);
            for (name, value) in
                call.variables.set.iter().filter(|set| !place.around.variables.set.contains(set))
            {
                self.names.is_given(name, value);
            }
        }
        let mut taken = None;
        for text in texts {
            let call = call.clone();
            if is_read {
                let around = Call { stdin: Stdin::Inherited, ..call.within(place.around) };
                self.typed(text, &around, place.depth);
            } else {
                let lines = LinesBelow::Lines(if taken.is_none() { place.lines } else { &[] });
                taken =
                    taken.or(self.script(&script(text), &mut call.within(place.around), lines, place.depth));
            }
        }
        self.given = given;
        if is_same {
            self.names.forget();
        } else {
            self.names = names;
        }
        taken
    }

    fn etcdctl(&mut self, call: Call, command: &SimpleCommand, place: CommandPlace<'_>) -> Option<usize> {
        if place.goes_on && call.words.is_empty() {
            self.tell(unfinished(call.program));
            return None;
        }
        let typed = stdin_lines::lines(&call, place.lines);
        let stdin = typed.as_ref().map_or(call.stdin.clone(), |typed| Stdin::Text(typed.input.clone()));
        let (call, run) = child_commands::split(&Call { stdin, ..call });
        let mut explanation = of_call(&call, self.scope);
        if self.names.arguments == ScriptArguments::OfACall {
            explanation = super::calls::of_a_function(explanation, &call);
        }
        let joined = typo_fix::with_next_line(command, place.next);
        if joined.is_some() {
            explanation.more.push(BROKEN.into());
        } else if run.is_empty() && typo_fix::dashes_before_flags(&command.words).is_some() {
            explanation.more.push(DASHES.into());
        }
        let meant = joined.or_else(|| typo_fix::unmistaken(command, None));
        if let Some(meant) = meant.and_then(|meant| self.as_meant(&meant, place.around)) {
            explanation.without_accidents(&meant);
        }
        if place.goes_on {
            explanation.more.push(GOES_ON.into());
        }
        if let Some(typed) = &typed {
            explanation.more.extend(typed.more.iter().map(|sentence| (*sentence).into()));
        }
        // If etcdctl refuses the line, the shell reads the lines below.
        let taken = typed.filter(|_| explanation.verdict != Danger::Invalid).map(|typed| typed.length);
        self.with_run(explanation, &call, run, place.depth);
        taken
    }

    /// Adds the commands that etcdctl itself runs behind the line; the worst of them decides how bad the line is.
    fn with_run(&mut self, mut explanation: Explanation, call: &Call, run: Vec<SimpleCommand>, depth: u32) {
        let around = Call { variables: call.variables.clone(), elsewhere: call.elsewhere, ..Call::default() };
        let mut behind = self.apart();
        for command in run {
            let before = behind.found.len();
            match depth.checked_sub(1) {
                Some(depth) => behind.alone(&command, &around, depth),
                None => behind.tell(too_deep(&command)),
            }
            let is_other = before == behind.found.len();
            let end = if is_other { ", which changes nothing of etcd." } else { ": see what that does." };
            explanation.more.push(sentence!["It runs ", shown(&command.words), end]);
        }
        let worst = behind.found.iter().map(|behind| behind.explanation.verdict).max();
        explanation.verdict = worst.map_or(explanation.verdict, |worst| worst.max(explanation.verdict));
        self.tell(explanation);
        self.found.append(&mut behind.found);
    }

    /// Explains the command that was probably meant.
    fn as_meant(&self, command: &SimpleCommand, around: &Call) -> Option<Explanation> {
        match inner(command, &around.variables) {
            Inner::Etcdctl(call) => Some(of_call(&call.within(around), self.scope)),
            Inner::Shells(..) | Inner::Known(_) | Inner::Opaque(..) | Inner::Misspelled(_) => None,
        }
    }
}

/// Tells whether a command only shows or stores what it is given: etcdctl itself, or a program that prints.
pub(super) fn keeps_its_words(words: &[ShellWord]) -> bool {
    let mut words = words.iter().skip_while(|word| word.assigns.is_some());
    let name = words.next().and_then(name_of);
    name.is_some_and(|name| program_name::program(&name).is_some() || shows(&name))
}

fn unfinished(program: &'static str) -> Explanation {
    Explanation::invalid(
        sentence![program, " \\"],
        "runs nothing yet: the line is not finished, because the backslash joins the next one to it",
    )
}
