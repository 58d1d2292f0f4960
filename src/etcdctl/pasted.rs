//! Explanation of a pasted text: one for each etcdctl in it.
use super::{
    Danger, Explanation,
    commands::is_first_word,
    doubt,
    following::Following,
    history, look_alike, program_name, prompts,
    shell::{ShellWord, SimpleCommand},
    variables::Variables,
    wrapped::Call,
};
use crate::keys::Scope;

/// Longer than any text that a person pastes.
const LONGEST: usize = 64 << 10;

const CARRIAGE_RETURNS: &str = "Its lines end with carriage returns, as those of a Windows file: this is what it does in a terminal, which \
                                takes them for Enter. In a script they belong to the last word.";

#[cfg(test)]
thread_local! {
    /// Number of looks at a text on this thread: drawing or typing causes a few, whatever is pasted.
    pub(crate) static LOOKS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Tells whether a text is an etcdctl line rather than something else that is typed where both may be.
#[must_use]
pub fn looks_like_a_line(text: &str) -> bool {
    #[cfg(test)]
    LOOKS.set(LOOKS.get() + 1);
    let text = look_alike::as_meant(text);
    let words = text.split(|c: char| c.is_whitespace() || "\"'`;|&(){}/".contains(c));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    // A name that is nearly etcdctl's counts before one of etcdctl's commands.
    let nearly = |pair: &[&str]| matches!(pair, [name, next] if program_name::meant(name).is_some() && (next.starts_with("--") || is_first_word(next)));
    // A name that etcdctl's begins may be a host's: it counts before another word.
    let is_program = |word: &&str| matches!(*word, "etcdctl" | "etcdutl" | "etcdctl.sh" | "etcdctl3");
    let before = |pair: &[&str]| matches!(pair, [name, _] if program_name::program(name).is_some());
    words.iter().any(is_program) || words.windows(2).any(|pair| nearly(pair) || before(pair))
}

/// Explains a pasted text. The result is empty if no etcdctl is in it.
#[must_use]
pub fn explain(text: &[u8], scope: &Scope) -> Vec<Explanation> {
    of_text(text, &Call::default(), scope)
}

fn of_text(text: &[u8], around: &Call, scope: &Scope) -> Vec<Explanation> {
    if text.len() > LONGEST {
        return vec![doubt::of_a_long_text(LONGEST >> 10)];
    }
    let read = prompts::left_out(text);
    let own = &*read.text;
    let mut explanations = explained(own, around, scope);
    if let Some(remark) = read.remark {
        for explanation in &mut explanations {
            explanation.more.push(remark.into());
        }
    }
    // A # may be a prompt's or a remark's: it is read in both ways, and the worst counts.
    let others = [
        (read.all.as_deref(), "It is read here as a session whose every line has its prompt."),
        (text.starts_with(b"#").then_some(text), "It is read here with a remark in its first line."),
    ];
    for (other, remark) in others {
        let Some(other) = other.filter(|other| *other != own) else { continue };
        let mut read = explained(other, around, scope);
        if worst(&read) > worst(&explanations) {
            for explanation in &mut read {
                explanation.more.push(remark.into());
            }
            explanations = read;
        }
    }
    // With doubt about what is typed, what it comes to is not known.
    if text.iter().copied().any(is_editing_key) && doubt::of_text(text).is_some() {
        explanations.push(doubt::of_keys_in_it());
    }
    if history::is_called(text) {
        explanations.push(doubt::of_an_earlier_line());
    }
    explanations
}

/// Returns the lines that a terminal enters: each carriage return ends one, with a line feed behind it or not.
fn entered_by(text: &[u8]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(text.len());
    for (number, byte) in text.iter().enumerate() {
        match byte {
            b'\r' => lines.push(b'\n'),
            b'\n' if number.checked_sub(1).and_then(|before| text.get(before)) == Some(&b'\r') => {}
            other => lines.push(*other),
        }
    }
    lines
}

/// Tells whether a terminal without bracketed paste takes a byte for a key that edits the line, as ^H and ^U.
fn is_editing_key(byte: u8) -> bool {
    byte.is_ascii_control() && !b"\t\n\r\x0b\x0c\0".contains(&byte)
}

fn worst(explanations: &[Explanation]) -> Option<Danger> {
    explanations.iter().map(|explanation| explanation.verdict).max()
}

fn explained(text: &[u8], around: &Call, scope: &Scope) -> Vec<Explanation> {
    // A person who pastes the text presses Enter behind it.
    let entered = [text, b"\n"].concat();
    let text = if text.ends_with(b"\\") { &entered } else { text };
    let mut explanations = Following::new(scope).text(text, around);
    // A terminal takes a carriage return for Enter; a file keeps it as a character.
    if text.contains(&b'\r') {
        let mut entered = Following::new(scope).text(&entered_by(text), around);
        if worst(&entered) > worst(&explanations) {
            for explanation in &mut entered {
                explanation.more.push(CARRIAGE_RETURNS.into());
            }
            explanations = entered;
        }
    }
    explanations
}

/// Explains words that a shell has split already. `variables` are those that the shell gives to the programs it runs.
#[must_use]
pub fn explain_words(words: &[Vec<u8>], variables: &[(Vec<u8>, Vec<u8>)], scope: &Scope) -> Vec<Explanation> {
    let around =
        Call { variables: Variables { set: variables.to_vec(), ..Variables::default() }, ..Call::default() };
    // A single word with blanks in it was quoted as a whole.
    if let [text] = words
        && text.contains(&b' ')
    {
        return of_text(text, &around, scope);
    }
    let words = words.iter().map(|word| ShellWord::read(word)).collect();
    Following::new(scope).command(&SimpleCommand { words, ..SimpleCommand::default() }, &around)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::etcdctl::{Danger, Hits};

    fn of(text: &str) -> (Explanation, String) {
        let mut explained = explain(text.as_bytes(), &Scope::parse("/coredns").unwrap());
        assert_eq!(explained.len(), 1, "{text}: {explained:?}");
        let explanation = explained.remove(0);
        let said = explanation.means(&Hits::Uncounted).join(" ");
        (explanation, said)
    }

    #[test]
    fn a_text_that_opens_a_quote_before_its_sign_has_no_prompt() {
        let scope = Scope::parse("/coredns").unwrap();
        for before in ["a@b:'$ '", "a@b:\"# \"", "[';]$ ']", "a@b:`$ `", "a@b:';$ ;' & ", "a@b:$(true $ )"] {
            let text = format!("{before}\netcdctl del / coredns");
            let worst = explain(text.as_bytes(), &scope).iter().map(|one| one.verdict).max();
            assert_eq!(worst, Some(Danger::Dangerous), "{text}");
        }
        for prompt in
            ["$ ", "# ", "/ # ", "~ $ ", "root@m1:~# ", "[root@m1 ~]# ", "m1# ", "me@m1:~/a-b_c.d> "]
        {
            let text = format!("{prompt}etcdctl get /coredns/x");
            let worst = explain(text.as_bytes(), &scope).iter().map(|one| one.verdict).max();
            assert_eq!(worst, Some(Danger::Harmless), "{text}");
        }
    }

    #[test]
    fn a_text_that_can_be_read_in_very_many_ways_is_taken_for_the_worst_and_not_read_in_all_of_them() {
        let text = b"su$vo(n pr<v( ptenv( )pr<v( }(e\xd8pritev(n v<pr(n pr\x1ccorednv( ptenv( ptenv poitenv( pv( ptenv poitenv( pr<v( ptenv(cur pr<v(<p\r\nlt\x0c/etcdctbet /x\nE\xb3\nmapl] (etcdctl t (e{oitel v(su ";
        let explained = explain(text, &Scope::parse("/coredns").unwrap());
        assert!(explained.len() <= 1_100, "{}", explained.len());
        assert!(explained.iter().any(|one| one.verdict == Danger::Dangerous));
    }

    #[test]
    fn a_form_feed_is_no_blank_and_a_sign_behind_it_begins_no_remark() {
        let scope = Scope::parse("/coredns").unwrap();
        for before in ["\x0c# 'x", "\x0b#'", "\r#'"] {
            // The quote is open: what follows is a part of it, up to the next one.
            let text = format!("{before}\n'; etcdctl del / coredns");
            let worst = explain(text.as_bytes(), &scope).iter().map(|one| one.verdict).max();
            assert_eq!(worst, Some(Danger::Dangerous), "{text:?}");
            let text = format!("{before}'\netcdctl del / coredns");
            let worst = explain(text.as_bytes(), &scope).iter().map(|one| one.verdict).max();
            assert_eq!(worst, Some(Danger::Dangerous), "{text:?}");
        }
    }

    #[test]
    fn a_program_that_is_nearly_etcdctl_runs_nothing_and_it_is_said_what_it_would_have_done() {
        for line in [
            "ETCDCTL_PASSWORD=s3cret etcdtcl del / coredns",
            "sudo ETCDCTL_API=3 etcctl --password s3cret del / coredns",
            "\u{435}tcdctl del / coredns",
            "\u{ff45}\u{ff54}\u{ff43}\u{ff44}\u{ff43}\u{ff54}\u{ff4c} del / coredns",
            "etcdctl\u{a0}del / coredns",
            "kubectl exec etcd-m1 -- ectdctl del / coredns",
        ] {
            let (explanation, said) = of(line);
            assert_eq!((explanation.verdict, explanation.deletes), (Danger::Invalid, false), "{line}");
            assert!(said.starts_with("runs nothing: the shell finds no command "), "{said}");
            assert!(said.contains("would be DANGEROUS: deletes every key from / up to coredns."), "{said}");
            assert!(explanation.meant.unwrap().command().starts_with("coredeck rm"), "{line}");
            assert!(!said.contains("s3cret") && !explanation.command.contains("s3cret"), "{said}");
            assert!(looks_like_a_line(line), "{line}");
        }
    }

    #[test]
    fn a_name_that_is_only_like_etcdctl_is_no_line_without_a_command_behind_it() {
        for text in ["etcdct1.example.org", "etcdtcl", "go etcdtcl", "etcd del /x", "rm /coredns/io/etcdctl1"]
        {
            assert!(!looks_like_a_line(text), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_something_else_is_shown_where_it_is_and_the_line_without_it_is_told() {
        for (line, place, without) in [
            (
                "etcdctl del\u{a0}/coredns/io/gcr/x1",
                r"del\u{a0}/coredns/io/gcr/x1 holds a non-breaking space (U+00A0)",
                "etcdctl del /coredns/io/gcr/x1, which deletes the key /coredns/io/gcr/x1.",
            ),
            (
                "etcdctl del /coredns/io/gcr/x1\u{200b}",
                r"/coredns/io/gcr/x1\u{200b} holds an invisible character",
                "etcdctl del /coredns/io/gcr/x1, which",
            ),
            (
                "etcdctl del / \u{441}oredns",
                r"\u{441}oredns holds a letter of another script (U+0441)",
                "etcdctl del / coredns, which deletes every key from / up to coredns.",
            ),
            (
                "etcdctl del \u{201c}/coredns/io\u{201d} \u{2013}prefix",
                "holds a typographic quote",
                "etcdctl del /coredns/io --prefix, which deletes every key that begins with /coredns/io.",
            ),
        ] {
            let (explanation, said) = of(line);
            assert!(said.contains(place), "{said}");
            assert!(said.contains(&format!("Without that it is {without}")), "{said}");
            assert!(explanation.meant.is_some_and(|meant| meant.span.start.is_ascii()), "{said}");
        }
        // A secret is not among the words that are read again.
        let (explanation, said) = of("etcdctl --password 's3cret\u{a0}x' del /coredns/io\u{a0}");
        assert!(
            said.contains("Without that it is etcdctl --password '***' del /coredns/io, which"),
            "{said}"
        );
        assert!(!format!("{explanation:?}").contains("s3cret"), "{explanation:?}");
    }

    #[test]
    fn a_control_character_in_a_line_is_in_no_sentence_about_it() {
        for line in [
            &b"/etc/etcdctlo\t$t$\x18-\t\t\xafctdclo\to-$"[..],
            b"/etc/etcdctl\t$t\x18 get /x",
            b"$\x1b[2J del / coredns",
            b"etcdctl --end\x18points=$X\x1b del / coredns",
            b"ETCDCTL_ENDPOINTS=$X\x07 etcdctl $A\x1b",
            b"etcdctl watch -- \x1b[2J",
            b"\x18etcdctl del /",
            b"etcdctl del '\x1b",
        ] {
            for one in explain(line, &Scope::parse("/coredns").unwrap()) {
                let hits = Hits::Unknown("because of \u{1b}".to_owned());
                for said in
                    one.means(&hits).iter().chain(&one.instead(&hits)).chain([&one.command.to_string()])
                {
                    assert!(!said.chars().any(char::is_control), "{said:?}");
                }
            }
        }
    }

    #[test]
    fn a_line_that_ends_with_a_backslash_is_not_finished() {
        for line in ["etcdctl \\", "sudo etcdctl \\\n", "ETCDCTL_API=3 etcdctl   \\\n"] {
            let (explanation, said) = of(line);
            assert_eq!(explanation.verdict, Danger::Invalid, "{line}");
            assert!(said.contains("the line is not finished"), "{said}");
        }
        // As a file or as an argument of bash the line is whole, and it deletes.
        for line in ["etcdctl del --prefix /registry \\", "etcdctl del --prefix /registry\\\n"] {
            let (explanation, said) = of(line);
            assert_eq!((explanation.verdict, explanation.deletes), (Danger::Dangerous, true), "{line}");
            assert!(said.contains("the shell waits for another line"), "{said}");
        }
        assert!(!of("etcdctl del /x \\\n /y").1.contains("waits"));
    }
}
