//! Words of a line, compared with those that bash makes of it.
use coredeck::etcdctl::shell::script;
use proptest::prelude::*;
use std::process::{Command, Stdio};

/// Returns the words that bash gives to a program; none if it refuses the text.
fn words_of_bash(text: &str) -> Option<Vec<Vec<u8>>> {
    let line = format!("printf '%s\\0' {text}");
    let mut command = Command::new("bash");
    command.args(["--norc", "--noprofile", "-f", "+B", "-c", &line]).env_clear().env("LC_ALL", "C.UTF-8");
    let output = command.stdin(Stdio::null()).output().unwrap();
    let mut words: Vec<_> = output.stdout.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
    words.pop();
    output.status.success().then_some(words)
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z/ü=.,:-]{1,4}",
        2 => Just(" ".to_owned()),
        1 => Just("\t".to_owned()),
        1 => Just("\\\n".to_owned()),
        2 => "'[ a-z\"$`\\\\\u{201c}#]{0,5}'",
        2 => "\"([ a-z'#ü]|\\\\[\\\\\"$`a-z]){0,5}\"",
        2 => r"\$'([ a-z]|\\[abefnrtv\\'?]|\\x4[0-9a-f]|\\1[0-7][0-7]|\\u00e4|\\U0001f600|\\cx|\\q){0,4}'",
        1 => r"\\[ a-z$'#;&|<>(){}*]",
        1 => "#",
        1 => Just("\"\"".to_owned()),
        1 => Just("''".to_owned()),
        1 => Just("$".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn words_are_what_bash_makes_of_them(pieces in prop::collection::vec(piece(), 1..12)) {
        let text = pieces.concat();
        let read = script(format!("printf {text}").as_bytes());
        // A newline behind a comment begins another command.
        prop_assume!(read.unclosed.is_some() || read.commands.len() == 1);
        prop_assume!(read.commands.iter().flat_map(|command| &command.words).all(|word| word.unknown.is_none()));
        if let Some(words) = words_of_bash(&text) {
            let ours: Vec<_> = read.commands[0].words.iter().skip(1).map(|word| word.bytes.clone()).collect();
            // Without a word printf prints its format once.
            let words = if ours.is_empty() && words == [Vec::<u8>::new()] { vec![] } else { words };
            prop_assert_eq!(ours, words, "{:?}", text);
        } else {
            prop_assert!(read.unclosed.is_some(), "bash refuses {:?}", text);
        }
    }
}
