//! Calls of names that the text itself defines: functions, aliases, and programs in variables.
use super::{CommandExplanation, CommandPlace, Following, too_deep};
use crate::etcdctl::{
    Danger, Explanation,
    doubt::{self, Doubt},
    masked::shown,
    names::ScriptArguments,
    sentence::sentence,
    shell::{ShellWord, SimpleCommand, script},
    wrapped::{Call, Inner, inner},
};

const HANDS_ON: &str = "A function hands on what it is given: each call of it is judged where it stands.";
const A_NAME: &str = "a name is given to it";

impl Following<'_> {
    /// Follows a call of a function or an alias that the text defines. Returns true if nothing else could be run.
    pub(super) fn calls(&mut self, command: &SimpleCommand, place: CommandPlace<'_>) -> bool {
        let Some((first, rest)) = command.words.split_first().filter(|(first, _)| first.unknown.is_none())
        else {
            return false;
        };
        let body = self.names.functions.get(&first.bytes).cloned();
        let alias = self.names.aliases.get(&first.bytes).cloned().filter(|_| !first.quoted);
        let commands = match (body, alias) {
            (Some(body), _) => body,
            (None, Some(text)) => {
                let mut commands = script(&text).commands;
                if let Some(last) = commands.last_mut() {
                    last.words.extend(self.behind_alias(&text, rest));
                }
                commands
            }
            (None, None) => return false,
        };
        let Some(depth) = place.depth.checked_sub(1) else {
            self.tell(too_deep(command));
            return true;
        };
        let before = self.found.len();
        let names = self.names.clone();
        self.names.aliases.remove(&first.bytes);
        if self.names.functions.contains_key(&first.bytes) {
            self.names.arguments = ScriptArguments::Known(rest.to_vec());
        }
        let mut around = Call { stdin: command.stdin.clone(), ..place.around.clone() };
        for command in &commands {
            let place = CommandPlace { around: &around.clone(), depth, next: None, upstream: &[], ..place };
            self.one(command, &mut around, place);
        }
        let is_told =
            self.found.iter().skip(before).any(|told| told.explanation.verdict == Danger::Dangerous);
        self.names = names;
        self.names.forget();
        // The name may still be the program's: the definition is not certain to have been run.
        let inner = inner(command, &place.around.variables);
        match inner {
            Inner::Etcdctl(_) => false,
            Inner::Opaque(..) | Inner::Misspelled(_) | Inner::Shells(..) | Inner::Known(_) => {
                if !is_told
                    && rest
                        .iter()
                        .any(|word| doubt::deletes(&word.bytes) || doubt::names_etcdctl(&word.bytes))
                {
                    self.opaque(command, "its first word may be a name for etcdctl", Doubt::Always, place);
                }
                true
            }
        }
    }

    /// The words behind an alias. Where its text ends with a blank, the shell looks for an alias in the next word too.
    fn behind_alias(&self, text: &[u8], rest: &[ShellWord]) -> Vec<ShellWord> {
        let ends_with_blank = |text: &[u8]| text.last().is_some_and(u8::is_ascii_whitespace);
        let mut aliases = self.names.aliases.clone();
        let (mut words, mut at) = (rest.to_vec(), 0);
        let mut is_looked_for = ends_with_blank(text);
        while let Some(word) =
            words.get(at).filter(|word| is_looked_for && !word.quoted && word.unknown.is_none())
        {
            let Some(text) = aliases.remove(&word.bytes) else { break };
            let own: Vec<ShellWord> =
                script(&text).commands.into_iter().flat_map(|command| command.words).collect();
            let begins_with_alias = own.first().is_some_and(|word| aliases.contains_key(&word.bytes));
            is_looked_for = begins_with_alias || ends_with_blank(&text);
            let behind = if begins_with_alias { at } else { at + own.len() };
            words.splice(at..=at, own);
            at = behind;
        }
        words
    }

    pub(super) fn gives_aliases(&mut self, command: &SimpleCommand, place: CommandPlace<'_>) {
        for word in command.words.iter().skip(1) {
            let Some(at) = word.bytes.iter().position(|byte| *byte == b'=') else { continue };
            let (name, value) = word.bytes.split_at(at);
            let value = value.get(1..).unwrap_or_default();
            if doubt::is_deleting_line(value) || word.unknown.is_some() {
                self.opaque(command, A_NAME, Doubt::Always, place);
            } else if doubt::names_etcdctl(value) {
                let mut told = Explanation::invalid(
                    shown(&command.words),
                    sentence!["cannot be explained for certain: ", A_NAME],
                );
                told.verdict = Danger::Careful;
                self.tell(told);
            }
            self.names.aliases.insert(name.to_vec(), value.to_vec());
        }
    }

    /// Judges a command whose program is in a variable. The result is only as certain as the variable.
    pub(super) fn by_variable(
        &mut self,
        command: &SimpleCommand,
        whole: &SimpleCommand,
        place: CommandPlace<'_>,
    ) {
        let before = self.found.len();
        self.judge(whole, place);
        let told = self.found.split_off(before);
        let is_dangerous = |told: &CommandExplanation| told.explanation.verdict == Danger::Dangerous;
        if !told.iter().any(is_dangerous) {
            self.found.extend(told);
            return;
        }
        let readings = told.into_iter().map(|told| told.explanation).collect();
        let why = "what runs it is only known to the shell";
        self.tell(doubt::taken_for_the_worst(&command.words, why, None, readings, true));
    }
}

/// A function that hands on its arguments does what its caller asks for; that is judged at the call.
pub(super) fn of_a_function(explanation: Explanation, call: &Call) -> Explanation {
    let hands_on = |word: &ShellWord| {
        word.variables().iter().any(|variable| {
            variable.name == b"@" || variable.name == b"*" || variable.name.iter().all(u8::is_ascii_digit)
        })
    };
    let deletes = call.words.iter().any(|word| doubt::deletes(&word.bytes));
    if deletes || !call.words.iter().any(hands_on) || explanation.span.is_some() {
        return explanation;
    }
    let verdict = explanation.verdict.min(Danger::Careful);
    Explanation { verdict, deletes: false, more: vec![HANDS_ON.into()], ..explanation }
}
