//! Commands that etcdctl itself runs: the one behind `--` of watch, and the one behind the name of lock. No shell
//! reads them: etcdctl starts a program with the words as they are, and without an input.
use super::{
    EtcdctlVersion, Span,
    commands::ETCDCTL,
    flag::{KnownFlags, ParsedFlags},
    request::{self, LineEffect, LineWords},
    shell::{ShellWord, SimpleCommand, Stdin},
    txn::argify,
    wrapped::Call,
};

/// The words of a command, the program's name first.
pub(super) type Words = Vec<Vec<u8>>;

/// Reads the keys that `watch` waits for and the command that it runs, as etcdctl does since 3.4 (`parseWatchArgs`).
///
/// # Errors
/// Returns etcdctl's refusal; etcdctl then does nothing.
pub(super) fn watch(
    parsed: &ParsedFlags,
    line: &LineWords,
    known: &KnownFlags<'_>,
) -> Result<LineEffect, String> {
    let set = |name: &str| line.variable(name).filter(|value| !value.is_empty());
    let (key, end) = (set("ETCDCTL_WATCH_KEY"), set("ETCDCTL_WATCH_RANGE_END"));
    if key.is_none() && end.is_some() {
        return Err("ETCDCTL_WATCH_KEY is empty, and ETCDCTL_WATCH_RANGE_END is not".to_owned());
    }
    if parsed.is_on("interactive") {
        let is_typed = line.stdin == Stdin::Inherited;
        return Ok(LineEffect::Watch { span: None, runs: told(&line.stdin, known), is_typed });
    }
    // etcdctl looks at the words as they were typed, behind the first one that is `watch`.
    let behind = line.words.iter().position(|word| word == b"watch").map_or(0, |at| at + 1);
    let typed = line.words.get(behind..).unwrap_or_default();
    let command = typed.iter().position(|word| word == b"--").and_then(|at| typed.get(at + 1..));
    let arguments = parsed.arguments.as_slice();
    let (before, own) = match command {
        None => (arguments.len(), arguments),
        Some([]) => return Err("there is no command behind --".to_owned()),
        Some(command @ [program, ..]) => {
            // If that word stands there twice, the last one counts.
            let at = arguments.iter().rposition(|word| word == program);
            let at = at.ok_or("the command behind -- is not found")?;
            (arguments.len().saturating_sub(command.len()), arguments.get(..at).unwrap_or_default())
        }
    };
    if key.is_some() && before > 0 {
        return Err("bad number of arguments (found conflicting environment key)".to_owned());
    }
    let own: Vec<&[u8]> = key.into_iter().chain(key.and(end)).chain(own.iter().map(Vec::as_slice)).collect();
    let span = match (own.as_slice(), parsed.is_on("prefix")) {
        ([], _) => return Err("bad number of arguments".to_owned()),
        ([_, _], true) => return Err("`range_end` and `--prefix` are mutually exclusive".to_owned()),
        ([key, ..], true) => Span::prefix(key),
        ([key, end], false) => Span::of(key, end),
        // etcdctl accepts more arguments, and ignores them.
        ([key, ..], false) => Span::of(key, b""),
    };
    let runs = Some(command.map(<[_]>::to_vec).into_iter().collect());
    Ok(LineEffect::Watch { span: Some(span), runs, is_typed: false })
}

/// Returns the commands that `watch -i` reads, line by line; none if only a terminal or a pipe knows them.
fn told(stdin: &Stdin, known: &KnownFlags<'_>) -> Option<Vec<Words>> {
    let Stdin::Text(text) = stdin else { return None };
    let of_line = |line: &[u8]| {
        let words = argify(std::str::from_utf8(line).ok()?)?;
        let [first, words @ ..] = words.as_slice() else { return None };
        let at = words.iter().position(|word| word == b"--")?;
        let (own, command) = words.split_at(at);
        let understood = first == b"watch" && known.parse(own).is_ok();
        command.get(1..).filter(|command| understood && !command.is_empty()).map(<[_]>::to_vec)
    };
    Some(text.split(|byte| *byte == b'\n').filter_map(of_line).collect())
}

/// Reads the name that `lock` holds, and the command that it runs meanwhile.
pub(super) fn lock(parsed: &ParsedFlags) -> LineEffect {
    let mut words = parsed.arguments.iter().cloned();
    let name = words.next().unwrap_or_default();
    LineEffect::Lock { name, runs: words.collect() }
}

/// Splits a call into the call without the commands that etcdctl runs, and those commands, to be explained.
pub(super) fn split(call: &Call) -> (Call, Vec<SimpleCommand>) {
    let line = LineWords::of(call);
    let found = EtcdctlVersion::ALL.into_iter().rev().find_map(|version| {
        let request = request::read(&line, ETCDCTL, version).ok()?;
        let runs = if let LineEffect::Watch { runs, .. } = request {
            runs?
        } else if let LineEffect::Lock { runs, .. } = request {
            vec![runs]
        } else {
            return None;
        };
        let runs: Vec<_> = runs.into_iter().filter(|words| !words.is_empty()).collect();
        (!runs.is_empty()).then_some(runs)
    });
    let runs = found.unwrap_or_default();
    // The word as it was written, with parts that only a shell knows.
    let written = |bytes: &Vec<u8>| {
        let word = call.words.iter().find(|word| word.bytes == *bytes);
        word.cloned().unwrap_or_else(|| ShellWord::read(bytes))
    };
    let mut own = call.clone();
    for word in own.words.iter_mut().filter(|word| runs.iter().any(|words| words.contains(&word.bytes))) {
        word.unknown = None;
    }
    let command = |words: Words| SimpleCommand {
        words: words.iter().map(written).collect(),
        stdin: Stdin::Text(Vec::new()),
        ..SimpleCommand::default()
    };
    (own, runs.into_iter().map(command).collect())
}

#[cfg(test)]
mod tests {
    use crate::{
        etcdctl::{Danger, Hits, explain},
        keys::Scope,
    };

    fn of(text: &str) -> Vec<(Danger, bool, String)> {
        explain(text.as_bytes(), &Scope::parse("/coredns").unwrap())
            .iter()
            .map(|one| (one.verdict, one.deletes, one.means(&Hits::Uncounted).join(" ")))
            .collect()
    }

    #[test]
    fn what_watch_and_lock_run_is_explained_beside_them_and_makes_them_as_bad() {
        for line in [
            "etcdctl watch / --prefix -- etcdctl del / --prefix",
            "etcdctl watch / -- etcdctl del / --prefix",
            "etcdctl watch foo -- sh -c \"etcdctl del / coredns\"",
            "etcdctl wat foo -- etcdctl del / coredns",
            "etcdctl watch foo bar --rev 1 -- etcdctl del / coredns",
            "ETCDCTL_WATCH_KEY=/ etcdctl watch -- etcdctl del / --prefix",
            "ETCDCTL_WATCH_KEY=/ ETCDCTL_WATCH_RANGE_END=0 etcdctl watch -- sudo etcdctl del / --prefix",
            "etcdctl watch -i <<'END'\nwatch / --prefix -- etcdctl del / --prefix\nEND\n",
            "etcdctl lock x etcdctl del / coredns",
            "etcdctl lock x -- etcdctl del / --prefix",
            "etcdctl lock --ttl 5 x -- bash -c 'etcdctl del / --prefix'",
            "sudo etcdctl lock x -- etcdctl lock y -- etcdctl del / --prefix",
            "etcdctl watch / -- etcdctl lock x etcdctl del / coredns",
        ] {
            let told = of(line);
            assert!(told.len() >= 2, "{line}: {told:?}");
            assert!(told.iter().all(|(verdict, ..)| *verdict == Danger::Dangerous), "{line}: {told:?}");
            let (_, deletes, said) = told.last().unwrap();
            assert!(*deletes && said.starts_with("deletes every key "), "{line}: {said}");
            assert!(told[0].2.contains("It runs "), "{line}: {told:?}");
        }
    }

    #[test]
    fn the_key_that_is_watched_is_not_taken_for_one_end_with_the_command_for_the_other() {
        for (line, said) in [
            ("etcdctl watch / -- echo x", "waits for changes of the key /, and at each"),
            ("etcdctl watch / 0 -- echo x", "waits for changes of every key that begins with /, and"),
            ("etcdctl watch / --prefix -- echo x", "waits for changes of every key that begins with /, and"),
            ("ETCDCTL_WATCH_KEY=/a etcdctl watch -- echo x", "waits for changes of the key /a, and at each"),
            // The last of two words that are the program's name ends etcdctl's own words.
            ("etcdctl watch / -- echo echo", "waits for changes of every key from / up to echo, and"),
            // Without -- etcdctl runs nothing, and of more than two words the first one counts.
            ("etcdctl watch / etcdctl del", "waits for changes of the key /, and shows them."),
            ("ETCDCTL_WATCH_KEY= etcdctl watch /a", "waits for changes of the key /a, and shows them."),
            ("etcdctl lock x", "holds a key that begins with x/ for as long as it runs."),
            ("etcdctl elect x del", "holds a key with that name"),
        ] {
            let told = of(line);
            assert!(told[0].2.starts_with(said), "{line}: {told:?}");
            let runs = line.contains("-- ") || line.contains("lock") || line.contains("elect");
            assert_eq!(told[0].0, if runs { Danger::Careful } else { Danger::Harmless }, "{line}");
        }
        for line in [
            "etcdctl watch / --",
            "etcdctl watch -- etcdctl del / --prefix",
            "ETCDCTL_WATCH_KEY=/ etcdctl watch /a",
            "ETCDCTL_WATCH_KEY=/ etcdctl watch /a -- etcdctl del /x",
            "ETCDCTL_WATCH_RANGE_END=/ etcdctl watch /a",
            "etcdctl lock x etcdctl del / --prefix",
        ] {
            let told = of(line);
            assert_eq!((told.len(), told[0].0), (1, Danger::Invalid), "{line}: {told:?}");
        }
    }

    #[test]
    fn what_watch_is_told_elsewhere_is_not_taken_for_harmless_and_a_secret_of_what_it_runs_is_not_shown() {
        assert_eq!(of("etcdctl watch -i")[0].0, Danger::Careful, "nothing is typed yet");
        for line in ["etcdctl watch -i < lines", "cat lines | etcdctl watch -i"] {
            assert_eq!((of(line)[0].0, of(line)[0].1), (Danger::Dangerous, true), "{line}");
        }
        let told = of("etcdctl watch / -- etcdctl --password s3cret --user root:s3cret del / --prefix");
        assert!(!format!("{told:?}").contains("s3cret"), "{told:?}");
    }
}
