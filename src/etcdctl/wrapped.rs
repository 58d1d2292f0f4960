//! Wrappers of an etcdctl line: sudo, variables, a container's door, a shell of its own.
use super::{
    commands::is_first_word,
    doubt::{Doubt, names_etcdctl},
    program_name, programs,
    shell::{ExpansionKind, ShellWord, SimpleCommand, Stdin, WordPart, name_before_equals, script},
    shells,
    variables::Variables,
    wrappers::{Runner, behind_options},
};

/// Command without its wrappers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Inner {
    Etcdctl(Call),
    /// Texts for another shell, and the call that their commands stand in.
    Shells(Vec<Vec<u8>>, Box<Call>),
    /// A program that changes nothing of etcd, with its name if the walk needs that.
    Known(&'static str),
    /// A command that is not understood, with the reason.
    Opaque(&'static str, Doubt),
    /// A program's name that only looks like etcdctl's, or is mistyped.
    Misspelled(Vec<u8>),
}

/// Call of etcdctl.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Call {
    /// `etcdctl` or `etcdutl`.
    pub(super) program: &'static str,
    pub(super) words: Vec<ShellWord>,
    pub(super) variables: Variables,
    /// True if it runs on another machine or in a container: with another environment, and other files.
    pub(super) elsewhere: bool,
    pub(super) stdin: Stdin,
    /// True if words are added that are not written here.
    pub(super) more_words: bool,
    /// True if sudo leaves out the variables that stand before it.
    pub(super) variables_lost: bool,
}

impl Call {
    /// Returns the call inside another one: in a shell that runs elsewhere, or that has an input.
    pub(super) fn within(self, around: &Self) -> Self {
        let stdin = if self.stdin == Stdin::Inherited { around.stdin.clone() } else { self.stdin };
        Self {
            elsewhere: self.elsewhere || around.elsewhere,
            more_words: self.more_words || around.more_words,
            stdin,
            ..self
        }
    }
}

const NOT_UNDERSTOOD: Inner = Inner::Opaque("what runs it is not understood", Doubt::ByItsWords);
const ONLY_THE_SHELL: Inner = Inner::Opaque("what runs it is only known to the shell", Doubt::Always);

/// Removes the wrappers of a command. `exported` are the variables of commands before it.
pub(super) fn inner(command: &SimpleCommand, exported: &Variables) -> Inner {
    let mut call = Call { variables: exported.clone(), stdin: command.stdin.clone(), ..Call::default() };
    let mut words = command.words.clone();
    // Each turn removes at least one word.
    loop {
        let assigned = words.iter().take_while(|word| call.variables.assign(word)).count();
        words.drain(..assigned);
        let Some((program, rest)) = words.split_first() else {
            // The program's name is among the words that are added.
            return if call.more_words { ONLY_THE_SHELL } else { Inner::Known("") };
        };
        let Some(name) = name_of(program) else { return ONLY_THE_SHELL };
        if let Some(program) = program_name::program(&name) {
            // A program of nearly the same name may be one that runs its words.
            let is_command = |word: &ShellWord| is_first_word(&String::from_utf8_lossy(&word.bytes));
            if name.contains(['-', '_']) && !rest.is_empty() && !rest.iter().any(is_command) {
                return NOT_UNDERSTOOD;
            }
            call.program = program;
            call.words = rest.into();
            return Inner::Etcdctl(call);
        }
        if !is_of_the_system(program) {
            return unknown(&name, program, rest);
        }
        words = match step(&name, program, rest, &mut call) {
            WrapperStep::Behind(words) => words,
            WrapperStep::Is(inner) => return inner,
        };
    }
}

enum WrapperStep {
    /// These words are a command again.
    Behind(Vec<ShellWord>),
    Is(Inner),
}

fn step(name: &str, program: &ShellWord, rest: &[ShellWord], call: &mut Call) -> WrapperStep {
    let is = |inner| WrapperStep::Is(inner);
    match name {
        "sh" | "bash" | "dash" | "ash" | "zsh" | "ksh" | "rbash" => is(shells::of_shell(rest, call.clone())),
        "su" => is(shells::of_su(rest, call.clone())),
        "runuser" if !rest.iter().any(|word| word.is("-u")) => is(shells::of_su(rest, call.clone())),
        // eval and watch join their words, and a shell reads them again.
        "eval" => {
            is(shells::joined(rest.strip_prefix(&[ShellWord::read(b"--")][..]).unwrap_or(rest), call.clone()))
        }
        "watch" => match behind_options(
            rest,
            "bcdegptwx",
            "nq",
            &["beep", "color", "differences", "errexit", "chgexit", "no-title", "exec", "no-wrap", "precise"],
            &["interval", "differences", "equexit"],
        ) {
            Some(behind) => is(shells::joined(behind, call.clone())),
            None => is(NOT_UNDERSTOOD),
        },
        "ssh" => {
            call.elsewhere = true;
            is(shells::of_ssh(rest, call.clone()))
        }
        "trap" => is(shells::of_trap(rest, call.clone())),
        "at" | "batch" | "crontab" if !programs::changes_nothing(name, rest) => {
            is(Inner::Opaque("it runs at another time what it is given", Doubt::Always))
        }
        "." | "source" => is(shells::of_source(rest)),
        "kubectl" | "oc" | "k3s" | "docker" | "docker-compose" | "podman" | "nerdctl" | "crictl" => {
            let Some(behind) = in_container(rest) else { return is(of_container(name, rest)) };
            call.elsewhere = true;
            call.variables.clear();
            WrapperStep::Behind(behind)
        }
        "flock" | "find" | "xargs" => of_a_runner_with_rules(name, rest, call),
        "env" if rest.iter().any(splits) => is_split(rest, call),
        "sudo" | "doas" if shells::asks_for_shell(rest) => is(shells::of_sudo(rest, call.clone())),
        "command" if rest.first().is_some_and(|word| word.is("-v") || word.is("-V")) => {
            is(Inner::Known("command"))
        }
        "ip" => match rest.iter().position(|word| word.is("exec")) {
            Some(at) if rest.iter().take(at).any(|word| word.is("netns")) => {
                WrapperStep::Behind(rest.get(at + 2..).unwrap_or_default().into())
            }
            _ => is(of_known(name, rest)),
        },
        name => match Runner::called(name) {
            Some(runner) => {
                let Some(behind) = runner.behind(rest) else { return is(NOT_UNDERSTOOD) };
                if behind.is_empty() && matches!(name, "nsenter" | "chroot" | "unshare") {
                    return is(shells::from_input(call.clone()));
                }
                if runner.empties_variables(rest) {
                    call.variables_lost |= runner.loses_variables() && call.variables.has_etcdctls();
                    call.variables.clear();
                }
                if runner.sets_variables() {
                    return WrapperStep::Behind(assigning(behind));
                }
                WrapperStep::Behind(behind.into())
            }
            // An added word may be its script.
            None if call.more_words && rest.is_empty() && programs::takes_scripts(name) => is(NOT_UNDERSTOOD),
            None if programs::changes_nothing(name, rest) => is(of_known(name, rest)),
            None => is(unknown(name, program, rest)),
        },
    }
}

/// Words of which the first ones set variables, whatever was quoted of them: no shell reads them, but the program.
fn assigning(words: &[ShellWord]) -> Vec<ShellWord> {
    let end = words.iter().position(|word| name_before_equals(&word.bytes).is_none()).unwrap_or(words.len());
    let (set, rest) = words.split_at(end);
    let assigning = |word: &ShellWord| ShellWord { assigns: name_before_equals(&word.bytes), ..word.clone() };
    set.iter().map(assigning).chain(rest.iter().cloned()).collect()
}

/// Reads programs that run another one by rules of their own.
fn of_a_runner_with_rules(name: &str, rest: &[ShellWord], call: &mut Call) -> WrapperStep {
    let is = |inner| WrapperStep::Is(inner);
    match name {
        "flock" => {
            let behind = behind_options(
                rest,
                "esuxnoFv",
                "wE",
                &["close", "exclusive", "shared", "nonblock", "no-fork", "verbose"],
                &["wait", "timeout", "conflict-exit-code"],
            );
            let Some([_, behind @ ..]) = behind else { return is(NOT_UNDERSTOOD) };
            if behind.first().is_some_and(|word| word.is("-c") || word.is("--command")) {
                return is(shells::texts(behind.get(1..2).unwrap_or_default(), call.clone()));
            }
            WrapperStep::Behind(behind.into())
        }
        "find" => {
            let runs = |word: &ShellWord| ["-exec", "-execdir", "-ok", "-okdir"].iter().any(|of| word.is(of));
            let Some(at) = rest.iter().position(runs) else { return is(of_known(name, rest)) };
            let behind = rest.get(at + 1..).unwrap_or_default();
            let end = behind.iter().position(|word| word.is(";") || word.is("+")).unwrap_or(behind.len());
            if behind.get(end..).is_some_and(|more| more.iter().any(runs)) {
                return is(NOT_UNDERSTOOD);
            }
            let words = behind.get(..end).unwrap_or_default();
            call.more_words |= words.iter().any(|word| word.bytes.windows(2).any(|two| two == b"{}"));
            WrapperStep::Behind(words.into())
        }
        _ => {
            let behind = behind_options(
                rest,
                "0oprtxie",
                "adEILlnPs",
                &["null", "interactive", "no-run-if-empty", "verbose", "exit", "open-tty"],
                &[
                    "arg-file",
                    "delimiter",
                    "max-args",
                    "max-lines",
                    "max-procs",
                    "max-chars",
                    "replace",
                    "process-slot-var",
                ],
            );
            let Some(behind) = behind else { return is(NOT_UNDERSTOOD) };
            if behind.is_empty() {
                return is(Inner::Known(""));
            }
            let own = rest.get(..rest.len() - behind.len()).unwrap_or_default();
            if replaces_a_command(own, behind) {
                return is(Inner::Opaque("xargs puts a word in the place of its command", Doubt::Always));
            }
            call.more_words = true;
            WrapperStep::Behind(behind.into())
        }
    }
}

/// Tells whether xargs replaces the command itself: `xargs -I get etcdctl get /x`.
fn replaces_a_command(own: &[ShellWord], behind: &[ShellWord]) -> bool {
    let texts = own.iter().enumerate().filter_map(|(at, word)| {
        let text = word.bytes.as_slice();
        let attached =
            text.strip_prefix(b"-I").or(text.strip_prefix(b"-i")).or(text.strip_prefix(b"--replace="));
        match attached {
            Some(b"") => own.get(at + 1).map(|word| word.bytes.as_slice()),
            attached => attached,
        }
    });
    let is_command = |word: &&ShellWord| {
        let text = String::from_utf8_lossy(&word.bytes);
        is_first_word(&text) || program_name::program(&text).is_some()
    };
    let commands: Vec<&[u8]> = behind.iter().filter(is_command).map(|word| word.bytes.as_slice()).collect();
    texts
        .into_iter()
        .filter(|text| !text.is_empty())
        .any(|text| commands.iter().any(|command| command.windows(text.len()).any(|part| part == text)))
}

/// Judges a program that is in no table.
fn unknown(name: &str, program: &ShellWord, rest: &[ShellWord]) -> Inner {
    let has_path = program.bytes.contains(&b'/') && !is_of_the_system(program);
    // The output of etcdctl is often pasted with the line, and no program has such a name.
    if matches!(name, "SUCCESS" | "FAILURE" | "OK") || name.bytes().all(|byte| byte.is_ascii_digit()) {
        return if rest.is_empty() { Inner::Known("") } else { NOT_UNDERSTOOD };
    }
    if is_output(program) && rest.iter().all(|word| word.unknown.is_none() && programs::is_beside_etcd(word))
    {
        return Inner::Known("");
    }
    if name.starts_with('!') {
        Inner::Opaque("it runs again what was run before", Doubt::Always)
    } else if program_name::meant(name).is_some() && name.ends_with(',') {
        Inner::Opaque("it is a list of words, as another language runs them", Doubt::ByItsWords)
    } else if program_name::meant(name).is_some() && !has_path {
        Inner::Misspelled(program.bytes.clone())
    } else if programs::runs_others(name) {
        Inner::Opaque("it runs what is not written here, or in another language", Doubt::Always)
    } else if has_path {
        Inner::Opaque("it runs a file that is not here", Doubt::ByItsWords)
    } else {
        NOT_UNDERSTOOD
    }
}

/// Tells whether a word begins a line of etcdctl's output: `127.0.0.1:2379 is healthy`, `8e9e05c52164694d, started`. No
/// program has such a name.
fn is_output(word: &ShellWord) -> bool {
    let text = word.bytes.as_slice();
    !word.quoted && (text.ends_with(b",") || text.contains(&b':') && !text.starts_with(b":"))
}

fn of_known(name: &str, words: &[ShellWord]) -> Inner {
    if programs::changes_nothing(name, words) { Inner::Known("") } else { NOT_UNDERSTOOD }
}

/// Tells whether a program is in a directory of the system: a program of the same name elsewhere is another one.
pub(super) fn is_of_the_system(program: &ShellWord) -> bool {
    const PLACES: &[&str] = &[
        "/bin/",
        "/sbin/",
        "/usr/bin/",
        "/usr/sbin/",
        "/usr/local/bin/",
        "/usr/local/sbin/",
        "/opt/bin/",
        "/snap/bin/",
    ];
    let end = program.bytes.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
    let place = program.bytes.get(..end).unwrap_or_default();
    place.is_empty() || PLACES.iter().any(|known| known.as_bytes() == place)
}

/// Tells whether a word is `env -S TEXT`, which divides the text into words.
fn splits(word: &ShellWord) -> bool {
    let text = word.bytes.as_slice();
    text.starts_with(b"--split")
        || text.first() == Some(&b'-') && text.get(1) != Some(&b'-') && text.contains(&b'S')
}

fn is_split(rest: &[ShellWord], call: &Call) -> WrapperStep {
    let opaque = WrapperStep::Is(Inner::Opaque("env divides a text into words of its own", Doubt::Always));
    let Some(at) = rest.iter().position(splits) else { return opaque };
    let (Some(word), Some(behind)) = (rest.get(at), rest.get(at + 1..)) else { return opaque };
    if word.unknown.is_some() {
        return opaque;
    }
    let text = word.bytes.as_slice();
    let (attached, is_long) = match text.strip_prefix(b"--") {
        Some(long) => (long.iter().position(|byte| *byte == b'=').map(|at| long.get(at + 1..)), true),
        None => (text.iter().position(|byte| *byte == b'S').map(|at| text.get(at + 1..)), false),
    };
    let attached = attached.flatten().filter(|text| is_long || !text.is_empty());
    let (text, behind) = match (attached, behind.split_first()) {
        (Some(text), _) => (text.to_vec(), behind),
        (None, Some((text, behind))) if text.unknown.is_none() => (text.bytes.clone(), behind),
        (None, _) => return opaque,
    };
    let read = script(&text);
    let ([command], None) = (read.commands.as_slice(), read.unclosed) else { return opaque };
    if !command.redirects.is_empty() || call.more_words {
        return opaque;
    }
    // The options before it stay env's.
    let before = rest.get(..at).unwrap_or_default();
    let env = [ShellWord::read(b"env")];
    WrapperStep::Behind([&env[..], before, &command.words, behind].concat())
}

/// Returns a program's name without its directory; `None` if only the shell knows it.
pub(super) fn name_of(word: &ShellWord) -> Option<String> {
    let last = |text: &str| text.rsplit('/').next().unwrap_or_default().to_owned();
    let text = String::from_utf8_lossy(&word.bytes).into_owned();
    match word.unknown {
        None => Some(last(&text)),
        Some(ExpansionKind::Output) => found_by(&text).map(str::to_owned),
        // `~/bin/etcdctl` and `$BIN/etcdctl` are etcdctl, wherever that is.
        Some(ExpansionKind::Home | ExpansionKind::Variable) => match word.parts.as_slice() {
            [.., WordPart::Text { bytes, .. }] if bytes.contains(&b'/') => {
                Some(last(&String::from_utf8_lossy(bytes)))
            }
            _ => None,
        },
        Some(ExpansionKind::Files | ExpansionKind::Braces) => None,
    }
}

/// Returns the program that another one looks for: `$(which etcdctl)`.
pub(super) fn found_by(text: &str) -> Option<&'static str> {
    let inside = text.strip_prefix("$(").and_then(|text| text.strip_suffix(')'));
    let inside = inside.or_else(|| text.strip_prefix('`')?.strip_suffix('`'))?;
    match inside.split_whitespace().collect::<Vec<_>>()[..] {
        ["which", name] | ["command", "-v", name] | ["type", "-p" | "-P", name] => {
            program_name::program(name)
        }
        _ => None,
    }
}

/// Options of `run` without a value, and those that take the next word.
const NEW_CONTAINER_FLAGS: &[&str] = &[
    "rm",
    "interactive",
    "tty",
    "detach",
    "init",
    "privileged",
    "read-only",
    "publish-all",
    "quiet",
    "no-healthcheck",
];
const OF_A_NEW_CONTAINER: &str = "aceuvwplhm";
const OF_A_NEW_CONTAINER_LONG: &[&str] = &[
    "entrypoint",
    "env",
    "env-file",
    "user",
    "workdir",
    "volume",
    "volumes-from",
    "mount",
    "tmpfs",
    "network",
    "net",
    "ip",
    "dns",
    "add-host",
    "name",
    "hostname",
    "publish",
    "expose",
    "link",
    "platform",
    "pull",
    "label",
    "cap-add",
    "cap-drop",
    "security-opt",
    "pid",
    "ipc",
    "uts",
    "userns",
    "cgroupns",
    "memory",
    "cpus",
    "shm-size",
    "ulimit",
    "restart",
    "device",
    "group-add",
    "log-driver",
    "log-opt",
    "runtime",
];
/// Options of `exec` that take the next word.
const OF_A_CONTAINER: &str = "euwcn";
const OF_A_CONTAINER_LONG: &[&str] = &[
    "env",
    "user",
    "workdir",
    "env-file",
    "detach-keys",
    "timeout",
    "container",
    "namespace",
    "pod-running-timeout",
    "index",
];

/// Returns the words that a command runs in a container: `kubectl exec POD -- WORDS`, `docker run IMAGE WORDS`.
fn in_container(words: &[ShellWord]) -> Option<Vec<ShellWord>> {
    let verb = words.iter().position(|word| ["exec", "rsh", "run", "debug"].iter().any(|of| word.is(of)))?;
    let rest = words.get(verb + 1..)?;
    if let Some(at) = rest.iter().position(|word| word.is("--")) {
        return rest.get(at + 1..).map(<[_]>::to_vec);
    }
    // Without the two dashes: the first word behind the options is the container.
    let is = |name: &str| words.get(verb).is_some_and(|word| word.is(name));
    let behind = if is("run") {
        behind_options(rest, "itdPq", OF_A_NEW_CONTAINER, NEW_CONTAINER_FLAGS, OF_A_NEW_CONTAINER_LONG)?
    } else if is("debug") {
        return None;
    } else {
        let flags = ["stdin", "tty", "interactive", "detach", "privileged", "quiet", "no-TTY", "sync"];
        behind_options(rest, "itdqsT", OF_A_CONTAINER, &flags, OF_A_CONTAINER_LONG)?
    };
    let own = rest.get(..rest.len() - behind.len()).unwrap_or_default();
    let arguments = behind.get(1..)?;
    let run = [entry_point(own)?, arguments.to_vec()].concat();
    (!run.is_empty()).then_some(run)
}

/// Returns the program that takes the place of the image's own; nothing if none is named.
fn entry_point(options: &[ShellWord]) -> Option<Vec<ShellWord>> {
    let Some(at) = options.iter().position(|word| word.bytes.starts_with(b"--entrypoint")) else {
        return Some(vec![]);
    };
    let option = options.get(at)?;
    let program = match option.bytes.strip_prefix(b"--entrypoint=") {
        Some(program) => ShellWord { bytes: program.to_vec(), ..option.clone() },
        None => options.get(at + 1)?.clone(),
    };
    Some(vec![program])
}

fn of_container(name: &str, words: &[ShellWord]) -> Inner {
    if programs::changes_nothing(name, words) {
        Inner::Known("")
    } else if words.iter().any(|word| names_etcdctl(&word.bytes)) {
        Inner::Opaque("how it is run in a container is not understood", Doubt::ByItsWords)
    } else {
        NOT_UNDERSTOOD
    }
}
