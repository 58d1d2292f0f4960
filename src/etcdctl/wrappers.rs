//! Programs that run another one, with the place in their words where that begins. An option that is not in the table
//! is not understood, and then nothing behind it is.
use super::shell::ShellWord;

/// Program that runs the one behind its options.
#[derive(Clone, Copy, Debug)]
pub(super) struct Runner {
    name: &'static str,
    /// Options of one letter without a value, and those with one.
    flags: &'static str,
    valued: &'static str,
    /// Options of several letters, without their dashes.
    long: &'static [&'static str],
    long_valued: &'static [&'static str],
    /// Number of its own words between its options and the other program.
    own: usize,
}

const fn runner(name: &'static str, flags: &'static str, valued: &'static str) -> Runner {
    Runner { name, flags, valued, long: &[], long_valued: &[], own: 0 }
}

impl Runner {
    const fn long(self, long: &'static [&'static str], long_valued: &'static [&'static str]) -> Self {
        Self { long, long_valued, ..self }
    }

    const fn own(self, own: usize) -> Self {
        Self { own, ..self }
    }
}

const RUNNERS: &[Runner] = &[
    runner("sudo", "AbBEHknNPSKlvis", "ughpCrtTUDR").long(
        &[
            "askpass",
            "background",
            "bell",
            "set-home",
            "login",
            "shell",
            "reset-timestamp",
            "non-interactive",
            "preserve-groups",
            "stdin",
            "validate",
            "preserve-env",
        ],
        &[
            "user",
            "group",
            "host",
            "prompt",
            "chdir",
            "role",
            "type",
            "close-from",
            "command-timeout",
            "other-user",
            "chroot",
            "preserve-env",
        ],
    ),
    runner("doas", "nLs", "uC"),
    runner("env", "i0v", "uC").long(
        &[
            "ignore-environment",
            "null",
            "debug",
            "default-signal",
            "ignore-signal",
            "block-signal",
            "list-signal-handling",
        ],
        &["unset", "chdir"],
    ),
    runner("time", "vpaq", "fo").long(&["verbose", "portability", "append", "quiet"], &["format", "output"]),
    runner("nice", "", "n").long(&[], &["adjustment"]),
    runner("ionice", "t", "cnpPu").long(&["ignore"], &["class", "classdata"]),
    runner("timeout", "v", "ks")
        .long(&["foreground", "preserve-status", "verbose"], &["kill-after", "signal"])
        .own(1),
    runner("nohup", "", ""),
    runner("setsid", "cfw", "").long(&["ctty", "fork", "wait"], &[]),
    runner("exec", "cl", "a"),
    runner("command", "p", ""),
    runner("builtin", "", ""),
    runner("stdbuf", "", "ioe").long(&[], &["input", "output", "error"]),
    runner("unbuffer", "p", ""),
    runner("nsenter", "amnupCUTirwFZ", "tSGW").long(
        &[
            "all",
            "mount",
            "uts",
            "ipc",
            "net",
            "pid",
            "cgroup",
            "user",
            "time",
            "root",
            "wd",
            "no-fork",
            "preserve-credentials",
        ],
        &["target", "setuid", "setgid"],
    ),
    runner("chroot", "", "").long(&["skip-chdir"], &["groups", "userspec"]).own(1),
    runner("runuser", "mplfP", "ugGsw")
        .long(&["login", "preserve-environment", "pty"], &["user", "group", "supp-group", "shell"]),
    runner("strace", "cCdfFhiknqrtTvVwxXyzZDY", "abeEIoOpPsSuU")
        .long(&["follow-forks"], &["output", "trace"]),
    runner("taskset", "ac", "").long(&["all-tasks", "cpu-list"], &[]).own(1),
    runner("chrt", "abfiormRv", "TPD").own(1),
    runner("gosu", "", "").own(1),
    runner("su-exec", "", "").own(1),
    runner("unshare", "muinpUCTfrc", "SGRw")
        .long(&["mount", "net", "pid", "fork", "user", "map-root-user"], &[]),
    runner("setpriv", "d", "")
        .long(&["no-new-privs", "clear-groups", "keep-groups", "init-groups"], &["reuid", "regid", "groups"]),
    runner("busybox", "", ""),
    runner("systemd-run", "dPGrqtS", "puEMH").long(
        &["scope", "pty", "pipe", "quiet", "wait", "collect", "user", "system", "same-dir", "no-block"],
        &["property", "setenv", "unit", "description", "slice", "uid", "gid", "machine", "host"],
    ),
    runner("chronic", "ev", ""),
    runner("caffeinate", "dimsu", "tw"),
];

impl Runner {
    pub(super) fn called(name: &str) -> Option<&'static Self> {
        RUNNERS.iter().find(|runner| runner.name == name)
    }

    /// Returns the words of the program that it runs; none if one of its options is not understood.
    pub(super) fn behind<'w>(&self, words: &'w [ShellWord]) -> Option<&'w [ShellWord]> {
        if words.iter().any(|word| self.runs(word)) {
            return None;
        }
        let rest = behind_options(words, self.flags, self.valued, self.long, self.long_valued)?;
        Some(rest.get(self.own..).unwrap_or_default())
    }

    /// Tells whether an option makes it run one more command: `strace -o '|sh'` (strace(1)), `systemd-run -p
    /// ExecStopPost=` (systemd.service(5)).
    fn runs(&self, word: &ShellWord) -> bool {
        let text = word.bytes.as_slice();
        match self.name {
            "strace" => {
                let value = text.strip_prefix(b"-o").or(text.strip_prefix(b"--output="));
                matches!(value.unwrap_or(text).first(), Some(b'|' | b'!'))
            }
            "systemd-run" => text.windows(4).any(|part| part == b"Exec"),
            _ => false,
        }
    }

    /// Tells whether the other program gets none of the variables that are set before it.
    pub(super) fn empties_variables(&self, words: &[ShellWord]) -> bool {
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

    /// Tells whether the first words behind its options may be variables for the program.
    pub(super) fn sets_variables(&self) -> bool {
        matches!(self.name, "env" | "sudo" | "doas")
    }

    /// Tells whether the program drops variables without being asked to.
    pub(super) fn loses_variables(&self) -> bool {
        matches!(self.name, "sudo" | "doas")
    }
}

/// Returns the words behind a program's options and the two dashes that may end them; none if an option is not known.
pub(super) fn behind_options<'w>(
    mut words: &'w [ShellWord],
    flags: &str,
    valued: &str,
    long: &[&str],
    long_valued: &[&str],
) -> Option<&'w [ShellWord]> {
    while let Some((word, rest)) = words.split_first() {
        if word.is("--") {
            return Some(rest);
        }
        let text = String::from_utf8_lossy(&word.bytes).into_owned();
        if !text.starts_with('-') {
            break;
        }
        // A value may be known only to the shell; an option may not.
        let is_cut = word.unknown.is_some();
        words = rest;
        if let Some(name) = text.strip_prefix("--") {
            let (name, value) =
                name.split_once('=').map_or((name, None), |(name, value)| (name, Some(value)));
            if long_valued.contains(&name) && (value.is_some() || !long.contains(&name)) {
                if value.is_none() {
                    words = rest.get(1..)?;
                }
            } else if !long.contains(&name) || is_cut {
                return None;
            }
            continue;
        }
        let mut letters = text.chars().skip(1);
        while let Some(letter) = letters.next() {
            if valued.contains(letter) {
                if letters.next().is_none() {
                    words = rest.get(1..)?;
                }
                break;
            }
            // `nice -5`.
            let is_number = letter.is_ascii_digit() && flags.is_empty();
            if is_cut || !flags.contains(letter) && !is_number {
                return None;
            }
        }
    }
    Some(words)
}
