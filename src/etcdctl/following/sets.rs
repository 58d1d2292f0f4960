//! Commands that set variables, and the shell's own commands that change the meaning of names.
use super::{CommandPlace, Following, command::keeps_its_words};
use crate::etcdctl::{
    doubt,
    shell::{ShellWord, SimpleCommand, name_before_equals},
    wrapped::{Call, is_of_the_system},
};

/// Variables whose value a shell or another program runs.
const RUN_BY_A_SHELL: &[&str] = &["PROMPT_COMMAND", "PS0", "PS1", "PS2", "PS4"];
const RUN_AS_A_FILE: &[&str] = &["BASH_ENV", "ENV", "LD_PRELOAD", "LD_AUDIT", "LD_LIBRARY_PATH"];
/// Ends of their names: `GIT_EDITOR`, `MANPAGER`, `RSYNC_RSH`.
const RUN_BY_OTHERS: &[&str] =
    &["EDITOR", "VISUAL", "PAGER", "LESSOPEN", "BROWSER", "_COMMAND", "GIT_SSH", "_RSH", "ASKPASS", "_DIFF"];

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

    /// Judges the variables that are set for a command, by the shell or by a program such as env.
    pub(super) fn variables_are_run(
        &mut self,
        command: &SimpleCommand,
        words: &[ShellWord],
        place: CommandPlace<'_>,
    ) {
        let of_the_shell = words.iter().take_while(|word| word.assigns.is_some()).count();
        let looked_at = if keeps_its_words(words) { of_the_shell } else { words.len() };
        for word in words.iter().take(looked_at) {
            self.is_run(
                command,
                &ShellWord { assigns: name_before_equals(&word.bytes), ..word.clone() },
                place,
            );
        }
    }

    /// Judges a variable whose value a program runs.
    fn is_run(&mut self, command: &SimpleCommand, word: &ShellWord, place: CommandPlace<'_>) {
        let Some((name, value)) = word.assignment().filter(|(_, value)| !value.is_empty()) else { return };
        let is = |names: &[&str]| names.iter().any(|known| known.as_bytes() == name);
        let runs = value.windows(2).any(|two| two == b"$(") || value.contains(&b'`');
        let is_doubted = match name {
            b"PROMPT_COMMAND" => true,
            _ if is(RUN_BY_A_SHELL) => runs,
            _ if is(RUN_AS_A_FILE) => true,
            _ if RUN_BY_OTHERS.iter().any(|end| name.ends_with(end.as_bytes())) => {
                word.unknown.is_some() || doubt::of_text(value).is_some() || is_a_file(value)
            }
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

/// Tells whether a value begins with a program that is in no directory of the system.
fn is_a_file(value: &[u8]) -> bool {
    let program = value.split(u8::is_ascii_whitespace).next().unwrap_or_default();
    program.contains(&b'/') && !is_of_the_system(&ShellWord::read(program))
}
