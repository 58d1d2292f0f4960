//! Commands that set variables, and the shell's own commands that change the meaning of names.
use super::{CommandPlace, Following};
use crate::etcdctl::{
    doubt,
    shell::{ShellWord, SimpleCommand},
    wrapped::Call,
};

/// Variables whose value a shell or another program runs.
const RUN_BY_A_SHELL: &[&str] = &["PROMPT_COMMAND", "PS0", "PS1", "PS2", "PS4"];
const RUN_AS_A_FILE: &[&str] = &["BASH_ENV", "ENV", "LD_PRELOAD"];
const RUN_BY_OTHERS: &[&str] =
    &["EDITOR", "VISUAL", "PAGER", "LESSOPEN", "GIT_SSH_COMMAND", "GIT_PAGER", "BROWSER", "SUDO_EDITOR"];

impl Following<'_> {
    /// `X=1`, `export X=1`.
    pub(super) fn sets(&mut self, command: &SimpleCommand, around: &mut Call, place: CommandPlace<'_>) {
        for word in &command.words {
            let whole = match self.names.put_into(std::slice::from_ref(word)).as_slice() {
                [one] => one.clone(),
                _ => word.clone(),
            };
            around.variables.assign(&whole);
            self.names.assign(word, &whole);
            self.is_run(command, &whole, place);
        }
    }

    /// Judges a variable whose value a program runs.
    pub(super) fn is_run(&mut self, command: &SimpleCommand, word: &ShellWord, place: CommandPlace<'_>) {
        let Some((name, value)) = word.assignment().filter(|(_, value)| !value.is_empty()) else { return };
        let is = |names: &[&str]| names.iter().any(|known| known.as_bytes() == name);
        let runs = value.windows(2).any(|two| two == b"$(") || value.contains(&b'`');
        let is_doubted = match name {
            b"PROMPT_COMMAND" => true,
            _ if is(RUN_BY_A_SHELL) => runs,
            _ if is(RUN_AS_A_FILE) => true,
            _ if is(RUN_BY_OTHERS) => word.unknown.is_some() || doubt::of_text(value).is_some(),
            _ => false,
        };
        if is_doubted {
            let of_word = SimpleCommand { words: vec![word.clone()], ..command.clone() };
            self.opaque(
                &of_word,
                "a shell or another program runs what this variable holds",
                doubt::Doubt::Always,
                place,
            );
        }
    }

    /// Follows the shell's own commands that change the meaning of names. They are known, and have been judged.
    pub(super) fn renames(&mut self, command: &SimpleCommand) {
        let Some((first, rest)) = command.words.split_first() else { return };
        let is = |name: &str| first.is(name);
        if is("set") && rest.iter().any(|word| word.bytes.first() != Some(&b'-') || word.is("--"))
            || is("shift")
        {
            self.names.arguments = super::ScriptArguments::Unknown;
        }
        if is("unset") || is("source") || is(".") || is("eval") || is("shopt") {
            self.names.functions.clear();
            self.names.aliases.clear();
            self.names.forget();
        }
        if is("unalias") {
            self.names.aliases.clear();
        }
    }
}
