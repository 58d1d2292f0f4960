//! Programs that run another one, and where in their words that begins.
use super::{
    shell::{Stdin, Word},
    wrapped::{Call, Inner, joined, mentions},
};

/// A program that runs the one behind its options.
#[derive(Clone, Copy, Debug)]
pub(super) struct Runner {
    name: &'static str,
    /// Options that take the next word.
    valued: &'static [&'static str],
    /// Words of its own between its options and the program.
    own: usize,
}

const fn runner(name: &'static str, valued: &'static [&'static str], own: usize) -> Runner {
    Runner { name, valued, own }
}

const SUDO: &[&str] = &[
    "-u", "-g", "-h", "-p", "-C", "-r", "-t", "-T", "-U", "-D", "-R", "--user", "--group", "--host",
    "--prompt", "--chdir",
];

const RUNNERS: &[Runner] = &[
    runner("sudo", SUDO, 0),
    runner("doas", &["-u", "-C"], 0),
    runner("env", &["-u", "-C", "--unset", "--chdir"], 0),
    runner("time", &["-f", "-o"], 0),
    runner("nice", &["-n", "--adjustment"], 0),
    runner("ionice", &["-c", "-n"], 0),
    runner("timeout", &["-k", "-s", "--kill-after", "--signal"], 1),
    runner("nohup", &[], 0),
    runner("setsid", &[], 0),
    runner("exec", &["-a"], 0),
    runner("command", &[], 0),
    runner("stdbuf", &["-i", "-o", "-e"], 0),
    runner("unbuffer", &[], 0),
    runner("nsenter", &["-t", "--target", "-S", "--setuid", "-G", "--setgid"], 0),
    runner("chroot", &[], 1),
    runner("runuser", &["-u", "--user", "-g", "--group"], 0),
    runner("strace", &["-e", "-o", "-p", "-s", "-P"], 0),
    runner("taskset", &[], 1),
    runner("chrt", &[], 1),
    runner("gosu", &[], 1),
    runner("su-exec", &[], 1),
    runner("unshare", &["-S", "-G", "-R"], 0),
    runner("setpriv", &["--reuid", "--regid", "--groups"], 0),
    runner("busybox", &[], 0),
    // `ip netns exec NAME`.
    runner("ip", &["-n", "-netns"], 3),
    runner("systemd-run", &["-p", "--property", "-E", "--setenv", "--unit", "-M", "-H"], 0),
];

impl Runner {
    pub(super) fn called(name: &str) -> Option<&'static Self> {
        RUNNERS.iter().find(|runner| runner.name == name)
    }

    /// The words of what it runs.
    pub(super) fn behind<'w>(&self, words: &'w [Word]) -> &'w [Word] {
        behind_options(words, self.valued).get(self.own..).unwrap_or_default()
    }

    /// Whether what it runs gets none of the variables that are set before it.
    pub(super) fn empties_variables(&self, words: &[Word]) -> bool {
        match self.name {
            "env" => words
                .first()
                .is_some_and(|word| ["-i", "-", "--ignore-environment"].iter().any(|of| word.is(of))),
            "sudo" | "doas" => {
                !words.iter().any(|word| word.is("-E") || word.bytes.starts_with(b"--preserve-env"))
            }
            _ => false,
        }
    }

    /// Whether nobody has asked it to.
    pub(super) fn loses_variables(&self) -> bool {
        matches!(self.name, "sudo" | "doas")
    }
}

/// Behind a program's options and the two dashes that may end them.
pub(super) fn behind_options<'w>(mut words: &'w [Word], valued: &[&str]) -> &'w [Word] {
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
pub(super) fn in_container(words: &[Word]) -> Option<&[Word]> {
    let exec = words.iter().position(|word| ["exec", "rsh"].iter().any(|of| word.is(of)))?;
    let rest = words.get(exec + 1..)?;
    if let Some(at) = rest.iter().position(|word| word.is("--")) {
        return rest.get(at + 1..);
    }
    // Without the two dashes: the first word behind the options is the container.
    behind_options(rest, OF_A_CONTAINER).get(1..).filter(|words| !words.is_empty())
}

pub(super) fn of_shell(words: &[Word], mut call: Call) -> Inner {
    // `-c`, `-lc`, `-ec`.
    let is_c = |word: &Word| {
        word.bytes.first() == Some(&b'-') && word.bytes.get(1) != Some(&b'-') && word.bytes.ends_with(b"c")
    };
    let Some(text) = words.iter().position(is_c).and_then(|at| words.get(at + 1)) else {
        return if mentions(words) { Inner::Opaque("a shell runs it from a file") } else { from_input(call) };
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
pub(super) fn of_ssh(words: &[Word], mut call: Call) -> Inner {
    const VALUED: &[&str] = &[
        "-b", "-c", "-D", "-E", "-e", "-F", "-I", "-i", "-J", "-L", "-l", "-m", "-O", "-o", "-p", "-R", "-S",
        "-W", "-w",
    ];
    let Some(remote) = behind_options(words, VALUED).get(1..) else { return Inner::Other };
    if remote.is_empty() {
        return from_input(call);
    }
    call.variables.clear();
    joined(remote, call)
}

/// A shell without a text of its own runs what it reads.
fn from_input(mut call: Call) -> Inner {
    match std::mem::replace(&mut call.stdin, Stdin::Unknown) {
        Stdin::Text(text) | Stdin::Expanded(text) => Inner::Shell(text, Box::new(call)),
        Stdin::Inherited | Stdin::Unknown => Inner::Other,
    }
}
