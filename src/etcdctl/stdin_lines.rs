//! Lines that are typed into etcdctl: those below a pasted `etcdctl txn`, which it reads from the terminal.
use super::{
    EtcdctlVersion,
    commands::ETCDCTL,
    request::{self, LineEffect, LineWords},
    shell::Stdin,
    wrapped::Call,
};

/// Lines of a text below a call that the call reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StdinLines {
    /// The bytes that etcdctl would read.
    pub(super) input: Vec<u8>,
    /// The number of bytes of the text that the lines take.
    pub(super) length: usize,
    /// Remarks on the lines.
    pub(super) more: Vec<&'static str>,
}

const UNFINISHED: &str = "It is not finished: etcdctl waits for an empty line behind each of the three parts, and sends it with the \
                          last of them. It is explained as if Enter were pressed.";
const PROMPTS: &str = "compares: and the like are etcdctl's own words for the terminal. They are left out here; typed into it, etcdctl \
                       refuses them.";

/// Number of empty lines that end a transaction.
const PARTS: usize = 3;

/// Returns the lines below a call that it reads; none if it reads none, or if there are none.
pub(super) fn lines(call: &Call, below: &[u8]) -> Option<StdinLines> {
    let is_blank = |line: &[u8]| line.iter().all(u8::is_ascii_whitespace);
    if call.stdin != Stdin::Inherited || is_blank(below) || !reads(call) {
        return None;
    }
    let all: Vec<&[u8]> = below.split_inclusive(|byte| *byte == b'\n').collect();
    let has_prompts = all.iter().any(|line| is_prompt(line));
    // In a transcript the parts are between the prompts.
    let first = all.iter().position(|line| is_prompt(line)).filter(|_| has_prompts);
    let first =
        first.filter(|at| all.get(..*at).is_some_and(|before| before.iter().all(|line| is_blank(line))));
    let (mut input, mut length, mut parts) = (Vec::new(), 0, 0);
    for (number, line) in all.into_iter().enumerate() {
        if parts == PARTS {
            break;
        }
        length += line.len();
        if is_prompt(line) || first.is_some_and(|first| number < first) {
            continue;
        }
        parts += usize::from(is_blank(line));
        input.extend_from_slice(line);
    }
    let mut more = vec![];
    if parts < PARTS {
        if !input.ends_with(b"\n") {
            input.push(b'\n');
        }
        input.extend(std::iter::repeat_n(b'\n', PARTS - parts));
        more.push(UNFINISHED);
    }
    if has_prompts {
        more.push(PROMPTS);
    }
    Some(StdinLines { input, length, more })
}

fn reads(call: &Call) -> bool {
    let line = LineWords::of(call);
    EtcdctlVersion::ALL.into_iter().any(|version| {
        call.program == "etcdctl" && matches!(request::read(&line, ETCDCTL, version), Ok(LineEffect::Txn(_)))
    })
}

/// Tells whether `txn -i` writes this line before a part.
fn is_prompt(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let begins = |with: &[u8]| line.starts_with(with) && line.ends_with(b":");
    begins(b"compares:") || begins(b"success requests") || begins(b"failure requests")
}

#[cfg(test)]
mod tests {
    use crate::{
        etcdctl::{Danger, Explanation, Hits, explain},
        keys::Scope,
    };

    fn of(text: &str) -> Vec<(Explanation, String)> {
        let explained = explain(text.as_bytes(), &Scope::parse("/coredns").unwrap());
        let said = |one: Explanation| (one.means(&Hits::Uncounted).join(" "), one);
        explained.into_iter().map(said).map(|(said, one)| (one, said)).collect()
    }

    #[test]
    fn the_lines_below_a_transaction_are_what_is_typed_into_it() {
        for text in [
            "etcdctl txn\nmod(\"a\") > \"0\"\n\ndel /registry/ --prefix\n\n\n",
            "etcdctl txn -i\nvalue(\"it's\") = \"x\"\n\ndel /registry/ --prefix\n\n\n",
            "sudo ETCDCTL_API=3 etcdctl txn\n\r\ndel /registry/ --prefix\r\n\r\n\r\n",
            "kubectl exec -it etcd-m1 -- sh -c \"ETCDCTL_API=3 etcdctl txn\"\n\ndel /registry/ --prefix\n\n\n",
            "bash <<'END'\netcdctl txn\n\ndel /registry/ --prefix\n\n\nEND\n",
            "$ etcdctl txn\n\nput /coredns/x y\ndel /registry/ --prefix\n\n\n",
            "etcdctl txn\nmod(\"a\") > \"0\"\n\nput /coredns/x y\n\ndel /registry/ --prefix\n\n",
        ] {
            let told = of(text);
            let [(one, said)] = told.as_slice() else { panic!("{text}: {told:?}") };
            assert_eq!((one.verdict, one.deletes), (Danger::Dangerous, true), "{text}: {said}");
            assert!(said.contains("deletes every key that begins with /registry/"), "{text}: {said}");
            assert!(!said.contains("not finished"), "{text}: {said}");
        }
    }

    #[test]
    fn a_transaction_that_lacks_its_last_enter_is_explained_as_if_it_were_pressed() {
        for text in [
            "etcdctl txn\n\ndel /registry/ --prefix",
            "etcdctl txn\n\ndel /registry/ --prefix\n",
            "etcdctl txn\nmod(\"a\") > \"0\"\n\ndel /registry/ --prefix\n\n",
        ] {
            let (one, said) = of(text).remove(0);
            assert_eq!(one.verdict, Danger::Dangerous, "{text}: {said}");
            assert!(said.contains("It is not finished"), "{text}: {said}");
        }
        // Nothing is typed yet.
        for text in ["etcdctl txn", "etcdctl txn\n\n"] {
            assert!(of(text)[0].1.contains("which is not here"), "{text}");
        }
    }

    #[test]
    fn a_transcript_with_the_prompts_of_etcdctl_is_explained_without_them() {
        let text = "etcdctl txn --interactive\n\ncompares:\nmod(\"a\") > \"0\"\n\nsuccess requests (get, put, del):\n\
                    del /registry/ --prefix\n\nfailure requests (get, put, del):\nget /x\n\nSUCCESS\n\n3\n";
        let told = of(text);
        let [(one, said)] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!(one.verdict, Danger::Dangerous, "{said}");
        assert!(said.contains("etcdctl's own words"), "{said}");
    }

    #[test]
    fn what_stands_behind_the_transaction_or_beside_it_is_a_line_of_its_own() {
        let told = of(
            "export ETCDCTL_API=3\netcdctl txn; etcdctl get /a\n\nput /coredns/x y\n\n\netcdctl del / coredns\n",
        );
        let verdicts: Vec<_> = told.iter().map(|(one, _)| one.verdict).collect();
        assert_eq!(verdicts, [Danger::Careful, Danger::Harmless, Danger::Dangerous], "{told:?}");
        // etcdctl refuses what is no comparison, and the shell has the rest.
        let told = of("etcdctl txn\netcdctl del / coredns\n");
        let verdicts: Vec<_> = told.iter().map(|(one, _)| one.verdict).collect();
        assert_eq!(verdicts, [Danger::Invalid, Danger::Dangerous], "{told:?}");
        // A script for another shell has the terminal for its input, and goes on itself.
        let told = of("sh -c 'etcdctl txn; etcdctl del / coredns'\n\nput /coredns/x y\n\n\netcdctl get /x");
        let verdicts: Vec<_> = told.iter().map(|(one, _)| one.verdict).collect();
        assert_eq!(verdicts, [Danger::Careful, Danger::Dangerous, Danger::Harmless], "{told:?}");
    }
}
