//! Programs that give a text to another shell, with the place of that text in their words.
use super::{
    doubt::Doubt,
    shell::{ShellWord, SimpleCommand, Stdin},
    wrapped::{Call, Inner},
    wrappers::behind_options,
};

const FROM_FILE: Inner = Inner::Opaque("a shell runs it from a file", Doubt::Always);
const FROM_ELSEWHERE: Inner =
    Inner::Opaque("a shell runs what it is given by another program or a file", Doubt::Always);
const BY_THE_SHELL: Inner = Inner::Opaque("it holds what only the shell knows", Doubt::Always);
const NOT_UNDERSTOOD: Inner = Inner::Opaque("how the shell is called is not understood", Doubt::Always);

/// Reads `bash -c TEXT`, with all forms of its options.
pub(super) fn of_shell(words: &[ShellWord], call: Call) -> Inner {
    const LONG: &[&str] =
        &["login", "norc", "noprofile", "posix", "verbose", "restricted", "noediting", "debugger", "no-rcs"];
    let (mut has_text, mut reads) = (false, false);
    let mut rest = words;
    while let Some((word, behind)) = rest.split_first() {
        if word.is("--") || word.is("-") {
            rest = behind;
            break;
        }
        let text = word.bytes.as_slice();
        if !matches!(text, [b'-' | b'+', _, ..]) {
            break;
        }
        if word.unknown.is_some() {
            return NOT_UNDERSTOOD;
        }
        rest = behind;
        if let Some(name) = text.strip_prefix(b"--") {
            if !LONG.iter().any(|known| known.as_bytes() == name) {
                return NOT_UNDERSTOOD;
            }
            continue;
        }
        for letter in text.iter().skip(1) {
            match letter {
                b'c' => has_text |= text.first() == Some(&b'-'),
                b's' => reads = true,
                // The option's name is the next word.
                b'o' | b'O' => rest = rest.get(1..).unwrap_or_default(),
                b'a'..=b'z' | b'B' | b'C' | b'D' | b'E' | b'H' | b'P' | b'T' => {}
                _ => return NOT_UNDERSTOOD,
            }
        }
    }
    match rest.first() {
        Some(_) if has_text => texts(rest.get(..1).unwrap_or_default(), call),
        None if has_text => NOT_UNDERSTOOD,
        Some(_) if !reads => FROM_FILE,
        _ => from_input(call),
    }
}

/// Reads `su - root -c TEXT`: the options may stand behind the user, and each text is one.
pub(super) fn of_su(words: &[ShellWord], call: Call) -> Inner {
    let mut found = Vec::new();
    let mut has_user = false;
    let mut rest = words;
    while let Some((word, behind)) = rest.split_first() {
        rest = behind;
        if word.is("--") {
            // Words behind the user are the shell's.
            let behind = rest.get(usize::from(!has_user)..).unwrap_or_default();
            return if behind.is_empty() { break } else { of_shell(behind, call) };
        }
        let text = String::from_utf8_lossy(&word.bytes).into_owned();
        if text == "-" {
            continue;
        }
        let Some(option) = text.strip_prefix('-') else {
            if has_user {
                // A word of the shell's behind the user, without dashes, is a file.
                return FROM_FILE;
            }
            has_user = true;
            continue;
        };
        let (name, value) = if let Some(long) = option.strip_prefix('-') {
            long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)))
        } else {
            let flags = option.chars().take_while(|letter| "lmpfP".contains(*letter)).count();
            let Some(letter) = option.get(flags..flags + 1) else {
                if option.is_empty() || flags < option.len() {
                    return NOT_UNDERSTOOD;
                }
                continue;
            };
            (letter, option.get(flags + 1..).filter(|value| !value.is_empty()))
        };
        match name {
            "login" | "preserve-environment" | "fast" | "pty" => continue,
            "c"
            | "command"
            | "session-command"
            | "s"
            | "shell"
            | "g"
            | "group"
            | "G"
            | "supp-group"
            | "w"
            | "whitelist-environment" => {}
            _ => return NOT_UNDERSTOOD,
        }
        let value = match value {
            Some(_) if word.unknown.is_some() => return BY_THE_SHELL,
            Some(value) => ShellWord::read(value.as_bytes()),
            None => {
                let Some((value, behind)) = rest.split_first() else { return NOT_UNDERSTOOD };
                rest = behind;
                value.clone()
            }
        };
        if matches!(name, "c" | "command" | "session-command") {
            found.push(value);
        }
    }
    if found.is_empty() { from_input(call) } else { texts(&found, call) }
}

/// Tells whether sudo is asked to open a shell.
pub(super) fn asks_for_shell(words: &[ShellWord]) -> bool {
    let options = words.iter().take_while(|word| word.bytes.first() == Some(&b'-') && !word.is("--"));
    let is_one = |word: &ShellWord| {
        let text = word.bytes.as_slice();
        matches!(text, b"--login" | b"--shell")
            || text.get(1) != Some(&b'-')
                && text
                    .iter()
                    .skip(1)
                    .take_while(|letter| b"AbBEHknNPSKlvis".contains(letter))
                    .any(|letter| matches!(letter, b'i' | b's'))
    };
    // `-u root` stands before them as often as behind.
    options.clone().any(is_one)
        || words.iter().take(4).any(|word| ["-i", "-s", "--login", "--shell"].iter().any(|of| word.is(of)))
}

/// Reads `sudo -i` with a command, which a shell reads again, or without one. sudo writes a backslash before each sign
/// of a word that a shell knows (`parse_args.c`), so that `sudo -i sh -c 'a b'` keeps its text in one word.
pub(super) fn of_sudo(words: &[ShellWord], call: Call) -> Inner {
    let Some(behind) = super::wrappers::Runner::called("sudo").and_then(|sudo| sudo.behind(words)) else {
        return NOT_UNDERSTOOD;
    };
    let mut call = call;
    call.variables.clear();
    match behind {
        [] => from_input(call),
        // The shell finds no such program, but one that an old sudo gave the words to as they are ran the line.
        [first, ..] if first.bytes.iter().any(u8::is_ascii_whitespace) => joined(behind, call),
        behind => joined(&behind.iter().map(escaped).collect::<Vec<_>>(), call),
    }
}

/// A word as sudo gives it to a shell: it leaves letters, digits, `_`, `-` and `$` as they are.
fn escaped(word: &ShellWord) -> ShellWord {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-$".contains(&byte);
    let escaped = |byte: &u8| if is_plain(*byte) { vec![*byte] } else { vec![b'\\', *byte] };
    ShellWord { bytes: word.bytes.iter().flat_map(escaped).collect(), ..word.clone() }
}

/// ssh joins its words with blanks, and the shell there reads them again. Some of its options are texts for the shell
/// here.
pub(super) fn of_ssh(words: &[ShellWord], mut call: Call) -> Inner {
    let flags = "46AaCfGgKkMNnqsTtVvXxYy";
    let valued = "BbcDEeFIiJLlmOopQRSWw";
    let Some(behind) = behind_options(words, flags, valued, &[], &[]) else { return NOT_UNDERSTOOD };
    // Options may stand behind the host as well.
    let Some((_, behind)) = behind.split_first() else { return Inner::Known("") };
    let Some(remote) = behind_options(behind, flags, valued, &[], &[]) else { return NOT_UNDERSTOOD };
    let options = words.iter().take(words.len() - remote.len());
    for option in options {
        let text = String::from_utf8_lossy(&option.bytes).to_lowercase();
        let runs = ["proxycommand", "localcommand", "knownhostscommand", "remotecommand", "match", "include"];
        if runs.iter().any(|name| text.contains(name)) {
            return Inner::Opaque("an option of ssh runs a command", Doubt::Always);
        }
    }
    if remote.is_empty() {
        return from_input(call);
    }
    call.variables.clear();
    joined(remote, call)
}

/// Reads `trap TEXT SIGNAL`.
pub(super) fn of_trap(words: &[ShellWord], call: Call) -> Inner {
    let words = if words.first().is_some_and(|word| word.is("--")) {
        words.get(1..).unwrap_or_default()
    } else {
        words
    };
    match words {
        [] => Inner::Known(""),
        [first, ..] if first.is("-") || first.is("-p") || first.is("-l") => Inner::Known(""),
        [first, ..] => texts(std::slice::from_ref(first), call),
    }
}

/// Reads `. FILE`: a file of variables is usual, and its name shows it.
pub(super) fn of_source(words: &[ShellWord]) -> Inner {
    const SETTINGS: &[&str] =
        &["/etc/profile", "/etc/default/", "/etc/sysconfig/", "/etc/environment", "/etc/os-release"];
    let Some(file) = words.first().filter(|_| words.len() == 1) else { return FROM_FILE };
    if prints_completions(file) {
        return Inner::Known("completion");
    }
    let text = String::from_utf8_lossy(&file.bytes).into_owned();
    let is_known = matches!(file.unknown, None | Some(super::shell::ExpansionKind::Home));
    let name = text.rsplit('/').next().unwrap_or_default();
    let is_settings = ["env", ".conf"].iter().any(|end| name.ends_with(end))
        || matches!(
            name,
            "openrc"
                | "openrc.sh"
                | ".bashrc"
                | ".profile"
                | ".bash_profile"
                | "activate"
                | "env.sh"
                | "etcdenv.sh"
        )
        || SETTINGS.iter().any(|place| text.starts_with(place));
    if is_known && is_settings { Inner::Known("source") } else { FROM_FILE }
}

/// Tells whether a word is `<(etcdctl completion bash)`, or the same of another program of a cluster.
fn prints_completions(word: &ShellWord) -> bool {
    const PROGRAMS: [&str; 6] = ["etcdctl", "kubectl", "kubeadm", "helm", "crictl", "coredeck"];
    let completes = |command: &SimpleCommand| {
        let [program, verb, shell] = command.words.as_slice() else { return false };
        let is_plain =
            command.words.iter().all(|word| word.unknown.is_none()) && command.redirects.is_empty();
        is_plain
            && PROGRAMS.iter().any(|name| program.is(name))
            && (verb.is("completion") || verb.is("completions"))
            && ["bash", "zsh", "fish"].iter().any(|name| shell.is(name))
    };
    let scripts = word.scripts();
    let [(script, _)] = scripts.as_slice() else { return false };
    let is_whole = word.bytes.starts_with(b"<(") && word.bytes.ends_with(b")");
    is_whole && script.commands.iter().all(completes)
}

/// Reads words that become one text for the shell that is there.
pub(super) fn joined(words: &[ShellWord], call: Call) -> Inner {
    if words.iter().any(|word| word.unknown.is_some()) || call.more_words {
        return BY_THE_SHELL;
    }
    let text = words.iter().map(|word| word.bytes.clone()).collect::<Vec<_>>().join(&b' ');
    Inner::Shells(vec![text], Box::new(call))
}

/// Reads words that are each a text for a shell.
pub(super) fn texts(words: &[ShellWord], mut call: Call) -> Inner {
    if words.is_empty() {
        return NOT_UNDERSTOOD;
    }
    if words.iter().any(|word| word.unknown.is_some()) {
        return BY_THE_SHELL;
    }
    // The words that xargs adds replace a sign in the text.
    let is_filled_in = |word: &ShellWord| word.bytes.windows(2).any(|two| two == b"{}");
    if call.more_words && words.iter().any(is_filled_in) {
        return Inner::Opaque("another program adds words to it", Doubt::Always);
    }
    call.words.clear();
    call.more_words = false;
    Inner::Shells(words.iter().map(|word| word.bytes.clone()).collect(), Box::new(call))
}

/// Reads a shell without a text of its own, which runs its input.
pub(super) fn from_input(mut call: Call) -> Inner {
    if call.more_words {
        return BY_THE_SHELL;
    }
    match std::mem::replace(&mut call.stdin, Stdin::Unknown) {
        Stdin::Text(text) | Stdin::Expanded(text) => Inner::Shells(vec![text], Box::new(call)),
        // A line that is typed into it is a line of the text.
        Stdin::Inherited => Inner::Known("shell"),
        Stdin::Unknown => FROM_ELSEWHERE,
    }
}
