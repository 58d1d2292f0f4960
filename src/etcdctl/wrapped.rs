//! What stands around an etcdctl line: sudo, variables, a container's door, a shell of its own.
use super::{
    look_alike,
    shell::{Command, Stdin, Word},
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
    /// The program's name only looks like etcdctl's.
    Misspelled(Vec<u8>),
}

/// An etcdctl that is run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Call {
    /// `etcdctl` or `etcdutl`.
    pub(super) program: &'static str,
    pub(super) words: Vec<Word>,
    pub(super) variables: Vec<(Vec<u8>, Vec<u8>)>,
    /// Runs somewhere else: with another environment, and other files.
    pub(super) elsewhere: bool,
    pub(super) stdin: Stdin,
    /// Words are added that are not written here.
    pub(super) more_words: bool,
    /// sudo leaves out the variables that stand before it.
    pub(super) variables_lost: bool,
}

/// Options that take the next word, of programs that run another one.
const RUNNERS: &[(&str, &[&str])] = &[
    (
        "sudo",
        &[
            "-u", "-g", "-h", "-p", "-C", "-r", "-t", "-T", "-U", "-D", "-R", "--user", "--group", "--host",
            "--prompt", "--chdir",
        ],
    ),
    ("doas", &["-u", "-C"]),
    ("env", &["-u", "-C", "--unset", "--chdir"]),
    ("time", &["-f", "-o"]),
    ("nice", &["-n", "--adjustment"]),
    ("ionice", &["-c", "-n"]),
    ("timeout", &["-k", "-s", "--kill-after", "--signal"]),
    ("nohup", &[]),
    ("setsid", &[]),
    ("exec", &["-a"]),
    ("command", &[]),
    ("stdbuf", &["-i", "-o", "-e"]),
    ("unbuffer", &[]),
];

/// Takes away what stands around a command. `exported` are the variables of commands before it.
pub(super) fn inner(command: &Command, exported: &[(Vec<u8>, Vec<u8>)]) -> Inner {
    let mut call = Call { variables: exported.to_vec(), stdin: command.stdin.clone(), ..Call::default() };
    let mut words = command.words.as_slice();
    // Each turn takes at least a word away.
    loop {
        while let Some((name, value)) = words.first().and_then(Word::assignment) {
            call.variables.push((name.into(), value.into()));
            words = words.get(1..).unwrap_or_default();
        }
        let Some((program, rest)) = words.split_first() else { return Inner::Other };
        let Some(name) = name_of(program) else {
            return if mentions(rest) || mentions(words) {
                Inner::Opaque("what runs it is only known to the shell")
            } else {
                Inner::Other
            };
        };
        match name.as_str() {
            "etcdctl" | "etcdctl.sh" | "etcdctl3" | "etcdutl" => {
                call.program = if name == "etcdutl" { "etcdutl" } else { "etcdctl" };
                call.words = rest.into();
                return Inner::Etcdctl(call);
            }
            "sh" | "bash" | "dash" | "ash" | "zsh" => return of_shell(rest, call),
            "ssh" => {
                call.elsewhere = true;
                return of_ssh(rest, call);
            }
            "kubectl" | "oc" | "k3s" | "docker" | "podman" | "nerdctl" | "crictl" => {
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
            "xargs" | "parallel" => {
                let Some(at) =
                    rest.iter().position(|word| name_of(word).is_some_and(|name| is_etcdctl(&name)))
                else {
                    return Inner::Other;
                };
                call.more_words = true;
                words = rest.get(at..).unwrap_or_default();
            }
            name => match RUNNERS.iter().find(|(runner, _)| *runner == name) {
                Some((runner, valued)) => {
                    let empties =
                        |word: &Word| ["-i", "-", "--ignore-environment"].iter().any(|of| word.is(of));
                    if *runner == "env" && rest.first().is_some_and(empties) {
                        call.variables.clear();
                    }
                    if matches!(*runner, "sudo" | "doas") {
                        let keeps = rest
                            .iter()
                            .any(|word| word.is("-E") || word.bytes.starts_with(b"--preserve-env"));
                        if !keeps {
                            call.variables_lost |=
                                call.variables.iter().any(|(name, _)| name.starts_with(b"ETCDCTL_"));
                            call.variables.clear();
                        }
                    }
                    words = behind_options(rest, valued);
                    if *runner == "timeout" {
                        words = words.get(1..).unwrap_or_default();
                    }
                }
                None if is_etcdctl(&look_alike::as_meant(name)) => {
                    return Inner::Misspelled(program.bytes.clone());
                }
                None if mentions(rest) => return Inner::Opaque("what runs it is not understood"),
                None if mentions(words) => return Inner::Misspelled(program.bytes.clone()),
                None => return Inner::Other,
            },
        }
    }
}

fn is_etcdctl(name: &str) -> bool {
    let first = name.split_whitespace().next().unwrap_or_default();
    matches!(first, "etcdctl" | "etcdctl.sh" | "etcdctl3" | "etcdutl")
}

/// A program's name without its directory; `None` where only the shell knows it.
fn name_of(word: &Word) -> Option<String> {
    let text = String::from_utf8_lossy(&word.bytes).into_owned();
    // `~/bin/etcdctl` is etcdctl, wherever that is.
    let known = word.unknown.is_none() || text.ends_with("/etcdctl");
    known.then(|| text.rsplit('/').next().unwrap_or_default().to_owned())
}

fn mentions(words: &[Word]) -> bool {
    words.iter().any(|word| {
        let text = look_alike::as_meant(&String::from_utf8_lossy(&word.bytes));
        text.split(|c: char| !(c.is_alphanumeric() || c == '.' || c == '_')).any(is_etcdctl)
    })
}

/// Behind a program's options and the variables that some take before the command.
fn behind_options<'w>(mut words: &'w [Word], valued: &[&str]) -> &'w [Word] {
    while let Some((word, rest)) = words.split_first() {
        if word.is("--") {
            return rest;
        }
        if word.bytes.len() < 2 || word.bytes.first() != Some(&b'-') {
            break;
        }
        let takes_next = valued.iter().any(|option| word.is(option));
        words = rest.get(usize::from(takes_next)..).unwrap_or_default();
    }
    words
}

/// Options of `exec` that take the next word.
const OF_A_CONTAINER: &[&str] = &[
    "-e",
    "--env",
    "-u",
    "--user",
    "-w",
    "--workdir",
    "--env-file",
    "--detach-keys",
    "--timeout",
    "-c",
    "-n",
    "--container",
    "--namespace",
];

/// What `kubectl exec POD --` and its like run.
fn in_container(words: &[Word]) -> Option<&[Word]> {
    let exec = words.iter().position(|word| word.is("exec"))?;
    let rest = words.get(exec + 1..)?;
    if let Some(at) = rest.iter().position(|word| word.is("--")) {
        return rest.get(at + 1..);
    }
    // Without the two dashes: the first word behind the options is the container.
    behind_options(rest, OF_A_CONTAINER).get(1..).filter(|words| !words.is_empty())
}

fn of_shell(words: &[Word], mut call: Call) -> Inner {
    // `-c`, `-lc`, `-ec`.
    let is_c = |word: &Word| {
        word.bytes.first() == Some(&b'-') && word.bytes.get(1) != Some(&b'-') && word.bytes.ends_with(b"c")
    };
    let Some(text) = words.iter().position(is_c).and_then(|at| words.get(at + 1)) else {
        return if mentions(words) { Inner::Opaque("a shell runs it from a file") } else { Inner::Other };
    };
    if text.unknown.is_some() {
        return if mentions(words) {
            Inner::Opaque("another shell puts in what only it knows")
        } else {
            Inner::Other
        };
    }
    call.words.clear();
    Inner::Shell(text.bytes.clone(), Box::new(call))
}

/// ssh joins its words with blanks, and the shell there reads them again.
fn of_ssh(words: &[Word], mut call: Call) -> Inner {
    const VALUED: &[&str] = &[
        "-b", "-c", "-D", "-E", "-e", "-F", "-I", "-i", "-J", "-L", "-l", "-m", "-O", "-o", "-p", "-R", "-S",
        "-W", "-w",
    ];
    let Some(remote) = behind_options(words, VALUED).get(1..) else { return Inner::Other };
    if remote.iter().any(|word| word.unknown.is_some()) {
        return if mentions(remote) {
            Inner::Opaque("it holds what only the shell here knows")
        } else {
            Inner::Other
        };
    }
    let text = remote.iter().map(|word| word.bytes.clone()).collect::<Vec<_>>().join(&b' ');
    call.variables.clear();
    Inner::Shell(text, Box::new(call))
}
