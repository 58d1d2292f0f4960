//! What stands around an etcdctl line: sudo, variables, a container's door, a shell of its own.
use super::{
    look_alike, named,
    runners::{Runner, behind_options, in_container, of_shell, of_ssh},
    shell::{Command, Stdin, Unknown, Word},
    substituted::outside,
    variables::Variables,
};

/// What a command is, once all around it is taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Inner {
    Etcdctl(Call),
    /// A text for another shell, and the stdin that its commands have.
    Shell(Vec<u8>, Box<Call>),
    /// Something else, which is not explained.
    Other,
    /// etcdctl is in it, and this is why it cannot be said how it is run.
    Opaque(&'static str),
    /// The program's name only looks like etcdctl's, or is mistyped.
    Misspelled(Vec<u8>),
}

/// An etcdctl that is run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Call {
    /// `etcdctl` or `etcdutl`.
    pub(super) program: &'static str,
    pub(super) words: Vec<Word>,
    pub(super) variables: Variables,
    /// Runs somewhere else: with another environment, and other files.
    pub(super) elsewhere: bool,
    pub(super) stdin: Stdin,
    /// Words are added that are not written here.
    pub(super) more_words: bool,
    /// sudo leaves out the variables that stand before it.
    pub(super) variables_lost: bool,
}

impl Call {
    /// The same where it stands in another call: in a shell that is run elsewhere, or is given an input.
    pub(super) fn within(self, around: &Self) -> Self {
        let stdin = if self.stdin == Stdin::Inherited { around.stdin.clone() } else { self.stdin };
        Self { elsewhere: self.elsewhere || around.elsewhere, stdin, ..self }
    }
}

const NOT_UNDERSTOOD: &str = "what runs it is not understood";

/// Takes away what stands around a command. `exported` are the variables of commands before it.
pub(super) fn inner(command: &Command, exported: &Variables) -> Inner {
    let mut call = Call { variables: exported.clone(), stdin: command.stdin.clone(), ..Call::default() };
    let mut words = command.words.as_slice();
    // Each turn takes at least a word away.
    loop {
        while words.first().is_some_and(|word| call.variables.assign(word)) {
            words = words.get(1..).unwrap_or_default();
        }
        let Some((program, rest)) = words.split_first() else { return Inner::Other };
        let Some(name) = name_of(program) else {
            let of_variable = call.variables.set.iter().any(|(_, value)| mentions(&[Word::read(value)]));
            return if mentions(words) || of_variable {
                Inner::Opaque("what runs it is only known to the shell")
            } else {
                Inner::Other
            };
        };
        if let Some(program) = named::program(&name) {
            call.program = program;
            call.words = rest.into();
            return Inner::Etcdctl(call);
        }
        match name.as_str() {
            "sh" | "bash" | "dash" | "ash" | "zsh" | "su" => return of_shell(rest, call),
            "runuser" if !rest.iter().any(|word| word.is("-u")) => return of_shell(rest, call),
            // They join their words, and a shell reads them again.
            "eval" => return joined(rest, call),
            "watch" => return joined(behind_options(rest, &["-n", "--interval"]), call),
            "ssh" => {
                call.elsewhere = true;
                return of_ssh(rest, call);
            }
            "kubectl" | "oc" | "k3s" | "docker" | "docker-compose" | "podman" | "nerdctl" | "crictl" => {
                let Some(behind) = in_container(rest) else {
                    return if mentions(rest) {
                        Inner::Opaque("how it is run in a container is not understood")
                    } else {
                        Inner::Other
                    };
                };
                call.elsewhere = true;
                call.variables.clear();
                words = behind;
            }
            "flock" => {
                let behind = behind_options(rest, &["-w", "--timeout", "-E", "--conflict-exit-code"]);
                words = behind.get(1..).unwrap_or_default();
                if words.first().is_some_and(|word| word.is("-c") || word.is("--command")) {
                    return of_shell(words, call);
                }
            }
            "find" => {
                let runs = |word: &Word| ["-exec", "-execdir", "-ok", "-okdir"].iter().any(|of| word.is(of));
                let Some(at) = rest.iter().position(runs) else {
                    return if mentions(rest) { Inner::Opaque(NOT_UNDERSTOOD) } else { Inner::Other };
                };
                let behind = rest.get(at + 1..).unwrap_or_default();
                let end = behind.iter().position(|word| word.is(";") || word.is("+"));
                call.more_words |= behind.iter().any(|word| word.is("{}"));
                words = behind.get(..end.unwrap_or(behind.len())).unwrap_or_default();
            }
            "xargs" | "parallel" => {
                let Some(at) = rest
                    .iter()
                    .position(|word| name_of(word).is_some_and(|name| named::program(&name).is_some()))
                else {
                    return if mentions(rest) {
                        Inner::Opaque("another program adds words to it")
                    } else {
                        Inner::Other
                    };
                };
                call.more_words = true;
                words = rest.get(at..).unwrap_or_default();
            }
            name => match Runner::called(name) {
                Some(runner) => {
                    if runner.empties_variables(rest) {
                        call.variables_lost |= runner.loses_variables() && call.variables.has_etcdctls();
                        call.variables.clear();
                    }
                    words = runner.behind(rest);
                }
                None if named::meant(name).is_some() => {
                    return Inner::Misspelled(program.bytes.clone());
                }
                None if mentions(rest) => return Inner::Opaque(NOT_UNDERSTOOD),
                None if mentions(words) => return Inner::Misspelled(program.bytes.clone()),
                None => return Inner::Other,
            },
        }
    }
}

/// A program's name without its directory; `None` where only the shell knows it.
pub(super) fn name_of(word: &Word) -> Option<String> {
    let text = String::from_utf8_lossy(&word.bytes).into_owned();
    if word.unknown == Some(Unknown::Output) {
        return found_by(&text).map(str::to_owned);
    }
    // `~/bin/etcdctl` is etcdctl, wherever that is.
    let known = word.unknown.is_none() || text.ends_with("/etcdctl");
    known.then(|| text.rsplit('/').next().unwrap_or_default().to_owned())
}

/// The program that another one looks for: `$(which etcdctl)`.
pub(super) fn found_by(text: &str) -> Option<&'static str> {
    let inside = text.strip_prefix("$(").and_then(|text| text.strip_suffix(')'));
    let inside = inside.or_else(|| text.strip_prefix('`')?.strip_suffix('`'))?;
    match inside.split_whitespace().collect::<Vec<_>>()[..] {
        ["which", name] | ["command", "-v", name] | ["type", "-p" | "-P", name] => named::program(name),
        _ => None,
    }
}

/// Words that become one text for the shell that is there.
pub(super) fn joined(words: &[Word], call: Call) -> Inner {
    if words.iter().any(|word| word.unknown.is_some()) {
        return if mentions(words) {
            Inner::Opaque("it holds what only the shell knows")
        } else {
            Inner::Other
        };
    }
    let text = words.iter().map(|word| word.bytes.clone()).collect::<Vec<_>>().join(&b' ');
    Inner::Shell(text, Box::new(call))
}

pub(super) fn mentions(words: &[Word]) -> bool {
    words.iter().any(|word| {
        let text = look_alike::as_meant(&String::from_utf8_lossy(&outside(word)));
        text.split(|c: char| !(c.is_alphanumeric() || c == '.' || c == '_'))
            .any(|name| named::program(name).is_some())
    })
}
